#!/usr/bin/env python3
"""Hostile clients against a daemon that measures: nothing that they send may stop a job, end the daemon, be answered
with a 5xx or make memory grow without bound.

    hostile.py [--requests 10000] [--slow 200] [--seed 1]

BIN is the folder of the programs. Exits 0 when every promise was kept."""

import argparse
import collections
import concurrent.futures
import pathlib
import random
import re
import select
import socket
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from malformed import MAKERS, request  # noqa: E402
from odud import Failure, running  # noqa: E402

MEBIBYTE = 1 << 20
UNDER_WAY = ("queued", "running", "paused")
UPLOADS = 8  # oversized ones at the same time
PATIENCE = 60  # seconds for an answer or the end of a connection, on a busy machine
SLOW_PATIENCE = 120  # seconds until slow clients have been sent away


class Measuring(threading.Thread):
    """Measuring jobs one after the other until told to stop; all of them must succeed."""

    def __init__(self, daemon):
        super().__init__(daemon=True)
        self.bench, self.done, self.succeeded, self.failure = daemon, threading.Event(), 0, None

    def run(self):
        try:
            while not self.done.is_set():
                job = self.patiently(lambda: self.bench.submit("measure", layers="layers", inputs="inputs"))
                while (summary := self.patiently(lambda: self.bench.get(f"/v1/jobs/{job}")))["state"] in UNDER_WAY:
                    time.sleep(0.1)
                if summary["state"] != "succeeded":
                    raise Failure(f"job {job}: {summary['state']}, {summary.get('message')}")
                self.succeeded += 1
        except Exception as error:  # told in the main thread
            self.failure = error

    @staticmethod
    def patiently(ask):
        """Slow clients may hold every connection for a while; the job goes on meanwhile."""
        deadline = time.monotonic() + SLOW_PATIENCE
        while True:
            try:
                return ask()
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, kind, *_):
        self.done.set()
        self.join()
        if kind is None and self.failure:
            raise Failure(f"a measuring job beside hostile clients: {self.failure}")


def converse(daemon, data):
    """Sends bytes, reading meanwhile, ends the sending side, and returns the status of every answer until the
    connection ends."""
    received, rest = bytearray(), memoryview(data)
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(daemon.socket)
        client.setblocking(False)
        deadline = time.monotonic() + PATIENCE
        while True:
            patience = deadline - time.monotonic()
            readable, writable, _ = select.select([client], [client] if rest is not None else [], [], max(patience, 0))
            if not readable and not writable:
                raise Failure(f"open for {PATIENCE} s, answered {bytes(received[:200])!r}: {data[:300]!r}")
            try:
                if readable:
                    part = client.recv(1 << 16)
                    if not part:
                        break
                    received += part
                if writable:
                    rest = rest[client.send(rest) :]
                    deadline = time.monotonic() + PATIENCE
                    if not rest:
                        client.shutdown(socket.SHUT_WR)
                        rest = None
            except (ConnectionResetError, BrokenPipeError):
                if not readable:
                    rest = None  # no more is accepted; an answer may still be there
                    continue
                break
    return [int(status) for status in re.findall(rb"^HTTP/1\.1 (\d{3}) ", received, re.MULTILINE)]


def fuzz(daemon, count, seed):
    source = random.Random(seed)
    outcomes, shown = collections.defaultdict(collections.Counter), set()
    for index in range(count):
        maker = MAKERS[index % len(MAKERS)]
        data = maker(source)
        statuses = converse(daemon, data)
        if maker.__name__ == "pipelined":
            statuses = [status for status in statuses if status != 200]
        outcome = "closed" if not statuses else str(statuses[0] // 100) + "xx"
        outcomes[maker.__name__][outcome] += 1
        if any(not 400 <= status < 500 for status in statuses) and (maker, tuple(statuses)) not in shown:
            shown.add((maker, tuple(statuses)))
            print(f"  request {index} ({maker.__name__}) was answered with {statuses}: {data[:400]!r}")
    for name, counts in outcomes.items():
        print(f"  {name:14} " + ", ".join(f"{outcome} {number}" for outcome, number in sorted(counts.items())))
    if shown:
        raise Failure(f"{len(shown)} kinds of malformed requests were answered with something else than a 4xx")


def oversized(daemon):
    """Bodies beyond the limits, with a length that says so and in chunks that do not."""

    def refused(what, statuses):
        # What comes of the body after the answer may be refused once more, as no request.
        if statuses and (statuses[0] != 413 or any(status // 100 != 4 for status in statuses)):
            raise Failure(f"{what}: answered with {statuses}, not with 413")
        print(f"  {what}: {statuses[0] if statuses else 'closed'}")

    def chunks(count):
        return (b"%x\r\n" % MEBIBYTE + bytes(MEBIBYTE) + b"\r\n") * count

    refused("JSON of 2 MiB", converse(daemon, request("POST", "/v1/jobs", b" " * (2 * MEBIBYTE))))
    chunked = ["Transfer-Encoding: chunked"]
    refused("JSON of 2 MiB in chunks", converse(daemon, request("POST", "/v1/jobs", chunks(2), chunked)))
    refused("an array of 300 MiB", converse(daemon, request("PUT", "/v1/arrays/big", bytes(300 * MEBIBYTE))))
    upload = request("PUT", "/v1/arrays/big", chunks(300), chunked)
    refused("an array of 300 MiB in chunks", converse(daemon, upload))
    with concurrent.futures.ThreadPoolExecutor(UPLOADS) as pool:
        answers = [answer for answer in pool.map(lambda _: converse(daemon, upload), range(UPLOADS)) if answer]
    if any(answer[0] not in (413, 503) for answer in answers):
        raise Failure(f"{UPLOADS} such arrays at once: answered with {answers}, not with 413 or, for want of room, 503")
    print(f"  {UPLOADS} such arrays at once: {sorted(answer[0] for answer in answers)}")


def slow(daemon, count, seed):
    """Connections that send a byte now and then: all must be sent away, and others be served in the end."""
    source = random.Random(seed)
    heads = [request("GET", "/v1/status", None), request("POST", "/v1/jobs", b"{}" * 2000)]
    clients = []
    for index in range(count):
        client = socket.socket(socket.AF_UNIX)
        client.settimeout(PATIENCE)
        try:
            client.connect(daemon.socket)
        except (BlockingIOError, TimeoutError):
            client.close()  # the queue of the socket is full: also a way to be sent away
            continue
        client.setblocking(False)
        clients.append([client, heads[index % 2] + b" " * 10_000, 0])
    begin, connected, longest_wait, served = time.monotonic(), len(clients), 0.0, 0
    while clients:
        waited = time.monotonic()
        try:
            served += daemon.request("GET", "/v1/healthz", timeout=2).status == 200
        except OSError:
            pass
        longest_wait = max(longest_wait, time.monotonic() - waited)
        clients = [client for client in clients if still_there(client, source)]
        if time.monotonic() - begin > SLOW_PATIENCE:
            raise Failure(f"{len(clients)} of {connected} slow clients still hold connections after {SLOW_PATIENCE} s")
        time.sleep(0.5)
    print(
        f"  {connected} slow clients gone after {time.monotonic() - begin:.0f} s; others were served {served} times "
        f"meanwhile, the slowest answer after {longest_wait:.1f} s"
    )
    if daemon.request("GET", "/v1/healthz").status != 200:
        raise Failure("after slow clients, a normal one is not served")


def still_there(state, source):
    client, data, sent = state
    try:
        if client.recv(1 << 16) == b"":
            raise ConnectionResetError
    except BlockingIOError:
        pass
    except OSError:
        client.close()
        return False
    # Never the empty line that ends the head, so that the request stays unfinished.
    end = data.index(b"\r\n\r\n") + 2
    if source.random() < 0.5 and sent < end:
        try:
            state[2] += client.send(data[sent : sent + 1])
        except BlockingIOError:
            pass
        except OSError:
            client.close()
            return False
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--slow", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with running() as daemon:
        daemon.upload(images=400)
        daemon.finish(daemon.submit("measure", layers="layers", inputs="inputs"))
        before, files = daemon.memory(), daemon.open_files()
        with Measuring(daemon) as measuring:
            begin = time.monotonic()
            print(f"{options.requests} malformed requests, seed {options.seed}")
            fuzz(daemon, options.requests, options.seed)
            print(f"  in {time.monotonic() - begin:.0f} s; resident {daemon.memory() / MEBIBYTE:.0f} MiB")
            print(f"{options.slow} slow clients")
            slow(daemon, options.slow, options.seed)
            print("oversized bodies")
            oversized(daemon)
            if daemon.get("/v1/healthz")["status"] != "ok":
                raise Failure("the daemon is not well after hostile clients")
        arrays = [array["name"] for array in daemon.get("/v1/arrays")["arrays"]]
        if arrays != ["inputs", "layers"]:
            raise Failure(f"a malformed upload was kept: {arrays}")
        print(f"{measuring.succeeded} measuring jobs beside them succeeded")
        after, peak = daemon.memory(), daemon.memory("VmHWM")
        print(
            f"resident before {before / MEBIBYTE:.0f}, after {after / MEBIBYTE:.0f}, "
            f"largest {peak / MEBIBYTE:.0f} MiB; "
            f"open files before {files}, after {daemon.open_files()}"
        )
        if peak > before + 1024 * MEBIBYTE:
            raise Failure("hostile clients made the daemon use more than 1 GiB")
        daemon.until(lambda: daemon.open_files() <= files, f"only {files} files are open again", seconds=30)


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"FAILED hostile clients: {failure}")
