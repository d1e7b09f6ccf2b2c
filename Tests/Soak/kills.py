#!/usr/bin/env python3
"""Kills odud again and again while it trains, and compares what comes out with a training that was left alone.

A small online training on a simulated bench is run once without disturbance, then once more with N SIGKILLs at moments
that follow from the seed: at random points of the training, shortly after the start of a daemon, and while a checkpoint
is being written. Every daemon uses the same state folder; the job is submitted once. In the end model and result must be
the same, bit for bit. Needs Python's standard library only. Exit status: 0 the same, 1 not, 2 could not be done.
"""

import argparse
import glob
import http.client
import json
import os
import random
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time

BENCH = """\
geometry: {kind: cavity, wavelength: 850e-9, pitch: 18.4e-6, grid: 40, layers: 2, mirrorGap: 4.8e-3, sampling: 1,
  padding: 1.6}
input: {size: 8, block: 4, encoding: amplitude}
detector: {block: 4, region: {x: 4, y: 4, width: 32, height: 32}}
devices:
  layerModulator: {driver: simulated}
  inputModulator: {driver: simulated}
  camera: {driver: simulated}
layout:
  layers: {origins: [{x: 4, y: 4}, {x: 94, y: 4}], scale: 2, levelsPerTurn: 256}
  input: {origin: {x: 8, y: 8}, scale: 4, fullLevel: 255}
  camera: {x: 4, y: 4, width: 32, height: 32}
  timing: {layerLatency: 1e-3, layerSettle: 4e-3, inputLatency: 20e-6, inputSettle: 50e-6, deadline: 1}
simulated:
  seed: 1
  sampling: 1
  misalignment: {beam: {minimum: 1e-3, maximum: 3e-3}, mirror: {minimum: 1e-3, maximum: 2e-3}, distance: 100e-6}
  noise: {laser: 0.01, shot: true, fullWell: 20e3, read: 5}
  faults: {dropped: 0.01, duplicated: 0.01, stale: 0.01}
  layerPanel: {width: 200, height: 100, greyLevels: 256, refreshRate: 60, latency: 1e-3, settle: 4e-3}
  inputPanel: {width: 64, height: 64, greyLevels: 256, refreshRate: 2000, latency: 20e-6, settle: 50e-6}
  camera: {width: 40, height: 40, bits: 12, frameRate: 500, exposure: 1e-3, fullScaleIntensity: 4}
"""

# Seconds after which something that ought to happen is given up.
DEADLINE = 300


class Failure(Exception):
    """Something that must not be; its text is for people."""


class Connection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path):
        super().__init__("odud", timeout=10)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Daemon:
    """One life of odud on a state folder."""

    def __init__(self, odud, work, state):
        self.socket = os.path.join(work, "odud.sock")
        self.log = open(os.path.join(work, "odud.log"), "a")
        self.process = subprocess.Popen(
            [odud, "--bench", os.path.join(work, "bench.yaml"), "--state", state, "--socket", self.socket,
             "--threads", "2"],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)

    def ask(self, method, path, body=None):
        connection = Connection(self.socket)
        try:
            connection.request(
                method, path, None if body is None else json.dumps(body), {"Content-Type": "application/json"})
            response = connection.getresponse()
            content = response.read()
        finally:
            connection.close()
        if response.status >= 400:
            raise Failure(f"{method} {path}: {response.status} {content.decode(errors='replace')}")
        return content

    def job(self, identifier):
        """The job's summary; None while the daemon does not answer."""
        try:
            return json.loads(self.ask("GET", f"/v1/jobs/{identifier}"))
        except (OSError, http.client.HTTPException):
            if self.process.poll() is not None:
                raise Failure(f"odud ended by itself with status {self.process.returncode}; see odud.log") from None
            return None

    def submit(self, request):
        """Takes a few frames, so that the bench is not as new as that of the next daemon will be, and submits a job."""
        self.await_answer()
        for _ in range(40):
            self.ask("GET", "/v1/camera/frame?format=npy")
        return json.loads(self.ask("POST", "/v1/jobs", request))["id"]

    def await_answer(self):
        deadline = time.monotonic() + DEADLINE
        while time.monotonic() < deadline:
            try:
                if json.loads(self.ask("GET", "/healthz"))["status"] == "ok":
                    return
            except (OSError, http.client.HTTPException):
                if self.process.poll() is not None:
                    raise Failure("odud did not start; see odud.log") from None
            time.sleep(0.02)
        raise Failure("odud does not get ready")

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.log.close()

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Failure("odud did not end within 30 s of SIGTERM") from None
        self.log.close()


def write_images(path, count, size, chance):
    """Bright bars of random place and direction, as a NumPy file of bytes."""
    pixels = bytearray()
    for _ in range(count):
        place, upright = chance.randrange(1, size - 2), chance.random() < 0.5
        for y in range(size):
            for x in range(size):
                across, along = (x, y) if upright else (y, x)
                pixels.append(255 if across in (place, place + 1) and 0 < along < size - 1 else 0)
    header = f"{{'descr': '|u1', 'fortran_order': False, 'shape': ({count}, {size}, {size}), }}"
    header += " " * (-(len(header) + 11) % 64) + "\n"
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + pixels)


class Progress:
    """How much of a training is done, from 0 to 1, over all daemons."""

    def __init__(self):
        self.parts = {}

    def update(self, job):
        step = (job or {}).get("progress")
        if step and step.get("total"):
            self.parts[step["phase"]] = max(self.parts.get(step["phase"], 0), step["completed"] / step["total"])
        return sum(self.parts.values()) / 2


def has_ended(job):
    return bool(job) and job["state"] in ("succeeded", "failed", "cancelled")


def wait(daemon, identifier, until, pause=0.005):
    """Polls until the condition holds for the job or the job has ended; returns the job."""
    deadline = time.monotonic() + DEADLINE
    while time.monotonic() < deadline:
        job = daemon.job(identifier)
        if until(job) or has_ended(job):
            return job
        time.sleep(pause)
    raise Failure(f"job {identifier} did not get on for {DEADLINE} s: {job}")


def outcome(daemon, identifier, state, odu_ctl):
    """Model file and result of a job that has succeeded, as the daemon serves them and as they lie on the disk."""
    job = wait(daemon, identifier, has_ended, pause=0.05)
    if job["state"] != "succeeded":
        raise Failure(f"job {identifier} {job['state']}: {job.get('message')}")
    shown = subprocess.run([odu_ctl, "jobs", "show", identifier, "--socket", daemon.socket, "--json"],
                           capture_output=True, text=True, timeout=60, check=False)
    if shown.returncode != 0 or json.loads(shown.stdout)["state"] != "succeeded":
        raise Failure(f"odu-ctl jobs show: {shown.stdout}{shown.stderr}")
    model = daemon.ask("GET", f"/v1/jobs/{identifier}/artefacts/model.odu")
    with open(os.path.join(state, "runs", identifier, "model.odu"), "rb") as file:
        if file.read() != model:
            raise Failure("the model that is served is not the one on the disk")
    return model, json.loads(daemon.ask("GET", f"/v1/jobs/{identifier}/result"))


def events(daemon, identifier):
    """What a client sees in the end: the metrics by phase and step, and the lines of the log."""
    points, lines = {}, []
    for line in daemon.ask("GET", f"/v1/jobs/{identifier}/events").decode().splitlines():
        if line.startswith("data:"):
            event = json.loads(line[5:])
            if event.get("type") == "metrics":
                points[event["phase"], event["step"]] = event["values"]
            elif event.get("type") == "log":
                lines.append(event["message"])
    return points, lines


def undisturbed(options, request):
    state = os.path.join(options.work, "whole")
    daemon = Daemon(options.odud, options.work, state)
    try:
        began = time.monotonic()
        identifier = daemon.submit(request)
        result = outcome(daemon, identifier, state, options.odu_ctl) + events(daemon, identifier)
        print(f"undisturbed: {time.monotonic() - began:.1f} s, a model of {len(result[0])} bytes")
    except BaseException:
        daemon.kill()
        raise
    daemon.stop()
    return result


def disturbed(options, request, chance):
    """Model, result and curves of the training with kills, and how many of these hit it while it ran."""
    state = os.path.join(options.work, "killed")
    targets = sorted(chance.uniform(0, 0.97) for _ in range(options.kills))
    progress, hits, identifier = Progress(), 0, None
    for number, target in enumerate(targets, 1):
        daemon = Daemon(options.odud, options.work, state)
        try:
            if identifier is None:
                identifier = daemon.submit(request)
                # What is killed earlier begins again on a bench that is new, and rightly learns something else.
                checkpoint = os.path.join(state, "runs", identifier, "checkpoint.state")
                wait(daemon, identifier, lambda _: os.path.exists(checkpoint))
            kind = chance.choice(["point", "point", "start", "saving"])
            if kind == "start":
                time.sleep(chance.uniform(0, 0.4))
                job = daemon.job(identifier)
            else:
                job = wait(daemon, identifier, lambda job: progress.update(job) >= target)
                if kind == "saving":
                    await_saving(daemon, os.path.join(state, "runs", identifier))
                else:
                    time.sleep(chance.uniform(0, 0.05))
        finally:
            daemon.kill()
        running = bool(job) and job["state"] == "running"
        hits += running
        how = job["state"] if job else "not serving yet"
        print(f"kill {number} ({kind}): {how}, {100 * progress.update(job):.0f} % done", flush=True)
    daemon = Daemon(options.odud, options.work, state)
    try:
        result = outcome(daemon, identifier, state, options.odu_ctl) + events(daemon, identifier)
    except BaseException:
        daemon.kill()
        raise
    daemon.stop()
    remnants = glob.glob(os.path.join(state, "runs", identifier, ".checkpoint.state.*"))
    if remnants:
        raise Failure(f"kills left files behind: {remnants}")
    return result, hits


def await_saving(daemon, folder):
    """Returns when a checkpoint is being written, or at the latest after a second."""
    pattern = os.path.join(folder, ".checkpoint.state.*")
    known, deadline = set(glob.glob(pattern)), time.monotonic() + 1
    while time.monotonic() < deadline and daemon.process.poll() is None:
        if set(glob.glob(pattern)) - known:
            return


def compare(expected, found):
    if not any(line.startswith("resumes with") for line in found[3]):
        raise Failure("the last daemon did not go on from a checkpoint, it began anew")
    if found[0] != expected[0]:
        raise Failure("the models differ: kills changed what was learnt")
    if found[1] != expected[1]:
        raise Failure(f"the results differ:\n{expected[1]}\n{found[1]}")
    common = expected[2].keys() & found[2].keys()
    wrong = [key for key in sorted(common) if expected[2][key] != found[2][key]]
    if wrong or len(common) < 0.9 * len(expected[2]):
        raise Failure(f"the curves differ: {len(common)} of {len(expected[2])} points are there, wrong are {wrong[:3]}")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--odud", required=True, help="the daemon's executable")
    parser.add_argument("--odu-ctl", required=True, help="the command line's executable")
    parser.add_argument("--kills", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--work", help="a folder for everything; a temporary one that is removed when absent")
    return parser.parse_args()


def main():
    options = arguments()
    kept = options.work is not None
    options.work = os.path.abspath(options.work) if kept else tempfile.mkdtemp(prefix="odu-kills-")
    chance = random.Random(options.seed)
    try:
        for name in ("whole", "killed"):
            shutil.rmtree(os.path.join(options.work, name), ignore_errors=True)
        os.makedirs(options.work, exist_ok=True)
        with open(os.path.join(options.work, "bench.yaml"), "w") as file:
            file.write(BENCH)
        images = os.path.join(options.work, "images.npy")
        write_images(images, 300, 8, chance)
        request = {"kind": "train", "parameters": {
            "mode": "online", "dataset": f"npy:{images}", "seed": options.seed,
            # Long enough for a kill to find it running, however many there are.
            "offlineImages": 9600 * max(8, options.kills) // 8, "benchSteps": max(4, options.kills // 2)}}
        expected = undisturbed(options, request)
        found, hits = disturbed(options, request, chance)
        compare(expected, found)
        print(f"{options.kills} kills, {hits} of them while the job ran: the same model and the same result")
        if hits * 2 < options.kills:
            raise Failure("too few kills hit the running job to prove anything; give another seed")
    except Failure as failure:
        print(f"kills.py: {failure}", file=sys.stderr)
        return 1
    except (OSError, subprocess.SubprocessError) as error:
        print(f"kills.py: {error}", file=sys.stderr)
        return 2
    finally:
        if not kept:
            shutil.rmtree(options.work, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
