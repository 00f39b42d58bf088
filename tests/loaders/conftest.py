"""What tests of harvesting may ask for."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from loaders.config import load_config
from loaders.harvest.fetcher import Fetcher
from loaders.isolate import Workers
from loaders.work import SourceOutcome, Workshop
from tests.loaders.kinds import Harvested
from tests.loaders.site import Site, site


@pytest.fixture
def server() -> Iterator[Site]:
    """A server on loopback."""
    with site() as running:
        yield running


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    """Processes for the whole module."""
    with Workers() as running:
        yield running


@pytest.fixture
def harvested(tmp_path: Path, workers: Workers) -> Harvested:
    """Works on one source, without making a release of it."""

    def work(kind: str, location: str, more: str = "") -> SourceOutcome:
        path = tmp_path / "odis.toml"
        source = f'id = "a"\nkind = "{kind}"\ntitle = "Katalog"\nprivate = true\nlocation = "{location}"'
        path.write_text(f"[odis]\nmax_fall = 1.0\n\n[[source]]\n{source}\n{more}\n")
        config = load_config(path)
        with Fetcher() as fetcher:
            return Workshop(config.odis, "rules", fetcher, workers).work(config.sources[0], lambda step: None)

    return work
