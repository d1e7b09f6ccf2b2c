#!/usr/bin/env python3
"""A calibrated bench goes home: exported from one daemon, simulated by another, and its calibrations put in force in a third.

    export.py

BIN is the folder of the programs. Exits 0 when every promise was kept."""

import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from odud import BIN, SMALL_BENCH, Failure, running  # noqa: E402


def expect(condition, promise):
    if not condition:
        raise Failure(promise)
    print(f"  {promise}")


def odu_ctl(daemon, *words):
    done = subprocess.run([BIN / "odu-ctl", *map(str, words), "--socket", daemon.socket], capture_output=True, text=True)
    if done.returncode != 0:
        raise Failure(f"odu-ctl {' '.join(map(str, words))}: {done.stderr}")
    return done.stdout


def in_force(daemon):
    return {found["kind"]: found for found in daemon.get("/v1/calibrations")["calibrations"] if found["inForce"]}


def home(file):
    """The bench as it is where its devices are: its calibration, and the file."""
    with running(bench=SMALL_BENCH) as daemon:
        daemon.finish(daemon.submit("calibrate"))
        found = in_force(daemon)["twin"]
        words = odu_ctl(daemon, "cal", "export", file)
        expect("lost or broken" in words, "what the simulation cannot know is said")
        return {parameter["name"]: parameter["value"] for parameter in found["parameters"]}, found


def simulated(file, values, original):
    with running(bench=file, options=["--simulate"]) as daemon:
        found = in_force(daemon).get("twin")
        expect(found and found["contentHash"] == original["contentHash"] and not found["stale"],
               "a daemon on the file has the calibration in force from the start")
        truth = daemon.get("/v1/simulated/truth")
        off = {name: (truth[name], value) for name, value in values.items() if name in truth and truth[name] != value}
        expect(not off and {"mirrorTiltX", "beamTiltY"} <= truth.keys(), f"the plant is what the calibration says {off}")
        daemon.upload()
        answer = daemon.request("POST", "/v1/measure", '{"layers": "layers"}')
        expect(answer.status == 200, "and it measures")
        daemon.finish(daemon.submit("calibrate"))
        after = in_force(daemon)["twin"]
        expect(after["id"] != found["id"] and after["discrepancyAfter"] < 0.03, "it can be calibrated as the bench itself")


def apart(file):
    """Where no option says so, bench and simulation have state folders of their own."""
    folder = file.parent
    (folder / "run" / "odu").mkdir(parents=True)
    environment = {**os.environ, "XDG_STATE_HOME": str(folder / "states"), "XDG_RUNTIME_DIR": str(folder / "run")}
    places = []
    for options in [[], ["--simulate"]]:
        with running(bench=file, options=options, usual_places=True, env=environment) as daemon:
            places.append(daemon.get("/v1/status")["stateDirectory"])
    expect([pathlib.Path(place).name for place in places] == ["odu", "odu-simulated"],
           "a simulation has a state folder of its own")


def elsewhere(file, original):
    with running(bench=SMALL_BENCH) as daemon:
        expect(not in_force(daemon), "a daemon on the bench's own file knows nothing of it")
        said = [odu_ctl(daemon, "cal", "import", file) for _ in range(2)]
        expect(said[0] == said[1] and "in force" in said[0], "the calibrations are put in force, twice as well as once")
        found = in_force(daemon)["twin"]
        expect(found["contentHash"] == original["contentHash"] and found["date"] == original["date"],
               "they are the same ones, of the same date")
        refused = daemon.request("POST", "/v1/calibrations", pathlib.Path(SMALL_BENCH).read_bytes())
        expect(refused.status == 400 and "calibration" in refused.json()["error"]["message"],
               "a file that carries none is refused")
    with running() as daemon:
        refused = daemon.request("POST", "/v1/calibrations", file.read_bytes())
        expect(refused.status == 409 and refused.json()["error"]["cause"] == "calibration.stale.bench" and not in_force(daemon),
               "those of another bench are refused")


def main():
    try:
        with tempfile.TemporaryDirectory(prefix="odu-export-") as folder:
            file = pathlib.Path(folder) / "at-home.yaml"
            values, original = home(file)
            simulated(file, values, original)
            apart(file)
            elsewhere(file, original)
    except Failure as failure:
        print(f"export: {failure}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
