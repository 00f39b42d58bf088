"""How long pages and searches take, and what they weigh, over a catalogue of national size.

    python -m benchmarks.pages                   25,000 datasets
    python -m benchmarks.pages --datasets 2500

A release is built from a generated catalogue whose titles are made of the words that people search for
(tests/loaders/search-queries.tsv), and served by a process of its own. Every page is asked for again and
again over one connection, each time about another thing where the page has one; the sentences of the list
are searched for one after the other. Times are what the client sees; weights are those on the wire.
"""

import re
import socket
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import cycle, islice
from pathlib import Path
from typing import Final
from urllib.parse import quote

import httpx2 as httpx

from benchmarks.generate_catalogue import catalogue
from benchmarks.load import percentile

ROOT: Final = Path(__file__).parent.parent
TITLE: Final = re.compile(r'"Datamängd (\d+)"@sv')
HTML: Final = {"Accept": "text/html", "Accept-Language": "sv", "Accept-Encoding": "gzip"}
PAGES: Final = {
    "home": ("/",),
    "datasets": ("/datasets",),
    "datasets, page": tuple(f"/datasets?page={number}" for number in range(2, 60)),
    "datasets, facets": tuple(f"/datasets?theme={code}&sort=quality" for code in ("ENVI", "TRAN", "EDUC")),
    "publishers": ("/publishers",),
    "specifications": ("/specifications",),
    "quality": ("/quality",),
    "follow-up": ("/follow-up",),
    "high-value datasets": ("/hvd",),
    "queries": ("/queries",),
}


def sentences() -> list[str]:
    """What people search for."""
    path = ROOT / "tests" / "loaders" / "search-queries.tsv"
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.partition("\t")[0] for line in lines if line and not line.startswith("#")]


def write_region(folder: Path, datasets: int) -> None:
    """Write the catalogue and its configuration."""
    words = sentences()
    with (folder / "catalogue.nt").open("w", encoding="utf-8") as file:
        for subject, predicate, value in catalogue(datasets):
            if title := TITLE.fullmatch(value):
                number = int(title[1])
                value = f'"{words[number % len(words)]} {number}"@sv'
            file.write(f"{subject} <{predicate}> {value} .\n")
    (folder / "odis.toml").write_text(
        '[[source]]\nid = "all"\nkind = "dcat"\ntitle = "All"\nlocation = "catalogue.nt"\n', encoding="utf-8"
    )


@contextmanager
def served(folder: Path) -> Iterator[httpx.Client]:
    """A client of a server over the release."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    command = [sys.executable, str(ROOT / "odis.py"), "serve", "--data", "var", "--port", str(port)]
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, headers=HTML) as client:
                _wait(client)
                yield client
        finally:
            process.terminate()


def _wait(client: httpx.Client) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with suppress(httpx.TransportError):
            if client.get("/health/ready").status_code == 200:
                return
        time.sleep(0.1)
    raise SystemExit("the server did not start")


def measure(client: httpx.Client, addresses: tuple[str, ...], rounds: int) -> tuple[str, ...]:
    """A row: the median, the 95th percentile and the worst in ms, and the heaviest in kB on the wire."""
    client.get(addresses[0])  # what is made once for a release is not a page's time
    seconds, heaviest = [], 0
    for address in islice(cycle(addresses), rounds):
        began = time.perf_counter()
        answer = client.get(address)
        seconds.append(time.perf_counter() - began)
        if answer.status_code != 200:
            raise SystemExit(f"{address}: {answer.status_code}")
        heaviest = max(heaviest, answer.num_bytes_downloaded)
    times = (percentile(seconds, share) for share in (0.5, 0.95, 1.0))
    return (*(f"{one:.1f}" for one in times), f"{heaviest / 1000:.0f}")


def things(client: httpx.Client, page: str, kind: str) -> tuple[str, ...]:
    """Addresses of things of a kind that a page links to."""
    found = re.findall(rf'href="(/{kind}/[^"?#]+)"', client.get(page).text)
    return tuple(dict.fromkeys(found))


def main() -> None:
    """The command line."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--datasets", type=int, default=25_000)
    parser.add_argument("--rounds", type=int, default=60, help="how often each page is asked for")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_region(folder, options.datasets)
        subprocess.run(
            [sys.executable, str(ROOT / "odis.py"), "build"], cwd=folder, check=True, capture_output=True
        )
        with served(folder) as client:
            listed = [
                address
                for page in range(1, 4)
                for address in things(client, f"/datasets?page={page}", "datasets")
            ]
            pages = {
                **PAGES,
                "dataset": tuple(listed),
                "publisher": things(client, "/publishers", "publishers"),
                "search": tuple(f"/search?q={quote(words)}" for words in sentences()),
                "search, JSON": tuple(f"/search?q={quote(words)}&format=json" for words in sentences()),
            }
            print(f"{options.datasets:,} datasets\n\n| Page | Median ms | p95 ms | Worst ms | kB |")
            print("|---|---|---|---|---|")
            for title, addresses in pages.items():
                rounds = max(options.rounds, len(addresses))
                print(f"| {' | '.join((title, *measure(client, addresses, rounds)))} |", flush=True)


if __name__ == "__main__":
    main()
