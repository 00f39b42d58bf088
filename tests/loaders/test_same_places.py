"""The same place in two sources: ids link, likeness is only reported."""

import json
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Triple

from loaders.tables.same_places import Match, Place, read_places, same_places
from loaders.tables.tabular import convert
from ontology import FOLDER, iri
from tests.conftest import odis

BATHING = FOLDER / "specifications" / "bathing-places"
HEAD = "place_id,name,latitude,longitude,hov_ref,wikidata\n"


def _places(folder: Path, source: str, rows: str) -> list[Place]:
    path = folder / f"{source}.csv"
    path.write_text(HEAD + rows, encoding="utf-8")
    return _read(source, path)


def _read(source: str, path: Path) -> list[Place]:
    """The places of a table, by way of sorted lines as a build has them."""
    result = convert(path, BATHING, source=source, base="https://odis.example/")
    return list(read_places(source, sorted(b"%s .\n" % str(triple).encode() for triple in result.quads)))


def _matches(folder: Path, one: str, other: str) -> list[Match]:
    return list(same_places(_places(folder, "kommun", one) + _places(folder, "hav", other)))


@pytest.mark.parametrize("shared", ["SE0110180000001234,", ",Q106708718"])
def test_an_id_in_common_links(tmp_path: Path, shared: str) -> None:
    """HaV's id or a Wikidata item in both sources makes a link, whatever the names are."""
    (match,) = _matches(tmp_path, f"1,Ängby,59.33,17.90,{shared}\n", f"9,Ängbybadet,59.33,17.91,{shared}\n")
    base = "https://odis.example/id/bathing-place/"
    one, other = NamedNode(base + "hav-9"), NamedNode(base + "kommun-1")
    assert match.triple == Triple(one, NamedNode(iri("owl:sameAs")), other)


def test_name_and_distance_alone_are_only_reported(tmp_path: Path) -> None:
    """Two places of one name 60 m apart get a sentence in both languages, and no link."""
    (match,) = _matches(tmp_path, "1,Ängby badplats,59.3300,17.90,,\n", "9,Angby,59.3305,17.90,,\n")
    assert match.triple is None
    assert "56 m från varandra" in match.sentence("sv")
    assert "56 m apart" in match.sentence("en")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1,Ängby,59.33,17.90,,\n", "9,Ängby,59.34,17.90,,\n"),
        ("1,Ängby,59.33,17.90,,\n", "9,Tranebergsbadet,59.33,17.90,,\n"),
        ("1,Badplats,59.33,17.90,,\n", "9,Badplats,59.33,17.90,,\n"),
        ("1,Ängby,,,,\n", "9,Ängby,59.33,17.90,,\n"),
    ],
    ids=["too far", "other name", "a name that says nothing", "no position"],
)
def test_what_is_not_alike_enough_is_left_alone(tmp_path: Path, one: str, other: str) -> None:
    """Distance, name or position missing: nothing is said."""
    assert _matches(tmp_path, one, other) == []


def test_a_source_is_not_compared_with_itself(tmp_path: Path) -> None:
    """Twins inside one source are the publisher's own affair."""
    places = _places(tmp_path, "kommun", "1,Ängby,59.33,17.90,,Q1\n2,Ängby,59.33,17.90,,Q1\n")
    assert len(places) == 2
    assert list(same_places(places)) == []


def test_neighbouring_cells_of_the_grid_meet(tmp_path: Path) -> None:
    """Two places on either side of a line of the grid are still near each other."""
    found = _matches(tmp_path, "1,Ängby,59.3299,17.8999,,\n", "9,Ängby,59.3301,17.9001,,\n")
    assert len(found) == 1


def test_what_a_crowd_shares_tells_nothing(tmp_path: Path) -> None:
    """An address that fifty places give as their id, or a name that fifty have in one spot, links none."""
    rows = "".join(f"{n},Bad,59.33,17.90,,Q7\n" for n in range(30))
    assert _matches(tmp_path, rows, rows) == []


def test_names_are_compared_as_they_are_not_as_they_are_escaped(tmp_path: Path) -> None:
    """Quotation marks in a name are read back from N-Triples."""
    (match,) = _matches(
        tmp_path, '1,"""Ängen"" \\ bad",59.33,17.9,,\n', '9,"""Ängen"" \\ bad",59.33,17.9,,\n'
    )
    assert match.one.name == '"Ängen" \\ bad'


def test_a_build_links_and_asks(tmp_path: Path) -> None:
    """Ids link in the graph of links and in the default graph; likeness is told by the build and a query."""
    region = ""
    for source, rows in {
        "kommun": "1,Ängby,59.33,17.90,SE0110180000001234,\n2,Sickla,59.30,18.12,,\n",
        "hav": "9,Ängbybadet,59.33,17.91,SE0110180000001234,\n8,Sickla,59.3003,18.12,,\n",
    }.items():
        (tmp_path / f"{source}.csv").write_text(HEAD + rows, encoding="utf-8")
        region += f'[[source]]\nid = "{source}"\nkind = "csv"\ntitle = "{source}"\n'
        region += f'location = "{source}.csv"\nspecification = "bathing-places"\n'
    (tmp_path / "odis.toml").write_text(region, encoding="utf-8")
    told = odis(tmp_path, "build").stdout
    assert "1 pairs of places linked by their ids, 1 may be the same; see: odis query" in told
    rows = odis(tmp_path, "query", "--saved", "places-that-may-be-the-same", "--format", "csv").stdout
    assert [line.split(",")[2:] for line in rows.splitlines()[1:]] == [["Sickla", "Sickla", "33"]]
    linked = "ASK { ?a owl:sameAs ?b GRAPH <https://odis.example/graph/links> { ?a owl:sameAs ?b } }"
    assert odis(tmp_path, "query", linked).stdout == "yes\n"
    report = json.loads((tmp_path / "var/current/reports/places.same.json").read_bytes())
    assert "33 m apart" in report["pairs"][0]["message"]["en"]


@pytest.mark.shared
def test_two_services_of_havs_register_meet(shared: Path) -> None:
    """HaV's two services give each bathing water once; each pair is linked by its id."""
    corpus = shared / "corpus" / "municipal"
    places = []
    for source, name in (("old", "badplatser-hav-http.json"), ("new", "badplatser-hav.geojson")):
        places += _read(source, corpus / name)
    matches = list(same_places(places))
    linked = [match for match in matches if match.triple]
    assert len(linked) == 2671
    assert len(matches) - len(linked) < 50
