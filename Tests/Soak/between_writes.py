#!/usr/bin/env python3
"""Kills odud between any two writes of a calibration, one after the other, and checks what the next daemon makes of it.

A calibrated bench is calibrated once more by a daemon that is killed just before it renames, links, removes or makes the
first, the second, the third … name in its state folder, until a daemon comes to the job's end. After each kill another
daemon goes on. In the end the job has succeeded if it was accepted, there is one calibration of it, which is in force, and
nothing is left over. With --every N the same is done before every N-th of all writes into files as well, those of the database
and of the recording included. Needs Python's standard library and a C compiler. Exit status: 0 all is well, 1 something is not,
2 could not be done, 77 there is no compiler.
"""

import argparse
import http.client
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from odud import SMALL_BENCH, Daemon, Failure  # noqa: E402

CALIBRATE = {"kind": "calibrate", "parameters": {}}


def require(condition, text):
    if not condition:
        raise Failure(text)


def living(options, state):
    """A new life on the state folder."""
    return Daemon(options.work, SMALL_BENCH, options.odud, state, threads=2)


def calibrations(daemon):
    return json.loads(daemon.ask("GET", "/v1/calibrations"))["calibrations"]


def leftovers(state):
    return [name for _, folders, files in os.walk(state) for name in folders + files
            if name.endswith(".tmp") or ".prepared" in name or name.endswith(".removed")]


def forget_shim():
    for name in ("LD_PRELOAD", "KILL_UNDER", "KILL_AT", "KILL_WRITES"):
        os.environ.pop(name, None)


def killed_at(options, state, number):
    """Whether a daemon was killed at this write, and the job it had accepted."""
    os.environ.update(LD_PRELOAD=options.shim, KILL_UNDER=state, KILL_AT=str(number))
    if options.every:
        os.environ["KILL_WRITES"] = "1"
    job = None
    try:
        daemon = living(options, state)
        forget_shim()
        try:
            daemon.await_ready()
            job = json.loads(daemon.ask("POST", "/v1/jobs", CALIBRATE))["id"]
            daemon.wait(job)
        except (Failure, OSError, ValueError, http.client.HTTPException):
            require(daemon.process.wait(30) == -9, "the daemon ended, and not by the kill")
            return True, job
        daemon.kill()
        return False, job
    finally:
        forget_shim()


def check(options, state, number, job):
    daemon = living(options, state)
    try:
        daemon.await_ready()
        jobs = json.loads(daemon.ask("GET", "/v1/jobs"))["jobs"]
        second = [each["id"] for each in jobs if each["id"] != "0001-calibrate"]
        require(job is None or job in second, f"write {number}: {job} was accepted and is gone")
        for each in second:
            require(daemon.wait(each)["state"] == "succeeded", f"write {number}: {each} has not succeeded")
        found = calibrations(daemon)
        runs = sorted(each["run"] for each in found)
        require(runs == ["0001-calibrate"] + second, f"write {number}: calibrations of {runs}, jobs {second}")
        force = [each["run"] for each in found if each["inForce"]]
        require(force == (second or ["0001-calibrate"])[-1:], f"write {number}: in force is that of {force}")
    finally:
        daemon.stop()
    require(not leftovers(state), f"write {number}: left over: {leftovers(state)}")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--odud", required=True)
    parser.add_argument("--every", type=int, default=0, help="kill before every so manieth write into a file, too")
    options = parser.parse_args()
    options.odud = os.path.abspath(options.odud)
    return options


def main():
    options = arguments()
    if not shutil.which("cc"):
        print("between_writes.py: there is no C compiler", file=sys.stderr)
        return 77
    options.work = tempfile.mkdtemp(prefix="odu-writes-")
    options.shim = os.path.join(options.work, "kill_at.so")
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "kill_at.c")
    step = max(1, options.every)
    number = 1 - step
    try:
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", options.shim, source, "-ldl"], check=True)
        before = os.path.join(options.work, "before")
        daemon = living(options, before)
        daemon.await_ready()
        daemon.wait(json.loads(daemon.ask("POST", "/v1/jobs", CALIBRATE))["id"])
        daemon.stop()
        while True:
            number += step
            state = os.path.join(options.work, "state")
            shutil.rmtree(state, ignore_errors=True)
            shutil.copytree(before, state)
            killed, job = killed_at(options, state, number)
            check(options, state, number, job)
            if not killed:
                break
        kills_done = (number - 1) // step
        require(kills_done > 10, "too few writes to prove anything")
        what = f"one before every {step}th write into files" if options.every else "one before each write of a name"
        print(f"{kills_done} kills, {what} of a calibration: one calibration each, and nothing left over")
    except Failure as failure:
        print(f"between_writes.py: {failure}", file=sys.stderr)
        return 1
    except (OSError, subprocess.SubprocessError) as error:
        print(f"between_writes.py: {error}", file=sys.stderr)
        return 2
    finally:
        shutil.rmtree(options.work, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
