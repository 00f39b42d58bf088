"""The views of a release: what is in them, that they are RDF, that equal data gives equal bytes."""

import hashlib
import json
import os
import random
import subprocess
import sys
import zlib
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import rdflib
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple, parse

from benchmarks.graphs import write_graph
from loaders.releases.release import Manifest, publish, switch, unfinished
from loaders.views import reuse
from loaders.views.history import Previous
from loaders.views.index import ask, read
from loaders.views.pieces import Piece, PieceFile
from loaders.views.profiles import PROFILES
from loaders.views.read import Filter, OpenViews
from loaders.views.self_description import dump_distribution, self_description
from loaders.views.syntaxes import SYNTAXES
from loaders.views.write import Views, carry_views, newest, write_views
from ontology import iri
from tests.harvested import BASE, NACKA, STOCKHOLM, region, write_nq

CREATED = datetime(2026, 11, 24, 8, tzinfo=UTC)
FORMATS = {
    "rdfxml": RdfFormat.RDF_XML,
    "turtle": RdfFormat.TURTLE,
    "jsonld": RdfFormat.JSON_LD,
    "ntriples": RdfFormat.N_TRIPLES,
}
MAIN = NamedNode(f"{BASE}id/catalogue/odis")
CLASSES = ("Catalog", "Dataset", "Distribution")
NOT_XML = {NamedNode("https://egen.example/ns/1"), NamedNode(iri("dcterms:title"))}


def term(curie: str) -> NamedNode:
    """A prefixed name as a node."""
    return NamedNode(iri(curie))


def build(
    folder: Path, found: list[Quad], created: datetime = CREATED, previous: Path | None = None
) -> Views:
    """Write the views of some quads; the release before was made public an hour after it was made."""
    folder.mkdir()
    graph = write_nq(folder / "graph.nq", found)
    before = Previous(previous / "views", created - timedelta(hours=1)) if previous else None
    return write_views(graph, folder / "views", BASE, created, previous=before)


def opened(folder: Path, published: datetime = CREATED) -> OpenViews:
    """The views of a folder that `build` filled."""
    return OpenViews(folder / "views", folder / "graph.nq", published)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small region, with its views."""
    folder = tmp_path_factory.mktemp("small") / "release"
    build(folder, region())
    return folder


def text(folder: Path, profile: str, ending: str) -> bytes:
    """The whole catalogue in a profile, unpacked."""
    return unzipped((folder / "views" / f"{profile}.{ending}.gz").read_bytes())


def triples(folder: Path, profile: str) -> set[Triple]:
    """The whole catalogue in a profile, parsed."""
    return {quad.triple for quad in parse(text(folder, profile, "nt"), format=RdfFormat.N_TRIPLES)}


@pytest.mark.parametrize("profile", PROFILES)
def test_all_syntaxes_say_the_same(small: Path, profile: str) -> None:
    """Each syntax parses to the triples of N-Triples, but for what XML cannot say."""
    expected = triples(small, profile)
    assert len(expected) > 80
    for syntax in SYNTAXES:
        found = {
            quad.triple
            for quad in parse(text(small, profile, syntax.ending), format=FORMATS[syntax.name], base_iri=BASE)
        }
        if syntax.name == "rdfxml":
            assert {triple.predicate for triple in found ^ expected} == NOT_XML
        else:
            assert found == expected


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # rdflib's own JSON-LD parser
@pytest.mark.parametrize(("ending", "name"), [("rdf", "xml"), ("ttl", "turtle"), ("jsonld", "json-ld")])
def test_rdflib_reads_what_we_write(small: Path, ending: str, name: str) -> None:
    """A second, independent parser reads the Swedish view in every syntax."""
    graph = rdflib.Graph()
    graph.parse(data=text(small, "dcat-ap-se", ending), format=name)
    assert (rdflib.URIRef("https://stockholm.example/bathing"), rdflib.RDF.type, None) in graph
    assert len(graph) >= len(triples(small, "dcat-ap-se")) - 1


def test_no_control_character_reaches_xml(small: Path) -> None:
    """A character that XML cannot hold is replaced, and only in RDF/XML."""
    assert "Buller\ufffd" in text(small, "dcat-ap-se", "rdf").decode()
    assert "Buller\\u0001" in text(small, "dcat-ap-se", "ttl").decode()


def test_literals_keep_their_form(small: Path) -> None:
    """What a store would rewrite goes out as it came in."""
    assert '"0123"^^xsd:nonNegativeInteger' in text(small, "dcat-ap-se", "ttl").decode()


def objects(found: set[Triple], subject: NamedNode, predicate: str) -> set[object]:
    """The values of a property."""
    return {t.object for t in found if t.subject == subject and t.predicate == term(predicate)}


def subjects(found: set[Triple], kind: str) -> set[object]:
    """The things of a class."""
    return {t.subject for t in found if t.predicate == term("rdf:type") and t.object == term(kind)}


def test_one_main_catalogue_with_one_level_of_parts(small: Path) -> None:
    """Harvested catalogues hang on the main one, nested ones too; one that is only typed is left out."""
    found = triples(small, "dcat-ap-se")
    parts = {t for t in found if t.predicate == term("dcterms:hasPart")}
    assert {t.subject for t in parts} == {MAIN}
    assert {str(t.object) for t in parts} == {
        "<https://nacka.example/catalogue>",
        "<https://stockholm.example/catalogue>",
        "<https://stockholm.example/nested>",
    }
    assert subjects(found, "dcat:Catalog") == {MAIN} | {t.object for t in parts}
    assert not [t for t in found if t.predicate == term("dcterms:isPartOf")]


def test_the_main_catalogue_lists_what_there_is(small: Path) -> None:
    """Every dataset and series is listed, and nothing that the graph does not describe."""
    found = triples(small, "dcat-ap-se")
    datasets = subjects(found, "dcat:Dataset") | subjects(found, "dcat:DatasetSeries")
    assert objects(found, MAIN, "dcat:dataset") == datasets
    assert len(datasets) == 4
    assert objects(found, MAIN, "dcat:service") == subjects(found, "dcat:DataService")
    listed = {t.object for t in found if t.predicate == term("dcat:dataset")}
    assert listed == datasets


@pytest.mark.parametrize("profile", PROFILES)
def test_no_blank_nodes_and_only_absolute_iris(small: Path, profile: str) -> None:
    """Nothing in any view is a blank node, every IRI has a scheme."""
    for triple in triples(small, profile):
        assert not isinstance(triple.subject, BlankNode)
        assert not isinstance(triple.object, BlankNode)
        if isinstance(triple.object, NamedNode):
            assert triple.object.value.partition(":")[1]


def test_swedish_view_has_no_catalogue_records(small: Path) -> None:
    """CatalogRecord breaks the national harvester, also when a source has one."""
    found = triples(small, "dcat-ap-se")
    assert subjects(found, "dcat:CatalogRecord") == set()
    assert not [t for t in found if t.predicate == term("dcat:record")]


def test_european_view_has_a_record_for_each_dataset(small: Path) -> None:
    """In the EU view every dataset has one record, ours and not its source's, in the main catalogue."""
    found = triples(small, "dcat-ap")
    records = subjects(found, "dcat:CatalogRecord")
    topics = {t.object for t in found if t.subject in records and t.predicate == term("foaf:primaryTopic")}
    assert len(records) == len(topics) == 4
    assert objects(found, MAIN, "dcat:record") == records
    stamps = {t.object for t in found if t.subject in records and t.predicate == term("dcterms:modified")}
    assert stamps == {Literal("2026-11-24T08:00:00Z", datatype=term("xsd:dateTime"))}


def test_contact_is_never_the_publisher(small: Path) -> None:
    """A node that was both becomes two, each with the properties of its kind."""
    found = triples(small, "dcat-ap-se")
    contacts = {t.object for t in found if t.predicate == term("dcat:contactPoint")}
    publishers = {t.object for t in found if t.predicate == term("dcterms:publisher")}
    assert contacts & publishers == set()
    (contact,) = contacts - {NamedNode("https://stockholm.example/contact")}
    assert isinstance(contact, NamedNode)
    assert objects(found, contact, "vcard:fn") == {Literal("Nacka")}
    assert objects(found, contact, "vcard:hasEmail") == {NamedNode("mailto:data@nacka.example")}
    nacka = NamedNode("https://nacka.example/org")
    assert objects(found, nacka, "rdf:type") == {term("foaf:Agent")}
    assert objects(found, nacka, "vcard:fn") == set()


def test_formats_as_both_portals_read_them(small: Path) -> None:
    """File type and media type as IRIs; what no list knows stays a literal in Sweden only."""
    swedish, european = triples(small, "dcat-ap-se"), triples(small, "dcat-ap")
    csv, api = (NamedNode(f"https://stockholm.example/bathing-{part}") for part in ("csv", "api"))
    for found in (swedish, european):
        assert {str(o).rpartition("/")[2] for o in objects(found, csv, "dcterms:format")} == {"CSV>"}
        assert {str(o).rpartition("types/")[2] for o in objects(found, csv, "dcat:mediaType")} == {
            "text/csv>"
        }
    assert objects(swedish, api, "dcterms:format") == {Literal("application/vnd.sthlm+json")}
    assert objects(european, api, "dcterms:format") == set()
    assert len(objects(european, api, "dcat:mediaType")) == 1


def test_older_view_speaks_dcat_2(small: Path) -> None:
    """The 2.1.1 view has no series, no dcat:version, and sizes as decimals."""
    found = triples(small, "dcat-ap-2.1.1")
    used = {t.predicate for t in found}
    assert subjects(found, "dcat:DatasetSeries") == set()
    assert used & {term("dcat:inSeries"), term("dcat:version")} == set()
    sizes = {t.object for t in found if t.predicate == term("dcat:byteSize")}
    assert sizes == {Literal("0123", datatype=term("xsd:decimal"))}


def test_sizes_have_their_datatype_only_if_they_are_numbers(tmp_path: Path) -> None:
    """A size without or with another datatype gets the profile's; text stays what its source wrote."""
    turtle = NACKA + 'n:parks-shp dcat:byteSize "17", 18, "2,4 MB" .\n'
    build(tmp_path / "one", region(stockholm="", nacka=turtle))
    natural = {Literal(size, datatype=term("xsd:nonNegativeInteger")) for size in ("17", "18")}
    decimal = {Literal(size, datatype=term("xsd:decimal")) for size in ("17", "18")}
    text_ = Literal("2,4 MB")
    for profile, numbers in (("dcat-ap-se", natural), ("dcat-ap", natural), ("dcat-ap-2.1.1", decimal)):
        found = triples(tmp_path / "one", profile)
        sizes = objects(found, NamedNode("https://nacka.example/parks-shp"), "dcat:byteSize")
        assert sizes == {*numbers, text_}


def test_all_views_hold_the_same_datasets(small: Path) -> None:
    """Test 7 of the harvesting rules: Swedish and EU views differ in form only."""
    found = [
        subjects(triples(small, name), "dcat:Dataset") | subjects(triples(small, name), "dcat:DatasetSeries")
        for name in PROFILES
    ]
    assert found[0] == found[1] == found[2]


def test_what_else_the_graph_knows_is_only_referred_to(small: Path) -> None:
    """Labels of code lists and areas in the graph do not leak into the catalogue."""
    found = triples(small, "dcat-ap")
    area = NamedNode("https://odis.example/area")
    assert subjects(found, "skos:Concept") == set()
    assert area in {t.object for t in found}
    assert area not in {t.subject for t in found}


BUILD = """
import sys
import zlib
from contextlib import closing
from datetime import datetime
from pathlib import Path
from loaders.views.write import write_views
graph, target, created = sys.argv[1:]
write_views(Path(graph), Path(target), "https://odis.example/", datetime.fromisoformat(created))
"""


def test_equal_data_gives_equal_bytes(tmp_path: Path) -> None:
    """Two processes with other hash seeds, given the triples in another order, write the same files."""
    for number, found in enumerate((region(), region()[::-1])):
        graph = write_nq(tmp_path / f"{number}.nq", found)
        arguments = (str(graph), str(tmp_path / str(number)), CREATED.isoformat())
        environment = {
            **os.environ,
            "PYTHONHASHSEED": str(number + 1),
            "TZ": "Asia/Tokyo" if number else "UTC",
        }
        subprocess.run([sys.executable, "-c", BUILD, *arguments], check=True, env=environment)
    found_files = [path for path in (tmp_path / "0").rglob("*") if path.is_file()]
    files = sorted(path.relative_to(tmp_path / "0") for path in found_files if path.suffix != ".sqlite")
    assert len(files) == 2 * 4 * len(PROFILES) + 2 + 2 + 2  # schema.org, the feed, the dumps
    for file in files:
        assert (tmp_path / "0" / file).read_bytes() == (tmp_path / "1" / file).read_bytes(), file


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """250 datasets of 7 publishers: several pages, publishers that share one."""
    folder = tmp_path_factory.mktemp("large")
    write_graph(folder / "graph.nq", 250, publishers=7)
    write_views(folder / "graph.nq", folder / "views", BASE, CREATED)
    return folder


def unzipped(packed: bytes) -> bytes:
    """The text of a single gzip member: what clients that know no more than that read."""
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    plain = unpacker.decompress(packed)
    assert unpacker.eof
    assert unpacker.unused_data == b""
    return plain


def stored(views: OpenViews, profile: str, syntax: str, kind: str, key: str = "") -> set[Triple]:
    """A stored document, unpacked and parsed."""
    document = views.document(profile, syntax, kind, key)  # type: ignore[arg-type]
    assert document
    packed = b"".join(views.gzip(document))
    plain = unzipped(packed)
    assert (len(packed), len(plain)) == (document.size, document.sum.plain)
    assert plain == b"".join(views.text(document))
    return {quad.triple for quad in parse(plain, format=FORMATS[syntax], base_iri=BASE)}


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("syntax", [syntax.name for syntax in SYNTAXES])
def test_pages_together_hold_what_the_whole_holds(large: Path, profile: str, syntax: str) -> None:
    """Following hydra:next from page 1 gives each dataset once; every page has all its nodes."""
    views = opened(large)
    whole = stored(views, profile, syntax, "whole")
    seen: list[object] = []
    page, count = 1, 0
    while page:
        found = stored(views, profile, syntax, "page", str(page))
        datasets = subjects(found, "dcat:Dataset")
        seen += datasets
        count += 1
        assert objects(found, MAIN, "dcat:dataset") == datasets
        described = {t.subject for t in found}
        for link in ("dcterms:publisher", "dcat:contactPoint", "dcat:distribution"):
            assert {t.object for t in found if t.predicate == term(link) and t.subject != MAIN} <= described
        following = {t.object for t in found if t.predicate == term("hydra:next")}
        assert following == {t.object for t in found if t.predicate == term("hydra:nextPage")}
        page = int(str(next(iter(following), "=0")).rpartition("=")[2].rstrip(">"))
    assert count == 3
    assert len(seen) == len(set(seen)) == 250
    assert set(seen) == subjects(whole, "dcat:Dataset")
    views.close()


def test_each_publisher_has_a_catalogue(large: Path) -> None:
    """The catalogues of the publishers split the whole; each is published by whom it is of."""
    views = opened(large)
    seen: set[object] = set()
    assert len(views.publishers()) == 7
    for publisher in views.publishers():
        found = stored(views, "dcat-ap-se", "rdfxml", "publisher", publisher.slug)
        assert len(subjects(found, "dcat:Catalog")) == 1
        assert {t.object for t in found if t.predicate == term("dcterms:publisher")} == {
            NamedNode(publisher.iri)
        }
        datasets = subjects(found, "dcat:Dataset")
        assert len(datasets) == publisher.records
        assert not seen & datasets
        seen |= datasets
    assert len(seen) == 250
    views.close()


def test_whole_catalogue_says_everything_once(large: Path) -> None:
    """No triple is repeated in the dump of the catalogue."""
    lines = text(large, "dcat-ap-se", "nt").splitlines()
    assert len(lines) == len(set(lines))


def test_json_ld_is_compact_and_needs_no_network(large: Path) -> None:
    """JSON-LD has its context inside and names in short form."""
    document = json.loads(text(large, "dcat-ap-se", "jsonld"))
    assert document["@context"]["dcat"] == iri("dcat:")
    assert document["@graph"][0]["@type"] == "dcat:Catalog"


def states(views: OpenViews) -> dict[str, tuple[str, str, int]]:
    """Stamp, first time and deletion of every record."""
    rows = views.rows(Filter(deleted=True), 1000)
    return {row.iri.rpartition("/")[2]: (row.stamp, row.first, row.deleted) for row in rows}


def test_history_is_carried_from_release_to_release(tmp_path: Path) -> None:
    """A record's time changes with the record only; what goes leaves a tombstone; what comes back is new."""
    days = [CREATED + timedelta(days=day) for day in range(5)]
    changed = STOCKHOLM.replace('"Kort"@sv', '"Längre"@sv')
    steps = [region(), region(), region(stockholm=changed), region(nacka=""), region()]
    done = [
        build(tmp_path / str(n), found, days[n], tmp_path / str(n - 1) if n else None)
        for n, found in enumerate(steps)
    ]
    counts = [(views.added, views.changed, views.removed) for views in done]
    assert counts == [(5, 0, 0), (0, 0, 0), (0, 1, 0), (0, 1, 1), (1, 0, 0)]
    # The release of day n was public an hour before day n + 1: that is when its records were first seen.
    seen = [f"2026-11-{24 + day + 1}T07:00:00Z" for day in range(4)] + ["2026-11-28T08:00:00Z"]
    views = opened(tmp_path / "4", days[4])
    assert states(views) == {
        "bathing": (seen[0], seen[0], 0),
        "noise": (seen[3], seen[0], 0),
        "series": (seen[0], seen[0], 0),
        "parks": (seen[4], seen[4], 0),
    }
    views.close()
    views = opened(tmp_path / "3", days[3])
    assert states(views)["parks"] == ("2026-11-27T08:00:00Z", seen[0], 1)
    views.close()


def test_an_empty_graph_has_views_too(tmp_path: Path) -> None:
    """Before anything is harvested there is a catalogue with nothing in it."""
    done = build(tmp_path / "empty", [])
    assert done.records == 0
    assert subjects(triples(tmp_path / "empty", "dcat-ap-se"), "dcat:Catalog") == {MAIN}
    views = opened(tmp_path / "empty")
    assert stored(views, "dcat-ap", "rdfxml", "page", "1")
    views.close()


def test_nacka_alone(tmp_path: Path) -> None:
    """A region of one source has its catalogue under the main one."""
    build(tmp_path / "one", region(stockholm="", nacka=NACKA))
    assert len(subjects(triples(tmp_path / "one", "dcat-ap-se"), "dcat:Dataset")) == 1


def test_dumps_hold_the_whole_graph(tmp_path: Path) -> None:
    """N-Quads and TriG hold every quad; size and checksum stand in the catalogue and are right."""
    found = [*region(), *self_description(BASE)]
    build(tmp_path / "one", found)
    folder = tmp_path / "one" / "views" / "dumps"
    for ending, form in (("nq", RdfFormat.N_QUADS), ("trig", RdfFormat.TRIG)):
        packed = (folder / f"odis.{ending}.gz").read_bytes()
        assert set(parse(unzipped(packed), format=form)) == set(found)
        for profile in PROFILES:
            said = triples(tmp_path / "one", profile)
            distribution = NamedNode(dump_distribution(BASE, ending))
            (size,) = objects(said, distribution, "dcat:byteSize")
            assert size.value == str(len(packed))  # type: ignore[attr-defined]
            (node,) = objects(said, distribution, "spdx:checksum")
            (value,) = objects(said, node, "spdx:checksumValue")  # type: ignore[arg-type]
            assert value.value == hashlib.sha1(packed).hexdigest()  # type: ignore[attr-defined]


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that parts are taken over into from the release before, one entry for each part."""
    found: list[str] = []
    copy = PieceFile.copy

    def counted(self: PieceFile, piece: Piece, folder: Path) -> Piece:
        found.append(self.name)
        return copy(self, piece, folder)

    monkeypatch.setattr(PieceFile, "copy", counted)
    return found


def written_twice(before: Path, after: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Write a release from the one before, and anew: byte for byte the same, and the same in the index."""
    previous = Previous(before / "views", CREATED + timedelta(minutes=5))
    day = CREATED + timedelta(days=1)
    write_views(after / "graph.nq", after / "views", BASE, day, previous=previous)
    with monkeypatch.context() as patch:
        patch.setattr(reuse, "code_version", lambda: "other code")
        write_views(after / "graph.nq", after / "anew", BASE, day, previous=previous)
    files = [path.relative_to(after / "views") for path in (after / "views").rglob("*") if path.is_file()]
    for file in files:
        if file.suffix != ".sqlite":
            assert (after / "views" / file).read_bytes() == (after / "anew" / file).read_bytes(), file
    tables = ("records", "entities", "documents", "texts", "feed", "publishers")
    first, second = (read(after / name / "index.sqlite") for name in ("views", "anew"))
    for table in tables:
        rows = [sorted(ask(index, f"SELECT * FROM {table}")) for index in (first, second)]
        assert rows[0] == rows[1], table
    first.close()
    second.close()


def test_what_is_taken_over_is_what_would_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, taken: list[str]
) -> None:
    """Of five publishers one has changed: the records of the others are taken over."""
    before, after = tmp_path / "before", tmp_path / "after"
    for folder, changed in ((before, 0), (after, 1)):
        folder.mkdir()
        write_graph(folder / "graph.nq", 120, publishers=5, changed=changed)
    write_views(before / "graph.nq", before / "views", BASE, CREATED)
    written_twice(before, after, monkeypatch)
    assert taken.count("schema.org.jsonld.gz") == 4
    assert taken.count("dcat-ap.parts.ttl.gz") > 4  # what stands at the ends of catalogues and pages


@pytest.mark.parametrize("seed", range(8))
def test_nothing_is_taken_over_that_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, taken: list[str], seed: int
) -> None:
    """Any lines may come and go: of datasets, files, contacts, publishers, classes, links between them."""
    chance = random.Random(seed)
    write_graph(tmp_path / "large.nq", 60, publishers=4)
    small = write_nq(tmp_path / "small.nq", region())
    both = small.read_bytes() + (tmp_path / "large.nq").read_bytes()
    lines = sorted(both.splitlines(keepends=True))
    before, after = tmp_path / "before", tmp_path / "after"
    for folder in (before, after):
        folder.mkdir()
        gone = set(chance.sample(range(len(lines)), 10))
        kept = [line for number, line in enumerate(lines) if number not in gone]
        (folder / "graph.nq").write_bytes(b"".join(kept))
    write_views(before / "graph.nq", before / "views", BASE, CREATED)
    written_twice(before, after, monkeypatch)
    assert taken


def test_views_of_the_same_graph_are_carried_with_their_times(tmp_path: Path) -> None:
    """A release with the graph of the one before has its views, and nothing in them is newer than it was."""
    build(tmp_path / "0", region())
    carry_views(Previous(tmp_path / "0" / "views", CREATED), tmp_path / "1")
    later = CREATED + timedelta(days=1)
    with closing(OpenViews(tmp_path / "1", tmp_path / "0" / "graph.nq", later)) as views:
        assert {row.stamp for row in views.rows(Filter(), 10)} == {"2026-11-24T08:00:00Z"}
        assert views.document("dcat-ap", "turtle", "whole").modified == "2026-11-24T08:00:00Z"  # type: ignore[union-attr]
    first = Previous(tmp_path / "1", later)
    written = write_views(tmp_path / "0" / "graph.nq", tmp_path / "2", BASE, later, previous=first)
    assert (written.added, written.changed, written.removed, written.activities) == (0, 0, 0, 0)
    with closing(OpenViews(tmp_path / "2", tmp_path / "0" / "graph.nq", later)) as views:
        assert {row.stamp for row in views.rows(Filter(), 10)} == {"2026-11-24T08:00:00Z"}


def test_history_goes_on_from_the_newest_release(tmp_path: Path) -> None:
    """Also after a rollback: what readers were told is not taken back."""
    assert newest(tmp_path, BASE) is None
    made = []
    for views in (True, True, False):
        folder = unfinished(tmp_path)
        write_nq(folder / "graph.nq", region())
        if views:
            write_views(folder / "graph.nq", folder / "views", BASE, CREATED)
        made.append(publish(tmp_path, folder, Manifest(base=BASE, triples=1, quads=1)))
    switch(tmp_path, made[0].id)
    found = newest(tmp_path, BASE)
    assert found
    assert found.folder == made[1].path / "views"
    assert found.published == datetime.fromisoformat(made[1].manifest.created)
    assert newest(tmp_path, "https://other.example/") is None
