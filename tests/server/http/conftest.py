"""What the tests over HTTP share: a release, a server over it, and a client of that."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import httpx2
import pytest

from loaders.releases.release import Release
from loaders.search.write import write_search
from server.settings import ServerSettings
from server.sparql.federation import Resolve
from tests.server.live import BASE, lines, publish_lines, serving

Publish = Callable[[Path, Iterable[str]], Release]
Serve = Callable[..., AbstractContextManager[str]]


@pytest.fixture(scope="session")
def publish_graph() -> Publish:
    """Publishes N-Quads lines as the current release of a folder."""
    return publish_lines


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with one release, indexed for its pages."""
    folder = tmp_path_factory.mktemp("data")
    release = publish_lines(folder, lines())
    write_search({"release": str(release.path), "base": BASE}, lambda step: None)
    return folder


@pytest.fixture(scope="session")
def serve() -> Serve:
    """Runs a server over a data folder with any settings changed."""

    def run(data: Path, resolve: Resolve | None = None, **changes: object) -> AbstractContextManager[str]:
        settings = {"in_memory_limit": 0, "workers": 2, "log_requests": False, **changes}
        return serving(ServerSettings(data, **settings), resolve)  # type: ignore[arg-type]

    return run


@pytest.fixture(scope="session")
def server(data: Path, serve: Serve) -> Iterator[str]:
    """The address of a server that many tests ask."""
    with serve(data, deadline=20.0, admin_token="let me in", row_cap=10_000) as address:
        yield address


@pytest.fixture
def client(server: str) -> Iterator[httpx2.Client]:
    """A client of that server, which accepts anything."""
    with httpx2.Client(base_url=server, timeout=30, headers={"Accept": "*/*"}) as one:
        yield one
