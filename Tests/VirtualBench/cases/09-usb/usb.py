"""What a virtual DLPC900 shows, by its own decoder.

usb.py make COUNT IMAGES LAYERS        writes images [COUNT, 8, 8] of random bits and one flat layer
usb.py picture WIDTH HEIGHT LEVELS FILE   writes a picture of blocks without a symmetry
usb.py is FOLDER FILE.npy|LEVEL        whether the panel shows exactly that
usb.py sequence FOLDER IMAGES FROM     whether the panel showed the images in order, each once, since start number FROM,
                                       with nothing else but the safe pattern in between
usb.py starts FOLDER                   prints how often something was shown
"""
import hashlib
import json
import sys

import numpy

WIDTH, HEIGHT, BLOCK, SAFE = 1024, 768, 8, 1


def starts(folder):
    with open(f"{folder}/log") as log:
        events = [json.loads(line) for line in log]
    return [event["sha256"] for event in events if event["event"] == "start"]


def make(count, images, layers):
    bits = numpy.random.default_rng(5).integers(0, 2, (int(count), 8, 8))
    numpy.save(images, bits.astype(numpy.float32))
    numpy.save(layers, numpy.zeros((1, 64, 64), numpy.float32))


def picture(width, height, levels, file):
    rows, columns = numpy.indices((int(height), int(width))) // 13
    numpy.save(file, ((rows * rows + 3 * columns + rows * columns // 4) % int(levels)).astype(numpy.uint8))


def compare(folder, what):
    found = numpy.load(f"{folder}/panel.npy")
    expected = numpy.full((HEIGHT, WIDTH), int(what)) if what.isdigit() else numpy.load(what)
    wrong = numpy.argwhere(found != expected)
    if len(wrong):
        raise SystemExit(f"{len(wrong)} mirrors differ; first at {tuple(wrong[0])}: {found[tuple(wrong[0])]}")


def sequence(folder, images, first):
    def digest(levels):
        return hashlib.sha256(levels.tobytes()).hexdigest()

    names = {digest(numpy.full((HEIGHT, WIDTH), SAFE, numpy.uint8)): "safe"}
    images = numpy.load(images) > 0.5
    for index, image in enumerate(images):
        levels = numpy.zeros((HEIGHT, WIDTH), numpy.uint8)
        levels[: 8 * BLOCK, : 8 * BLOCK] = numpy.kron(image, numpy.ones((BLOCK, BLOCK), numpy.uint8))
        names[digest(levels)] = index
    shown = [names.get(entry, "something else") for entry in starts(folder)[int(first) :]]
    order = [entry for entry in shown if entry != "safe"]
    # An image whose measurement was broken off is shown again.
    once = [entry for index, entry in enumerate(order) if index == 0 or entry != order[index - 1]]
    if once != list(range(len(images))):
        raise SystemExit(f"the panel showed {once}")
    print(f"{len(order)} shown for {len(images)} images, {shown.count('safe')} times the safe pattern")


def count(folder):
    print(len(starts(folder)))


if __name__ == "__main__":
    commands = {"make": make, "picture": picture, "is": compare, "sequence": sequence, "starts": count}
    commands[sys.argv[1]](*sys.argv[2:])
