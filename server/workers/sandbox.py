"""The walls around a process that evaluates foreign queries, the strongest that the platform has.

Linux on x86-64 and aarch64: a seccomp filter (no network, no new process, no writing of files, nothing
that reaches into other processes or the kernel), a limit on address space, death with the parent.
Elsewhere: whatever of these can be had; `Walls` says what stands, docs/security.md what that means.
"""

import contextlib
import ctypes
import errno
import os
import platform
import resource
import signal
import struct
import sys
from dataclasses import dataclass
from pathlib import Path

_LINUX = sys.platform == "linux"

# asm/unistd_64.h and asm-generic/unistd.h: (x86-64, aarch64); None where the architecture has no such call.
_NETWORK = {
    "socket": (41, 198),
    "connect": (42, 203),
    "accept": (43, 202),
    "bind": (49, 200),
    "listen": (50, 201),
    "accept4": (288, 242),
}
_PROCESSES = {
    "fork": (57, None),
    "vfork": (58, None),
    "execve": (59, 221),
    "execveat": (322, 281),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_open": (434, 434),
    "pidfd_send_signal": (424, 424),
    "pidfd_getfd": (438, 438),
    "kill": (62, 129),
    "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "setrlimit": (160, 164),
    "setuid": (105, 146),
    "setgid": (106, 144),
    "setreuid": (113, 145),
    "setregid": (114, 143),
    "setgroups": (116, 159),
    "setresuid": (117, 147),
    "setresgid": (119, 149),
    "capset": (126, 91),
}
_KERNEL = {
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "setns": (308, 268),
    "unshare": (272, 97),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "reboot": (169, 142),
    "open_by_handle_at": (304, 265),
}
_FILES = {
    "creat": (85, None),
    "unlink": (87, None),
    "unlinkat": (263, 35),
    "rename": (82, None),
    "renameat": (264, 38),
    "renameat2": (316, 276),
    "mkdir": (83, None),
    "mkdirat": (258, 34),
    "rmdir": (84, None),
    "link": (86, None),
    "linkat": (265, 37),
    "symlink": (88, None),
    "symlinkat": (266, 36),
    "chmod": (90, None),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "chown": (92, None),
    "fchown": (93, 55),
    "fchownat": (260, 54),
    "truncate": (76, 45),
    "mknod": (133, None),
    "mknodat": (259, 33),
}
# Calls allowed or refused by one of their arguments; see _conditional.
_CLONE, _CLONE3, _OPEN, _OPENAT, _OPENAT2 = (56, 220), (435, 435), (2, None), (257, 56), (437, 437)
_TGKILL, _PRLIMIT64, _SECCOMP = (234, 131), (302, 261), (317, 277)

_ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # linux/audit.h
_X32 = 0x40000000  # the bit that marks calls of the x32 interface, which would slip past the numbers
_CLONE_THREAD = 0x00010000
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC

# linux/bpf_common.h, linux/filter.h and linux/seccomp.h
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_NUMBER_AT, _ARCHITECTURE_AT, _ARGUMENTS_AT = 0, 4, 16
_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 22, 38
_SET_MODE_FILTER, _FOR_ALL_THREADS = 1, 1
_TAKE_ME_FIRST = "500"


@dataclass(frozen=True, slots=True)
class Walls:
    """Which walls stand: a bound on memory, and a kernel that refuses network, processes and writing."""

    memory: bool
    kernel: bool


def lock_down(memory: int, *, network: bool) -> Walls:
    """Give up, for the rest of this process, everything that answering a query does not need.

    `memory` is in bytes on top of what the process holds now. `network` leaves the sockets open.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError):  # when memory runs out, the system shall take a worker, not the server
        Path("/proc/self/oom_score_adj").write_text(_TAKE_ME_FIRST)
    return Walls(memory=_limit_memory(memory), kernel=_filter_calls(network=network))


def die_with(parent: int) -> None:
    """Have the kernel end this process when `parent` dies, be it by SIGKILL; nothing outside Linux."""
    if _LINUX:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it died before we asked
        os._exit(0)


def _limit_memory(memory: int) -> bool:
    statm = Path("/proc/self/statm")
    if not statm.exists():  # macOS takes RLIMIT_AS and does not keep it
        return False
    held = int(statm.read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (held + memory, held + memory))
    return True


def _filter_calls(*, network: bool) -> bool:
    machine = platform.machine()
    if not _LINUX or machine not in _ARCHITECTURES:
        return False
    program = _program(*_ARCHITECTURES[machine], network=network)
    code = ctypes.create_string_buffer(b"".join(program))
    # struct sock_fprog: the pointer keeps `code` alive only as long as this name does
    fprog = ctypes.create_string_buffer(struct.pack("@HP", len(program), ctypes.addressof(code)))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        return False
    number = _SECCOMP[_ARCHITECTURES[machine][0]]
    if number and libc.syscall(number, _SET_MODE_FILTER, _FOR_ALL_THREADS, fprog) == 0:
        return True
    return bool(libc.prctl(_PR_SET_SECCOMP, 2, fprog, 0, 0) == 0)


def _program(column: int, architecture: int, *, network: bool) -> list[bytes]:
    """The filter: the first instruction that returns decides; what nothing names is allowed."""
    refused = _PROCESSES | _KERNEL | _FILES | ({} if network else _NETWORK)
    program = [
        _instruction(_LOAD, _ARCHITECTURE_AT),
        _instruction(_EQUAL, architecture, 1, 0),
        _instruction(_RETURN, _KILL),
        _instruction(_LOAD, _NUMBER_AT),
        _instruction(_AT_LEAST, _X32, 0, 1),
        _instruction(_RETURN, _ERRNO | errno.EACCES),
    ]
    for numbers in refused.values():
        program += _answer(numbers[column], _ERRNO | errno.EACCES)
    for numbers in (_CLONE3, _OPENAT2):  # their arguments lie behind a pointer; libc falls back on ENOSYS
        program += _answer(numbers[column], _ERRNO | errno.ENOSYS)
    program += _conditional(_CLONE[column], 0, _ANY_BIT, _CLONE_THREAD, allow=True)
    program += _conditional(_OPEN[column], 1, _ANY_BIT, _WRITING, allow=False)
    program += _conditional(_OPENAT[column], 2, _ANY_BIT, _WRITING, allow=False)
    program += _conditional(_TGKILL[column], 0, _EQUAL, os.getpid(), allow=True)  # abort() of this process
    program += _conditional(_PRLIMIT64[column], 2, _EQUAL, 0, allow=True)  # reading limits, not setting
    return [*program, _instruction(_RETURN, _ALLOW)]


def _instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("<HBBI", code, if_true, if_false, value)


def _answer(number: int | None, action: int) -> list[bytes]:
    if number is None:
        return []
    return [_instruction(_EQUAL, number, 0, 1), _instruction(_RETURN, action)]


def _conditional(number: int | None, argument: int, test: int, value: int, *, allow: bool) -> list[bytes]:
    """One call decided by the low half of an argument: allowed exactly when the test is `allow`."""
    if number is None:
        return []
    yes, no = (_ALLOW, _ERRNO | errno.EACCES) if allow else (_ERRNO | errno.EACCES, _ALLOW)
    return [
        _instruction(_EQUAL, number, 0, 4),
        _instruction(_LOAD, _ARGUMENTS_AT + 8 * argument),
        _instruction(test, value, 0, 1),
        _instruction(_RETURN, yes),
        _instruction(_RETURN, no),
    ]
