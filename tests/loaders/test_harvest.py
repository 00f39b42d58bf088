"""Harvest over HTTP: conditional, patient, bounded; and documents from files."""

import gzip
import hashlib
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import brotli  # type: ignore[import-untyped]
import pytest
import stamina

from loaders.harvest.documents import Document, fingerprint, from_files
from loaders.harvest.fetcher import (
    ATTEMPTS,
    PATIENCE,
    REDIRECTS,
    Bounds,
    Fetcher,
    _LaterError,
    _seconds,
    _wait,
)
from loaders.harvest.guard import public_addresses
from ontology.errors import SourceError
from tests.loaders.quiet import built
from tests.loaders.site import Answer, Asked, Site, site

BOUNDS = Bounds(size=100_000, seconds=30, private=True)
TURTLE = b'<http://example.org/a> <http://purl.org/dc/terms/title> "x" .\n'


@pytest.fixture
def server() -> Iterator[Site]:
    """A server on loopback."""
    with site() as running:
        yield running


@pytest.fixture
def impatient() -> Iterator[None]:
    """Retries follow each other without waiting."""
    stamina.set_testing(True, attempts=ATTEMPTS)
    yield
    stamina.set_testing(False)


def fetch(
    server: Site, path: str, target: Path, bounds: Bounds = BOUNDS, known: Document | None = None
) -> Document:
    """Fetch one document."""
    with Fetcher("mailto:data@example.org") as fetcher:
        return fetcher.fetch(server.address + path, target, bounds, known)


def test_a_document_with_what_the_server_says(server: Site, tmp_path: Path) -> None:
    """Bytes, hash, type and validators are kept; the server sees who asks and what for."""
    headers = {
        "ETag": '"1"',
        "Last-Modified": "Tue, 24 Nov 2026 08:00:00 GMT",
        "Content-Type": "Text/Turtle; charset=utf-8",
    }
    server.answers["/a"] = [Answer(body=TURTLE, headers=headers)]
    document = fetch(server, "/a", tmp_path / "a")
    assert document == Document(
        path=tmp_path / "a",
        name=server.address + "/a",
        address=server.address + "/a",
        hint="text/turtle",
        sha256=hashlib.sha256(TURTLE).hexdigest(),
        etag='"1"',
        modified="Tue, 24 Nov 2026 08:00:00 GMT",
    )
    assert document.path.read_bytes() == TURTLE
    asked = server.asked[0].headers
    assert asked["user-agent"].startswith("ODIS/")
    assert "mailto:data@example.org" in asked["user-agent"]
    assert asked["accept"].startswith("application/rdf+xml")


def test_a_conditional_request_transfers_nothing(server: Site, tmp_path: Path) -> None:
    """With 304 the known file is used again."""

    def answer(asked: Asked) -> Answer:
        same = asked.headers.get("if-none-match") == '"1"'
        return Answer(304) if same else Answer(body=TURTLE, headers={"ETag": '"1"'})

    server.answers["/a"] = answer
    first = fetch(server, "/a", tmp_path / "first")
    second = fetch(server, "/a", tmp_path / "second", known=first)
    assert (second.sha256, second.path.read_bytes()) == (first.sha256, TURTLE)
    assert second.path == tmp_path / "second"


def test_the_date_serves_where_there_is_no_etag(server: Site, tmp_path: Path) -> None:
    """If-Modified-Since carries what the server called Last-Modified."""
    date = "Tue, 24 Nov 2026 08:00:00 GMT"
    server.answers["/a"] = [Answer(body=TURTLE, headers={"Last-Modified": date}), Answer(304)]
    first = fetch(server, "/a", tmp_path / "first")
    fetch(server, "/a", tmp_path / "second", known=first)
    assert server.asked[1].headers["if-modified-since"] == date
    assert "if-none-match" not in server.asked[1].headers


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed(server: Site, tmp_path: Path, status: int) -> None:
    """Relative ones too; relative IRIs are meant relative to where the document was found."""
    server.answers["/a"] = [Answer(status, headers={"Location": "/b/c#d"})]
    server.answers["/b/c"] = [Answer(body=TURTLE)]
    document = fetch(server, "/a", tmp_path / "a")
    assert (document.name, document.address) == (server.address + "/a", server.address + "/b/c")


def test_redirects_are_bounded(server: Site, tmp_path: Path) -> None:
    """A circle ends in an error."""
    server.answers["/a"] = [Answer(302, headers={"Location": "/a"})]
    with pytest.raises(SourceError, match=f"redirects more than {REDIRECTS} times"):
        fetch(server, "/a", tmp_path / "a")
    assert len(server.asked) == REDIRECTS + 1


@pytest.mark.parametrize("place", ["file:///etc/passwd", "ftp://example.org/", ""])
def test_redirects_to_elsewhere_are_refused(server: Site, tmp_path: Path, place: str) -> None:
    """Only http and https addresses are followed."""
    server.answers["/a"] = [Answer(302, headers={"Location": place})]
    with pytest.raises(SourceError, match="which is no"):
        fetch(server, "/a", tmp_path / "a")


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_a_busy_server_is_asked_again(server: Site, tmp_path: Path, status: int) -> None:
    """Twice busy, then well."""
    server.answers["/a"] = [Answer(status), Answer(status), Answer(body=TURTLE)]
    assert fetch(server, "/a", tmp_path / "a").path.read_bytes() == TURTLE
    assert len(server.asked) == 3


@pytest.mark.usefixtures("impatient")
def test_patience_ends(server: Site, tmp_path: Path) -> None:
    """Always busy is an error that names the answer."""
    server.answers["/a"] = [Answer(503)]
    with pytest.raises(SourceError, match="answered 503 Service Unavailable; tried 4 times"):
        fetch(server, "/a", tmp_path / "a")
    assert len(server.asked) == ATTEMPTS


@pytest.mark.parametrize("status", [204, 400, 401, 403, 404, 410, 501])
def test_other_answers_are_final(server: Site, tmp_path: Path, status: int) -> None:
    """What will not be better soon is not asked for again."""
    server.answers["/a"] = [Answer(status)]
    with pytest.raises(SourceError, match=f"answered {status}"):
        fetch(server, "/a", tmp_path / "a")
    assert len(server.asked) == 1


def test_retry_after_decides_the_wait() -> None:
    """Seconds and dates are understood; too long a wait is none."""
    assert _seconds("7") == 7
    assert 50 < (_seconds(format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)) or 0) <= 60
    assert _seconds("Tue, 24 Nov 2020 08:00:00 GMT") == 0
    assert _seconds("") is None
    assert _seconds("soon") is None
    for wait, expected in ((None, True), (5.0, 5.0), (PATIENCE + 1, False)):
        error = _LaterError.__new__(_LaterError)
        error.wait = wait
        assert _wait(error) is expected or _wait(error) == expected


@pytest.mark.usefixtures("impatient")
def test_a_broken_transfer_is_tried_again(server: Site, tmp_path: Path) -> None:
    """A body shorter than announced is never taken for whole."""
    server.answers["/a"] = [Answer(body=TURTLE, length=1000), Answer(body=TURTLE)]
    assert fetch(server, "/a", tmp_path / "a").path.read_bytes() == TURTLE
    server.answers["/b"] = [Answer(body=TURTLE, length=1000)]
    with pytest.raises(SourceError, match="cannot be fetched"):
        fetch(server, "/b", tmp_path / "b")


def test_the_size_is_bounded_while_it_streams(server: Site, tmp_path: Path) -> None:
    """Unpacked, not only as sent."""
    server.answers["/a"] = [Answer(body=b" " * 100_001)]
    server.answers["/b"] = [
        Answer(body=gzip.compress(b" " * 10_000_000), headers={"Content-Encoding": "gzip"})
    ]
    for path in ("/a", "/b"):
        with pytest.raises(SourceError, match="sends more than the allowed 100,000 bytes"):
            fetch(server, path, tmp_path / "a")


@pytest.mark.parametrize("coding", ["gzip", "br"])
def test_packed_answers_are_accepted(server: Site, tmp_path: Path, coding: str) -> None:
    """The server is told which, and the document is what was packed."""
    packed = {"gzip": gzip.compress, "br": brotli.compress}[coding](TURTLE)
    server.answers["/a"] = [Answer(body=packed, headers={"Content-Encoding": coding})]
    assert fetch(server, "/a", tmp_path / "a").path.read_bytes() == TURTLE
    assert coding in server.asked[0].headers["accept-encoding"]


def test_the_time_is_bounded(server: Site, tmp_path: Path) -> None:
    """Also when the server keeps sending."""
    server.answers["/a"] = [Answer(body=TURTLE)]
    with pytest.raises(SourceError, match="took longer than the allowed 0 seconds"):
        fetch(server, "/a", tmp_path / "a", Bounds(1000, 1e-9, private=True))


@pytest.mark.usefixtures("impatient")
def test_nobody_there(tmp_path: Path) -> None:
    """A refused connection is an error that names the address."""
    with site() as gone:
        pass
    with pytest.raises(SourceError, match=f"{gone.address}/a cannot be fetched"):
        fetch(gone, "/a", tmp_path / "a")


def test_private_addresses_are_refused(server: Site, tmp_path: Path) -> None:
    """Nothing is asked, not even after a redirect from outside."""
    with pytest.raises(SourceError, match=r"127\.0\.0\.1 lies in a private network .* set private = true"):
        fetch(server, "/a", tmp_path / "a", Bounds(1000, 10))
    assert server.asked == []


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
     "224.0.0.1", "::1", "::", "fe80::1", "fc00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::",
     "localhost", "2130706433", "0x7f.1", "127.1", "255.255.255.255"],
)  # fmt: skip
def test_every_spelling_of_a_private_address(host: str) -> None:
    """The address is judged after the name was resolved, so spelling hides nothing."""
    with pytest.raises(SourceError, match="private network"):
        public_addresses(host, 80)


@pytest.mark.parametrize("host", ["9.9.9.9", "2620:fe::fe"])
def test_public_addresses_pass(host: str) -> None:
    """What is out in the world may be asked."""
    assert public_addresses(host, 80) == [host]


def test_one_request_at_a_time_for_a_host(server: Site, tmp_path: Path) -> None:
    """Many sources of one host do not press it."""
    now, most, lock = 0, 0, threading.Lock()
    release = threading.Event()

    def answer(asked: Asked) -> Answer:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        release.wait(0.02)
        with lock:
            now -= 1
        return Answer(body=TURTLE)

    server.answers["/a"] = answer
    with Fetcher() as fetcher:
        threads = [
            threading.Thread(target=fetcher.fetch, args=(server.address + "/a", tmp_path / str(n), BOUNDS))
            for n in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert (most, len(server.asked)) == (1, 8)


def test_a_build_from_the_network(server: Site, tmp_path: Path) -> None:
    """A second build transfers nothing; a server that fails keeps the last good version."""
    server.answers["/a"] = [Answer(body=TURTLE, headers={"ETag": '"1"'}), Answer(304), Answer(410)]
    config = tmp_path / "odis.toml"
    config.write_text(
        f'[[source]]\nid = "a"\nkind = "dcat"\ntitle = "A"\nprivate = true\nlocation = "{server.address}/a"\n'
    )
    first, second, third = (built(config) for _ in range(3))
    assert [r.sources[0].entry.state for r in (first, second, third)] == ["new", "unchanged", "last good"]
    assert second.release == first.release
    assert third.sources[0].entry.message == f"{server.address}/a answered 410 Gone"
    assert server.asked[1].headers["if-none-match"] == '"1"'


def test_sources_of_one_host_wait_for_each_other(server: Site, tmp_path: Path) -> None:
    """A build works on several sources at once, but a host is never asked two things at once."""
    now, most = [], []

    def answer(asked: Asked) -> Answer:
        now.append(asked)
        most.append(len(now))
        threading.Event().wait(0.05)
        now.pop()
        return Answer(body=TURTLE)

    config = "[odis]\nworkers = 4\n"
    for name in "abcd":
        server.answers[f"/{name}"] = answer
        config += f'[[source]]\nid = "{name}"\nkind = "dcat"\ntitle = "A"\nprivate = true\n'
        config += f'location = "{server.address}/{name}"\n'
    (tmp_path / "odis.toml").write_text(config)
    assert built(tmp_path / "odis.toml").exit_code == 0
    assert (len(most), max(most)) == (4, 1)


def test_a_folder_of_files(tmp_path: Path) -> None:
    """Files with an ending of RDF are taken in a fixed order, others and hidden ones are not."""
    names = ["b.ttl", "a.rdf", "sub/å.nt.gz", ".hidden.ttl", ".git/x.ttl", "README.md", "table.csv"]
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(name.encode())
    documents = from_files(tmp_path, "https://odis.example/id/document/x/", 1000)
    assert [document.name for document in documents] == ["a.rdf", "b.ttl", "sub/å.nt.gz"]
    assert documents[2].address == "https://odis.example/id/document/x/sub/%C3%A5.nt.gz"
    assert documents[2].hint == ".nt"
    assert [d.name for d in from_files(tmp_path, "https://x/", 1000, every_file=True)][-1] == "table.csv"
    before = fingerprint(documents)
    (tmp_path / "b.ttl").rename(tmp_path / "c.ttl")
    assert fingerprint(from_files(tmp_path, "https://x/", 1000)) != before


def test_files_that_cannot_be_used(tmp_path: Path) -> None:
    """Nothing to read, or too much, is an error."""
    with pytest.raises(SourceError, match="there is no file to read in it"):
        from_files(tmp_path, "https://x/", 1000)
    (tmp_path / "a.ttl").write_bytes(b" " * 1001)
    with pytest.raises(SourceError, match=r"a\.ttl: it has more than the allowed 1,000 bytes"):
        from_files(tmp_path, "https://x/", 1000)
