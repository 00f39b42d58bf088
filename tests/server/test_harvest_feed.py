"""The change feed over HTTP, read as LDES clients read it."""

import shutil
import subprocess
from collections.abc import Iterator
from datetime import timedelta

import httpx2 as httpx
import pytest
from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from loaders.views.feed import PAGE_MEMBERS
from tests.conftest import ROOT
from tests.harvested import NACKA, STOCKHOLM
from tests.harvested import region as small_region
from tests.loaders.test_views import term, triples
from tests.loaders.test_views_feed import PUBLISHED, dump, replay
from tests.server.harvesting import CREATED, Region, get, serving

FORMATS = {"application/trig": RdfFormat.TRIG, "application/ld+json": RdfFormat.JSON_LD}
MANY = "".join(
    f'n:d{n} a dcat:Dataset ; dcterms:title "Data {n}"@sv ; dcterms:publisher n:org .\n'
    for n in range(PAGE_MEMBERS)
)


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Region]:
    """Three releases: everything, one dataset changed, one gone. Two pages, the first closed."""
    with serving(tmp_path_factory.mktemp("feed")) as region:
        nacka = NACKA + MANY
        changed = STOCKHOLM.replace('"Kort"@sv', '"Längre"@sv')
        steps = (
            (STOCKHOLM, nacka),
            (changed, nacka),
            (changed, nacka.replace("n:d7 a dcat:Dataset", "n:d7 a n:X")),
        )
        for day, sources in enumerate(steps):
            region.build(small_region(*sources), CREATED + timedelta(days=day))
        yield region


def read(address: str, media_type: str) -> set[Quad]:
    """A document of the feed."""
    response = httpx.get(address, headers={"Accept": media_type})
    assert response.headers["content-type"] == media_type
    return set(parse(response.content, format=FORMATS[media_type]))


def follow(region: Region, media_type: str) -> set[Quad]:
    """Everything a client finds that follows the relations of the view."""
    root = read(f"{region.base}feed", media_type)
    nodes = {quad.object.value for quad in root if quad.predicate == term("tree:node")}  # type: ignore[union-attr]
    assert len(nodes) == 2
    return set().union(root, *(read(node, media_type) for node in nodes))


@pytest.mark.parametrize("media_type", FORMATS)
def test_a_reader_ends_with_the_catalogue(region: Region, media_type: str) -> None:
    """Following the relations and replaying what is found gives the EU view of the newest release."""
    assert replay(follow(region, media_type)) == dump(region.served().path)
    assert len(triples(region.served().path, "dcat-ap")) > 1000


def test_the_view_says_what_is_kept_and_where(region: Region) -> None:
    """Retention, shape, time and version paths stand at the root; closed pages have an upper bound."""
    root = read(f"{region.base}feed", "application/trig")
    said = {(quad.predicate, quad.object) for quad in root}
    assert (term("rdf:type"), term("ldes:LatestVersionSubset")) in said
    assert (term("rdf:type"), term("ldes:EventStream")) in said
    assert (term("ldes:timestampPath"), term("as:published")) in said
    assert (term("ldes:versionOfPath"), term("as:object")) in said
    assert (term("tree:view"), NamedNode(f"{region.base}feed")) in said
    kinds = [str(found) for predicate, found in said if predicate == term("rdf:type")]
    assert len([kind for kind in kinds if "LessThanRelation" in kind]) == 1


def test_closed_pages_may_be_kept_open_ones_asked_for_again(region: Region) -> None:
    """Caching as the specification wants it; both answer 304."""
    for page, cache in (("000001", "public, max-age=604800, immutable"), ("000002", "public, no-cache")):
        first = get(region, f"feed/{page}")
        assert first.headers["cache-control"] == cache
        assert get(region, f"feed/{page}", If_None_Match=first.headers["etag"]).status_code == 304
    root = get(region, "feed")
    assert get(region, "feed", If_None_Match=root.headers["etag"]).status_code == 304


def test_an_activity_leads_to_its_page(region: Region) -> None:
    """The IRI of an activity answers 303 with the page that holds it; others are not there."""
    activity = next(
        quad.object.value  # type: ignore[union-attr]
        for quad in read(f"{region.base}feed/000002", "application/trig")
        if quad.predicate == term("tree:member")
    )
    response = httpx.get(activity, follow_redirects=False)
    assert (response.status_code, response.headers["location"]) == (303, f"{region.base}feed/000002")
    assert get(region, "feed/activity/19990101T000000.000Z").status_code == 404
    assert get(region, "feed/activity/nonsense").status_code == 404
    assert get(region, "feed/000099").status_code == 404
    assert get(region, "feed/nonsense").status_code == 404
    assert get(region, "feed", Accept="image/png").status_code == 406
    assert get(region, "feed.jsonld").headers["content-type"] == "application/ld+json"


CLIENT = shutil.which("ldes-client", path=str(ROOT / "tests" / "clients" / "node_modules" / ".bin"))


@pytest.mark.skipif(CLIENT is None, reason="needs npm, by which `make test` installs ldes-client")
def test_the_reference_client_reads_it_in_order(region: Region) -> None:
    """ldes-client, unchanged, finds every activity once, with its payload, in the order of the times."""
    assert CLIENT
    command = [CLIENT, f"{region.base}feed", "--no-shape", "--ordered", "ascending"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    lines = "\n".join(line for line in done.stdout.splitlines() if line.startswith("<"))
    quads = set(parse(lines.encode(), format=RdfFormat.N_QUADS))
    order = [
        q.object.value for q in parse(lines.encode(), format=RdfFormat.N_QUADS) if q.predicate == PUBLISHED
    ]
    assert order == sorted(order)
    assert replay(quads) == dump(region.served().path)
