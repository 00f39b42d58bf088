"""Search and nearness inside SPARQL, over HTTP, and the queries that docs/search.md shows."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from loaders.releases.release import current
from loaders.search import schema
from tests.conftest import odis
from tests.server.http.conftest import Serve

PAGE = (Path(__file__).parents[3] / "docs" / "search.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"```sparql\n(.*?)```", PAGE, re.DOTALL)
PREFIXES = "PREFIX odis: <https://odis.example/def#> PREFIX dcat: <http://www.w3.org/ns/dcat#> "


@pytest.fixture(scope="module", params=[0, 2048], ids=["on disk", "in memory"])
def server(sample_region: Path, serve: Serve, request: pytest.FixtureRequest) -> Iterator[str]:
    """A server over the sample region."""
    limit = request.param * 1024 * 1024
    with serve(sample_region / "var", in_memory_limit=limit) as address:
        yield address


def rows(client: httpx2.Client, query: str) -> list[dict[str, str]]:
    """The rows of an answer, each value as text."""
    answer = client.get("/sparql", params={"query": query, "format": "json"})
    assert answer.status_code == 200, answer.text
    bindings: list[dict[str, Any]] = answer.json()["results"]["bindings"]
    return [{name: term["value"] for name, term in row.items()} for row in bindings]


def ranked(client: httpx2.Client, words: str, more: str = "") -> list[str]:
    """What the words find among everything that has a type."""
    query = f"SELECT DISTINCT ?s ?rank {{ ?s a ?kind {more} BIND(odis:searchRank(?s, {words}) AS ?rank)"
    return [row["s"] for row in rows(client, f"{PREFIXES}{query} FILTER(BOUND(?rank)) }} ORDER BY ?rank")]


def test_the_queries_of_the_page(client: httpx2.Client) -> None:
    """The three that are shown answer: a dataset by a synonym, the nearest places, both at once."""
    datasets, places, both = (rows(client, query) for query in SHOWN)
    assert datasets[0]["title"] == "Laddstationer"
    assert places[0]["name"] == "Tanto strandbad"
    distances = [float(row["metres"]) for row in places]
    assert len(distances) == 3 and distances == sorted(distances)
    assert {row["gym"] for row in both} == {"Grimstafältet - Grimsta motionsspår"}
    assert all(float(row["metres"]) < 2000 for row in both)


@pytest.mark.parametrize("words", ["badplatser", "badpltser", "laddstolpe", "bathing places", "nacka utegym"])
def test_it_is_the_search_of_the_page(client: httpx2.Client, words: str) -> None:
    """The same datasets in the same order as /search gives them."""
    asked = {"q": words, "format": "json", "kind": "dataset"}
    found = [hit["iri"] for hit in client.get("/search", params=asked).json()["results"]]
    assert found
    assert found == [iri for iri in ranked(client, f'"{words}"') if iri in found]


@pytest.mark.parametrize(
    "words",
    ['""', '"?!"', "<https://odis.example/>", "5", '"badplats"@sv, 1', '"\\" OR qqqq:x"', f'"{"å" * 5000}"'],
)
def test_nothing_is_found_by_nonsense(client: httpx2.Client, words: str) -> None:
    """What is no text, or says nothing, finds nothing, and breaks nothing."""
    assert ranked(client, words, "FILTER(?kind = dcat:Dataset)") == []


def test_words_that_differ_from_row_to_row(client: httpx2.Client) -> None:
    """Each dataset found by its own title is there; the memory for searches is bounded."""
    query = """PREFIX dcterms: <http://purl.org/dc/terms/> SELECT ?s ?rank {
      ?s a dcat:Dataset ; dcterms:title ?t BIND(odis:searchRank(?s, ?t) AS ?rank) }"""
    found = rows(client, PREFIXES + query)
    assert len(found) > 30
    assert all(int(row["rank"]) <= 10 for row in found)


def test_the_service_description_names_it(client: httpx2.Client) -> None:
    """A client can see that the function is there."""
    described = client.get("/sparql", headers={"Accept": "application/n-triples"}).text
    assert "sparql-service-description#extensionFunction> <https://odis.example/def#searchRank>" in described


def test_on_the_command_line(sample_region: Path) -> None:
    """`odis query` has it too."""
    told = odis(sample_region, "query", SHOWN[0], "--format", "csv").stdout
    assert "Laddstationer" in told


@pytest.mark.parametrize(("broken", "told"), [(False, "searchRank"), (True, "search index cannot be read")])
def test_an_index_that_is_not_there(
    data: Path, serve: Serve, tmp_path: Path, broken: bool, told: str
) -> None:
    """Without an index, or with a damaged one, the answer is refused: it must not look like nothing found."""
    shutil.copytree(data, tmp_path, symlinks=True, dirs_exist_ok=True)
    index = current(tmp_path).path / schema.FOLDER / schema.FILE
    if broken:
        index.write_bytes(b"no database" * 500)
    else:
        index.unlink()
    query = f'{PREFIXES} SELECT ?s {{ ?s ?p ?o FILTER(odis:searchRank(?s, "x") > 0) }}'
    with serve(tmp_path) as address:
        answer = httpx2.get(f"{address}/sparql", params={"query": query})
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (422, "refused")
    assert told in answer.json()["detail"]
