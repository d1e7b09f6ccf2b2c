"""What the checks of the tree's texts share. Standard library only."""

import pathlib
import subprocess
import sys

PROJECT = pathlib.Path(__file__).resolve().parents[2]


def tracked(root=PROJECT):
    """The names of the tracked files, relative to the root."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, check=True, text=True).stdout
    return [name for name in names.split("\0") if name]


def conclude(summary, faults):
    """Prints the faults and a summary, and ends the program: with 1 when there are any."""
    for fault in faults:
        print("FAILED " + fault)
    print(summary)
    sys.exit(1 if faults else 0)
