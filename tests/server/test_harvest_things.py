"""Dereferencing, tombstones, sitemap, robots and dumps over HTTP."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import quote
from urllib.robotparser import RobotFileParser
from xml.etree import ElementTree

import httpx2 as httpx
import pytest
from pyoxigraph import NamedNode, RdfFormat, parse

from loaders.views.self_description import self_description
from server.harvest.crawling import data_address, sitemap_text
from tests.harvested import STOCKHOLM
from tests.harvested import region as small_region
from tests.loaders.test_views import objects, opened, subjects, term
from tests.server.harvesting import CREATED, Region, get, serving
from tests.server.test_harvest_catalog import MEDIA_TYPES, triples

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
# The small region's blank nodes have names under another base; here things of our own have the server's.
OURS = """
@base <BASE> .
<id/bathing-place/1> a <https://odis.example/def#BathingPlace> ; dcterms:title "Badet"@sv ;
  dcterms:spatial <.well-known/genid/data-1> .
<.well-known/genid/data-1> a dcterms:Location .
<id/bathing-place/old> <http://www.w3.org/2002/07/owl#sameAs> <id/bathing-place/1> .
<id/dataset/own> a dcat:Dataset ; dcterms:title "Eget"@sv ; dcterms:publisher n:org .
"""


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Region]:
    """Two releases; in the second, the source of Nacka and a dataset of our own are gone."""
    with serving(tmp_path_factory.mktemp("things")) as region:
        ours = OURS.replace("BASE", region.base)
        described = list(self_description(region.base))
        region.build([*small_region(STOCKHOLM + ours), *described])
        gone = ours.replace("<id/dataset/own> a dcat:Dataset", "<id/x> a n:X")
        region.build([*small_region(STOCKHOLM + gone, ""), *described], CREATED + timedelta(days=1))
        yield region


@pytest.mark.parametrize("ending", MEDIA_TYPES)
def test_a_thing_of_ours_leads_to_its_description(region: Region, ending: str) -> None:
    """303 to the description in the syntax that was asked for, inner nodes included."""
    media_type, _ = MEDIA_TYPES[ending]
    response = get(region, "id/bathing-place/1", Accept=media_type)
    assert response.status_code == 303
    assert response.headers["location"] == f"{region.base}data/id/bathing-place/1.{ending}"
    assert "Accept" in response.headers["vary"]
    found = triples(httpx.get(response.headers["location"]))
    assert len(found) == 4
    assert {t.subject.value for t in found if isinstance(t.subject, NamedNode)} == {
        f"{region.base}id/bathing-place/1",
        f"{region.base}.well-known/genid/data-1",
    }


def test_alternates_of_a_description(region: Region) -> None:
    """A description names its other syntaxes and the thing it is about."""
    response = get(region, "data/id/bathing-place/1.ttl")
    links = response.headers["link"]
    assert f'<{region.base}data/id/bathing-place/1.jsonld>; rel="alternate"' in links
    assert f'<{region.base}id/bathing-place/1>; rel="http://xmlns.com/foaf/0.1/primaryTopic"' in links
    again = get(region, "data/id/bathing-place/1.ttl", If_None_Match=response.headers["etag"])
    assert again.status_code == 304


def test_every_own_iri_of_the_catalogue_leads_somewhere(region: Region) -> None:
    """Whatever IRI of ours the EU view holds, it can be dereferenced to RDF about it."""
    found = triples(get(region, "catalog?profile=dcat-ap"))
    terms = {t.subject for t in found} | {t.object for t in found}
    own = {o.value for o in terms if isinstance(o, NamedNode) and o.value.startswith(f"{region.base}id/")}
    assert len(own) > 10
    for iri in sorted(own):
        response = httpx.get(iri, headers={"Accept": "text/turtle"}, follow_redirects=True)
        assert response.status_code == 200, iri
        assert response.history[0].status_code == 303
        said = {quad.triple for quad in parse(response.content, format=RdfFormat.TURTLE)}
        assert NamedNode(iri) in {t.subject for t in said}, iri


def test_a_moved_thing_is_permanently_redirected(region: Region) -> None:
    """A thing that is only said to be the same as another has moved there."""
    response = get(region, "id/bathing-place/old")
    assert (response.status_code, response.headers["location"]) == (301, f"{region.base}id/bathing-place/1")


def test_what_is_gone_says_so(region: Region) -> None:
    """Test 5: 410 with a short RDF description, by its own IRI, its record's and by look-up."""
    foreign = quote("https://nacka.example/parks", safe="")
    for path in ("id/dataset/own", f"data?iri={foreign}"):
        response = get(region, path, Accept="text/turtle")
        assert response.status_code == 410
        found = triples(response)
        (record,) = subjects(found, "dcat:CatalogRecord")
        assert isinstance(record, NamedNode)
        (status,) = objects(found, record, "adms:status")
        assert str(status).endswith("WITHDRAWN>")
        assert objects(found, record, "dcterms:title")
        assert get(region, record.value.removeprefix(region.base)).status_code == 410


def test_a_foreign_dataset_can_be_looked_up(region: Region) -> None:
    """The description of a dataset with a publisher's IRI comes with all that belongs to it."""
    foreign = quote("https://stockholm.example/bathing", safe="")
    found = triples(get(region, f"data?iri={foreign}", Accept="text/turtle"))
    assert len(subjects(found, "dcat:Distribution")) == 2
    assert len(subjects(found, "dcat:CatalogRecord")) == 1


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("id/nothing", 404),
        ("id/record/0000000000000000", 404),
        ("id/catalogue/nobody", 404),
        ("data/id/nothing.ttl", 404),
        ("data", 404),
        ("data/elsewhere", 404),
        ("data?iri=a%20b", 404),
        ("data?iri=%3Ca%3E", 404),
        ("dumps/other", 404),
        ("sitemap-2.xml", 404),
        ("sitemap-x.xml", 404),
    ],
)
def test_what_is_not_there_is_not_found(region: Region, path: str, status: int) -> None:
    """Unknown things are 404, never an error of ours."""
    assert get(region, path).status_code == status


def test_sitemap_names_every_dataset(region: Region) -> None:
    """Each address of the sitemap answers, and says when the dataset changed."""
    root = ElementTree.fromstring(get(region, "sitemap.xml").text)
    addresses = [e.text or "" for e in root.iter(f"{SITEMAP}loc")]
    assert len(addresses) == 4
    assert {e.text for e in root.iter(f"{SITEMAP}lastmod")} == {"2026-11-24T08:00:00Z"}
    for address in addresses:
        assert httpx.get(address).status_code == 200


def test_a_long_sitemap_has_an_index(region: Region) -> None:
    """Over the limit there is an index, and its files hold every dataset once."""
    views = opened(region.served().path)
    index = ElementTree.fromstring(sitemap_text(views, "", data_address, most=3) or "")
    files = [e.text or "" for e in index.iter(f"{SITEMAP}loc")]
    assert [file.rpartition("/")[2] for file in files] == ["sitemap-1.xml", "sitemap-2.xml"]
    parts = [ElementTree.fromstring(sitemap_text(views, n, data_address, most=3) or "") for n in "12"]
    found = [e.text for part in parts for e in part.iter(f"{SITEMAP}loc")]
    assert len(found) == len(set(found)) == 4
    assert sitemap_text(views, "3", data_address, most=3) is None
    views.close()


def test_robots_may_read_the_catalogue(region: Region) -> None:
    """robots.txt lets crawlers at the data, keeps them from the query engine and names the sitemap."""
    rules = RobotFileParser()
    rules.parse(get(region, "robots.txt").text.splitlines())
    assert rules.can_fetch("bot", f"{region.base}catalog")
    assert not rules.can_fetch("bot", f"{region.base}sparql?query=x")
    assert rules.site_maps() == [f"{region.base}sitemap.xml"]


def test_dumps_are_downloaded_as_described(region: Region) -> None:
    """The catalogue's download address gives a file of the stated checksum, not packed twice."""
    found = triples(get(region, "catalog"))
    dumps = {
        t.object.value
        for t in found
        if t.predicate == term("dcat:downloadURL")
        and isinstance(t.object, NamedNode)
        and "/dumps/" in t.object.value
    }
    lines = get(region, "dumps/SHA256SUMS").text.splitlines()
    sums = {file: sum_ for sum_, file in map(str.split, lines)}
    assert len(dumps) == len(sums) == 2
    for address in dumps:
        response = httpx.get(address)
        assert response.headers["content-type"] == "application/gzip"
        assert "content-encoding" not in response.headers
        assert hashlib.sha256(response.content).hexdigest() == sums[address.rpartition("/")[2]]
        again = httpx.get(address, headers={"If-None-Match": response.headers["etag"]})
        assert again.status_code == 304
        assert httpx.head(address).headers["content-length"] == str(len(response.content))
