"""Where an answer is written: gathered into frames, the first of which says whether it is whole."""

import resource
import socket
import time
from collections.abc import Callable
from typing import IO, cast

from server.workers.frames import END, FRAME, HEAD, PART, WHOLE

WHOLE_LIMIT = 64 * 1024
"""An answer up to this size is sent at once, so that its status is only given when it is complete."""
_PART_SIZE = 128 * 1024


class Output:
    """The file that the engine serialises into. It sends nothing before WHOLE_LIMIT is exceeded."""

    __slots__ = ("_connection", "_held", "_parts", "_rows", "_size", "_spelt", "_tired_above", "started")

    def __init__(self, connection: socket.socket, tired_above: int) -> None:
        self._connection = connection
        self._tired_above = tired_above
        self.reset()

    @property
    def file(self) -> IO[bytes]:
        """This, as what the engine is declared to write to; it calls `write` and `flush` only."""
        return cast(IO[bytes], self)

    def reset(
        self, rows: Callable[[bytes], None] | None = None, spelt: Callable[[bytes], bytes] | None = None
    ) -> None:
        """Begin a new answer.

        `rows` is shown all that is written, `spelt` gives what is sent instead; both refuse by raising.
        """
        self._parts: list[bytes] = []
        self._size = 0
        self._rows = rows
        self._spelt = spelt
        self._held = WHOLE_LIMIT
        self.started = False

    def write(self, data: bytes) -> int:
        """Take a piece of the answer; called by the engine with about 8 KiB."""
        self._parts.append(data)
        self._size += len(data)
        if self._size > self._held:
            self._flush(PART)
        return len(data)

    def flush(self) -> None:
        """Nothing: `finish` sends the rest."""

    def finish(self) -> None:
        """Send what is left as the end of the answer."""
        self._flush(END if self.started else WHOLE)

    def send(self, kind: bytes, body: bytes = b"") -> None:
        """Send one frame, with the CPU time used so far and whether there is strength for another query."""
        fresh = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss <= self._tired_above
        self._connection.sendall(FRAME.pack(kind, len(body), time.process_time(), fresh) + body)

    def _flush(self, kind: bytes) -> None:
        body = b"".join(self._parts)
        self._parts, self._size = [], 0
        if self._rows is not None:
            self._rows(body)
        if self._spelt is not None:
            body = self._spelt(body)
        if kind == PART and not self.started:
            self.send(HEAD)
            self.started = True
            self._held = _PART_SIZE
        self.send(kind, body)
