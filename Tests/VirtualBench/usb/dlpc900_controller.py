"""What a TI DLPC900 does with the commands that it is sent, written from TI DLPU018J and apart from the driver."""
import hashlib
import os
import struct
import time

PANELS = {  # number of the hardware, width, height, controllers
    "dlp6500": (1, 1920, 1080, 1),
    "dlp9000": (2, 2560, 1600, 2),
    "dlp670s": (3, 2716, 1600, 2),
    "dlp500yx": (4, 2048, 1200, 2),
    "dlp5500": (5, 1024, 768, 1),
}
ERRORS = {
    3: "no such command",
    5: "not in this mode",
    6: "bad parameter",
    7: "item not present",
    9: "bad compression",
    10: "bit out of range",
    14: "exposure out of range",
    15: "pattern out of range",
    16: "bad definition",
}


class Refused(Exception):
    """Carries the error number of the device."""


class Image:
    """24 bits per pixel as three planes of bytes, in the order of the wire: bits 16-23, 8-15, 0-7."""

    def __init__(self, data, width, height):
        if data[:4] != b"Spld" or len(data) < 48:
            raise Refused(9)
        self.width, self.height, size = struct.unpack_from("<HHI", data, 4)
        if (self.width, self.height) != (width, height) or size != len(data) - 48:
            raise Refused(6)
        self.planes = [bytearray() for _ in range(3)]
        body, compression = data[48:], data[25]
        if compression == 0:
            if len(body) != 3 * width * height:
                raise Refused(6)
            self.planes = [bytearray(body[channel::3]) for channel in range(3)]
        elif compression in (1, 2):
            try:
                self._expand(body, compression == 2)
            except IndexError:
                raise Refused(6) from None
        else:
            raise Refused(9)

    def _expand(self, body, enhanced):
        place, filled, area = 0, 0, self.width * self.height

        def count():
            nonlocal place
            number = body[place]
            place += 1
            if enhanced and number > 127:
                number = (number - 128) + 128 * body[place]
                place += 1
            return number

        def pixels(number):
            nonlocal place
            if place + 3 * number > len(body):
                raise Refused(6)
            part = body[place : place + 3 * number]
            place += 3 * number
            return [part[channel::3] for channel in range(3)]

        def add(parts):
            nonlocal filled
            if filled % self.width + len(parts[0]) > self.width or filled + len(parts[0]) > area:
                raise Refused(6)
            for plane, part in zip(self.planes, parts):
                plane += part
            filled += len(parts[0])

        # The line that an end of line would end; a full line is left only when more follows.
        line = 0
        while True:
            number = count()
            if number:
                add([part * number for part in pixels(1)])
            else:
                number = count()
                if number > 1:
                    add(pixels(number))
                elif number == 1:
                    copied = count() if enhanced else 0
                    if not copied:
                        break
                    above = filled - self.width
                    if above < 0:
                        raise Refused(6)
                    add([bytes(plane[above : above + copied]) for plane in self.planes])
                else:
                    add([bytes((line + 1) * self.width - filled)] * 3)
                    line += 1
                    continue
            line = (filled - 1) // self.width
        if filled != area or place != len(body):
            raise Refused(6)

    def levels(self, position, depth):
        """The pattern that begins at a bit; its bits lie in one byte."""
        shift = position % 8
        if position > 23 or shift + depth > 8:
            raise Refused(10)
        table = bytes((value >> shift) & ((1 << depth) - 1) for value in range(256))
        return bytes(self.planes[2 - position // 8].translate(table))


class Controller:
    def __init__(self, panel, log, output, start_delay):
        self.hardware, self.width, self.height, self.controllers = PANELS[panel]
        self.log, self.output, self.start_delay = log, output, start_delay
        self.power, self.mode, self.error = 0, 1, 0
        self.running_since = None
        self.definitions, self.entries, self.order = {}, 0, []
        self.expected, self.received, self.images = {}, {}, {}
        self.refusals, self.starts = {}, 0

    def carry_out(self, flags, code, data):
        """The data of the reply; raises Refused."""
        try:
            if code in self.refusals:
                raise Refused(self.refusals[code])
            if flags & 0x80:
                answer = self.read(code)
                if code not in (0x0100, 0x0101):
                    self.error = 0
                return answer
            self.write(code, data, acknowledged=bool(flags & 0x40))
            self.error = 0
            return b""
        except (Refused, struct.error, IndexError) as refusal:
            self.error = refusal.args[0] if isinstance(refusal, Refused) else 6
            self.log("error", code=f"{code:04x}", error=self.error)
            raise Refused(self.error) from None

    def read(self, code):
        if code == 0x0100:
            return bytes([self.error])
        if code == 0x0101:
            return ERRORS.get(self.error, "").encode().ljust(128, b"\0")
        if code == 0x0200:
            return bytes([self.power])
        if code == 0x0205:
            return struct.pack("<III", 0x06000000, 0, 0)
        if code == 0x0206:
            return bytes([self.hardware]) + b"virtual bench".ljust(31, b"\0")
        if code == 0x1A0A:
            return bytes([0x01 | (0x10 if self.controllers == 2 else 0)])
        if code == 0x1A0B:
            return b"\1"
        if code == 0x1A0C:
            runs = self.running_since is not None and time.monotonic() >= self.running_since
            return bytes([(0 if self.power == 0 else 1) | (2 if runs else 0)])
        if code == 0x1A1B:
            return bytes([self.mode])
        raise Refused(3)

    def write(self, code, data, acknowledged):
        stopped_only = {0x1A1B, 0x1A31, 0x1A32, 0x1A34}
        if code in stopped_only and self.running_since is not None:
            raise Refused(5)
        if code == 0x0200:
            self.power = data[0]
        elif code == 0x1A1B:
            self.mode = data[0] & 3
            self.images, self.definitions = {}, {}
        elif code == 0x1A24:
            self.sequence(data[0])
        elif code == 0x1A34:
            self.define(data)
        elif code == 0x1A31:
            self.entries, _ = struct.unpack("<HI", data)
            if not set(range(self.entries)) <= set(self.definitions):
                raise Refused(15)
            self.order, self.images = list(range(self.entries)), {}
        elif code == 0x1A32:
            count, _ = struct.unpack_from("<HI", data)
            order = list(struct.unpack_from(f"<{count}H", data, 6))
            if any(index >= self.entries for index in order):
                raise Refused(15)
            self.order = order
        elif code in (0x1A2A, 0x1A2C):
            index, size = struct.unpack("<HI", data)
            if index > 17:
                raise Refused(7)
            self.expected[code] = (index, size)
            self.received[code] = bytearray()
        elif code in (0x1A2B, 0x1A2D):
            self.load(code - 1, data, acknowledged)
        else:
            raise Refused(3)

    def define(self, data):
        if self.mode != 3:
            raise Refused(5)
        index, low, high, options = struct.unpack_from("<HHBB", data)
        (image,) = struct.unpack_from("<H", data, 10)
        exposure = low | high << 16
        depth = (options >> 1 & 7) + 1
        if exposure < (105 if depth == 1 else 4046):
            raise Refused(14)
        self.definitions[index] = (image & 0x7FF, image >> 11, depth)
        self.images = {}

    def load(self, begun, data, acknowledged):
        (count,) = struct.unpack_from("<H", data)
        if begun not in self.expected or count != len(data) - 2 or count > 504:
            raise Refused(6)
        # Image data that want a reply come out corrupted.
        self.received[begun] += bytes(count) if acknowledged else data[2:]
        index, size = self.expected[begun]
        if len(self.received[begun]) < size:
            return
        if len(self.received[begun]) > size:
            raise Refused(6)
        image = Image(bytes(self.received[begun]), self.width // self.controllers, self.height)
        self.images[begun, index] = image

    def sequence(self, action):
        if action == 0:
            if self.running_since is not None:
                self.log("stop")
            self.running_since = None
        elif action == 2:
            if self.mode != 3 or self.power != 0:
                raise Refused(5)
            if len(self.order) != 1:
                raise Refused(16)  # more than the one pattern that can be told from a camera image
            levels = self.visible(self.order[0])
            self.running_since = time.monotonic() + self.start_delay
            self.show(levels)
        else:
            raise Refused(6)

    def visible(self, entry):
        index, position, depth = self.definitions[entry]
        halves = []
        for code in (0x1A2A, 0x1A2C)[: self.controllers]:
            if (code, index) not in self.images:
                raise Refused(7)
            halves.append(self.images[code, index].levels(position, depth))
        if len(halves) == 1:
            return halves[0]
        half = self.width // 2
        rows = range(0, half * self.height, half)
        return b"".join(part[row : row + half] for row in rows for part in halves)

    def show(self, levels):
        self.starts += 1
        shape = f"({self.height}, {self.width})"
        header = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
        with open(f"{self.output}/panel.part", "wb") as file:
            file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + levels)
        os.rename(f"{self.output}/panel.part", f"{self.output}/panel.npy")
        self.log("start", number=self.starts, sha256=hashlib.sha256(levels).hexdigest())

    def forget(self):
        self.running_since, self.images, self.definitions, self.mode = None, {}, {}, 1
