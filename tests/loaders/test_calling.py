"""The link check against a real server: what answers, what does not, and how politely it is asked."""

import http.server
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from loaders.quality.calling import Manners, addresses, check_links, due
from loaders.quality.links import Answer, answers, read_answers

QUICK = Manners(pause=0.0, patience=1.0, private=True)


class Site(http.server.ThreadingHTTPServer):
    """A server that answers by path and remembers what it was asked, and how much at once."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[tuple[str, str, str]] = []
        self.inside = self.most = 0

    def url(self, path: str) -> str:
        """An address of this server."""
        return f"http://127.0.0.1:{self.server_port}/{path}"


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Site

    def _answer(self) -> None:
        site, name = self.server, self.path.strip("/")
        site.inside += 1
        site.most = max(site.most, site.inside)
        site.asked.append((self.command, name, self.headers.get("Range", "")))
        if name == "slow":
            time.sleep(2)
        status = {"gone": 404, "busy": 429, "moved": 302, "broken": 500}.get(name, 200)
        if name == "no-head":
            status = 405 if self.command == "HEAD" else 206
        self.send_response(status)
        if name == "moved":
            self.send_header("Location", "/good")
        self.send_header("Content-Length", "0")
        self.end_headers()
        site.inside -= 1

    do_HEAD = do_GET = _answer  # noqa: N815 -- the names that the library looks for

    def log_message(self, format: str, *values: object) -> None:
        """Nothing is logged."""


@pytest.fixture
def site() -> Iterator[Site]:
    """A server on loopback."""
    with Site() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def check(data: Path, wanted: list[str], manners: Manners = QUICK) -> dict[str, Answer]:
    """Check addresses; the answers by the last part of the address."""
    told: list[Answer] = []
    check_links(data, wanted, manners, told.append)
    assert sorted(told) == [answer for answer in read_answers(data) if answer in told]
    return {answer.address.rpartition("/")[2]: answer for answer in told}


def test_every_kind_of_answer_is_told_as_it_is(site: Site, tmp_path: Path) -> None:
    """Good, redirected, refusing HEAD, gone, broken, slow and dead addresses; one request at a time."""
    paths = ("good", "moved", "no-head", "gone", "broken", "slow", "busy")
    found = check(tmp_path, [*map(site.url, paths), "http://127.0.0.1:9/dead"])
    assert {name: (one.method, one.status) for name, one in found.items()} == {
        "good": ("HEAD", 200),
        "moved": ("HEAD", 200),
        "no-head": ("GET", 206),
        "gone": ("HEAD", 404),
        "broken": ("GET", 500),
        "slow": ("GET", 0),
        "dead": ("GET", 0),
    }
    assert found["moved"].final == site.url("good")
    assert found["slow"].message == "no answer within 1 s" or "ime" in found["slow"].message
    assert ("GET", "no-head", "bytes=0-0") in site.asked
    assert {name for name, well in answers(tmp_path).items() if well} == {
        site.url(name) for name in ("good", "moved", "no-head")
    }


def test_a_host_that_is_busy_is_left_in_peace(site: Site, tmp_path: Path) -> None:
    """After 429 nothing more is asked of the host, and nothing is noted."""
    assert check(tmp_path, [site.url("busy"), site.url("good")]) == {}
    assert site.asked == [("HEAD", "busy", "")]


def test_a_host_is_asked_one_thing_at_a_time_with_pauses(site: Site, tmp_path: Path) -> None:
    """Twelve addresses of one host are asked one after the other, and the pause is kept."""
    began = time.monotonic()
    check(tmp_path, [site.url(f"{number}") for number in range(12)], Manners(pause=0.02, private=True))
    assert (len(site.asked), site.most) == (12, 1)
    assert time.monotonic() - began > 12 * 0.02


def test_a_check_goes_on_where_it_was(site: Site, tmp_path: Path) -> None:
    """What was called lately is not due; what was never called comes first; the limit holds."""
    wanted = [site.url(name) for name in "abc"]
    check(tmp_path, wanted[:1])
    week, now = timedelta(days=7), timedelta(days=-1)
    assert due(tmp_path, wanted, week, 10) == wanted[1:]
    assert due(tmp_path, wanted, now, 10) == [*wanted[1:], wanted[0]]
    assert due(tmp_path, wanted, now, 2) == wanted[1:]
    check(tmp_path, wanted, Manners(seconds=-1, private=True))
    assert len(read_answers(tmp_path)) == 1


def test_private_networks_are_not_called(site: Site, tmp_path: Path) -> None:
    """Without leave, an address of loopback counts as one that does not answer, and is never asked."""
    found = check(tmp_path, [site.url("good"), "http://[", "http://localhost:9/x"], Manners(pause=0.0))
    assert {answer.status for answer in found.values()} == {0}
    assert "private network" in found["good"].message
    assert site.asked == []


def test_addresses_are_those_of_distributions(tmp_path: Path) -> None:
    """Access and download addresses, once each, also where they were written as text."""
    dcat = "http://www.w3.org/ns/dcat#"
    graph = tmp_path / "graph.nq"
    typed = "^^<http://www.w3.org/2001/XMLSchema#anyURI>"
    graph.write_text(
        f"<http://a/1> <{dcat}accessURL> <https://a/x> .\n"
        f"<http://a/1> <{dcat}accessURL> <https://a/x> <http://g/> .\n"
        f'<http://a/1> <{dcat}downloadURL> "http://a/y"{typed} <http://g/> .\n'
        f"<http://a/1> <{dcat}downloadURL> <ftp://a/z> .\n"
        f"<http://a/1> <{dcat}landingPage> <https://a/page> .\n"
    )
    assert addresses(graph) == ["http://a/y", "https://a/x"]
