"""Being harvested, measured: time and memory to write the views, and to serve the whole catalogue from them.

Run: ``python -m benchmarks.federation [DATASETS ...]`` (2500 and 25000 without).
Every size is worked on in fresh processes, so that peak memory is its own.
"""

import argparse
import json
import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2 as httpx

from benchmarks.graphs import write_graph

REQUESTS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("whole, gzip", "datasets/dcat", {"Accept-Encoding": "gzip"}),
    ("whole, plain", "datasets/dcat", {"Accept-Encoding": "identity"}),
    ("a page", "catalog.ttl?page=2", {"Accept-Encoding": "gzip"}),
    ("OAI, 100 records", "oai?verb=ListRecords&metadataPrefix=dcat_ap", {}),
    ("CKAN, 100 found", "api/3/action/package_search?q=cykel&rows=100", {}),
)
POLLS = 200


def main() -> None:
    """Measure each size and print two tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("datasets", nargs="*", type=int, default=[2500, 25_000])
    parser.add_argument("--json", action="store_true", help="one line of JSON for each size instead")
    arguments = parser.parse_args()
    before: dict[str, Any] = {}
    for datasets in arguments.datasets:
        with tempfile.TemporaryDirectory() as folder:
            found = _measure(Path(folder), datasets)
        found["growth"] = _growth(before, found) if before else {}
        print(json.dumps(found) if arguments.json else _table(found), flush=True)
        before = found


def _growth(before: dict[str, Any], found: dict[str, Any]) -> dict[str, float]:
    """Exponents of growth from one size to the next: 1 is linear in the number of datasets."""
    step = math.log(found["datasets"] / before["datasets"])
    figures = (
        ("CPU to write", "write", "cpu"),
        ("CPU to write again", "again", "cpu"),
        ("memory to write", "write", "peak"),
    )
    return {title: math.log(found[part][key] / before[part][key]) / step for title, part, key in figures}


def _measure(folder: Path, datasets: int) -> dict[str, Any]:
    first, second = folder / "0", folder / "1"
    for number, path in enumerate((first, second)):
        path.mkdir()
        write_graph(path / "graph.nq", datasets, changed=number)
    return {
        "datasets": datasets,
        "graph": (first / "graph.nq").stat().st_size,
        "write": _child("write", first, ""),
        "again": _child("write", second, str(first)),
        "views": sum(path.stat().st_size for path in (first / "views").rglob("*") if path.is_file()),
        "serve": _serve(second),
    }


def _child(*arguments: object) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.federation_child", *map(str, arguments)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@contextmanager
def _server(release: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The views behind a server of their own, and its process."""
    command = [sys.executable, "-m", "benchmarks.federation_child", "serve", str(release), ""]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield process.stdout.readline().strip(), process
        finally:
            process.terminate()


def _serve(release: Path) -> dict[str, Any]:
    with _server(release) as (address, process), httpx.Client(base_url=address, timeout=600) as client:
        before = _memory(process.pid)
        rows = {name: _request(client, path, headers) for name, path, headers in REQUESTS}
        etag = client.head("datasets/dcat").headers["etag"]
        start = time.perf_counter()
        for _ in range(POLLS):
            assert client.get("datasets/dcat", headers={"If-None-Match": etag}).status_code == 304
        poll = (time.perf_counter() - start) / POLLS
        return {"requests": rows, "poll": poll, "memory": before, "growth": _memory(process.pid) - before}


def _request(client: httpx.Client, path: str, headers: dict[str, str]) -> dict[str, float]:
    """Seconds to the first byte and to the last, and bytes as they came over the wire."""
    start, first, size = time.perf_counter(), 0.0, 0
    with client.stream("GET", path, headers=headers) as response:
        response.raise_for_status()
        for block in response.iter_raw():
            first = first or time.perf_counter() - start
            size += len(block)
    return {"first": first, "total": time.perf_counter() - start, "bytes": size}


def _memory(process: int) -> int:
    """Private memory of a process, in bytes: the mapped graph belongs to the page cache."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    fields = {line.split()[0]: int(line.split()[1]) for line in lines[1:]}
    return 1024 * (fields["Private_Dirty:"] + fields.get("Swap:", 0))


def _table(found: dict[str, Any]) -> str:
    serve = found["serve"]
    sizes = (found["graph"] / 1e6, found["views"] / 1e6)
    lines = [f"{found['datasets']:,} datasets, graph.nq {sizes[0]:,.0f} MB, views {sizes[1]:,.1f} MB"]
    for name, row in (("first release", found["write"]), ("one dataset changed", found["again"])):
        took = f"{row['seconds']:8.1f} s {row['cpu']:8.1f} s CPU {row['peak'] / 1e6:7.0f} MB peak"
        lines.append(f"  write, {name:20}{took}")
    for name, row in serve["requests"].items():
        took = f"{row['first'] * 1e3:8.1f} ms first {row['total'] * 1e3:9.1f} ms total"
        lines.append(f"  {name:24}{took} {row['bytes'] / 1e6:9.2f} MB")
    lines.append(f"  {'304 poll':24}{serve['poll'] * 1e3:8.2f} ms")
    memory = f"{serve['memory'] / 1e6:8.0f} MB, after all this {serve['growth'] / 1e6:+.0f} MB"
    lines.append(f"  {'server memory':24}{memory}")
    lines += [f"  growth, {title:22}{exponent:6.2f}" for title, exponent in found["growth"].items()]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
