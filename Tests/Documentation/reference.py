#!/usr/bin/env python3
"""Holds the tables of the guides to what the program declares.

A line `<!-- odu-ctl ARGUMENTS -->` in a page of Docs says that the table behind it is what `odu-ctl ARGUMENTS` prints. Each one is
compared; --write puts the program's tables into the pages instead.

    reference.py [--bin FOLDER] [--write]"""

import argparse
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from checking import PROJECT, conclude  # noqa: E402

TABLE = re.compile(r"(?m)(^<!-- odu-ctl (.+) -->\n\n)((?:\|.*\n)*)")
# Fewer would mean that pages have lost their marks.
FEWEST = 12


def printed(program, arguments):
    answer = subprocess.run([program, *arguments.split()], capture_output=True, text=True)
    if answer.returncode:
        sys.exit(f"odu-ctl {arguments}: {answer.stderr.strip()}")
    return answer.stdout.rstrip("\n") + "\n"


def differences(found, expected):
    """The first row that is not as it should be."""
    found, expected = found.splitlines(), expected.splitlines()
    for index in range(max(len(found), len(expected))):
        pair = [lines[index] if index < len(lines) else "no row" for lines in (found, expected)]
        if pair[0] != pair[1]:
            return f"the page has {pair[0]}, the program {pair[1]}"
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", default=PROJECT / ".build/release", type=pathlib.Path)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    program = options.bin / "odu-ctl"
    tables, faults = 0, []
    for page in sorted((PROJECT / "Docs").rglob("*.md")):
        text = page.read_text()
        changed = text
        for head, arguments, table in TABLE.findall(text):
            tables += 1
            expected = printed(program, arguments)
            fault = differences(table, expected)
            if fault and options.write:
                changed = changed.replace(head + table, head + expected)
            elif fault:
                faults.append(f"{page.relative_to(PROJECT)}: {arguments}: {fault} (reference.py --write)")
        if changed != text:
            page.write_text(changed)
    if tables < FEWEST:
        faults.append(f"there are {tables} tables, expected at least {FEWEST}")
    assert differences("a\nb\n", "a\nc\n") == "the page has b, the program c" and not differences("a\n", "a\n")
    conclude(f"reference.py: {tables} tables, {len(faults)} faults", faults)


if __name__ == "__main__":
    main()
