"""Images that identify themselves: 8 x 8 random bits each.

codes.py make COUNT SEED IMAGES LAYERS    writes images [COUNT, 8, 8] and one flat layer
codes.py check IMAGES FRAMES              counts the frames that do not carry their image's code

A sample that is neither dark nor bright decides for neither: a frame exposed to two patterns matches none of them.
"""
import sys

import numpy

SIZE = 8
GRID = 64


def make(count, seed, images, layers):
    bits = numpy.random.default_rng(int(seed)).integers(0, 2, (int(count), SIZE, SIZE))
    numpy.save(images, bits.astype(numpy.float32))
    numpy.save(layers, numpy.zeros((1, GRID, GRID), numpy.float32))


def check(images, frames):
    asked = numpy.load(images) > 0.5
    frames = numpy.load(frames)
    if frames.shape != asked.shape:
        sys.exit(f"{frames.shape[0]} frames of {frames.shape[1:]} for {asked.shape[0]} images of {asked.shape[1:]}")
    agrees = numpy.where(asked, frames > 0.75, frames < 0.25).all(axis=(1, 2))
    wrong = numpy.flatnonzero(~agrees)
    print(len(wrong))
    for index in wrong[:5]:
        others = numpy.flatnonzero((asked == (frames[index] > 0.5)).all(axis=(1, 2)))
        print(f"frame {index} carries the code of image {list(others)}", file=sys.stderr)


if __name__ == "__main__":
    {"make": make, "check": check}[sys.argv[1]](*sys.argv[2:])
