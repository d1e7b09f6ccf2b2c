"""Tries, in the sandbox of the service, what the service needs and what it must not be able to do.

Prints a line `ok: …` or `WRONG: …` for each, and fails when one is wrong. The nodes in /dev that are named here
have mode 0666 for the time of the test: it is the sandbox that decides, not the mode.
"""
import errno
import glob
import mmap
import os
import socket
import sys

wrong = 0


def attempt(what, action, *denied):
    """Does something that must fail with one of the errors, or must succeed when there are none."""
    global wrong
    try:
        action()
        result = "done"
    except OSError as error:
        result = errno.errorcode[error.errno]
    right = result in denied if denied else result == "done"
    wrong += not right
    print(f"{'ok' if right else 'WRONG'}: {what}: {result}", flush=True)


def opened(path):
    os.close(os.open(path, os.O_RDWR | os.O_NONBLOCK))


def written(path):
    with open(path, "w") as file:
        file.write("x")
    os.remove(path)


def uevents():
    monitor = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 15)
    monitor.bind((0, 2))


for node in (*glob.glob("/dev/dri/card*"), *glob.glob("/dev/video*"), *glob.glob("/dev/fb*"), "/dev/null"):
    attempt(f"{node} can be opened", lambda node=node: opened(node))
for node in ("/dev/vda", "/dev/ttyS0", "/dev/hvc0", "/dev/kmsg", "/dev/loop-control", "/dev/fuse"):
    if os.path.exists(node):
        attempt(f"{node} cannot", lambda node=node: opened(node), "EPERM", "EACCES")
attempt("the state folder can be written", lambda: written("/var/lib/odu/probe"))
attempt("/etc/odu can be read", lambda: open("/etc/odu/bench.yaml").close())
for path in ("/etc/odu/probe", "/etc/probe", "/usr/bin/probe", "/run/odu/probe", "/var/lib/probe"):
    attempt(f"{path} cannot be written", lambda path=path: written(path), "EROFS", "EACCES")
for path in ("/home", "/root"):
    attempt(f"{path} cannot be seen", lambda path=path: os.listdir(path), "EACCES")
attempt("udev's announcements can be heard", uevents)
attempt("a Unix socket can be made", lambda: socket.socket(socket.AF_UNIX).close())
for family in (socket.AF_INET, socket.AF_INET6, socket.AF_PACKET):
    attempt(f"no socket of {family.name}", lambda family=family: socket.socket(family).close(), "EAFNOSUPPORT")
attempt("no memory to write and execute",
        lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC), "EPERM", "EACCES")
attempt("no root", lambda: os.setuid(0), "EPERM")
attempt("no special file", lambda: os.mknod("/var/lib/odu/node", 0o600 | 0o020000, os.makedev(1, 1)), "EPERM")
attempt("no change of root", lambda: os.chroot("/var/lib/odu"), "EPERM")
attempt("no real-time priority", lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)), "EPERM")
capabilities = [line.split()[1] for line in open("/proc/self/status") if line.startswith("Cap")]
wrong += any(int(word, 16) for word in capabilities)
print(f"{'WRONG' if any(int(word, 16) for word in capabilities) else 'ok'}: no capabilities: {' '.join(capabilities)}")
others = [name for name in os.listdir("/proc") if name.isdigit() and os.stat(f"/proc/{name}").st_uid == 0]
wrong += len(others)
print(f"{'WRONG' if others else 'ok'}: no processes of others are seen: {others}")
sys.exit(1 if wrong else 0)
