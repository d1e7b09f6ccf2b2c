#!/usr/bin/env python3
"""A TI DLPC900 on a virtual USB port: enumerates as 0451:c900 with HID reports of 64 bytes, carries out the commands of
TI DLPU018J that pattern-on-the-fly needs, and keeps what its panel shows. Needs the kernel module vhci-hcd and root.

In the folder OUTPUT it leaves
  panel.npy  the levels on the panel, uint8 [height, width], renamed into place at every start of the sequencer;
  log        a line of JSON for each event: attached, start (with the SHA-256 of the levels), stop, error, fault, gone;
  control    a named pipe that takes one of these words with its arguments on a line:
    stall / unstall         both interrupt endpoints answer with a stall
    mute / unmute           reports are taken and answered by nothing; waiting reads stay open until they are cancelled
    hold / release          as mute, and reports are not taken either
    stale N                 N replies that nobody waits for come before every proper one
    refuse CODE ERROR       the command (hexadecimal) is refused with this error number; `refuse` alone ends that
    forget                  the sequencer stops and the images are lost, as after a brown-out
    unplug                  ends the program, which the guest sees as an unplugged cable; start it anew to plug it in
The word is confirmed by a `fault` line in the log. Do not SIGSTOP this program: the guest would wait without end for
transfers that it has cancelled.
"""
import argparse
import json
import os
import selectors
import signal
import socket
import struct
import sys
import time

from dlpc900_controller import PANELS, Controller, Refused

# MARK: the device

REPORT = bytes([0x06, 0x00, 0xFF, 0x09, 0x01, 0xA1, 0x01, 0x15, 0x00, 0x26, 0xFF, 0x00, 0x75, 0x08, 0x95, 0x40,
                0x09, 0x01, 0x81, 0x02, 0x09, 0x01, 0x91, 0x02, 0xC0])  # fmt: skip
DEVICE = struct.pack("<BBHBBBBHHHBBBB", 18, 1, 0x0200, 0, 0, 0, 64, 0x0451, 0xC900, 0x0100, 1, 2, 3, 1)
INTERFACE = (
    struct.pack("<BBBBBBBBB", 9, 4, 0, 0, 2, 3, 0, 0, 0)
    + struct.pack("<BBHBBBH", 9, 0x21, 0x0111, 0, 1, 0x22, len(REPORT))
    + struct.pack("<BBBBHB", 7, 5, 0x81, 3, 64, 1)
    + struct.pack("<BBBBHB", 7, 5, 0x01, 3, 64, 1)
)
CONFIGURATION = struct.pack("<BBHBBBBB", 9, 2, 9 + len(INTERFACE), 1, 1, 0, 0x80, 50) + INTERFACE
EPIPE, ECONNRESET = -32, -104


class Device:
    """The USB side: descriptors, endpoints and the faults of a bad cable or a hung firmware."""

    def __init__(self, controller, serial, link):
        self.controller, self.link = controller, link
        self.strings = {1: "Texas Instruments", 2: "DLPC900", 3: serial}
        self.partial = b""
        self.replies, self.waiting, self.held = [], [], {}
        self.stalls = self.mute = self.holds = False
        self.stale = 0

    def descriptor(self, kind, index, length):
        if kind == 3 and index == 0:
            return b"\x04\x03\x09\x04"[:length]
        if kind == 3 and index in self.strings:
            text = self.strings[index].encode("utf-16le")
            return (bytes([len(text) + 2, 3]) + text)[:length]
        known = {1: DEVICE, 2: CONFIGURATION, 0x22: REPORT, 0x21: CONFIGURATION[18:27]}
        return known[kind][:length] if kind in known else None

    def control(self, setup):
        """The data of a control transfer; None for a stall."""
        kind, request, value, _, length = struct.unpack("<BBHHH", setup)
        if kind in (0x80, 0x81) and request == 6:
            return self.descriptor(value >> 8, value & 255, length)
        if kind & 0x80:
            return b"\0\0"[:length] if request == 0 else bytes(length) if request == 1 else None
        return b""

    def submit(self, number, direction, endpoint, setup, length, data):
        if endpoint == 0:
            answer = self.control(setup)
            if answer is None:
                self.finish(number, EPIPE)
            else:
                self.finish(number, 0, len(answer) if direction else len(data), answer if direction else b"")
        elif endpoint != 1 or self.stalls:
            self.finish(number, EPIPE)
        elif direction:
            self.waiting.append((number, length))
            self.deliver()
        elif self.holds:
            self.held[number] = data
        else:
            for start in range(0, len(data), 64):
                self.report(data[start : start + 64])
            self.finish(number, 0, len(data))

    def unlink(self, cancelled):
        before = len(self.waiting)
        self.waiting = [entry for entry in self.waiting if entry[0] != cancelled]
        return before != len(self.waiting) or self.held.pop(cancelled, None) is not None

    def report(self, data):
        self.partial += data
        flags, sequence, length = struct.unpack_from("<BBH", self.partial)
        if length < 2 or length > 508:
            self.partial = b""
            return
        if len(self.partial) < 4 + length:
            return
        message, self.partial = self.partial[4 : 4 + length], b""
        (code,) = struct.unpack_from("<H", message)
        try:
            body, failed = self.controller.carry_out(flags, code, message[2:]), 0
        except Refused:
            body, failed = b"", 0x20
        if not flags & 0x40 or self.mute or self.holds:
            return
        for offset in range(self.stale):
            self.reply(flags, (sequence + 100 + offset) % 256, b"stale" * 30)
        self.reply(flags | failed, sequence, body)
        self.deliver()

    def reply(self, flags, sequence, body):
        message = struct.pack("<BBH", flags, sequence, len(body)) + body
        self.replies += [message[start : start + 64].ljust(64, b"\0") for start in range(0, len(message), 64)]

    def deliver(self):
        while self.replies and self.waiting:
            number, length = self.waiting.pop(0)
            data = self.replies.pop(0)[:length]
            self.finish(number, 0, len(data), data)

    def finish(self, number, status, length=0, data=b""):
        header = struct.pack(">5I", 3, number, 0, 0, 0) + struct.pack(">iiiii8x", status, length, 0, -1, 0)
        self.link.sendall(header + data)

    def fault(self, words):
        word, arguments = words[0], words[1:]
        if word in ("stall", "unstall"):
            self.stalls = word == "stall"
            if self.stalls:
                for number, _ in self.waiting:
                    self.finish(number, EPIPE)
                self.waiting = []
        elif word in ("mute", "unmute"):
            self.mute = word == "mute"
        elif word in ("hold", "release"):
            self.holds = word == "hold"
            if not self.holds:
                for number, data in list(self.held.items()):
                    self.finish(number, 0, len(data))
                self.held = {}
        elif word == "stale":
            self.stale = int(arguments[0])
        elif word == "refuse":
            self.controller.refusals = {int(arguments[0], 16): int(arguments[1])} if arguments else {}
        elif word == "forget":
            self.controller.forget()
        elif word == "unplug":
            raise SystemExit(0)
        else:
            raise ValueError(word)


# MARK: the port


def attach(port):
    """Plugs the device into a port of vhci-hcd, and returns our end of the cable."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    for end in (ours, theirs):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    full_speed = 2
    with open("/sys/devices/platform/vhci_hcd.0/attach", "w") as file:
        file.write(f"{port} {theirs.fileno()} {0x10001 + port} {full_speed}")
    theirs.close()
    return ours


def receive(link, length):
    data = b""
    while len(data) < length:
        part = link.recv(length - len(data))
        if not part:
            raise EOFError
        data += part
    return data


def serve(link, device, pace):
    """Takes one request of the host."""
    header = receive(link, 48)
    command, number, _, direction, endpoint = struct.unpack_from(">5I", header)
    if command == 1:
        (length,) = struct.unpack_from(">i", header, 24)
        data = receive(link, length) if direction == 0 and length > 0 else b""
        if pace and endpoint:
            time.sleep(pace)
        device.submit(number, direction, endpoint, header[40:48], length, data)
    elif command == 2:
        (cancelled,) = struct.unpack_from(">I", header, 20)
        status = ECONNRESET if device.unlink(cancelled) else 0
        link.sendall(struct.pack(">5I", 4, number, 0, 0, 0) + struct.pack(">i24x", status))
    else:
        raise EOFError


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", help="folder for panel.npy, log and control")
    parser.add_argument("--panel", choices=PANELS, default="dlp5500")
    parser.add_argument("--serial", default="ODU0001")
    parser.add_argument("--port", type=int, default=0, help="port of vhci-hcd, 0…7")
    parser.add_argument("--start-delay", type=float, default=0.0, help="seconds until the sequencer says that it runs")
    parser.add_argument("--pace", type=float, default=0.0, help="seconds that each report takes, 0.001 on a real bus")
    options = parser.parse_args()

    os.makedirs(options.output, exist_ok=True)
    control = f"{options.output}/control"
    if not os.path.exists(control):
        os.mkfifo(control)
    journal = open(f"{options.output}/log", "a", buffering=1)

    def log(event, **details):
        print(json.dumps({"time": time.monotonic_ns(), "event": event, **details}), file=journal)

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    controller = Controller(options.panel, log, options.output, options.start_delay)
    link = attach(options.port)
    device = Device(controller, options.serial, link)
    # Open in both directions, so that the pipe does not end with its first writer.
    orders = open(os.open(control, os.O_RDWR | os.O_NONBLOCK), "rb", buffering=0)
    selector = selectors.DefaultSelector()
    selector.register(link, selectors.EVENT_READ)
    selector.register(orders, selectors.EVENT_READ)
    log("attached", panel=options.panel, serial=options.serial, port=options.port)
    try:
        while True:
            for key, _ in selector.select():
                if key.fileobj is link:
                    serve(link, device, options.pace)
                    continue
                for line in orders.read(4096).decode().splitlines():
                    log("fault", order=line)
                    try:
                        device.fault(line.split())
                    except (ValueError, IndexError):
                        log("fault", unknown=line)
    except (EOFError, OSError):
        pass
    finally:
        log("gone")


if __name__ == "__main__":
    main()
