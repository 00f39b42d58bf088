"""The link check: calls the addresses of distributions, politely, and keeps what they answer.

One request at a time for each host, with a pause between two. HEAD first; what refuses that is asked for its
first byte. Each result is kept at once, so a check that is stopped goes on where it was.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from urllib.request import getproxies

import httpx2

from loaders.harvest.guard import AsyncGuardedTransport
from loaders.quality.links import Answer, note, read_answers
from ontology import iri
from ontology.errors import SourceError
from shapes.terms import plain

REDIRECTS: Final = 5
_ADDRESSES: Final = tuple(f"> <{iri(name)}> ".encode() for name in ("dcat:accessURL", "dcat:downloadURL"))
_LATER: Final = (429, 503)
"""What says nothing about the link: the host has too much to do, and is left in peace for this time."""
_HEAD_IS_ENOUGH: Final = (404, 410)

Told = Callable[[Answer], None]


@dataclass(frozen=True, slots=True)
class Manners:
    """How a link check behaves; times are seconds."""

    contact: str = ""
    hosts: int = 20
    """Hosts that are asked at the same time."""
    pause: float = 1.0
    """Between two requests to one host."""
    patience: float = 15.0
    """For one answer."""
    seconds: float = 3600.0
    """For the whole check."""
    private: bool = False
    """Whether addresses may lie in a private network."""


def addresses(graph: Path) -> list[str]:
    """The http(s) addresses of all distributions in a file of N-Quads, in alphabetical order."""
    found: set[str] = set()
    with graph.open("rb") as lines:
        for line in lines:
            if any(name in line for name in _ADDRESSES):
                found.add(_address(line.decode()))
    return sorted(one for one in found if one.startswith(("http://", "https://")))


def _address(line: str) -> str:
    """The object of a line of N-Quads: an IRI, or what should have been one."""
    value = line.split(" ", 2)[2]
    return value[1 : value.index(">")] if value.startswith("<") else plain(value[: value.rindex('"') + 1])


def due(data: Path, wanted: Iterable[str], older: timedelta, limit: int) -> list[str]:
    """The addresses to call now: those never called, then those called longest ago; at most `limit`."""
    called = {answer.address: answer.checked for answer in read_answers(data)}
    before = (datetime.now(UTC) - older).isoformat(timespec="seconds")
    waiting = [one for one in wanted if called.get(one, "") < before]
    return sorted(waiting, key=lambda one: called.get(one, ""))[:limit]


def check_links(data: Path, wanted: Sequence[str], manners: Manners, told: Told) -> None:
    """Call addresses and keep the answers; `told` is told each of them."""
    asyncio.run(_check(data, wanted, manners, told))


async def _check(data: Path, wanted: Sequence[str], manners: Manners, told: Told) -> None:
    by_host: dict[str, list[str]] = defaultdict(list)
    for address in wanted:
        by_host[_host(address)].append(address)
    places, until = asyncio.Semaphore(manners.hosts), time.monotonic() + manners.seconds

    async def host(found: list[str]) -> None:
        async with places:
            for address in found:
                if time.monotonic() > until:
                    return
                answer = await _call(client, address, manners)
                if answer.status in _LATER:
                    return
                note(data, [answer])
                told(answer)
                await asyncio.sleep(manners.pause)

    async with _client(manners) as client, asyncio.TaskGroup() as group:
        for found in by_host.values():
            group.create_task(host(found))


def _host(address: str) -> str:
    try:
        return urlsplit(address).netloc.lower()
    except ValueError:
        return ""


def _client(manners: Manners) -> httpx2.AsyncClient:
    # Behind a proxy it is the proxy that connects, and its owner who decides where to.
    theirs = manners.private or getproxies()
    return httpx2.AsyncClient(
        transport=None if theirs else AsyncGuardedTransport(httpx2.create_ssl_context()),
        headers={"User-Agent": f"ODIS/{version('odis')} ({manners.contact or 'link check of open data'})"},
        timeout=httpx2.Timeout(manners.patience, connect=min(10.0, manners.patience)),
        follow_redirects=True,
        max_redirects=REDIRECTS,
    )


async def _call(client: httpx2.AsyncClient, address: str, manners: Manners) -> Answer:
    """One address: HEAD, and a ranged GET (RFC 9110, 14.2) where that is refused."""
    answer = await _once(client, "HEAD", address, manners)
    if 0 < answer.status < 400 or answer.status in (*_LATER, *_HEAD_IS_ENOUGH):
        return answer
    await asyncio.sleep(manners.pause)
    return await _once(client, "GET", address, manners)


async def _once(client: httpx2.AsyncClient, method: str, address: str, manners: Manners) -> Answer:
    headers = {"Range": "bytes=0-0"} if method == "GET" else {}
    now = datetime.now(UTC).isoformat(timespec="seconds")
    try:
        async with (
            asyncio.timeout(manners.patience),
            client.stream(method, address, headers=headers) as response,  # the body is never read
        ):
            final = str(response.url) if response.history else ""
            return Answer(address, now, method, response.status_code, final, response.reason_phrase)
    except (httpx2.HTTPError, httpx2.InvalidURL, SourceError, ValueError, TimeoutError) as error:
        words = f"no answer within {manners.patience:g} s" if isinstance(error, TimeoutError) else str(error)
        return Answer(address, now, method, 0, "", words or type(error).__name__)
