"""Each kind of catalogue: how its pages are found, and what is made of them."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import stamina

from loaders.config import load_config
from loaders.harvest.fetcher import ATTEMPTS
from loaders.kinds.mapping import rules
from loaders.kinds.tables import PAGE, filled
from loaders.sources import KINDS, CatalogueSource, EntryScapeSource
from ontology import FOLDER, iri
from tests.conftest import ROOT
from tests.loaders.kinds import Harvested, lines, refusal, titles
from tests.loaders.site import Answer, Asked, Site, site

PREFIXES = """@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dcterms: <http://purl.org/dc/terms/> .
@prefix hydra: <http://www.w3.org/ns/hydra/core#> . @prefix e: <https://e.example/> .
"""


@pytest.fixture
def impatient() -> Iterator[None]:
    """Retries follow each other without waiting."""
    stamina.set_testing(True, attempts=ATTEMPTS)
    yield
    stamina.set_testing(False)


def turtle(text: str) -> Answer:
    """An answer in Turtle."""
    return Answer(
        body=(PREFIXES + text).encode(), headers={"Content-Type": "text/turtle", "ETag": f'"{hash(text)}"'}
    )


def page(number: int, link: str = "") -> Answer:
    """A page of a catalogue with one dataset."""
    return turtle(f'e:d{number} a dcat:Dataset ; dcterms:title "{number}" . {link}')


@pytest.mark.parametrize(
    "link",
    [
        "<> a hydra:PartialCollectionView ; hydra:next </2> .",
        "<> a hydra:PagedCollection ; hydra:nextPage </2> .",
        '<> hydra:nextPage "/2" .',
        '<> hydra:next "/2" ; hydra:nextPage "/3" .',
    ],
)
def test_hydra_pages_are_followed(server: Site, harvested: Harvested, link: str) -> None:
    """By the terms of today before those of yesterday, as IRIs or as CKAN's text."""
    server.answers |= {"/1": [page(1, link)], "/2": [page(2)]}
    outcome = harvested("dcat", f"{server.address}/1")
    assert titles(outcome) == ["1", "2"]


def test_pages_in_a_circle_end(server: Site, harvested: Harvested) -> None:
    """A page that was there already is an error, not a walk for ever."""
    server.answers |= {"/1": [page(1, "<> hydra:next </2> .")], "/2": [page(2, "<> hydra:next </1> .")]}
    assert f"its pages lead in a circle, back to {server.address}/1" in refusal(
        harvested("dcat", f"{server.address}/1")
    )
    assert len(server.asked) == 2


def test_pages_on_another_host_need_to_be_allowed(server: Site, harvested: Harvested) -> None:
    """Whoever writes a page must not make the build fetch from anywhere."""
    with site() as other:
        host = urlsplit(other.address).netloc
        server.answers["/1"] = [page(1, f"<> hydra:next <{other.address}/2> .")]
        other.answers["/2"] = [page(2)]
        said = refusal(harvested("dcat", f"{server.address}/1"))
        assert said.endswith(f"on another host; if that is meant, add '{host}' to its `hosts`")
        assert other.asked == []
        outcome = harvested("dcat", f"{server.address}/1", f'hosts = ["{host}"]')
    assert titles(outcome) == ["1", "2"]


@pytest.mark.usefixtures("impatient")
def test_a_page_that_fails_is_tried_again(server: Site, harvested: Harvested) -> None:
    """The pages before it are not fetched again."""
    server.answers |= {
        "/1": [page(1, "<> hydra:next </2> .")],
        "/2": [Answer(503), Answer(503), page(2)],
    }
    assert titles(harvested("dcat", f"{server.address}/1")) == ["1", "2"]
    assert [asked.path for asked in server.asked] == ["/1", "/2", "/2", "/2"]


def test_a_harvest_that_broke_off_is_taken_up(server: Site, tmp_path: Path, harvested: Harvested) -> None:
    """The next build asks for the pages it has only whether they changed; nothing half is ever loaded."""

    def first(asked: Asked) -> Answer:
        answer = page(1, "<> hydra:next </2> .")
        return Answer(304) if asked.headers.get("if-none-match") == answer.headers["ETag"] else answer

    server.answers |= {"/1": first, "/2": [Answer(404), page(2)]}
    assert "/2 answered 404" in refusal(harvested("dcat", f"{server.address}/1"))
    assert titles(harvested("dcat", f"{server.address}/1")) == ["1", "2"]
    assert "if-none-match" in server.asked[2].headers
    assert not (tmp_path / "var" / "sources" / "a" / "unfinished").exists()


def test_catalogues_that_are_only_named_are_fetched(server: Site, harvested: Harvested) -> None:
    """A part that is described is there already; parts of parts are fetched too, each once."""
    server.answers |= {
        "/1": [
            turtle(
                "</1> a dcat:Catalog ; dcterms:hasPart </2>, </3>, <https://elsewhere.example/notyped> ."
                '</2> a dcat:Catalog . </3> a dcat:Catalog ; dcterms:title "3" .'
            )
        ],
        "/2": [
            turtle('</2> a dcat:Catalog ; dcterms:title "2" ; dcterms:hasPart </4> . </4> a dcat:Catalog .')
        ],
        "/4": [
            turtle('</4> a dcat:Catalog ; dcterms:title "4" ; dcterms:hasPart </1> . </1> a dcat:Catalog .')
        ],
    }
    assert titles(harvested("dcat", f"{server.address}/1")) == ["2", "3", "4"]
    assert [asked.path for asked in server.asked] == ["/1", "/2", "/4"]


def test_catalogues_lie_in_each_other_only_so_deep(server: Site, harvested: Harvested) -> None:
    """A chain without an end is an error."""
    for n in range(1, 9):
        part = f"</{n}> a dcat:Catalog ; dcterms:hasPart </{n + 1}> . </{n + 1}> a dcat:Catalog ."
        server.answers[f"/{n}"] = [turtle(part)]
    assert f"lie more than 3 deep in each other, down to {server.address}/5" in refusal(
        harvested("dcat", f"{server.address}/1")
    )


def package(number: int, **more: object) -> dict[str, object]:
    """A package of a CKAN."""
    resource = {"id": f"r{number}", "package_id": str(number), "url": f"https://e.example/{number}.csv"}
    return {"id": str(number), "name": f"p{number}", "title": str(number), "resources": [resource], **more}


def found(asked: Asked, packages: list[dict[str, object]], most: int) -> Answer:
    """The answer of package_search; `most` is the server's own limit of rows."""
    words = parse_qs(urlsplit(asked.path).query)
    start, rows = int(words["start"][0]), min(int(words["rows"][0]), most)
    result = {"count": len(packages), "results": packages[start : start + rows]}
    return Answer(body=json.dumps({"success": True, "result": result}).encode())


def test_ckan_is_read_page_by_page(server: Site, harvested: Harvested) -> None:
    """Also where the server gives fewer packages than it was asked for."""
    packages = [package(n) for n in range(250)]
    server.answers["/data/api/3/action/package_search"] = lambda asked: found(asked, packages, most=60)
    outcome = harvested("ckan", f"{server.address}/data/api/3/action/package_search?q=x")
    assert len(titles(outcome)) == 251
    assert f'<{server.address}/data/dataset/7> <dcterms:title> "7"' in lines(outcome)
    resource = f"<{server.address}/data/dataset/7/resource/r7>"
    assert f"{resource} <dcat:accessURL> <e:7.csv>" in lines(outcome)


def test_ckan_that_changes_while_it_is_read_is_refused(server: Site, harvested: Harvested) -> None:
    """A package that slipped to another page is lost or double: the last good version is better."""
    packages = [package(n) for n in range(150)]

    def answer(asked: Asked) -> Answer:
        given = found(asked, packages, most=100)
        packages.pop(0)
        return given

    server.answers["/api/3/action/package_search"] = answer
    said = refusal(harvested("ckan", server.address))
    assert "packages of 150; did it change while it was read?" in said


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"<html>", "it begins like JSON but is not"),
        (
            b'{"success": false, "error": {"message": "no"}}',
            "the API answered with an error: {'message': 'no'}",
        ),
        (b'{"success": true, "result": {"packages": []}}', "it is no answer of package_search"),
        (b'{"success": true, "result": {"count": 0, "results": []}}', "there is no package in it"),
    ],
)
def test_what_is_no_ckan_is_refused(server: Site, harvested: Harvested, body: bytes, message: str) -> None:
    """Each fault has its sentence."""
    server.answers["/api/3/action/package_search"] = [Answer(body=body)]
    assert message in refusal(harvested("ckan", server.address))


EXTRAS = {
    "uri": "https://e.example/d",
    "publisher_uri": "https://e.example/p",
    "publisher_name": "Kommunen",
    "contact_email": "data@e.example",
    "language": "sv,xx",
    "theme": '["https://e.example/t1", "https://e.example/t2"]',
    "dcat_issued": "2024",
    "temporal_start": "2024-01-01",
}


def test_ckan_extras_are_read_as_ckanext_dcat_writes_them(tmp_path: Path, harvested: Harvested) -> None:
    """Lists in JSON or with commas, old names with dcat_, nodes from extras that belong together."""
    extras = [{"key": key, "value": value} for key, value in EXTRAS.items()]
    more = {"extras": extras, "license_url": "https://e.example/l", "organization": {"id": "o", "title": "O"}}
    (tmp_path / "p.json").write_text(json.dumps([package(1, **more)]))
    made = lines(harvested("ckan", "p.json"))
    assert {
        "<e:d> <rdf:type> <dcat:Dataset>",
        "<e:d> <dcterms:publisher> <e:p>",
        '<e:p> <foaf:name> "Kommunen"',
        "<e:d> <dcterms:language> <http://publications.europa.eu/resource/authority/language/SWE>",
        '<e:d> <dcterms:language> "xx"',
        "<e:d> <dcat:theme> <e:t1>",
        "<e:d> <dcat:theme> <e:t2>",
        '<e:d> <dcterms:issued> "2024"^^<xsd:gYear>',
    } <= made
    assert len([line for line in made if line.endswith("<vcard:hasEmail> <mailto:data@e.example>")]) == 1
    assert len([line for line in made if line.endswith('<dcat:startDate> "2024-01-01"^^<xsd:date>')]) == 1
    assert len([line for line in made if line.endswith("<dcterms:license> <e:l>")]) == 1
    assert not any('foaf:name> "O"' in line for line in made)


def test_the_owner_publishes_where_nothing_else_is_said(tmp_path: Path, harvested: Harvested) -> None:
    """The organisation of a package, under its address at the site."""
    (tmp_path / "p.json").write_text(json.dumps(package(1, organization={"id": "o", "title": "Kommunen"})))
    made = lines(harvested("ckan", "p.json", 'base = "https://e.example/"'))
    assert "<e:dataset/1> <dcterms:publisher> <e:organization/o>" in made
    assert '<e:organization/o> <foaf:name> "Kommunen"' in made


DCAT_US_3 = {
    "@type": "Catalog",
    "title": "Catalogue",
    "dataset": [
        {
            "@id": "https://e.example/d",
            "@type": "Dataset",
            "titleMap": {"en": "Bathing", "sv": "Bad"},
            "issued": {"@type": "http://www.w3.org/2001/XMLSchema#date", "@value": "2024-05-01"},
            "publisher": {"@id": "https://e.example/p", "@type": "Organization", "name": "Kommunen"},
            "contactPoint": [{"@type": "Kind", "fn": "Data", "hasEmail": "data@e.example"}],
            "theme": [{"@id": "https://e.example/t", "prefLabel": "Water"}],
            "temporal": [{"startDate": "2024", "endDate": "2025"}],
            "distribution": [{"@id": "https://e.example/f", "downloadURL": "https://e.example/f.csv"}],
        }
    ],
}


def test_data_json_of_version_3(tmp_path: Path, harvested: Harvested) -> None:
    """Nodes with their own @id, texts by language, values with their type."""
    (tmp_path / "data.json").write_text(json.dumps(DCAT_US_3))
    made = lines(harvested("data-json", "data.json", 'base = "https://e.example/data.json"'))
    assert {
        "<e:data.json> <dcat:dataset> <e:d>",
        '<e:d> <dcterms:title> "Bad"@sv',
        '<e:d> <dcterms:title> "Bathing"@en',
        '<e:d> <dcterms:issued> "2024-05-01"^^<xsd:date>',
        "<e:d> <dcterms:publisher> <e:p>",
        '<e:p> <foaf:name> "Kommunen"',
        "<e:d> <dcat:theme> <e:t>",
        "<e:d> <dcat:distribution> <e:f>",
        "<e:f> <dcat:accessURL> <e:f.csv>",
        "<e:f> <dcat:downloadURL> <e:f.csv>",
    } <= made


DCAT_US_1 = {
    "dataset": [
        {"identifier": "a-1", "title": 7, "accessLevel": "restricted public", "accrualPeriodicity": "R/P1Y",
         "temporal": "2020-01-01/2021-01-01", "spatial": None, "isPartOf": "a 0", "license": "https://e.example/l",
         "distribution": [{"accessURL": "www.e.example"}]},
        {},
    ]
}  # fmt: skip


def test_data_json_of_version_1(tmp_path: Path, harvested: Harvested) -> None:
    """Identifiers become fragments of the document, codes the EU's, and empty datasets nothing."""
    (tmp_path / "data.json").write_text(json.dumps(DCAT_US_1))
    made = lines(harvested("data-json", "data.json", 'base = "https://e.example/data.json"'))
    authority = "<http://publications.europa.eu/resource/authority/"
    assert {
        "<e:data.json> <dcat:dataset> <e:data.json#a-1>",
        '<e:data.json#a-1> <dcterms:title> "7"',
        f"<e:data.json#a-1> <dcterms:accessRights> {authority}access-right/RESTRICTED>",
        f"<e:data.json#a-1> <dcterms:accrualPeriodicity> {authority}frequency/ANNUAL>",
        "<e:data.json#a-1> <dcterms:isPartOf> <e:data.json#a%200>",
    } <= made
    assert len([line for line in made if "<dcat:dataset>" in line]) == 1
    assert len([line for line in made if line.endswith('<dcat:endDate> "2021-01-01"^^<xsd:date>')]) == 1
    assert len([line for line in made if line.endswith('<dcat:accessURL> "www.e.example"')]) == 1


def test_every_mapping_names_only_known_properties_and_nodes() -> None:
    """A slip in a mapping is found here and not in a harvest."""
    for name, count in {"ckan": 21, "data-json": 17, "oai-dc": 3}.items():
        found = rules(name)
        assert len(found) == count
        for rule in found.values():
            assert all(row.node in found for row in rule.fields if row.node)
            assert all(iri(curie) for curie in (row.to for row in rule.fields))
            assert not rule.type or iri(rule.type)


def test_an_entrystore_tells_its_catalogues(server: Site, harvested: Harvested) -> None:
    """Its search is read page by page, and each catalogue is exported with all that belongs to it."""
    entries = [{"contextId": str(n), "entryId": "1"} for n in range(103)]

    def search(asked: Asked) -> Answer:
        words = parse_qs(urlsplit(asked.path).query)
        start = int(words["offset"][0])
        assert words["query"] == ["rdfType:http\\://www.w3.org/ns/dcat#Catalog AND public:true"]
        body = {"results": 103, "resource": {"children": entries[start : start + 100]}}
        return Answer(body=json.dumps(body).encode())

    server.answers["/store/search"] = search
    for number in range(103):
        server.answers[f"/store/{number}/metadata/1"] = [page(number)]
    outcome = harvested("entryscape", f"{server.address}/store/")
    assert len(titles(outcome)) == 103
    assert server.asked[2].path == "/store/0/metadata/1?recursive=dcat&format=application%2Frdf%2Bxml"


def test_a_store_without_catalogues_is_an_error(server: Site, harvested: Harvested) -> None:
    """Nothing is not the same as an empty catalogue."""
    server.answers["/store/search"] = [Answer(body=b'{"results": 0, "resource": {"children": []}}')]
    said = refusal(harvested("entryscape", f"{server.address}/store"))
    assert "/store holds no public catalogue" in said
    server.answers["/store/search"] = [Answer(body=b'{"error": "no"}')]
    assert "it is no answer of an EntryStore's search" in refusal(
        harvested("entryscape", f"{server.address}/store")
    )


DUMP = """
e:dump a dcat:Catalog ; dcterms:title "Nationell" ; dcterms:publisher e:digg ; dcat:dataset e:a, e:b, e:c .
e:a a dcat:Dataset ; dcterms:title "a" ; dcat:distribution e:a1 ; dcterms:relation e:b ;
  dcterms:publisher <https://www.dataportal.se/organisation/SE212000-0142> ;
  dcat:contactPoint [ dcterms:title "kontakt" ] .
e:a1 a dcat:Distribution ; dcterms:title "a1" ; dcat:accessService e:s .
e:s a dcat:DataService ; dcterms:title "s" .
e:b a dcat:Dataset ; dcterms:title "b" ; dcterms:publisher e:other ; dcat:distribution e:b1 .
e:b1 a dcat:Distribution ; dcterms:title "b1" ; dcat:accessService e:s .
e:c a dcat:Dataset ; dcterms:title "c" .
"""


def test_a_dump_is_cut_down_to_its_publishers(tmp_path: Path, harvested: Harvested) -> None:
    """What belongs to their datasets stays, however the publisher is spelt; others' datasets go."""
    (tmp_path / "all.ttl").write_text(PREFIXES + DUMP)
    wanted = 'publishers = ["http://dataportal.se/organisation/SE2120000142"]'
    outcome = harvested("entryscape", "all.ttl", wanted)
    assert titles(outcome) == ["Nationell", "a", "a1", "kontakt", "s"]
    assert {line for line in lines(outcome) if "<dcat:dataset>" in line} == {"<e:dump> <dcat:dataset> <e:a>"}


def test_a_dump_without_the_publishers_is_an_error(tmp_path: Path, harvested: Harvested) -> None:
    """A misspelt publisher must not empty the region."""
    (tmp_path / "all.ttl").write_text(PREFIXES + DUMP)
    outcome = harvested("dcat", "all.ttl", 'publishers = ["https://e.example/x"]')
    assert refusal(outcome) == "none of its publishers is wanted; expected any of: https://e.example/x"


QUERY = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } "


def test_a_query_of_ones_own(server: Site, tmp_path: Path, harvested: Harvested) -> None:
    """It is sent once, or page by page where it has a place for the page."""
    server.answers["/sparql"] = [page(1), page(2), Answer(), page(3)]
    (tmp_path / "q.rq").write_text(QUERY + "LIMIT ?_limit OFFSET ?_offset")
    outcome = harvested("sparql", f"{server.address}/sparql", 'query = "q.rq"')
    assert titles(outcome) == ["1", "2"]
    asked = [parse_qs(urlsplit(one.path).query)["query"][0].split()[-4:] for one in server.asked]
    assert asked == [["LIMIT", "200", "OFFSET", str(start)] for start in (0, 200, 400)]
    (tmp_path / "q.rq").write_text(QUERY)
    outcome = harvested("sparql", f"{server.address}/sparql", 'query = "q.rq"')
    assert titles(outcome) == ["3"]
    (tmp_path / "q.rq").write_text(QUERY + "LIMIT ?_many")
    outcome = harvested("sparql", f"{server.address}/sparql", 'query = "q.rq"')
    assert outcome.entry.message == "its query has other parameters than LIMIT ?_limit OFFSET ?_offset"


def test_the_documentation_shows_the_mappings() -> None:
    """docs/sources.md has the tables of today; `python -m loaders.kinds.tables` puts them there."""
    page = PAGE.read_text(encoding="utf-8")
    assert filled(page) == page
    assert page.count("<!-- mapping ") == 3
    catalogues = [kind for kind, model in KINDS.items() if issubclass(model, CatalogueSource)]
    assert len(catalogues) == 7
    assert all(f"## `{kind}`" in page for kind in catalogues)


def test_the_publishers_of_the_region_are_configured() -> None:
    """The real region's configuration is valid; of the dump it takes what the county publishes."""
    config = load_config(ROOT / "loaders" / "sample" / "region.toml")
    assert [source.kind for source in config.sources] == [*["entryscape"] * 5, "ckan", "entryscape"]
    dump = config.sources[-1]
    assert isinstance(dump, EntryScapeSource)
    assert len(dump.publishers) == 27
    known = (FOLDER / "organisations.ttl").read_text(encoding="utf-8")
    named = [*dump.publishers, *(source.publisher for source in config.sources if source.publisher)]
    assert [one for one in named if one.rpartition("/")[2] not in known] == []
