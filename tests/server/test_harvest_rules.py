"""The ten rules of being harvested, on a region that the real command builds and serves.

The tests bear the numbers of the rules. What a rule says of many cases is tested beside the code of its room,
in the other `test_harvest_…` files and in tests/loaders/test_views….
"""

import json
import re
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import httpx2 as httpx
import pytest
import rdflib
from oaipmh_scythe import Scythe
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, parse

from ontology import iri
from tests.conftest import odis, serving
from tests.harvested import NACKA, PREFIXES, STOCKHOLM
from tests.loaders.test_views_feed import activities, dump, replay

GONE, KEPT = "https://many.example/7", "https://many.example/8"
OAI = "{http://www.openarchives.org/OAI/2.0/}"
MANY = 110


def many(title: str = "Åtta", without: str = "") -> str:
    """A catalogue of more datasets than a page holds, one of them with a title and perhaps one left out."""
    found = [f"https://many.example/{n}" for n in range(MANY) if f"https://many.example/{n}" != without]
    listed = ", ".join(f"<{one}>" for one in found)
    told = "".join(
        f'<{one}> a dcat:Dataset ; dcterms:title "{title if one == KEPT else one}"@sv ;\n'
        f'  dcterms:description "En av många"@sv ; dcterms:publisher <https://many.example/org> ;\n'
        f"  dcat:contactPoint <https://many.example/contact> ; dcat:distribution <{one}/csv> .\n"
        f"<{one}/csv> a dcat:Distribution ; dcat:accessURL <{one}/csv> ; dcterms:format 'text/csv' .\n"
        for one in found
    )
    return f"""
<https://many.example/> a dcat:Catalog ; dcterms:title "Många"@sv ; dcterms:description "Många"@sv ;
  dcterms:publisher <https://many.example/org> ; dcat:dataset {listed} .
<https://many.example/org> a foaf:Agent ; foaf:name "Många"@sv .
<https://many.example/contact> a vcard:Organization ; vcard:fn "Många" .
{told}"""


def write_sources(folder: Path, base: str, many_turtle: str) -> None:
    """The three catalogues and the configuration; names under `g:` are blank nodes at the source."""
    for name, turtle in (("stockholm", STOCKHOLM), ("nacka", NACKA), ("many", many_turtle)):
        text = re.sub(r"\bg:(?=[a-z])", "_:", PREFIXES + turtle)
        (folder / f"{name}.ttl").write_text(text, encoding="utf-8")
    configure(folder, base, ("stockholm.ttl", "nacka.ttl", "many.ttl"))


def configure(folder: Path, base: str, files: tuple[str, ...]) -> None:
    """A configuration with a source for each file, in this order."""
    sources = "".join(
        f'[[source]]\nid = "{file.partition(".")[0]}"\nkind = "dcat"\ntitle = "x"\nlocation = "{file}"\n'
        for file in files
    )
    text = f'[odis]\nbase = "{base}"\nkeep_releases = 9\n{sources}'
    (folder / "odis.toml").write_text(text, encoding="utf-8")


def built(folder: Path) -> Path:
    """The folder of a new release, made by the real command."""
    release: str = json.loads(odis(folder, "build", "--json").stdout)["id"]
    return folder / "var" / "releases" / release


@dataclass(frozen=True)
class Served:
    """A region that went through four releases, the last of which is served at `base`."""

    folder: Path
    base: str
    releases: tuple[Path, ...]
    """First; one dataset changed; one gone; the one that went is back."""

    def get(self, path: str, **headers: str) -> httpx.Response:
        """One GET without redirects."""
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return httpx.get(self.base + path, headers=named, follow_redirects=False)

    def quads(self, path: str, kind: RdfFormat) -> set[Quad]:
        """A document, parsed."""
        return set(parse(self.get(path).content, format=kind))


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Four builds, then the server; the base is where it answers, so that all addresses can be followed."""
    folder = tmp_path_factory.mktemp("rules")
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    base = f"http://127.0.0.1:{port}/"
    steps = (many(), many("Nio"), many("Nio", without=GONE), many("Nio"))
    releases = []
    for step in steps:
        write_sources(folder, base, step)
        releases.append(built(folder))
    with serving(folder, "--port", str(port), "--in-memory-limit", "0"):
        yield Served(folder, base, tuple(releases))


def term(curie: str) -> NamedNode:
    """A prefixed name as a node."""
    return NamedNode(iri(curie))


def typed(found: set[Quad], curie: str) -> set[str]:
    """The subjects of a class."""
    return {q.subject.value for q in found if q.predicate == term("rdf:type") and q.object == term(curie)}  # type: ignore[union-attr]


def objects(found: set[Quad], curie: str) -> set[str]:
    """The IRIs that are objects of a property."""
    return {q.object.value for q in found if q.predicate == term(curie) and isinstance(q.object, NamedNode)}


def test_rule_01_the_national_portal_can_read_it(region: Served) -> None:
    """RDF/XML unasked; one main catalogue with one level below; no blank nodes, records, or double roles."""
    response = region.get("datasets/dcat", Accept="*/*")
    assert (response.status_code, response.headers["content-type"]) == (200, "application/rdf+xml")
    found = set(parse(response.content, format=RdfFormat.RDF_XML))
    assert [q for q in found if isinstance(q.subject, BlankNode) or isinstance(q.object, BlankNode)] == []
    names = {
        node.value
        for q in found
        for node in (q.subject, q.predicate, q.object)
        if isinstance(node, NamedNode)
    }
    assert [name for name in names if not re.match(r"[a-z][a-z0-9+.-]*:\S+$", name)] == []
    assert typed(found, "dcat:CatalogRecord") == set()
    main = f"{region.base}id/catalogue/odis"
    below = {q.subject for q in found if q.predicate == term("dcterms:hasPart")}
    assert below == {NamedNode(main)}
    assert {main} | objects(found, "dcterms:hasPart") == typed(found, "dcat:Catalog")
    publishers, contacts = objects(found, "dcterms:publisher"), objects(found, "dcat:contactPoint")
    assert len(publishers) == 4
    assert publishers & contacts == set()


def test_rule_02_twice_the_same_then_nothing(region: Served) -> None:
    """Two fetches are equal byte by byte; with the validator of the first the third is empty."""
    first, second = region.get("datasets/dcat"), region.get("datasets/dcat")
    assert first.content == second.content
    assert region.get("datasets/dcat", If_None_Match=first.headers["etag"]).status_code == 304
    assert not first.headers["etag"].startswith("W/")


def read_pages(address: str) -> Iterator[rdflib.Graph]:
    """Reads as CKAN's harvester does: syntax by Content-Type, then what a page calls the next one."""
    hydra = rdflib.Namespace(iri("hydra:"))
    while address:
        response = httpx.get(address)
        page = rdflib.Graph().parse(
            data=response.content, format=response.headers["content-type"].partition(";")[0]
        )
        yield page
        view = next(page.subjects(rdflib.RDF.type, hydra.PagedCollection))
        following = page.value(view, hydra.next)
        assert following == page.value(view, hydra.nextPage)
        address = str(following or "")


def test_rule_03_pages_are_the_catalogue_and_stand_alone(region: Served) -> None:
    """From page 1 on every dataset comes once; a page holds each publisher and contact it refers to."""
    dcat = rdflib.Namespace(iri("dcat:"))
    pages = list(read_pages(f"{region.base}catalog?page=1"))
    assert len(pages) == 2
    found = [str(one) for page in pages for one in page.subjects(rdflib.RDF.type, dcat.Dataset)]
    assert len(found) == len(set(found))
    assert set(found) == typed(region.quads("datasets/dcat", RdfFormat.RDF_XML), "dcat:Dataset")
    for page in pages:
        for role in (rdflib.DCTERMS.publisher, dcat.contactPoint):
            assert [one for one in page.objects(None, role) if (one, None, None) not in page] == []


def client_of(region: Served) -> Any:
    """A real OAI-PMH client; what it gives is typed too loosely to check."""
    return Scythe(f"{region.base}oai")


def test_rule_04_oai_pmh_is_read_by_a_real_client(region: Served) -> None:
    """oaipmh-scythe: verbs, resumption, selection by time; a wrong argument has its error code."""
    with client_of(region) as client:
        assert client.identify().deletedRecord == "persistent"
        assert {one.metadataPrefix for one in client.list_metadata_formats()} == {"oai_dc", "dcat_ap"}
        assert len(list(client.list_sets())) == 5
        headers = list(client.list_identifiers(metadata_prefix="dcat_ap"))
        records = list(client.list_records(metadata_prefix="oai_dc"))
        assert len(headers) == len(records) == MANY + 5
        last = max(one.datestamp for one in headers)
        newest = list(client.list_identifiers(metadata_prefix="dcat_ap", from_=last))
        assert len(newest) == 1
        assert client.get_record(identifier=newest[0].identifier, metadata_prefix="dcat_ap")
    error = ElementTree.fromstring(region.get("oai?verb=ListRecords&from=x").content).find(f"{OAI}error")
    assert error is not None
    assert error.get("code") == "badArgument"


def told_about(region: Served, thing: str) -> list[str]:
    """The kinds of activities about a thing, in order."""
    return [kind for (_, kind, about), _ in activities(feed(region)) if about == thing]


def feed(region: Served) -> set[Quad]:
    """All pages of the feed that its view names."""
    view = region.quads("feed", RdfFormat.TRIG)
    pages = objects(view, "tree:node")
    return {q for page in pages for q in region.quads(page.removeprefix(region.base), RdfFormat.TRIG)}


def wait_for(region: Served, release: Path) -> None:
    """Wait until the server has taken up another release."""
    limit = time.monotonic() + 20
    while region.get("health/ready").json()["release"] != release.name:
        assert time.monotonic() < limit
        time.sleep(0.05)


@pytest.fixture
def rolled_back(region: Served) -> Iterator[Served]:
    """The server gone back to the release in which one dataset is gone, and forward again afterwards."""
    odis(region.folder, "rollback", region.releases[2].name)
    wait_for(region, region.releases[2])
    yield region
    odis(region.folder, "rollback", region.releases[3].name)
    wait_for(region, region.releases[3])


def test_rule_05_what_is_gone_is_told_everywhere(rolled_back: Served) -> None:
    """410, deleted in OAI-PMH, one Delete, absent from the dumps; a rollback serves all of that release."""
    gone = rolled_back.get(f"data?iri={GONE}")
    assert gone.status_code == 410
    assert "WITHDRAWN" in gone.text
    mark = sha256(GONE.encode()).hexdigest()[:8]
    for path in (f"resource?iri={GONE}", f"datasets/its-old-title-{mark}"):
        page = rolled_back.get(path, Accept="text/html")
        assert page.status_code == 410
        assert f"“{GONE}” was removed on 20" in page.text
    with client_of(rolled_back) as client:
        headers = list(client.list_identifiers(metadata_prefix="oai_dc", ignore_deleted=False))
        deleted = [one for one in headers if one.deleted]
    assert len(deleted) == 1
    assert told_about(rolled_back, GONE) == ["Create", "Delete"]
    assert f"<{GONE}> " not in rolled_back.get("catalog.nt").text


def test_rule_05_what_comes_back_is_created_again(region: Served) -> None:
    """The feed ends with Create; the record is no longer deleted and what was gone answers."""
    assert told_about(region, GONE) == ["Create", "Delete", "Create"]
    assert region.get(f"data?iri={GONE}").status_code == 200


def test_rule_06_replaying_the_feed_gives_the_dump(region: Served) -> None:
    """An empty store that follows every activity ends with the EU view, checksums of the dumps aside."""
    sums = {term("dcat:byteSize"), term("spdx:checksum"), term("spdx:checksumValue"), term("spdx:algorithm")}
    missing = {t for t in dump(region.releases[-1]) - replay(feed(region)) if t.predicate not in sums}
    assert missing == {t for t in missing if t.object == term("spdx:Checksum")}
    assert len(missing) == 2
    assert replay(feed(region)) <= dump(region.releases[-1])


def test_rule_07_all_views_hold_the_same_datasets(region: Served) -> None:
    """Swedish and EU views differ in form only; tests/loaders/test_views_shapes.py runs the shapes."""
    views = [
        typed(region.quads(f"catalog.ttl?profile={name}", RdfFormat.TURTLE), "dcat:Dataset")
        for name in ("dcat-ap-se", "dcat-ap", "dcat-ap-2.1.1")
    ]
    series = typed(region.quads("catalog.ttl", RdfFormat.TURTLE), "dcat:DatasetSeries")
    assert len(series) == 1
    assert views[0] | series == views[1] == views[2]


def test_rule_08_the_store_describes_itself(region: Served) -> None:
    """The description names the endpoint at which it was asked; the figures of VoID are those of a count."""
    described = set(parse(region.get("sparql", Accept="text/turtle").content, format=RdfFormat.TURTLE))
    assert objects(described, "sd:endpoint") == {f"{region.base}sparql"}
    void = region.quads(".well-known/void", RdfFormat.TURTLE)
    whole = NamedNode(f"{region.base}id/dataset/odis")
    said = next(q.object for q in void if q.subject == whole and q.predicate == term("void:triples"))
    counted = region.get("sparql?query=" + quote("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"), Accept="text/csv")
    assert isinstance(said, Literal)
    assert said.value == counted.text.split()[1]


def test_rule_09_search_engines_find_the_dataset_in_its_page(region: Served) -> None:
    """The JSON-LD of a page has name, description and the download address of the catalogue."""
    sitemap = ElementTree.fromstring(region.get("sitemap.xml").content)
    pages = [one.text or "" for one in sitemap.iter() if one.tag.endswith("}loc")]
    assert len(pages) == MANY + 5
    page = next(one for one in pages if "badplatser" in one)
    text = httpx.get(page, headers={"Accept": "text/html"}).text
    (block,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', text, re.S)
    dataset = json.loads(block)
    assert dataset["@type"] == "Dataset"
    assert dataset["name"]
    assert dataset["description"]
    addresses = {one["contentUrl"] for one in dataset["distribution"]}
    assert "https://stockholm.example/bad.csv?a=1&b=2" in addresses


def test_rule_10_what_a_portal_reads_is_what_there_is(region: Served) -> None:
    """A reader that pages through the EU view as CKAN does has the number and the IRIs of the CKAN API."""
    dcat = rdflib.Namespace(iri("dcat:"))
    pages = read_pages(f"{region.base}catalog.rdf?profile=dcat-ap&page=1")
    read = {str(one) for page in pages for one in page.subjects(rdflib.RDF.type, dcat.Dataset)}
    result = region.get("api/3/action/package_search?rows=1000").json()["result"]
    offered = {e["value"] for one in result["results"] for e in one["extras"] if e["key"] == "uri"}
    assert len(read) == result["count"]
    assert read == offered


def changed_lines(before: Path, after: Path) -> set[str]:
    """Subjects of the lines that two files of N-Quads do not share."""
    one, other = (set(path.read_text("utf-8").splitlines()) for path in (before, after))
    return {line.partition(" ")[0] for line in one ^ other}


def test_one_changed_dataset_is_told_once_everywhere(region: Served) -> None:
    """Between the first two releases: one activity, one OAI record, one record of the dump."""
    first, second = region.releases[:2]
    assert changed_lines(first / "graph.nq", second / "graph.nq") == {f"<{KEPT}>"}
    assert told_about(region, KEPT) == ["Create", "Update"]
    times = [time for (time, _, _), _ in activities(feed(region))]
    created = [json.loads((one / "release.json").read_text("utf-8"))["created"] for one in (first, second)]
    assert len([time for time in times if created[0] < time.replace("Z", "+00:00") <= created[1]]) == 1
    odis(region.folder, "rollback", second.name)
    wait_for(region, second)
    since = created[1][:19] + "Z"
    headers = ElementTree.fromstring(
        region.get(f"oai?verb=ListIdentifiers&metadataPrefix=oai_dc&from={since}").content
    )
    assert len(list(headers.iter(f"{OAI}header"))) == 1
    changed = region.quads(f"catalog.ttl?modified_since={since}", RdfFormat.TURTLE)
    assert typed(changed, "dcat:Dataset") == {KEPT}
    odis(region.folder, "rollback", region.releases[3].name)
    wait_for(region, region.releases[3])


def test_order_and_form_of_sources_do_not_matter(region: Served, tmp_path: Path) -> None:
    """The same triples in another order, syntax and order of sources give the same graph and views."""
    write_sources(tmp_path, region.base, many("Nio"))
    for name in ("stockholm", "nacka", "many"):
        source = tmp_path / f"{name}.ttl"
        lines = {f"{q.triple} .\n" for q in parse(path=source, format=RdfFormat.TURTLE)}
        (tmp_path / f"{name}.nt").write_text("".join(sorted(lines, reverse=True)), encoding="utf-8")
    configure(tmp_path, region.base, ("many.nt", "nacka.nt", "stockholm.nt"))
    again = built(tmp_path)
    last = region.releases[-1]
    assert (again / "graph.nq").read_bytes() == (last / "graph.nq").read_bytes()
    # The EU views differ in the times of their catalogue records alone.
    for pattern, count in (("dcat-ap-se.*", 8), ("schema.org.*", 2), ("dumps/*", 2)):
        found = sorted((last / "views").glob(pattern))
        assert len(found) == count
        for file in found:
            other = again / "views" / file.relative_to(last / "views")
            assert other.read_bytes() == file.read_bytes()
