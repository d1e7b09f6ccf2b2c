#!/usr/bin/env python3
"""Gives odud the faults that machines have, and checks that it says so, serves on and loses nothing.

Full and read-only disks, damaged files of every kind, clocks that jump, and signals at the wrong moment. Needs Python's
standard library only; what this machine does not allow or have (a mount of one's own, libfaketime) is skipped and said.
Exit status: 0 all is well, 1 something is not, 2 could not be done.
"""

import argparse
import contextlib
import http.client
import json
import os
import pathlib
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import datetime, timedelta

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from arrays import bars  # noqa: E402
from fault_place import (OWN_MOUNTS, Place, Skipped, fill, flip, hollow, mounted, require, use_false_clock,  # noqa: E402
                         use_little_memory)
from odud import DEADLINE, SMALL_BENCH, Failure, has_ended, work_folder  # noqa: E402

# Seconds within which SIGTERM ends the daemon; what its manual promises.
TERMINATION = 5
FULL_DISK = "No space left on device"

CHECKS = []


def check(protects):
    def add(function):
        CHECKS.append((protects, function))
        return function
    return add


# Disks


@check("a full disk stops no daemon, is named, and costs nothing that was saved; with space, all works again")
def full_disk(place):
    mounted(place, "96m")
    before = place.history()
    kept = [place.daemon.ask("GET", f"/v1/jobs/{job}/result") for job in before] + [place.model(before[-1])]
    training = place.training()
    place.await_running(training, lambda _: os.path.exists(place.path("runs", training, "checkpoint.state")))
    place.daemon.process.send_signal(signal.SIGSTOP)
    fill(place.path("filler"))
    place.daemon.process.send_signal(signal.SIGCONT)
    try:
        jobs = [training, place.measuring("few")]
    except Failure as refusal:
        require(FULL_DISK in str(refusal), f"a job was refused, but not for the full disk: {refusal}")
        jobs = [training]
    for job in jobs:
        found = place.ended(job, "succeeded", "failed")
        shown = subprocess.run([place.odu_ctl, "jobs", "show", job, "--socket", place.daemon.socket],
                               capture_output=True, text=True, timeout=60, check=False).stdout
        print(f"        {job} {found['state']}: {found.get('message')}")
        require(found["state"] == "succeeded" or FULL_DISK in shown, f"odu-ctl jobs show {job}: {shown}")
    require(FULL_DISK in place.lines(training), "the training's log does not name the full disk")
    place.daemon.ask("GET", "/v1/runs")
    place.daemon.ask("GET", "/v1/camera/frame")
    require(place.daemon.process.poll() is None, "the daemon ended")
    os.remove(place.path("filler"))
    new = [place.measuring("few"), place.training(images=1200, steps=2)]
    for job in new:
        place.ended(job)
    place.stop()
    place.start()
    for job in before + new:
        place.ended(job)
    # What could not note its end on the full disk goes on; a job that was accepted is never lost.
    for job in jobs:
        place.ended(job, "succeeded", "failed")
    require(kept == [place.daemon.ask("GET", f"/v1/jobs/{job}/result") for job in before] + [place.model(before[-1])],
            "what was saved before is not what it was")


@check("a state folder that cannot be written is said in words, at once, without a crash")
def read_only(place):
    mounted(place, "16m")
    for old in (False, True):
        if old:
            subprocess.run(["mount", "-o", "remount,rw", place.state], check=True)
            place.history()
            place.stop()
        subprocess.run(["mount", "-o", "remount,ro", place.state], check=True)
        daemon = place.begin()
        status = daemon.process.wait(30)
        last = place.log().strip().splitlines()[-1]
        print(f"        {'used' if old else 'new'} folder: exit status {status}, \"{last}\"")
        require(status > 0, f"odud ended with {status}")
        require(place.state in last and "Read-only file system" in last, f"the message does not help: {last}")


# Damaged files


def killed_training(place):
    """A training killed on the bench, with its two checkpoints."""
    place.start()
    place.use()
    training = place.training()
    newest = place.path("runs", training, "checkpoint.state")
    while True:
        place.await_running(training, lambda job: (job.get("progress") or {}).get("phase") == "train on bench")
        place.daemon.kill()
        # The kill may fall between the two renames of a save.
        if os.path.exists(newest) and os.path.exists(newest + ".previous"):
            return training, newest
        place.start()


@check("a damaged newest checkpoint costs no training: the one before is used, said, and leads to the same model")
def checkpoint(place):
    place.start()
    place.use()
    whole = place.training()
    place.ended(whole)
    expected = place.model(whole)
    place.stop()
    shutil.rmtree(place.state)
    training, newest = killed_training(place)
    flip(newest)
    place.start()
    place.ended(training)
    lines = place.lines(training)
    require("the newest checkpoint is damaged, the one before it is used" in lines, f"the job's log says:\n{lines}")
    require("resumes with" in lines, f"the training did not go on:\n{lines}")
    require(place.model(training) == expected, "the model is another one")


@check("a training whose checkpoints are all damaged begins anew, says so and succeeds")
def checkpoints(place):
    training, newest = killed_training(place)
    flip(newest)
    flip(newest + ".previous")
    place.start()
    place.ended(training)
    lines = place.lines(training)
    require("the training starts over" in lines, f"the job's log says:\n{lines}")


@check("an ended job whose job.json is damaged is as it was, one without any copy keeps its files, both are said")
def job_record(place):
    jobs = place.history()
    other = place.measuring("few")
    place.ended(other)
    frames = place.daemon.artefact(jobs[0], "frames.npy")
    place.stop()
    record, lost = place.path("runs", jobs[0], "job.json"), place.path("runs", other, "job.json")
    for path in (record, lost, lost + ".previous"):
        flip(path)
    place.start()
    place.said(f"run {jobs[0]}: the record before the last one is used", f"run {other}: its record cannot be read")
    for job in jobs:
        place.ended(job)
    again = place.daemon.artefact(jobs[0], "frames.npy")
    require(len(again) == len(frames), "the measurement has other frames")
    require(os.path.exists(place.path("runs", other, "frames.npy")), "the files of a run without record are gone")
    require(place.measuring("few") > other, "a number was given twice")


def damage_by_garbage(path):
    with open(path, "wb") as file:
        file.write(random.Random(1).randbytes(65536))


def damage_by_truncation(path):
    os.truncate(path, os.path.getsize(path) // 2 + 100)


def damage_by_folder(path):
    os.remove(path)
    os.makedirs(os.path.join(path, "folder"))


@check("a damaged index is moved aside, said, and made anew with the same runs, calibrations and models")
def index(place):
    place.history()
    expected = place.records()
    require(len(expected["runs"]) == 4 and len(expected["calibrations"]) == 2 and len(expected["models"]) == 1,
            f"the history is not what was done: {expected}")
    path = place.path("odu.sqlite")
    for number, damage in enumerate((damage_by_garbage, damage_by_truncation, damage_by_folder), 1):
        place.stop()
        # Everything into the one file, which the log would else repair.
        connection = sqlite3.connect(path)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        for suffix in ("-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                os.remove(path + suffix)
        damage(path)
        place.start()
        found = place.records()
        wrong = [name for name in expected if found[name] != expected[name]]
        require(not wrong, f"{damage.__name__}: other {wrong}: {[found[name] for name in wrong]}")
        require(os.path.exists(f"{path}.damaged-{number}"), f"{damage.__name__}: the file was not moved aside")
        place.said(f"odu.sqlite.damaged-{number}")


@check("a damaged calibration has a second copy; without one that is said, and no older calibration takes its place")
def calibration(place):
    place.history()
    expected = place.records()["calibrations"]
    newest, older = expected[0][0], expected[1][0]
    file = place.path("calibrations", f"{newest}.state")
    place.stop()
    flip(file)
    place.start()
    require(place.records()["calibrations"] == expected, f"with one copy damaged there are {place.records()['calibrations']}")
    place.stop()
    flip(file + ".previous")
    place.start()
    found = place.records()["calibrations"]
    require([each[0] for each in found] == [older] and found[0][3] == expected[1][3], f"there are {found}")
    require(not found[0][2], "an older calibration took the place of the one that is lost")
    place.said(f"calibration {newest}")
    refused = place.ended(place.training(images=1200, steps=2), "failed")
    require(f"in force, {newest}, cannot be read" in refused["message"], f"the job says {refused['message']}")
    place.daemon.ask("POST", f"/v1/calibrations/{older}/restore")
    place.ended(place.training(images=1200, steps=2))


@check("what a state folder must not hold stops no start, takes no memory, and is left; what is right beside it is all there")
def strange_files(place):
    jobs = place.history()
    expected = place.records()
    place.stop()
    runs, shelf, arrays = place.path("runs"), place.path("calibrations"), place.path("arrays")
    names = [b"0050-\xff\xfe", b"0051-a\nb", b"0052-" + b"x" * 250, b"0053- ", b"0054-\x1b[31m", b"0055-.."]
    for name in names:
        os.makedirs(os.fsencode(runs) + b"/" + name)
    os.mkfifo(runs + "/0060-train")
    os.symlink(".", runs + "/0061-loop")
    os.symlink("/nowhere", runs + "/0062-gone")
    for number, make in enumerate((os.mkfifo, os.makedirs, lambda path: os.symlink("/dev/zero", path),
                                   lambda path: hollow(path, 3 << 30), lambda path: hollow(path, 1 << 40))):
        os.makedirs(f"{runs}/{70 + number:04}-train")
        make(f"{runs}/{70 + number:04}-train/job.json")
        make(f"{shelf}/{20 + number:04}.state")
        make(f"{shelf}/{80 + number:04}-calibrate.prepared")
        make(f"{arrays}/strange-{number}.npy")
    # Of these the copy beside them is used.
    for path in (shelf + "/in-force.marks", f"{shelf}/{expected['calibrations'][0][0]}.state", place.path("numbers.state")):
        os.remove(path)
        hollow(path, 3 << 30)
    place.start()
    found = place.records()
    for job in jobs:
        place.ended(job)
    require(found["calibrations"] == expected["calibrations"], f"the calibrations are {found['calibrations']}")
    require(found["models"] == expected["models"], f"the models are {found['models']}")
    place.ended(place.measuring("few"))
    peak = place.daemon.memory("VmHWM") >> 20
    print(f"        {peak} MiB at most")
    require(peak < 800, f"the daemon took {peak} MiB")
    place.stop()


def dies_over(daemon, job):
    """Whether the daemon ends before the job does."""
    deadline = time.monotonic() + DEADLINE
    while time.monotonic() < deadline:
        if daemon.process.poll() is not None:
            return True
        with contextlib.suppress(Failure):
            if has_ended(daemon.job(job)):
                return False
        time.sleep(0.02)
    raise Failure(f"neither the daemon nor {job} ends")


@check("a file that ends the daemon while it is read ends five of them, and then its own job and no other")
def deadly_file(place):
    use_little_memory(place, 1500 << 20)
    model = os.path.join(place.work, "model.odu")
    hollow(model, 3 << 30)
    daemon = place.start()
    place.upload()
    deadly = place.submit("generate", model=model, on="twin", sampler="ddim", steps=2, count=1)
    deaths = 0
    while deaths < 20 and dies_over(daemon, deadly):
        deaths += 1
        daemon = place.begin()
    daemon.await_ready()
    message = place.ended(deadly, "failed")["message"]
    print(f"        {deaths} daemons ended; {message}")
    require(deaths == 5 and "while it read the files" in message, f"{deaths} daemons ended, and {deadly} says {message}")
    place.ended(place.measuring("few"))


# Clocks


@check("a clock that is a day behind changes no order, makes no nonsense of ages, and stops no job")
def clock_behind(place):
    jobs = place.history()
    place.stop()
    use_false_clock(place, FAKETIME="-1d")
    place.start()
    new = [place.measuring("few"), place.training(images=1200, steps=2)]
    for job in new:
        place.ended(job)
    runs = json.loads(place.daemon.ask("GET", "/v1/runs"))["runs"]
    require([run["id"] for run in runs] == list(reversed(jobs + new)), f"the order is {[run['id'] for run in runs]}")
    dates = {run["id"]: run["created"] for run in runs}
    require(dates[new[0]] < dates[jobs[0]], "the clock was not behind, so that this proves nothing")
    for each in json.loads(place.daemon.ask("GET", "/v1/calibrations"))["calibrations"]:
        print(f"        calibration {each['id']}: age {each['age']:.0f} s, stale {each['stale']}: {each.get('reason')}")
        require(each["age"] >= 0 or each["stale"] and each.get("cause") == "calibration.stale.clock",
                f"an age of {each['age']:.0f} s, and nothing is said of the clock")


@check("a clock that jumps back and ahead under a running job changes nothing for the job")
def clock_jumps(place):
    file = os.path.join(place.work, "clock")
    use_false_clock(place, FAKETIME_TIMESTAMP_FILE=file, FAKETIME_NO_CACHE="1")
    place.start()
    place.upload()
    jobs, dates = [place.training(images=9600)], []
    for offset in ("-1d", "+2d"):
        place.await_running(jobs[0])
        with open(file + ".new", "w") as clock:
            clock.write(offset + "\n")
        os.rename(file + ".new", file)
        jobs.append(place.measuring("few"))
        dates.append(datetime.fromisoformat(place.daemon.job(jobs[-1])["created"].replace("Z", "+00:00")))
    place.await_running(jobs[0])
    require(dates[1] - dates[0] > timedelta(days=2), "the clock did not jump, so that this proves nothing")
    for job in jobs:
        place.ended(job)
    runs = json.loads(place.daemon.ask("GET", "/v1/runs"))["runs"]
    require([run["id"] for run in runs] == jobs[::-1], f"the order is {[run['id'] for run in runs]}")
    status = json.loads(place.daemon.ask("GET", "/v1/status"))
    require(status["state"] == "ready", f"the daemon is {status}")


# Signals


def terminated(place, job):
    place.await_running(job)
    began = time.monotonic()
    place.stop()
    took = time.monotonic() - began
    print(f"        {job}: SIGTERM took {took:.2f} s")
    require(took <= TERMINATION, f"SIGTERM took {took:.1f} s, more than the promised {TERMINATION} s")
    place.start()
    place.ended(job)


@check("SIGTERM ends the daemon in time while it trains, and the next one goes on")
def termination_training(place):
    place.start()
    terminated(place, place.training())


@check("SIGTERM ends the daemon in time while it measures, and the next one does the job")
def termination_measuring(place):
    place.start()
    place.upload()
    terminated(place, place.measuring())


@check("SIGHUP with a wrong bench file disturbs no job, and the configuration says what is wrong")
def reload(place):
    place.start()
    job = place.training()
    place.await_running(job)
    with open(place.bench, "w") as file:
        file.write(SMALL_BENCH.read_text().replace("grid: 40", "grid: forty"))
    place.daemon.process.send_signal(signal.SIGHUP)
    deadline = time.monotonic() + 30
    configuration = {}
    while "problem" not in configuration and time.monotonic() < deadline:
        configuration = json.loads(place.daemon.ask("GET", "/v1/configuration"))
        time.sleep(0.02)
    require("grid" in configuration.get("problem", ""), f"the configuration says {configuration.get('problem')}")
    require("grid: 40" in configuration["text"], "the former file is not in force")
    place.ended(job)
    require(json.loads(place.daemon.ask("GET", "/v1/status"))["state"] == "ready", "the daemon is not ready")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--odud", required=True, help="the daemon's executable")
    parser.add_argument("--odu-ctl", required=True, help="the command line's executable")
    parser.add_argument("--work", help="a folder for everything; a temporary one that is removed when absent")
    parser.add_argument("--only", action="append", help="the name of a check; may be given again")
    return parser.parse_args()


def enter_own_mounts():
    """Starts this script again with mounts that nobody else sees, where that is allowed."""
    if OWN_MOUNTS in os.environ:
        return
    command = ["unshare", "--map-root-user", "--mount"]
    try:
        allowed = subprocess.run(command + ["mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, check=False)
        os.environ[OWN_MOUNTS] = "1" if allowed.returncode == 0 else "0"
    except OSError:
        os.environ[OWN_MOUNTS] = "0"
    if os.environ[OWN_MOUNTS] == "1":
        os.execvp("unshare", command + [sys.executable, os.path.abspath(__file__)] + sys.argv[1:])


def perform(options, protects, function):
    """One check; whether it did not fail."""
    place, began = Place(options, function.__name__), time.monotonic()
    try:
        function(place)
    except Skipped as reason:
        print(f"SKIPPED {function.__name__}: {reason}")
        return True
    except (Failure, OSError, http.client.HTTPException, subprocess.SubprocessError) as failure:
        print(f"FAILED  {function.__name__}: {protects}\n        {failure}", flush=True)
        return False
    finally:
        place.close()
    print(f"ok      {function.__name__} ({time.monotonic() - began:.1f} s): {protects}", flush=True)
    return True


def main():
    options = arguments()
    enter_own_mounts()
    options.odud, options.odu_ctl = os.path.abspath(options.odud), os.path.abspath(options.odu_ctl)
    for program in (options.odud, options.odu_ctl):
        if not os.access(program, os.X_OK):
            print(f"faults.py: {program}: no such program", file=sys.stderr)
            return 2
    chosen = [each for each in CHECKS if not options.only or each[1].__name__ in options.only]
    try:
        with work_folder(options.work, "odu-faults-") as options.work:
            for _, function in CHECKS:
                shutil.rmtree(os.path.join(options.work, function.__name__), ignore_errors=True)
            pathlib.Path(options.work, "images.npy").write_bytes(bars(300, 8, random.Random(1)))
            good = [perform(options, *each) for each in chosen]
    except OSError as error:
        print(f"faults.py: {error}", file=sys.stderr)
        return 2
    return 0 if good and all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
