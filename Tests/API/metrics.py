#!/usr/bin/env python3
"""What /metrics answers: figures that are promised, and `promtool check metrics` with the promtool of this machine or,
from then on in .build/promtool, that of Debian's package prometheus, which is not installed for it. BIN is the folder
of the programs. Exits 77 when only promtool cannot be had."""

import pathlib
import re
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from odud import PROJECT, Failure, running  # noqa: E402

NAMES = [
    "odu_frames_total",
    "odu_jobs",
    "odu_jobs_queued",
    "odu_job_running",
    "odu_bench_ready",
    "odu_http_requests_total",
    "odu_slow_readers_dropped_total",
    "odu_up_seconds",
    "odu_resident_bytes",
]
SAMPLE = re.compile(r'([a-z_]+)(?:\{([a-z]+)="([^"\\]*)"\})? (\S+)')


def promtool():
    """The path of promtool; None when it cannot be had."""
    folder = PROJECT / ".build" / "promtool"
    tool = folder / "usr" / "bin" / "promtool"
    if found := shutil.which("promtool"):
        return found
    if not tool.exists():
        folder.mkdir(parents=True, exist_ok=True)
        fetch = "apt-get download -qq prometheus && dpkg-deb --fsys-tarfile prometheus_*.deb | tar x ./usr/bin/promtool"
        subprocess.run(["bash", "-c", fetch], cwd=folder, capture_output=True)
        for package in folder.glob("*.deb"):
            package.unlink()
    return tool if tool.exists() else None


def read(daemon):
    """Every sample as {(name, label): number}, after a look at its form."""
    answer = daemon.request("GET", "/metrics")
    if answer.headers["Content-Type"] != "text/plain; version=0.0.4; charset=utf-8":
        raise Failure(f"the content type is {answer.headers['Content-Type']}")
    samples = {}
    for line in answer.body.decode().splitlines():
        if line.startswith("#"):
            continue
        match = SAMPLE.fullmatch(line)
        if not match or (match[1], match[3]) in samples:
            raise Failure(f"is no sample, or comes twice: {line}")
        samples[match[1], match[3]] = float(match[4])
    return samples, answer.body


def main():
    with running() as daemon:
        before, _ = read(daemon)
        missing = [name for name in NAMES if not any(name == known for known, _ in before)]
        if missing:
            raise Failure(f"/metrics lacks {', '.join(missing)}")
        daemon.upload(images=3)
        daemon.finish(daemon.submit("measure", layers="layers", inputs="inputs"))
        daemon.request("GET", "/v1/jobs/none")
        after, text = read(daemon)
        for key, least in [
            (("odu_frames_total", "accepted"), 3),
            (("odu_jobs", "succeeded"), 1),
            (("odu_http_requests_total", "404"), 1),
        ]:
            grown = after.get(key, 0) - before.get(key, 0)
            if grown < least:
                raise Failure(f"{key[0]} {key[1]} grew by {grown:g}, expected at least {least}")
        shrunk = [
            name
            for (name, label), value in before.items()
            if name.endswith("_total") and after.get((name, label), -1) < value
        ]
        if shrunk:
            raise Failure(f"counters went down: {', '.join(shrunk)}")
    print(f"{len(after)} samples; counters count")
    tool = promtool()
    if not tool:
        print("there is no promtool, and apt-get could not download prometheus", file=sys.stderr)
        sys.exit(77)
    checked = subprocess.run([tool, "check", "metrics"], input=text, capture_output=True)
    if checked.returncode != 0:
        raise Failure(f"promtool: {checked.stdout.decode()}{checked.stderr.decode()}")
    print("promtool check metrics passes")


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"FAILED metrics: {failure}")
