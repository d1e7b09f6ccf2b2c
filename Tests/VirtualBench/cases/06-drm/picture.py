"""picture.py make WIDTH HEIGHT FILE.npy…               writes different pictures without a symmetry
picture.py is FILE.npy|LEVEL FILE.pgm|FILE.ppm        whether a snapshot or a screen dump is exactly that
"""
import sys

import numpy


def make(width, height, *files):
    rows, columns = numpy.indices((int(height), int(width)))
    for index, file in enumerate(files):
        levels = 7 * rows + 3 * columns + rows * columns // 64 + 11 * index
        numpy.save(file, (levels % 256).astype(numpy.uint8))


def compare(what, file):
    with open(file, "rb") as stream:
        channels = {b"P5\n": 1, b"P6\n": 3}[stream.readline()]
        width, height = map(int, stream.readline().split())
        stream.readline()
        found = numpy.frombuffer(stream.read(), numpy.uint8).reshape(height, width, channels)
    expected = numpy.full((height, width), int(what)) if what.isdigit() else numpy.load(what)
    if expected.shape != (height, width):
        raise SystemExit(f"the panel has {width} x {height} pixels")
    wrong = numpy.argwhere(found != expected[:, :, None])
    if len(wrong):
        place = tuple(wrong[0])
        raise SystemExit(f"{len(wrong)} values differ; first at {place}: {found[place]}, not {expected[place[:2]]}")


if __name__ == "__main__":
    {"make": make, "is": compare}[sys.argv[1]](*sys.argv[2:])
