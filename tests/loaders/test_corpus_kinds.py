"""Every CKAN answer, data.json and feed of the corpus loads, or is refused with its reason."""

import tomllib
from pathlib import Path

import pytest

from loaders.build import BuildResult
from ontology import iri
from tests.conftest import ROOT
from tests.loaders.quiet import built

pytestmark = pytest.mark.shared

CONFIG = ROOT / "tests" / "corpus-kinds.toml"
REFUSED = {
    # A catalogue of datasets in a form between CKAN's and DCAT-US's, as ckanext-dcat once harvested it.
    "ckan/ckanext-catalog.json": "ckanext-catalog.json: there is no package in it",
}
DATASETS = {
    "ckan/birmingham-package-search.json": 10,
    "ckan/ckanext-ckan_dataset.json": 1,
    "ckan/ckanext-ckan_dataset_multilingual.json": 1,
    "ckan/ckanext-ckan_full_dataset_dcat_ap.json": 1,
    "ckan/ckanext-full_ckan_dataset_legacy.json": 1,
    "datajson/us-arm.data.json": 3,
    "datajson/us-large-spatial.data.json": 1,
    # Of its two datasets one is an empty object.
    "datajson/us-missing-catalog.data.json": 1,
    "datajson/us-missing-identifier-title.data.json": 3,
    "datajson/us-numerical-title.data.json": 1,
    "datajson/us-ny.data.json": 1,
    "datajson/us-pod-catalog-sample-extended.json": 3,
    "datajson/us-usda.gov.data.json": 3,
    "dcat/ldes/test1-feed.trig": 0,
    "dcat/ldes/test3-feed.trig": 1,
    "dcat/ldes/test6-feed.trig": 1,
    "dcat/ldes/test16-feed.trig": 1,
}
"""The datasets that the index of the corpus counts in each file."""


@pytest.fixture(scope="module")
def result(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> BuildResult:
    """One build of all of them."""
    return built(CONFIG, tmp_path_factory.mktemp("corpus"))


def test_the_configuration_names_every_file(shared: Path) -> None:
    """No file of the corpus is forgotten."""
    named = {source["title"] for source in tomllib.loads(CONFIG.read_text())["source"]}
    corpus = shared / "corpus"
    files = [*(corpus / "ckan").iterdir(), *(corpus / "datajson").iterdir(), *corpus.glob("dcat/ldes/*.trig")]
    assert named == {path.relative_to(corpus).as_posix() for path in files}
    assert len(named) == len(REFUSED) + len(DATASETS) == 18


def test_each_loads_or_is_refused_with_its_reason(result: BuildResult) -> None:
    """17 files load and one is refused."""
    assert {o.entry.title: o.entry.message for o in result.sources if not o.good} == REFUSED


def test_no_dataset_is_lost(result: BuildResult) -> None:
    """Each file gives as many datasets as it holds."""
    dataset = f"<{iri('rdf:type')}> <{iri('dcat:Dataset')}> "
    found = {
        o.entry.title: (o.good.folder / "graph.nq").read_text(encoding="utf-8").count(dataset)
        for o in result.sources
        if o.good
    }
    assert found == DATASETS
