"""NumPy files without NumPy."""

import math
import struct

# How numbers of a kind are packed.
CODES = {"<f4": "f", "<f8": "d", "|u1": "B"}


def npy(shape, values=None, kind="<f4"):
    """The bytes of a NumPy file. Values are numbers in one sequence, or bytes as they stand in the file; zeros when there are none."""
    if values is None:
        values = bytes(math.prod(shape) * int(kind[2:]))
    elif not isinstance(values, (bytes, bytearray)):
        values = struct.pack(f"<{len(values)}{CODES[kind]}", *values)
    return npy_with(f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {tuple(shape)}, }}".encode(), values)


def npy_with(header, values):
    """A NumPy file whose header says what it is given, right or wrong."""
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + values


def bars(count, size, chance):
    """A NumPy file of images: bright bars of random place and direction."""
    pixels = bytearray()
    for _ in range(count):
        place, upright = chance.randrange(1, size - 2), chance.random() < 0.5
        for y in range(size):
            for x in range(size):
                across, along = (x, y) if upright else (y, x)
                pixels.append(255 if across in (place, place + 1) and 0 < along < size - 1 else 0)
    return npy((count, size, size), pixels, "|u1")
