#!/usr/bin/env python3
"""Days on a drifting simulated bench, with a job every few minutes of its time: does the daemon's memory stay flat?

    soak.py [--hours 72] [--minutes 5] [--output FOLDER]

Every job measures a few images, every 24th calibrates anew. The first third is warm-up. BIN is the folder of the
programs. Exits 0 when every job succeeded and memory, open files and threads stayed flat."""

import argparse
import json
import pathlib
import statistics
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from odud import PROFILES, Failure, running  # noqa: E402

MEBIBYTE = 1 << 20
# In metres and radians, each after a second; it grows with the square root of the time.
DRIFT = """\
  drift:
    interval: 60
    walk: {distance: 1e-8, mirrorX: 5e-7, mirrorY: 5e-7, beamX: 5e-7, beamY: 5e-7}
"""
CALIBRATE_EVERY = 24
# What the allocator keeps after warm-up beyond what the jobs need moves by some 25 MiB.
ALLOWED_GROWTH = 32 * MEBIBYTE


def sample(daemon, hours):
    return {
        "hours": hours,
        "resident": daemon.memory(),
        "files": daemon.open_files(),
        "threads": daemon.threads_running(),
    }


def slope(samples):
    """Bytes per hour of simulated time, by least squares."""
    times, sizes = [each["hours"] for each in samples], [each["resident"] for each in samples]
    return statistics.linear_regression(times, sizes).slope


def run(daemon, hours, minutes):
    """A sample after every job, and what every calibration found."""
    samples, calibrations = [], []
    daemon.upload(images=16)
    for number in range(int(hours * 60 / minutes)):
        daemon.post("/v1/simulated/advance", {"seconds": minutes * 60})
        if number % CALIBRATE_EVERY == 0:
            job = daemon.submit("calibrate", seed=number)
            daemon.finish(job)
            result = daemon.get(f"/v1/jobs/{job}/result")
            calibrations.append(
                {
                    "hours": number * minutes / 60,
                    "before": result["before"]["pearson"],
                    "after": result["after"]["pearson"],
                }
            )
        else:
            job = daemon.submit("measure", layers="layers", inputs="inputs")
            daemon.finish(job)
            daemon.request("GET", f"/v1/jobs/{job}/artefacts/frames.npy")
        daemon.request("GET", f"/v1/jobs/{job}/events")
        for path in ("/v1/status", "/v1/jobs", "/metrics"):
            daemon.request("GET", path)
        samples.append(sample(daemon, (number + 1) * minutes / 60))
    return samples, calibrations


def judge(samples, calibrations):
    after = samples[len(samples) // 3 :]
    # The larger of what a line through all samples gains and what the last quarter has over the first.
    quarter = max(len(after) // 4, 1)
    gained = slope(after) * (after[-1]["hours"] - after[0]["hours"])
    risen = statistics.median(each["resident"] for each in after[-quarter:]) - statistics.median(
        each["resident"] for each in after[:quarter]
    )
    report = {
        "slopeBytesPerHour": slope(after),
        "growthAfterWarmUp": max(gained, risen),
        "largest": max(each["resident"] for each in samples),
        "files": [after[0]["files"], max(each["files"] for each in after)],
        "threads": [after[0]["threads"], max(each["threads"] for each in after)],
        "discrepancyAfterCalibration": max(each["after"] for each in calibrations),
    }
    failures = []
    if report["growthAfterWarmUp"] > ALLOWED_GROWTH:
        failures.append(f"memory grew by {report['growthAfterWarmUp'] / MEBIBYTE:.1f} MiB after warm-up")
    for what in ("files", "threads"):
        if report[what][1] > report[what][0] + 4:
            failures.append(f"open {what} grew from {report[what][0]} to {report[what][1]}")
    return report, failures


def picture(samples, calibrations):
    """Memory over simulated time as SVG."""
    width, height, margin = 900, 320, 60
    last, top = samples[-1]["hours"], max(each["resident"] for each in samples) * 1.1

    def x(hours):
        return margin + hours / last * (width - 2 * margin)

    def y(size):
        return height - margin - size / top * (height - 2 * margin)

    points = " ".join(f"{x(each['hours']):.1f},{y(each['resident']):.1f}" for each in samples)
    marks = "".join(f'<path d="M{x(each["hours"]):.1f} {height - margin}v5"/>' for each in calibrations)
    labels = "".join(
        f'<text x="{margin - 8}" y="{y(top * part):.1f}" text-anchor="end">{top * part / MEBIBYTE:.0f}</text>'
        for part in (0, 0.25, 0.5, 0.75, 1)
    )
    hours = "".join(
        f'<text x="{x(last * part):.1f}" y="{height - margin + 20}" text-anchor="middle">{last * part:.0f}</text>'
        for part in (0, 0.25, 0.5, 0.75, 1)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        'font-family="sans-serif" font-size="12">'
        f'<rect width="{width}" height="{height}" fill="white"/><g stroke="#888">{marks}'
        f'<path d="M{margin} {margin}V{height - margin}H{width - margin}" fill="none"/></g>'
        f'<polyline points="{points}" fill="none" stroke="#2f5fdc" stroke-width="1.5"/>{labels}{hours}'
        f'<text x="{margin}" y="{margin - 20}">Resident memory of odud in MiB over hours of the bench; '
        "marks are calibrations</text>"
        "</svg>\n"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hours", type=float, default=72)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--output", type=pathlib.Path)
    options = parser.parse_args()
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="odu-soak-") as folder:
        bench = pathlib.Path(folder) / "drifting.yaml"
        # The last section of this profile is `simulated`.
        bench.write_text((PROFILES / "simulated.yaml").read_text().rstrip() + "\n" + DRIFT)
        with running(bench=bench) as daemon:
            samples, calibrations = run(daemon, options.hours, options.minutes)
    report, failures = judge(samples, calibrations)
    print(f"{options.hours:g} hours of the bench and {len(samples)} jobs in {time.monotonic() - begin:.0f} s")
    print(
        f"memory after warm-up: {report['slopeBytesPerHour'] / 1024:+.1f} KiB per hour, growth "
        f"{report['growthAfterWarmUp'] / MEBIBYTE:.1f} MiB, largest {report['largest'] / MEBIBYTE:.0f} MiB; "
        f"files {report['files']}, threads {report['threads']}"
    )
    print(
        f"discrepancy of {len(calibrations)} calibrations: the largest before is "
        f"{max(each['before'] for each in calibrations[1:] or calibrations):.4f}, "
        f"after {report['discrepancyAfterCalibration']:.4f}"
    )
    if options.output:
        options.output.mkdir(parents=True, exist_ok=True)
        record = report | {"hours": options.hours, "samples": samples, "calibrations": calibrations}
        (options.output / "soak.json").write_text(json.dumps(record, indent=1) + "\n")
        (options.output / "soak.svg").write_text(picture(samples, calibrations))
    if failures:
        raise Failure("; ".join(failures))


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"FAILED soak: {failure}")
