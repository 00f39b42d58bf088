"""A real server on a loopback port over releases that a test lays out, without any engine."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import httpx2 as httpx
import uvicorn
from pyoxigraph import Quad
from starlette.applications import Starlette
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from loaders.releases.release import Manifest, Release
from loaders.views.history import Previous
from loaders.views.write import write_views
from server.harvest.holder import ViewsHolder
from server.harvest.routes import routes
from server.http.limiter import RateLimiter
from server.observe import Observer
from server.service import Service
from server.settings import ServerSettings
from tests.harvested import write_nq

CREATED = datetime(2026, 11, 24, 8, tzinfo=UTC)


@dataclass
class Region:
    """Releases one after the other, the newest of which is served at `base`."""

    folder: Path
    base: str
    releases: list[Release] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    """Path and query of every request."""
    sent: int = 0
    """Bytes of all bodies that were sent."""

    def build(self, found: list[Quad], created: datetime = CREATED) -> Release:
        """A new release, made public at the moment it is made."""
        path = self.folder / f"{len(self.releases)}"
        path.mkdir()
        write_nq(path / "graph.nq", found)
        return self.add(path, created)

    def add(self, path: Path, created: datetime = CREATED) -> Release:
        """A release whose graph.nq lies there."""
        before = self.releases[-1] if self.releases else None
        previous = (
            Previous(before.path / "views", datetime.fromisoformat(before.manifest.created))
            if before
            else None
        )
        write_views(path / "graph.nq", path / "views", self.base, created, previous=previous)
        manifest = Manifest(base=self.base, triples=0, quads=0, id=path.name, created=created.isoformat())
        self.releases.append(Release(path, manifest))
        return self.releases[-1]

    def served(self) -> Release:
        """The newest release."""
        return self.releases[-1]


@contextmanager
def serving(folder: Path) -> Iterator[Region]:
    """A region, still empty, behind a server that answers at its base."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(64)
        region = Region(folder, f"http://127.0.0.1:{listening.getsockname()[1]}/")
        holder = ViewsHolder(region.served)
        app = _counted(Starlette(routes=routes(_service(folder), holder)), region)
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        _wait(server)
        try:
            yield region
        finally:
            server.should_exit = True
            thread.join(10)
            holder.close()


def _counted(app: Starlette, region: Region) -> ASGIApp:
    """The app, with the region noting what is asked and how much is sent."""

    async def counted(scope: Scope, receive: Receive, send: Send) -> None:
        async def count(message: Message) -> None:
            region.sent += len(message.get("body", b""))
            await send(message)

        region.asked.append(f"{scope['path']}?{scope['query_string'].decode()}")
        await app(scope, receive, count)

    return counted


def _wait(server: uvicorn.Server) -> None:
    limit = time.monotonic() + 10
    while not server.started:
        if time.monotonic() > limit:
            raise TimeoutError("the server did not start")
        time.sleep(0.01)


def _service(folder: Path) -> Service:
    """The parts of a service that the frame around an endpoint uses; nothing of an engine is needed here."""
    parts = SimpleNamespace(
        settings=ServerSettings(data=folder),
        limiter=RateLimiter(0.0, 1),
        observer=Observer(dict),
        usage=SimpleNamespace(note=lambda exchange, asked: None),
    )
    return cast(Service, parts)


def get(region: Region, path: str, **headers: str) -> httpx.Response:
    """One GET without redirects; header names with an underscore for the hyphen."""
    named = {name.replace("_", "-"): content for name, content in headers.items()}
    return httpx.get(region.base + path.lstrip("/"), headers=named, follow_redirects=False)
