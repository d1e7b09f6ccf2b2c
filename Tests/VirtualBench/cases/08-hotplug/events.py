"""events.py SOCKET JOB FILE: a line `SECONDS TYPE COUNT|STATE` for each event of a job as it arrives, monotonic clock
events.py gap FILE SECONDS: prints the seconds from a time to the first frame that is accepted after it
"""
import json
import socket
import sys
import time


def follow(path, job, file):
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(path)
    connection.sendall(f"GET /v1/jobs/{job}/events HTTP/1.1\r\nHost: odud\r\n\r\n".encode())
    with connection.makefile("r", encoding="utf-8", newline="\n") as stream, open(file, "w", buffering=1) as lines:
        for line in stream:
            if line.startswith("data: "):
                event = json.loads(line[6:])
                what = event["state"] if event["type"] == "state" else event.get("progress", {}).get("completed")
                print(f"{time.monotonic():.4f} {event['type']} {what}", file=lines)


def gap(file, begin):
    with open(file) as lines:
        for line in lines:
            when, kind, count = line.split()
            if kind == "progress" and float(when) > float(begin):
                print(round(float(when) - float(begin), 3))
                return
    raise SystemExit("no frame was accepted after that")


if __name__ == "__main__":
    gap(*sys.argv[2:]) if sys.argv[1] == "gap" else follow(*sys.argv[1:])
