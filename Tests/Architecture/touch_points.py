#!/usr/bin/env python3
"""Counts the files that one touches to add a sampler, a trainer, a calibration routine, a driver or a kind of job.

A member that is there already tells: every file of the code, besides its own, that names it would have to be touched for
the next one, too. Tests, benchmarks and documents do not count: what documents list is compared with the code by tests. The
goal is one place for each, the line that puts the member into its catalogue. The numbers in LIMITS are those of today and
only fall: more is a fault, and so is a number that is not needed any more. The script first checks itself.

Needs Python's standard library."""

import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from checking import PROJECT, conclude, tracked  # noqa: E402

CODE = (".swift", ".js", ".html", ".c", ".h", ".rules", ".service")
ROOTS = ("Sources/", "Drivers/", "Calibration/", "Package.swift", "udev/", "packaging/systemd/")

# thing: (an existing member's own files, what names it elsewhere)
MEMBERS = {
    "sampler": (("Sources/Diffusion/Samplers/DPMSolverSampler.swift",), r"\bDPMSolverSampler\b|\bdpmpp\b"),
    "trainer": (("Sources/Training/Trainers/FrozenTwinTrainer.swift",), r"\bFrozenTwinTrainer\b"),
    "routine": (("Calibration/Routines/Alignment/",), r"\bAlignmentRoutine\b"),
    "driver": (("Drivers/V4L2/",), r'\.v4l2\b|"v4l2"|"V4L2"|^import V4L2$'),
    "kind of job": (("Sources/JobKinds/CompareJob.swift", "Sources/BenchAPI/CompareJobTypes.swift"), r"\bCompareJob\b"),
}
GOAL = 1
# thing: (files that have to be touched today, why more than the goal)
LIMITS = {
    "driver": (3, "besides its line in the list: a target in the manifest, and where its devices appear in the system"),
}


def places(own, pattern, texts):
    """The files that name a member, without its own."""
    return sorted(name for name, text in texts.items() if not name.startswith(own) and re.search(pattern, text, re.M))


def faults_of(counts, limits):
    """What is wrong with the numbers."""
    faults = []
    for thing, found in counts.items():
        limit = limits.get(thing, (GOAL, ""))[0]
        if len(found) > limit:
            faults.append(f"a {thing} is named in {len(found)} files, at most {limit} are right: {', '.join(found)}")
        elif len(found) < limit:
            faults.append(f"a {thing} is named in {len(found)} files only: lower its number in LIMITS from {limit}")
    return faults


def self_test():
    """A rise and a number that is too high are both noticed."""
    assert places("a/", r"\bX\b", {"a/own": "X", "b": "import X", "c": "Xylophone"}) == ["b"]
    counts = {"lamp": ["a", "b"]}
    assert len(faults_of(counts, {})) == 1 and len(faults_of(counts, {"lamp": (3, "why")})) == 1
    assert faults_of(counts, {"lamp": (2, "why")}) == []


def main():
    self_test()
    texts = {
        name: (PROJECT / name).read_text(encoding="utf-8")
        for name in tracked()
        if name.startswith(ROOTS) and name.endswith(CODE)
    }
    faults, counts = [], {}
    for thing, (own, pattern) in MEMBERS.items():
        if not any(name.startswith(own) for name in texts):
            faults.append(f"{own[0]}, by which a {thing} is counted, is gone; name another member in MEMBERS")
            continue
        counts[thing] = places(own, pattern, texts)
        why = LIMITS.get(thing, (GOAL, ""))[1]
        print(f"{thing}: {len(counts[thing])} besides its own (goal {GOAL}){': ' + why if why else ''}")
        for name in counts[thing]:
            print(f"  {name}")
    faults += faults_of(counts, LIMITS)
    conclude(f"touch points: {len(counts)} kinds of things, {len(faults)} faults", faults)


if __name__ == "__main__":
    main()
