#!/usr/bin/env python3
"""Runs every command of README.md and the guides as it stands there, in a folder and on a daemon of its own, beside two busy loops.

    commands.py [--bin FOLDER] [--long] [--idle] [DOCUMENT …]

A command is a line of a fenced block that begins with one of PROGRAMS. Where output stands behind a command that begins with `$`, its words
have to be in what the command says; numbers, dates and what depends on the machine may differ. Each runs, unless a rule of
SKIPPED says why it cannot run here, or it takes minutes on a busy machine (LONG): then --long runs it. Standard library and
curl only."""

import argparse
import os
import pathlib
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from arrays import npy  # noqa: E402
from odud import BIN, PROFILES, PROJECT, Daemon, Failure  # noqa: E402

PROGRAMS = re.compile(r"^(\$ )?((\.build/release/)?(odu-ctl|odud)|curl|make|cp|sudo|usermod)( |$)|^S=")

# The folders of Docs whose pages have commands to run.
GUIDES = ["tutorials", "how-to", "explanation", "reference"]
# Why a command does not run here.
SKIPPED = [
    (r"^make demo|^make bench|^make deb|^make test", "it builds; make has targets of its own for it"),
    (r"^sudo |^usermod ", "it changes the system, which tests do not"),
    (r"--tokens /etc/odu/tokens|\$TOKEN", "the file of tokens is the administrator's; Tests/ServiceTests have TCP and tokens"),
    (r"--url https://bench\.example", "there is no such machine"),
    (r"mnist:DIR", "MNIST is not here; Tests/DatasetsTests read files in its form"),
    (r"odu-ctl jobs pause", "by then the job has ended; Tests/CommandTests pause one that waits"),
    (r"/cancel", "by then the job has ended; Tests/CommandTests cancel one that waits"),
    (r"Odu-Lease: ", "its lease ended with the line before; Tests/CommandTests use one"),
    (r"any HTTP client|───", "it is a drawing"),
    (r"--orientation rotated90", "no camera here lies so; Tests/CalibrationTests fit the frames of one"),
    (r"/var/lib/odu/runs", "runs of an installed daemon; Tests/CommandTests fit one of a private daemon"),
    (r"odu-ctl doctor", "its exit status says what is wrong with this bench; Tests/CommandTests examine some"),
    (r"fpath", "only zsh knows where its completions are"),
    (r"--data-binary @at-home\.yaml", "the file is of another guide; Tests/API/export.py sends one"),
    (r"odud --bench at-home\.yaml --simulate", "it is a daemon; Tests/API/export.py runs it"),
    (r"\.build/release/odud --bench my-bench\.yaml$", "it is the daemon on which all the others run"),
]
# What takes minutes on a busy machine.
LONG = [
    r"odu-ctl calibrate$", r"odu-ctl demo", r"odu-ctl train ", r"odu-ctl run ", r"odu-ctl generate ",
    r"odu-ctl twin fit .*(realistic|default)",
    r'"mode": "online"', r"/v1/generate$", r"-generate/artefacts",
]
# What goes on until it is ended: it has to have said something by then.
ENDLESS = [r"odu-ctl open", r"curl .* -N "]
# Names that stand for others.
NAMES = [
    (r"/run/odu/odud\.sock", "$XDG_RUNTIME_DIR/odu/odud.sock"), (r"modulators/NAME/", "modulators/MODULATOR/"),
    (r"calibrations/ID/", "calibrations/0001/"), (r"models/ID/", "models/0003-train/"),
    (r"models fetch \S+", "models fetch 0004-train"),
]
SECONDS = 240


def commands(document):
    """(line, command, output) of every command in the fenced blocks of a document; the output as far as the document shows it."""
    inside, found, shown = False, [], None
    for number, line in enumerate(document.read_text().splitlines(), 1):
        if line.startswith("```"):
            inside, shown = not inside, None
        elif inside and PROGRAMS.match(line.strip()):
            shown = [] if line.startswith("$ ") else None
            found.append((number, re.sub(r"\s+#( .*)?$", "", line.strip().removeprefix("$ ")), shown))
        elif inside and shown is not None:
            shown.append(line)
    return [(number, command, "\n".join(output or [])) for number, command, output in found]


def missing_words(shown, said):
    """The words of an output in a document that the command did not say. What has a digit or a path in it is not asked for."""
    words = re.findall(r"(?<!\S)[A-Za-z][A-Za-z-]+[,:;.]?(?!\S)", shown)
    said = set(re.findall(r"[A-Za-z][A-Za-z-]+", said))
    return [word for word in (word.rstrip(",:;.") for word in words) if word not in said]


class Place:
    """A home with the files that the guides speak of, and a daemon on its usual socket."""

    def __init__(self, programs):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="odu-docs-"))
        self.socket = self.folder / "run" / "odu" / "odud.sock"
        self.programs, self.daemon, self.jobs = programs, None, {}
        tools = self.folder / "tools"
        completions = [".local/share/bash-completion/completions", ".config/fish/completions"]
        for path in [self.socket.parent, tools, self.folder / ".build", *(self.folder / name for name in completions)]:
            path.mkdir(parents=True)
        for name in ["odu-ctl", "odud"]:
            (tools / name).symlink_to(programs / name)
        (self.folder / ".build" / "release").symlink_to(programs)
        (self.folder / "Calibration").symlink_to(PROJECT / "Calibration")
        curl = tools / "curl"
        curl.write_text(f'#!/bin/sh\nexec {shutil.which("curl")} -sS --fail-with-body "$@"\n')
        curl.chmod(0o755)
        scan = self.folder / "scan.sh"
        scan.write_text("#!/bin/sh\nodu-ctl camera grab --output scanned.npy\n")
        scan.chmod(0o755)
        self.environment = {
            "HOME": str(self.folder), "PATH": f"{tools}:/usr/bin:/bin", "NO_COLOR": "1", "LANG": "C.UTF-8",
            "XDG_RUNTIME_DIR": str(self.folder / "run"), "ODU_PROFILES": str(PROJECT / "Calibration" / "Profiles"),
            "SWIFT_BACKTRACE": "enable=no", "MODULATOR": ""}

    def __enter__(self):
        bench = self.folder / "my-bench.yaml"
        shutil.copy(PROFILES / "simulated.yaml", bench)
        self.daemon = Daemon(self.folder, bench, self.programs / "odud", threads=None, usual_places=True, cwd=self.folder,
                             env=self.environment)
        self.daemon.await_ready()
        self.devices = self.daemon.get("/v1/devices")["devices"]
        twin = self.daemon.get("/v1/bench")["twin"]
        layers, grid, size = twin["geometry"]["layers"], twin["geometry"]["grid"], twin["input"]["size"]
        for name in ["l.npy", "layers.npy"]:
            (self.folder / name).write_bytes(npy([layers, grid, grid], [0.5] * (layers * grid * grid)))
        for name in ["x.npy", "images.npy"]:
            (self.folder / name).write_bytes(npy([1, size, size], [0.5] * (size * size)))
        block = twin["detector"]["block"]
        region = twin["detector"].get("region") or {"width": grid, "height": grid}
        height, width = region["height"] // block, region["width"] // block
        (self.folder / "t.npy").write_bytes(npy([1, height, width], [0.1] * (height * width)))
        (self.folder / "f.npy").write_bytes(npy([64, 64], struct.pack("<dd", 1, 1) * (64 * 64), "<c16"))
        guide = (PROJECT / "Docs/how-to/computing-without-a-bench.md").read_text()
        (self.folder / "task.json").write_text(re.search(r"\$ cat task.json\n(\{.*?\n\})\n", guide, re.DOTALL)[1])
        panel = self.devices[0]
        pattern = npy([panel["height"], panel["width"]], b"\7" * (panel["height"] * panel["width"]), "|u1")
        (self.folder / "pattern.npy").write_bytes(pattern)
        self.modulator = panel["name"].replace(" ", "%20")
        return self

    def __exit__(self, *_):
        try:
            self.daemon.stop()
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def prepare(self, numbers):
        """The jobs that documents speak of, in a quick form: two calibrations, 0003-train and 0004-train."""
        if not numbers:
            return
        quick = {"mode": "offline", "dataset": "glyphs", "classes": [0], "offlineImages": 50, "seed": 1}
        for kind, parameters in [("calibrate", {"seed": 1}), ("calibrate", {"seed": 2}), ("train", quick), ("train", quick)]:
            self.daemon.finish(self.daemon.submit(kind, **parameters))
        # A pattern as a PNG, a frame and an image measured: what looking on looks at.
        self.run("odu-ctl slm show pattern.npy && odu-ctl slm shown --output grating.png && odu-ctl camera grab && "
                 "odu-ctl measure --patterns layers.npy --input images.npy --output frames.npy")
        self.upload()

    def upload(self):
        """The arrays that requests name."""
        for name in ["flat", "noise"]:
            self.run(f"curl --unix-socket {self.socket} -T {'layers' if name == 'flat' else 'images'}.npy "
                     f"http://odu/v1/arrays/{name}")

    def run(self, command, seconds=SECONDS, endless=False):
        """Status and output; of what is endless, 0 when it said something before it was ended."""
        process = subprocess.Popen(
            ["sh", "-c", command], cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
        try:
            output, _ = process.communicate(timeout=8 if endless else seconds)
            return process.returncode, output.decode(errors="replace")
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGINT)
            try:
                output, _ = process.communicate(timeout=10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                output, _ = process.communicate()
            if endless:
                wrote = [p for p in self.folder.glob("*.multipart") if p.stat().st_size > 0]
                return (0 if output or wrote else 1), output.decode(errors="replace")
            return -1, f"it did not end within {seconds} s: " + output.decode(errors="replace")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=pathlib.Path, default=BIN)
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--idle", action="store_true", help="without the busy loops")
    parser.add_argument("documents", nargs="*", type=pathlib.Path)
    options = parser.parse_args()
    documents = options.documents or [PROJECT / "README.md",
                                      *(page for part in GUIDES for page in sorted((PROJECT / "Docs" / part).rglob("*.md")))]
    if missing := [str(document) for document in documents if not document.is_file()]:
        sys.exit("there is no " + ", ".join(missing))
    loops = [] if options.idle else [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2)]
    began, counts, failures = time.monotonic(), {"ran": 0, "skipped": 0, "left to --long": 0}, []
    try:
        for document in documents:
            found = commands(document)
            if any(not skipped(command) for _, command, _ in found):
                with Place(options.bin.resolve()) as place:
                    check(place, document, found, options.long, counts, failures)
            else:
                counts["skipped"] += len(found)
    except Failure as failure:
        sys.exit(f"commands.py: {failure}")
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()
    print(f"commands of the guides: {', '.join(f'{count} {name}' for name, count in counts.items())}, "
          f"{len(failures)} failed, in {time.monotonic() - began:.0f} s")
    for failure in failures:
        print("FAILED " + failure)
    sys.exit(1 if failures else 0)


def skipped(command):
    return next((reason for pattern, reason in SKIPPED if re.search(pattern, command)), None)


def check(place, document, found, long, counts, failures):
    variables = ""
    place.prepare([command for _, command, _ in found if re.search(r"000[1-3]|cal |flat|slm|camera|modulators|runs|models", command)])
    for line, command, shown in found:
        if command.startswith("S="):
            variables = command.replace("/run/odu/odud.sock", str(place.socket)) + "; "
            continue
        if skipped(command):
            counts["skipped"] += 1
        elif not long and any(re.search(pattern, command) for pattern in LONG):
            counts["left to --long"] += 1
        else:
            real = command
            for pattern, name in NAMES:
                real = re.sub(pattern, name, real)
            real = real.replace("MODULATOR", place.modulator)
            for kind, job in place.jobs.items():
                real = re.sub(rf"\d{{4}}-{kind}", job, real)
            if '"flat"' in real:
                place.upload()
            endless = any(re.search(pattern, real) for pattern in ENDLESS)
            status, output = place.run(variables + real, SECONDS * (4 if long else 1), endless)
            counts["ran"] += 1
            # What is asked next of such a job is asked of the one that began here.
            if posted := re.search(r'"id":"(\d{4}-(train|generate))"', output) if " -d " in real else None:
                place.jobs[posted.group(2)] = posted.group(1)
                place.daemon.finish(posted.group(1), seconds=SECONDS * 4)
            if status != 0:
                failures.append(f"{document.name}:{line}: {command}\n    status {status}: {output.strip()[-600:]}")
            elif missing := missing_words(shown, output):
                failures.append(f"{document.name}:{line}: {command}\n    does not say {', '.join(missing)}: {output.strip()[-600:]}")


if __name__ == "__main__":
    main()
