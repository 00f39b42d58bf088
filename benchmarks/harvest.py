"""How long a nightly harvest takes: a hundred servers, of which one is slow, one dead, one hostile, one huge.

    python -m benchmarks.harvest 2500 25000

Every source is a server of its own (an address in 127.0.1.0/24), for ODIS asks one host one thing at a time.
The first build makes everything. In the second one catalogue of a hundred has changed: three of its datasets
have other titles, one is gone, one is new. The third is a build in which nothing changed.
"""

import sys
import tempfile
import threading
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from math import log
from pathlib import Path
from typing import Final

from benchmarks.build import Steps, Watch
from benchmarks.generate_catalogue import catalogue
from loaders.build import BuildResult, build
from loaders.config import load_config

SOURCES: Final = 100
SLOW, DEAD, HOSTILE, HUGE, CHANGED = 0, 1, 2, 3, 50
"""The sources that are not like the others, by number, and the one that changes."""
DRIP: Final = 10.0
"""Seconds that the slow server takes for its answer."""
HEADER: Final = (
    "Datasets", "Triples", "Quads", "First s (wall / CPU)", "Peak MB", "One changed s (wall / CPU)",
    "of first (wall / CPU)", "Peak MB", "Unchanged s", "Seconds by step, first; one changed",
)  # fmt: skip
_LAUGHS = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
_HOSTILE = (
    f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY e0 "ha">{_LAUGHS}]>'
    '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><r:Description r:about="http://a/b">'
    "<r:value>&e9;</r:value></r:Description></r:RDF>"
)


def sizes(datasets: int) -> list[int]:
    """The datasets of each source: the huge one has a third of all, the others share what is left evenly."""
    ordinary = datasets - datasets // 3
    share, more = divmod(ordinary, SOURCES - 3)
    plain = iter([share + (number < more) for number in range(SOURCES - 3)])
    special = {DEAD: 0, HOSTILE: 0, HUGE: datasets // 3}
    return [special[number] if number in special else next(plain) for number in range(SOURCES)]


def write_source(path: Path, number: int, datasets: int, *, changed: bool = False) -> int:
    """Write the catalogue of a source as N-Triples; gives the number of its triples."""
    if number == HOSTILE:
        path.write_text(_HOSTILE, encoding="utf-8")
        return 0
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for subject, predicate, value in catalogue(datasets):
            line = f"{subject} <{predicate}> {value} .\n".replace("//katalog.", f"//katalog{number}.")
            file.write(_altered(line, datasets) if changed else line)
            count += 1
    return count


def _altered(line: str, datasets: int) -> str:
    """Three titles are others; the last dataset goes, and one of another name comes."""
    for number in (1, 2, 3):
        line = line.replace(f'"Datamängd {number}"', f'"Datamängd {number}, ny"')
    return line.replace(f"/dataset/{datasets - 1}>", "/dataset/ny>")


@contextmanager
def serving(folder: Path) -> Iterator[int]:
    """Serve the files of a folder on every loopback address; gives the port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            number = int(self.path.strip("/"))
            body = (folder / f"{number}.nt").read_bytes()
            tag = f'"{sha256(body).hexdigest()}"'
            same = self.headers.get("If-None-Match") == tag
            self.send_response(304 if same else 200)
            self.send_header("ETag", tag)
            if not same:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if not same:
                self._send(body, 10 if number == SLOW else 1)

        def _send(self, body: bytes, parts: int) -> None:
            """Send a body in so many parts, with pauses between them."""
            step = len(body) // parts + 1
            for start in range(0, len(body), step):
                time.sleep(DRIP / 10 if start else 0)
                self.wfile.write(body[start : start + step])

        def log_message(self, format: str, *args: object) -> None:
            """Stay quiet."""

    server = ThreadingHTTPServer(("", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,)).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def write_config(folder: Path, port: int) -> Path:
    """The configuration that harvests all sources; nobody listens where the dead one should be."""
    lines = [f'[odis]\ndata = "{folder / "var"}"\nkeep_releases = 2\n']
    for number in range(SOURCES):
        address = f"http://127.0.1.{number + 1}:{1 if number == DEAD else port}/{number}"
        lines.append(
            f'[[source]]\nid = "kommun{number:03}"\nkind = "dcat"\ntitle = "Kommun {number}"\n'
            f'location = "{address}"\nprivate = true\n'
        )
    path = folder / "odis.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def measure(datasets: int, folder: Path) -> tuple[str, float]:
    """One row of the table, and the CPU seconds of the first build."""
    files = folder / "files"
    files.mkdir()
    wanted = sizes(datasets)
    triples = sum(write_source(files / f"{n}.nt", n, size) for n, size in enumerate(wanted))
    with serving(files) as port:
        config = write_config(folder, port)
        first, result, told = _built(config, "first")
        write_source(files / f"{CHANGED}.nt", CHANGED, wanted[CHANGED], changed=True)
        second, _, told_again = _built(config, "one changed")
        third, _, _ = _built(config, "unchanged")
    cells = (
        f"{datasets:,}",
        f"{triples:,}",
        f"{result.release.manifest.quads:,}",
        f"{first.wall:.0f} / {first.cpu:.0f}",
        f"{first.memory / 1e6:,.0f}",
        f"{second.wall:.0f} / {second.cpu:.0f}",
        f"{second.wall / first.wall:.0%} / {second.cpu / first.cpu:.0%}",
        f"{second.memory / 1e6:,.0f}",
        f"{third.wall:.1f}",
        f"{told}; {told_again}",
    )
    return f"| {' | '.join(cells)} |", first.cpu


def _built(config: Path, name: str) -> tuple[Watch, BuildResult, str]:
    """Build once; what was seen, what came of it, and the seconds of each step."""
    steps = Steps()
    with Watch() as watch:
        result = build(load_config(config), steps)
    steps.end()
    told = ", ".join(f"{step} {seconds:.1f}" for step, seconds in steps.seconds.items())
    seen = f"{watch.wall:.0f} s, CPU {watch.cpu:.0f} s, {watch.memory / 1e6:,.0f} MB"
    print(f"{name}: {seen}: {told}", file=sys.stderr, flush=True)
    return watch, result, told


def main() -> None:
    """The command line."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("datasets", type=int, nargs="+", help="datasets of all sources together")
    parser.add_argument("--folder", type=Path, help="where to work, with room for 100 kB a dataset")
    options = parser.parse_args()
    print(f"| {' | '.join(HEADER)} |\n{'|---' * len(HEADER)}|")
    found: list[tuple[int, float]] = []
    for datasets in options.datasets:
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            row, seconds = measure(datasets, Path(folder))
        print(row, flush=True)
        found.append((datasets, seconds))
    for (small, less), (large, more) in pairwise(found):
        growth = log(more / less) / log(large / small)
        print(f"\nCPU of a first build grows from {small:,} to {large:,} datasets as n^{growth:.2f}")


if __name__ == "__main__":
    main()
