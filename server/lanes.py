"""Who may use a worker next, and for how long among the quick ones: fairness between clients.

Quick queries run in the fast lane. One that has used more CPU than a quick one moves to the slow lane,
which has few places and few for each client, and a new worker takes its place. Whoever has been
served least goes first.
"""

import asyncio
import math
from collections import Counter, deque

from server.link import Link
from server.query import Failure
from server.settings import ServerSettings

_HALF_LIFE = 10.0
"""Seconds after which half of what a client has used is forgotten."""
_REMEMBERED = 10_000
"""Clients whose use is remembered; beyond it those who have used least are forgotten."""


class Shares:
    """How many seconds of a worker each client has used lately: its use decays by half in ten seconds."""

    def __init__(self) -> None:
        self._used: dict[str, tuple[float, float]] = {}  # seconds, and when they were right

    def of(self, client: str, now: float) -> float:
        """The seconds that count against `client` at the time `now`."""
        used, at = self._used.get(client, (0.0, now))
        return used * math.exp2((at - now) / _HALF_LIFE)

    def add(self, client: str, seconds: float, now: float) -> None:
        """Count `seconds` against `client`."""
        self._used[client] = (self.of(client, now) + seconds, now)
        if len(self._used) > _REMEMBERED:
            least = sorted(self._used, key=lambda known: self.of(known, now))
            for known in least[: _REMEMBERED // 10]:
                del self._used[known]


class Lanes:
    """Counts who runs and who waits; it decides, the pool acts."""

    def __init__(self, settings: ServerSettings) -> None:
        self._settings = settings
        self._waiting: dict[str, deque[asyncio.Future[Link]]] = {}
        self._slow_of: Counter[str] = Counter()
        self._shares = Shares()
        self.waiting = 0
        self.fast = 0
        self.slow = 0

    def free(self) -> bool:
        """Whether the fast lane has a place and nobody waits for it."""
        return self.fast < self._settings.workers and not self.waiting

    def wait(self, client: str, turn: asyncio.Future[Link]) -> None:
        """Queue up; `turn` is set when it is this one's turn. Raises Failure when there is no room."""
        queue = self._waiting.get(client, ())
        if self.waiting >= self._settings.queue:
            raise Failure("overload", "Too many queries are waiting; try again shortly.", retry_after=5)
        if len(queue) >= self._settings.client_queue:
            raise Failure("client-cap", "Too many of your queries are waiting already.", retry_after=5)
        self._waiting.setdefault(client, deque()).append(turn)
        self.waiting += 1

    def leave(self, client: str, turn: asyncio.Future[Link]) -> None:
        """Stop waiting, if the turn has not come."""
        queue = self._waiting.get(client)
        if queue is None or turn not in queue:
            return
        queue.remove(turn)
        self.waiting -= 1
        if not queue:
            del self._waiting[client]

    def next(self, now: float) -> asyncio.Future[Link] | None:
        """Whose turn it is: the longest waiting query of the client that was served least lately."""
        while self._waiting and self.fast < self._settings.workers:
            client = min(self._waiting, key=lambda waiting: self._shares.of(waiting, now))
            queue = self._waiting[client]
            turn = queue.popleft()
            if not queue:
                del self._waiting[client]
            self.waiting -= 1
            if not turn.done():  # else it has given up
                return turn
        return None

    def start(self) -> None:
        """A query begins in the fast lane."""
        self.fast += 1

    def slow_down(self, client: str) -> Failure | None:
        """Move a query of `client` from the fast lane to the slow one; the reason if it may not."""
        refusal = self.start_slow(client)
        if refusal is None:
            self.fast -= 1
        return refusal

    def start_slow(self, client: str) -> Failure | None:
        """Begin a query of `client` in the slow lane; the reason if it may not."""
        if self._slow_of[client] >= self._settings.client_slow:
            return Failure("client-cap", "You have as many long queries running as one may.", retry_after=10)
        if self.slow >= self._settings.slow_slots:
            return Failure(
                "overload", "All places for long queries are taken; try again later.", retry_after=10
            )
        self.slow += 1
        self._slow_of[client] += 1
        return None

    def end(self, client: str, seconds: float, now: float, *, slow: bool) -> None:
        """A query has ended after `seconds` on a worker."""
        self._shares.add(client, seconds, now)
        if not slow:
            self.fast -= 1
            return
        self.slow -= 1
        self._slow_of[client] -= 1
        if not self._slow_of[client]:
            del self._slow_of[client]
