"""A test that would rather write its verdict than earn it. Prints what it could reach of the process that it is
given (or of its parent), and uses it.

One JSON object on stdout: for each way in, the error's name, or "open".
"""

import ctypes
import errno
import json
import os
import re
import signal
import socket
import sys

PTRACE_ATTACH, PTRACE_DETACH = 16, 17
NUMBERS = {"x86_64": (101, 310, 434, 438), "aarch64": (117, 270, 434, 438)}
PTRACE, PROCESS_VM_READV, PIDFD_OPEN, PIDFD_GETFD = NUMBERS[os.uname().machine]
LIBC = ctypes.CDLL(None, use_errno=True)
VICTIM = int(sys.argv[1]) if len(sys.argv) > 1 else os.getppid()


def call(number, *arguments):
    result = LIBC.syscall(*[ctypes.c_long(argument) for argument in (number, *arguments)])
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def reached(attempt):
    try:
        attempt()
        return "open"
    except OSError as error:
        return errno.errorcode[error.errno]


def read_address():
    # Newer kernels show the block to whoever may count performance events, as root may: then nothing is in it.
    if not re.search(rb"127\.0\.0\.1:\d+", open(f"/proc/{VICTIM}/environ", "rb").read()):
        raise OSError(errno.EACCES, "no address")


def read_descriptors():
    # The numbers are no secret from root.
    folder = f"/proc/{VICTIM}/fd"
    for number in os.listdir(folder):
        os.readlink(f"{folder}/{number}")


class Span(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]


def read_memory():
    buffer = ctypes.create_string_buffer(1)
    local, remote = Span(ctypes.addressof(buffer), 1), Span(ctypes.addressof(buffer), 1)
    try:
        call(PROCESS_VM_READV, VICTIM, ctypes.addressof(local), 1, ctypes.addressof(remote), 1, 0)
    except OSError as error:
        # It was let in, and there is nothing at this address.
        if error.errno != errno.EFAULT:
            raise


def trace():
    call(PTRACE, PTRACE_ATTACH, VICTIM, 0, 0)
    os.waitpid(VICTIM, 0)
    call(PTRACE, PTRACE_DETACH, VICTIM, 0, 0)


def taken_sockets():
    """The victim's connections, and how the taking went."""
    sockets, outcome = [], "EBADF"
    victim = call(PIDFD_OPEN, VICTIM, 0)
    for number in range(3, 64):
        try:
            taken = socket.socket(fileno=call(PIDFD_GETFD, victim, number, 0))
            taken.getpeername()
            sockets.append(taken)
            outcome = "open"
        except OSError as error:
            if error.errno == errno.EPERM:
                outcome = "EPERM"
    return sockets, outcome


def forge(sockets):
    """Ends the answer that the runner has begun, as a run that passed would."""
    end = {"type": "command_finished", "command": 0, "name": "hostile", "outcome": "passed",
           "ending": {"kind": "exited", "code": 0}, "duration_ms": 1, "stdout_bytes": 0, "stderr_bytes": 0,
           "peak_rss_kib": 1, "cpu_ms": 1}
    counts = {"passed": 1, "failed": 0, "skipped": 0, "not_run": 0}
    verdict = {"type": "verdict", "outcome": "passed", "counts": counts, "events": 3}
    events = [json.dumps({"seq": seq, "at_ms": seq} | event) + "\n" for seq, event in enumerate([end, verdict], 2)]
    text = "".join(events).encode()
    os.kill(VICTIM, signal.SIGSTOP)
    for connection in sockets:
        connection.sendall(b"%x\r\n%s\r\n0\r\n\r\n" % (len(text), text))
    signal.pause()


sockets, outcome = taken_sockets()
ways = {
    "pidfd_getfd": outcome,
    "environ": reached(read_address),
    "fd": reached(read_descriptors),
    "mem": reached(lambda: open(f"/proc/{VICTIM}/mem", "r+b")),
    "process_vm_readv": reached(read_memory),
    "ptrace": reached(trace),
}
print(json.dumps(ways), flush=True)
if sockets and len(sys.argv) == 1:
    forge(sockets)
sys.exit(1)
