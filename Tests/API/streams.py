"""Reads streams as a careful client does: every byte must be where the format has it."""

import json

from odud import Connection, Failure


class Stream:
    """`with Stream(daemon, path) as stream:`; any byte that is not as it should be is a failure."""

    def __init__(self, daemon, path, method="GET", headers=None, content_type="text/event-stream"):
        self.connection = Connection(daemon.socket, timeout=20)
        self.connection.request(method, path, headers=headers or {})
        self.answer = self.connection.getresponse()
        self.path, found = path, self.answer.headers.get("Content-Type")
        if self.answer.status != 200 or found != content_type:
            raise Failure(f"{path}: {self.answer.status} with {found}, not 200 with {content_type}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.answer.close()
        self.connection.close()

    def line(self):
        """The next line without its end; None when the stream has ended."""
        line = self.answer.readline()
        if line and not line.endswith(b"\n"):
            raise Failure(f"{self.path}: ends in the middle of a line: {line!r}")
        return line[:-1] if line else None

    def events(self):
        """Server-sent events as (fields, data), until the stream ends; comments are left out."""
        fields = {}
        while (line := self.line()) is not None:
            if line == b"":
                if fields:
                    yield fields, json.loads(fields["data"])
                fields = {}
            elif not line.startswith(b":"):
                name, colon, value = line.decode().partition(": ")
                if not colon or name not in ("id", "event", "data") or name in fields:
                    raise Failure(f"{self.path}: is no field of an event: {line!r}")
                fields[name] = value
        if fields:
            raise Failure(f"{self.path}: ends in the middle of an event: {fields}")

    def parts(self):
        """Parts of a multipart stream as (headers, body)."""
        while (line := self.line()) is not None:
            if line != b"--frame\r":
                raise Failure(f"{self.path}: expected the boundary, found {line[:100]!r}")
            headers = {}
            while (line := self.line()) != b"\r":
                if line is None or b": " not in line or not line.endswith(b"\r"):
                    raise Failure(f"{self.path}: is no header of a part: {line!r}")
                name, value = line[:-1].decode().split(": ", 1)
                headers[name.lower()] = value
            body = self.answer.read(int(headers["content-length"]))
            if self.line() != b"\r":
                raise Failure(f"{self.path}: a part is longer than its Content-Length")
            yield headers, body
