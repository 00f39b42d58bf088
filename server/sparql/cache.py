"""Whole answers kept by release, query and format, bounded in bytes."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

OVERHEAD = 400
"""Bytes counted for each entry beside its body: key, headers, and the links of the dictionary."""


@dataclass(frozen=True, slots=True)
class Key:
    """What decides the bytes of an answer."""

    release: str
    digest: str
    """Hash of the query text, its dataset and its limits."""
    media_type: str
    coding: str


class ResultCache:
    """The answers used last; the ones not used for longest go first.

    `limit` and `entry_limit` are bytes; a limit of 0 keeps nothing.
    """

    def __init__(self, limit: int, entry_limit: int) -> None:
        self.limit = limit
        self.entry_limit = min(limit, entry_limit)
        self.size = 0
        self.hits = 0
        self.misses = 0
        self._bodies: OrderedDict[Key, bytes] = OrderedDict()

    def __len__(self) -> int:
        return len(self._bodies)

    def get(self, key: Key) -> bytes | None:
        """The body kept under a key, or None."""
        found = self.find([key])
        return found[1] if found else None

    def find(self, keys: Iterable[Key]) -> tuple[Key, bytes] | None:
        """The first of several keys that something is kept under, and that; counted as one hit or miss."""
        for key in keys:
            body = self._bodies.get(key)
            if body is not None:
                self.hits += 1
                self._bodies.move_to_end(key)
                return key, body
        self.misses += 1
        return None

    def put(self, key: Key, body: bytes) -> None:
        """Keep a whole body, unless it is larger than an entry may be."""
        if len(body) + OVERHEAD > self.entry_limit:
            return
        self._drop(key)
        self._bodies[key] = body
        self.size += len(body) + OVERHEAD
        while self.size > self.limit:
            self._drop(next(iter(self._bodies)))

    def keep_only(self, release: str) -> None:
        """Forget the answers of other releases; they could not be found any more, but would take room."""
        for key in [key for key in self._bodies if key.release != release]:
            self._drop(key)

    def _drop(self, key: Key) -> None:
        body = self._bodies.pop(key, None)
        if body is not None:
            self.size -= len(body) + OVERHEAD
