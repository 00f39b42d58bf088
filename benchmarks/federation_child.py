"""The measured half of benchmarks/federation.py: one process that writes views, or one that serves them."""

import json
import resource
import sys
import time
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import uvicorn
from starlette.applications import Starlette

from benchmarks.graphs import BASE, CREATED
from loaders.releases.release import Manifest, Release
from loaders.views.history import Previous
from loaders.views.write import write_views
from server.harvest.holder import ViewsHolder
from server.harvest.routes import routes
from server.http.limiter import RateLimiter
from server.observe import Observer
from server.service import Service
from server.settings import ServerSettings


def write(release: Path, before: str) -> None:
    """Write the views of a release and print what it took."""
    previous = Previous(Path(before) / "views", CREATED) if before else None
    start = time.perf_counter()
    created = CREATED + timedelta(days=1 if before else 0)
    peaks: list[int] = []
    views = write_views(
        release / "graph.nq",
        release / "views",
        BASE,
        created,
        previous=previous,
        progress=lambda step, done, total: peaks.append(_anonymous()),
    )
    peaks.append(_anonymous())
    usage = resource.getrusage(resource.RUSAGE_SELF)
    print(
        json.dumps(
            {
                "seconds": time.perf_counter() - start,
                "cpu": usage.ru_utime + usage.ru_stime,
                "peak": max(peaks),
                "changed": views.changed,
                "activities": views.activities,
            }
        )
    )


def _anonymous() -> int:
    """Memory of this process in bytes, the mapped graph.nq aside: that is the page cache's."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon:")) * 1024


def serve(release: Path) -> None:
    """Serve a release on a free port and print the address."""
    manifest = Manifest(base=BASE, triples=0, quads=0, id=release.name, created=CREATED.isoformat())
    holder = ViewsHolder(lambda: Release(release, manifest))
    parts = SimpleNamespace(
        settings=ServerSettings(data=release),
        limiter=RateLimiter(0.0, 1),
        observer=Observer(dict),
        usage=SimpleNamespace(note=lambda exchange, asked: None),
    )
    # No engine has a part in this, so only what the frame around an endpoint uses is there.
    service = cast(Service, parts)
    config = uvicorn.Config(
        Starlette(routes=routes(service, holder)), port=0, log_level="error", lifespan="off"
    )
    socket = config.bind_socket()
    print(f"http://127.0.0.1:{socket.getsockname()[1]}/", flush=True)
    uvicorn.Server(config).run(sockets=[socket])


if __name__ == "__main__":
    verb, folder, other = sys.argv[1:]
    write(Path(folder), other) if verb == "write" else serve(Path(folder))
