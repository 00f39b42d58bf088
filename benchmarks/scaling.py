"""How long a build takes on many machines, from what was measured on one: a simulation, seed by seed.

    python -m benchmarks.scaling
    python -m benchmarks.scaling --datasets 500000 --catalogues 80 --machines 4

Catalogues are drawn with sizes as real portals have them (a few large, many small) and servers of differing
speed, some slow and some dead. Each machine takes the largest catalogue that is left as soon as it has a
thread free, fetches it (one request at a time for a host, as a build does), and works on it when a core is
free. When all are done one machine makes the release. `COSTS` are what benchmarks/build.py measured.
"""

import heapq
import random
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from typing import Final

from loaders.build import AT_ONCE

HEADER: Final = (
    "Portal", "Datasets", "Machines", "Sources: median, 95 of 100", "Release", "In all", "Memory GB",
    "Disk GB", "Euros",
)  # fmt: skip
SEEDS: Final = 50
CORES: Final = 8
"""Of each machine."""
KILOBYTES: Final = 6.0
"""Of a dataset with its distributions, as it is fetched."""
PRICE: Final = 0.05
"""Euros for a core and an hour: a middling list price of 2026 for rented machines; put in your own."""
DEAD: Final = 0.01
"""The share of servers that do not answer."""
SLOW: Final = 0.05
"""The share of servers that are ten times as slow as others."""
GIVEN_UP: Final = 120.0
"""Seconds until a dead server is given up; its last good version is used."""


@dataclass(frozen=True, slots=True)
class Costs:
    """CPU seconds of one core for each dataset, and bytes of memory and disk."""

    source: float = 0.0032
    """Read, convert, repair, check and measure: as many cores as there are."""
    merge: float = 0.0004
    load: float = 0.0020
    views: float = 0.0026
    search: float = 0.0004
    rest: float = 0.0008
    memory: float = 5_000.0
    disk: float = 200_000.0
    """Two releases, and the last good versions of the sources."""

    @property
    def release(self) -> float:
        """Wall seconds of making the release, whose views are written beside the loading of the store."""
        return self.merge + max(self.load + self.search, self.views) + self.rest


COSTS: Final = Costs()


@dataclass(frozen=True, slots=True)
class Portal:
    """What is to be built: datasets in so many catalogues, the largest of which has this share."""

    name: str
    datasets: int
    catalogues: int
    largest: float


PORTALS: Final = (
    Portal("the county", 2_500, 30, 0.3),
    Portal("Sweden", 25_000, 100, 0.33),
    Portal("the EU portal", 2_000_000, 200, 0.3),
)


def sizes(portal: Portal) -> list[int]:
    """Datasets of each catalogue, by Zipf's law below the largest one."""
    weights = [1 / rank for rank in range(1, portal.catalogues)]
    rest = portal.datasets * (1 - portal.largest) / sum(weights)
    return [round(portal.datasets * portal.largest), *(max(1, round(rest * weight)) for weight in weights)]


def spread(portal: Portal, machines: int, chance: random.Random) -> float:
    """Seconds until the last of all sources is done, on so many machines."""
    threads = [0.0] * (machines * AT_ONCE)
    cores = [0.0] * (machines * CORES)
    fetched = []
    for datasets in sorted(sizes(portal), reverse=True):
        began = heapq.heappop(threads)
        fetched.append((began + _fetching(datasets, chance), datasets))
        heapq.heappush(threads, fetched[-1][0])
    for moment, datasets in sorted(fetched):
        free = heapq.heappop(cores)
        heapq.heappush(cores, max(free, moment) + datasets * COSTS.source)
    return max(cores)


def _fetching(datasets: int, chance: random.Random) -> float:
    if chance.random() < DEAD:
        return GIVEN_UP
    rate = chance.lognormvariate(7.0, 0.8) * (0.1 if chance.random() < SLOW else 1.0)  # median 1.1 MB/s
    return 1.0 + datasets * KILOBYTES / rate


def rows(portal: Portal, machines: list[int]) -> Iterator[str]:
    """A line for each number of machines."""
    release = COSTS.release * portal.datasets
    for number in machines:
        times = sorted(spread(portal, number, random.Random(seed)) for seed in range(SEEDS))
        worst = times[int(len(times) * 0.95)]
        whole = median(times) + release
        price = (number * median(times) + release) * CORES * PRICE / 3600
        yield (
            f"| {portal.name} | {portal.datasets:,} | {number} | {_time(median(times))}, {_time(worst)} "
            f"| {_time(release)} | {_time(whole)} | {0.6 + COSTS.memory * portal.datasets / 1e9:,.1f} "
            f"| {COSTS.disk * portal.datasets / 1e9:,.1f} | {price:,.2f} |"
        )


def _time(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def main() -> None:
    """The command line; the table goes to standard output."""
    parser = ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--datasets", type=int)
    parser.add_argument("--catalogues", type=int, default=100)
    parser.add_argument("--largest", type=float, default=0.3)
    parser.add_argument("--machines", type=int, nargs="+", default=[1, 4, 16])
    given = parser.parse_args()
    own = Portal("yours", given.datasets or 0, given.catalogues, given.largest)
    print(f"| {' | '.join(HEADER)} |")
    print("|---" * len(HEADER) + "|")
    for portal in [own] if given.datasets else PORTALS:
        for line in rows(portal, given.machines):
            print(line)


if __name__ == "__main__":
    main()
