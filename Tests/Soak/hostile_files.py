#!/usr/bin/env python3
"""Gives odud and odu-ctl thousands of spoilt files of every format that they read: cut off, with bits turned over, with sizes
that no file has, with right checksums over wrong content.

What must hold: every file is taken or refused with a message that says why; no program ends by a signal, answers 500 or takes
more memory than it may. With programs that were built with a sanitizer, what that finds is a failure, too. Needs Python's
standard library only. What spoils a program is kept in --keep. Exit status: 0 all of it held, 1 not, 2 could not be done.
"""

import argparse
import collections
import contextlib
import gzip
import http.client
import json
import os
import pathlib
import random
import re
import resource
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from arrays import npy, npy_with  # noqa: E402
from odud import ENDED, SMALL_BENCH, Daemon, Failure  # noqa: E402

PANEL = (200, 100)
EXTREMES = [0, 1, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**53 + 1, 2**62, 2**63 - 1, 2**63, 2**64 - 1]
NUMBER = re.compile(rb"-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
FINDINGS = re.compile(r"ERROR: AddressSanitizer|WARNING: ThreadSanitizer|Fatal error|runtime error:")
# Seconds for one command or job, which a sanitizer makes many times slower.
PATIENCE = 600


# MARK: Files as they should be


def floats(chance, count, low=0.0, high=1.0):
    return struct.pack(f"<{count}f", *(chance.uniform(low, high) for _ in range(count)))


def chunk(name, content):
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(chance):
    """The pattern of a panel, in one of the ways in which encoders write it."""
    width, height = PANEL
    lines = b"".join(bytes([chance.randrange(5)]) + bytes(chance.randrange(256) for _ in range(width)) for _ in range(height))
    packed, part = zlib.compress(lines, chance.randrange(10)), chance.choice([100, 8192])
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"gAMA", struct.pack(">I", 45455))
            + b"".join(chunk(b"IDAT", packed[at:at + part]) for at in range(0, len(packed), part)) + chunk(b"IEND", b""))


def idx(count):
    return struct.pack(">4B3I", 0, 0, 8, 3, count, 8, 8) + bytes(range(64)) * count


# MARK: Files as they should not be


def spoil(content, chance):
    """A file with one thing wrong that may befall any file."""
    content = bytearray(content)
    # Formats have their sizes at the beginning.
    end = len(content) if chance.random() < 0.5 else min(len(content), 512)
    place, length = chance.randrange(max(1, end)), chance.choice([1, 2, 4, 8, 64, 1000])
    kind = chance.choice(["cut", "bits", "bits", "bytes", "number", "number", "remove", "repeat", "insert", "zeros"])
    if kind == "cut":
        del content[place:]
    elif kind == "bits":
        for _ in range(chance.choice([1, 1, 2, 8, 64])):
            content[chance.randrange(max(1, end))] ^= 1 << chance.randrange(8)
    elif kind == "bytes":
        content[place:place + length] = chance.randbytes(len(content[place:place + length]))
    elif kind == "number":
        value, size = chance.choice(EXTREMES), chance.choice([2, 4, 8])
        content[place:place + size] = (value % 2**(8 * size)).to_bytes(size, chance.choice(["little", "big"]))
    elif kind == "remove":
        del content[place:place + length]
    elif kind == "repeat":
        content[place:place] = content[place:place + length]
    elif kind == "insert":
        content[place:place] = chance.randbytes(length)
    else:
        content[place:place + length] = bytes(len(content[place:place + length]))
    return bytes(content)


def spoil_text(content, chance):
    """A text with another number, another word or many brackets in it."""
    kind, numbers = chance.choice(["number", "number", "nest", "line", "bytes"]), list(NUMBER.finditer(content))
    if kind == "number" and numbers:
        found = chance.choice(numbers)
        value = chance.choice([str(chance.choice(EXTREMES)), "-1", "1e308", "-1e308", "nan", "[]", "{}", "null", '""', "5e-324"])
        return content[:found.start()] + value.encode() + content[found.end():]
    if kind == "nest":
        place, depth = chance.randrange(len(content) + 1), chance.choice([10, 100, 5000, 100_000])
        return content[:place] + chance.choice([b"[", b"{a: ", b"- ", b"? ", b"&a [*a, ", b'{"a":']) * depth + content[place:]
    if kind == "line":
        lines = content.splitlines(True)
        lines.insert(chance.randrange(len(lines) + 1), chance.choice(lines))
        return b"".join(lines)
    return spoil(content, chance)


def spoil_npy(content, chance):
    """The header says something else, or anything is wrong."""
    if chance.random() < 0.4:
        return spoil(content, chance)
    length = struct.unpack("<H", content[8:10])[0]
    text, values = content[10:10 + length], content[10 + length:]
    numbers = list(re.finditer(rb"(?<=[(, ])[0-9]+(?=[,)])", text))
    kind = chance.choice(["length", "length", "type", "order", "rank", "text"])
    if kind == "length" and numbers:
        found = chance.choice(numbers)
        text = text[:found.start()] + str(chance.choice(EXTREMES + [3, 7, 2**40])).encode() + text[found.end():]
    elif kind == "type":
        text = re.sub(rb"'descr': '[^']*'", b"'descr': '" + chance.choice(
            [b"<f4", b"<f8", b">f4", b"|u1", b"<u2", b"<i8", b"<c8", b"<c16", b"|O", b"<M8[ns]", b"<f2", b"|b1"]) + b"'", text)
    elif kind == "order":
        text = text.replace(b"False", b"True")
    elif kind == "rank":
        text = re.sub(rb"\([0-9, ]*\)", chance.choice([b"()", b"(0,)", b"(1, 0, 4611686018427387904)", b"(" + b"1, " * 40 + b")",
                                                      b"(" + b"9" * 400 + b",)", b"(2, (3, 4))"]), text)
    else:
        text = spoil(text, chance)[:65000]
    return npy_with(text.rstrip(), values if chance.random() < 0.7 else spoil(values, chance))


def spoil_png(content, chance):
    """Wrong chunks, often under right checksums: a reader looks at those first."""
    content = spoil(content, chance)
    if chance.random() < 0.3:
        return content
    fixed, place = bytearray(content), 8
    while place + 12 <= len(fixed):
        length = struct.unpack(">I", fixed[place:place + 4])[0]
        if place + 12 + length > len(fixed):
            break
        fixed[place + 8 + length:place + 12 + length] = struct.pack(">I", zlib.crc32(fixed[place + 4:place + 8 + length]))
        place += 12 + length
    return bytes(fixed)


def spoil_state(content, chance):
    """A state file with a right checksum over wrong content, or with anything wrong."""
    if chance.random() < 0.3:
        return spoil(content, chance)
    header, _, body = content.partition(b"\n")
    body = spoil_text(body, chance)
    schema = re.search(rb"schema=(\d+)", header)[1].decode()
    return f"odu-state schema={schema} crc32={zlib.crc32(body):08x} length={len(body)}\n".encode() + body


def spoil_gzip(content, chance):
    """Spoilt in what is packed or in how."""
    if chance.random() < 0.5:
        return gzip.compress(spoil(gzip.decompress(content), chance))
    return spoil(content, chance)


# MARK: Those who read them


class Readers:
    """A daemon, whole files of every format, and what reads them."""

    def __init__(self, options):
        self.options, self.work = options, options.work
        self.chance = random.Random(options.seed)
        self.counts = collections.Counter()
        self.daemon, self.text = None, b""
        self.state = os.path.join(self.work, "state")
        self.bench = os.path.join(self.work, "bench.yaml")
        self.model = self.measured = b""

    def path(self, name, content=None):
        path = os.path.join(self.work, name)
        if content is not None:
            with open(path, "wb") as file:
                file.write(content)
        return path

    def start(self):
        self.daemon = Daemon(self.work, self.bench, self.options.odud, self.state, threads=2)
        self.daemon.await_ready()

    def ask(self, method, path, body=None):
        response = self.daemon.request(method, path, body, timeout=PATIENCE)
        if response.status == 500 or response.status >= 400 and not response.body:
            raise Failure(f"{method} {path}: {response.status} {response.body[:500]!r}")
        return response.status, response.body

    def do(self, kind, **parameters):
        """How a job ends."""
        deadline = time.monotonic() + PATIENCE
        status, content = self.ask("POST", "/v1/jobs", json.dumps({"kind": kind, "parameters": parameters}))
        if status != 202:
            return status
        name = json.loads(content)["id"]
        while time.monotonic() < deadline:
            job = json.loads(self.ask("GET", f"/v1/jobs/{name}")[1])
            if job["state"] in ENDED:
                if job["state"] == "failed" and not job.get("message"):
                    raise Failure(f"job {name} failed and does not say why")
                return job["state"]
            time.sleep(0.01)
        self.ask("POST", f"/v1/jobs/{name}/cancel")
        raise Failure(f"job {name} does not end: {job}")

    def control(self, *arguments):
        """Runs odu-ctl, which has to end by itself and to say why when it fails."""
        done = subprocess.run([self.options.odu_ctl, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=PATIENCE, check=False, cwd=self.work)
        said = done.stderr.decode(errors="replace")
        if done.returncode not in (0, 1, 64) or FINDINGS.search(said):
            raise Failure(f"odu-ctl {' '.join(arguments)}: status {done.returncode}\n{said[:8000]}")
        if done.returncode != 0 and not said.strip():
            raise Failure(f"odu-ctl {' '.join(arguments)}: status {done.returncode} without a word")
        return done.returncode

    def prepare(self):
        """Whole files, each of which is taken."""
        self.text = SMALL_BENCH.read_bytes()
        self.path("bench.yaml", self.text)
        self.start()
        self.path("images.npy", npy((40, 8, 8), bytes(range(64)) * 40, "|u1"))
        self.ask("PUT", "/v1/arrays/layers", npy((2, 40, 40), bytes(4 * 3200), "<f4"))
        if self.do("train", mode="online", dataset=f"npy:{self.path('images.npy')}", offlineImages=64, benchSteps=1) != "succeeded":
            raise Failure("the first training failed")
        self.model = self.ask("GET", "/v1/jobs/0001-train/artefacts/model.odu")[1]
        self.do("calibrate", seed=1)
        measure = ["twin", "measure", "--bench", self.bench, "--socket", self.daemon.socket, "--frames", "3", "--held-out", "1"]
        for name in ("whole.h5", "whole"):
            if self.control(*measure, "--output", name) != 0:
                raise Failure("twin measure failed")
        with open(self.path("whole.h5"), "rb") as file:
            self.measured = file.read()
        whole = [("POST", "/v1/slm/show", png(self.chance)), ("POST", "/v1/slm/show", npy((100, 200), bytes(20000), "|u1"))]
        for method, path, content in whole:
            if self.ask(method, path, content)[0] != 204:
                raise Failure(f"{path} does not take what is whole")

    # Each takes a spoilt file, and returns what was made of it.

    def show_png(self):
        content = spoil_png(png(self.chance), self.chance)
        self.path("spoilt", content)
        return self.ask("POST", "/v1/slm/show", content)[0]

    def show_npy(self):
        width, height = PANEL
        content = spoil_npy(npy((height, width), self.chance.randbytes(width * height), "|u1"), self.chance)
        self.path("spoilt", content)
        return self.ask("POST", "/v1/slm/show", content)[0]

    def upload(self):
        content = spoil_npy(npy((2, 40, 40), floats(self.chance, 3200), "<f4"), self.chance)
        self.path("spoilt", content)
        status, _ = self.ask("PUT", "/v1/arrays/spoilt", content)
        if status >= 300:
            return status
        return self.ask("POST", "/v1/measure", json.dumps({"layers": "spoilt"}))[0]

    def generate(self):
        path = self.path("spoilt", spoil_state(self.model, self.chance))
        return self.do("generate", model=path, on="twin", sampler="ddim", steps=1, count=1)

    def learn_npy(self):
        content = spoil_npy(npy((20, 8, 8), floats(self.chance, 1280), "<f4"), self.chance)
        return self.learn(f"npy:{self.path('spoilt', content)}")

    def learn_idx(self):
        content = idx(20)
        content = spoil(content, self.chance) if self.chance.random() < 0.5 else spoil_gzip(gzip.compress(content), self.chance)
        return self.learn(f"idx:{self.path('spoilt', content)}")

    def learn(self, dataset):
        return self.do("train", mode="offline", dataset=dataset, offlineImages=8)

    def reload(self):
        self.path("bench.yaml", spoil_text(self.text, self.chance))
        shutil.copy(self.bench, self.path("spoilt"))
        status, _ = self.ask("POST", "/v1/configuration/reload")
        self.path("bench.yaml", self.text)
        self.ask("POST", "/v1/configuration/reload")
        deadline = time.monotonic() + PATIENCE
        while json.loads(self.ask("GET", "/healthz")[1])["status"] != "ok":
            if time.monotonic() > deadline:
                raise Failure("the bench does not come back")
            time.sleep(0.01)
        return status

    def restart(self):
        """Spoils a file of the state folder between two daemons."""
        self.daemon.stop()
        kept = self.path("kept")
        shutil.rmtree(kept, ignore_errors=True)
        shutil.copytree(self.state, kept)
        paths = [os.path.join(folder, name) for folder, _, names in os.walk(self.state) for name in sorted(names)]
        path = self.chance.choice(sorted(paths))
        with open(path, "rb") as file:
            content = file.read()
        content = spoil_state(content, self.chance) if content.startswith(b"odu-state") else spoil(content or b"?", self.chance)
        with open(path, "wb") as file:
            file.write(content)
        self.path("spoilt", content)
        try:
            self.start()
            for route in ("/v1/jobs", "/v1/runs", "/v1/models", "/v1/calibrations", "/v1/arrays", "/v1/status", "/v1/bench",
                          "/v1/jobs/0001-train/events", "/v1/jobs/0001-train/result"):
                self.ask("GET", route)
            self.daemon.stop()
        except Failure as failure:
            raise Failure(f"{path}: {failure}") from None
        shutil.rmtree(self.state)
        os.rename(kept, self.state)
        self.start()
        return "started"

    def fit_hdf5(self):
        path = self.path("spoilt.h5", spoil(self.measured, self.chance))
        shutil.copy(path, self.path("spoilt"))
        # To hold out more frames than there are is refused after they were read.
        return self.control("twin", "fit", "--bench", self.bench, "--measurements", path, "--held-out", "100000")

    def fit_folder(self):
        folder, whole = self.path("spoilt-folder"), self.path("whole")
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(whole, folder)
        name = self.chance.choice(sorted(os.listdir(folder)))
        with open(os.path.join(folder, name), "rb") as file:
            content = file.read()
        content = spoil_npy(content, self.chance) if name.endswith(".npy") else spoil_text(content, self.chance)
        with open(os.path.join(folder, name), "wb") as file:
            file.write(content)
        self.path("spoilt", content)
        return self.control("twin", "fit", "--bench", self.bench, "--measurements", folder, "--held-out", "100000")

    def validate(self):
        path = self.path("spoilt.yaml", spoil_text(self.text, self.chance))
        shutil.copy(path, self.path("spoilt"))
        return self.control("bench", "validate", path)

    def forward(self):
        layers, images = npy((2, 40, 40), floats(self.chance, 3200), "<f4"), npy((1, 8, 8), floats(self.chance, 64), "<f4")
        if self.chance.random() < 0.5:
            layers = spoil_npy(layers, self.chance)
        else:
            images = spoil_npy(images, self.chance)
        self.path("spoilt", layers + images)
        return self.control("twin", "forward", "--bench", self.bench, "--layers", self.path("l.npy", layers), "--input",
                            self.path("x.npy", images), "--output", self.path("y.npy"))

    def propagate(self):
        content = spoil_npy(npy((16, 16), floats(self.chance, 512), "<c8"), self.chance)
        path = self.path("spoilt", content)
        return self.control("optics", "propagate", "--input", path, "--output", self.path("y.npy"), "--pitch", "8e-6",
                            "--wavelength", "850e-9", "--distance", "0.001")

    def finish(self):
        self.daemon.stop()
        said = self.daemon.said()
        if found := FINDINGS.search(said):
            raise Failure(f"odud said: {said[found.start():found.start() + 4000]}")


# How often each is done, of 100.
SHARES = {
    "show_png": 20, "show_npy": 8, "upload": 12, "generate": 12, "learn_npy": 5, "learn_idx": 6, "reload": 6, "restart": 2,
    "fit_hdf5": 12, "fit_folder": 6, "validate": 5, "forward": 3, "propagate": 3,
}


def run(readers):
    options, names = readers.options, list(SHARES)
    readers.prepare()
    largest = 0
    for number in range(options.files):
        name = options.only or readers.chance.choices(names, weights=SHARES.values())[0]
        try:
            outcome = getattr(readers, name)()
            if readers.daemon.process.poll() is not None:
                raise Failure("odud ended")
        except (Failure, OSError, http.client.HTTPException, subprocess.SubprocessError) as failure:
            os.makedirs(options.keep, exist_ok=True)
            kept = os.path.join(options.keep, f"{name}-{options.seed}-{number}")
            with contextlib.suppress(OSError):
                shutil.copy(readers.path("spoilt"), kept)
            with contextlib.suppress(subprocess.TimeoutExpired):
                readers.daemon.process.wait(5)
            raise Failure(f"{name}, number {number}, kept as {kept}: {type(failure).__name__} {failure}; odud: "
                          f"{readers.daemon.process.poll()}") from None
        largest = max(largest, readers.daemon.memory("VmHWM") >> 20)
        readers.counts[f"{name}: {outcome}"] += 1
    readers.finish()
    for what, count in sorted(readers.counts.items()):
        print(f"{count:8d} {what}")
    control = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10
    print(f"memory: odud {largest} MiB at most, the largest program {control} MiB")
    if options.memory and max(largest, control) > options.memory:
        raise Failure(f"more than {options.memory} MiB")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--odud", required=True, help="the daemon's executable")
    parser.add_argument("--odu-ctl", required=True, help="the command line's executable")
    parser.add_argument("--files", type=int, default=3000, help="how many spoilt files")
    parser.add_argument("--only", choices=SHARES, help="one way to read files")
    parser.add_argument("--memory", type=int, default=1536, help="MiB that a program may have; 0 with a sanitizer")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", default=os.path.join(tempfile.gettempdir(), "odu-hostile-files"))
    return parser.parse_args()


def main():
    options = arguments()
    options.odud, options.odu_ctl = os.path.abspath(options.odud), os.path.abspath(options.odu_ctl)
    options.work = tempfile.mkdtemp(prefix="odu-hostile-")
    readers = Readers(options)
    try:
        run(readers)
        print(f"hostile_files.py: {options.files} spoilt files: each was taken or refused with a reason")
    except Failure as failure:
        print(f"hostile_files.py: {failure}", file=sys.stderr)
        with contextlib.suppress(OSError), open(os.path.join(options.work, "odud.log"), errors="replace") as file:
            print("--- odud said\n" + "".join(file.readlines()[-40:]), file=sys.stderr)
        return 1
    except (OSError, subprocess.SubprocessError) as error:
        print(f"hostile_files.py: {error}", file=sys.stderr)
        return 2
    finally:
        if readers.daemon and readers.daemon.process.poll() is None:
            readers.daemon.kill()
        shutil.rmtree(options.work, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
