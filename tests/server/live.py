"""Releases on disk, and real servers over them on loopback, run in a thread of the test process."""

import asyncio
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from pyoxigraph import Store

from loaders.releases.release import Manifest, Release, SourceState, publish, unfinished
from server.app import create_app
from server.service import Service
from server.settings import ServerSettings
from server.sparql.federation import Resolve

BASE = "https://odis.example/"
EX = "https://odis.example/test/"
THINGS = 3000


def lines(title: str = "Sak") -> Iterator[str]:
    """A graph of many like things, two named graphs with a triple in common, and statistics."""
    for number in range(THINGS):
        thing = f"<{EX}thing/{number}>"
        yield f"{thing} <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{EX}def#Thing> ."
        yield f'{thing} <http://purl.org/dc/terms/title> "{title} {number}"@sv .'
        yield f'{thing} <{EX}def#note> "rad ett\\nrad två, \\"citat\\" {number}" .'
    for graph in ("a", "b"):
        yield f'<{EX}shared> <{EX}def#p> "both" <{EX}graph/{graph}> .'
        yield f'<{EX}own> <{EX}def#p> "{graph}" <{EX}graph/{graph}> .'
    void = f"<{BASE}graph/void>"
    sd, entry = "http://www.w3.org/ns/sparql-service-description#", f"<{BASE}.well-known/void#a>"
    integer = "<http://www.w3.org/2001/XMLSchema#integer>"
    yield f"{entry} <{sd}name> <{EX}graph/a> {void} ."
    yield f"{entry} <{sd}graph> {entry} {void} ."
    yield f'{entry} <http://rdfs.org/ns/void#triples> "2"^^{integer} {void} .'


def publish_lines(data: Path, quads: Iterable[str]) -> Release:
    """Publish N-Quads as the current release of a data folder, as the loaders do."""
    folder = unfinished(data)
    text = "".join(f"{line}\n" for line in sorted(quads))
    (folder / "graph.nq").write_text(text, encoding="utf-8")
    store = Store(str(folder / "store"))
    store.bulk_load(path=str(folder / "graph.nq"))
    store.optimize()
    del store
    source = SourceState("prov", "dcat", "Prövning <b>", "a.ttl", "new", triples=3, violations=1)
    manifest = Manifest(base=BASE, triples=3 * THINGS, quads=text.count("\n"), sources=(source,))
    return publish(data, folder, manifest)


@contextmanager
def serving(settings: ServerSettings, resolve: Resolve | None = None) -> Iterator[str]:
    """Run a server; gives its address, and ends it and all its workers afterwards."""
    service = Service.open(settings, resolve)
    started, address = threading.Event(), []
    stop: list[Callable[[], None]] = []

    async def run() -> None:
        config = uvicorn.Config(
            create_app(service), http="server.http.wire:BoundedHttp", port=0,
            log_level="critical", lifespan="on", timeout_graceful_shutdown=5,
        )  # fmt: skip
        server = uvicorn.Server(config)
        stop.append(lambda: setattr(server, "should_exit", True))
        serve = asyncio.create_task(server.serve())
        while not server.started and not serve.done():
            await asyncio.sleep(0.01)
        if server.started:
            host, port = server.servers[0].sockets[0].getsockname()[:2]
            address.append(f"http://{host}:{port}")
        started.set()
        await serve

    thread = threading.Thread(target=asyncio.run, args=(run(),))
    thread.start()
    try:
        assert started.wait(30), "the server did not start"
        yield address[0]
    finally:
        stop[0]()
        thread.join(30)
