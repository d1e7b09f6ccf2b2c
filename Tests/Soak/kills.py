#!/usr/bin/env python3
"""Kills odud again and again while it trains, and compares what comes out with a training that was left alone.

A small online training on a simulated bench is run once without disturbance, then once more with N SIGKILLs at moments
that follow from the seed: at random points of the training, shortly after the start of a daemon, and while a checkpoint
is being written. Every daemon uses the same state folder; the job is submitted once. In the end model and result must be
the same, bit for bit. Needs Python's standard library only. Exit status: 0 the same, 1 not, 2 could not be done.
"""

import argparse
import glob
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from arrays import bars  # noqa: E402
from odud import SMALL_BENCH, Daemon, Failure, work_folder  # noqa: E402


class Progress:
    """How much of a training is done, from 0 to 1, over all daemons."""

    def __init__(self):
        self.parts = {}

    def update(self, job):
        step = (job or {}).get("progress")
        if step and step.get("total"):
            self.parts[step["phase"]] = max(self.parts.get(step["phase"], 0), step["completed"] / step["total"])
        return sum(self.parts.values()) / 2


def living(options, state):
    """A new life on the state folder."""
    return Daemon(options.work, SMALL_BENCH, options.odud, state, threads=2)


def submit(daemon, request):
    """Takes a few frames, so that the bench is not as new as that of the next daemon will be, and submits a job."""
    daemon.await_ready()
    for _ in range(40):
        daemon.ask("GET", "/v1/camera/frame?format=npy")
    return json.loads(daemon.ask("POST", "/v1/jobs", request))["id"]


def outcome(daemon, identifier, state, odu_ctl):
    """Model file and result of a job that has succeeded, as the daemon serves them and as they lie on the disk."""
    daemon.finish(identifier)
    shown = subprocess.run([odu_ctl, "jobs", "show", identifier, "--socket", daemon.socket, "--json"],
                           capture_output=True, text=True, timeout=60, check=False)
    if shown.returncode != 0 or json.loads(shown.stdout)["state"] != "succeeded":
        raise Failure(f"odu-ctl jobs show: {shown.stdout}{shown.stderr}")
    model = daemon.artefact(identifier, "model.odu")
    with open(os.path.join(state, "runs", identifier, "model.odu"), "rb") as file:
        if file.read() != model:
            raise Failure("the model that is served is not the one on the disk")
    return model, daemon.result(identifier)


def undisturbed(options, request):
    state = os.path.join(options.work, "whole")
    daemon = living(options, state)
    try:
        began = time.monotonic()
        identifier = submit(daemon, request)
        result = outcome(daemon, identifier, state, options.odu_ctl) + daemon.events(identifier)
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
        daemon = living(options, state)
        try:
            if identifier is None:
                identifier = submit(daemon, request)
                # What is killed earlier begins again on a bench that is new, and rightly learns something else.
                checkpoint = os.path.join(state, "runs", identifier, "checkpoint.state")
                daemon.wait(identifier, lambda _: os.path.exists(checkpoint), pause=0.005)
            kind = chance.choice(["point", "point", "start", "saving"])
            if kind == "start":
                time.sleep(chance.uniform(0, 0.4))
                job = daemon.job(identifier)
            else:
                job = daemon.wait(identifier, lambda job: progress.update(job) >= target, pause=0.005)
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
    daemon = living(options, state)
    try:
        result = outcome(daemon, identifier, state, options.odu_ctl) + daemon.events(identifier)
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


def run(options):
    chance = random.Random(options.seed)
    for name in ("whole", "killed"):
        shutil.rmtree(os.path.join(options.work, name), ignore_errors=True)
    images = os.path.join(options.work, "images.npy")
    pathlib.Path(images).write_bytes(bars(300, 8, chance))
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


def main():
    options = arguments()
    try:
        with work_folder(options.work, "odu-kills-") as options.work:
            run(options)
    except Failure as failure:
        print(f"kills.py: {failure}", file=sys.stderr)
        return 1
    except (OSError, subprocess.SubprocessError) as error:
        print(f"kills.py: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
