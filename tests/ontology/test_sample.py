"""The sample region: what is real in it is right, and what is wrong in it is wrong on purpose."""

import csv
import json
import re
import tomllib
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, Store, parse

from tests.ontology.conftest import ROOT, SAMPLE, rows

SYNTAX = {
    ".ttl": RdfFormat.TURTLE,
    ".rdf": RdfFormat.RDF_XML,
    ".jsonld": RdfFormat.JSON_LD,
    ".nt": RdfFormat.N_TRIPLES,
}
CATALOGUES = sorted((SAMPLE / "catalogues").iterdir())
LISTS = sorted((SAMPLE / "data").glob("*-badplatser.csv"))
HAV = re.compile(r"SE011(01\d\d)\d{9}")
NOWHERE = {"Bergbybadet", "Lågarö-Örn", "Busviken", "Skäluddens Brygga", "Kullöbadet"}


def read(path: Path) -> list[dict[str, str]]:
    """The rows of a list of bathing places under the official names of the columns used here."""
    text = path.read_text(encoding="utf-8-sig")
    names = {"nutskod": "hov_ref", "namn": "name", "latitud": "latitude", "longitud": "longitude"}
    delimiter = ";" if ";" in text.splitlines()[0] else ","
    found = csv.DictReader(text.splitlines(), delimiter=delimiter)
    return [{names.get(k.lower(), k.lower()): v for k, v in row.items() if k} for row in found]


def number(text: str) -> float:
    """A number with a decimal point or comma."""
    return float(text.replace(",", "."))


@pytest.fixture(scope="module")
def catalogues() -> dict[str, Store]:
    """Each catalogue in a store of its own."""
    stores = {}
    for path in CATALOGUES:
        stores[path.stem] = Store()
        stores[path.stem].extend(parse(path=path, format=SYNTAX[path.suffix]))
    return stores


def test_the_sample_is_counted() -> None:
    """Six catalogues in four syntaxes, four lists of bathing places and one of outdoor gyms."""
    assert [path.name for path in CATALOGUES] == [
        "huddinge.ttl",
        "nacka.rdf",
        "norrtalje.jsonld",
        "sodertalje.nt",
        "stockholm.ttl",
        "storsthlm.ttl",
    ]
    assert len(LISTS) == 4
    assert len(list((SAMPLE / "data").iterdir())) == 5


def test_bathing_places_are_real_or_say_that_they_are_not() -> None:
    """191 bathing waters of 13 municipalities; characters 6 to 9 of their identity are the kommunkod."""
    places = [row for path in LISTS for row in read(path)]
    invented = [row for row in places if "påhittat" in row["name"]]
    waters = {row["hov_ref"] for row in places if row not in invented}
    assert len(invented) == 8
    assert not any(HAV.fullmatch(row["hov_ref"]) for row in invented)
    assert all(HAV.fullmatch(water) for water in waters)
    assert len(waters) == 191
    assert len({water[5:9] for water in waters}) == 13


def test_coordinates_lie_in_the_county() -> None:
    """Every place lies in the county but five, which the national list has at 0, 0, and a broken row."""
    for path in LISTS:
        for row in read(path):
            if row["name"] in NOWHERE:
                assert number(row["latitude"]) == number(row["longitude"]) == 0
            else:
                assert 58.6 < number(row["latitude"]) < 60.4, row
                assert 17.1 < number(row["longitude"]) < 19.7, row


def test_names_of_files_are_those_of_municipalities() -> None:
    """The rows of a municipality's own list carry its kommunkod in their identity."""
    codes = {"stockholm": "0180", "nacka": "0182", "norrtalje": "0188"}
    for name, code in codes.items():
        waters = [
            row["hov_ref"] for row in read(SAMPLE / "data" / f"{name}-badplatser.csv") if row["hov_ref"]
        ]
        assert {water[5:9] for water in waters} <= {code, ""}, name


@pytest.mark.shared
def test_facts_agree_with_the_national_list(shared: Path) -> None:
    """Names and coordinates of the bathing waters are those of the national list."""
    features = json.loads((shared / "corpus/municipal/badplatser-hav.geojson").read_text("utf-8"))["features"]
    known = {one["properties"]["nutsCode"]: one for one in features}
    compared = 0
    for row in (row for path in LISTS for row in read(path) if HAV.fullmatch(row["hov_ref"] or "")):
        one = known[row["hov_ref"]]
        longitude, latitude = one["geometry"]["coordinates"]
        assert row["name"] == re.sub(" +", " ", one["properties"]["NAMN"]).strip()
        assert abs(number(row["latitude"]) - latitude) < 1e-6
        assert abs(number(row["longitude"]) - longitude) < 1e-6
        compared += 1
    assert compared == 196


def test_the_configuration_names_every_file() -> None:
    """odis.toml has a source for every catalogue and list, and the datasets of rows are in a catalogue."""
    table = tomllib.loads((SAMPLE / "odis.toml").read_text(encoding="utf-8"))
    locations = {(SAMPLE / source["location"]).resolve() for source in table["source"]}
    files = {path for folder in ("catalogues", "data") for path in (SAMPLE / folder).iterdir()}
    assert locations == {path.resolve() for path in files}
    assert len({source["id"] for source in table["source"]}) == len(table["source"]) == 11


def test_rows_belong_to_datasets_that_declare_the_specification(catalogues: dict[str, Store]) -> None:
    """Each list's dataset stands in its publisher's catalogue with conformsTo and leads to the file."""
    table = tomllib.loads((SAMPLE / "odis.toml").read_text(encoding="utf-8"))
    for source in (source for source in table["source"] if source["kind"] == "csv"):
        store = catalogues[source["id"].split("-")[0]]
        declared = rows(
            store,
            f"""SELECT ?standard ?url {{ <{source["dataset"]}> dcterms:conformsTo ?standard ;
                dcat:distribution/dcat:downloadURL ?url . [] dcat:dataset <{source["dataset"]}> }}""",
        )
        assert len(declared) == 1, source["id"]
        assert declared[0][1].endswith(Path(source["location"]).name)


def test_catalogues_are_documented() -> None:
    """docs/sample-region.md has a row for every source."""
    text = (ROOT / "docs" / "sample-region.md").read_text(encoding="utf-8")
    table = tomllib.loads((SAMPLE / "odis.toml").read_text(encoding="utf-8"))
    assert [source["id"] for source in table["source"] if f"| `{source['id']}` |" not in text] == []


def test_portal_sees_high_value_datasets(catalogues: dict[str, Store]) -> None:
    """Six datasets claim the regulation; two of them have no category, one series has three members."""
    claims, without, members = [], [], []
    for store in catalogues.values():
        claim = "?d a dcat:Dataset ; dcatap:applicableLegislation <http://data.europa.eu/eli/reg_impl/2023/138/oj>"
        claims += rows(store, f"SELECT ?d {{ {claim} }}")
        without += rows(store, f"SELECT ?d {{ {claim} FILTER NOT EXISTS {{ ?d dcatap:hvdCategory ?c }} }}")
        members += rows(store, "SELECT ?d { ?d dcat:inSeries [ a dcat:DatasetSeries ] }")
    assert (len(claims), len(without), len(members)) == (6, 2, 3)


def test_steward_sees_mistakes(catalogues: dict[str, Store]) -> None:
    """The mistakes that the documentation promises are there."""
    asks = {
        "nacka": "ASK { ?d adms:contactPoint [] ; dcat:keyword ?k FILTER (LANG(?k) = '') }",
        "norrtalje": "ASK { ?d dcterms:license ?l FILTER (isIRI(?l) && CONTAINS(STR(?l), 'deed')) }",
        "sodertalje": "ASK { ?d dcterms:publisher ?p ; dcat:contactPoint ?p FILTER isBlank(?d) }",
        "huddinge": "ASK { ?d dcterms:conformsTo ?s ; dcat:distribution/dcterms:format 'text/html' }",
        "storsthlm": "ASK { ?c dcterms:hasPart [ a dcat:Catalog ] }",
    }
    prefixes = "PREFIX adms: <http://www.w3.org/ns/adms#> PREFIX dcat: <http://www.w3.org/ns/dcat#> "
    prefixes += "PREFIX dcterms: <http://purl.org/dc/terms/> "
    assert [name for name, ask in asks.items() if not catalogues[name].query(prefixes + ask)] == []
