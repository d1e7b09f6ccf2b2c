#!/usr/bin/env python3
"""Words that once stood in these documents and messages in place of standard English. None may come back in the guides, the man pages,
the API's document, the bench files and the strings of the programs. In comments there may be no more of them than LEFT says; whoever
mends some lowers the number. The script first checks itself: a forbidden word that it does not find is a failure.

    house_words.py [--count]

With --count it lists every place. Standard library only."""

import argparse
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from checking import PROJECT, conclude, tracked  # noqa: E402

# What is not to be written, and what is.
FORBIDDEN = {
    r"\banew\b": "again",
    r"\b(go|goes|going|gone|went) on\b(?! (the|a|its|their) )": "continue, resume",
    r"\b(get|gets|getting|got) on\b(?! (the|a|its|their) )": "make progress",
    r"\bwhoever\b": "the client, the user, anyone who",
    r"\bsomebody\b": "another client, another program, someone",
    r"\bnobody\b": "no one, no client; often the passive",
    r"\b(is|are|was|were|be|been) told\b": "receives, is given",
    r"\bas told\b": "as given",
    r"\bhad better\b": "should",
    r", else (at|as|in|it|to|the|by)\b": "otherwise",
    r"\bwhich is an error else\b": "otherwise an error",
    r"\bbehind the (command|source)\b": "after the command",
    r"\bhas not the\b": "lacks the",
}
# Places where such a word is right, with the reason: (file, part of the line, why).
ALLOWED = [
]
# Forbidden words in comments of the sources that are still to be mended.
LEFT = 150


def texts_of_swift(source):
    """(line, kind, text) of every string literal (kind "string") and comment (kind "comment"); code in interpolations is left out."""
    found, at, line = [], 0, 1

    def literal(start, quote):
        """The text of the literal that begins at `start`, and where it ends."""
        text, i = [], start + len(quote)
        while i < len(source) and not source.startswith(quote, i):
            if source.startswith("\\(", i):
                depth, i = 1, i + 2
                while i < len(source) and depth:
                    if source[i] == '"':
                        inner = '"""' if source.startswith('"""', i) else '"'
                        words, i = literal(i, inner)
                        text.append(" " + words + " ")
                        continue
                    depth += {"(": 1, ")": -1}.get(source[i], 0)
                    i += 1
                text.append("…")
            elif source[i] == "\\":
                # A line break behind a backslash is none in the text.
                text.append({"n": "\n"}.get(source[i + 1 : i + 2], " "))
                i += 2
            else:
                text.append(source[i])
                i += 1
        return "".join(text), i + len(quote)

    while at < len(source):
        before = at
        if source.startswith("//", at):
            end = source.find("\n", at)
            at = len(source) if end < 0 else end
            found.append((line, "comment", source[before:at].lstrip("/ ")))
        elif source[at] == '"':
            text, at = literal(at, '"""' if source.startswith('"""', at) else '"')
            found.append((line, "string", text))
        else:
            at += 1
        line += source.count("\n", before, at)
    return found


def joined(texts):
    """Comments that follow each other are one text, and so are strings, which messages are put together of."""
    whole = []
    for line, kind, text in texts:
        if whole and whole[-1][1] == kind and line - whole[-1][3] <= 1:
            whole[-1][2] += " " + text
            whole[-1][3] = line
        else:
            whole.append([line, kind, text, line])
    return [(line, kind, text) for line, kind, text, _ in whole]


def texts(file):
    source = file.read_text()
    if file.suffix == ".swift":
        return joined(texts_of_swift(source))
    lines, start, part = [], 1, []
    for number, line in enumerate(source.splitlines() + [""], 1):
        if line.strip():
            start = start if part else number
            part.append(line)
        elif part:
            lines.append((start, "text", "\n".join(part)))
            part = []
    return lines


def findings(name, parts):
    for line, kind, text in parts:
        for pattern, instead in FORBIDDEN.items():
            for match in re.finditer(pattern.replace(" ", r"\s+"), text, re.IGNORECASE):
                around = re.sub(r"\s+", " ", text[max(0, match.start() - 40) : match.end() + 40])
                at = line if kind == "string" else line + text[: match.start()].count("\n")
                if not any(name == file and part in re.sub(r"\s+", " ", text) for file, part, _ in ALLOWED):
                    yield kind, f"{name}:{at}: “…{around}…”: say “{instead}”"


def check_itself():
    swift = 'let a = "it goes\\\n  on" // made anew\nlet b = "x \\(f("nobody")) y"\nlet c = "fine"\n'
    found = [kind for kind, _ in findings("a.swift", texts_of_swift(swift))]
    page = [kind for kind, _ in findings("a.md", [(1, "text", "Whoever goes\non is told so, else by nobody.")])]
    if found != ["string", "comment", "string"] or len(page) != 5:
        sys.exit(f"house_words.py does not see what it is for: {found}, {page}")


def files():
    for name in tracked():
        path = PROJECT / name
        guide = re.match(
            r"README\.md$|Docs/(?!decisions/|results/|images/)|Calibration/Profiles/|packaging/systemd/|Tests/\w+/README\.md$",
            name,
        )
        if path.is_file() and (guide or re.match(r"(Sources|Drivers|Calibration)/.*\.swift$", name)):
            yield name, path


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", action="store_true", help="list every place, those in comments too")
    options = parser.parse_args()
    check_itself()
    found = [finding for name, path in files() for finding in findings(name, texts(path))]
    comments = [place for kind, place in found if kind == "comment"]
    wrong = [place for kind, place in found if kind != "comment"]
    for place in comments if options.count else []:
        print(place)
    summary = f"house words: {len(wrong)} in guides and messages, {len(comments)} in comments ({LEFT} may be left)"
    grown = ["there are more of them in comments than there were; --count lists them"] if len(comments) > LEFT else []
    conclude(summary, wrong + grown)


if __name__ == "__main__":
    main()
