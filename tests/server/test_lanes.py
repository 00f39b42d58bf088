"""Fairness without processes: who goes next, who may be slow, what is remembered."""

import asyncio
from pathlib import Path

import pytest

from server.settings import ServerSettings
from server.workers.lanes import Lanes, Shares, Turn
from server.workers.pool import Failure

pytestmark = pytest.mark.anyio


def lanes(**changes: int) -> Lanes:
    """Lanes with two fast and two slow places, unless changed."""
    return Lanes(ServerSettings(Path(), **{"workers": 2, "slow_slots": 2, **changes}))  # type: ignore[arg-type]


def turn() -> Turn:
    """One that waits."""
    return asyncio.get_running_loop().create_future()


async def test_least_served_goes_first() -> None:
    """Of two clients the one that has used less goes first, though it came later."""
    both = lanes()
    both.start_fast()
    both.end("greedy", 5.0, now=0.0, slow=False)
    first, second = turn(), turn()
    both.wait("greedy", first, slow=False)
    both.wait("modest", second, slow=False)
    assert both.next(now=1.0) == (second, False)
    assert both.next(now=1.0) == (first, False)
    assert both.waiting == 0


async def test_own_queries_keep_their_order() -> None:
    """The queries of one client go in the order in which they came."""
    one = lanes(workers=1)
    turns = [turn() for _ in range(3)]
    for each in turns:
        one.wait("client", each, slow=False)
    assert [found[0] for _ in range(2) if (found := one.next(now=0.0))] == turns[:2]
    assert one.next(now=0.0) is None  # both places, the extra one included, are taken
    one.end("client", 0.1, now=0.0, slow=False)
    assert one.next(now=0.0) == (turns[2], False)


async def test_those_who_gave_up_are_passed_over() -> None:
    """A turn that nobody waits for any more takes no place."""
    some = lanes()
    gone, left, there = turn(), turn(), turn()
    for each in (gone, left, there):
        some.wait("client", each, slow=False)
    gone.cancel()
    some.leave("client", left, slow=False)
    some.leave("client", left, slow=False)
    assert some.next(now=0.0) == (there, False)
    assert (some.fast, some.waiting) == (1, 0)


async def test_a_place_is_kept_for_those_who_used_little() -> None:
    """When all places are taken there is one more, for who has hardly been served; the others wait."""
    full = lanes()
    for _ in range(2):
        full.start_fast()
    full.start_fast()
    full.end("greedy", 5.0, now=0.0, slow=False)
    greedy, modest = turn(), turn()
    full.wait("greedy", greedy, slow=False)
    assert full.next(now=0.0) is None
    full.wait("modest", modest, slow=False)
    assert full.next(now=0.0) == (modest, False)
    assert full.next(now=0.0) is None
    full.end("modest", 0.01, now=0.0, slow=False)
    full.end("third", 0.01, now=0.0, slow=False)
    assert full.next(now=0.0) == (greedy, False)


async def test_who_had_much_has_to_make_room() -> None:
    """A query is wanted away from its place when one waits who has had much less, and only then."""
    pressed = lanes(slow_slots=1)
    pressed.start_fast()
    pressed.end("modest", 1.0, now=0.0, slow=False)
    pressed.start_slow("greedy")
    assert not pressed.wanted("greedy", 100.0, now=0.0)
    assert not pressed.must_leave("greedy", 100.0, now=0.0)
    pressed.wait("modest", turn(), slow=False)
    assert not pressed.wanted("greedy", 4.7, now=0.0)
    assert pressed.wanted("greedy", 4.8, now=0.0)
    pressed.wait("modest", turn(), slow=True)
    assert not pressed.must_leave("greedy", 9.7, now=0.0)
    assert pressed.must_leave("greedy", 9.8, now=0.0)


async def test_slow_places_are_few_for_each_and_all() -> None:
    """A client has no more slow queries than its cap, and all together no more than there are places."""
    slow = lanes(slow_slots=3, client_slow=2)
    for _ in range(2):
        slow.start_fast()
        assert slow.may_be_slow("a")
        slow.slow_down("a")
    assert not slow.may_be_slow("a")
    assert slow.refusal("a").cause == "client-cap"
    assert slow.may_be_slow("b")
    slow.start_slow("b")
    assert not slow.may_be_slow("c")
    assert slow.refusal("c").cause == "overload"
    slow.end("a", 1.0, now=0.0, slow=True)
    assert slow.may_be_slow("c")
    assert (slow.fast, slow.slow) == (0, 2)


async def test_slow_line_waits_for_a_slow_place() -> None:
    """One that is to run as a slow query waits though the fast lane is free, and others pass it."""
    slow = lanes(slow_slots=1)
    slow.start_slow("a")
    waiting, quick = turn(), turn()
    slow.wait("b", waiting, slow=True)
    assert slow.next(now=0.0) is None
    assert slow.open("d", now=0.0)
    slow.wait("c", quick, slow=False)
    assert slow.next(now=0.0) == (quick, False)
    slow.end("a", 1.0, now=0.0, slow=True)
    assert slow.next(now=0.0) == (waiting, True)


@pytest.mark.parametrize(("client", "cause"), [("a", "client-cap"), ("b", "overload")])
async def test_full_lines_refuse_at_once(client: str, cause: str) -> None:
    """Beyond the bounds of the lines nobody waits: the answer comes at once, with the time to come back."""
    full = lanes(queue=4, client_queue=3)
    for number in range(3 if client == "a" else 4):
        full.wait(
            client if number < 2 else f"other {number}" if client == "b" else "a", turn(), slow=number == 1
        )
    with pytest.raises(Failure) as caught:
        full.wait(client, turn(), slow=False)
    assert caught.value.cause == cause
    assert caught.value.retry_after


def test_use_is_forgotten() -> None:
    """Half of what a client has used counts no more after ten seconds."""
    shares = Shares()
    shares.add("a", 8.0 - shares.of("a", now=0.0), now=0.0)
    assert shares.of("a", now=10.0) == pytest.approx(4.0)
    shares.add("a", 1.0, now=20.0)
    assert shares.of("a", now=20.0) == pytest.approx(3.0)


def test_who_is_known_as_modest_goes_before_a_newcomer() -> None:
    """Many addresses that were never seen before do not push aside those who have always asked for little."""
    shares = Shares()
    for second in range(100):
        shares.add("modest", 0.005, now=float(second))
    shares.add("greedy", 1.0, now=100.0)
    assert shares.of("modest", now=100.0) < shares.of("newcomer", now=100.0) < shares.of("greedy", now=100.0)


def test_memory_of_clients_is_bounded() -> None:
    """Many addresses do not fill the memory; those who have used most are remembered."""
    shares = Shares()
    for number in range(25_000):
        shares.add(str(number), 100.0 if number == 0 else 0.001, now=number / 1e6)
    assert len(shares._used) <= 10_000
    assert shares.of("0", now=0.03) > 99
