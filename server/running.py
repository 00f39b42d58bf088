"""The queries under way, for the operator's list, and for stopping one from outside its task."""

import asyncio
import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal


class Gone(Exception):  # noqa: N818 -- an event, not an error: nobody is left to be told
    """The client went away while its query ran."""


class Stopped(Exception):  # noqa: N818
    """The operator stopped the query."""


@dataclass(slots=True)
class Entry:
    """One query under way; `client` is a hash, never the address."""

    id: int
    digest: str
    text: str
    kind: str
    client: str
    task: asyncio.Task[object]
    started: float = field(default_factory=time.monotonic)
    fate: Literal["", "gone", "stopped"] = ""

    def end(self, fate: Literal["gone", "stopped"]) -> None:
        """Stop the query; leaving `Pool.run` then frees its worker."""
        if not self.fate:
            self.fate = fate
            self.task.cancel()


class Running:
    """All queries under way in this process."""

    def __init__(self) -> None:
        self._entries: dict[int, Entry] = {}
        self._ids = itertools.count(1)

    def __iter__(self) -> Iterator[Entry]:
        return iter(list(self._entries.values()))

    def __len__(self) -> int:
        return len(self._entries)

    @contextmanager
    def enter(self, digest: str, text: str, kind: str, client: str) -> Iterator[Entry]:
        """List the query of the present task; raises Gone or Stopped when it was ended from outside."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 -- only ever entered from a coroutine
        entry = Entry(next(self._ids), digest, text, kind, client, task)
        self._entries[entry.id] = entry
        try:
            yield entry
        except asyncio.CancelledError:
            if not entry.fate or task.uncancel():
                raise  # cancelled by another, such as the server closing down
            raise Gone if entry.fate == "gone" else Stopped from None
        finally:
            del self._entries[entry.id]

    def stop(self, identity: int) -> bool:
        """Stop the query with an id; False if it is not (or no longer) under way."""
        entry = self._entries.get(identity)
        if entry is None:
            return False
        entry.end("stopped")
        return True
