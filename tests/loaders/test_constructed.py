"""Datasets in RDF: CONSTRUCT queries make over the pictures of K-samsök and Europeana."""

import json
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

from loaders.convert import Job, convert
from ontology import FOLDER, iri
from ontology.errors import SourceError
from tests.conftest import odis

PICTURES = FOLDER / "specifications" / "historical-pictures" / "metadata.json"
EDTF = "http://id.loc.gov/datatypes/edtf/EDTF"
PHOTO = """@prefix k: <http://kulturarvsdata.se/ksamsok#> . @prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
<http://kulturarvsdata.se/museum/photo/7> a k:Entity ;
    k:itemType <http://kulturarvsdata.se/resurser/EntityType#photo> ; k:itemLabel "Slussen" ;
    k:itemLicense <http://kulturarvsdata.se/resurser/license#pdmark> ; k:serviceOrganization "Museet" ;
    k:context [ k:contextSuperType <http://kulturarvsdata.se/resurser/ContextSuperType#create> ;
        foaf:name "Okänd fotograf" ; k:fromTime "1890" ; k:toTime "1910" ; k:placeName "Slussen" ;
        k:coordinates '''<gml:Point srsName="EPSG:4326">
            <gml:coordinates>18.0720,59.3195</gml:coordinates></gml:Point>'''^^rdf:XMLLiteral ] ;
    k:image [ k:lowresSource <https://museum.example/7.jpg> ] .
"""
CHO = """@prefix dc: <http://purl.org/dc/elements/1.1/> .
@prefix edm: <http://www.europeana.eu/schemas/edm/> . @prefix ore: <http://www.openarchives.org/ore/terms/> .
<https://m.example/1> a edm:ProvidedCHO ; edm:type "IMAGE" ; dc:title "Torget"@sv ; dc:identifier "1" ;
    dc:date "1910-talet", "[ca 1912]", "mycket gammal" .
<https://m.example/a> a ore:Aggregation ; edm:aggregatedCHO <https://m.example/1> ; edm:rights "CC0" ;
    edm:isShownBy <https://m.example/1.jpg> .
"""


def _made(folder: Path, content: str | Path, query: Path | None = None) -> tuple[list[Quad], dict[str, Any]]:
    """The quads of a document, and the report of its things."""
    path = content if isinstance(content, Path) else folder / "document.ttl"
    if isinstance(content, str):
        path.write_text(content, encoding="utf-8")
    job = Job(
        source="museum",
        documents=[[str(path), path.name, f"https://museum.example/{path.name}", path.suffix]],
        folder=str(folder),
        base="https://odis.example/",
        graph="https://odis.example/graph/data/historical-pictures/museum",
        limit=10_000_000,
        specification=str(PICTURES),
        dataset="https://museum.example/dataset",
        kind="rdf",
        map=str(query) if query else "",
    )
    convert({**{name: getattr(job, name) for name in Job.__slots__}}, lambda step: None)
    (report,) = json.loads((folder / "tables.json").read_bytes())
    return list(parse(path=folder / "graph.nq", format=RdfFormat.N_QUADS)), report


def _values(quads: list[Quad], curie: str, subject: str) -> set[object]:
    return {q.object for q in quads if q.predicate.value == iri(curie) and q.subject == NamedNode(subject)}


def test_a_photograph_of_k_samsok(tmp_path: Path) -> None:
    """Interval of time as EDTF, licence as an IRI, place with geometry, own IRI, dataset and document."""
    quads, report = _made(tmp_path, PHOTO)
    photo = "http://kulturarvsdata.se/museum/photo/7"
    assert NamedNode(iri("schema:Photograph")) in _values(quads, "rdf:type", photo)
    assert _values(quads, "dcterms:title", photo) == {Literal("Slussen", language="sv")}
    assert _values(quads, "dcterms:created", photo) == {Literal("1890/1910", datatype=NamedNode(EDTF))}
    pdm = NamedNode("http://creativecommons.org/publicdomain/mark/1.0/")
    assert _values(quads, "dcterms:rights", photo) == {pdm}
    assert _values(quads, "foaf:depiction", photo) == {NamedNode("https://museum.example/7.jpg")}
    (wkt,) = _values(quads, "geo:asWKT", f"{photo}#place-geometry")
    assert isinstance(wkt, Literal)
    assert wkt.value == "POINT(18.072 59.3195)"
    assert _values(quads, "dcterms:isPartOf", photo) == {NamedNode("https://museum.example/dataset")}
    assert _values(quads, "prov:wasDerivedFrom", photo) == {NamedNode("https://museum.example/document.ttl")}
    assert (report["kept"], report["counts"]) == (1, [])


def test_dates_and_rights_in_words_are_read_as_cells_are(tmp_path: Path) -> None:
    """The most exact of the dates stays, rights become a concept, and what nobody can read is reported."""
    quads, report = _made(tmp_path, CHO)
    picture = "https://m.example/1"
    assert _values(quads, "dcterms:created", picture) == {Literal("1912~", datatype=NamedNode(EDTF))}
    cc0 = NamedNode("http://creativecommons.org/publicdomain/zero/1.0/")
    assert _values(quads, "dcterms:rights", picture) == {cc0}
    told = {count["rule"]: count["count"] for count in report["counts"]}
    assert told == {"bad-cell": 1, "date-form": 2}


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT * { ?s ?p ?o }", "map.rq: expected a CONSTRUCT query"),
        ("CONSTRUCT {", "map.rq: it is no SPARQL query"),
        ("CONSTRUCT { ?s a <https://x.example/X> } WHERE { ?s ?p ?o }", "its CONSTRUCT queries find nothing"),
    ],
)
def test_a_query_that_gives_nothing_is_told(tmp_path: Path, query: str, said: str) -> None:
    """A query of one's own that is none, or finds no thing, is the source's failure."""
    (tmp_path / "map.rq").write_text(query, encoding="utf-8")
    with pytest.raises(SourceError, match=said):
        _made(tmp_path, CHO, tmp_path / "map.rq")


def test_a_build_has_pictures_from_rdf(tmp_path: Path) -> None:
    """A source of kind `rdf` in odis.toml; its pictures answer the saved query like those from tables."""
    (tmp_path / "photo.ttl").write_text(PHOTO, encoding="utf-8")
    (tmp_path / "odis.toml").write_text(
        '[[source]]\nid = "museum"\nkind = "rdf"\ntitle = "Museet"\nlocation = "photo.ttl"\n'
        'specification = "historical-pictures"\n',
        encoding="utf-8",
    )
    odis(tmp_path, "build")
    found = odis(
        tmp_path,
        "query",
        "-s",
        "historical-pictures-near",
        "near=59.3195,18.0720",
        "radius=100",
        "--format",
        "csv",
    ).stdout.splitlines()
    assert [row.split(",")[1:3] for row in found[1:]] == [["Slussen", "1890/1910"]]


@pytest.mark.shared
def test_every_record_of_the_corpus_is_told_apart(shared: Path, tmp_path: Path) -> None:
    """Of the twelve records one image of Europeana and one picture of an item of K-samsök are pictures."""
    kept = {}
    files = sorted((shared / "corpus" / "heritage").glob("*.rdf"))
    for path in files:
        folder = tmp_path / path.stem
        folder.mkdir()
        try:
            kept[path.name] = _made(folder, path)[1]["kept"]
        except SourceError as error:
            assert "CONSTRUCT queries find nothing" in str(error)
    assert kept == {"edm-europeana_record_rdf_conversion.rdf": 1, "soch-hjalm_1.3.0.rdf": 1}
    assert len(files) == 11
