"""What becomes of every table in a folder: rows read, kept, repaired, refused, and why.

    python -m benchmarks.tables ../shared/corpus/municipal ../shared/corpus/csv
    python -m benchmarks.tables FILE --specification ontology/specifications/bathing-places

Without ``--specification`` a file is read by the one that fits it best: that which misses and does not know
the fewest columns, then keeps most rows.
Specifications are those of ODIS and those of ``--more`` (the small ones of the tests).
"""

from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from loaders.tables.findings import RULES, TabularReport
from loaders.tables.tabular import convert
from ontology import FOLDER
from ontology.errors import SourceError

_MORE = Path(__file__).parent.parent / "tests" / "loaders" / "tables"


def specifications(more: Path) -> list[Path]:
    """The specifications of ODIS and the documents in another folder."""
    own = [path.parent for path in sorted(FOLDER.glob("specifications/*/metadata.json"))]
    return own + sorted(more.glob("*.json"))


def report(path: Path, specification: Path) -> TabularReport | None:
    """The report of one file by one specification; None when they have no column in common."""
    result = convert(path, specification, source="table", base="https://odis.example/")
    try:
        for _ in result.quads:
            pass
    except SourceError:
        return None
    return result.report


def best(path: Path, candidates: Iterable[Path]) -> TabularReport | None:
    """The report of the specification that fits a file best."""
    found = [made for candidate in candidates if (made := report(path, candidate))]
    return max(found, key=_fit, default=None)


def _fit(made: TabularReport) -> tuple[int, int]:
    return -made.count("missing-column") - made.count("unknown-column"), made.kept


def lines(paths: Iterable[Path], candidates: list[Path]) -> Iterator[str]:
    """The table in Markdown."""
    yield "| file | specification | read | kept | repaired | refused | what was found (rule: times) |"
    yield "|---|---|---|---|---|---|---|"
    for path in paths:
        made = best(path, candidates)
        if made is None:
            yield f"| {path.name} | none fits | | | | | |"
            continue
        counts = f"{made.rows} | {made.kept} | {made.repaired} | {made.refused}"
        yield f"| {path.name} | {made.specification} | {counts} | {_found(made)} |"


def _found(made: TabularReport) -> str:
    """Rules by gravity, then by how often."""
    times: Counter[str] = Counter()
    for (rule, _), count in made.counts.items():
        times[rule] += count
    order = {"Violation": 0, "Warning": 1, "Info": 2}
    ordered = sorted(times.items(), key=lambda item: (order[RULES[item[0]].severity], -item[1]))
    return ", ".join(f"{rule}: {count}" for rule, count in ordered)


def main() -> None:
    """The command line; the table goes to standard output."""
    parser = ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--specification", type=Path)
    parser.add_argument("--more", type=Path, default=_MORE)
    given = parser.parse_args()
    files = [f for p in given.paths for f in (sorted(p.iterdir()) if p.is_dir() else [p])]
    chosen = [given.specification] if given.specification else specifications(given.more)
    for line in lines(files, chosen):
        print(line, flush=True)


if __name__ == "__main__":
    main()
