"""Makes a region of any size: many catalogues of uneven length, and the configuration to build them.

    python -m benchmarks.generate 1000000 FOLDER

The same number always gives the same files. A dataset has 60 triples: two distributions, contact, publisher,
keywords in two languages (see generate_catalogue.py); one in twenty has a defect.
"""

import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.generate_catalogue import catalogue

TRIPLES = 60
"""Triples of a dataset."""

LARGEST = 2000
"""Datasets of the largest catalogue; real ones reach from a handful to some thousands."""


@dataclass(frozen=True, slots=True)
class Region:
    """What was made: the configuration, the files it names, and the number of triples in them."""

    config: Path
    files: tuple[Path, ...]
    triples: int


def write_region(folder: Path, triples: int, *, defects: bool = True) -> Region:
    """Write catalogues with about so many triples in all, as N-Triples, and a configuration."""
    folder.mkdir(parents=True, exist_ok=True)
    files, total, sources = [], 0, ['[odis]\ndata = "var"\n']
    for number, datasets in enumerate(sizes(triples // TRIPLES)):
        name = f"kommun{number:03}"
        files.append(folder / f"{name}.nt")
        total += _write(files[-1], name, datasets, defects)
        sources.append(
            f'[[source]]\nid = "{name}"\nkind = "dcat"\ntitle = "{name}"\nlocation = "{name}.nt"\n'
        )
    config = folder / "odis.toml"
    config.write_text("\n".join(sources), encoding="utf-8")
    return Region(config, tuple(files), total)


def sizes(datasets: int) -> Iterator[int]:
    """So many datasets dealt out to catalogues: large, middling and small ones in turn."""
    turn = 0
    while datasets > 0:
        size = min(datasets, max(1, LARGEST // (1, 4, 20)[turn % 3]))
        yield size
        datasets -= size
        turn += 1


def _write(path: Path, name: str, datasets: int, defects: bool) -> int:
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for subject, predicate, value in catalogue(datasets, defects=defects):
            line = f"{subject} <{predicate}> {value} .\n"
            file.write(line.replace("//katalog.example/", f"//{name}.example/"))
            count += 1
    return count


def main() -> None:
    """The command line."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("triples", type=int)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--no-defects", action="store_true")
    options = parser.parse_args()
    region = write_region(options.folder, options.triples, defects=not options.no_defects)
    print(f"{region.triples:,} triples in {len(region.files)} catalogues; {region.config}", file=sys.stderr)


if __name__ == "__main__":
    main()
