"""A daemon under test: its own state folder, a simulated bench, and ways to talk to it. Standard library only."""

import http.client
import json
import math
import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time

PROJECT = pathlib.Path(__file__).resolve().parents[2]
PROFILES = PROJECT / "Calibration" / "Profiles"
BIN = pathlib.Path(os.environ.get("BIN") or PROJECT / ".build" / "release")


class Failure(Exception):
    """What was promised and did not happen."""


def npy(shape, values=None, dtype="<f4"):
    """A `.npy` file; zeros when no values are given."""
    header = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {tuple(shape)}, }}"
    header += " " * (-(len(header) + 11) % 64) + "\n"
    code = {"<f4": "f", "|u1": "B"}[dtype]
    count = math.prod(shape)
    data = struct.pack(f"<{count}{code}", *values) if values is not None else bytes(count * struct.calcsize(code))
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + data


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout=30):
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        # With a time limit, connecting to a socket whose queue is full fails at once instead of waiting.
        self.sock.connect(self.path)
        self.sock.settimeout(self.timeout)


class Response:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)


class Daemon:
    """`with Daemon() as daemon:` runs odud until the block ends, and fails when it does not end well."""

    def __init__(self, bench=PROFILES / "simulated.yaml", options=(), threads=1, preexec=None):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="odu-api-"))
        self.socket = str(self.folder / "odud.sock")
        self.log = self.folder / "log"
        self.bench, self.options, self.threads, self.preexec = str(bench), list(map(str, options)), threads, preexec

    def __enter__(self):
        command = [BIN / "odud", "--bench", self.bench, "--state", self.folder / "state", "--socket", self.socket]
        command += ["--threads", str(self.threads), *self.options]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=open(self.log, "wb"), preexec_fn=self.preexec)
        try:
            self.until(lambda: self.answers(), "the daemon answers", seconds=30)
        except BaseException:
            self.remove()
            raise
        return self

    def __exit__(self, kind, error, trace):
        alive = self.process.poll() is None
        try:
            if kind is None and not alive:
                raise Failure(f"odud ended by itself with status {self.process.returncode}:\n{self.words()}")
            if alive:
                self.process.send_signal(signal.SIGTERM)
                status = self.process.wait(timeout=20)
                if kind is None and status != 0:
                    raise Failure(f"odud ended with status {status} on SIGTERM:\n{self.words()}")
        finally:
            if kind is not None:
                print(f"--- odud said\n{self.words()}")
            self.remove()

    def remove(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def words(self):
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-20:])

    # Requests

    def request(self, method, path, body=None, headers=None, timeout=30):
        connection = UnixConnection(self.socket, timeout)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            return Response(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def get(self, path):
        """The JSON that a successful GET answers; asked again while this user's other connections are too many."""
        deadline = time.monotonic() + 60
        answer = self.request("GET", path)
        while answer.status == 429 and time.monotonic() < deadline:
            time.sleep(0.2)
            answer = self.request("GET", path)
        if answer.status != 200:
            raise Failure(f"GET {path}: {answer.status} {answer.body[:500]!r}")
        return answer.json()

    def post(self, path, value):
        deadline = time.monotonic() + 60
        answer = self.request("POST", path, json.dumps(value))
        while answer.status == 429 and time.monotonic() < deadline:
            time.sleep(0.2)
            answer = self.request("POST", path, json.dumps(value))
        if answer.status not in (200, 202, 204):
            raise Failure(f"POST {path} {value}: {answer.status} {answer.body[:500]!r}")
        return answer.json() if answer.body else None

    def answers(self):
        if self.process.poll() is not None:
            raise Failure(f"odud ended with status {self.process.returncode}:\n{self.words()}")
        try:
            health = self.request("GET", "/v1/healthz")
            # The daemon answers before its bench is open.
            return health.status == 200 and health.json().get("status") != "opening"
        except OSError:
            return False

    # Jobs

    def upload(self, images=1):
        """Arrays `layers` and `inputs` for the present bench."""
        twin = self.get("/v1/bench")["twin"]
        layers, grid, size = twin["geometry"]["layers"], twin["geometry"]["grid"], twin["input"]["size"]
        values = [(index % 97) / 96 for index in range(size * size)] * images
        for name, array in [("layers", npy([layers, grid, grid])), ("inputs", npy([images, size, size], values))]:
            answer = self.request("PUT", f"/v1/arrays/{name}", array)
            if answer.status != 201:
                raise Failure(f"PUT /v1/arrays/{name}: {answer.status} {answer.body!r}")

    def submit(self, kind, **parameters):
        return self.post("/v1/jobs", {"kind": kind, "parameters": parameters})["id"]

    def finish(self, job, seconds=300):
        """The summary of a job that has succeeded."""
        ended = ("succeeded", "failed", "cancelled")
        self.until(lambda: self.get(f"/v1/jobs/{job}")["state"] in ended, f"job {job} ends", seconds, interval=0.1)
        summary = self.get(f"/v1/jobs/{job}")
        if summary["state"] != "succeeded":
            raise Failure(f"job {job}: {summary['state']}, {summary.get('message')}")
        return summary

    def until(self, condition, promise, seconds, interval=0.02):
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise Failure(f"not within {seconds} s: {promise}")
            time.sleep(interval)

    # What the process uses

    def memory(self, field="VmRSS"):
        """Bytes; `VmHWM` is the largest so far."""
        for line in (pathlib.Path("/proc") / str(self.process.pid) / "status").read_text().splitlines():
            if line.startswith(field + ":"):
                return int(line.split()[1]) * 1024
        raise Failure(f"odud has no {field}; has it ended?\n{self.words()}")

    def processor_seconds(self):
        text = (pathlib.Path("/proc") / str(self.process.pid) / "stat").read_text()
        fields = text.rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def open_files(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def threads_running(self):
        return len(os.listdir(f"/proc/{self.process.pid}/task"))
