"""What a build makes of sources that change, lose datasets, or describe the same ones."""

import json
import time
from pathlib import Path

import pytest
from pyoxigraph import Store

from loaders.build import BuildResult
from queries.saved import load
from tests.loaders.quiet import built
from tests.loaders.region import CATALOGUE, ask, rows, states, write_region


@pytest.fixture
def region(tmp_path: Path) -> Path:
    """A configuration with three small catalogues; gives its file."""
    return write_region(tmp_path)


def test_a_source_that_loses_many_datasets_is_held_back(region: Path) -> None:
    """Readers delete what is missing, so a person has to say that it is right; once said, it stays so."""
    many = "".join(CATALOGUE.format(f"b{number}") for number in range(10))
    (region.parent / "b.ttl").write_text(many)
    built(region)
    (region.parent / "b.ttl").write_text("".join(CATALOGUE.format(f"b{number}") for number in range(6)))
    held = built(region)
    assert (states(held), held.exit_code) == (["unchanged", "last good", "unchanged"], 1)
    message = held.sources[1].entry.message
    assert "6 datasets where its last good version has 10" in message
    assert message.endswith("odis build --accept b")
    assert ask(held, "ASK { <https://example.org/b9> dct:title ?t }")
    assert states(built(region, accept=["a"]))[1] == "last good"
    accepted = built(region, accept=["b"])
    assert states(accepted) == ["unchanged", "new", "unchanged"]
    assert not ask(accepted, "ASK { <https://example.org/b9> dct:title ?t }")
    assert states(built(region)) == ["unchanged"] * 3
    (region.parent / "b.ttl").write_text('<https://example.org/b> <https://example.org/p> "no dataset" .')
    assert "it has 0 datasets" in built(region).sources[1].entry.message


@pytest.mark.parametrize(("setting", "state"), [("max_fall = 0.5", "new"), ("max_fall = 0.0", "last good")])
def test_how_many_datasets_may_go_is_a_setting(region: Path, setting: str, state: str) -> None:
    """For all sources, or for one of them; a fall of just that share is let through."""
    (region.parent / "b.ttl").write_text(CATALOGUE.format("b1") + CATALOGUE.format("b2"))
    config = region.read_text().replace('id = "b"', f'id = "b"\n{setting}')
    region.write_text(f"[odis]\nmax_fall = 0.1\n\n{config}")
    built(region)
    (region.parent / "b.ttl").write_text(CATALOGUE.format("b1"))
    assert states(built(region))[1] == state


def test_a_dataset_of_two_catalogues_is_one(region: Path) -> None:
    """The first source is taken, by priority and then by order; its record tells from where."""
    (region.parent / "c.ttl").write_text(CATALOGUE.format("a").replace('"a"@sv', '"other"@sv'))
    titles = "SELECT ?title { <https://example.org/a> dct:title ?title }"
    sources = """SELECT ?from ?also { GRAPH graph:records {
        ?record foaf:primaryTopic <https://example.org/a> ; dct:source ?from ; rdfs:seeAlso ?also } }"""
    graph = "https://odis.example/graph/source/"
    first = built(region)
    assert rows(first, titles) == [("a",)]
    assert rows(first, sources) == [(f"{graph}a", f"{graph}c")]
    assert json.loads((first.release.reports / "datasets.same.json").read_text()) == [
        {"dataset": "https://example.org/a", "source": "c", "taken": "https://example.org/a", "by": "a"}
    ]
    region.write_text(region.read_text().replace('id = "c"', 'id = "c"\npriority = 1'))
    second = built(region)
    assert rows(second, titles) == [("other",)]
    assert rows(second, sources) == [(f"{graph}c", f"{graph}a")]
    assert ask(second, f"ASK {{ GRAPH <{graph}a> {{ <https://example.org/a> dct:title 'a'@sv }} }}")


PUBLISHED = {
    "a": 'dct:identifier "212000-0142" ; foaf:name "Stockholms stad"',
    "b": 'owl:sameAs wd:Q506250 ; foaf:name "City of Stockholm"',
    "c": 'foaf:name "Stockholm Stad"',
}
"""Three publishers: by organisation number, by Wikidata item, and with nothing but a name."""


def test_publishers_are_joined_by_identifiers_alone(region: Path) -> None:
    """Over all sources one node, with `owl:sameAs`; that of nearly the same name stays, and is reported."""
    for name, about in PUBLISHED.items():
        agent = f"""@prefix foaf: <http://xmlns.com/foaf/0.1/> .
            @prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix wd: <http://www.wikidata.org/entity/> .
            <https://{name}.example/> a foaf:Agent ; {about} .
            <https://example.org/{name}> dct:publisher <https://{name}.example/> ."""
        (region.parent / f"{name}.ttl").write_text(CATALOGUE.format(name) + agent)
    result = built(region)
    national, unknown = "http://dataportal.se/organisation/SE2120000142", "https://c.example/"
    query = """SELECT ?publisher { GRAPH ?source { ?dataset a dcat:Dataset }
        ?dataset dct:publisher ?publisher } ORDER BY ?dataset"""
    publishers = rows(result, query)
    assert publishers == [(national,), (national,), (unknown,)]
    for name in ("a", "b"):
        assert ask(result, f"ASK {{ <{national}> owl:sameAs <https://{name}.example/> }}")
    (like,) = rows(result, load()["publishers-of-like-names"].bind({}))
    assert (like[1], set(like[2].split())) == ("2", {national, unknown})


def record(result: BuildResult, name: str) -> tuple[str, ...]:
    """First seen, last changed, last title and status of what is gone."""
    (found,) = rows(
        result,
        f"""SELECT ?issued ?modified ?title ?status {{ GRAPH graph:records {{
            ?record foaf:primaryTopic <https://example.org/{name}> ;
                dct:issued ?issued ; dct:modified ?modified
            OPTIONAL {{ ?record dct:title ?title ; adms:status ?status }} }} }}""",
    )
    return found


def test_records_tell_the_history_of_a_dataset(region: Path) -> None:
    """First seen, last changed, and what is gone with its last title, over three releases."""
    first = built(region)
    since, *others = record(first, "a")
    assert (others, record(first, "b")) == ([since, "", ""], (since, since, "", ""))
    time.sleep(1.1)  # times are whole seconds
    (region.parent / "a.ttl").write_text(CATALOGUE.format("a").replace('"a"@sv', '"changed"@sv'))
    second = built(region)
    assert record(second, "b") == (since, since, "", "")
    assert record(second, "a")[0] == since < record(second, "a")[1]
    (region.parent / "b.ttl").write_text(CATALOGUE.format("new"))
    third = built(region)
    assert record(third, "a") == record(second, "a")
    assert record(third, "b")[0] == since < record(third, "b")[1]
    assert record(third, "b")[2] == "b"
    assert record(third, "b")[3].endswith("/WITHDRAWN")


def lasting(result: BuildResult) -> set[str]:
    """All quads of the store but those that hold times."""
    quads = Store.read_only(str(result.release.store)).quads_for_pattern(None, None, None)
    timed = ("records>", "provenance>", "quality/history>")
    return {str(quad) for quad in quads if not str(quad.graph_name).endswith(timed)}


def test_a_build_over_time_is_equal_to_a_fresh_one(region: Path) -> None:
    """Whatever way led there, graph.nq is the same byte for byte and the store quad for quad."""
    built(region)
    (region.parent / "b.ttl").write_text(CATALOGUE.format("b2") + CATALOGUE.format("b3"))
    built(region)
    (region.parent / "a.ttl").write_text(CATALOGUE.format("b2"))
    long_way = built(region)
    fresh = built(region, data=region.parent / "fresh")
    assert long_way.release.manifest.patched > 0 == fresh.release.manifest.patched
    assert long_way.release.graph.read_bytes() == fresh.release.graph.read_bytes()
    assert lasting(long_way) == lasting(fresh)
