"""The catalogue over HTTP: what the portals fetch, how often, in which form."""

import gzip
import socket
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import httpx2 as httpx
import pytest
from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from benchmarks.graphs import write_graph
from loaders.views.profiles import PROFILES
from tests.harvested import STOCKHOLM
from tests.harvested import region as small_region
from tests.loaders.test_views import objects, subjects, term
from tests.server.harvesting import CREATED, Region, get, serving

MEDIA_TYPES = {
    "rdf": ("application/rdf+xml", RdfFormat.RDF_XML),
    "ttl": ("text/turtle", RdfFormat.TURTLE),
    "jsonld": ("application/ld+json", RdfFormat.JSON_LD),
    "nt": ("application/n-triples", RdfFormat.N_TRIPLES),
}


def triples(response: httpx.Response) -> set[Triple]:
    """The body of an answer, read as what its Content-Type says."""
    kind = response.headers["content-type"].partition(";")[0]
    form = next(form for media_type, form in MEDIA_TYPES.values() if media_type == kind)
    return {quad.triple for quad in parse(response.content, format=form)}


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Region]:
    """250 datasets of 7 publishers, behind a server."""
    with serving(tmp_path_factory.mktemp("large")) as region:
        path = region.folder / "0"
        path.mkdir()
        write_graph(path / "graph.nq", 250, publishers=7, base=region.base)
        region.add(path)
        yield region


def test_the_national_portal_gets_rdf_xml_without_asking(large: Region) -> None:
    """Test 1 of the harvesting rules: 200 at once, RDF/XML, one main catalogue, all datasets."""
    response = httpx.get(f"{large.base}datasets/dcat", headers={"Accept": ""})
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/rdf+xml"
    found = triples(response)
    assert len(subjects(found, "dcat:Dataset")) == 250
    parts = {t.object for t in found if t.predicate == term("dcterms:hasPart")}
    assert len(subjects(found, "dcat:Catalog") - parts) == 1
    assert subjects(found, "dcat:CatalogRecord") == set()


def test_a_request_without_any_headers_is_answered(large: Region) -> None:
    """HTTP/1.0 without headers gets the plain catalogue."""
    parts = urlsplit(large.base)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=10) as connection:
        connection.sendall(b"GET /datasets/dcat HTTP/1.0\r\n\r\n")
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b" 200 " in head.splitlines()[0]
    assert b"content-encoding" not in head.lower()
    assert body.startswith(b"<?xml")
    assert body.endswith(b"</rdf:RDF>\n")


def test_twice_the_same_then_304(large: Region) -> None:
    """Test 2: identical bytes; with the validator nothing is sent again."""
    first, second = get(large, "datasets/dcat"), get(large, "datasets/dcat")
    assert first.content == second.content
    assert first.headers["etag"] == second.headers["etag"]
    again = get(large, "datasets/dcat", If_None_Match=first.headers["etag"])
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert get(large, "datasets/dcat", If_None_Match='"other"').status_code == 200
    dated = get(large, "datasets/dcat", If_Modified_Since=first.headers["last-modified"])
    assert dated.status_code == 304
    old = get(large, "datasets/dcat", If_Modified_Since="Mon, 23 Nov 2026 08:00:00 GMT")
    assert old.status_code == 200
    assert get(large, "datasets/dcat", If_Modified_Since="yesterday").status_code == 200


def test_gzip_is_sent_as_it_is_stored(large: Region) -> None:
    """Those who take gzip get the stored bytes under a validator of their own; others get the text."""
    with httpx.stream("GET", f"{large.base}catalog.nt", headers={"Accept-Encoding": "gzip"}) as response:
        packed = b"".join(response.iter_raw())
    plain = get(large, "catalog.nt", Accept_Encoding="identity")
    assert packed == (large.served().path / "views" / "dcat-ap-se.nt.gz").read_bytes()
    assert gzip.decompress(packed) == plain.content
    assert len(plain.content) == int(plain.headers["content-length"])
    assert response.headers["etag"] != plain.headers["etag"]
    assert response.headers["content-encoding"] == "gzip"
    assert "Accept-Encoding" in plain.headers["vary"]
    assert "content-encoding" not in get(large, "catalog.nt", Accept_Encoding="gzip;q=0, br").headers


@pytest.mark.parametrize("path", ["datasets/dcat", "catalog", "catalog.ttl", "catalog?page=2"])
def test_head_tells_what_get_would(large: Region, path: str) -> None:
    """Link checkers use HEAD: the same headers, no body."""
    head = httpx.head(large.base + path)
    answer = get(large, path)
    assert head.status_code == 200
    assert head.content == b""
    for name in ("etag", "content-type", "content-length", "last-modified", "cache-control", "vary"):
        assert head.headers[name] == answer.headers[name]


@pytest.mark.parametrize("ending", MEDIA_TYPES)
def test_every_syntax_by_ending_and_by_accept(large: Region, ending: str) -> None:
    """Suffix, Accept and `?format=` lead to the same document."""
    media_type, _ = MEDIA_TYPES[ending]
    by_ending = get(large, f"catalog.{ending}")
    assert by_ending.headers["content-type"].partition(";")[0] == media_type
    for other in (get(large, "catalog", Accept=media_type), get(large, f"catalog?format={ending}")):
        assert other.content == by_ending.content
        assert other.headers["etag"] == by_ending.headers["etag"]
    assert len(subjects(triples(by_ending), "dcat:Dataset")) == 250


def test_what_cannot_be_given_is_refused(large: Region) -> None:
    """Unknown formats, profiles, pages, publishers and times have their status."""
    assert get(large, "catalog", Accept="image/png").status_code == 406
    assert get(large, "catalog.xyz").status_code == 406
    assert get(large, "catalog?profile=nonsense").status_code == 406
    assert get(large, "catalog?page=99").status_code == 404
    assert get(large, "catalog?page=x").status_code == 400
    assert get(large, "catalog/nobody").status_code == 404
    assert get(large, "catalog?modified_since=soon").status_code == 400
    assert get(large, "catalog?modified_since=2026-99-99").status_code == 400
    assert httpx.post(f"{large.base}catalog").status_code == 405


@pytest.mark.parametrize("name", [*PROFILES, "schema.org"])
def test_profiles_by_name_and_by_header(large: Region, name: str) -> None:
    """`?profile=` and Accept-Profile (Content Negotiation by Profile) choose the view and it says which."""
    named = get(large, f"catalog.jsonld?profile={name}")
    profile = named.headers["content-profile"]
    by_header = get(large, "catalog.jsonld", Accept_Profile=f"<urn:unknown>, {profile};q=0.9")
    assert by_header.content == named.content
    assert f'{profile}; rel="profile"' in named.headers["link"]
    assert "Accept-Profile" in named.headers["vary"]


def test_alternates_lead_to_documents(large: Region) -> None:
    """Every address in the Link header answers with the type it is announced with."""
    links = [link for link in get(large, "catalog").links.values() if link.get("rel") == "alternate"]
    raw = get(large, "catalog").headers["link"].split(", <")
    alternates = [one for one in raw if 'rel="alternate"' in one]
    assert links
    assert len(alternates) == 8
    for one in alternates:
        address = one.partition(">")[0].lstrip("<")
        media_type = one.partition('type="')[2].partition('"')[0]
        assert httpx.head(address).headers["content-type"].partition(";")[0] == media_type


def pages(address: str) -> Iterator[set[Triple]]:
    """Pages as a Hydra reader follows them."""
    while address:
        found = triples(httpx.get(address))
        yield found
        following = {t.object for t in found if t.predicate == term("hydra:next")}
        address = next((one.value for one in following if isinstance(one, NamedNode)), "")


@pytest.mark.parametrize("ending", MEDIA_TYPES)
def test_hydra_pages_are_the_catalogue(large: Region, ending: str) -> None:
    """Test 3: from page 1 to the last by hydra:next, every dataset once, in the syntax one began with."""
    found = list(pages(f"{large.base}catalog.{ending}?page=1&profile=dcat-ap"))
    counts = [len(subjects(page, "dcat:Dataset")) for page in found]
    assert len(counts) == 3
    assert sum(counts) == 250
    seen = set().union(*(subjects(page, "dcat:Dataset") for page in found))
    assert seen == subjects(triples(get(large, "catalog?profile=dcat-ap")), "dcat:Dataset")


def test_a_publisher_has_a_catalogue(large: Region) -> None:
    """The catalogue of one publisher, at both addresses."""
    slug = "SE2120000003"
    first, second = get(large, f"catalog/{slug}.rdf"), get(large, f"datasets/dcat/{slug}")
    assert first.content == second.content
    assert {str(t.object) for t in triples(first) if t.predicate == term("dcterms:publisher")} == {
        f"<http://dataportal.se/organisation/{slug}>"
    }


def test_modified_since_gives_what_changed(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The filter knows when records changed, and its pages stand alone."""
    with serving(tmp_path_factory.mktemp("since")) as region:
        region.build(small_region())
        region.build(
            small_region(stockholm=STOCKHOLM.replace('"Kort"@sv', '"Längre"@sv')), CREATED + timedelta(days=1)
        )
        everything = triples(get(region, "catalog?modified_since=2026-11-24"))
        assert len(subjects(everything, "dcat:Dataset")) == 3
        changed = get(region, "catalog.ttl?modified_since=2026-11-24T12:00:00Z&profile=dcat-ap")
        found = triples(changed)
        (dataset,) = subjects(found, "dcat:Dataset")
        assert str(dataset) == "<https://stockholm.example/noise>"
        assert objects(found, NamedNode("http://dataportal.se/organisation/SE2120000142"), "foaf:name")
        again = get(
            region,
            "catalog.ttl?modified_since=2026-11-24T12:00:00Z&profile=dcat-ap",
            If_None_Match=changed.headers["etag"],
        )
        assert again.status_code == 304
        assert subjects(triples(get(region, "catalog?modified_since=2027-01-01")), "dcat:Dataset") == set()


def test_a_new_release_is_served_at_once_and_only_what_changed_changes(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """After a release with one changed dataset the others' documents keep their validators and dates."""
    with serving(tmp_path_factory.mktemp("next")) as region:
        region.build(small_region())
        before = {slug: get(region, f"catalog/{slug}.rdf") for slug in ("SE2120000142", "org-29432a")}
        region.build(
            small_region(stockholm=STOCKHOLM.replace('"Kort"@sv', '"Längre"@sv')), CREATED + timedelta(days=1)
        )
        after = {slug: get(region, f"catalog/{slug}.rdf") for slug in before}
        changed = {slug for slug in before if before[slug].headers["etag"] != after[slug].headers["etag"]}
        assert changed == {"SE2120000142"}
        assert "Längre" in after["SE2120000142"].text
        kept = after["org-29432a"].headers["last-modified"]
        assert kept == before["org-29432a"].headers["last-modified"]
