"""An hour of mixed load while a new release is built every minute: does anything fail, does anything grow?

    python -m benchmarks.soak                    an hour
    python -m benchmarks.soak --minutes 5

The sample region and a generated catalogue are served by `odis serve` with its usual settings. Users, each
with an address of its own, look at pages, search, call saved queries, write SPARQL, fetch catalogues, feeds
and whole dumps of the graph. Each minute a dataset comes or goes, and `odis build` makes the next release on
the same cores.
A request has failed when it ended in anything but 200, or before its end.
"""

import random
import shutil
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from threading import Thread
from typing import Final
from urllib.parse import quote, urlencode

import httpx2 as httpx

from benchmarks.generate_catalogue import write_catalogue
from benchmarks.hostile import ROOT, family, memory
from benchmarks.load import percentile
from loaders.config import SAMPLE
from queries.saved import load

DATASETS: Final = 1000
USERS: Final = 8
THINK: Final = 0.05
"""Seconds a user waits before the next request."""
PERIODS: Final = 6
"""Rows of the table."""
HEADER: Final = (
    "Minutes", "Requests", "Failed", "Releases", "p50, p95, p99 ms", "Longest ms", "Memory MB", "Descriptors",
    "Processes",
)  # fmt: skip
WORDS: Final = (
    "badplats",
    "laddstation tillgänglig",
    "miljö och luft",
    "kultur",
    "skolor i Nacka",
    "data 17",
)
PAGES: Final = ("/", "/datasets", "/datasets?q=bad", "/publishers", "/specifications", "/quality", "/queries")
CATALOGUES: Final = (
    "/datasets/dcat", "/catalog.ttl", "/oai?verb=ListRecords&metadataPrefix=oai_dc", "/feed",
    "/api/3/action/package_search?q=bad",
)  # fmt: skip
QUERIES: Final = list(load().values())
LOOKUP: Final = "SELECT ?p ?o {{ <https://katalog.example/dataset/{0}> ?p ?o }}"
GROUP: Final = (
    "SELECT ?t (COUNT(DISTINCT ?d) AS ?n) {{ ?d <http://www.w3.org/ns/dcat#theme> ?t "
    "FILTER(STR(?d) > '{0}') }} GROUP BY ?t"
)


@dataclass(slots=True)
class Period:
    """What was seen in one part of the time."""

    seconds: list[float] = field(default_factory=list)
    failed: Counter[str] = field(default_factory=Counter)
    releases: set[str] = field(default_factory=set)
    memory: list[int] = field(default_factory=list)
    descriptors: list[int] = field(default_factory=list)
    processes: list[int] = field(default_factory=list)


class Soak:
    """A server under load: `minutes` long, its periods counted from when it began."""

    def __init__(self, address: str, pid: int, minutes: float) -> None:
        self.address = address
        self.pid = pid
        self.periods: dict[int, Period] = defaultdict(Period)
        self.kinds: dict[str, list[float]] = defaultdict(list)
        self.began = time.monotonic()
        self.until = self.began + minutes * 60
        self._each = minutes * 60 / PERIODS

    @property
    def now(self) -> Period:
        """The present period."""
        return self.periods[min(PERIODS - 1, int((time.monotonic() - self.began) / self._each))]

    def use(self, number: int) -> None:
        """One user, until the time is over."""
        chance = random.Random(number)
        transport = httpx.HTTPTransport(local_address=f"127.0.3.{number + 1}")
        with httpx.Client(base_url=self.address, transport=transport, timeout=60) as client:
            while time.monotonic() < self.until:
                kind, path = request(chance, dumps=number == 0)
                self._ask(client, kind, path)
                time.sleep(THINK)

    def _ask(self, client: httpx.Client, kind: str, path: str) -> None:
        began, period = time.monotonic(), self.now
        try:
            answer = client.get(path)
        except httpx.HTTPError as error:
            period.failed[f"{kind}: {type(error).__name__}"] += 1
            return
        seconds = time.monotonic() - began
        period.seconds.append(seconds)
        self.kinds[kind].append(seconds)
        if answer.status_code != 200:
            period.failed[f"{kind}: {answer.status_code} {path[:60]}"] += 1
        if release := answer.headers.get("ODIS-Release"):
            period.releases.add(release)

    def watch(self) -> None:
        """Look at memory, descriptors and processes every five seconds."""
        while time.monotonic() < self.until:
            period = self.now
            period.memory.append(memory(self.pid))
            period.descriptors.append(len(list(Path(f"/proc/{self.pid}/fd").iterdir())))
            period.processes.append(len(family(self.pid)))
            time.sleep(5)

    def build(self, change: Callable[[int], None], command: list[str], folder: Path, every: float) -> None:
        """Make a release every so many seconds."""
        number = 0
        while (left := self.until - time.monotonic()) > every / 2:
            time.sleep(min(every, left))
            number += 1
            change(number)
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                self.now.failed[f"build: {done.stderr.strip()[-200:]}"] += 1


def request(chance: random.Random, *, dumps: bool) -> tuple[str, str]:
    """What a user asks for next: its kind and its path."""
    kinds = {"page": 20, "search": 15, "saved query": 20, "look-up": 30, "group": 10, "catalogue": 5}
    if dumps:
        kinds["dump"] = 2
    kind = chance.choices(list(kinds), list(kinds.values()))[0]
    any_number = chance.randrange(10**6)
    if kind == "page":
        return kind, chance.choice(PAGES)
    if kind == "catalogue":
        return kind, chance.choice(CATALOGUES)
    if kind == "search":
        return kind, f"/search?q={quote(chance.choice(WORDS))}"
    if kind == "saved query":
        query = chance.choice(QUERIES)
        return kind, f"/queries/{query.name}?{urlencode(query.example, doseq=True)}"
    text = {
        "look-up": LOOKUP.format(any_number % DATASETS),
        "group": GROUP.format(any_number),
        "dump": "CONSTRUCT WHERE { ?s ?p ?o }",
    }[kind]
    return kind, f"/sparql?query={quote(text)}"


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, int]]:
    """A server as the command line starts it; its address and its process."""
    command = [sys.executable, str(ROOT / "odis.py"), "serve", "--port", "0"]
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        assert process.stdout
        try:
            yield "http://" + process.stdout.readline().split("http://")[1].strip("/\n"), process.pid
        finally:
            process.terminate()


def prepare(folder: Path) -> Path:
    """Write the sample region and a generated catalogue into a folder; gives the path of the latter."""
    shutil.copytree(SAMPLE.parent, folder, dirs_exist_ok=True)
    text = SAMPLE.read_text("utf-8").replace('data = "../../var"', 'data = "var"')
    more = '\n[[source]]\nid = "generated"\nkind = "dcat"\ntitle = "Generated"\nlocation = "generated.nt"\n'
    (folder / "odis.toml").write_text(text + more, encoding="utf-8")
    write_catalogue(folder / "generated.nt", DATASETS)
    return folder / "generated.nt"


def lines(soak: Soak) -> Iterator[str]:
    """The tables in Markdown."""
    yield f"| {' | '.join(HEADER)} |"
    yield "|---" * len(HEADER) + "|"
    each = (soak.until - soak.began) / 60 / PERIODS
    for number, period in sorted(soak.periods.items()):
        shares = ", ".join(f"{percentile(period.seconds, share):.0f}" for share in (0.5, 0.95, 0.99))
        yield (
            f"| {number * each:.0f} to {(number + 1) * each:.0f} | {len(period.seconds):,} "
            f"| {sum(period.failed.values())} | {len(period.releases)} | {shares} "
            f"| {max(period.seconds) * 1000:,.0f} "
            f"| {median(period.memory):.0f}, at most {max(period.memory)} "
            f"| {median(period.descriptors):.0f}, at most {max(period.descriptors)} "
            f"| {median(period.processes):.0f} |"
        )
    yield ""
    yield "| Requests | How many | p50, p95, p99 ms |"
    yield "|---|---|---|"
    for kind, seconds in sorted(soak.kinds.items()):
        shares = ", ".join(f"{percentile(seconds, share):.0f}" for share in (0.5, 0.95, 0.99))
        yield f"| {kind} | {len(seconds):,} | {shares} |"
    yield from (f"failed: {what}: {count}" for p in soak.periods.values() for what, count in p.failed.items())


def main() -> None:
    """The command line; exit code 1 when a request or a build failed."""
    parser = ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--every", type=float, default=60.0, help="seconds between releases")
    given = parser.parse_args()
    build = [sys.executable, str(ROOT / "odis.py"), "build"]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        changing = prepare(folder)
        subprocess.run(build, cwd=folder, check=True, capture_output=True)

        def change(number: int) -> None:
            write_catalogue(changing, DATASETS + number % 7)

        with served(folder) as (address, pid):
            soak = Soak(address, pid, given.minutes)
            work = [Thread(target=soak.use, args=(number,)) for number in range(USERS)]
            work += [
                Thread(target=soak.watch),
                Thread(target=soak.build, args=(change, build, folder, given.every)),
            ]
            for thread in work:
                thread.start()
            for thread in work:
                thread.join()
            for line in lines(soak):
                print(line, flush=True)
            said = [line for line in (folder / "log").read_text("utf-8").splitlines() if line[:1] != "{"]
            print(
                "log:",
                *Counter(line.split(" instead")[0][:60] for line in said if "serving" not in line).items(),
            )
    sys.exit(any(period.failed for period in soak.periods.values()))


if __name__ == "__main__":
    main()
