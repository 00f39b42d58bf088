"""An answer that is cut off never looks whole: in every format, coding and client."""

import gzip
import json
import shutil
import socket
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from urllib.parse import quote, urlsplit

import brotli  # type: ignore[import-untyped]  # it ships no types
import httpx2
import pytest
import zstandard

from server.http.negotiation import FORMATS, Format, Kind

Serve = Callable[..., AbstractContextManager[str]]
CAP = 2500  # rows: far more than is held back before the status, fewer than there are

DECODE: dict[str, Callable[[bytes], bytes]] = {
    "identity": bytes,
    "gzip": gzip.decompress,
    "br": brotli.decompress,
    "zstd": lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data),
}
ROWS = "SELECT ?s ?p ?o WHERE { ?s ?p ?o }"
TRIPLES = "CONSTRUCT WHERE { ?s ?p ?o }"
QUERIES: dict[Kind, str] = {"select": ROWS, "graph": TRIPLES}
CASES = [(kind, query, offer) for kind, query in QUERIES.items() for offer in FORMATS[kind]]
IDS = [f"{kind}-{offer.name}" for kind, _, offer in CASES]


@pytest.fixture(scope="module")
def capped(data: Path, serve: Serve) -> Iterator[str]:
    """A server whose answers break off after so many rows."""
    with serve(data, row_cap=CAP, deadline=20.0) as address:
        yield address


def raw(address: str, path: str, headers: str = "", version: str = "1.1") -> bytes:
    """All bytes that come back over a plain socket."""
    place = urlsplit(address)
    assert place.hostname
    with socket.create_connection((place.hostname, place.port or 80), timeout=30) as connection:
        connection.sendall(f"GET {path} HTTP/{version}\r\nHost: x\r\n{headers}\r\n".encode())
        parts = []
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts)


def test_all_formats_are_tried() -> None:
    """A format that vanished from the table would go untested."""
    assert len(CASES) == 8


@pytest.mark.parametrize(("kind", "query", "offer"), CASES, ids=IDS)
def test_on_the_wire(capped: str, kind: Kind, query: str, offer: Format) -> None:
    """Status 200 was sent in good faith; then the connection ends without the closing chunk."""
    answer = raw(capped, f"/sparql?query={quote(query)}&format={offer.name}")
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    assert b"transfer-encoding: chunked" in head
    assert f"odis-row-cap: {CAP}".encode() in head
    assert len(body) > 60_000
    assert not body.endswith(b"0\r\n\r\n")
    ending = {"json": b"]}}", "xml": b"</sparql>", "rdfxml": b"</rdf:RDF>", "jsonld": b"]"}.get(offer.name)
    assert ending is None or not body.rstrip().endswith(ending)


@pytest.mark.parametrize(("kind", "query", "offer"), CASES, ids=IDS)
@pytest.mark.parametrize("coding", ["identity", "gzip", "br", "zstd"])
def test_with_httpx(capped: str, kind: Kind, query: str, offer: Format, coding: str) -> None:
    """A client library raises, whatever the format and coding."""
    headers = {"Accept": offer.media_type, "Accept-Encoding": coding}
    with pytest.raises(httpx2.HTTPError):
        httpx2.get(f"{capped}/sparql", params={"query": query}, headers=headers, timeout=30)


@pytest.mark.parametrize(("kind", "query", "offer"), CASES, ids=IDS)
def test_with_urllib(capped: str, kind: Kind, query: str, offer: Format) -> None:
    """The standard library (and so SPARQLWrapper and rdflib) raises IncompleteRead."""
    request = urllib.request.Request(
        f"{capped}/sparql?query={quote(query)}", headers={"Accept": offer.media_type}
    )
    with pytest.raises(Exception, match="IncompleteRead"), urllib.request.urlopen(request) as response:
        response.read()


@pytest.mark.parametrize(("kind", "query", "offer"), CASES, ids=IDS)
@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
def test_with_curl(capped: str, kind: Kind, query: str, offer: Format) -> None:
    """curl ends with an error: 18, a part of the file was transferred."""
    command = ["curl", "-sS", "-G", f"{capped}/sparql", "--data-urlencode", f"query={query}"]
    done = subprocess.run([*command, "-H", f"Accept: {offer.media_type}"], capture_output=True, check=False)
    assert done.returncode == 18
    assert done.stdout


def test_http_1_0_gets_no_cut_answer(capped: str) -> None:
    """Where the end of the connection is the end of the answer, nothing is sent before it is whole."""
    answer = raw(capped, f"/sparql?query={quote(ROWS)}&format=csv", version="1.0")
    assert answer.startswith(b"HTTP/1.1 413")


def test_http_1_0_gets_whole_answers_with_their_length(server: str) -> None:
    """A long answer is gathered first; too long a one is refused with what to change."""
    answer = raw(server, f"/sparql?query={quote(ROWS)}&format=csv", version="1.0")
    head, _, body = answer.partition(b"\r\n\r\n")
    assert f"content-length: {len(body)}".encode() in head
    assert b"chunked" not in head


def test_a_longer_answer_than_http_1_0_may_have(data: Path, serve: Serve) -> None:
    """505 says which version to use."""
    with serve(data, cache_entry_bytes=100_000) as address:
        answer = raw(address, f"/sparql?query={quote(ROWS)}&format=csv", version="1.0")
        assert answer.startswith(b"HTTP/1.1 505")
        assert b"proxy_http_version" in answer


def test_a_short_answer_over_the_cap_is_an_error(data: Path, serve: Serve) -> None:
    """What has not begun yet is refused as a whole: 413, not a shortened 200."""
    with serve(data, row_cap=10) as address:
        for query in (ROWS + " LIMIT 11", TRIPLES):
            response = httpx2.get(f"{address}/sparql", params={"query": query})
            assert response.status_code == 413
            assert response.json()["type"].endswith("/row-cap")
        whole = httpx2.get(f"{address}/sparql", params={"query": ROWS + " LIMIT 10", "format": "csv"})
        assert len(whole.text.splitlines()) >= 11


def test_a_deadline_midway_breaks_off(data: Path, serve: Serve) -> None:
    """A stream that is still going when its time is over ends like any other cut answer."""
    endless = "SELECT * { ?a ?b ?c . ?d ?e ?f }"
    with (
        serve(data) as address,
        pytest.raises(httpx2.HTTPError),
        httpx2.stream(
            "GET", f"{address}/sparql", params={"query": endless, "timeout": "1"}, timeout=30
        ) as got,
    ):
        assert got.status_code == 200
        for _ in got.iter_raw():
            pass


def test_whole_long_answers_end_well(server: str) -> None:
    """The same answers, not cut, are read to their end by the same clients."""
    for coding in ("identity", "gzip", "br", "zstd"):
        headers = {"Accept-Encoding": coding}
        with httpx2.stream("GET", f"{server}/sparql", params={"query": ROWS}, headers=headers) as response:
            body = b"".join(response.iter_raw())
        assert response.headers.get("content-encoding", "identity") == coding
        assert len(json.loads(DECODE[coding](body))["results"]["bindings"]) == 9000
    answer = raw(server, f"/sparql?query={quote(ROWS + ' # not yet in the cache')}", "Connection: close\r\n")
    assert answer.endswith(b"0\r\n\r\n")
