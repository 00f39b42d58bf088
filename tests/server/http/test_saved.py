"""Saved queries over HTTP: a catalogue, typed parameters, and the formats of any query."""

import httpx2
import pytest

from queries.saved import SavedQuery, load

SAVED = load()
BROWSER = {"Accept": "text/html"}


def test_the_catalogue(client: httpx2.Client) -> None:
    """All that a program needs to ask them: addresses, parameters, an example call that works."""
    found = client.get("/queries").json()["queries"]
    assert {query["name"] for query in found} == set(SAVED)
    for query in found:
        assert query["text"]
        assert client.get(
            query["example"], params={"format": "json"} if query["form"] == "select" else {}
        ).status_code


@pytest.mark.parametrize("query", SAVED.values(), ids=lambda query: query.name)
def test_each_example_is_answered(client: httpx2.Client, query: SavedQuery) -> None:
    """Each saved query runs with its example values, for programs and for browsers."""
    values = {name: list(value) for name, value in query.example.items()}
    response = client.get(f"/queries/{query.name}", params=values)
    if "SERVICE" in query.text:
        assert response.status_code == 403  # no host is allowed by default
        return
    assert response.status_code == 200, response.text
    assert response.headers["etag"]
    page = client.get(f"/queries/{query.name}", params=values, headers=BROWSER)
    assert page.headers["content-type"].startswith("text/html")
    assert page.status_code == 200


def test_an_unknown_name(client: httpx2.Client) -> None:
    """404 names those there are."""
    response = client.get("/queries/nothing")
    assert response.status_code == 404
    assert response.json()["known"] == sorted(SAVED)


def test_an_unknown_parameter(client: httpx2.Client) -> None:
    """400 names it, and the ones there are."""
    name = next(iter(SAVED))
    response = client.get(f"/queries/{name}", params={"nonsense": "1"})
    assert response.status_code == 400
    assert "nonsense" in response.json()["detail"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_only_reading(client: httpx2.Client, method: str) -> None:
    """405 with what is allowed."""
    assert client.request(method, f"/queries/{next(iter(SAVED))}").status_code == 405
