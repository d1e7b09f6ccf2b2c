"""Asks the daemon through its socket: service.py METHOD PATH [KEY…] prints the answer, or one value of it."""
import http.client
import json
import socket
import sys


class Connection(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(60)
        self.sock.connect("/run/odu/odud.sock")


method, path, *keys = sys.argv[1:]
connection = Connection("localhost")
connection.request(method, path)
response = connection.getresponse()
body = response.read()
if response.status >= 400:
    sys.exit(f"{response.status} {body.decode()}")
if keys:
    value = json.loads(body)
    for key in keys:
        value = value.get(key, "")
    body = json.dumps(value).encode()
print(body.decode())
