"""odud as the tests run it: its life on a folder, when it is ready, what it said, requests to it, and its jobs.

    with running() as daemon:     on a folder of its own until the block ends; it must neither end before nor end badly
    daemon = Daemon(folder)       one life on a folder that outlasts it, ended by stop() or kill()

Standard library only."""

import contextlib
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from arrays import npy

PROJECT = pathlib.Path(__file__).resolve().parents[2]
PROFILES = PROJECT / "Calibration" / "Profiles"
BIN = pathlib.Path(os.environ.get("BIN") or PROJECT / ".build" / "release")
# A bench so small that jobs on it take seconds.
SMALL_BENCH = pathlib.Path(__file__).resolve().parent / "small-bench.yaml"
# States of a job that has ended.
ENDED = ("succeeded", "failed", "cancelled")
# Seconds after which something that ought to happen is given up.
DEADLINE = 300


class Failure(Exception):
    """What was promised and did not happen; its text is for people."""


def has_ended(job):
    return bool(job) and job["state"] in ENDED


def free_port():
    """A port of this machine on which nothing listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Connection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path, timeout=30):
        super().__init__("odud", timeout=timeout)
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


@contextlib.contextmanager
def work_folder(given, prefix):
    """The folder that was named, which is kept, or a temporary one."""
    folder = os.path.abspath(given) if given else tempfile.mkdtemp(prefix=prefix)
    try:
        os.makedirs(folder, exist_ok=True)
        yield folder
    finally:
        if not given:
            shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def running(**settings):
    """A daemon on a folder of its own, ready; the settings are those of Daemon."""
    folder, daemon = tempfile.mkdtemp(prefix="odu-test-"), None
    try:
        daemon = Daemon(folder, **settings)
        daemon.await_ready()
        yield daemon
        daemon.stop()
    except BaseException:
        if daemon:
            print(f"--- odud said\n{daemon.words()}")
        raise
    finally:
        if daemon:
            daemon.kill()
        shutil.rmtree(folder, ignore_errors=True)


class Daemon:
    """One life of odud. Its folder has the socket, the log, to which the next life adds, and the state unless that is elsewhere."""

    def __init__(self, folder, bench=PROFILES / "simulated.yaml", program=None, state=None, threads=1, options=(),
                 usual_places=False, **process):
        """Without `threads` odud computes on all processors. With `usual_places` it finds state folder and socket by itself, from
        the `env` that it gets. What is left over is for subprocess.Popen."""
        self.folder, self.threads = pathlib.Path(folder), threads
        self.log = self.folder / "odud.log"
        command = [program or BIN / "odud", "--bench", bench, *options]
        if threads:
            command += ["--threads", threads]
        if usual_places:
            self.socket = os.path.join(process["env"]["XDG_RUNTIME_DIR"], "odu", "odud.sock")
        else:
            self.socket = str(self.folder / "odud.sock")
            command += ["--state", state or self.folder / "state", "--socket", self.socket]
        self.command, self.settings = list(map(str, command)), process
        self.start()

    # Life

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **self.settings)

    def require_life(self):
        if self.process.poll() is not None:
            raise Failure(f"odud ended by itself with status {self.process.returncode}:\n{self.words()}")

    def is_ready(self):
        """Whether its bench is open: it answers before."""
        self.require_life()
        try:
            health = self.request("GET", "/healthz")
            return health.status == 200 and health.json()["status"] == "ok"
        except (OSError, http.client.HTTPException):
            return False

    def await_ready(self, seconds=DEADLINE):
        self.until(self.is_ready, "the daemon is ready", seconds)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self, seconds=30):
        """Ends it as an administrator does, which it must survive until now and end well."""
        self.require_life()
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Failure(f"odud did not end within {seconds} s of SIGTERM") from None
        if status != 0:
            raise Failure(f"odud ended with status {status} on SIGTERM:\n{self.words()}")

    def said(self):
        """All that it and the lives before it wrote to the log."""
        return self.log.read_text(errors="replace")

    def words(self):
        """The last of that."""
        return "\n".join(self.said().splitlines()[-20:])

    def until(self, condition, promise, seconds, interval=0.02):
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise Failure(f"not within {seconds} s: {promise}")
            time.sleep(interval)

    # Requests

    def request(self, method, path, body=None, headers=None, timeout=30):
        """The response, whatever it is."""
        connection = Connection(self.socket, timeout)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            return Response(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def ask(self, method, path, value=None):
        """The body of a successful response; the request's is the value as JSON."""
        body = None if value is None else json.dumps(value)
        answer = self.request(method, path, body, {"Content-Type": "application/json"})
        if not 200 <= answer.status < 300:
            raise Failure(f"{method} {path}: {answer.status} {answer.body[:500].decode(errors='replace')}")
        return answer.body

    def patient(self, method, path, body=None):
        """Asked again while this user's other connections are too many."""
        deadline = time.monotonic() + 60
        answer = self.request(method, path, body)
        while answer.status == 429 and time.monotonic() < deadline:
            time.sleep(0.2)
            answer = self.request(method, path, body)
        return answer

    def get(self, path):
        """The JSON that a successful GET answers."""
        answer = self.patient("GET", path)
        if answer.status != 200:
            raise Failure(f"GET {path}: {answer.status} {answer.body[:500]!r}")
        return answer.json()

    def post(self, path, value):
        answer = self.patient("POST", path, json.dumps(value))
        if answer.status not in (200, 202, 204):
            raise Failure(f"POST {path} {value}: {answer.status} {answer.body[:500]!r}")
        return answer.json() if answer.body else None

    def put(self, name, content):
        """Uploads an array."""
        answer = self.request("PUT", f"/v1/arrays/{name}", content)
        if answer.status != 201:
            raise Failure(f"PUT /v1/arrays/{name}: {answer.status} {answer.body!r}")

    def upload(self, images=1):
        """Arrays `layers` and `inputs` for the present bench."""
        twin = self.get("/v1/bench")["twin"]
        layers, grid, size = twin["geometry"]["layers"], twin["geometry"]["grid"], twin["input"]["size"]
        self.put("layers", npy([layers, grid, grid]))
        self.put("inputs", npy([images, size, size], [(index % 97) / 96 for index in range(size * size)] * images))

    # Jobs

    def submit(self, kind, **parameters):
        return self.post("/v1/jobs", {"kind": kind, "parameters": parameters})["id"]

    def job(self, identifier):
        """The job's summary; None while the daemon does not answer."""
        try:
            return json.loads(self.ask("GET", f"/v1/jobs/{identifier}"))
        except (OSError, http.client.HTTPException):
            self.require_life()
            return None

    def wait(self, identifier, until=has_ended, pause=0.05, seconds=DEADLINE):
        """The job as soon as the condition holds for it or it has ended."""
        deadline = time.monotonic() + seconds
        while True:
            job = self.job(identifier)
            if until(job) or has_ended(job):
                return job
            if time.monotonic() > deadline:
                raise Failure(f"job {identifier} makes no progress for {seconds} s: {job}")
            time.sleep(pause)

    def finish(self, identifier, seconds=DEADLINE, pause=0.05):
        """The summary of a job that has succeeded."""
        job = self.wait(identifier, pause=pause, seconds=seconds)
        if job["state"] != "succeeded":
            raise Failure(f"job {identifier}: {job['state']}: {job.get('message')}")
        return job

    def result(self, identifier):
        return json.loads(self.ask("GET", f"/v1/jobs/{identifier}/result"))

    def artefact(self, identifier, name):
        return self.ask("GET", f"/v1/jobs/{identifier}/artefacts/{name}")

    def events(self, identifier):
        """What a client sees of a job that has ended: the metrics by phase and step, and the lines of its log."""
        points, lines = {}, []
        for line in self.ask("GET", f"/v1/jobs/{identifier}/events").decode().splitlines():
            if line.startswith("data:"):
                event = json.loads(line[5:])
                if event.get("type") == "metrics":
                    points[event["phase"], event["step"]] = event["values"]
                elif event.get("type") == "log":
                    lines.append(event["message"])
        return points, lines

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
