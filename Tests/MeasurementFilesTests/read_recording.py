"""Reads a recording of recording-writer with h5py and checks every number.

read_recording.py FILE LEAST [plain]: at least LEAST images must be whole. Prints how many are. Status 77: no h5py.
"""

import sys

try:
    import h5py
    import numpy
except ImportError as error:
    print(error)
    sys.exit(77)

path, least = sys.argv[1], int(sys.argv[2])
options = {} if "plain" in sys.argv[3:] else {"libver": "latest", "swmr": True}
with h5py.File(path, "r", **options) as file:
    attributes = file.attrs
    assert attributes["schema"] == 2
    assert attributes["seed"] == 2**64 - 1
    assert attributes["clock_offset"] == 1_700_000_000_123_456_789
    assert attributes["parameters"] == '{"mode":"online","größe":1}'
    assert attributes["bench"] == "# eine Bank mit ä\n" * 20_000
    texts = {"software": "odu 1.0", "revision": "abcdef", "kind": "train", "date": "2026-01-02T03:04:05Z"}
    assert {name: attributes[name] for name in texts} == texts

    # What Docs/reference/state.md tells readers to do.
    sequence = file["sequence"][:]
    written = numpy.flatnonzero(sequence == 2**64 - 1)
    count = int(written[0]) if len(written) else len(sequence)

    assert count >= least, f"{count} whole images, {least} were acknowledged"
    numbers = numpy.arange(count)
    assert (sequence[:count] == numbers).all()
    assert (file["step"][:count] == numbers // 4).all()
    assert (file["presented"][:count] == numbers * 1000).all()
    assert (file["exposure_start"][:count] == numbers * 1000 + 7).all()
    layer = file["layer_index"][:count]
    assert (layer == numbers // 8).all()

    def images(name, values, shape, period):
        """The writer counts samples through a block of images."""
        data = file[name]
        assert data.dtype == numpy.dtype("<f4") and data.shape[1:] == shape
        pattern = (numpy.arange(period * numpy.prod(shape)) % 7).reshape(period, *shape)
        for index, value in enumerate(values):
            assert (data[index] == value + pattern[index % period]).all(), f"{name}[{index}]"

    images("inputs", numbers, (24, 24), period=4)
    images("frames", 2 * numbers, (40, 40), period=4)
    images("layers", numpy.unique(layer), (2, 48, 48), period=1)
print(count)
