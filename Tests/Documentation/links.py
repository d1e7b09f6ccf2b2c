#!/usr/bin/env python3
"""Relative links of the tracked Markdown files lead to files that exist, and to a heading of the page where the link names one.
The same holds for paths of this repository in code spans of the guides, and for `Docs/….md` anywhere. Decisions speak of the
past, so only their links are checked. The script first checks itself: a broken link that it does not find is a failure.

    links.py [FOLDER]

Standard library only."""

import pathlib
import re
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from checking import PROJECT, conclude, tracked  # noqa: E402

LINK = re.compile(r"\]\(([^)\s]+)\)")
MENTION = re.compile(r"(?<![\w/.-])Docs/[\w/.-]+\.(?:md|txt|yaml|png)\b")
# A path in a code span, such as `Sources/Twin/Path`; with a placeholder in it, it is none.
PLACE = re.compile(r"`((?:Sources|Drivers|Calibration|Docs|Tests|Benchmarks|packaging|udev)/[\w/.+-]*)`")
TEXT = {".md", ".swift", ".py", ".yaml", ".yml", ".toml", ".rules", ".sh", ".c", ".h", ".html", ".service", ".socket", ""}


def without_code(text):
    """Fenced blocks and code spans are no links; lines keep their numbers."""
    text = re.sub(r"(?ms)^```.*?^```$", lambda block: "\n" * block[0].count("\n"), text)
    return re.sub(r"`[^`\n]*`", "``", text)


def anchors(path):
    """The names that GitHub gives the headings of a page."""
    headings = re.findall(r"(?m)^#+ +(.+)$", re.sub(r"(?ms)^```.*?^```$", "", path.read_text()))
    names = {}
    for heading in headings:
        heading = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading)
        name = re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
        names[name] = names.get(name, -1) + 1
    return {name if not count else f"{name}-{count}" for name, total in names.items() for count in range(total + 1)}


def broken(root, files):
    """What is wrong, one line each."""
    found = []
    for file in files:
        text = file.read_text()
        for number, line in enumerate(text.splitlines(), 1):
            for mention in MENTION.findall(line):
                if not (root / mention).is_file():
                    found.append(f"{file.relative_to(root)}:{number}: there is no {mention}")
        if file.suffix != ".md":
            continue
        if "decisions" not in file.parts:
            for number, line in enumerate(text.splitlines(), 1):
                found += [f"{file.relative_to(root)}:{number}: there is no {place}" for place in PLACE.findall(line)
                          if not (root / place).exists() and not MENTION.match(place)]
        for number, line in enumerate(without_code(text).splitlines(), 1):
            for target in LINK.findall(line):
                if re.match(r"[a-z]+:", target):
                    continue
                path, _, anchor = target.partition("#")
                page = (file.parent / path).resolve() if path else file
                if not page.exists():
                    found.append(f"{file.relative_to(root)}:{number}: there is no {target}")
                elif anchor and page.suffix == ".md" and anchor not in anchors(page):
                    found.append(f"{file.relative_to(root)}:{number}: {target}: the page has no such heading")
    return found


def check_itself():
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        (root / "good.md").write_text("# One heading: `x`\n\n[a](other.md#a-b) [b](#one-heading-x) [c](https://odu/none) `[d](none.md)`\n")
        (root / "other.md").write_text("## A b\n\n[up](good.md)\n")
        (root / "bad.md").write_text("[a](none.md)\n\n[b](good.md#two)\n\nSee Docs/none.md, `Sources/None`.\n")
        found = broken(root, sorted(root.glob("*.md")))
    expected = [
        "bad.md:5: there is no Docs/none.md",
        "bad.md:5: there is no Sources/None",
        "bad.md:1: there is no none.md",
        "bad.md:3: good.md#two: the page has no such heading",
    ]
    if found != expected:
        sys.exit(f"links.py does not see what it is for: {found}")


def texts(root):
    files = [root / name for name in tracked(root) if pathlib.Path(name).suffix in TEXT]
    return [file for file in files if file.is_file() and not file.is_symlink() and file.name != "links.py"]


def main():
    check_itself()
    root = pathlib.Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else PROJECT
    found = broken(root, texts(root))
    conclude(f"links of the documents: {len(found)} broken", found)


if __name__ == "__main__":
    main()
