"""frames.py same FRAME.npy CAPTURE WIDTH HEIGHT FORMAT [SHIFT]   whether a frame is that of another program's capture

Words of CAPTURE are shifted to the right by SHIFT. Prints the range of the values.
"""
import sys

import numpy

WORDS = {"GREY": "u1", "Y10": "<u2", "Y12": "<u2", "Y16": "<u2", "Y16_BE": ">u2"}


def same(frame, capture, width, height, layout, shift="0"):
    found = numpy.load(frame)
    expected = numpy.fromfile(capture, WORDS[layout]).reshape(int(height), int(width)) >> int(shift)
    if found.dtype != numpy.uint16 or found.shape != expected.shape:
        raise SystemExit(f"{found.dtype} {found.shape} instead of uint16 {expected.shape}")
    wrong = numpy.argwhere(found != expected)
    if len(wrong):
        place = tuple(wrong[0])
        raise SystemExit(f"{len(wrong)} values differ; first at {place}: {found[place]}, not {expected[place]}")
    print(f"{found.min()} … {found.max()}")


if __name__ == "__main__":
    {"same": same}[sys.argv[1]](*sys.argv[2:])
