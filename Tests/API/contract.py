#!/usr/bin/env python3
"""Docs/openapi.yaml against a running daemon: first requests that are known to succeed, then streams, byte by byte,
then whatever schemathesis makes of the document.

    contract.py [options of schemathesis run]

BIN is the folder of the programs. Exits 0 when everything conforms, 77 when schemathesis cannot be had."""

import json
import os
import pathlib
import subprocess
import sys
import time
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
SUPPORT = HERE.parent / "support"
PROJECT = HERE.parents[1]
ENVIRONMENT = PROJECT / ".build" / "api-venv"
DOCUMENT = PROJECT / "Docs" / "openapi.yaml"
TOKEN = "a-token-for-the-contract-test"


def enter_environment():
    """Starts this script again with the packages that it needs, which go to .build/api-venv once."""
    python, stamp = ENVIRONMENT / "bin" / "python", ENVIRONMENT / "requirements.txt"
    wanted = (HERE / "requirements.txt").read_text()
    if not stamp.exists() or stamp.read_text() != wanted:
        install = [python, "-m", "pip", "install", "--quiet", "-r", HERE / "requirements.txt"]
        for command in ([sys.executable, "-m", "venv", ENVIRONMENT], install):
            result = subprocess.run(command, capture_output=True, text=True)
            if result.returncode != 0:
                reason = (result.stderr or result.stdout).strip().splitlines()
                print(f"SKIPPED: {command[2]} failed: {reason[-1] if reason else 'without a reason'}", file=sys.stderr)
                sys.exit(77)
        stamp.write_text(wanted)
    if pathlib.Path(sys.prefix).resolve() != ENVIRONMENT.resolve():
        os.execv(python, [python, __file__, *sys.argv[1:]])


enter_environment()
import jsonschema_rs  # noqa: E402
import schemathesis  # noqa: E402
import yaml  # noqa: E402

sys.path.insert(0, str(SUPPORT))
from forwarder import Forwarder  # noqa: E402
from odud import BIN, Failure, free_port, running  # noqa: E402
from streams import Stream  # noqa: E402

PNG = b"\x89PNG\r\n\x1a\n"
NPY = b"\x93NUMPY"


# MARK: known requests


def prepare(daemon):
    """One job of every kind that is quick, so that there is something of everything."""
    daemon.upload(images=20)
    daemon.finish(daemon.submit("measure", layers="layers", inputs="inputs"))
    daemon.finish(daemon.submit("calibrate", seed=1))
    daemon.finish(daemon.submit("train", mode="offline", dataset="glyphs", classes=[0], offlineImages=50, seed=1))


def known(daemon):
    """Requests that must succeed on this daemon, as (method, path template, members of the path, query, body)."""
    # Names with blanks are encoded as in a path, %20.
    modulator = daemon.get("/v1/devices")["devices"][0]["name"]
    shown = daemon.request("POST", f"/v1/slm/show?device={urllib.parse.quote(modulator)}", b'{"pattern": "blank"}')
    if shown.status != 204:
        raise Failure(f"a modulator chosen by its name, {modulator}: {shown.status} {shown.body!r}")
    calibration = daemon.get("/v1/calibrations")["calibrations"][0]["id"]
    model = daemon.get("/v1/models")["models"][0]["id"]
    yield "GET", "/", {}, {}, None
    for path in [
        "/healthz",
        "/v1/healthz",
        "/metrics",
        "/v1/status",
        "/v1/devices",
        "/v1/bench",
        "/v1/simulated/truth",
        "/v1/configuration",
        "/v1/arrays",
        "/v1/jobs",
        "/v1/runs",
        "/v1/calibrations",
        "/v1/calibrations/export",
        "/v1/models",
        "/v1/kinds",
        "/v1/camera/histogram",
    ]:
        yield "GET", path, {}, {}, None
    for form in ["npy", "png"]:
        for path in ["/v1/camera/frame", "/v1/camera/latest", "/v1/detector/latest", "/v1/twin/prediction"]:
            yield "GET", path, {}, {"format": form}, None
        yield "GET", "/v1/twin/prediction", {}, {"format": form, "of": "difference"}, None
        yield "GET", "/v1/modulators/{name}/pattern", {"name": modulator}, {"format": form}, None
    for job in ["0001-measure", "0002-calibrate", "0003-train"]:
        for path in ["/v1/jobs/{id}", "/v1/jobs/{id}/result", "/v1/runs/{id}"]:
            yield "GET", path, {"id": job}, {}, None
    for job, name in [
        ("0001-measure", "frames.npy"),
        ("0001-measure", "evidence.json"),
        ("0002-calibrate", "calibration.json"),
        ("0003-train", "model.odu"),
    ]:
        yield "GET", "/v1/jobs/{id}/artefacts/{name}", {"id": job, "name": name}, {}, None
    yield "GET", "/v1/runs", {}, {"limit": 1, "before": "0003-train"}, None
    yield "GET", "/v1/arrays/{name}", {"name": "layers"}, {}, None
    yield "GET", "/v1/calibrations/{id}", {"id": calibration}, {}, None
    yield "POST", "/v1/calibrations/{id}/restore", {"id": calibration}, {}, None
    yield "GET", "/v1/models/{id}", {"id": model}, {}, None
    yield "GET", "/v1/models/{id}/file", {"id": model}, {}, None
    yield "POST", "/v1/measure", {}, {}, {"layers": "layers", "inputs": "inputs"}
    yield "POST", "/v1/measure", {}, {"format": "json"}, {"layers": "layers", "inputs": "inputs"}
    yield "POST", "/v1/slm/show", {}, {}, {"pattern": "blank"}
    yield "POST", "/v1/simulated/advance", {}, {}, {"seconds": 60}
    yield "POST", "/v1/configuration/reload", {}, {}, None


def succeed(daemon, document, url, token):
    """Every known request succeeds and its answer is as documented."""
    # Without `security`, since what happens without a token is explored below, where a wrong one takes a second each.
    schema = schemathesis.openapi.from_dict({**document, "security": []})
    count = 0
    for method, template, members, query, body in known(daemon):
        case = schema[template][method].Case(
            path_parameters=members, query=query, **({"body": body, "media_type": "application/json"} if body else {})
        )
        answer = case.call(base_url=url, headers={"Authorization": f"Bearer {token}"} if token else {})
        if not 200 <= answer.status_code < 300:
            raise Failure(f"{method} {template} {members} {query}: {answer.status_code} {answer.content[:300]!r}")
        case.validate_response(answer)
        start = {"npy": NPY, "png": PNG}.get(query.get("format", ""), b"")
        if not answer.content.startswith(start):
            raise Failure(f"{method} {template} {query}: begins with {answer.content[:8]!r}")
        count += 1
    print(f"{count} known requests succeed as documented")


# MARK: streams


class Streams:
    def __init__(self, daemon, document):
        self.daemon, self.document = daemon, document

    def valid(self, name, value):
        schema = {"$ref": f"#/components/schemas/{name}", "components": self.document["components"]}
        for error in jsonschema_rs.validator_for(schema).iter_errors(value):
            raise Failure(f"{name} in a stream: {error.message}: {value}")

    def job_events(self):
        job = self.daemon.submit("measure", layers="layers", inputs="inputs")
        events = self.events_of(f"/v1/jobs/{job}/events")
        if [event["type"] for event in events[:2]] != ["state", "state"] or events[-1]["state"] != "succeeded":
            raise Failure(f"events of {job} do not tell of its life: {events}")
        middle = events[1]["sequence"]
        rest = [event for event in events if event["sequence"] > middle]
        for answer in (
            self.events_of(f"/v1/jobs/{job}/events?after={middle}"),
            self.events_of(f"/v1/jobs/{job}/events", {"Last-Event-ID": str(middle)}),
        ):
            # Of progress only the latest of each phase is kept, so that the past may have fewer events than there were.
            if not answer or answer[-1] != rest[-1] or any(event["sequence"] <= middle for event in answer):
                raise Failure(f"events after {middle}: {answer}, expected them to end with {rest[-1]}")

    def events_of(self, path, headers=None):
        events = []
        with Stream(self.daemon, path, headers=headers) as stream:
            for fields, event in stream.events():
                self.valid("JobEvent", event)
                if fields["id"] != str(event["sequence"]) or fields["event"] != event["type"]:
                    raise Failure(f"{path}: {fields} do not belong together")
                if events and event["sequence"] <= events[-1]["sequence"]:
                    raise Failure(f"{path}: {event['sequence']} comes after {events[-1]['sequence']}")
                events.append(event)
        return events

    def live_status(self):
        with Stream(self.daemon, "/v1/live") as stream:
            events = stream.events()
            times = []
            for _ in range(3):
                fields, status = next(events)
                self.valid("LiveStatus", status)
                times.append(status["status"]["uptime"])
                if fields["event"] != "status":
                    raise Failure(f"/v1/live: an event {fields['event']}")
            if times != sorted(set(times)):
                raise Failure(f"/v1/live: does not advance: {times}")

    def live_frames(self):
        for form, start in [("png", PNG), ("npy", NPY)]:
            path = f"/v1/camera/live?format={form}&rate=30"
            with Stream(self.daemon, path, content_type="multipart/x-mixed-replace; boundary=frame") as stream:
                parts, numbers = stream.parts(), []
                for _ in range(4):
                    headers, body = next(parts)
                    numbers.append(int(headers["odu-frame"]))
                    kind = "image/png" if form == "png" else "application/octet-stream"
                    if not body.startswith(start) or headers["content-type"] != kind:
                        raise Failure(f"{path}: a part with {headers} begins with {body[:8]!r}")
                if numbers != sorted(set(numbers)):
                    raise Failure(f"{path}: frames come as {numbers}")

    def lease(self):
        measure = ("POST", "/v1/measure", b'{"layers": "layers"}')
        with Stream(self.daemon, "/v1/lease?seconds=60", method="POST") as stream:
            fields, grant = next(stream.events())
            if fields["event"] != "lease":
                raise Failure(f"/v1/lease: an event {fields}")
            statuses = [
                self.daemon.request(*measure, headers=headers).status
                for headers in ({}, {"Odu-Lease": grant["token"]}, {"Odu-Lease": "another"})
            ]
            if statuses != [409, 200, 409]:
                raise Failure(f"measuring without, with and with another lease: {statuses}, expected 409, 200, 409")
        self.daemon.until(
            lambda: self.daemon.request(*measure).status == 200, "the bench is free when the lease's owner is gone", 10
        )

    def run(self):
        for check in (self.job_events, self.live_status, self.live_frames, self.lease):
            check()
            print(f"stream: {check.__name__.replace('_', ' ')} as documented")


# MARK: schemathesis


def explore(daemon, document, url, token, options):
    """What schemathesis makes of the document; without a token nothing of it is about tokens."""
    described = daemon.folder / "openapi.json"
    described.write_text(json.dumps(document if token else {**document, "security": []}))
    command = [ENVIRONMENT / "bin" / "schemathesis", "--config-file", HERE / "schemathesis.toml", "--no-color", "run"]
    command += [described, "--url", url, "--max-examples", "15", *options]
    if token:
        command += ["--header", f"Authorization: Bearer {token}"]
    environment = dict(os.environ, ODU_API_TOKEN=token, SCHEMATHESIS_HOOKS="hooks", PYTHONPATH=f"{HERE}:{SUPPORT}")
    begin = time.monotonic()
    result = subprocess.run(command, env=environment, cwd=daemon.folder, timeout=900)
    print(f"schemathesis: status {result.returncode} after {time.monotonic() - begin:.0f} s")
    if result.returncode != 0:
        raise Failure("schemathesis found that the daemon and Docs/openapi.yaml differ")


def listens():
    """Whether odud can listen on TCP."""
    text = subprocess.run([BIN / "odud", "--help"], capture_output=True, text=True).stdout
    return "--listen" in text


def main():
    options = sys.argv[1:]
    document = yaml.safe_load(DOCUMENT.read_text())
    tokens = ENVIRONMENT / "tokens"
    tokens.write_text(f"administer {TOKEN}\n")
    tokens.chmod(0o600)
    port = free_port()
    tcp = ["--listen", f"127.0.0.1:{port}", "--tokens", tokens] if listens() else []
    token = TOKEN if tcp else ""
    with running(options=tcp) as daemon, Forwarder(daemon.socket) as forwarded:
        url = f"http://127.0.0.1:{port if tcp else forwarded}"
        if not options:
            prepare(daemon)
            succeed(daemon, document, url, token)
            Streams(daemon, document).run()
        explore(daemon, document, url, token, options)
        if daemon.get("/v1/healthz")["status"] != "ok":
            raise Failure("the daemon is not well after schemathesis")


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"FAILED contract: {failure}")
