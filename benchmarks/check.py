"""The check beside pySHACL and, where it is installed, pyshifty: time, memory, growth, and agreement.

    python -m benchmarks.check                      1,000 and 10,000 datasets; pySHACL at 1,000
    python -m benchmarks.check --sizes 1000,100000  other sizes
    python -m benchmarks.check --pyshacl 10000      pySHACL up to another size

Every run is a process of its own, and includes everything a steward waits for: reading the triples, compiling
the shapes, checking, arranging the report and writing it as a web page. One dataset in twenty has a defect.
On a busy machine judge by CPU seconds and by the ratios of one table.
"""

import json
import math
import resource
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from dataclasses import asdict, dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from benchmarks.generate_catalogue import write_catalogue
from shapes.check import check, load_profile
from shapes.present import present
from shapes.report import Report, Result
from shapes.surroundings import read_surroundings
from shapes.writers import WRITERS

OURS = ("shacl", "pyshacl")
_ANY = Result("", None, None, "", "Violation", "")


@dataclass(frozen=True, slots=True)
class Run:
    """One engine on one catalogue."""

    engine: str
    datasets: int
    seconds: float
    cpu: float
    checking: float
    megabytes: int
    results: int


def run_one(engine: str, datasets: int, data: Path) -> Run:
    """Check, arrange and write a report in this process."""
    start = time.perf_counter()
    profile = load_profile("dcat-ap-se")
    if engine in OURS:
        report = check(data, profile, engine=engine)
        checking = time.process_time()
        view = present(report, profile, read_surroundings(data), "sv")
        WRITERS["html"](view)
    else:
        report = _pyshifty(data)
        checking = time.process_time()
    use = resource.getrusage(resource.RUSAGE_SELF)
    seconds, cpu = time.perf_counter() - start, use.ru_utime + use.ru_stime
    return Run(engine, datasets, seconds, cpu, checking, use.ru_maxrss // 1024, len(report.results))


def _pyshifty(data: Path) -> Report:
    """The other engine, bare: its results are counted, and not arranged for anybody."""
    shifty = import_module("shifty")
    shapes = load_profile("dcat-ap-se").graph().ntriples().encode()
    _, report, _ = shifty.validate(
        data.read_bytes(), shapes, graph_mode="data", infer=False, sort_results=False
    )
    found = ", ".join(report.predicates()).count("sourceConstraintComponent")
    return Report((_ANY,) * found)


def measure(sizes: list[int], most_pyshacl: int) -> list[Run]:
    """Every engine on every size, each in a fresh process."""
    runs = []
    engines = [*OURS, *(["pyshifty"] if find_spec("shifty") else [])]
    with tempfile.TemporaryDirectory() as folder:
        for datasets in sizes:
            data = Path(folder) / f"{datasets}.nt"
            triples = write_catalogue(data, datasets)
            print(f"{datasets} datasets, {triples} triples", file=sys.stderr)
            for engine in engines:
                if engine != "pyshacl" or datasets <= most_pyshacl:
                    runs.append(_aside(engine, datasets, data))
    return runs


def _aside(engine: str, datasets: int, data: Path) -> Run:
    command = [sys.executable, "-m", "benchmarks.check", "--one", engine, str(datasets), str(data)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)
    return Run(**json.loads(answer.stdout))


def table(runs: list[Run]) -> str:
    """The figures as a Markdown table, with the growth of each engine from size to size."""
    lines = [
        "| engine | datasets | seconds | CPU | of it checking | MB | results | growth |",
        "|---|---|---|---|---|---|---|---|",
    ]
    before: dict[str, Run] = {}
    for run in runs:
        growth = ""
        if last := before.get(run.engine):
            growth = f"{math.log(run.cpu / last.cpu) / math.log(run.datasets / last.datasets):.2f}"
        before[run.engine] = run
        lines.append(
            f"| {run.engine} | {run.datasets} | {run.seconds:.1f} | {run.cpu:.1f} | {run.checking:.1f} "
            f"| {run.megabytes} | {run.results} | {growth} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Read the command line, run, print the table."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="1000,10000", help="numbers of datasets, with commas")
    parser.add_argument("--pyshacl", type=int, default=1000, help="the largest catalogue for pySHACL")
    parser.add_argument("--one", nargs=3, metavar=("ENGINE", "DATASETS", "FILE"), help="one run, as JSON")
    options = parser.parse_args()
    if options.one:
        engine, datasets, data = options.one
        print(json.dumps(asdict(run_one(engine, int(datasets), Path(data)))))
        return
    runs = measure([int(size) for size in options.sizes.split(",")], options.pyshacl)
    print(table(runs))
    for run in runs:
        if run.engine == "pyshacl":
            ours = next(r for r in runs if (r.engine, r.datasets) == ("shacl", run.datasets))
            agree = "the same results" if ours.results == run.results else "DIFFERENT results"
            print(f"\n{run.datasets} datasets: {run.cpu / ours.cpu:.0f} × pySHACL by CPU, {agree}.")


if __name__ == "__main__":
    main()
