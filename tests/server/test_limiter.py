"""A client may make a burst of requests and then so many a second."""

import pytest

from server.http.limiter import REMEMBERED, RateLimiter, client_key


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_then_a_rate() -> None:
    """Three at once, then one each half second; the wait is told in whole seconds."""
    clock = Clock()
    limiter = RateLimiter(rate=2.0, burst=3, clock=clock)
    assert [limiter.wait("a") for _ in range(4)] == [0, 0, 0, 1]
    clock.now += 0.5
    assert limiter.wait("a") == 0
    assert limiter.wait("a") == 1


def test_clients_do_not_share_a_bucket() -> None:
    """One busy client leaves the others alone."""
    limiter = RateLimiter(rate=0.1, burst=1, clock=Clock())
    assert limiter.wait("a") == 0
    assert limiter.wait("a") == 10
    assert limiter.wait("b") == 0


def test_no_rate_no_limit() -> None:
    """The limit is off by default."""
    limiter = RateLimiter(rate=0.0, burst=1)
    assert {limiter.wait("a") for _ in range(100)} == {0}


def test_memory_is_bounded() -> None:
    """As many addresses as an attacker likes take only so much room."""
    limiter = RateLimiter(rate=1.0, burst=1, clock=Clock())
    for number in range(REMEMBERED + 50):
        limiter.wait(str(number))
    assert len(limiter._buckets) == REMEMBERED


@pytest.mark.parametrize(
    ("host", "key"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2::9", "2001:db8:1:2::"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("a socket", "a socket"),
    ],
)
def test_what_counts_as_one_client(host: str, key: str) -> None:
    """One IPv6 subscriber owns a whole network of addresses."""
    assert client_key(host) == key
