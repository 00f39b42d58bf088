"""A release of a graph whose every kind of part an engine has to keep."""

from collections.abc import Iterator
from pathlib import Path
from subprocess import Popen

import pytest

from loaders.engines.client import Engine
from loaders.releases.release import Release
from loaders.search.write import write_search
from tests.engines.engines import oxigraph
from tests.server.live import BASE, publish_lines

EX = f"{BASE}id/"
GEO = "http://www.opengis.net/ont/geosparql#"
THINGS = 3000


def lines(title: str = "Sak") -> Iterator[str]:
    """Things in the default graph, two named graphs with one triple in common, literals of all kinds."""
    for number in range(THINGS):
        thing = f"<{EX}thing/{number:04}>"
        yield f"{thing} <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{EX}Thing> ."
        yield f'{thing} <http://purl.org/dc/terms/title> "{title} {number}"@sv .'
        yield f'{thing} <{EX}note> "rad ett\\nrad två, \\"citat\\" <{BASE}graph/a> . {"x" * 60}" .'
    for number, place in enumerate(("18.123456789 59.3", "18.2 59.3")):
        yield f'<{EX}thing/000{number}> <{GEO}asWKT> "POINT({place})"^^<{GEO}wktLiteral> .'
    for graph in ("a", "b"):
        yield f'<{EX}shared> <{EX}p> "both" <{BASE}graph/{graph}> .'
        yield f'<{EX}own> <{EX}p> "{graph}" <{BASE}graph/{graph}> .'
        yield f"<{BASE}graph/{graph}> <{EX}holds> <{EX}own> ."


def publish(data: Path, title: str = "Sak") -> Release:
    """Make a release with its search index the current one."""
    release = publish_lines(data, lines(title))
    write_search({"release": str(release.path), "base": BASE}, lambda step: None)
    return release


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with one release."""
    folder = tmp_path_factory.mktemp("data")
    publish(folder)
    return folder


@pytest.fixture
def engine() -> Iterator[tuple[Engine, "Popen[bytes]"]]:
    """An empty engine of its own for a test."""
    with oxigraph() as running:
        yield running
