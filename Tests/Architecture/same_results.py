#!/usr/bin/env python3
"""Holds a rebuilding to its promise that equal seeds give equal results.

Runs calibrations, three trainings, a comparison and generations on the simulated bench, and prints a SHA-256 for each file and
result that they leave; of a model it is that of what was trained, without the recipe. With --record FILE the list is written,
with --compare FILE it is compared with an earlier one. Results depend on the kernels that a processor gets, so a list is
compared on the machine on which it was recorded: build the older revision, record, build the newer one, compare. Needs Python's
standard library only.

    same_results.py --odud OLD/odud --record before.txt
    same_results.py --odud NEW/odud --compare before.txt

Exit status: 0 the same, 1 not, 2 could not be done."""

import argparse
import hashlib
import http.client
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

PROJECT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT / "Tests/support"))
from odud import Daemon, Failure  # noqa: E402

TRAINING = {"dataset": "glyphs", "classes": [0, 3, 4], "seed": 3, "offlineImages": 3000}
# Each has a name; a generation names the training whose model it takes.
JOBS = [
    ("calibrate-1", "calibrate", {"seed": 1}),
    ("calibrate-2", "calibrate", {"seed": 2}),
    ("offline", "train", TRAINING | {"mode": "offline", "benchSteps": 0}),
    ("pat", "train", TRAINING | {"mode": "pat", "benchSteps": 4}),
    ("online", "train", TRAINING | {"mode": "online", "benchSteps": 4}),
    ("compare", "compare", {"dataset": "glyphs", "classes": [0, 3, 4], "seed": 1, "steps": 4}),
] + [
    (f"{model}-{sampler}-{on}", "generate", {"model": model, "on": on, "sampler": sampler, "steps": 10, "count": 4})
    for model, on in (("offline", "twin"), ("online", "bench"))
    for sampler in ("ddpm", "ddim", "dpmpp")
]


def compared(file, content):
    """The bytes of an artefact that have to stay: of a model what was trained, since later recipes may say more."""
    if file != "model.odu":
        return content
    model = json.loads(content.split(b"\n", 1)[1])
    return json.dumps({key: model[key] for key in sorted(model) if key not in ("recipe", "schedule")}, sort_keys=True).encode()


def digests(odud):
    """Lines "JOB FILE SHA-256", in the order in which the jobs ran."""
    work = pathlib.Path(tempfile.mkdtemp(prefix="odu-same-"))
    daemon = Daemon(work, program=odud, threads=2)
    lines, identifiers = [], {}
    try:
        daemon.await_ready()
        for name, kind, parameters in JOBS:
            if "model" in parameters:
                parameters = parameters | {"model": identifiers[parameters["model"]]}
            job = daemon.finish(daemon.submit(kind, **parameters), pause=0.1)
            identifiers[name] = job["id"]
            for file in sorted(job["artefacts"]):
                content = daemon.artefact(job["id"], file)
                if not file.endswith(".h5"):  # has the times at which it was written
                    lines.append(f"{name} {file} {hashlib.sha256(compared(file, content)).hexdigest()}")
            result = daemon.ask("GET", f"/v1/jobs/{job['id']}/result")
            lines.append(f"{name} result {hashlib.sha256(result).hexdigest()}")
            print("\n".join(line for line in lines if line.startswith(name + " ")), flush=True)
    finally:
        daemon.kill()
        shutil.rmtree(work, ignore_errors=True)
    return lines


def revision():
    answer = subprocess.run(["git", "-C", PROJECT, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return f"revision {answer.stdout.strip() or 'unknown'}"


def processor():
    found = re.search(r"(?m)^model name\s*: (.+)$", pathlib.Path("/proc/cpuinfo").read_text())
    return found[1] if found else "an unknown processor"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--odud", type=pathlib.Path, required=True)
    parser.add_argument("--record", type=pathlib.Path)
    parser.add_argument("--compare", type=pathlib.Path)
    options = parser.parse_args()
    try:
        lines = digests(options.odud)
    except (Failure, OSError, http.client.HTTPException) as error:
        print(f"same_results.py: {error}", file=sys.stderr)
        sys.exit(2)
    if options.record:
        options.record.write_text("\n".join([f"# {revision()}, {processor()}"] + lines) + "\n")
    if options.compare:
        before = [line for line in options.compare.read_text().splitlines() if not line.startswith("#")]
        changed = [line for line in before if line not in lines] + [line for line in lines if line not in before]
        print(f"same_results.py: {len(lines)} results, {len(changed)} lines differ")
        print("\n".join(changed))
        sys.exit(1 if changed else 0)


if __name__ == "__main__":
    main()
