"""Malformed HTTP requests, made by the given random number generator. Each maker returns the bytes to send; none of
them is a request that a correct server may fulfil."""

import json
import struct

from arrays import npy

CRLF = b"\r\n"
ROUTES = [
    "/v1/status",
    "/v1/devices",
    "/v1/jobs",
    "/v1/arrays",
    "/v1/bench",
    "/v1/camera/frame",
    "/v1/runs",
    "/v1/models",
    "/v1/calibrations",
    "/v1/configuration",
    "/metrics",
    "/healthz",
]
TAKES_JSON = ["/v1/jobs", "/v1/measure", "/v1/slm/show", "/v1/generate"]
UP = ["..", "%2e%2e", "..%2f..", "..%5c..", "%252e%252e", "..;", "....//..", "%c0%ae%c0%ae", "..%00", ".%2e"]
TARGETS = ["etc/passwd", "job.json", "odud.lock", "odu.sqlite", "proc/self/environ"]
NAMED = [
    "/v1/arrays/{}",
    "/v1/jobs/{}",
    "/v1/jobs/{}/events",
    "/v1/jobs/{}/result",
    "/v1/jobs/x/artefacts/{}",
    "/v1/jobs/{}/artefacts/job.json",
    "/v1/runs/{}",
    "/v1/calibrations/{}",
    "/v1/models/{}",
    "/v1/models/{}/file",
    "/v1/modulators/{}/pattern",
]


def noise(random, most):
    return random.randbytes(random.randint(1, most))


def request(method, target, body=b"", headers=()):
    lines = [f"{method} {target} HTTP/1.1".encode(), b"Host: odu"]
    lines += [line if isinstance(line, bytes) else line.encode() for line in headers]
    if body is not None and not any(line.lower().startswith((b"content-length", b"transfer-enc")) for line in lines):
        lines.append(b"Content-Length: %d" % len(body))
    return CRLF.join(lines) + CRLF * 2 + (body or b"")


def request_line(random):
    line = random.choice(
        [
            lambda: noise(random, 200).replace(b"\n", b"") or b"?",
            lambda: b"GET",
            lambda: b"GET /v1/status",
            lambda: b"GET /v1/status HTTP/" + random.choice([b"9.9", b"1.", b"x", b"-1.1", b"1.1.1", b"999999999.1"]),
            lambda: b"GET  /v1/status  HTTP/1.1 x",
            lambda: b"G\x00T /v1/status HTTP/1.1",
            lambda: b"GET /v1/sta\x00tus HTTP/1.1",
            lambda: b"/v1/status GET HTTP/1.1",
            lambda: b"GET /v1/none" + b"a" * random.choice([1000, 70_000, 300_000]) + b" HTTP/1.1",
            lambda: b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + noise(random, 60),
            lambda: b"PRI * HTTP/2.0",
            lambda: b"GET /v1/none\x7f\x80\xff HTTP/1.1",
        ]
    )()
    return line + CRLF + b"Host: odu" + CRLF * 2


def header(random):
    bad = random.choice(
        [
            lambda: b"No colon here",
            lambda: b": no name",
            lambda: b"Sp ace: x",
            lambda: b"Nul: a\x00b",
            lambda: b"N\x00l: a",
            lambda: b"Content-Length: -1",
            lambda: b"Content-Length: 1e3",
            lambda: b"Content-Length: 0x10",
            lambda: b"Content-Length: 99999999999999999999999",
            lambda: b"Content-Length: 1\r\nContent-Length: 2",
            lambda: b"Content-Length: 5\r\nTransfer-Encoding: chunked",
            lambda: b"Transfer-Encoding: banana",
            lambda: b"Transfer-Encoding: chunked, identity, \x01",
            lambda: b"Long: " + b"x" * random.choice([100_000, 500_000]),
            lambda: CRLF.join(b"H%d: x" % index for index in range(random.choice([5_000, 20_000]))),
            lambda: noise(random, 300).replace(b"\n", b"").replace(b":", b"") or b"?",
        ]
    )()
    return request("POST", random.choice(TAKES_JSON), b"{}", [bad])


def chunking(random):
    body = random.choice(
        [
            lambda: b"zz\r\n{}\r\n0\r\n\r\n",
            lambda: b"-5\r\n{}\r\n0\r\n\r\n",
            lambda: b"ffffffffffffffffff\r\n{}",
            lambda: b"7fffffffffffffff\r\n{}",
            lambda: b"5\r\n{}\r\n0\r\n\r\n",
            lambda: b"2\r\n{}0\r\n\r\n",
            lambda: b"\r\n\r\n\r\n",
            lambda: b"2;" + b"x" * 100_000 + b"\r\n[]\r\n0\r\n\r\n",
            lambda: noise(random, 400),
            lambda: b"1\r\n[\r\n" * random.randint(1, 2000) + b"0\r\n\r\n",
        ]
    )()
    return request("POST", random.choice(TAKES_JSON), body, ["Transfer-Encoding: chunked"])


def path(random):
    if random.random() < 0.5:
        name = "/".join([random.choice(UP)] * random.randint(1, 8) + [random.choice(TARGETS)])
    else:
        name = random.choice(
            [
                lambda: "%",
                lambda: "%zz",
                lambda: "%00",
                lambda: "%ff%fe",
                lambda: "a" * random.choice([101, 5000, 60_000]),
                lambda: "".join(f"%{byte:02x}" for byte in noise(random, 60)),
                lambda: ".hidden",
                lambda: "con:aux|nul",
                lambda: "-1",
                lambda: "0000-" + "9" * 400,
            ]
        )()
    method = random.choice(["GET", "GET", "DELETE", "PUT", "POST"])
    return request(method, random.choice(NAMED).format(name), b"" if method in ("PUT", "POST") else None)


def query(random):
    target = random.choice(
        [
            "/v1/camera/frame?format={}",
            "/v1/camera/latest?format={}",
            "/v1/camera/live?format={}",
            "/v1/camera/live?rate={}",
            "/v1/detector/latest?format={}",
            "/v1/twin/prediction?of={}",
            "/v1/slm/show?device={}",
            "/v1/jobs/none/events?after={}",
            "/v1/runs?limit={}",
            "/v1/lease?seconds={}",
        ]
    )
    value = random.choice(
        [
            "banana",
            "-1",
            "nan",
            "inf",
            "1e999",
            "%00",
            "%",
            "'; drop table jobs; --",
            "9" * 400,
            "..%2f..",
            "%ff",
            "0x10",
        ]
    )
    method = "POST" if "show" in target or "lease" in target else "GET"
    return request(method, target.format(value.replace(" ", "%20")), b"" if method == "POST" else None)


def wrong_json(random, depth=0):
    """A value of the wrong kind."""
    return random.choice(
        [
            lambda: None,
            lambda: True,
            lambda: -1,
            lambda: 1e308,
            lambda: 10**30,
            lambda: "",
            lambda: "\x00",
            lambda: "a" * 3000,
            lambda: [],
            lambda: [[[[]]]],
            lambda: "../../etc/passwd",
            lambda: -0.5,
            lambda: {} if depth > 3 else {"kind": wrong_json(random, depth + 1)},
            lambda: [] if depth > 3 else [wrong_json(random, depth + 1)] * 3,
        ]
    )()


def json_body(random):
    kind = random.choice(["measure", "calibrate", "train", "compare", "generate", "none"])
    body = random.choice(
        [
            lambda: noise(random, 300),
            lambda: b"",
            lambda: b"{",
            lambda: b'{"kind": "measure", "parameters": {"layers": "layers"',
            lambda: b"[" * random.choice([600, 100_000]),
            lambda: b'{"a":' * random.choice([600, 50_000]) + b"1" + b"}" * 600,
            lambda: b"9" * 100_000,
            lambda: b'{"kind": "\xff\xfe\xed\xa0\x80"}',
            lambda: b'{"kind": "\\ud800"}',
            lambda: b'{"kind": NaN}',
            lambda: json.dumps(wrong_json(random)).encode(),
            lambda: json.dumps({"kind": wrong_json(random), "parameters": wrong_json(random)}).encode(),
            # No kind has a member of this name, and those that are required are of the wrong kind or absent.
            lambda: json.dumps({"kind": kind, "parameters": {"unknown": wrong_json(random)}}).encode(),
            lambda: json.dumps({"kind": "measure", "parameters": {"layers": [1], "inputs": 5}}).encode(),
            lambda: json.dumps({"kind": "train", "parameters": {"mode": "none", "dataset": "\x00"}}).encode(),
            lambda: json.dumps({"layers": "../../../etc/passwd", "block": wrong_json(random)}).encode(),
            lambda: json.dumps({"layers": "layers", "block": random.choice([0, -1, 7, 10**18])}).encode(),
            lambda: json.dumps({"pattern": wrong_json(random)}).encode(),
        ]
    )()
    return request("POST", random.choice(TAKES_JSON), body, ["Content-Type: application/json"])


def lying_npy(random):
    shape = random.choice(
        [
            "(4, 96, 9600000000)",
            "(-4, 96, 96)",
            "(18446744073709551615,)",
            "(4294967296, 4294967296)",
            "()",
            "(4, 96",
            "'four'",
            "(4.5, 2)",
            "(" + "1, " * 5000 + ")",
            "(3, 7, 7)",
            "(0,)",
        ]
    )
    kind = random.choice(["'<f4'", "'>f4'", "'|O'", "'<f2'", "'<U9999'", "[('a', '<f4')]", "'banana'", "7", "'<c16'"])
    text = f"{{'descr': {kind}, 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    length = random.choice([len(text), 0, 65535, len(text) * 2, 11])
    whole = npy([4, 5, 5])
    body = random.choice(
        [
            lambda: b"\x93NUMPY\x01\x00" + struct.pack("<H", length) + text + noise(random, 500),
            lambda: b"\x93NUMPY\x02\x00" + struct.pack("<I", random.choice([0, 2**31, 2**32 - 1])) + text,
            lambda: b"\x93NUMPY" + noise(random, 200),
            lambda: whole[: random.randint(0, len(whole) - 1)],
            lambda: b"PK\x03\x04" + noise(random, 200),
            lambda: b"\x80\x04\x95" + b"cos\nsystem\n" + noise(random, 50),
        ]
    )()
    return random.choice(
        [lambda: request("PUT", "/v1/arrays/lying", body), lambda: request("POST", "/v1/slm/show", body)]
    )()


def lying_png(random):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", random.getrandbits(32))

    width, height = random.choice([(0, 0), (2**31 - 1, 2**31 - 1), (1, 2**32 - 1), (100_000, 100_000), (7, 7)])
    head = struct.pack(
        ">IIBBBBB", width, height, random.choice([0, 3, 8, 16, 255]), random.choice([0, 2, 6, 9]), 0, 0, 0
    )
    body = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", noise(random, 300)) + chunk(b"IEND", b"")
    return request("POST", "/v1/slm/show", body[: random.randint(9, len(body))])


def method(random):
    name = random.choice(["DELETE", "PATCH", "PUT", "TRACE", "CONNECT", "FROBNICATE", "G" * 500, "OPTIONS"])
    return request(name, random.choice(["/v1/status", "/v1/bench", "/v1/devices", "/v1/measure", "/nothing"]), b"")


def lying_length(random):
    body = noise(random, 100)
    length = random.choice([len(body) + 1, 10**9, 2**31, 2**62, 2**63 - 1, 2**64])
    target = random.choice([("POST", "/v1/jobs"), ("PUT", "/v1/arrays/lying"), ("POST", "/v1/slm/show")])
    return request(*target, body, [f"Content-Length: {length}"])


def pipelined(random):
    good = request("GET", "/v1/healthz", None)
    return good * random.randint(1, 30) + random.choice(MAKERS[:-1])(random) + good * random.randint(0, 3)


MAKERS = [request_line, header, chunking, path, query, json_body, lying_npy, lying_png, method, lying_length, pipelined]
