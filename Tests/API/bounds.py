#!/usr/bin/env python3
"""Every limit of the daemon reached at once: its memory stays below the figure of Docs/reference/api.md, root is answered, and what is
cancelled ends. As root, clients of other users of the machine take part.

    bounds.py [--quick]

BIN is the folder of the programs. Exits 0 when every promise was kept."""

import argparse
import concurrent.futures
import contextlib
import http.client
import json
import os
import pathlib
import re
import resource
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from arrays import npy  # noqa: E402
from odud import PROJECT, Failure, free_port, running  # noqa: E402

MEBIBYTE = 1 << 20
PATIENCE = 20  # seconds for an answer on a busy machine


def promised_memory():
    """The figure of the guide, in bytes."""
    text = (PROJECT / "Docs/reference/api.md").read_text()
    found = re.search(r"stays below\s+(\d+)\s+MiB", text)
    if not found:
        raise Failure("Docs/reference/api.md states no bound of the memory")
    return int(found[1]) * MEBIBYTE


def connect(daemon, timeout=PATIENCE):
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(timeout)
    client.connect(daemon.socket)
    return client


def exchange(daemon, data, timeout=PATIENCE):
    """Sends bytes and returns all that comes until the daemon closes."""
    received = b""
    with connect(daemon, timeout) as client:
        client.sendall(data)
        with contextlib.suppress(TimeoutError):
            while part := client.recv(1 << 16):
                received += part
    return received


def expect(condition, promise):
    if not condition:
        raise Failure(promise)
    print(f"  {promise}")


def status_of(answer):
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else 0


# Requests


def protocol(daemon):
    """What HTTP says of methods, heads and bodies."""
    daemon.upload()
    for path in ["/", "/healthz", "/metrics", "/v1/status", "/v1/jobs", "/v1/arrays/layers", "/v1/runs", "/v1/bench"]:
        get, head = daemon.request("GET", path), daemon.request("HEAD", path)
        same = head.headers["Content-Type"] == get.headers["Content-Type"]
        if head.status != get.status or head.body or not same:
            raise Failure(f"HEAD {path}: {head.status} {head.body[:100]!r}, GET {get.status}")
    length = daemon.request("HEAD", "/v1/arrays/layers").headers["Content-Length"]
    expect(int(length) == len(daemon.request("GET", "/v1/arrays/layers").body), "HEAD says what GET would send")

    for method, path in [("DELETE", "/v1/status"), ("PUT", "/v1/jobs"), ("POST", "/v1/arrays/layers")]:
        answer = daemon.request(method, path)
        if answer.status != 405 or not answer.headers["Allow"]:
            raise Failure(f"{method} {path}: {answer.status}, Allow {answer.headers['Allow']}")
    expect(daemon.request("PUT", "/v1/jobs").headers["Allow"] == "GET, HEAD, POST", "wrong methods are 405 with Allow")

    array = npy([1, 2, 2])
    head = f"PUT /v1/arrays/e HTTP/1.1\r\nHost: odu\r\nConnection: close\r\nContent-Length: {len(array)}\r\n"
    with connect(daemon) as client:
        client.sendall((head + "Expect: 100-continue\r\n\r\n").encode())
        first = client.recv(1 << 16)
        client.sendall(array)
        rest = b""
        while part := client.recv(1 << 16):
            rest += part
    expect(status_of(first) == 100 and status_of(rest) == 201, "Expect: 100-continue is answered before the body")
    large = head.replace(str(len(array)), str(1 << 40)) + "Expect: 100-continue\r\n\r\n"
    expect(status_of(exchange(daemon, large.encode())) == 413, "and not when the body would be refused")
    hosts = b"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n"
    expect(status_of(exchange(daemon, hosts)) == 400, "two headers Host are refused")

    for body in ['{"kind":"calibrate",}', '{"kind":"calibrate"} x', '{"kind":"calibrate","kind":"measure"}', "[" * 200,
                 '{"kind":"calibrate","parameters":{"seed":01}}', "{'kind':'calibrate'}", '{"kind":"\t"}']:
        if daemon.request("POST", "/v1/jobs", body).status != 400:
            raise Failure(f"not refused: {body}")
    expect(not daemon.get("/v1/jobs")["jobs"], "what is no JSON is refused")


def ranges(daemon):
    whole = daemon.request("GET", "/v1/arrays/layers").body
    for text, start, end in [("5-9", 5, 10), ("100-", 100, None), ("-7", -7, None), (f"3-{1 << 60}", 3, None)]:
        answer = daemon.request("GET", "/v1/arrays/layers", headers={"Range": f"bytes={text}"})
        if answer.status != 206 or answer.body != whole[start:end]:
            raise Failure(f"Range {text}: {answer.status}, {len(answer.body)} bytes")
    answer = daemon.request("GET", "/v1/arrays/layers", headers={"Range": f"bytes={len(whole)}-"})
    expect(answer.status == 416 and not answer.body, "ranges of a file are served, and none beyond its end")


def replaced(daemon):
    """A download goes on although the file is removed, and a new one takes its name."""
    content = npy([64, 256, 256], [(index % 251) / 251 for index in range(64 * 256 * 256)])
    assert daemon.request("PUT", "/v1/arrays/kept", content).status == 201
    with connect(daemon) as client:
        client.sendall(b"GET /v1/arrays/kept HTTP/1.1\r\nHost: odu\r\nConnection: close\r\n\r\n")
        received = client.recv(1000)
        assert daemon.request("DELETE", "/v1/arrays/kept").status == 204
        assert daemon.request("PUT", "/v1/arrays/kept", npy([1, 2, 2])).status == 201
        while part := client.recv(1 << 20):
            received += part
    expect(received.endswith(content) and len(received) < len(content) + 1000,
           "a download is whole although its file was replaced")


def parallel_arrays(daemon):
    """The limit of the shelf holds for uploads that arrive together."""
    body, have = npy([1, 8, 8]), len(daemon.get("/v1/arrays")["arrays"])
    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(lambda n: daemon.request("PUT", f"/v1/arrays/p{n}", body).status, range(300)))
    kept = len(daemon.get("/v1/arrays")["arrays"])
    expect(kept == 256 and answers.count(201) == 256 - have and set(answers) == {201, 503},
           "300 uploads in parallel fill the shelf to 256 and not beyond")
    for n in range(300):
        daemon.request("DELETE", f"/v1/arrays/p{n}")
    expect(not [name for name in os.listdir(daemon.folder / "state/arrays") if name.startswith(".")],
           "and leave nothing unfinished")


def phases(daemon):
    twin = daemon.get("/v1/bench")["twin"]
    layers, grid = twin["geometry"]["layers"], twin["geometry"]["grid"]
    shape = [layers, grid, grid]
    daemon.request("PUT", "/v1/arrays/absurd", npy(shape, [1e30] * (layers * grid * grid)))
    answer = daemon.request("POST", "/v1/measure", '{"layers": "absurd"}')
    expect(answer.status == 400 and "phase" in answer.json()["error"]["message"], "absurd phases are refused")
    assert daemon.request("POST", "/v1/measure", '{"layers": "layers"}').status == 200
    expect(daemon.request("GET", "/v1/twin/prediction?of=both&format=npy").status == 200, "the twin answers the rest")


def large_parameters(daemon, count):
    """Parameters of a mebibyte are kept, and repeated nowhere."""
    name = "npy:" + "a" * 1_000_000
    jobs = [daemon.submit("train", mode="online", dataset=name) for _ in range(min(count, 30))]
    for job in jobs:
        daemon.until(lambda: daemon.get(f"/v1/jobs/{job}")["state"] == "failed", f"{job} fails", 60)
    summary = daemon.get(f"/v1/jobs/{jobs[0]}")
    expect(summary["parameters"]["dataset"] == name and len(summary["message"]) < 4096,
           "a job shows its own parameters whole, and its message quotes some of them")
    sizes = {path: len(daemon.request("GET", path).body) for path in ["/v1/jobs", "/v1/runs", "/v1/status"]}
    expect(max(sizes.values()) < 100_000, f"lists do not repeat them: {sizes}")
    with connect(daemon) as client:
        client.sendall(b"GET /v1/live HTTP/1.1\r\nHost: odu\r\n\r\n")
        got, end = 0, time.monotonic() + 3
        while time.monotonic() < end:
            got += len(client.recv(1 << 20))
    expect(got < MEBIBYTE, f"a follower gets {got} bytes in 3 s")


def irregular_files(daemon):
    pipe = daemon.folder / "pipe"
    os.mkfifo(pipe)
    for path, word in [(pipe, "pipe"), (daemon.folder, "folder"), ("/dev/zero", "device"), (daemon.socket, "socket")]:
        for kind, parameters in [
            ("train", {"mode": "online", "dataset": f"npy:{path}"}),
            ("train", {"mode": "online", "dataset": f"idx:{path}"}),
            ("generate", {"model": str(path), "on": "twin", "sampler": "ddim", "steps": 2, "count": 1}),
        ]:
            if kind == "generate" and word == "folder":
                continue  # a model may be given by its folder
            job = daemon.submit(kind, **parameters)
            daemon.until(lambda: daemon.get(f"/v1/jobs/{job}")["state"] == "failed", f"{job} fails", 20)
            message = daemon.get(f"/v1/jobs/{job}")["message"]
            if word not in message:
                raise Failure(f"{path}: {message}")
    secret = daemon.folder / "secret"
    secret.write_bytes(bytes([201, 202, 203, 204] * 10))
    job = daemon.submit("train", mode="online", dataset=f"idx:{secret}")
    daemon.until(lambda: daemon.get(f"/v1/jobs/{job}")["state"] == "failed", f"{job} fails", 20)
    message = daemon.get(f"/v1/jobs/{job}")["message"]
    expect("201" not in message and "202" not in message,
           "pipes, devices, folders and sockets are refused by what they are, and no content is told")


def waits_for_lease(daemon):
    with connect(daemon) as client:
        client.sendall(b"POST /v1/lease?seconds=60 HTTP/1.1\r\nHost: odu\r\nContent-Length: 0\r\n\r\n")
        received = b""
        while b"token" not in received:
            received += client.recv(1 << 16)
        job = daemon.submit("measure", layers="layers")
        daemon.until(lambda: daemon.get(f"/v1/jobs/{job}").get("cause") == "bench.inUse",
                     "a job says that it waits for a lease", 10)
        expect(daemon.get(f"/v1/jobs/{job}")["state"] == "queued", "and does not run meanwhile")
    daemon.finish(job, 60)


def full_queue(daemon):
    with connect(daemon) as client:
        client.sendall(b"POST /v1/lease?seconds=60 HTTP/1.1\r\nHost: odu\r\nContent-Length: 0\r\n\r\n")
        while b"token" not in client.recv(1 << 16):
            pass
        body = json.dumps({"kind": "measure", "parameters": {"layers": "layers"}})
        answers = [daemon.request("POST", "/v1/jobs", body).status for _ in range(200)]
        jobs = [job["id"] for job in daemon.get("/v1/jobs")["jobs"] if job["state"] == "queued"]
        for job in jobs:
            daemon.request("POST", f"/v1/jobs/{job}/cancel")
    lines = [line for line in daemon.said().splitlines() if "jobs wait already" in line]
    expect(answers.count(503) > 100 and 0 < len(lines) <= 10 and not any(" error " in line for line in lines),
           f"{answers.count(503)} refusals for a full queue are {len(lines)} warnings in the log")


# Connections

HOLD = """
import socket, sys, time
end = time.monotonic() + float(sys.argv[2])
held = []
while time.monotonic() < end:
    while len(held) < 66:
        s = socket.socket(socket.AF_UNIX); s.settimeout(0.2)
        try: s.connect(sys.argv[1])
        except OSError: break
        s.setblocking(False); held.append(s)
    alive = []
    for s in held:
        try:
            if s.recv(4096) == b"": s.close(); continue
        except BlockingIOError: pass
        except OSError: s.close(); continue
        alive.append(s)
    held = alive
    time.sleep(0.02)
"""


@contextlib.contextmanager
def strangers(daemon, count, seconds):
    """Users of the machine without a role, who hold as many connections as they get."""
    os.chmod(daemon.folder, 0o755)
    os.chmod(daemon.socket, 0o666)
    processes = [
        subprocess.Popen(["setpriv", "--reuid", str(60000 + number), "--regid", "60000", "--clear-groups", sys.executable,
                          "-c", HOLD, daemon.socket, str(seconds)])
        for number in range(count)
    ]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def crowd(daemon):
    if os.geteuid() != 0:
        print("  not root: without users who have no role")
        return
    with strangers(daemon, 8, 30):
        time.sleep(2)
        answers = [daemon.request("GET", "/healthz", timeout=5).status for _ in range(10)]
        expect(answers == [200] * 10, "root is answered beside eight users without a role who hold what they get")
        expect(daemon.open_files() < 200, "and these hold few connections")


FLOOD = """
import socket, sys
held = []
while True:
    try: held.append(socket.create_connection(("127.0.0.1", int(sys.argv[1])), 1))
    except OSError: pass
    if len(held) > 100: held.pop(0).close()
"""


def token_flood():
    """On TCP whoever shows a token is answered, beside clients of the same address that connect as fast as they can and show none.
    Before the token is read nobody can tell them apart, so that one may have to try again."""
    token, port = "a-token-for-the-flood", free_port()
    with tempfile.NamedTemporaryFile("w", suffix="-tokens") as tokens, contextlib.ExitStack() as stack:
        tokens.write(f"administer {token}\n")
        tokens.flush()
        daemon = stack.enter_context(running(options=["--listen", f"127.0.0.1:{port}", "--tokens", tokens.name]))

        def tries(_):
            """How often one has to ask for an answer."""
            for number in range(1, 4):
                client = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
                with contextlib.closing(client), contextlib.suppress(OSError, http.client.HTTPException):
                    client.request("GET", "/v1/jobs", headers={"Authorization": f"Bearer {token}"})
                    if client.getresponse().status == 200:
                        return number
            raise Failure("no answer in a flood")

        for _ in range(4):
            flood = subprocess.Popen([sys.executable, "-c", FLOOD, str(port)])
            stack.callback(flood.wait)
            stack.callback(flood.kill)
        time.sleep(1)
        with concurrent.futures.ThreadPoolExecutor(30) as pool:
            needed = list(pool.map(tries, range(150)))
        metrics = daemon.request("GET", "/metrics").body.decode()
        displaced = int(re.search(r'reason="displaced"\} (\d+)', metrics)[1])
        expect(displaced > 150, f"150 are answered in a flood of {displaced} connections, {needed.count(1)} at the first try")


def few_descriptors():
    def limited():
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))

    with running(preexec_fn=limited) as daemon:
        held = []
        for _ in range(80):
            client = socket.socket(socket.AF_UNIX)
            client.settimeout(1)
            with contextlib.suppress(OSError):
                client.connect(daemon.socket)
                held.append(client)
        time.sleep(1)
        before = daemon.processor_seconds()
        time.sleep(3)
        spent = (daemon.processor_seconds() - before) / 3
        for client in held:
            client.close()
        daemon.until(daemon.is_ready, "an answer once the clients are gone", 30)
        words = daemon.said()
        expect(spent < 0.1 and words.count("open files") in range(1, 6),
               f"with 64 descriptors it takes {100 * spent:.0f} % of a processor and says so")


# All at once


def all_at_once(daemon, quick):
    """Readers that read nothing, uploads that do not end, followers, requests of a mebibyte, a full queue and a job that
    measures; then memory, answers and cancel."""
    limit = promised_memory()
    size = 8 * MEBIBYTE if quick else 200 * MEBIBYTE
    daemon.request("PUT", "/v1/arrays/big", npy([size // 4 // 64 // 64, 64, 64]))
    twin = daemon.get("/v1/bench")["twin"]
    side = twin["input"]["size"]
    # Frames take what one measurement may have: without a block there is one number for each sample of the grid.
    images = (16 if quick else 250) * MEBIBYTE // (4 * twin["geometry"]["grid"] ** 2)
    daemon.upload()
    daemon.request("PUT", "/v1/arrays/inputs", npy([images, side, side]))
    worst, done = [0], threading.Event()

    def watch():
        while not done.wait(0.05):
            with contextlib.suppress(Failure, OSError):
                worst[0] = max(worst[0], daemon.memory())

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    clients = []

    def open_with(data, count):
        for _ in range(count):
            with contextlib.suppress(OSError):
                client = connect(daemon, 5)
                clients.append(client)
                client.settimeout(2)
                client.sendall(data)

    running = daemon.submit("measure", layers="layers", inputs="inputs", block=1)
    waiting = []
    for _ in range(40):
        answer = daemon.request("POST", "/v1/jobs", json.dumps(
            {"kind": "train", "parameters": {"mode": "online", "dataset": "npy:" + "b" * 1_000_000}}))
        if answer.status == 202:
            waiting.append(answer.json()["id"])
    open_with(b"GET /v1/arrays/big HTTP/1.1\r\nHost: odu\r\n\r\n", 20)
    open_with(b"PUT /v1/arrays/x HTTP/1.1\r\nHost: odu\r\nContent-Length: 268435456\r\n\r\n" + bytes(MEBIBYTE), 8)
    open_with(b"POST /v1/jobs HTTP/1.1\r\nHost: odu\r\nContent-Length: 1048576\r\n\r\n" + b" " * 1_000_000, 12)
    open_with(b"POST /v1/slm/show HTTP/1.1\r\nHost: odu\r\nContent-Length: 33554432\r\n\r\n" + bytes(31 * MEBIBYTE), 6)
    open_with(b"GET /v1/live HTTP/1.1\r\nHost: odu\r\n\r\n", 6)
    open_with(b"GET /v1/camera/live?rate=30&format=npy HTTP/1.1\r\nHost: odu\r\n\r\n", 6)
    with contextlib.ExitStack() as stack:
        if os.geteuid() == 0:
            stack.enter_context(strangers(daemon, 6, 60))
        slowest = 0.0
        end = time.monotonic() + (3 if quick else 10)
        while time.monotonic() < end:
            began = time.monotonic()
            daemon.get("/healthz")
            daemon.get("/v1/jobs")
            slowest = max(slowest, time.monotonic() - began)
        for job in waiting:
            daemon.request("POST", f"/v1/jobs/{job}/cancel")
        daemon.request("POST", f"/v1/jobs/{running}/cancel")
        ended = ("cancelled", "failed", "succeeded")
        daemon.until(lambda: all(daemon.get(f"/v1/jobs/{job}")["state"] in ended for job in [running, *waiting]),
                     "every job that was cancelled has ended", 60)
    done.set()
    watcher.join()
    for client in clients:
        client.close()
    peak = max(worst[0], daemon.memory("VmHWM"))
    expect(peak < limit, f"memory {peak / MEBIBYTE:.0f} MiB of {limit / MEBIBYTE:.0f} MiB with every limit reached")
    expect(slowest < 10, f"root waited at most {slowest:.1f} s for two answers")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="smaller files and shorter waits")
    arguments = parser.parse_args()
    try:
        for parts in [(protocol, ranges, replaced, parallel_arrays, phases, waits_for_lease, irregular_files, full_queue),
                      (lambda daemon: large_parameters(daemon, 30),), (crowd,),
                      (lambda daemon: all_at_once(daemon, arguments.quick),)]:
            with running() as daemon:
                for part in parts:
                    print(getattr(part, "__name__", "part"))
                    part(daemon)
        print("token_flood")
        token_flood()
        print("few_descriptors")
        few_descriptors()
    except Failure as failure:
        print(f"bounds: {failure}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
