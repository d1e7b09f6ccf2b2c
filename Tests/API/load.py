#!/usr/bin/env python3
"""How much followers and requests slow the measuring loop down.

    load.py [--rounds 3] [--images 2000] [--output load.json]

Measuring jobs in one daemon, in turn alone, beside 20 followers of the live stream and 50 requests a second, and
beside a process that only uses as much of the processor as those clients did; the last tells what of the slowdown is
the clients' own. BIN is the folder of the programs."""

import argparse
import json
import multiprocessing
import os
import pathlib
import random
import re
import socket
import statistics
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from odud import Connection, Failure, running  # noqa: E402

FOLLOWERS, DEAF, RATE = 20, 3, 50
PATHS = [
    "/v1/status",
    "/v1/devices",
    "/v1/jobs",
    "/v1/healthz",
    "/metrics",
    "/v1/camera/latest?format=png",
    "/v1/camera/histogram",
    "/v1/arrays",
]


class Clients(multiprocessing.Process):
    """Followers that read, followers that never do, and a steady rate of requests, until told to stop."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.path = path
        self.ready, self.done, self.counts = multiprocessing.Event(), multiprocessing.Event(), multiprocessing.Queue()

    def run(self):
        begin = os.times()
        self.bytes, self.answers, self.late = 0, 0, 0
        workers = [threading.Thread(target=self.follow, args=(index,)) for index in range(FOLLOWERS)]
        workers += [threading.Thread(target=self.ask)]
        for worker in workers:
            worker.daemon = True
            worker.start()
        self.ready.set()
        self.done.wait()
        workers[-1].join()
        used = os.times()
        self.counts.put(
            {
                "bytes": self.bytes,
                "answers": self.answers,
                "late": self.late,
                "seconds": used.elapsed - begin.elapsed,
                "processor": used.user + used.system - begin.user - begin.system,
            }
        )

    def follow(self, index):
        client = socket.socket(socket.AF_UNIX)
        client.connect(self.path)
        # Pictures are small: it would take minutes until those who do not read had filled what the kernel holds for them.
        kind = b"npy" if index < DEAF else b"png"
        client.sendall(b"GET /v1/camera/live?format=" + kind + b"&rate=30 HTTP/1.1\r\nHost: odu\r\n\r\n")
        if index < DEAF:
            self.done.wait()
            return
        while not self.done.is_set() and (data := client.recv(1 << 16)):
            self.bytes += len(data)

    def ask(self):
        """One connection that asks on time, and says how often it could not."""
        connection, due, source = Connection(self.path), time.monotonic(), random.Random(1)
        while not self.done.is_set():
            connection.request("GET", source.choice(PATHS))
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                raise Failure(f"a request beside the load was answered with {answer.status}")
            self.answers += 1
            due += 1 / RATE
            self.late += due < time.monotonic()
            time.sleep(max(0.0, due - time.monotonic()))


class Burner(multiprocessing.Process):
    """Uses a part of one processor, in slices as short as the clients' work."""

    def __init__(self, part):
        super().__init__(daemon=True)
        self.part, self.done = part, multiprocessing.Event()

    def run(self):
        while not self.done.is_set():
            end = time.process_time() + 0.01 * self.part
            while time.process_time() < end:
                pass
            time.sleep(0.01 * (1 - self.part))


def measure(daemon):
    """Images per second of one measuring job."""
    return daemon.finish(daemon.submit("measure", layers="layers", inputs="inputs"), seconds=600)["progress"]["rate"]


def beside_clients(daemon):
    dropped = metric(daemon, "odu_slow_readers_dropped_total")
    clients = Clients(daemon.socket)
    clients.start()
    clients.ready.wait()
    begin, used = time.monotonic(), daemon.processor_seconds()
    rate = measure(daemon)
    duration, used = time.monotonic() - begin, daemon.processor_seconds() - used
    # Those who do not read are dropped, at the latest now that the bench is idle and frames are exposed for followers.
    daemon.until(
        lambda: metric(daemon, "odu_slow_readers_dropped_total") >= dropped + DEAF,
        "followers that do not read are dropped",
        60,
    )
    clients.done.set()
    count = clients.counts.get(timeout=60)
    clients.join(timeout=10)
    count |= {"processors": count["processor"] / count["seconds"], "daemonProcessors": used / duration}
    return rate, count


def beside_burner(daemon, part):
    burner = Burner(part)
    burner.start()
    rate = measure(daemon)
    burner.done.set()
    burner.join()
    return rate


def metric(daemon, name):
    text = daemon.request("GET", "/metrics").body.decode()
    found = re.search(rf"^{name} (\S+)$", text, re.MULTILINE)
    if not found:
        raise Failure(f"/metrics has no {name}")
    return float(found[1])


def slowdown(rates, before, after):
    """Percent, each job against the mean of its neighbours alone: mean and standard error."""
    values = [100 * (1 - 2 * rate / (left + right)) for rate, left, right in zip(rates, before, after)]
    spread = statistics.stdev(values) / len(values) ** 0.5 if len(values) > 1 else float("nan")
    return {"percent": statistics.mean(values), "standardError": spread, "rounds": values}


def noise(first, second):
    """Percent by which two jobs alone differ."""
    return 100 * statistics.mean(2 * abs(a - b) / (a + b) for a, b in zip(first, second))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--images", type=int, default=2000)
    parser.add_argument("--output", type=pathlib.Path)
    options = parser.parse_args()
    # In turn: alone, loaded, alone, burdened, alone, …
    alone, loaded, burdened, counts = [], [], [], []
    with running() as daemon:
        daemon.upload(images=options.images)
        measure(daemon)
        for _ in range(options.rounds):
            alone.append(measure(daemon))
            rate, count = beside_clients(daemon)
            loaded.append(rate)
            counts.append(count)
            alone.append(measure(daemon))
            burdened.append(beside_burner(daemon, part=min(count["processors"], 1)))
        alone.append(measure(daemon))
        report = {
            "processors": os.cpu_count(),
            "threads": daemon.threads,
            "images": options.images,
            "imagesPerSecondAlone": statistics.mean(alone),
            "load": slowdown(loaded, alone[0::2], alone[1::2]),
            "clientsProcessorAlone": slowdown(burdened, alone[1::2], alone[2::2]),
            "noise": noise(alone[0::2], alone[1::2]),
            "clients": counts,
            "slowReadersDropped": metric(daemon, "odu_slow_readers_dropped_total"),
        }
    print(f"alone {report['imagesPerSecondAlone']:.1f} images/s")
    for name, key in [
        ("beside the load", "load"),
        ("beside the clients' processor time alone", "clientsProcessorAlone"),
    ]:
        print(f"{name}: {report[key]['percent']:+.1f} % slower, standard error {report[key]['standardError']:.1f} %")
    print(f"between two jobs alone: {report['noise']:.1f} %")
    answers, late = sum(count["answers"] for count in counts), sum(count["late"] for count in counts)
    print(
        f"processors used by the clients: {statistics.mean(count['processors'] for count in counts):.2f}; "
        f"requests a second: {answers / sum(count['seconds'] for count in counts):.0f}, "
        f"late {100 * late / max(answers, 1):.0f} %; "
        f"slow readers dropped: {report['slowReadersDropped']:.0f}"
    )
    if options.output:
        options.output.write_text(json.dumps(report, indent=2) + "\n")
    if not any(count["bytes"] for count in counts):
        raise Failure("no follower saw a frame")


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"FAILED load: {failure}")
