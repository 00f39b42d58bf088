"""Releases laid out on disk, pools over them, and patience without sleeping for a fixed time."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest
from pyoxigraph import Store

from loaders.releases.release import Manifest, Release
from server.settings import ServerSettings
from server.workers.pool import Pool

EX = "https://odis.example/test/"
SUBJECTS = 3000

MakeRelease = Callable[..., Release]
OpenPool = Callable[..., AbstractAsyncContextManager[Pool]]
Until = Callable[[Callable[[], bool]], Awaitable[None]]


@pytest.fixture(scope="session")
def anyio_backend() -> tuple[str, dict[str, bool]]:
    """Tests that are coroutines run on uvloop where there is one, as the server does."""
    return "asyncio", {"use_uvloop": find_spec("uvloop") is not None}


def quads(title: str) -> Iterator[str]:
    """12,000 triples in the default graph; two named graphs with one triple in common."""
    for number in range(SUBJECTS):
        subject = f"<{EX}thing/{number}>"
        yield f"{subject} <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{EX}def#Thing> ."
        yield f'{subject} <http://purl.org/dc/terms/title> "{title} {number}"@sv .'
        yield f'{subject} <{EX}def#number> "{number}"^^<http://www.w3.org/2001/XMLSchema#integer> .'
        yield f'{subject} <{EX}def#note> "aaaaaaaaaa \\"{{\\"a\\":1}},{{\\" <result>\\nline" .'
    for graph, own in (("a", 1), ("b", 2)):
        yield f'<{EX}shared> <{EX}def#p> "both" <{EX}graph/{graph}> .'
        yield f'<{EX}own> <{EX}def#p> "{own}" <{EX}graph/{graph}> .'


def write_release(folder: Path, title: str = "Sak") -> Release:
    """A folder as the loaders leave it: N-Quads, and a store bulk loaded from them."""
    lines = sorted(quads(title))
    folder.mkdir()
    (folder / "graph.nq").write_text("\n".join(lines) + "\n")
    store = Store(str(folder / "store"))
    store.bulk_load(path=str(folder / "graph.nq"))
    store.optimize()
    del store
    return Release(folder, Manifest(base=EX, triples=4 * SUBJECTS, quads=len(lines), id=folder.name))


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """A release that many tests read."""
    return write_release(tmp_path_factory.mktemp("releases") / "first")


@pytest.fixture
def make_release(tmp_path: Path) -> Iterator[MakeRelease]:
    """Makes further releases by name; titles of things in it begin with `title`."""

    def make(name: str, title: str = "Sak") -> Release:
        return write_release(tmp_path / name, title)

    yield make
    shutil.rmtree(tmp_path, ignore_errors=True)


@pytest.fixture
def open_pool(release: Release, tmp_path: Path) -> OpenPool:
    """Opens a pool, over the common release if none is given; on disk unless `in_memory_limit` is given."""

    @asynccontextmanager
    async def opened(over: Release | None = None, **changes: object) -> AsyncIterator[Pool]:
        settings = ServerSettings(tmp_path, **{"in_memory_limit": 0, **changes})  # type: ignore[arg-type]
        pool = Pool(over or release, settings)
        await pool.start()
        try:
            yield pool
        finally:
            await pool.close()

    return opened


@pytest.fixture
def until() -> Until:
    """Waits until a condition holds, and fails when it has not after half a minute."""

    async def wait(condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(30):
            while not condition():
                await asyncio.sleep(0.01)

    return wait
