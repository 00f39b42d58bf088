"""Who may use a worker next, and for how long among the quick ones: fairness between clients.

Quick queries run in the fast lane. One that turns out not to be quick moves to the slow lane, which has few
places and few for each client. In front of each lane there is a line, and in it whoever has been served
least goes first. One place of the fast lane more is kept for those who have hardly been served at all. When
somebody waits who has had much less, a query must leave the fast lane sooner, and the slow one at last.
"""

import asyncio
import math
from collections import Counter, deque
from collections.abc import Callable

from server.settings import ServerSettings
from server.workers.link import Link
from server.workers.query import Failure

Turn = asyncio.Future[Link]

_HALF_LIFE = 10.0
"""Seconds after which half of what a client has used is forgotten."""
RESERVED = 1
"""Places of the fast lane, beyond the setting, for clients who have used little."""
_LITTLE = 1.0
"""Seconds of a worker, used lately, up to which a client has used little."""
_NEWCOMER = 0.25
"""Seconds that count against a client of whom nothing is known: those known as modest go before it."""
_MUCH_LESS = 4.0
"""Who has used so many times less than another may take its place."""
_LONG = 5.0
"""Seconds that a slow query has in any case before it has to make room."""
_REMEMBERED = 10_000
"""Clients whose use is remembered; beyond it those who have used least are forgotten."""


class Shares:
    """How many seconds of a worker each client has used lately; what lies back counts less and less."""

    def __init__(self) -> None:
        self._used: dict[str, tuple[float, float]] = {}  # seconds, and when they were right

    def of(self, client: str, now: float) -> float:
        """The seconds that count against `client` at the time `now`."""
        used, at = self._used.get(client, (_NEWCOMER, now))
        return used * math.exp2((at - now) / _HALF_LIFE)

    def add(self, client: str, seconds: float, now: float) -> None:
        """Count `seconds` against `client`."""
        self._used[client] = (self.of(client, now) + seconds, now)
        if len(self._used) > _REMEMBERED:
            least = sorted(self._used, key=lambda known: self.of(known, now))
            for known in least[: _REMEMBERED // 10]:
                del self._used[known]


class Line:
    """Those who wait for one lane, client by client."""

    def __init__(self) -> None:
        self._waiting: dict[str, deque[Turn]] = {}
        self.length = 0

    def length_of(self, client: str) -> int:
        """How many of `client` wait here."""
        return len(self._waiting.get(client, ()))

    def join(self, client: str, turn: Turn) -> None:
        """Wait at the end of the client's own queue."""
        self._waiting.setdefault(client, deque()).append(turn)
        self.length += 1

    def leave(self, client: str, turn: Turn) -> None:
        """Stop waiting; nothing happens if the turn has already come."""
        queue = self._waiting.get(client)
        if queue is not None and turn in queue:
            queue.remove(turn)
            self._shrunk(client)

    def clients(self) -> list[str]:
        """Whose queries wait here."""
        return list(self._waiting)

    def everyone(self) -> list[Turn]:
        """All who wait here."""
        return [turn for queue in self._waiting.values() for turn in queue]

    def next(self, used: Callable[[str], float], may: Callable[[str], bool]) -> tuple[str, Turn] | None:
        """The first of the client who has `used` least, of those who `may` go."""
        while candidates := [client for client in self._waiting if may(client)]:
            client = min(candidates, key=used)
            turn = self._waiting[client].popleft()
            self._shrunk(client)
            if not turn.done():  # else it has given up
                return client, turn
        return None

    def _shrunk(self, client: str) -> None:
        self.length -= 1
        if not self._waiting[client]:
            del self._waiting[client]


class Lanes:
    """Counts who runs and who waits; it decides, the pool acts."""

    def __init__(self, settings: ServerSettings) -> None:
        self._settings = settings
        self._fast_line = Line()
        self._slow_line = Line()
        self._slow_of: Counter[str] = Counter()
        self._shares = Shares()
        self.fast = 0
        self.slow = 0

    @property
    def waiting(self) -> int:
        """How many wait, for either lane."""
        return self._fast_line.length + self._slow_line.length

    def open(self, client: str, now: float) -> bool:
        """Whether the fast lane has a place for `client` and nobody waits for it."""
        return not self._fast_line.length and self._may_be_fast(client, now)

    def wait(self, client: str, turn: Turn, *, slow: bool) -> None:
        """Queue up; a worker is set into `turn` when it comes. Raises Failure when there is no room."""
        if self.waiting >= self._settings.queue:
            raise Failure("overload", "Too many queries are waiting; try again shortly.", retry_after=5)
        mine = self._fast_line.length_of(client) + self._slow_line.length_of(client)
        if mine >= self._settings.client_queue:
            raise Failure("client-cap", "Too many of your queries are waiting already.", retry_after=5)
        self._line(slow=slow).join(client, turn)

    def leave(self, client: str, turn: Turn, *, slow: bool) -> None:
        """Stop waiting; nothing happens if the turn has already come."""
        self._line(slow=slow).leave(client, turn)

    def everyone(self) -> list[Turn]:
        """All who wait, for either lane."""
        return self._fast_line.everyone() + self._slow_line.everyone()

    def next(self, now: float) -> tuple[Turn, bool] | None:
        """Whose turn it is, and whether in the slow lane; its place is taken with this."""

        def used(client: str) -> float:
            return self._shares.of(client, now)

        def may(client: str) -> bool:
            return self._may_be_fast(client, now)

        if self._fast_line.length and (found := self._fast_line.next(used, may)):
            self.start_fast()
            return found[1], False
        if self._slow_line.length and (found := self._slow_line.next(used, self.may_be_slow)):
            self.start_slow(found[0])
            return found[1], True
        return None

    def may_be_slow(self, client: str) -> bool:
        """Whether the slow lane has a place for (another) query of `client`."""
        return self.slow < self._settings.slow_slots and self._slow_of[client] < self._settings.client_slow

    def wanted(self, client: str, seconds: float, now: float) -> bool:
        """Whether somebody in the line for the fast lane has had much less than a query of `client`."""
        waiting = self._least(self._fast_line.clients(), now)
        return waiting is not None and self._shares.of(client, now) + seconds > _MUCH_LESS * waiting

    def must_leave(self, client: str, seconds: float, now: float) -> bool:
        """Whether a slow query that has run for `seconds` has to make room for somebody in the line."""
        if self.slow < self._settings.slow_slots or not self._slow_line.length:
            return False
        able = [
            other for other in self._slow_line.clients() if self._slow_of[other] < self._settings.client_slow
        ]
        waiting = self._least(able, now)
        had = self._shares.of(client, now) + seconds
        return waiting is not None and had > _LONG + _MUCH_LESS * waiting

    def start_fast(self) -> None:
        """A query takes a place in the fast lane."""
        self.fast += 1

    def start_slow(self, client: str) -> None:
        """A query takes a place in the slow lane."""
        self.slow += 1
        self._slow_of[client] += 1

    def slow_down(self, client: str) -> None:
        """A query changes from the fast lane to the slow one."""
        self.fast -= 1
        self.start_slow(client)

    def end(self, client: str, seconds: float, now: float, *, slow: bool) -> None:
        """A query leaves its lane after `seconds` on a worker."""
        if seconds:
            self._shares.add(client, seconds, now)
        if not slow:
            self.fast -= 1
            return
        self.slow -= 1
        self._slow_of[client] -= 1
        if not self._slow_of[client]:
            del self._slow_of[client]

    def refusal(self, client: str) -> Failure:
        """Why a long query of `client` found no place."""
        if self._slow_of[client] >= self._settings.client_slow:
            return Failure("client-cap", "You have as many long queries running as one may.", retry_after=10)
        return Failure("overload", "All places for long queries are taken; try again later.", retry_after=10)

    def _may_be_fast(self, client: str, now: float) -> bool:
        if self.fast < self._settings.workers:
            return True
        return self.fast < self._settings.workers + RESERVED and self._shares.of(client, now) < _LITTLE

    def _least(self, clients: list[str], now: float) -> float | None:
        return min((self._shares.of(client, now) for client in clients), default=None)

    def _line(self, *, slow: bool) -> Line:
        return self._slow_line if slow else self._fast_line
