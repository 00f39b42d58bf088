"""Repeated questions: tags, 304, the result cache, codings, and what happens when the release changes."""

import gzip
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from pathlib import Path

import brotli  # type: ignore[import-untyped]  # it ships no types
import httpx2
import pytest
import zstandard

from loaders.releases.release import Release, switch

Serve = Callable[..., AbstractContextManager[str]]
Publish = Callable[[Path, Iterable[str]], Release]
TITLES = "SELECT ?t WHERE { ?s <http://purl.org/dc/terms/title> ?t } ORDER BY ?t"


def hit(response: httpx2.Response) -> bool:
    """Whether the result cache had the answer."""
    return "cache;desc=hit" in response.headers["server-timing"]


def test_a_known_tag_is_answered_with_304(client: httpx2.Client) -> None:
    """RFC 9110, 15.4.5: no body, and the headers that describe what the client has."""
    first = client.get("/sparql", params={"query": TITLES})
    tag = first.headers["etag"]
    assert not tag.startswith("W/")
    for given in (tag, f'"other", {tag}', f"W/{tag}"):
        second = client.get("/sparql", params={"query": TITLES}, headers={"If-None-Match": given})
        assert second.status_code == 304
        assert second.content == b""
        assert second.headers["etag"] == tag
        assert second.headers["cache-control"] == "public, max-age=0, must-revalidate"
        assert "content-length" not in second.headers


def test_every_variant_has_its_own_tag(client: httpx2.Client) -> None:
    """Another format, coding, query or dataset is another answer."""
    variants: list[tuple[dict[str, str], dict[str, str]]] = [
        ({"query": TITLES}, {"Accept-Encoding": "identity"}),
        ({"query": TITLES}, {"Accept-Encoding": "gzip"}),
        ({"query": TITLES}, {"Accept-Encoding": "br"}),
        ({"query": TITLES, "format": "csv"}, {"Accept-Encoding": "identity"}),
        ({"query": TITLES + " "}, {"Accept-Encoding": "identity"}),
        ({"query": TITLES, "default-graph-uri": "a:b"}, {"Accept-Encoding": "identity"}),
        ({"query": TITLES, "named-graph-uri": "a:b"}, {"Accept-Encoding": "identity"}),
    ]
    tags = {
        client.get("/sparql", params=query, headers=headers).headers["etag"] for query, headers in variants
    }
    assert len(tags) == len(variants)
    for query, headers in variants[1:]:
        first = client.get("/sparql", params=variants[0][0], headers=variants[0][1]).headers["etag"]
        given = {**headers, "If-None-Match": first}
        expected = 304 if query == variants[0][0] else 200  # the plain answer is as good as the coded one
        assert client.get("/sparql", params=query, headers=given).status_code == expected


@pytest.mark.parametrize(
    "query", ["SELECT (NOW() AS ?x) {}", "SELECT (RAND() AS ?x) {}", "SELECT (UUID() AS ?x) {}"]
)
def test_chance_and_time_are_never_kept(client: httpx2.Client, query: str) -> None:
    """Neither tag nor cache for an answer that would differ next time."""
    first, second = (client.get("/sparql", params={"query": query}) for _ in range(2))
    assert "etag" not in first.headers
    assert first.headers["cache-control"] == "no-store"
    assert first.content != second.content


def test_new_blank_nodes_make_a_weak_tag(client: httpx2.Client) -> None:
    """Two runs agree in meaning but not in bytes."""
    query = "CONSTRUCT { [] <a:b> ?t } WHERE { ?s <http://purl.org/dc/terms/title> ?t } LIMIT 1"
    assert client.get("/sparql", params={"query": query}).headers["etag"].startswith('W/"')


@pytest.mark.parametrize("coding", ["identity", "gzip", "br"])
def test_the_cache_gives_the_same_answer(data: Path, serve: Serve, coding: str) -> None:
    """Bytes and tag are those of the first time; a coded answer is made once from the plain one."""
    with (
        serve(data) as address,
        httpx2.Client(base_url=address, headers={"Accept-Encoding": coding}) as client,
    ):
        query = {"query": TITLES}
        answers = [client.get("/sparql", params=query) for _ in range(3)]
        assert [hit(answer) for answer in answers] == [False, True, True]
        assert len({answer.content for answer in answers}) == 1
        assert len({answer.headers["etag"] for answer in answers}) == 1
        plain = client.get("/sparql", params=query, headers={"Accept-Encoding": "identity"})
        assert hit(plain)
        assert plain.content == answers[0].content


def test_the_cache_can_be_off(data: Path, serve: Serve) -> None:
    """A limit of nothing keeps nothing."""
    with serve(data, cache_bytes=0) as address:
        answers = [httpx2.get(f"{address}/sparql", params={"query": TITLES}) for _ in range(2)]
        assert not any(hit(answer) for answer in answers)


def test_small_answers_are_not_coded(client: httpx2.Client) -> None:
    """Coding a few bytes makes them more."""
    response = client.get("/sparql", params={"query": "ASK {}"}, headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in response.headers
    assert "Accept-Encoding" in response.headers["vary"]


def test_others_may_keep_an_answer_as_long_as_is_set(data: Path, serve: Serve) -> None:
    """max-age is a setting."""
    with serve(data, max_age=60) as address:
        response = httpx2.get(f"{address}/sparql", params={"query": "ASK {}"})
        assert response.headers["cache-control"] == "public, max-age=60, must-revalidate"


def titled(title: str) -> list[str]:
    """A graph that holds one title."""
    return [f'<https://odis.example/x> <http://purl.org/dc/terms/title> "{title}" .']


def answered(client: httpx2.Client, release: Release) -> httpx2.Response:
    """The answer, as soon as it comes from a release."""
    end = time.monotonic() + 30
    while True:
        response = client.get("/sparql", params={"query": TITLES, "format": "csv"})
        assert response.status_code == 200
        if response.headers["odis-release"] == release.id:
            return response
        assert time.monotonic() < end, "the new release was never served"


def test_a_new_release_is_served_without_losing_a_request(
    tmp_path: Path, serve: Serve, publish_graph: Publish
) -> None:
    """Each answer, its tag and its release header belong together, before, during and after the switch."""
    first = publish_graph(tmp_path, titled("first"))
    with serve(tmp_path, follow_every=0.05) as address, httpx2.Client(base_url=address) as client:
        before = answered(client, first)
        assert "first" in before.text
        second = publish_graph(tmp_path, titled("second"))
        after = answered(client, second)
        assert "second" in after.text
        stale = {"If-None-Match": before.headers["etag"]}
        assert (
            client.get("/sparql", params={"query": TITLES, "format": "csv"}, headers=stale).status_code == 200
        )
        switch(tmp_path, first.id)
        back = answered(client, first)
        assert back.text == before.text
        assert back.headers["etag"] == before.headers["etag"]


def test_a_damaged_release_changes_nothing(tmp_path: Path, serve: Serve, publish_graph: Publish) -> None:
    """What is served stays, when the next one cannot be."""
    first = publish_graph(tmp_path, titled("first"))
    with serve(tmp_path, follow_every=0.02) as address, httpx2.Client(base_url=address) as client:
        answered(client, first)
        (tmp_path / "releases" / "20990101T000000Z-00000000").mkdir()
        link = tmp_path / "next"
        link.symlink_to(Path("releases") / "20990101T000000Z-00000000")
        link.replace(tmp_path / "current")
        for _ in range(20):
            assert "first" in answered(client, first).text
        third = publish_graph(tmp_path, titled("third"))
        assert "third" in answered(client, third).text


LONG = "SELECT * WHERE { ?s ?p ?o }"
DECODE: dict[str, Callable[[bytes], bytes]] = {
    "identity": bytes,
    "gzip": gzip.decompress,
    "br": brotli.decompress,
    "zstd": lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data),
}


def raw(client: httpx2.Client, query: str, coding: str) -> tuple[bytes, httpx2.Response]:
    """The decoded body of an answer, and its headers."""
    headers = {"Accept-Encoding": coding}
    with client.stream("GET", "/sparql", params={"query": query}, headers=headers) as response:
        body = b"".join(response.iter_raw())
    return DECODE[response.headers.get("content-encoding", "identity")](body), response


def test_a_long_answer_is_kept_when_it_is_asked_for_again(data: Path, serve: Serve) -> None:
    """The second client gets it from the cache, in the coding it asks for; the bytes are the same for all."""
    with serve(data) as address, httpx2.Client(base_url=address, timeout=30) as client:
        answers = [raw(client, LONG, "identity") for _ in range(3)]
        assert [hit(response) for _, response in answers] == [False, True, True]
        assert len(answers[0][0]) > 1024 * 1024
        for coding in DECODE:
            body, response = raw(client, LONG, coding)
            assert hit(response)
            assert response.headers.get("content-encoding", "identity") == coding
            assert body == answers[0][0]


def test_a_cut_answer_is_never_kept(data: Path, serve: Serve) -> None:
    """What broke off was not the answer, however often it is asked for."""
    with serve(data, row_cap=8000) as address, httpx2.Client(base_url=address, timeout=30) as client:
        for _ in range(4):
            with pytest.raises(httpx2.HTTPError):
                raw(client, LONG, "identity")


def test_an_answer_too_long_for_the_cache_is_not_kept(data: Path, serve: Serve) -> None:
    """It goes through without taking room."""
    with (
        serve(data, cache_entry_bytes=10_000) as address,
        httpx2.Client(base_url=address, timeout=30) as client,
    ):
        assert not any(hit(raw(client, LONG, "identity")[1]) for _ in range(4))
