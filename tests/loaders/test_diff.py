"""`odis diff` says what came, went and changed between two releases."""

import json
from itertools import pairwise
from pathlib import Path

import pytest
from pyoxigraph import QuerySolutions, RdfFormat, Store

from loaders.history.compare import Change, Comparison, compare
from loaders.history.telling import as_json, as_text, as_turtle, short
from loaders.releases.release import named, releases
from tests.conftest import odis
from tests.loaders.quiet import built
from tests.loaders.region import write_region

DCAT, DCT = "http://www.w3.org/ns/dcat#", "http://purl.org/dc/terms/"
CATALOGUE = """
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
<https://example.org/publisher> a foaf:Agent ; foaf:name "P"@sv .
<https://example.org/stays> a dcat:Dataset ; dct:title "Stannar"@sv .
<https://example.org/goes> a dcat:Dataset ; dct:title "Går"@sv .
<https://example.org/changes> a dcat:Dataset ; dct:title "Ändras"@sv ;
    dct:publisher <https://example.org/publisher> ;
    dct:temporal [ a dct:PeriodOfTime ; dcat:startDate "2020-01-01" ] ;
    dcat:distribution <https://example.org/file> .
<https://example.org/file> a dcat:Distribution ; dct:title "Fil"@sv .
"""
CHANGED = (
    CATALOGUE.replace("/goes>", "/comes>")
    .replace('"Går"', '"Kommer"')
    .replace('"2020-01-01"', '"2021-01-01"')
    .replace('"Fil"', '"Filen"')
    .replace('"P"', '"Q"')
)


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which a region was built twice, with a change between; gives its configuration."""
    config = write_region(tmp_path_factory.mktemp("region"))
    (config.parent / "b.ttl").write_text(CATALOGUE)
    built(config)
    (config.parent / "b.ttl").write_text(CHANGED)
    built(config, accept=["b"])
    return config


@pytest.fixture(scope="module")
def found(region: Path) -> Comparison:
    """The comparison of its two releases."""
    new, old = releases(region.parent / "var")
    return compare(old, new)


def test_what_came_went_and_changed(found: Comparison) -> None:
    """By dataset, with the properties of the dataset and of what it leads to; nothing else is named."""
    name = "https://example.org"
    paths = (
        (f"{DCT}publisher", "http://xmlns.com/foaf/0.1/name"),
        (f"{DCT}temporal",),
        (f"{DCAT}distribution", f"{DCT}title"),
    )
    (source,) = found.sources
    assert source.source == "b"
    assert source.of("came") == [Change("came", f"{name}/comes", "Kommer")]
    assert source.of("went") == [Change("went", f"{name}/goes", "Går")]
    assert source.of("changed") == [Change("changed", f"{name}/changes", "Ändras", paths)]


def test_it_is_told_in_text_json_and_rdf(found: Comparison) -> None:
    """All three say the same; the RDF has one activity for each dataset."""
    text = as_text(found)
    assert "b: 1 came, 1 went, 1 changed" in text
    assert "  ~ Ändras <https://example.org/changes>: dcterms:publisher/foaf:name, dcterms:temporal, " in text
    (source,) = json.loads(as_json(found))["sources"]
    assert [change["kind"] for change in source["changes"]] == ["came", "went", "changed"]
    store = Store()
    store.load(as_turtle(found), format=RdfFormat.TURTLE)
    activities = "https://www.w3.org/ns/activitystreams#"
    for kind, dataset in (("Create", "comes"), ("Delete", "goes"), ("Update", "changes")):
        query = f"ASK {{ ?a a <{activities}{kind}> ; <{activities}object> <https://example.org/{dataset}> }}"
        assert store.query(query)
    assert len({quad.subject for quad in store}) == 3


def test_the_command(region: Path) -> None:
    """Without arguments the last two releases; unknown ones are an error that lists those there are."""
    new, old = releases(region.parent / "var")
    told = odis(region.parent, "diff").stdout
    assert told == odis(region.parent, "diff", old.id, new.id).stdout
    assert told.startswith(f"{old.id} → {new.id}\n")
    assert "nothing is different" in odis(region.parent, "diff", new.id).stdout
    assert old.id in odis(region.parent, "diff", "yesterday", code=2).stderr
    assert named(region.parent / "var", old.id) == old


def test_names_are_short() -> None:
    """The longest fitting prefix is taken; an IRI of no namespace of ours stays whole."""
    assert (short(f"{DCT}title"), short("https://a.example/b")) == ("dcterms:title", "<https://a.example/b>")


SOCH = "se-raa-soch-2018-09.rdf", "se-raa-soch-2019-11.rdf", "se-raa-soch-2022-01.rdf"


@pytest.mark.shared
def test_dated_versions_of_a_real_catalogue(shared: Path, tmp_path: Path) -> None:
    """K-samsök's own catalogue over four years; its datasets have no IRIs, so titles tell them apart."""
    config = tmp_path / "odis.toml"
    config.write_text('[[source]]\nid = "soch"\nkind = "dcat"\ntitle = "SOCH"\nlocation = "soch.rdf"\n')
    files = [(shared / "corpus" / "dcat" / file).read_bytes() for file in SOCH]
    for file in files:
        (tmp_path / "soch.rdf").write_bytes(file)
        built(config)
    titles = [_titles(file) for file in files]
    assert [len(one) for one in titles] == [156, 153, 148]  # one title is used twice
    new_to_old = releases(tmp_path / "var")
    for number, (old, new) in enumerate(pairwise(reversed(new_to_old))):
        (source,) = compare(old, new).sources
        before, now = titles[number], titles[number + 1]
        came, went, changed = ({one.title for one in source.of(k)} for k in ("came", "went", "changed"))
        assert came - went == now - before
        assert went - came == before - now
        assert changed <= now & before
        assert len(came & went) <= 1
        assert all(change.properties for change in source.of("changed"))


def _titles(file: bytes) -> set[str]:
    """The titles of the datasets of a catalogue, by another reader's triples."""
    store = Store()
    store.load(file, format=RdfFormat.RDF_XML, base_iri="https://example.org/")
    found = store.query(f"SELECT ?title {{ ?d a <{DCAT}Dataset> ; <{DCT}title> ?title }}")
    assert isinstance(found, QuerySolutions)
    return {row["title"].value for row in found}
