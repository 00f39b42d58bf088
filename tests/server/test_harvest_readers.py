"""Other people's readers, unchanged, on what is served; those that are not on the machine are skipped."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.graphs import write_graph
from tests.harvested import region as small_region
from tests.harvested import write_nq
from tests.loaders.test_views import triples
from tests.server.harvesting import Region, get, serving

RAPPER, RIOT = shutil.which("rapper"), shutil.which("riot")
CKAN = os.environ.get("CKAN_PYTHON", "")
PROFILES = ("dcat-ap-se", "dcat-ap", "dcat-ap-2.1.1")


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Region]:
    """The small region with everything that is hard to write, and 250 datasets more."""
    with serving(tmp_path_factory.mktemp("readers")) as region:
        folder = region.folder / "0"
        folder.mkdir()
        write_graph(folder / "many.nq", 250, publishers=7, base=region.base)
        write_nq(folder / "few.nq", small_region())
        lines = {line for file in folder.iterdir() for line in file.read_bytes().splitlines(keepends=True)}
        (folder / "graph.nq").write_bytes(b"".join(sorted(lines)))
        region.add(folder)
        yield region


def saved(region: Region, profile: str, ending: str, folder: Path) -> Path:
    """A view as a file."""
    target = folder / f"{profile}.{ending}"
    target.write_bytes(get(region, f"catalog.{ending}?profile={profile}").content)
    return target


@pytest.mark.skipif(RAPPER is None, reason="needs rapper (Debian: raptor2-utils)")
@pytest.mark.parametrize("profile", PROFILES)
def test_raptor_reads_rdf_xml(region: Region, profile: str, tmp_path: Path) -> None:
    """Raptor, a parser in C, finds the triples of N-Triples, but for a predicate that XML cannot name."""
    assert RAPPER
    command = [RAPPER, "-q", "-i", "rdfxml", "-o", "ntriples", str(saved(region, profile, "rdf", tmp_path))]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert len(set(done.stdout.splitlines())) == len(triples(region.served().path, profile)) - 1


@pytest.mark.skipif(RIOT is None, reason="needs riot (Apache Jena)")
@pytest.mark.parametrize("ending", ["rdf", "ttl", "nt"])
def test_jena_finds_no_fault(region: Region, ending: str, tmp_path: Path) -> None:
    """Jena's strict reader accepts each syntax without a warning."""
    assert RIOT
    command = [RIOT, "--validate", "--strict", str(saved(region, "dcat-ap", ending, tmp_path))]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert [line for line in done.stderr.splitlines() if "WARN" in line or "ERROR" in line] == []


@pytest.mark.skipif(not CKAN, reason="needs CKAN_PYTHON, an interpreter with ckan and ckanext-dcat")
@pytest.mark.parametrize(
    ("view", "profile"), [("dcat-ap", "euro_dcat_ap_3"), ("dcat-ap-2.1.1", "euro_dcat_ap_2")]
)
@pytest.mark.parametrize("ending", ["rdf", "ttl", "jsonld"])
def test_ckanext_dcat_harvests_every_page(region: Region, view: str, profile: str, ending: str) -> None:
    """Rule 10: the parser of CKAN's DCAT extension follows the pages and has every dataset and resource."""
    address = f"{region.base}catalog.{ending}?profile={view}&page=1"
    script = Path(__file__).with_name("ckan_reader.py")
    done = subprocess.run([CKAN, script, address, profile], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    result = get(region, "api/3/action/package_search?rows=1000").json()["result"]
    offered = {
        extra["value"]: package["num_resources"]
        for package in result["results"]
        for extra in package["extras"]
        if extra["key"] == "uri"
    }
    assert found == offered
    assert len(found) == result["count"] > 250
