"""One server over one store that holds the data of all W3C tests, each file as a graph of its own."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx2
import pytest

from server.settings import ServerSettings
from tests.server.live import publish_lines, serving
from tests.server.w3c.exchanges import prepared_graphs
from tests.server.w3c.manifests import Suite, suite


@pytest.fixture(scope="session")
def w3c(shared: Path) -> Suite:
    """The suite; skipped where it is not there."""
    found = suite()
    assert found is not None
    return found


@pytest.fixture(scope="session")
def store(w3c: Suite, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose release holds every data file as the graph named by the file's IRI.

    A test's default graph is then chosen with default-graph-uri, its named graphs with named-graph-uri.
    """
    folder = tmp_path_factory.mktemp("w3c")
    files = (quad for path in w3c.data_files() for quad in w3c.quads(path, w3c.iri(path)))
    publish_lines(folder, (f"{quad} ." for quads in (files, prepared_graphs()) for quad in quads))
    return folder


async def everywhere(host: str, port: int) -> Sequence[str]:
    """A public address for any host, so that the tests' loopback endpoints may be asked with SERVICE."""
    return ["193.0.0.1"]


@pytest.fixture(scope="session")
def endpoint(store: Path) -> Iterator[httpx2.Client]:
    """A client of a running server over the data of all tests."""
    settings = ServerSettings(
        store,
        in_memory_limit=0,
        workers=2,
        slow_slots=4,
        client_slow=4,
        deadline=20.0,
        log_requests=False,
        service_hosts=("127.0.0.1", "invalid.endpoint.org"),
    )
    with serving(settings, everywhere) as address, httpx2.Client(base_url=address, timeout=30) as client:
        yield client
