"""Sends a release to an engine, into graphs of its own, and tells readers of it when all of it is there."""

import shutil
import tempfile
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final
from urllib.parse import quote

import httpx2
import stamina

from loaders.engines.client import Engine, is_virtuoso, refuse, rows
from loaders.engines.names import READY, Names
from loaders.releases.release import Release, current, releases
from ontology import iri
from ontology.errors import EngineError

CHUNK: Final = 8 * 1024 * 1024
"""Bytes of N-Triples sent at once."""
HELD: Final = 64 * 1024 * 1024
"""Bytes of lines held while a release is split into its graphs."""
MOST_REFUSED: Final = 1000
"""Statements an engine may refuse before publishing is given up: beyond it something else is wrong."""
_SECONDS: Final = 600.0
_HAS_PART: Final = f"<{iri('dcterms:hasPart')}>"
# N-Triples are Turtle, and Turtle is what every engine takes.
_TURTLE: Final = "text/turtle"
_LATER: Final = (429, 502, 503, 504)

Told = Callable[[str, int, int], None]
"""Called with a graph, how many of all statements have been sent, and how many there are."""


@dataclass(slots=True)
class Published:
    """What became of a release: graphs, statements sent, those the engine holds, those it refused."""

    graphs: int = 0
    sent: int = 0
    held: int = 0
    refused: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    """Earlier releases that were taken away."""


def publish(release: Release, engine: Engine, *, keep: int = 2, told: Told = lambda *_: None) -> Published:
    """Send `release` to `engine`, and take all releases but the newest `keep` away.

    A release that is there already is sent anew into its graphs. Readers are told by the last graph, which
    comes when the others are whole; until then they stay with the release before.

    Raises:
        EngineError: the engine does not answer, refuses, or holds less than it was sent.
    """
    with engine.client(_SECONDS) as client, _split(release) as files:
        return _Sending(client, engine, release, told).all(files, keep)


def ready(client: httpx2.Client, engine: Engine, base: str) -> list[str]:
    """The ids of the releases that are whole in the engine, the newest first. Raises EngineError."""
    text = (
        f"SELECT DISTINCT ?g {{ GRAPH ?g {{ ?r {_HAS_PART} ?part }} "
        f'FILTER(STRSTARTS(STR(?g), "{base}graph/") && STRENDS(STR(?g), "/{READY}")) }}'
    )
    names = (row["g"] for row in rows(client, engine, text))
    return sorted((name.split("/")[-3] for name in names), reverse=True)


def write_bulk(release: Release, target: IO[bytes], *, hide_wkt: bool = False) -> int:
    """Write a release as N-Quads, its graphs named as in an engine, for the engine's own bulk loader.

    The graph that tells readers that the release is there comes last. Gives the number of statements;
    `hide_wkt` is for Virtuoso, as in `Names`.
    """
    names = Names(release.manifest.base, release.id, hide_wkt)
    default = f"<{names.default}> .\n".encode()
    graphs, written = {""}, 0
    for path in sorted(release.path.glob("*.nq")):
        with path.open("rb") as file:
            for line in file:
                graph = parted(line)[1]
                target.write(names.there(line) if graph else names.there(line[:-2]) + default)
                graphs.add(graph)
                written += 1
    target.writelines(
        f"<{names.own}> {_HAS_PART} <{part}> <{names.ready}> .\n".encode() for part in names.all(graphs)
    )
    return written


def readable(data: Path, engine: Engine) -> Release:
    """The release to be read in an engine: the current one, or the newest that is whole there.

    Raises:
        ReleaseError: there is no release in the folder.
        EngineError: the engine does not answer, or has none of the folder's releases.
    """
    first = current(data)
    with engine.client(10.0) as client:
        there = set(ready(client, engine, first.manifest.base))
    for release in (first, *releases(data)):
        if release.id in there:
            return release
    raise EngineError(f"{engine.query} has no release of {data}; send one with: odis publish --engine")


class _Sending:
    """One release on its way."""

    def __init__(self, client: httpx2.Client, engine: Engine, release: Release, told: Told) -> None:
        self._client = client
        self._engine = engine
        self._base = release.manifest.base
        self._release = release.id
        self._told = told
        self._done = Published()

    def all(self, files: "_Files", keep: int) -> Published:
        self._remove(
            Names(self._base, self._release)
        )  # also asks for the first time whether anybody is there
        names = Names(self._base, self._release, hide_wkt=is_virtuoso(self._client, self._engine))
        total = sum(files.counts.values())
        for graph, path in files.paths.items():
            self._told(graph, self._done.sent, total)
            self._send(names.graph(graph), path, names)
        self._told("", self._done.sent, total)
        self._verify(names)
        self._mark(names, files)
        self._prune(keep)
        return self._done

    def _send(self, graph: str, path: Path, names: Names) -> None:
        self._done.graphs += 1
        first = True
        with path.open("rb") as file:
            while lines := file.readlines(CHUNK):
                self._lines(graph, [names.there(line) for line in lines], first=first)
                self._done.sent += len(lines)
                first = False

    def _lines(self, graph: str, lines: list[bytes], *, first: bool = False) -> None:
        """Send lines; of those that the engine refuses all but the ones to blame."""
        response = self._call("PUT" if first else "POST", graph, b"".join(lines))
        if response.status_code not in (400, 415, 422, 500):
            refuse(self._engine.graphs, response)
        elif len(lines) > 1:
            middle = len(lines) // 2
            self._lines(graph, lines[:middle], first=first)
            self._lines(graph, lines[middle:])
        else:
            self._done.refused.append(lines[0].decode().strip())
            if len(self._done.refused) > MOST_REFUSED:
                refuse(self._engine.graphs, response)

    def _call(self, method: str, graph: str, body: bytes | None = None) -> httpx2.Response:
        """One request of the Graph Store Protocol; all of them may be made twice, for no node is blank."""
        address = (
            f"{self._engine.graphs}{'&' if '?' in self._engine.graphs else '?'}graph={quote(graph, safe='')}"
        )
        headers = {"Content-Type": _TURTLE} if body is not None else {}
        try:
            for attempt in stamina.retry_context(on=_worth_another_try, attempts=4, wait_initial=0.5):
                with attempt:
                    response = self._client.request(method, address, content=body, headers=headers)
                    if response.status_code in _LATER:
                        response.raise_for_status()
        except httpx2.HTTPStatusError as error:
            return error.response
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise EngineError(
                f"{self._engine.graphs} does not take {graph}: {error or type(error).__name__}"
            ) from error
        return response

    def _verify(self, names: Names) -> None:
        """Count what is there: not more than was sent, less only where two are one to the engine."""
        query = (
            f'SELECT (COUNT(*) AS ?n) {{ GRAPH ?g {{ ?s ?p ?o }} FILTER(STRSTARTS(STR(?g), "{names.own}")) }}'
        )
        self._done.held = int(rows(self._client, self._engine, query)[0]["n"])
        missing = self._done.sent - len(self._done.refused) - self._done.held
        # Engines take "01" and "1" for one; that a thousandth is lost to that is more than was ever seen.
        if not 0 <= missing <= self._done.sent // 1000:
            raise EngineError(
                f"{self._engine.query} holds {self._done.held:,} statements of the {self._done.sent:,} that "
                "were sent; readers stay with the release before: is it the same engine, has it room?"
            )

    def _mark(self, names: Names, files: "_Files") -> None:
        lines = [f"<{names.own}> {_HAS_PART} <{part}> .\n".encode() for part in names.all(files.paths)]
        refuse(self._engine.graphs, self._call("PUT", names.ready, b"".join(lines)))

    def _prune(self, keep: int) -> None:
        for release in ready(self._client, self._engine, self._base)[keep:]:
            if release != self._release:
                self._remove(Names(self._base, release))
                self._done.removed.append(release)

    def _remove(self, names: Names) -> None:
        """Take a release away: first the graph that tells of it, so that nobody reads half of one."""
        query = f'SELECT DISTINCT ?g {{ GRAPH ?g {{ ?s ?p ?o }} FILTER(STRSTARTS(STR(?g), "{names.own}")) }}'
        graphs = [row["g"] for row in rows(self._client, self._engine, query)]
        for graph in sorted(graphs, key=lambda graph: graph != names.ready):
            response = self._call("DELETE", graph)
            if response.status_code != 404:
                refuse(self._engine.graphs, response)


def _worth_another_try(error: Exception) -> bool:
    return isinstance(error, httpx2.TransportError | httpx2.HTTPStatusError)


# ---------------------------------------------------------------------------------------------- splitting


class _Files:
    """The graphs of a release, each in a file of N-Triples; "" is the default graph."""

    def __init__(self, release: Release) -> None:
        self.paths: dict[str, Path] = {}
        self.counts: dict[str, int] = defaultdict(int)
        self._release = release

    def __enter__(self) -> "_Files":
        self._folder = Path(tempfile.mkdtemp(prefix=".publish-", dir=self._release.path.parent))
        try:
            for file in sorted(self._release.path.glob("*.nq")):
                self._take(file)
        except OSError as error:
            self.__exit__()
            raise EngineError(f"the release cannot be split into its graphs: {error}") from error
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def _take(self, path: Path) -> None:
        with path.open("rb") as file:
            while block := file.readlines(HELD):
                self._write(_by_graph(block))

    def _write(self, found: Mapping[str, list[bytes]]) -> None:
        for graph, lines in found.items():
            path = self.paths.setdefault(graph, self._folder / f"{len(self.paths)}.nt")
            with path.open("ab") as target:
                target.writelines(lines)
            self.counts[graph] += len(lines)


def _split(release: Release) -> _Files:
    return _Files(release)


def _by_graph(block: list[bytes]) -> dict[str, list[bytes]]:
    found: dict[str, list[bytes]] = defaultdict(list)
    for line in block:
        triple, graph = parted(line)
        found[graph].append(triple)
    return found


def parted(line: bytes) -> tuple[bytes, str]:
    """A line of N-Quads as a line of N-Triples and its graph, "" for the default graph.

    For lines as ODIS writes them: one space between terms, and one before the full stop.
    """
    _, _, rest = line.split(b" ", 2)
    place = rest.rfind(b" <")
    # An IRI holds no quote; so what begins with " <" and holds one is the inside of a literal.
    if place < 0 or b'"' in rest[place:] or not rest.endswith(b"> .\n"):
        return line, ""
    graph = rest[place + 2 : -4]
    return line[: -len(graph) - 5] + b".\n", graph.decode()
