"""`/check`: reports in every form, from every way in; hostile documents cost their sender alone."""

import gzip
import http.server
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx2
import pytest

from loaders.config import SAMPLE
from loaders.harvest.fetcher import Bounds, Fetcher
from ontology.errors import SourceError
from server.settings import ServerSettings
from shapes.writers import MEDIA_TYPES
from tests.server.live import lines, publish_lines, serving

NACKA = (SAMPLE.parent / "catalogues/nacka.rdf").read_bytes()
XML = {"Content-Type": "application/rdf+xml"}
HTML = {"Accept": "text/html"}
LAUGHS = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "ha"}">' for n in range(10))
BOMB = (
    f'<!DOCTYPE x [{LAUGHS}]><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">&a9;</rdf:RDF>'
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx2.Client]:
    """A client of a server over a small release, with narrow limits for checks."""
    data = tmp_path_factory.mktemp("checking")
    publish_lines(data, lines())
    settings = ServerSettings(
        data, workers=1, in_memory_limit=0, log_requests=False,
        check_bytes=2 * 1024 * 1024, check_seconds=20.0, fetch_seconds=2.0,
    )  # fmt: skip
    with serving(settings) as address, httpx2.Client(base_url=address, timeout=60, trust_env=False) as client:
        yield client


def problem(answer: httpx2.Response) -> tuple[int, str, str]:
    """Status, sort and detail of a problem."""
    assert answer.headers["Content-Type"] == "application/problem+json"
    told = answer.json()
    return answer.status_code, told["type"].rpartition("/")[2], told["detail"]


@pytest.mark.parametrize("form", MEDIA_TYPES)
def test_a_report_comes_in_every_format(site: httpx2.Client, form: str) -> None:
    """The body is the document; format and language are in the address."""
    answer = site.post("/check", params={"format": form, "lang": "en"}, content=NACKA, headers=XML)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == f"{MEDIA_TYPES[form]}; charset=utf-8"
    assert int(answer.headers["ODIS-Violations"]) > 5
    assert "language tag" in answer.text or form == "turtle"


def test_a_steward_sends_a_file_text_or_an_address(site: httpx2.Client) -> None:
    """The page has a form that works without a script; a browser gets the report as a page."""
    page = site.get("/check?lang=en", headers=HTML).text
    assert 'enctype="multipart/form-data"' in page
    assert "<script" not in page
    file = {"file": ("nacka.rdf", NACKA)}
    sent = site.post("/check", data={"lang": "sv", "text": "", "address": ""}, files=file, headers=HTML)
    assert "språktagg" in sent.text
    assert "default-src 'none'" in sent.headers["Content-Security-Policy"]
    text = "<https://example.com/d> a <http://www.w3.org/ns/dcat#Dataset> ."
    pasted = site.post("/check", data={"text": text, "format": "json", "profile": "dcat-ap"})
    assert pasted.json()["report"]["profile"] == "dcat-ap"
    assert int(pasted.headers["ODIS-Violations"]) > 0


def test_what_cannot_be_checked_is_told(site: httpx2.Client) -> None:
    """Nothing sent, an unknown profile or format, an address of another kind, and what is not RDF."""
    assert problem(site.post("/check", data={"lang": "en"}))[:2] == (400, "bad-request")
    assert "choose dcat-ap" in problem(site.post("/check?lang=en&profile=/etc/passwd", content=NACKA))[2]
    assert "choose text, html" in problem(site.post("/check?lang=en&format=exe", content=NACKA))[2]
    assert problem(site.post("/check", data={"address": "file:///etc/passwd"}))[:2] == (400, "bad-request")
    assert problem(site.post("/check", content=b"GIF89a\x00\xff not RDF"))[:2] == (422, "document")
    assert problem(site.post("/check", files={"file": ("a.ttl", b"<a> <b>")}))[:2] == (422, "document")
    broken = {"Content-Type": "multipart/form-data; boundary=x"}
    assert problem(site.post("/check", content=b"--y\r\nno form", headers=broken))[:2] == (400, "bad-request")


def test_entities_do_not_grow(site: httpx2.Client) -> None:
    """A billion laughs are refused at once, before they are told."""
    began = time.monotonic()
    status, sort, _ = problem(site.post("/check", content=BOMB.encode(), headers=XML))
    assert (status, sort) == (422, "document")
    assert time.monotonic() - began < 15


def test_what_is_too_large_is_refused_on_its_way(site: httpx2.Client) -> None:
    """100 MB, as a body or as a file, and 100 MB out of a small packed file."""
    block = b"# nothing\n" * 100_000

    def much() -> Iterator[bytes]:
        yield from [block] * 100

    assert problem(site.post("/check", content=much()))[:2] == (413, "document-size")
    # A server that answers before all was sent may close the connection first.
    with suppress(httpx2.WriteError, httpx2.ReadError):
        answer = site.post("/check", files={"file": ("a.ttl", block * 100)})
        assert problem(answer)[:2] == (413, "document-size")
    packed = site.post("/check", files={"file": ("a.ttl.gz", gzip.compress(block * 100))})
    assert problem(packed)[:2] == (422, "document")


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:9/",
        "http://localhost:9/",
        "http://[::1]:9/",
        "http://10.0.0.1/",
        "http://169.254.169.254/",
    ],
)
def test_private_networks_are_not_asked(site: httpx2.Client, address: str) -> None:
    """An address of the server's own network is refused, whatever it is called."""
    status, sort, detail = problem(site.post("/check?lang=en", data={"address": address}))
    assert (status, sort) == (422, "document")
    assert "private" in detail


def test_an_endless_answer_ends() -> None:
    """A server that sends for ever costs a few seconds; here loopback is let pass, as for a source."""
    with _endless() as address, Fetcher(direct=True) as fetcher, pytest.raises(SourceError, match="allowed"):
        fetcher.fetch(address, Path("/dev/null"), Bounds(10_000_000, 2.0, private=True))


class _Endless(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            while True:
                self.wfile.write(b"# more\n")
                time.sleep(0.01)
        except OSError:
            pass

    def log_message(self, format: str, *values: object) -> None:
        """Nothing is logged."""


@contextmanager
def _endless() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Endless)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def test_more_than_there_are_places_for_is_told_to_wait(site: httpx2.Client) -> None:
    """Of eight checks at once some are answered, and the others told when to come back; then all is free."""
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: site.post("/check", content=NACKA, headers=XML), range(8)))
    states = {answer.status_code for answer in answers}
    assert 200 in states
    assert states <= {200, 429, 503}
    assert all("Retry-After" in answer.headers for answer in answers if answer.status_code != 200)
    assert len(states) > 1
    assert site.post("/check", content=NACKA, headers=XML).status_code == 200
