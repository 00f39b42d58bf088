"""The walls, tried from inside: what a locked process can and cannot do."""

import errno
import os
import platform
import struct
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from server.workers import sandbox
from tests.conftest import ROOT

KERNEL = sys.platform == "linux" and platform.machine() in ("x86_64", "aarch64")
needs_filter = pytest.mark.skipif(not KERNEL, reason="seccomp filters are for Linux on x86-64 and aarch64")

ALLOW, DENY, KILL = 0x7FFF0000, 0x00050000 | errno.EACCES, 0x80000000
NOT_THERE = 0x00050000 | errno.ENOSYS


def locked(deed: str, tmp_path: Path, *, network: bool = False) -> str:
    """What comes of `deed`, a piece of Python, in a process of its own behind the walls."""
    program = f"""
import os, socket, resource, signal, subprocess, threading
from pyoxigraph import RdfFormat, Store
from server.workers import sandbox
store = Store()
parent = os.getppid()
print(sandbox.lock_down(200 << 20, network={network}).kernel, end=" ")
try:
    {deed}
    print("done")
except BaseException as error:
    print(type(error).__name__)
"""
    reading, writing = os.pipe()
    pid = os.posix_spawn(
        sys.executable,
        [sys.executable, "-c", program],
        {**os.environ, "PYTHONPATH": str(ROOT)},
        file_actions=[(os.POSIX_SPAWN_DUP2, writing, 1), (os.POSIX_SPAWN_DUP2, writing, 2)],
    )
    os.close(writing)
    with os.fdopen(reading) as output:
        said = output.read()
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return f"{said.strip()} {status}"


@needs_filter
@pytest.mark.parametrize(
    "deed",
    [
        "socket.socket()",
        "socket.create_connection(('127.0.0.1', 9))",
        "store.query('ASK { SERVICE <http://127.0.0.1:8080/> { ?s ?p ?o } }')",
        "store.update('LOAD <http://127.0.0.1:8080/>')",
        "os.fork()",
        "os.execv('/bin/true', ['true'])",
        "os.kill(parent, 0)",
        "open('FOLDER/new', 'w')",
        "open('FOLDER/kept', 'a')",
        "os.unlink('FOLDER/kept')",
        "os.rename('FOLDER/kept', 'FOLDER/other')",
        "os.mkdir('FOLDER/folder')",
        "resource.setrlimit(resource.RLIMIT_NOFILE, (10, 10))",
    ],
)
def test_refused(deed: str, tmp_path: Path) -> None:
    """Nothing goes out, no process is made or touched, nothing is written."""
    (tmp_path / "kept").write_text("here")
    assert locked(deed.replace("FOLDER", str(tmp_path)), tmp_path) == "True PermissionError 0"
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


@needs_filter
@pytest.mark.parametrize(
    "deed",
    [
        "open('FOLDER/kept').read()",
        "thread = threading.Thread(target=int); thread.start(); thread.join()",
        "store.bulk_load(input=b'<a:b> <a:c> 1 .', format=RdfFormat.TURTLE)",
        "store.query('SELECT (COUNT(*) AS ?n) { ?s ?p ?o }')",
        "resource.getrlimit(resource.RLIMIT_AS)",
        "bytearray(50 << 20)",
    ],
)
def test_allowed(deed: str, tmp_path: Path) -> None:
    """What answering needs goes on as before."""
    (tmp_path / "kept").write_text("here")
    assert locked(deed.replace("FOLDER", str(tmp_path)), tmp_path) == "True done 0"


@needs_filter
def test_memory_is_bounded(tmp_path: Path) -> None:
    """More memory than allowed is not to be had, be there ever so much."""
    assert locked("bytearray(400 << 20)", tmp_path) == "True MemoryError 0"


@needs_filter
def test_abort_is_seen_as_abort(tmp_path: Path) -> None:
    """The engine's abort() still ends the process with its own signal, from which the cause is told."""
    assert locked("os.abort()", tmp_path).endswith("-6")


@needs_filter
def test_network_where_it_is_wanted(tmp_path: Path) -> None:
    """A worker for allowed hosts has sockets, and all the other walls."""
    assert locked("socket.socket().close()", tmp_path, network=True) == "True done 0"
    assert locked("os.fork()", tmp_path, network=True) == "True PermissionError 0"


def verdict(column: int, architecture: int, number: int, *arguments: int, network: bool = False) -> int:
    """What the filter answers to a call, worked out as the kernel does."""
    names = {"x86_64": 0, "aarch64": 1}
    assert column in names.values()
    program = sandbox._program(column, architecture, network=network)
    data = struct.pack("<IIQ6Q", number, architecture, 0, *arguments, *[0] * (6 - len(arguments)))
    at = accumulator = 0
    tests: dict[int, Callable[[int, int], bool]] = {
        0x15: lambda a, b: a == b,
        0x35: lambda a, b: a >= b,
        0x45: lambda a, b: bool(a & b),
    }
    while True:
        code, if_true, if_false, value = struct.unpack("<HBBI", program[at])
        at += 1
        if code == 0x06:
            return int(value)
        if code == 0x20:
            (accumulator,) = struct.unpack_from("<I", data, value)
        else:
            at += if_true if tests[code](accumulator, value) else if_false


ARCHITECTURES = {"x86-64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
CALLS = {  # number on x86-64 and aarch64, arguments, what the filter says
    "read": ((0, 63), (), ALLOW),
    "futex": ((202, 98), (), ALLOW),
    "mmap": ((9, 222), (), ALLOW),
    "exit_group": ((231, 94), (), ALLOW),
    "sendto": ((44, 206), (), ALLOW),
    "socket": ((41, 198), (2, 1, 0), DENY),
    "connect": ((42, 203), (3,), DENY),
    "execve": ((59, 221), (), DENY),
    "clone-process": ((56, 220), (17,), DENY),
    "clone-thread": ((56, 220), (0x3D0F00,), ALLOW),
    "clone3": ((435, 435), (), NOT_THERE),
    "open-to-read": ((257, 56), (-100 & (1 << 64) - 1, 0, os.O_RDONLY | os.O_CLOEXEC), ALLOW),
    "open-to-write": ((257, 56), (-100 & (1 << 64) - 1, 0, os.O_WRONLY), DENY),
    "open-to-make": ((257, 56), (-100 & (1 << 64) - 1, 0, os.O_CREAT), DENY),
    "openat2": ((437, 437), (), NOT_THERE),
    "tgkill-self": ((234, 131), (os.getpid(),), ALLOW),
    "tgkill-other": ((234, 131), (1,), DENY),
    "read-limits": ((302, 261), (0, 7, 0), ALLOW),
    "set-limits": ((302, 261), (0, 7, 4096), DENY),
    "io_uring": ((425, 425), (), DENY),
    "ptrace": ((101, 117), (), DENY),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_filter(architecture: str, call: str) -> None:
    """The filter says the same of a call on either architecture, whichever this machine is."""
    numbers, arguments, expected = CALLS[call]
    column, audit = ARCHITECTURES[architecture]
    assert verdict(column, audit, numbers[column], *arguments) == expected


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_filter_with_network(architecture: str) -> None:
    """Where the network is wanted, only it is let through."""
    column, audit = ARCHITECTURES[architecture]
    assert verdict(column, audit, CALLS["socket"][0][column], network=True) == ALLOW
    assert verdict(column, audit, CALLS["execve"][0][column], network=True) == DENY


def test_filter_knows_its_architecture() -> None:
    """Calls by another architecture's numbers, or by the x32 interface, do not slip through."""
    program_for_x86 = 0xC000003E
    assert verdict(0, program_for_x86, 0x40000000 | 41) == DENY
    foreign = sandbox._program(0, program_for_x86, network=False)
    assert struct.unpack("<HBBI", foreign[2])[3] == KILL
