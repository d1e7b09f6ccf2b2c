"""hold.py PID DEVICE   keeps what that process has open of the device open, until it is ended itself.

A panel whose program ends goes dark with the last descriptor, within the same vertical blank if the machine is slow. Held, it
stays as the program left it, and can be looked at without haste.
"""

import ctypes
import os
import signal
import sys

PIDFD_GETFD = 438  # of the kernel's generic table, the same on every architecture

process, device = int(sys.argv[1]), os.stat(sys.argv[2]).st_rdev
pidfd = os.pidfd_open(process)
libc = ctypes.CDLL(None, use_errno=True)
held = 0
for name in os.listdir(f"/proc/{process}/fd"):
    if os.stat(f"/proc/{process}/fd/{name}").st_rdev != device:
        continue
    if libc.syscall(PIDFD_GETFD, pidfd, int(name), 0) < 0:
        sys.exit(f"descriptor {name}: {os.strerror(ctypes.get_errno())}")
    held += 1
if not held:
    sys.exit(f"process {process} does not have {sys.argv[2]} open")
print(f"held: {held}", flush=True)
signal.pause()
