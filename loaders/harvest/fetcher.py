"""Harvest over HTTP, as a good guest does: conditionally, patiently, within limits, and saying who asks."""

import hashlib
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.request import getproxies

import httpx2
import stamina

from loaders.harvest.documents import Document, short
from loaders.harvest.guard import GuardedTransport
from loaders.lines import link
from ontology.errors import SourceError

# What became of a document is told; that it was asked for again is not, and not by a logger of others.
stamina.instrumentation.set_on_retry_hooks([])

REDIRECTS = 10
ATTEMPTS = 4
PATIENCE = 120.0
"""Longest wait in seconds that a server may ask for with Retry-After; beyond it the source fails."""

_REDIRECT = (301, 302, 303, 307, 308)
_LATER = (408, 425, 429, 500, 502, 503, 504)
RDF = (
    "application/rdf+xml, text/turtle;q=0.9, application/ld+json;q=0.9, application/n-quads;q=0.8, "
    "application/n-triples;q=0.8, application/trig;q=0.8, */*;q=0.1"
)
"""What a catalogue is asked for, as an `Accept` header."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one harvest may take: bytes of a document, seconds in all; `private` allows private networks."""

    size: int
    seconds: float
    private: bool = False


class Fetcher:
    """Fetches documents for one build: one request at a time for each host, whoever asks."""

    def __init__(self, contact: str = "", *, direct: bool = False) -> None:
        """`direct` goes past any proxy: for addresses of strangers, who must not ask its network either."""
        self._direct = direct
        self._agent = f"ODIS/{version('odis')} ({contact or 'harvester of open data catalogues'})"
        self._stack = ExitStack()
        self._clients: dict[bool, httpx2.Client] = {}
        self._turns: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def fetch(
        self, address: str, target: Path, bounds: Bounds, known: Document | None = None, accept: str = RDF
    ) -> Document:
        """Fetch one document into the file `target`, unless the server says that `known` is still right.

        `accept` is the header of that name. Raises SourceError with the address and what went wrong.
        """
        deadline = time.monotonic() + bounds.seconds
        headers = {"Accept": accept, **_conditions(known)}
        tries = stamina.retry_context(
            on=_wait,
            attempts=ATTEMPTS,
            timeout=bounds.seconds,
            wait_initial=1.0,
            wait_max=30.0,
            wait_jitter=0.5,
        )
        try:
            for attempt in tries:
                with attempt:
                    return self._once(address, headers, target, bounds, known, deadline)
        except _LaterError as error:
            raise SourceError(
                f"{short(address)} answered {error.status}; tried {ATTEMPTS} times at most"
            ) from error
        except httpx2.TimeoutException as error:
            raise SourceError(f"{short(address)} did not answer in time") from error
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise SourceError(f"{short(address)} cannot be fetched: {error}") from error
        raise AssertionError("a retry loop ends with a result or an error")

    def _once(
        self,
        address: str,
        headers: Mapping[str, str],
        target: Path,
        bounds: Bounds,
        known: Document | None,
        deadline: float,
    ) -> Document:
        url = httpx2.URL(address)
        for _ in range(REDIRECTS + 1):
            with (
                self._turn(url.host),
                self._client(bounds.private).stream("GET", url, headers=headers) as response,
            ):
                if response.status_code not in _REDIRECT:
                    return _kept(response, address, target, bounds, known, deadline)
                url = _next(response)
        raise SourceError(f"{short(address)} redirects more than {REDIRECTS} times")

    @contextmanager
    def _turn(self, host: str) -> Iterator[None]:
        with self._lock:
            turn = self._turns.setdefault(host, threading.Lock())
        with turn:
            yield

    def _client(self, private: bool) -> httpx2.Client:
        with self._lock:
            if private not in self._clients:
                # Behind a proxy it is the proxy that connects, and its owner who decides where to.
                theirs = private or (getproxies() and not self._direct)
                own = None if theirs else GuardedTransport(httpx2.create_ssl_context())
                client = httpx2.Client(
                    transport=own,
                    headers={"User-Agent": self._agent},
                    timeout=httpx2.Timeout(30.0, connect=10.0),
                )
                self._clients[private] = self._stack.enter_context(client)
            return self._clients[private]


class _LaterError(Exception):
    """The server asks to come back later, after `wait` seconds if it says when."""

    def __init__(self, response: httpx2.Response) -> None:
        super().__init__(response.status_code)
        self.status = f"{response.status_code} {response.reason_phrase}".strip()
        self.wait = _seconds(response.headers.get("Retry-After", ""))


def _wait(error: Exception) -> bool | float:
    """Whether to try again, and after how many seconds where the server says so."""
    if isinstance(error, httpx2.ConnectError):
        return 1.0  # nobody is there: one who starts anew comes back soon, others not for minutes
    if not isinstance(error, _LaterError):
        return isinstance(error, httpx2.TransportError) and not isinstance(error, httpx2.UnsupportedProtocol)
    if error.wait is None:
        return True
    return error.wait if error.wait <= PATIENCE else False


def _seconds(value: str) -> float | None:
    """Retry-After (RFC 9110, 10.2.3): seconds, or a date."""
    if value.strip().isdigit():
        return float(value)
    try:
        when = parsedate_to_datetime(value)
    except ValueError:
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return max(0.0, (when - datetime.now(UTC)).total_seconds())


def _conditions(known: Document | None) -> Mapping[str, str]:
    """The headers of a conditional request (RFC 9110, 13.1)."""
    if known is None:
        return {}
    asked = {"If-None-Match": known.etag, "If-Modified-Since": known.modified}
    return {name: value for name, value in asked.items() if value}


def _next(response: httpx2.Response) -> httpx2.URL:
    """Where a redirect leads."""
    place = response.headers.get("Location", "")
    try:
        url = response.url.join(place)
    except httpx2.InvalidURL as error:
        raise SourceError(f"{response.url} redirects to {place!r}, which is no address") from error
    if not place or url.scheme not in ("http", "https") or not url.host:
        raise SourceError(f"{response.url} redirects to {place!r}, which is no http or https address")
    return url


def _kept(
    response: httpx2.Response,
    address: str,
    target: Path,
    bounds: Bounds,
    known: Document | None,
    deadline: float,
) -> Document:
    """Write the answer to the file `target`."""
    if response.status_code == 304 and known is not None:
        link(known.path, target)
        return replace(known, path=target)
    if response.status_code in _LATER:
        raise _LaterError(response)
    if response.status_code != 200:
        raise SourceError(
            f"{short(address)} answered {response.status_code} {response.reason_phrase}".strip()
        )
    digest = _save(response, address, target, bounds, deadline)
    return Document(
        path=target,
        name=address,
        address=str(response.url.copy_with(fragment=None)),
        hint=response.headers.get("Content-Type", "").partition(";")[0].strip().lower(),
        sha256=digest,
        etag=response.headers.get("ETag", ""),
        modified=response.headers.get("Last-Modified", ""),
        immutable="immutable" in response.headers.get("Cache-Control", "").lower(),
    )


def _save(response: httpx2.Response, address: str, target: Path, bounds: Bounds, deadline: float) -> str:
    digest = hashlib.sha256()
    size = 0
    with target.open("wb") as file:
        for block in response.iter_bytes():
            size += len(block)
            if size > bounds.size:
                raise SourceError(f"{short(address)} sends more than the allowed {bounds.size:,} bytes")
            if time.monotonic() > deadline:
                allowed = f"{round(bounds.seconds, 1):g} seconds"
                raise SourceError(f"{short(address)} took longer than the allowed {allowed}")
            digest.update(block)
            file.write(block)
    return digest.hexdigest()
