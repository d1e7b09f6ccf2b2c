#!/usr/bin/env python3
"""What the project says of itself agrees: one version in programs, API document and changelog, and decision records that have
number, title, date and status. The script first checks itself: a record without a date that it does not find is a failure.

    project.py [--bin FOLDER]      FOLDER has the programs whose --version is compared

Standard library only."""

import argparse
import datetime
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from checking import PROJECT, conclude  # noqa: E402

HEAD = re.compile(r"\A# (\d+)(?: ·|\.) .+\n\n\*\*Date\.\*\* (\S+) · \*\*Status\.\*\* (.+)\n")
STATUS = re.compile(r"(proposed|accepted|superseded by \[\d{4}\]|amended(:| by \[\d{4}\]))")


def faults_of_record(name, text):
    """What is wrong with the head of a decision record."""
    found = HEAD.match(text)
    if not found:
        return [f"{name}: does not begin with title, date and status as template.md does"]
    number, date, status = found.groups()
    faults = []
    if int(number) != int(name[:4]):
        faults.append(f"{name}: its title has the number {number}")
    try:
        datetime.date.fromisoformat(date)
    except ValueError:
        faults.append(f"{name}: {date} is no date")
    if not STATUS.match(status):
        faults.append(f"{name}: the status {status!r} is none of template.md")
    return faults


def faults_of_records():
    names = sorted(path.name for path in (PROJECT / "Docs/decisions").glob("[0-9]*.md"))
    faults = [fault for name in names for fault in faults_of_record(name, (PROJECT / "Docs/decisions" / name).read_text())]
    numbers = [name[:4] for name in names]
    return faults + [f"two records have the number {number}" for number in set(numbers) if numbers.count(number) > 1]


def faults_of_version(folder):
    version = (PROJECT / "VERSION").read_text().strip()
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        return [f"VERSION has {version!r}"]
    said = {
        "Docs/openapi.yaml": re.search(r"(?m)^  version: (\S+)$", (PROJECT / "Docs/openapi.yaml").read_text())[1],
        "CHANGELOG.md": re.search(r"(?m)^## \[(\d\S*)\]", (PROJECT / "CHANGELOG.md").read_text())[1],
    }
    for program in ("odud", "odu-ctl") if folder else ():
        answer = subprocess.run([folder / program, "--version"], capture_output=True, text=True, check=True)
        said[program] = answer.stdout.split()[-1]
    return [f"{place} has the version {other}, VERSION {version}" for place, other in said.items() if other != version]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", type=pathlib.Path)
    arguments = parser.parse_args()
    good = "# 0007 · A title\n\n**Date.** 2026-01-31 · **Status.** accepted\n\nText.\n"
    spoilt = [good.replace("2026-01-31", "31 January"), good.replace("accepted", "done"), good.replace("0007", "0008")]
    if faults_of_record("0007-a.md", good) or not all(faults_of_record("0007-a.md", text) for text in spoilt):
        sys.exit("project.py does not find the faults that it made itself")
    faults = faults_of_records() + faults_of_version(arguments.bin)
    conclude(f"project.py: {len(faults)} faults", faults)


if __name__ == "__main__":
    main()
