"""The EU views against the EU's own shapes: nothing they find may come from us."""

import gzip
from pathlib import Path

import pytest

from loaders.views.self_description import self_description
from shapes.check import Profile, check
from tests.harvested import BASE, region
from tests.loaders.test_views import build

LAYERS = {
    "dcat-ap": ("dcat-ap-3.0.1", ("shapes.ttl", "range.ttl")),
    "dcat-ap-2.1.1": (
        "dcat-ap-2.1.1",
        ("dcat-ap_2.1.1_shacl_shapes.ttl", "dcat-ap_2.1.1_shacl_range.ttl"),
    ),
}


@pytest.fixture(scope="module")
def views(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The views of the small region, where everything the profile demands is there."""
    folder = tmp_path_factory.mktemp("shapes") / "release"
    build(folder, [*region(), *self_description(BASE)])
    return folder


def ntriples(folder: Path, profile: str) -> Path:
    """A view as the check wants it."""
    target = folder / f"{profile}.nt"
    target.write_bytes(gzip.decompress((folder / "views" / f"{profile}.nt.gz").read_bytes()))
    return target


ELSEWHERE = (
    "<http://publications.europa.eu/resource/authority/",
    "<http://purl.org/adms/",
    "<http://data.europa.eu/eli/",
    "<https://sws.geonames.org/",
    "<https://www.iana.org/assignments/media-types/",
    f"<{BASE}>",
    f"<{BASE}area>",
)
"""Values that are other people's (pages, areas): their class is checked with vocabularies loaded."""


@pytest.mark.shared
@pytest.mark.parametrize("name", LAYERS)
def test_european_views_meet_the_official_shapes(shared: Path, views: Path, name: str) -> None:
    """The base layer finds nothing; the range layer only asks others' vocabularies for classes."""
    version, (shapes, ranges) = LAYERS[name]
    folder = shared / "conformance" / "shapes" / version
    view = ntriples(views, name)
    assert check(view, Profile(name, {}, (folder / shapes,))).results == ()
    found = check(view, Profile(name, {}, (folder / ranges,))).results
    assert len(found) > 10
    ours = [one for one in found if not (one.value or "").startswith(ELSEWHERE)]
    assert ours == []
