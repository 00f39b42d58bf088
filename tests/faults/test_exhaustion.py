"""More than there is: descriptors, connections, patience, memory. Others are served, and it passes."""

import resource
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import quote, urlsplit

import httpx2
import pytest

from tests.faults.conftest import ALL, Running, running

MANY = 10_000
SPARE = 500
"""Descriptors a process needs beside its connections."""
LONG = "SELECT * { ?a ?b ?c . ?d ?e ?f }"


@contextmanager
def idle(server: Running, number: int, sent: bytes = b"") -> Iterator[list[socket.socket]]:
    """Connections that say nothing more than `sent`."""
    port = urlsplit(server.address).port or 0
    with ExitStack() as stack:
        connections = []
        for count in range(number):
            source = (f"127.0.0.{2 + count % 100}", 0)  # there are not ports enough at one address
            one = socket.create_connection(("127.0.0.1", port), 30, source)
            connections.append(stack.enter_context(one))
            if sent:
                one.sendall(sent)
        yield connections


@pytest.fixture
def descriptors() -> Iterator[int]:
    """As many descriptors as this process may have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield hard
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def rss(server: Running) -> int:
    """Bytes of memory of the server, without its workers."""
    pages = Path(f"/proc/{server.process.pid}/statm").read_text().split()[1]
    return int(pages) * resource.getpagesize()


def answers(server: Running, number: int) -> list[float]:
    """The seconds that each of some queries took, sorted; each is answered."""
    times = []
    for count in range(number):
        began = time.monotonic()
        assert server.ask(f"SELECT ({count} AS ?n) {{}}").text.split()[1] == str(count)
        times.append(time.monotonic() - began)
    return sorted(times)


def test_ten_thousand_idle_connections(region: Path, descriptors: int) -> None:
    """They cost some memory and nobody's time, and half a minute later they are closed."""
    number = min(MANY, descriptors - SPARE)
    if number < MANY // 10:
        pytest.skip("this process may have too few descriptors")
    with running(region) as server:
        before = rss(server)
        answers(server, 5)
        with idle(server, number) as connections:
            assert answers(server, 50)[25] < 0.5
            assert rss(server) - before < number * 30_000
            end = time.monotonic() + 60
            for connection in connections:
                connection.settimeout(max(0.1, end - time.monotonic()))
                assert connection.recv(1) == b""
        assert answers(server, 5)


def test_no_descriptors_are_left(region: Path) -> None:
    """Those that are in are served, later ones are told so at once, and it passes."""
    with (
        running(region, limits={resource.RLIMIT_NOFILE: 100}) as server,
        httpx2.Client(base_url=server.address) as client,
    ):
        query = f"/sparql?query={quote(ALL)}"
        assert client.get(query).status_code == 200
        with idle(server, 200):
            refused = server.ask()
            assert (refused.status_code, refused.headers["Retry-After"]) == (503, "10")
            assert client.get(query).status_code == 200
        assert len(server.said("more get 503")) == 1
        end = time.monotonic() + 30
        while server.ask().status_code != 200:
            assert time.monotonic() < end
        assert answers(server, 20)


def test_readers_that_are_slow(region: Path) -> None:
    """Long answers that nobody fetches fill no memory and hold nobody else up."""
    request = f"GET /sparql?query={quote(LONG)}&format=csv HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    with running(region, "--deadline", "10") as server:
        before = rss(server)
        with idle(server, 40, request):
            assert answers(server, 50)[45] < 2
            assert rss(server) - before < 40 * 3_000_000
        time.sleep(11)
        assert server.metric("pool_slow_queries") == 0
        assert answers(server, 10)
