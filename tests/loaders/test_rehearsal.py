"""Every build asks the example of every saved query: what is empty, slow or broken is told."""

import json
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

from loaders.releases.rehearsal import Outcome, Rehearsal, read_rehearsal, rehearse
from queries.saved import load

EX = "https://example.org/"
QUERIES = {
    "few": "SELECT ?s { ?s <https://example.org/p> 1 }",
    "none": "SELECT ?s { ?s <https://example.org/nothing> ?o }",
    "yes": "ASK { ?s ?p ?o }",
    "no": "ASK { ?s <https://example.org/nothing> ?o }",
    "graph": "CONSTRUCT { ?s ?p 1 } { ?s ?p 1 }",
    "endless": "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }",
    "broken": "SELECT ?s { GRAPH ?g { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } } }",
    "after": "SELECT ?s { ?s <https://example.org/p> ?o } LIMIT 7",
}


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store of a thousand triples, three of them in a named graph."""
    store = Store(str(tmp_path / "store"))
    for number in range(1000):
        triple = (NamedNode(f"{EX}{number}"), NamedNode(f"{EX}p"), Literal(number))
        store.add(Quad(*triple))
        if number < 3:
            store.add(Quad(*triple, NamedNode(f"{EX}g")))
    store.flush()
    return tmp_path / "store"


def run(
    store: Path, name: str, queries: dict[str, str], before: Path | None = None, deadline: float = 1
) -> tuple[Rehearsal, Path]:
    """Rehearse some queries; gives the outcome and the folder of the reports."""
    folder, reports = store.parent / f"{name}-queries", store.parent / name
    folder.mkdir()
    reports.mkdir()
    for each, text in queries.items():
        (folder / f"{each}.rq").write_text(text)
    return rehearse(store, reports, before, queries=load(folder), deadline=deadline), reports


def test_each_outcome_is_told(store: Path) -> None:
    """A query that never ends or fails takes nothing away from those after it."""
    done, reports = run(store, "first", QUERIES)
    found = {outcome.name: (outcome.state, outcome.rows) for outcome in done.outcomes}
    assert found == {
        "few": ("ok", 1),
        "none": ("empty", 0),
        "yes": ("ok", 1),
        "no": ("empty", 0),
        "graph": ("ok", 1),
        "endless": ("slow", 0),
        "broken": ("broken", 0),
        "after": ("ok", 7),
    }
    assert done.by_name["endless"].message == "not done after 1 seconds"
    assert done.by_name["broken"].message
    assert done.counts == {"ok": 4, "empty": 2, "slow": 1, "broken": 1}
    assert done.newly == ()
    assert read_rehearsal(reports) == done


def test_what_became_worse_is_flagged(store: Path) -> None:
    """Compared with the release before: newly empty and newly broken are told, old grief is not."""
    _, before = run(store, "before", {"a": QUERIES["few"], "b": QUERIES["none"], "c": QUERIES["few"]})
    now = {"a": QUERIES["none"], "b": QUERIES["none"], "c": QUERIES["broken"], "d": QUERIES["none"]}
    done, reports = run(store, "now", now, before)
    assert {outcome.name for outcome in done.newly} == {"a", "c"}
    assert done.summary() == ("saved queries: 3 empty, 1 broken; a is newly empty; c is newly broken")
    written = {
        entry["name"]: entry
        for entry in json.loads((reports / "queries.rehearsal.json").read_text())["queries"]
    }
    assert (written["a"]["was"], written["a"]["newly"]) == ("ok", True)
    assert (written["d"]["was"], written["d"]["newly"]) == (None, False)


def test_a_release_of_before_has_none(tmp_path: Path) -> None:
    """No file is no outcome, not an error."""
    assert read_rehearsal(tmp_path) == Rehearsal()
    assert Rehearsal().summary() == "saved queries: none"


def test_getting_better_is_no_news() -> None:
    """Only what became worse is new."""
    assert not Outcome("a", "ok", was="empty").newly
    assert Outcome("a", "slow", was="empty").newly


def test_a_store_that_cannot_be_opened_breaks_them_all(tmp_path: Path) -> None:
    """Each is told as broken, and it comes to an end."""
    done, _ = run(tmp_path / "missing", "reports", {"a": QUERIES["yes"], "b": QUERIES["yes"]})
    assert done.counts["broken"] == 2
