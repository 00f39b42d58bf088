"""The EU views against the EU's own shapes: nothing they find may come from us."""

import gzip
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from loaders.views.ledger import HVD
from loaders.views.self_description import self_description
from loaders.views.terms import name
from shapes.check import Profile, check
from shapes.report import Result
from tests.harvested import BASE, STOCKHOLM, region
from tests.loaders.test_views import build

WHOLE_HVD = """
s:bathing-api dcatap:applicableLegislation <http://data.europa.eu/eli/reg_impl/2023/138/oj> .
s:api dcatap:applicableLegislation <http://data.europa.eu/eli/reg_impl/2023/138/oj> ;
  dcatap:hvdCategory <http://data.europa.eu/bna/c_dd313021> ; foaf:page <https://stockholm.example/api/docs> ;
  dcterms:license <http://creativecommons.org/licenses/by/4.0/> .
"""
"""What the annex for high-value datasets demands beyond what the small region says."""

LAYERS = {
    "dcat-ap": ("dcat-ap-3.0.1", ("shapes.ttl", "range.ttl")),
    "dcat-ap-2.1.1": (
        "dcat-ap-2.1.1",
        ("dcat-ap_2.1.1_shacl_shapes.ttl", "dcat-ap_2.1.1_shacl_range.ttl"),
    ),
}
ANNEX = ("dcat-ap-hvd-3.0.0", "hvd-SHACL-base.ttl")


@pytest.fixture(scope="module")
def views(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The views of the small region, where everything the profile demands is there."""
    folder = tmp_path_factory.mktemp("shapes") / "release"
    build(folder, [*region(STOCKHOLM + WHOLE_HVD), *self_description(BASE)])
    return folder


def ntriples(release: Path, profile: str, folder: Path) -> Path:
    """A view as the check wants it."""
    target = folder / f"{profile}.nt"
    target.write_bytes(gzip.decompress((release / "views" / f"{profile}.nt.gz").read_bytes()))
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
def test_european_views_meet_the_official_shapes(
    shared: Path, views: Path, name: str, tmp_path: Path
) -> None:
    """Rule 7: the base layer finds nothing, the range layer only asks others' vocabularies for classes."""
    version, (shapes, ranges) = LAYERS[name]
    folder = shared / "conformance" / "shapes" / version
    view = ntriples(views, name, tmp_path)
    assert check(view, Profile(name, {}, (folder / shapes,))).results == ()
    found = check(view, Profile(name, {}, (folder / ranges,))).results
    assert len(found) > 10
    ours = [one for one in found if not (one.value or "").startswith(ELSEWHERE)]
    assert ours == []


@pytest.mark.shared
def test_high_value_datasets_meet_the_annex(shared: Path, views: Path, tmp_path: Path) -> None:
    """The EU view of a high-value dataset that has what the annex demands passes the annex."""
    lines = ntriples(views, "dcat-ap", tmp_path).read_text("utf-8").splitlines(keepends=True)
    law = f" {name('dcatap:applicableLegislation')} {HVD} .\n"
    valuable = {line.split(" ")[0] for line in lines if line.endswith(law)}
    assert len(valuable) == 4
    # The annex speaks of every dataset; it is meant for those under the regulation only.
    types = tuple(f"{name('rdf:type')} {name(kind)} .\n" for kind in TARGETS)
    view = tmp_path / "hvd.nt"
    kept = [line for line in lines if not line.endswith(types) or line.split(" ")[0] in valuable]
    view.write_text("".join(kept), "utf-8")
    folder, shapes = ANNEX
    annex = Profile("hvd", {}, (shared / "conformance" / "shapes" / folder / shapes,))
    assert check(view, annex).results == ()
    view.write_text("".join(line for line in kept if not line.endswith(law)), "utf-8")
    assert len(check(view, annex).results) == 4


TARGETS = ("dcat:Dataset", "dcat:DatasetSeries", "dcat:Distribution", "dcat:DataService")


@pytest.mark.shared
@pytest.mark.parametrize(("name", "count"), [("dcat-ap", 14), ("dcat-ap-2.1.1", 9)])
def test_what_is_found_in_the_sample_region_comes_from_its_sources(
    shared: Path, sample_region: Path, tmp_path: Path, name: str, count: int
) -> None:
    """Every fault of the sample's EU views is one its source has: it says so, too often, or not at all."""
    release = sample_region / "var" / "current"
    version, (shapes, _) = LAYERS[name]
    base = Profile(name, {}, (shared / "conformance" / "shapes" / version / shapes,))
    found = check(ntriples(release, name, tmp_path), base).results
    assert len(found) == count
    explained = _at_the_source(release / "graph.nq")
    assert [one for one in found if not explained(one)] == []


def _at_the_source(graph: Path) -> Callable[[Result], bool]:
    """Whether a result is about what a source itself says; an empty text is as good as none."""
    with graph.open(encoding="utf-8") as lines:
        said = {line.rpartition(" <")[0] for line in lines if "/graph/source/" in line}
    counted = Counter(" ".join(line.split(" ")[:2]) for line in said if ' ""' not in line)

    def explained(one: Result) -> bool:
        if one.value:
            return f"{one.focus} {one.path} {one.value}" in said
        many = counted[f"{one.focus} {one.path}"]
        return many == 0 if "MinCount" in one.component else many > 1

    return explained
