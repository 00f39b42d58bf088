"""What our own server offers to portals, harvested back through each protocol, is what it holds."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.graphs import write_graph
from loaders.build import BuildResult
from loaders.releases.release import current
from ontology import iri
from tests.conftest import serving as serving_odis
from tests.loaders.quiet import built
from tests.server.harvesting import Region, serving

KINDS = {
    "pages": ("dcat", "catalog.ttl?page=1", ""),
    "export": ("entryscape", "datasets/dcat", ""),
    "ckan": ("ckan", "api/3/action/package_search", ""),
    "oai": ("oai-pmh", "oai", ""),
    "oai-dc": ("oai-pmh", "oai", 'prefix = "oai_dc"'),
    "feed": ("feed", "feed", ""),
}
TYPE = f"<{iri('rdf:type')}>"
DATASETS = {f"<{iri(name)}>" for name in ("dcat:Dataset", "dcat:DatasetSeries")}


@pytest.fixture(scope="module")
def region(sample_region: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Region]:
    """The sample region and 250 datasets more behind a server, so that every protocol has several pages."""
    with serving(tmp_path_factory.mktemp("served")) as region:
        path = region.folder / "0"
        path.mkdir()
        write_graph(path / "more.nq", 250, publishers=7, base=region.base)
        sample = current(sample_region / "var").graph.read_bytes().splitlines(keepends=True)
        more = (path / "more.nq").read_bytes().splitlines(keepends=True)
        (path / "graph.nq").write_bytes(b"".join(sorted({*sample, *more})))
        region.add(path)
        yield region


@pytest.fixture(scope="module")
def config(region: Region, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A configuration with one source for each protocol."""
    path = tmp_path_factory.mktemp("harvest") / "odis.toml"
    sources = [
        f'[[source]]\nid = "{id}"\nkind = "{kind}"\ntitle = "{id}"\nprivate = true\n'
        f'location = "{region.base}{address}"\n{more}\n'
        for id, (kind, address, more) in KINDS.items()
    ]
    path.write_text("\n".join(sources))
    return path


@pytest.fixture(scope="module")
def first(config: Path, region: Region) -> BuildResult:
    """The first harvest."""
    return built(config)


def datasets(lines: Iterator[bytes]) -> set[str]:
    """The datasets and series in lines of N-Triples or N-Quads."""
    terms = (line.decode().split(" ", 3)[:3] for line in lines)
    return {subject for subject, predicate, value in terms if predicate == TYPE and value in DATASETS}


def served(region: Region) -> set[str]:
    """The datasets of the release that is served."""
    with (region.served().path / "graph.nq").open("rb") as file:
        return datasets(iter(file))


@pytest.mark.parametrize("id", KINDS)
def test_the_same_datasets_come_back(first: BuildResult, region: Region, id: str) -> None:
    """Every dataset, and no other, under the IRI that its publisher gave it."""
    entry = next(source.entry for source in first.sources if source.entry.id == id)
    assert (entry.state, entry.message) == ("new", "")
    good = next(source.good for source in first.sources if source.entry.id == id)
    assert good
    with (good.folder / "graph.nq").open("rb") as file:
        found = datasets(iter(file))
    assert len(served(region)) > 250
    assert found == served(region)


def test_every_protocol_had_several_pages(first: BuildResult, region: Region) -> None:
    """The walk through pages was really walked."""
    for path in ("/catalog.ttl?page=", "/api/3/action/package_search?", "/oai?verb=ListRecords", "/feed/"):
        assert len({asked for asked in region.asked if asked.startswith(path)}) > 1, path


def test_a_second_harvest_transfers_almost_nothing(first: BuildResult, config: Path, region: Region) -> None:
    """Less than a hundredth of the first one, and no source is converted again."""
    once, before = region.sent, len(region.asked)
    again = built(config)
    assert {source.entry.state for source in again.sources} == {"unchanged"}
    assert once > 300_000
    assert region.sent - once < once / 100
    assert len(region.asked) - before < before


def test_a_sparql_endpoint_gives_back_its_catalogues(sample_region: Path, tmp_path: Path) -> None:
    """The default query finds every dataset of the default graph; a second harvest finds nothing new."""
    with current(sample_region / "var").graph.open("rb") as file:
        wanted = datasets(iter(file))
    with serving_odis(sample_region) as address:
        config = tmp_path / "odis.toml"
        config.write_text(
            '[[source]]\nid = "a"\nkind = "sparql"\ntitle = "A"\nprivate = true\n'
            f'location = "{address}sparql"\n'
        )
        first, second = built(config).sources[0], built(config).sources[0]
    assert (first.entry.state, first.entry.message) == ("new", "")
    assert first.good
    with (first.good.folder / "graph.nq").open("rb") as file:
        assert datasets(iter(file)) == wanted
    assert second.entry.state == "unchanged"
