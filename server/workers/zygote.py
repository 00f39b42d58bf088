"""The single-threaded parent of all workers: it holds the release and forks a worker whenever asked.

It is a program of its own (python -m server.workers.zygote SOCKET PLAN), because a server with threads
must not fork. It ends when the front closes the control socket, and its workers end with it.
"""

import gc
import json
import os
import select
import signal
import socket
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import RdfFormat, Store

from loaders.search.function import SearchFunction
from server.workers import sandbox
from server.workers.answering import Sources
from server.workers.frames import (
    BORN,
    FORK,
    FORK_WITH_NETWORK,
    GONE,
    KILL,
    LOADED,
    ORDER,
    Record,
)
from server.workers.worker import open_store, work

if TYPE_CHECKING:
    from server.workers.remote import Remote


@dataclass(frozen=True, slots=True)
class Plan:
    """What the workers shall serve: a store on disk, or in memory what these N-Quads files hold."""

    store: str
    files: tuple[str, ...]
    in_memory: bool
    memory: int
    merge_limit: int
    engine: str = ""
    """Asked instead of the store, as `user`, for the graphs of `release` below `base`."""
    user: str = ""
    base: str = ""
    release: str = ""

    def remote(self) -> "Remote | None":
        """The engine, where there is one."""
        if not self.engine:
            return None
        from loaders.engines.client import Engine
        from loaders.engines.names import Names
        from server.workers.remote import Remote

        return Remote(Engine(self.engine, user=self.user), Names(self.base, self.release))

    def to_json(self) -> str:
        """The plan as an argument of the command line."""
        return json.dumps(asdict(self))


class Zygote:
    """Forks workers, tells of their birth and their end."""

    def __init__(self, control: socket.socket, plan: Plan) -> None:
        self._control = control
        self._plan = plan
        self._remote = plan.remote()
        self._pid = os.getpid()
        self._store: Store | None = None
        self._errors: dict[int, int] = {}  # the reading end of each worker's standard error
        self._woken, self._wake = socket.socketpair()

    def run(self) -> None:
        """Serve the front until it closes the control socket."""
        if self._plan.in_memory:
            self._store = _load(self._plan)
        gc.collect()
        gc.freeze()  # keeps the collector from touching, and so from copying, the pages that are shared
        self._woken.setblocking(False)
        self._wake.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wake.fileno(), warn_on_full_buffer=False)
        try:
            self._tell(Record(LOADED))
            self._serve()
        except (BrokenPipeError, ConnectionResetError):  # the front is gone
            pass
        finally:
            self._end()

    def _serve(self) -> None:
        while True:
            ready, _, _ = select.select([self._control, self._woken], [], [])
            if self._woken in ready:
                self._woken.recv(4096)
                self._reap()
            if self._control in ready and not self._obey():
                return

    def _obey(self) -> bool:
        data = self._control.recv(ORDER.size, socket.MSG_WAITALL)
        if len(data) < ORDER.size:
            return False
        order, pid = ORDER.unpack(data)
        if order in (FORK, FORK_WITH_NETWORK):
            self._fork(network=order == FORK_WITH_NETWORK)
        elif order == KILL and pid in self._errors:  # not yet reaped, so the number is still its own
            os.kill(pid, signal.SIGKILL)
        return True

    def _fork(self, *, network: bool) -> None:
        front, back = socket.socketpair()
        errors, standard_error = os.pipe()
        pid = os.fork()
        if pid == 0:
            front.close()
            os.dup2(standard_error, sys.stderr.fileno())
            self._become_worker(back, network=network)
        back.close()
        os.close(standard_error)
        self._errors[pid] = errors
        handles = [front.fileno()]
        if hasattr(os, "pidfd_open"):
            handles.append(os.pidfd_open(pid))
        socket.send_fds(self._control, [Record(BORN, pid).pack()], handles)
        front.close()
        for handle in handles[1:]:
            os.close(handle)

    def _become_worker(self, connection: socket.socket, *, network: bool) -> None:
        code = 1
        try:
            sandbox.die_with(self._pid)
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self._control.close()
            path = Path(self._plan.store)
            store, search = self._store or open_store(path), SearchFunction(path.parent)
            sources = Sources(store, search, self._plan.merge_limit, self._remote)
            # An engine is reached over the network.
            work(connection, sources, self._plan.memory, network=network or self._remote is not None)
            code = 0
        except Exception as error:
            print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        finally:
            os._exit(code)

    def _reap(self) -> None:
        while self._errors:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            code = os.waitstatus_to_exitcode(status)
            self._tell(Record(GONE, pid, code, _last_words(self._errors.pop(pid))))

    def _end(self) -> None:
        """Take the workers along and see them off, so that nothing is left to the system."""
        for pid in self._errors:
            os.kill(pid, signal.SIGKILL)
        for pid in self._errors:
            os.waitpid(pid, 0)

    def _tell(self, record: Record) -> None:
        self._control.sendall(record.pack())


def _load(plan: Plan) -> Store:
    """The release in memory, checked against the store on disk: both must answer alike."""
    store = Store()
    for file in plan.files:
        store.bulk_load(path=file, format=RdfFormat.N_QUADS, lenient=True)
    if os.fork() == 0:  # RocksDB starts threads, which a parent of forks must not have
        os._exit(0 if len(Store.read_only(plan.store)) == len(store) else 1)
    if os.wait()[1] != 0:
        raise SystemExit(f"the files beside {plan.store} do not hold what the store holds")
    return store


def _last_words(descriptor: int) -> str:
    os.set_blocking(descriptor, False)
    try:
        return os.read(descriptor, 65536)[-499:].decode(errors="replace")
    except BlockingIOError:
        return ""
    finally:
        os.close(descriptor)


def main() -> None:
    """Run as a program: the control socket is inherited, its number is the first argument."""
    for number in (
        signal.SIGINT,
        signal.SIGTERM,
    ):  # these go to the whole group; the front decides when to end
        signal.signal(number, signal.SIG_IGN)
    sandbox.die_with(os.getppid())
    control = socket.socket(fileno=int(sys.argv[1]))
    plan = json.loads(sys.argv[2])
    Zygote(control, Plan(**plan)).run()
    os._exit(0)  # taking the store apart object by object would take seconds


if __name__ == "__main__":
    main()
