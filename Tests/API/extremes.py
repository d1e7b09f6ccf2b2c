#!/usr/bin/env python3
"""Numbers at the ends of what a type holds, wherever somebody outside can put one: requests, files of the state folder, names of
folders, command lines, bench files. Whatever they mean, no program may end by a signal."""

import argparse
import http.client
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from arrays import npy  # noqa: E402
from odud import BIN, PROFILES, SMALL_BENCH, Connection, Failure, running  # noqa: E402

INTEGERS = [0, -1, 1, 2**31, -(2**31) - 1, 2**32, 2**53 + 1, 2**62, 2**63 - 1, -(2**63), 2**63, 2**64 - 1, 2**64, 10**30]
REALS = [-0.0, 5e-324, 1e-300, 1e30, 1.7e308, -1.7e308]
WORDS = ["nan", "inf", "-inf", "1e999", "", "-", "+5", "0x10", "٣"]


def texts(chance, count):
    return [str(value) for value in chance.sample(INTEGERS + REALS, count)] + chance.sample(WORDS, 3)


# MARK: requests

PARAMETERS = {
    "generate": {"model": "0001-train", "on": "twin", "sampler": "ddim", "steps": 5, "count": 1, "seed": 1, "contrast": 1.3},
    "train": {
        "mode": "offline", "dataset": "glyphs", "classes": [0, 3], "seed": 1, "offlineImages": 64, "benchSteps": 1},
    "calibrate": {"seed": 1},
    "compare": {"dataset": "glyphs", "classes": [0, 3], "seed": 1, "set": 4, "steps": 1, "misalignment": 1.2},
    "measure": {"layers": "layers", "inputs": "inputs", "block": 1},
}
QUERIES = [
    "/v1/runs?limit={}", "/v1/runs?before={}", "/v1/runs?before={}-train", "/v1/jobs/0001-train/events?after={}",
    "/v1/camera/frame?format={}", "/v1/jobs/{}", "/v1/models/{}", "/v1/calibrations/{}",
]
STREAMS = ["/v1/camera/live?rate={}"]


def requests(daemon, chance):
    count = 0
    for kind, parameters in PARAMETERS.items():
        for name in parameters:
            for value in chance.sample(INTEGERS + REALS, 8) + [str(2**63), [2**63 - 1, -1], {"a": 1e308}]:
                body = json.dumps({"kind": kind, "parameters": {**parameters, name: value}})
                answer = daemon.request("POST", "/v1/jobs", body)
                count += 1
                if answer.status == 202:
                    daemon.request("POST", f"/v1/jobs/{answer.json()['id']}/cancel")
                elif answer.status not in (400, 422, 429, 503):
                    raise Failure(f"{body}: {answer.status} {answer.body[:200]!r}")
    for seconds in INTEGERS + REALS:
        count += 2
        daemon.request("POST", "/v1/simulated/advance", json.dumps({"seconds": seconds}))
        daemon.request("POST", "/v1/measure", json.dumps({"layers": "layers", "block": seconds}))
    for query in QUERIES:
        for text in texts(chance, 8):
            count += 1
            refused(daemon, "GET", query.format(text.replace(" ", "%20")), {})
    for text in texts(chance, 8):
        for path in STREAMS + ["/v1/jobs/0001-train/events"]:
            count += 1
            begin(daemon, path.format(text), {"Last-Event-ID": text.encode()})
        begin(daemon, f"/v1/lease?seconds={text}", {}, "POST")
    return count


def wait(daemon, job):
    """Until the job has ended in whatever way."""
    ended = ("succeeded", "failed", "cancelled")
    daemon.until(lambda: daemon.get(f"/v1/jobs/{job}")["state"] in ended, f"job {job} ends", 120, interval=0.1)


def refused(daemon, method, path, headers):
    answer = daemon.request(method, path.encode("ascii", "replace").decode(), headers=headers)
    if answer.status >= 500 and answer.status != 503:
        raise Failure(f"{method} {path}: {answer.status} {answer.body[:200]!r}")


def begin(daemon, path, headers, method="GET"):
    """Asks for what may have no end, and reads its beginning."""
    connection = Connection(daemon.socket)
    try:
        connection.request(method, path.encode("ascii", "replace").decode(), headers=headers)
        answer = connection.getresponse()
        if answer.status != 200 and answer.status >= 500 and answer.status != 503:
            raise Failure(f"{method} {path}: {answer.status}")
    finally:
        connection.close()


# MARK: files

NUMBER = re.compile(rb"(?<=[:,\[])-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?(?=[,}\]])")


def changed(content, chance):
    """The content of a state file with one of its numbers changed, under a right checksum."""
    header, _, body = content.partition(b"\n")
    numbers = list(NUMBER.finditer(body))
    if not numbers:
        return None, None
    place = chance.choice(numbers)
    value = str(chance.choice(INTEGERS + REALS)).encode()
    body = body[: place.start()] + value + body[place.end() :]
    schema = re.search(rb"schema=(\d+)", header)[1].decode()
    key = re.findall(rb'"(\w+)"', body[: place.start()])
    text = f"odu-state schema={schema} crc32={zlib.crc32(body):08x} length={len(body)}\n".encode()
    return text + body, f"{key[-1].decode() if key else '?'} = {value.decode()}"


def state_files(daemon):
    for folder, _, names in os.walk(daemon.folder / "state"):
        for name in sorted(names):
            path = os.path.join(folder, name)
            if os.path.getsize(path) and open(path, "rb").read(9) == b"odu-state" and not name.endswith(".previous"):
                yield path


def use(daemon, starts):
    """Everything that reads the state."""
    for path in ("/v1/jobs", "/v1/runs", "/v1/models", "/v1/calibrations", "/v1/status", "/v1/bench", "/v1/live"):
        if path == "/v1/live":
            begin(daemon, path, {})
        else:
            refused(daemon, "GET", path, {})
    for path in ("/v1/jobs/0001-train/events?after=0", "/v1/jobs/0002-calibrate/events"):
        begin(daemon, path, {})
    for kind in ("generate", "calibrate"):
        answer = daemon.request("POST", "/v1/jobs", json.dumps({"kind": kind, "parameters": PARAMETERS[kind]}))
        if answer.status == 202:
            wait(daemon, answer.json()["id"])


def files(daemon, chance, rounds):
    paths = list(state_files(daemon))
    for round in range(rounds):
        path = paths[round % len(paths)]
        whole = open(path, "rb").read()
        content, what = changed(whole, chance)
        if content is None:
            continue
        restart(daemon, lambda: open(path, "wb").write(content))
        try:
            use(daemon, round)
        except (OSError, Failure) as error:
            raise Failure(f"{os.path.relpath(path, daemon.folder)} with {what}: {error}; {daemon.words()}") from None
        restart(daemon, lambda: open(path, "wb").write(whole))
    return rounds


def names(daemon):
    """Folders and files whose names begin with numbers, and sparse files that say to be as large as a file can be."""
    state = daemon.folder / "state"
    made = []
    for number in [2**63 - 2, 2**63 - 1, 2**63, 10**30, 999_999_999_998, 0, "-1", "+7", "٣"]:
        made.append(state / "runs" / f"{number}-x")
        made.append(state / "calibrations" / f"{number}.state")
    def make():
        for path in made:
            path.write_text("x") if path.suffix else path.mkdir()
        for folder in (made[0], state / "runs" / "0001-train", state / "arrays"):
            for name in ("a.npy", "b.npy"):
                with open(folder / name, "wb") as file:
                    file.truncate(2**43)
    restart(daemon, make)
    use(daemon, 0)
    return len(made)


def restart(daemon, between):
    daemon.stop()
    between()
    daemon.start()
    daemon.await_ready(60)


# MARK: command lines and bench files

COMMANDS = [
    "optics propagate --input FIELD --output OUT --pitch 8e-6 --wavelength 850e-9 --distance 1e-3 --padding 1",
    "diffusion schedule --steps 10", "twin measure --bench none.yaml --output OUT --frames 2 --held-out 1 --grey-levels 1 --seed 1",
    "generate --socket none.sock --model OUT --on twin --steps 2 --count 1 --seed 1 --output OUT", "calibrate --seed 1",
    "train --mode offline --bench none.yaml --dataset glyphs --classes 0 --seed 1 --threads 1 --output OUT",
    "camera live --output OUT --count 1 --rate 5", "runs list --limit 1 --before 1", "measure --layers FIELD --block 1 --output OUT",
    "lease --seconds 1 -- true", "demo --dataset npy:none --classes 0 --seed 1 --threads 1 --output OUT",
    "twin fit --bench none.yaml --measurements OUT --held-out 1 --saturation 1 --output OUT",
]


def command_lines(chance):
    count = 0
    with tempfile.TemporaryDirectory() as folder:
        field = os.path.join(folder, "field.npy")
        open(field, "wb").write(npy([1, 8, 16]).replace(b"'<f4'", b"'<c8'").replace(b"(1, 8, 16)", b"(1, 8, 8) "))
        for command in COMMANDS:
            words = command.replace("FIELD", field).replace("OUT", os.path.join(folder, "none", "out.npy")).split()
            places = [i for i, word in enumerate(words) if re.fullmatch(r"-?[0-9][0-9.e-]*", word)]
            for place in places:
                for text in texts(chance, 7):
                    run(words[:place] + [text] + words[place + 1 :], folder)
                    count += 1
    return count


def run(words, folder):
    environment = {**os.environ, "ODU_SOCKET": os.path.join(folder, "no.sock"), "SWIFT_BACKTRACE": "enable=no"}
    done = subprocess.run(
        [BIN / "odu-ctl", *words], stdin=subprocess.DEVNULL, capture_output=True, timeout=120, env=environment, check=False)
    if done.returncode < 0:
        raise Failure(f"odu-ctl {' '.join(words)}: signal {-done.returncode}: {done.stderr[-300:]!r}")


def bench_files(chance, rounds):
    number = re.compile(r"(?<=[:\[, ])-?[0-9]+(?:\.[0-9]+)?(?:e-?[0-9]+)?(?=[,}\]\n])")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "bench.yaml")
        for name in ("simulated", "realistic"):
            text = (PROFILES / f"{name}.yaml").read_text()
            places = list(number.finditer(text))
            for _ in range(rounds):
                place = chance.choice(places)
                value = chance.choice(texts(chance, 6))
                with open(path, "w") as file:
                    file.write(text[: place.start()] + value + text[place.end() :])
                run(["bench", "validate", path], folder)
    return 2 * rounds


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20, help="changes to state files; ten times as many to bench files")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    chance = random.Random(options.seed)
    print(f"{command_lines(chance)} command lines", flush=True)
    print(f"{bench_files(chance, 10 * options.rounds)} bench files", flush=True)
    on_a_bench(chance, options.rounds)


def on_a_bench(chance, rounds):
    with running(bench=SMALL_BENCH) as daemon:
        daemon.upload()
        for kind in ("train", "calibrate"):
            wait(daemon, daemon.submit(kind, **PARAMETERS[kind]))
        print(f"{requests(daemon, chance)} requests", flush=True)
        print(f"{files(daemon, chance, rounds)} changed state files", flush=True)
        print(f"{names(daemon)} names", flush=True)


if __name__ == "__main__":
    try:
        main()
    except (Failure, OSError, http.client.HTTPException) as failure:
        print(f"{type(failure).__name__}: {failure}", file=sys.stderr)
        sys.exit(1)
