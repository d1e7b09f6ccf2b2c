"""Framebuffers and screens, read without the driver.

framebuffer.py picture WIDTH HEIGHT LEVELS FILE.npy …   writes pictures that have every level, and no symmetry
framebuffer.py shows NODE BITS FILE.npy|LEVEL           whether its memory holds the picture where the display begins
framebuffer.py screen FILE.ppm FILE.npy                 whether a screen dump does
"""
import ctypes
import fcntl
import struct
import sys

import numpy

FBIOGET_VSCREENINFO, FBIOGET_FSCREENINFO, FBIOGETCMAP = 0x4600, 0x4602, 0x4604


class Framebuffer:
    def __init__(self, node):
        self.file = open(node, "rb", buffering=0)
        variable = struct.unpack("=40I", fcntl.ioctl(self.file, FBIOGET_VSCREENINFO, bytes(160)))
        self.width, self.height, _, _, _, self.first_line, self.bits = variable[:7]
        self.channels = [variable[8 + 3 * index : 10 + 3 * index] for index in range(3)]
        # struct fb_fix_screeninfo: visual and line_length
        fixed = fcntl.ioctl(self.file, FBIOGET_FSCREENINFO, bytes(80))
        self.indexed = struct.unpack_from("=I", fixed, 36)[0] == 3
        self.stride = struct.unpack_from("=I", fixed, 48)[0]

    def colours(self):
        """[height, width, 3], as the values of the channels, of what the display is set to show."""
        self.file.seek(self.first_line * self.stride)
        data = b""
        while len(data) < self.height * self.stride:
            part = self.file.read(self.height * self.stride - len(data))
            if not part:
                raise SystemExit(f"the memory ends after {len(data)} bytes")
            data += part
        lines = numpy.frombuffer(data, numpy.uint8).reshape(self.height, self.stride)
        parts = lines[:, : self.width * self.bits // 8].reshape(self.height, self.width, self.bits // 8)
        words = sum(parts[:, :, index].astype(numpy.uint32) << (8 * index) for index in range(self.bits // 8))
        if self.indexed:
            self.require_grey_map()
            return numpy.stack([words] * 3, axis=2)
        return numpy.stack([words >> offset & (1 << length) - 1 for offset, length in self.channels], axis=2)

    def require_grey_map(self):
        class Map(ctypes.Structure):
            _fields_ = [("start", ctypes.c_uint32), ("count", ctypes.c_uint32)] + [
                (name, ctypes.POINTER(ctypes.c_uint16)) for name in ("red", "green", "blue", "transparency")
            ]

        tables = [(ctypes.c_uint16 * 256)() for _ in range(3)]
        try:
            fcntl.ioctl(self.file, FBIOGETCMAP, Map(0, 256, *tables, None))
        except OSError as error:
            raise SystemExit(f"the colour map cannot be read: {error}") from None
        for table in tables:
            if [entry >> 8 for entry in table] != list(range(256)):
                raise SystemExit(f"the colour map is not grey: {list(table)[:8]}…")

    def expected(self, levels):
        """The values of the channels for grey levels: those of the narrowest, and the nearest of the others."""
        if self.indexed:
            return numpy.stack([levels] * 3, axis=2).astype(numpy.uint32)
        most = (1 << min(length for _, length in self.channels)) - 1
        tops = [(1 << length) - 1 for _, length in self.channels]
        return numpy.stack([(levels * (2 * top) + most) // (2 * most) for top in tops], axis=2)


def compare(found, expected, slack=0):
    if found.shape != expected.shape:
        raise SystemExit(f"{found.shape} instead of {expected.shape}")
    wrong = numpy.argwhere(numpy.abs(found.astype(int) - expected.astype(int)) > slack)
    if len(wrong):
        place = tuple(wrong[0])
        raise SystemExit(f"{len(wrong)} values differ; first at {place}: {found[place]}, not {expected[place]}")


def picture(*wanted):
    for width, height, levels, file in zip(*[iter(wanted)] * 4):
        rows, columns = numpy.indices((int(height), int(width)))
        numpy.save(file, ((7 * rows + 3 * columns + rows * columns // 64) % int(levels)).astype(numpy.uint8))


def shows(node, bits, what):
    framebuffer = Framebuffer(node)
    if framebuffer.bits != int(bits):
        raise SystemExit(f"the framebuffer has {framebuffer.bits} bits")
    flat = numpy.zeros((framebuffer.height, framebuffer.width), int)
    levels = flat + int(what) if what.isdigit() else numpy.load(what).astype(int)
    # Five bits of grey in a channel of six: the driver may round either way.
    lengths = {length for _, length in framebuffer.channels}
    compare(framebuffer.colours(), framebuffer.expected(levels), slack=int(len(lengths) > 1))


def screen(dump, file):
    with open(dump, "rb") as stream:
        assert stream.readline() == b"P6\n"
        width, height = map(int, stream.readline().split())
        assert stream.readline() == b"255\n"
        found = numpy.frombuffer(stream.read(), numpy.uint8).reshape(height, width, 3)
    compare(found, numpy.stack([numpy.load(file)] * 3, axis=2))


if __name__ == "__main__":
    {"picture": picture, "shows": shows, "screen": screen}[sys.argv[1]](*sys.argv[2:])
