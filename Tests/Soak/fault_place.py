"""What the checks of faults.py work with: the folder of a check with its daemons and jobs, and ways to spoil things."""

import contextlib
import glob
import json
import os
import shlex
import shutil
import subprocess

from arrays import npy
from odud import SMALL_BENCH, Daemon, Failure, has_ended

IMAGES = 6000
# Set for the copy of the script that has mounts of its own.
OWN_MOUNTS = "ODU_FAULTS_OWN_MOUNTS"


class Skipped(Exception):
    """This machine cannot do the check; the text says why."""


def require(condition, text):
    if not condition:
        raise Failure(text)


class Place:
    """The folder of one check: bench file, images, state folder, and the daemons that lived on it."""

    def __init__(self, options, name):
        self.odud, self.odu_ctl, self.daemon = options.odud, options.odu_ctl, None
        self.work = os.path.join(options.work, name)
        self.state, self.bench = os.path.join(self.work, "state"), os.path.join(self.work, "bench.yaml")
        os.makedirs(self.state)
        shutil.copy(SMALL_BENCH, self.bench)
        self.images = os.path.join(options.work, "images.npy")
        # A pattern of files that daemons leave elsewhere, with their process id.
        self.litter = None
        self.is_mounted = False

    def begin(self):
        """A new daemon on the folder, ready or not."""
        self.daemon = Daemon(self.work, self.bench, self.odud, self.state, threads=2)
        return self.daemon

    def start(self):
        self.begin().await_ready()
        return self.daemon

    def stop(self):
        self.daemon.stop()

    def close(self):
        if self.daemon and self.daemon.process.poll() is None:
            self.daemon.kill()
        if self.daemon and self.litter:
            for path in glob.glob(self.litter.format(self.daemon.process.pid)):
                os.remove(path)
        if self.is_mounted:
            subprocess.run(["umount", "--lazy", self.state], check=False)

    def log(self):
        return self.daemon.said()

    def path(self, *names):
        return os.path.join(self.state, *names)

    def said(self, *texts):
        missing = [text for text in texts if text not in self.log()]
        require(not missing, f"standard error does not say {missing}:\n{self.log()[-1500:]}")

    # Jobs

    def submit(self, kind, **parameters):
        return self.daemon.submit(kind, **parameters)

    def training(self, images=4800, steps=4):
        return self.submit("train", mode="online", dataset=f"npy:{self.images}", seed=1, offlineImages=images,
                           benchSteps=steps)

    def use(self):
        """Takes a few frames, so that the bench is not as new as that of the next daemon will be."""
        for _ in range(40):
            self.daemon.ask("GET", "/v1/camera/frame")

    def upload(self):
        """Flat layers, and more images than are measured in a moment."""
        for name, shape in (("flat", (2, 40, 40)), ("few", (4, 8, 8)), ("many", (IMAGES, 8, 8))):
            self.daemon.put(name, npy(shape))

    def measuring(self, inputs="many"):
        return self.submit("measure", layers="flat", inputs=inputs)

    def await_running(self, job, until=lambda job: True):
        """Returns while the job runs and the condition holds."""
        def holds(job):
            return bool(job) and job["state"] == "running" and until(job)
        found = self.daemon.wait(job, holds, pause=0.005)
        require(not has_ended(found), f"{job} was over before anything was done to it: {found}")

    def ended(self, job, *allowed):
        found = self.daemon.wait(job, pause=0.02)
        require(found["state"] in (allowed or ("succeeded",)), f"{job} {found['state']}: {found.get('message')}")
        return found

    def lines(self, job):
        return "\n".join(self.daemon.events(job)[1])

    def model(self, job):
        return self.daemon.artefact(job, "model.odu")

    def history(self):
        """A measurement, two calibrations and a training, all done."""
        self.start()
        self.upload()
        jobs = [self.measuring("few")] + [self.submit("calibrate", seed=seed) for seed in (1, 2)] + [
            self.training(images=1200, steps=2)]
        for job in jobs:
            self.ended(job)
        return jobs

    def records(self):
        """What the daemon knows of runs, calibrations and models, without what depends on the time."""
        def get(name):
            return json.loads(self.daemon.ask("GET", f"/v1/{name}"))[name]
        return {
            "runs": [(run["id"], run["kind"], run["state"], run.get("artefacts")) for run in get("runs")],
            "calibrations": [(each["id"], each["date"], each["inForce"], each["parameters"])
                             for each in get("calibrations")],
            "models": get("models")}


def flip(path):
    """Changes bytes in the middle of a file."""
    with open(path, "r+b") as file:
        middle = os.path.getsize(path) // 2
        file.seek(middle)
        old = file.read(16)
        require(len(old) > 0, f"{path} is empty")
        file.seek(middle)
        file.write(bytes(byte ^ 0x55 for byte in old))


def hollow(path, size):
    """A state file of this size with the right header, which takes no room on the disk."""
    length = size
    while len(header := f"odu-state schema=1 crc32=00000000 length={length}\n") + length != size:
        length -= 1
    with open(path, "wb") as file:
        file.write(header.encode())
        file.truncate(size)


def use_little_memory(place, size):
    """Gives the coming daemons so many bytes of addresses."""
    real, place.odud = place.odud, os.path.join(place.work, "odud-with-little-memory")
    with open(place.odud, "w") as script:
        script.write(f"#!/bin/sh\nulimit -v {size >> 10}\nexport SWIFT_BACKTRACE=enable=no\nexec {shlex.quote(real)} \"$@\"\n")
    os.chmod(place.odud, 0o755)


def mounted(place, size):
    """A small disk as the state folder."""
    if os.environ.get(OWN_MOUNTS) != "1":
        raise Skipped("this machine allows no mounts of one's own (unshare --map-root-user --mount)")
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", place.state], check=True)
    place.is_mounted = True


def fill(path):
    """Leaves not a byte."""
    with open(path, "wb", buffering=0) as file, contextlib.suppress(OSError):
        for size in (1 << 20, 4096, 1):
            with contextlib.suppress(OSError):
                while file.write(bytes(size)):
                    pass


def use_false_clock(place, **settings):
    """Gives the coming daemons a clock that goes wrong; the monotonic one never does."""
    libraries = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
    if not libraries:
        raise Skipped("no libfaketime; the Debian package is faketime")
    settings |= {"LD_PRELOAD": libraries[0], "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1"}
    # Where the library sets a variable of its own it moves the environment, beside which Swift looks for a program's
    # arguments; so a shell has that happen before. What the library shares it leaves behind.
    real, place.odud = place.odud, os.path.join(place.work, "odud-with-false-clock")
    place.litter = "/dev/shm/*faketime_*_{}"
    with open(place.odud, "w") as script:
        variables = " ".join(f"{name}={shlex.quote(value)}" for name, value in settings.items())
        script.write(f"#!/bin/sh\nexport {variables}\nexec /bin/sh -c 'exec \"$0\" \"$@\"' {shlex.quote(real)} \"$@\"\n")
    os.chmod(place.odud, 0o755)
