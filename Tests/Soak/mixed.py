#!/usr/bin/env python3
"""Uses odud as a busy laboratory would, for an hour, and counts what happens.

Two parts. In the first, clients look on without a pause while jobs measure; nothing is disturbed. In the second, jobs of all
kinds run while others look on, are cancelled, paused and resumed at random, and the daemon is killed, stopped and started
again. What must hold: the daemon ends only when it is ended; what it once acknowledged stays so (a job is never lost, a
cancelled one stays cancelled, one that has ended is not done again, its files do not change); equal trainings on the twin have
equal results however often they were interrupted; no answer is the daemon's own mistake (500); memory stays bounded.
Needs Python's standard library only. Exit status: 0 all of it held, 1 not, 2 could not be done.
"""

import argparse
import collections
import contextlib
import hashlib
import http.client
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from arrays import bars, npy  # noqa: E402
from odud import ENDED, SMALL_BENCH, Connection, Daemon, Failure, work_folder  # noqa: E402

VIEWS = [
    "/v1/camera/latest?format=npy", "/v1/camera/latest", "/v1/detector/latest?format=npy", "/v1/camera/histogram",
    "/v1/status", "/metrics", "/v1/twin/prediction?format=npy", "/healthz",
]
LISTS = ["/v1/jobs", "/v1/runs", "/v1/runs?limit=5", "/v1/models", "/v1/calibrations", "/v1/arrays", "/v1/devices",
         "/v1/bench", "/v1/configuration"]
STREAMS = ["/v1/camera/live?rate=30&format=npy", "/v1/live"]
# Requests that a job may be in the way of, and what a busy daemon may say.
BUSY = (404, 409, 413, 429, 503)
# Why a job may fail although nothing is wrong: a training that is too short to find anything, a model that was removed.
EXCUSES = ("calibration.notAccepted", "model.unknown")


class Violation(Exception):
    """Something that must not be; its text is for people."""


class Laboratory:
    """The daemon, in one life after the other, and all that is known of it."""

    def __init__(self, options):
        self.options, self.work = options, options.work
        self.state = os.path.join(self.work, "state")
        self.counts = collections.Counter()
        self.violations = []
        self.jobs, self.ended, self.files, self.results = {}, {}, {}, {}
        self.cancelled, self.removed, self.killed_after = set(), set(), set()
        self.starts, self.memory = [], []
        self.expects_end = threading.Event()
        self.over = threading.Event()
        self.lock = threading.Lock()
        self.daemon = None

    # Lives

    def start(self):
        self.daemon = Daemon(self.work, SMALL_BENCH, self.options.odud, self.state, threads=2,
                             env={**os.environ, "SWIFT_BACKTRACE": "enable=no"})
        began = time.monotonic()
        self.expects_end.clear()
        try:
            self.daemon.await_ready()
        except Failure as failure:
            raise Violation(str(failure)) from None
        # The bench is open: its modulators show the safe patterns.
        self.starts.append(time.monotonic() - began)

    def end(self, number):
        self.expects_end.set()
        self.counts[f"{signal.Signals(number).name} sent"] += 1
        self.daemon.process.send_signal(number)
        try:
            status = self.daemon.process.wait(120 if self.options.slow else 30)
        except subprocess.TimeoutExpired:
            self.daemon.process.kill()
            raise Violation(f"the daemon did not end in time after {signal.Signals(number).name}") from None
        if status not in (0, -number):
            raise Violation(f"the daemon ended with {status} on {signal.Signals(number).name}")

    def require_life(self):
        if not self.expects_end.is_set() and self.daemon.process.poll() is not None:
            raise Violation(f"the daemon ended by itself with status {self.daemon.process.returncode}")

    def note_memory(self):
        with contextlib.suppress(OSError, Failure):
            self.memory.append(self.daemon.memory() >> 20)

    # Requests

    def ask(self, method, path, body=None, headers=None):
        headers = headers or {"Content-Type": "application/json"}
        response = self.daemon.request(method, path, body, headers, timeout=300 if self.options.slow else 60)
        with self.lock:
            self.counts[f"answers {response.status // 100}xx"] += 1
        if response.status == 500:
            self.violate(f"{method} {path}: 500 {response.body[:300]!r}")
        return response.status, response.headers, response.body

    def violate(self, text):
        with self.lock:
            if len(self.violations) < 20:
                self.violations.append(text)
                print(f"VIOLATION: {text}", flush=True)

    # Jobs

    def submit(self, kind, **parameters):
        status, _, body = self.ask("POST", "/v1/jobs", json.dumps({"kind": kind, "parameters": parameters}))
        if status != 202:
            self.counts[f"submissions refused with {status}"] += 1
            return None
        identifier = json.loads(body)["id"]
        if identifier in self.jobs:
            raise Violation(f"job {identifier} was made twice")
        self.jobs[identifier] = (kind, parameters)
        self.counts[f"{kind} jobs"] += 1
        return identifier

    def job(self, identifier):
        status, _, body = self.ask("GET", f"/v1/jobs/{identifier}")
        if status == 404 and identifier not in self.removed:
            raise Violation(f"job {identifier}, which was acknowledged, is lost")
        return self.look_at(json.loads(body)) if status == 200 else None

    def look_at(self, job):
        """Holds a job against what was known of it."""
        identifier = job["id"]
        end = (job["state"], job.get("ended"), job.get("message"), job.get("cause")) if job["state"] in ENDED else None
        known = self.ended.get(identifier)
        if known and end != known:
            raise Violation(f"job {identifier} had ended as {known} and now is {end or job['state']}")
        if end and not known:
            self.ended[identifier] = end
        return job

    def live(self):
        return [identifier for identifier in self.jobs if identifier not in self.ended and identifier not in self.removed]

    def look_at_all(self):
        for identifier in self.live():
            self.job(identifier)

    def check_files(self, identifier):
        """The files of a job that has succeeded are as they were."""
        job = self.job(identifier)
        if job is None or job["state"] != "succeeded":
            return
        digests = {}
        for name in job["artefacts"]:
            status, _, body = self.ask("GET", f"/v1/jobs/{identifier}/artefacts/{name}")
            if status != 200:
                raise Violation(f"job {identifier}: {name}: {status}")
            digests[name] = hashlib.sha256(body).hexdigest()
        status, _, body = self.ask("GET", f"/v1/jobs/{identifier}/result")
        if status != 200:
            raise Violation(f"job {identifier} succeeded and has no result: {status}")
        digests["result"] = hashlib.sha256(body).hexdigest()
        self.results[identifier] = json.loads(body)
        if self.files.setdefault(identifier, digests) != digests:
            raise Violation(f"job {identifier} has other files than before")
        self.counts["comparisons of a job's files"] += 1

    def check_equal_results(self):
        """Trainings on the twin of equal requests, which began with the same calibration, made equal models."""
        models = {}
        for identifier, (kind, parameters) in self.jobs.items():
            if kind == "train" and parameters["mode"] == "offline" and identifier in self.files:
                key = json.dumps([parameters, self.results[identifier].get("calibration")], sort_keys=True)
                first, digest = models.setdefault(key, (identifier, self.files[identifier]["model.odu"]))
                if digest != self.files[identifier]["model.odu"]:
                    raise Violation(f"jobs {first} and {identifier} asked for the same and differ")
                self.counts["trainings that equal an earlier one"] += first != identifier


class Onlooker(threading.Thread):
    """Looks at what there is until all is over; a connection that breaks while the daemon is being ended is no matter."""

    def __init__(self, laboratory, number, act):
        super().__init__(daemon=True)
        self.laboratory, self.act, self.chance = laboratory, act, random.Random(number)

    def run(self):
        while not self.laboratory.over.is_set():
            try:
                self.act(self.laboratory, self.chance)
            except (OSError, http.client.HTTPException):
                time.sleep(0.05)
            except Violation as violation:
                self.laboratory.violate(str(violation))


def look(laboratory, chance):
    """Views, over one connection for a while."""
    connection = Connection(laboratory.daemon.socket, timeout=60)
    try:
        for _ in range(50):
            connection.request("GET", chance.choice(VIEWS))
            response = connection.getresponse()
            body = response.read()
            with laboratory.lock:
                laboratory.counts["views"] += 1
            if response.status == 500:
                laboratory.violate(f"a view: 500 {body[:300]!r}")
            if laboratory.over.is_set():
                return
    finally:
        connection.close()


def list_and_fetch(laboratory, chance):
    """Lists, and files of jobs that have succeeded."""
    laboratory.ask("GET", chance.choice(LISTS))
    done = [identifier for identifier, end in list(laboratory.ended.items()) if end[0] == "succeeded"]
    if done:
        identifier = chance.choice(done)
        status, _, body = laboratory.ask("GET", f"/v1/jobs/{identifier}")
        for name in json.loads(body)["artefacts"] if status == 200 else []:
            laboratory.ask("GET", f"/v1/jobs/{identifier}/artefacts/{name}")
            laboratory.counts["downloads"] += 1
    time.sleep(chance.uniform(0, 0.2))


def follow(laboratory, chance):
    """A stream for some seconds; sometimes it is not read."""
    live = laboratory.live()
    path = chance.choice(STREAMS + [f"/v1/jobs/{chance.choice(live)}/events"] if live else STREAMS)
    stream = socket.socket(socket.AF_UNIX)
    stream.settimeout(1)
    try:
        stream.connect(laboratory.daemon.socket)
        stream.sendall(f"GET {path} HTTP/1.1\r\nHost: odud\r\n\r\n".encode())
        end, reads = time.monotonic() + chance.uniform(0.2, 5), chance.random() < 0.8
        while time.monotonic() < end and not laboratory.over.is_set():
            if reads and not stream.recv(1 << 16):
                break
            if not reads:
                time.sleep(0.1)
    finally:
        stream.close()
        with laboratory.lock:
            laboratory.counts["streams"] += 1


def quick(chance, model, images, slow):
    """A job that takes seconds. Few seeds, so that results can be compared."""
    seed, part = chance.randrange(1, 4), 10 if slow else 1
    return chance.choice([
        ("measure", {"layers": "layers", "inputs": "inputs"}),
        ("calibrate", {"seed": chance.randrange(1, 1000)}),
        ("generate", {"model": model, "on": "bench", "sampler": "ddim", "steps": 50 // part, "count": 2, "seed": seed}),
        ("generate", {"model": model, "on": "twin", "sampler": "ddim", "steps": 100 // part, "count": 4, "seed": seed}),
        ("train", {"mode": "offline", "dataset": f"npy:{images}", "seed": seed, "offlineImages": 1000 // part}),
        ("train", {"mode": "online", "dataset": f"npy:{images}", "seed": seed, "offlineImages": 500 // part, "benchSteps": 1}),
        ("compare", {"dataset": f"npy:{images}", "seed": seed, "steps": 1 if slow else 4}),
    ])


def prepare(laboratory):
    """Arrays, and a model to generate with."""
    images = os.path.join(laboratory.work, "images.npy")
    pathlib.Path(images).write_bytes(bars(300, 8, random.Random(1)))
    for name, shape in (("layers", (2, 40, 40)), ("inputs", (30, 8, 8))):
        if laboratory.ask("PUT", f"/v1/arrays/{name}", array(shape))[0] != 201:
            raise Violation(f"array {name} was not taken")
    model = laboratory.submit("train", mode="online", dataset=f"npy:{images}", offlineImages=64, benchSteps=1)
    wait_for(laboratory, [model])
    if laboratory.ended[model][0] != "succeeded":
        raise Violation(f"the first training: {laboratory.ended[model]}")
    return model, images


def array(shape):
    return npy(shape, [(index % 7) / 7 for index in range(shape[0] * shape[1] * shape[2])])


def wait_for(laboratory, jobs):
    deadline = time.monotonic() + (3600 if laboratory.options.slow else 600)
    while time.monotonic() < deadline:
        laboratory.require_life()
        rest = [identifier for identifier in jobs if identifier not in laboratory.ended]
        if not rest:
            return
        for identifier in rest:
            laboratory.job(identifier)
        time.sleep(0.1)
    raise Violation(f"jobs do not end: {[laboratory.job(identifier) for identifier in rest][:3]}")


def views(laboratory, model, minutes):
    """Jobs that measure, one after the other, under the eyes of the onlookers."""
    end = time.monotonic() + 60 * minutes
    chance = random.Random(1)
    while time.monotonic() < end:
        kind, parameters = chance.choice([
            ("calibrate", {}),
            ("generate", {"model": model, "on": "bench", "sampler": "ddim", "steps": 80 if laboratory.options.slow else 800, "count": 1})])
        identifier = laboratory.submit(kind, **parameters)
        if identifier:
            wait_for(laboratory, [identifier])
        laboratory.note_memory()


def disturb(laboratory, model, images, minutes, chance):
    """Random jobs and random things done to them and to the daemon."""
    end, next_end = time.monotonic() + 60 * minutes, time.monotonic() + chance.uniform(2, 40)
    while time.monotonic() < end:
        laboratory.require_life()
        live = laboratory.live()
        act = chance.choice(["submit", "submit", "submit", "cancel", "pause", "resume", "look", "files", "array", "remove"])
        if act == "submit" and len(live) < 8:
            kind, parameters = quick(chance, model, images, laboratory.options.slow)
            laboratory.submit(kind, **parameters)
        elif act in ("cancel", "pause", "resume") and live:
            change(laboratory, act, chance.choice(live))
        elif act == "look":
            laboratory.look_at_all()
        elif act == "files" and laboratory.ended:
            laboratory.check_files(chance.choice(sorted(laboratory.ended.keys() - laboratory.removed)))
        elif act == "array":
            name = f"array-{chance.randrange(4)}"
            if chance.random() < 0.5:
                laboratory.ask("PUT", f"/v1/arrays/{name}", array((chance.randrange(1, 200), 16, 16)))
            else:
                laboratory.ask("DELETE", f"/v1/arrays/{name}")
        elif act == "remove" and chance.random() < 0.2:
            remove(laboratory, model, chance)
        laboratory.note_memory()
        time.sleep(chance.uniform(0, 0.6))
        if time.monotonic() > next_end:
            restart(laboratory, chance.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGTERM]))
            next_end = time.monotonic() + chance.uniform(1, 40)


def change(laboratory, act, identifier):
    status, _, body = laboratory.ask("POST", f"/v1/jobs/{identifier}/{act}")
    if status == 200:
        laboratory.counts[f"{act}s acknowledged"] += 1
        laboratory.look_at(json.loads(body))
        if act == "cancel":
            laboratory.cancelled.add(identifier)
    elif status not in BUSY:
        laboratory.violate(f"{act} of {identifier}: {status} {body[:300]!r}")


def remove(laboratory, model, chance):
    done = sorted(laboratory.ended.keys() - laboratory.removed - {model})
    if done:
        identifier = chance.choice(done)
        if laboratory.ask("DELETE", f"/v1/runs/{identifier}")[0] == 204:
            laboratory.removed.add(identifier)
            laboratory.counts["runs removed"] += 1


def restart(laboratory, number):
    laboratory.look_at_all()
    laboratory.killed_after |= laboratory.cancelled - laboratory.ended.keys()
    laboratory.end(number)
    laboratory.start()
    laboratory.look_at_all()


def settle(laboratory):
    """Lets everything come to its end, and holds it against what was promised."""
    for identifier in laboratory.live():
        if (job := laboratory.job(identifier)) and job["state"] == "paused":
            change(laboratory, "resume", identifier)
    wait_for(laboratory, laboratory.live())
    for identifier in list(laboratory.ended.keys() - laboratory.removed):
        laboratory.check_files(identifier)
    laboratory.check_equal_results()
    for identifier in laboratory.killed_after:
        if laboratory.ended.get(identifier, ("?",))[0] != "cancelled":
            raise Violation(f"job {identifier} was cancelled before a kill and ended as {laboratory.ended.get(identifier)}")
    for identifier, (state, _, message, cause) in laboratory.ended.items():
        laboratory.counts[f"jobs {state}"] += 1
        if state == "failed" and cause not in EXCUSES:
            laboratory.violate(f"job {identifier} {laboratory.jobs[identifier]} failed: {message}")
    late = [name for name in laboratory.cancelled if laboratory.ended.get(name, ("?",))[0] == "succeeded"]
    laboratory.counts["cancelled too late"] = len(late)


def remnants(laboratory):
    found = [os.path.join(folder, name) for folder, _, names in os.walk(laboratory.state) for name in names
             if name.startswith(".") and name.endswith(".tmp")]
    if found:
        raise Violation(f"unfinished files are left: {found[:5]}")


def report(laboratory):
    for name, count in sorted(laboratory.counts.items()):
        print(f"{count:8d} {name}")
    starts = sorted(laboratory.starts)
    print(f"{len(starts)} starts until the modulators showed the safe patterns: {starts[len(starts) // 2]:.2f} s in the middle, "
          f"{starts[-1]:.2f} s at most")
    if laboratory.memory:
        quarter = max(1, len(laboratory.memory) // 4)
        print(f"memory: {max(laboratory.memory[:quarter])} MiB at most in the first quarter, "
              f"{max(laboratory.memory[-quarter:])} MiB in the last, {max(laboratory.memory)} MiB in all")
        if max(laboratory.memory) > laboratory.options.memory:
            laboratory.violate(f"the daemon had {max(laboratory.memory)} MiB, more than {laboratory.options.memory}")


def run(laboratory):
    options = laboratory.options
    chance = random.Random(options.seed)
    laboratory.start()
    model, images = prepare(laboratory)
    onlookers = [Onlooker(laboratory, number, look) for number in range(16)]
    onlookers += [Onlooker(laboratory, 100 + number, follow) for number in range(2)]
    for onlooker in onlookers:
        onlooker.start()
    views(laboratory, model, options.views)
    if options.views:
        print(f"{options.views} minutes of views: {sum(1 for end in laboratory.ended.values() if end[0] == 'succeeded')} jobs, "
              f"{laboratory.counts['views']} views, {laboratory.counts['streams']} streams", flush=True)
    for number in range(3):
        onlookers.append(Onlooker(laboratory, 200 + number, list_and_fetch))
        onlookers[-1].start()
    disturb(laboratory, model, images, options.minutes, chance)
    settle(laboratory)
    laboratory.over.set()
    for onlooker in onlookers:
        onlooker.join(70)
    laboratory.end(signal.SIGTERM)
    remnants(laboratory)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--odud", required=True, help="the daemon's executable")
    parser.add_argument("--minutes", type=float, default=60, help="how long jobs and daemon are disturbed")
    parser.add_argument("--views", type=float, default=30, help="minutes before that, in which clients only look on")
    parser.add_argument("--memory", type=int, default=768, help="MiB that the daemon may have")
    parser.add_argument("--slow", action="store_true", help="for a daemon with a sanitizer: smaller jobs and more patience")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--work", help="a folder for everything; a temporary one that is removed when absent")
    return parser.parse_args()


def main():
    options = arguments()
    with work_folder(options.work, "odu-mixed-") as options.work:
        laboratory = Laboratory(options)
        perform(laboratory)
    print("mixed.py: " + (f"{len(laboratory.violations)} violations" if laboratory.violations else "all of it held"))
    return 1 if laboratory.violations else 0


def perform(laboratory):
    try:
        shutil.rmtree(laboratory.state, ignore_errors=True)
        run(laboratory)
        report(laboratory)
    except (Violation, OSError, http.client.HTTPException) as failure:
        with contextlib.suppress(IndexError):
            report(laboratory)
        laboratory.violate(f"{type(failure).__name__}: {failure}")
    finally:
        laboratory.over.set()
        if laboratory.daemon:
            laboratory.daemon.kill()
        if laboratory.violations:
            with contextlib.suppress(OSError), open(os.path.join(laboratory.work, "odud.log")) as log:
                print("--- odud said\n" + "".join(log.readlines()[-30:]))


if __name__ == "__main__":
    sys.exit(main())
