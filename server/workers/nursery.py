"""A zygote as the front sees it: a program of its own that is asked for workers."""

import asyncio
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Protocol

from server.workers.frames import BORN, FORK, FORK_WITH_NETWORK, GONE, KILL, LOADED, ORDER, RECORD, Record
from server.workers.link import Link
from server.workers.zygote import Plan

_HOPELESS = 5
"""So many workers that end before they are ready, one after the other, and the nursery is given up."""


class Overseer(Protocol):
    """Who is told what becomes of a zygote and its workers."""

    def ready(self, nursery: "Nursery", link: Link) -> None:
        """A worker has started and waits for its first query."""

    def answered(self, link: Link) -> None:
        """A worker has ended an answer, well or not."""

    def lost(self, nursery: "Nursery", link: Link) -> None:
        """A worker is gone."""

    def gone(self, nursery: "Nursery") -> None:
        """The zygote is gone, and its workers with it."""


class Nursery:
    """One zygote process and the workers it has forked; `idle` are those that wait for a query.

    `still_born` counts the workers that ended before they were ready, since the last one that was.
    """

    def __init__(self, overseer: Overseer, release: str, plan: Plan) -> None:
        self.release = release
        self.in_memory = plan.in_memory
        self.links: dict[int, Link] = {}
        self.idle: list[Link] = []
        self.alive = False
        self.still_born = 0
        self.last_words = ""
        self._overseer = overseer
        self._plan = plan
        self._changed = asyncio.Event()
        self._loaded = False
        self._asked_for: list[bool] = []  # for each worker not yet born: with network?
        self._tasks: set[asyncio.Task[None]] = set()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process id of the zygote."""
        return self._process.pid if self._process else None

    @property
    def staff(self) -> int:
        """Workers for quick queries, those on their way included and those that were let go not."""
        return sum(link.counted for link in self.links.values()) + self._asked_for.count(False)

    async def start(self) -> bool:
        """Start the zygote and wait until it has what it serves; False if it ended before."""
        self._loop = asyncio.get_running_loop()
        self._control, theirs = socket.socketpair()
        command = [
            sys.executable,
            "-P",
            "-m",
            "server.workers.zygote",
            str(theirs.fileno()),
            self._plan.to_json(),
        ]
        self._process = subprocess.Popen(  # noqa: S603  our own program, no shell
            command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, env=_environment()
        )
        theirs.close()
        self._control.setblocking(False)
        self.alive = True
        self._loop.add_reader(self._control.fileno(), self._readable)
        while self.alive and not self._loaded:
            await self._change()
        return self.alive

    async def staffed(self, number: int) -> bool:
        """Wait until `number` workers are ready; False if that is not going to be."""
        while self.alive and self.still_born < _HOPELESS and len(self.idle) < number:
            await self._change()
        return len(self.idle) >= number

    def spawn(self, *, network: bool = False) -> None:
        """Ask for one more worker."""
        self._asked_for.append(network)
        self._order(FORK_WITH_NETWORK if network else FORK)

    async def close(self) -> None:
        """End the zygote and its workers; returns when they are gone."""
        for link in list(self.links.values()):
            link.kill()
        self._end()
        if self._process is not None:
            await asyncio.to_thread(_bury, self._process, 5.0 if self._loaded else 0.0)

    def ready(self, link: Link) -> None:
        """From a worker: it waits for its first query."""
        self.still_born = 0
        self._overseer.ready(self, link)
        self._changed.set()

    def answered(self, link: Link) -> None:
        """From a worker: it has ended an answer."""
        self._overseer.answered(link)

    def lost(self, link: Link) -> None:
        """From a worker's connection: it is gone."""
        self.links.pop(link.pid, None)
        if link in self.idle:
            self.idle.remove(link)
        if not link.up:
            self.still_born += 1
            self.last_words = link.last_words
        self._overseer.lost(self, link)
        self._changed.set()

    def kill(self, pid: int) -> None:
        """From a worker's connection: have the zygote kill it, where there are no handles on processes."""
        self._order(KILL, pid)

    async def _change(self) -> None:
        self._changed.clear()
        await self._changed.wait()

    def _order(self, order: bytes, pid: int = 0) -> None:
        if not self.alive:
            return
        try:
            self._control.send(ORDER.pack(order, pid))
        except OSError:
            self._end()

    def _readable(self) -> None:
        try:
            data, handles, _, _ = socket.recv_fds(self._control, RECORD.size, 2)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data, handles = b"", []
        if len(data) < RECORD.size:
            self._end()
            return
        record = Record.unpack(data)
        if record.kind == LOADED:
            self._loaded = True
            self._changed.set()
        elif record.kind == BORN:
            self._born(record.pid, handles)
        elif record.kind == GONE and (link := self.links.get(record.pid)):
            link.exited(record.value, record.text)

    def _born(self, pid: int, handles: list[int]) -> None:
        for received in handles:
            os.set_inheritable(
                received, False
            )  # what comes over a socket would be handed on to other programs
        connection = socket.socket(fileno=handles[0])
        handle = handles[1] if len(handles) > 1 else None
        link = Link(self, self.release, pid, handle, network=self._asked_for.pop(0))
        self.links[pid] = link
        task = self._loop.create_task(self._connect(link, connection))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connect(self, link: Link, connection: socket.socket) -> None:
        connection.setblocking(False)
        try:
            await self._loop.create_connection(lambda: link, sock=connection)
        except OSError:
            connection.close()
            link.abandon()

    def _end(self) -> None:
        if not self.alive:
            return
        self.alive = False
        self._loop.remove_reader(self._control.fileno())
        self._control.close()
        self._asked_for.clear()
        for link in list(self.links.values()):
            link.exited(None, "")
        self._changed.set()
        self._overseer.gone(self)


def _bury(process: subprocess.Popen[bytes], patience: float) -> None:
    """Wait for a zygote, which ends when its control socket is closed, unless it is busy loading."""
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _environment() -> dict[str, str]:
    """The environment of the zygote, in which this package is found from wherever it was imported."""
    home = str(Path(__file__).parent.parent.parent)
    inherited = os.environ.get("PYTHONPATH")
    return {**os.environ, "PYTHONPATH": f"{home}{os.pathsep}{inherited}" if inherited else home}
