"""A stand-in for odud that can be put into any state: missing devices, saturated frames, stale calibrations, restarts.

It answers the routes that the page uses with made-up data, and 404 where the daemon would. Only for the page's tests.
"""

import json
import math
import os
import random
import struct
import threading
import time
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

# What `GET /v1/kinds` of a daemon answers; a test of the service compares it.
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "kinds.json"), encoding="utf-8") as file:
    KINDS = json.load(file)

ROLES = ["none", "observe", "operate", "administer"]


def npy(kind, *planes):
    height, width = len(planes[0]), len(planes[0][0])
    shape = (height, width) if len(planes) == 1 else (len(planes), height, width)
    header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}"
    header += " " * (63 - (10 + len(header)) % 64) + "\n"
    code = {"<u2": "H", "<f4": "f"}[kind]
    body = b"".join(struct.pack(f"<{width}{code}", *row) for rows in planes for row in rows)
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + body


def png(rows):
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 0, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + bytes(row) for row in rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def date(ago=0):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - ago))


class Bench:
    """What the daemon would know. Tests change it directly."""

    def __init__(self):
        self.tokens = None  # {token: role}; nobody needs one when None
        self.process, self.started = 4711, time.time()
        self.state, self.message = "ready", None
        self.frames = {"accepted": 0, "tooEarly": 0, "missing": 0, "black": 0}
        self.number = None  # of the latest frame; None before the first
        self.exposing = False  # whether an idle bench takes frames for those who look on
        self.brightness = 3600
        self.devices = [
            {"name": "layer modulator", "kind": "modulator", "driver": "simulated", "width": 192, "height": 48,
             "state": "ready", "evidence": "flipEvent"},
            {"name": "input modulator", "kind": "modulator", "driver": "simulated", "width": 48, "height": 48,
             "state": "ready", "evidence": "flipEvent"},
            {"name": "camera", "kind": "camera", "driver": "simulated", "width": 96, "height": 96, "state": "ready"},
        ]
        self.jobs, self.events, self.calibrations, self.models = [], {}, [], []
        self.drift = {"drifted": False, "readings": [], "refinements": []}
        self.match = False
        self.kinds = KINDS
        self.seconds_per_job = 60
        self.requests = []  # (method, path, status)

    # MARK: jobs

    def submit(self, kind, parameters):
        job = {"id": f"{len(self.jobs) + 1:04}-{kind}", "kind": kind, "parameters": parameters, "state": "queued",
               "created": date(), "artefacts": []}
        self.jobs.append(job)
        self.events[job["id"]] = []
        self.event(job, "state", state="queued")
        return job

    def event(self, job, kind, **content):
        events = self.events[job["id"]]
        events.append({"sequence": len(events) + 1, "time": len(events) * 0.2, "type": kind, **content})

    def end(self, job, state):
        job.update(state=state, ended=date())
        self.event(job, "state", state=state)

    def running(self):
        return next((job for job in self.jobs if job["state"] in ("running", "paused")), None)

    def tick(self):
        """A tenth of a second of whatever runs."""
        job = self.running()
        if self.exposing and job is None:
            self.number = (self.number or 0) + 1
        if job is None:
            job = next((job for job in self.jobs if job["state"] == "queued"), None)
            if job is None:
                return
            job.update(state="running", started=date())
            self.event(job, "state", state="running")
        if job["state"] == "paused":
            return
        total = int(self.seconds_per_job * 10)
        done = job.get("progress", {}).get("completed", 0) + 1
        job["progress"] = {"phase": "train on bench", "completed": done, "total": total, "rate": 10.0,
                           "timeLeft": (total - done) / 10}
        self.number = (self.number or 0) + 16
        self.frames["accepted"] += 16
        self.frames["tooEarly"] += 1
        self.match = True
        if job["kind"] == "train":
            decay = math.exp(-done / 80) + 0.02 * random.random()
            self.event(job, "metrics", phase="set 0 bench", step=done,
                       values={"loss": 0.4 * decay + 0.03, "error": 0.3 * decay + 0.02, "discrepancy": 0.2 * decay + 0.01})
        if done >= total:
            job["artefacts"] = ["samples.png"] if job["kind"] == "generate" else []
            self.end(job, "succeeded")

    # MARK: pictures

    def spot(self, size, peak, ceiling, shift=0.0):
        phase = (self.number or 0) / 40
        x, y = size / 2 + size / 8 * math.cos(phase) + shift, size / 2 + size / 8 * math.sin(phase)
        rows = []
        for row in range(size):
            line = []
            for column in range(size):
                r = math.hypot(row - y, column - x) / size
                line.append(min(ceiling, peak * math.exp(-18 * r * r) * (0.55 + 0.45 * math.cos(50 * r))))
            rows.append(line)
        return rows

    def frame(self):
        return [[int(value) for value in row] for row in self.spot(96, self.brightness, 4095)]

    def histogram(self):
        values = [value for row in self.frame() for value in row]
        bins = [0] * 64
        for value in values:
            bins[value * 64 // 4096] += 1
        return {"number": self.number, "width": 96, "height": 96, "fullScale": 4095, "bins": bins,
                "saturated": sum(value >= 4095 for value in values), "mean": sum(values) / len(values),
                "largest": max(values)}

    def twin(self):
        return npy("<f4", self.spot(20, 1, 9), self.spot(20, 1, 9, shift=0.4))

    # MARK: JSON

    def status(self):
        running = self.running()
        return {"version": "0.1.0", "processIdentifier": self.process, "uptime": time.time() - self.started,
                "bench": "/etc/odu/bench.yaml", "stateDirectory": "/var/lib/odu", "simulated": True,
                "queued": sum(job["state"] == "queued" for job in self.jobs), "frames": self.frames, "state": self.state,
                **({"running": running, "benchHolder": running["id"]} if running else {}),
                **({"message": self.message} if self.message else {})}

    def live(self):
        answer = {"status": self.status(), "devices": self.devices, "jobs": self.jobs[-20:]}
        if self.number is not None:
            answer["frame"] = self.histogram()
        if self.match:
            answer["match"] = {"number": self.number, "discrepancy": 0.02 + 0.01 * random.random()}
        return answer


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    bench: Bench
    page: str

    def log_message(self, *_):
        pass

    def role(self):
        if self.bench.tokens is None:
            return "administer"
        return self.bench.tokens.get((self.headers.get("Authorization") or "").removeprefix("Bearer "), "none")

    def answer(self, status, body=b"", kind="application/json", **headers):
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        self.bench.requests.append((self.command, self.path, status))
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": len(body), "Odu-Role": self.role(), **headers}.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
        self.wfile.write(body)

    def refuse(self, status, code, message):
        self.answer(status, {"error": {"code": code, "message": message}})

    def stream(self, kind, chunks):
        self.bench.requests.append((self.command, self.path, 200))
        self.send_response(200)
        for name, value in {"Content-Type": kind, "Odu-Role": self.role(), "Connection": "close"}.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            for chunk in chunks:
                self.wfile.write(chunk)
                self.wfile.flush()
        except OSError:
            pass
        self.close_connection = True

    def part(self, name):
        with open(os.path.join(self.page, name), "rb") as file:
            return file.read()

    def do_GET(self):
        bench, url = self.bench, urlsplit(self.path)
        path, query = unquote(url.path), {key: values[0] for key, values in parse_qs(url.query).items()}
        if path == "/":
            policy = (
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'"
            )
            return self.answer(200, self.part("page.html"), "text/html; charset=utf-8", Content_Security_Policy=policy)
        if path == "/page.css":
            return self.answer(200, self.part("page.css"), "text/css; charset=utf-8")
        if path == "/page.js":
            return self.answer(200, self.part("page.js"), "text/javascript; charset=utf-8")
        if path == "/healthz":
            return self.answer(200, {"status": "ok" if bench.state == "ready" else "degraded"})
        if self.role() == "none":
            return self.refuse(401, "unauthorised", "there is no such token")
        if path == "/v1/live":
            return self.stream("text/event-stream", self.live())
        if path.startswith("/v1/jobs/") and path.endswith("/events"):
            name = path.split("/")[3]
            if name in bench.events:
                return self.stream("text/event-stream", self.events(name, int(query.get("after", 0))))
        if path.startswith("/v1/jobs/") and path.endswith("/samples.png"):
            return self.answer(200, png([[(row * 7 ^ column * 5) % 256 for column in range(96)] for row in range(96)]), "image/png")
        if path == "/v1/camera/latest" and bench.number is not None:
            return self.answer(200, npy("<u2", bench.frame()), "application/octet-stream", Odu_Frame=bench.number)
        if path == "/v1/twin/prediction" and bench.match:
            return self.answer(200, bench.twin(), "application/octet-stream")
        for device in bench.devices:
            if path == f"/v1/modulators/{device['name']}/pattern":
                shape, shift = (device["width"], device["height"]), bench.number or 0
                rows = [[(row * column // 8 + shift) % 256 for column in range(shape[0])] for row in range(shape[1])]
                return self.answer(200, png(rows), "image/png")
        if path == "/v1/kinds":
            return self.answer(200, bench.kinds)
        if path == "/v1/calibrations":
            return self.answer(200, {"calibrations": bench.calibrations})
        if path == "/v1/drift":
            return self.answer(200, bench.drift)
        if path == "/v1/models":
            return self.answer(200, {"models": bench.models})
        self.refuse(404, "not-found", f"there is no {path}")

    def do_POST(self):
        bench, parts = self.bench, self.path.split("/")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.role() in ("none", "observe"):
            return self.refuse(403, "forbidden", "operating the bench needs the role operate")
        if self.path == "/v1/jobs":
            wanted = json.loads(body)
            return self.answer(202, bench.submit(wanted["kind"], wanted["parameters"]))
        if self.path == "/v1/slm/show":
            return self.answer(204)
        if self.path.startswith("/v1/calibrations/") and parts[-1] == "restore":
            for item in bench.calibrations:
                item["inForce"] = item["id"] == parts[3]
            return self.answer(200, {})
        job = next((job for job in bench.jobs if len(parts) == 5 and job["id"] == parts[3]), None)
        if job is None:
            return self.refuse(404, "not-found", f"there is no {self.path}")
        if parts[4] == "cancel":
            bench.end(job, "cancelled")
        else:
            job["state"] = {"pause": "paused", "resume": "running"}[parts[4]]
        self.answer(200, job)

    # MARK: streams

    def live(self):
        while not self.server.closing.wait(0.5):
            yield f"event: status\ndata: {json.dumps(self.bench.live())}\n\n: beat\n\n".encode()

    def events(self, name, after):
        job = next(job for job in self.bench.jobs if job["id"] == name)
        while not self.server.closing.wait(0.1):
            over = "ended" in job
            for event in self.bench.events[name][after:]:
                yield f"id: {event['sequence']}\nevent: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()
                after = event["sequence"]
            if over:
                return


class Server(ThreadingHTTPServer):
    """Serves a bench on a loopback port until `stop`; the bench may be served again afterwards."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, bench, page, port=0):
        super().__init__(("127.0.0.1", port), type("BenchHandler", (Handler,), {"bench": bench, "page": page}))
        self.bench, self.closing = bench, threading.Event()
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        threading.Thread(target=self.work, daemon=True).start()

    def work(self):
        while not self.closing.wait(0.1):
            self.bench.tick()

    def stop(self):
        self.closing.set()
        self.shutdown()
        self.server_close()

    def handle_error(self, *_):
        pass  # browsers hang up whenever they like
