"""How long it takes, and how much memory, to find the same places in two sources.

    python -m benchmarks.places --sizes 1000,10000,100000

Half of the places lie in each source: of a hundred pairs ten share an id and ten only name and place.
"""

import random
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from loaders.releases.same import read_same, write_links
from ontology import iri


def lines(source: int, size: int) -> Iterator[bytes]:
    """The rows of a source, as N-Triples; both sources draw the same places."""
    draw = random.Random(7)
    for number in range(size):
        latitude, longitude = draw.uniform(58.8, 60.2), draw.uniform(17.2, 19.3)
        alike, shared = number % 10 == 1, number % 10 == 2
        name = f"Plats {number}" if alike else f"Plats {number} {source}"
        place = f"<https://odis.example/id/place/s{source}-{number}>"
        pairs = [
            (iri("rdf:type"), f"<{iri('schema:Playground')}>"),
            (iri("rdf:type"), f"<{iri('schema:Place')}>"),
            (iri("schema:name"), f'"{name}"'),
            (iri("schema:latitude"), f'"{latitude + source * 0.0005:.6f}"'),
            (iri("schema:longitude"), f'"{longitude:.6f}"'),
            (iri("schema:description"), '"Det som annars sägs om en plats, på några ord."@sv'),
            *([(iri("schema:sameAs"), f"<http://www.wikidata.org/entity/Q{number}>")] if shared else []),
        ]
        for predicate, value in pairs:
            yield f"{place} <{predicate}> {value} .\n".encode()


def _written(size: int, folder: str) -> list[list[str]]:
    sources = []
    for source in (0, 1):
        path = Path(folder) / f"{source}.nt"
        path.write_bytes(b"".join(sorted(lines(source, size // 2))))
        sources.append([str(source), str(path)])
    return sources


def _peak() -> int:
    """The most memory this process has had, in kB; what getrusage says begins with that of its parent."""
    return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])


def _measured(size: int, sources: list[list[str]], folder: str) -> None:
    before = _peak()
    start = time.process_time()
    argument = {"sources": sources, "base": "https://odis.example/", "folder": folder}
    write_links(argument, lambda name: None)
    seconds = time.process_time() - start
    memory = (_peak() - before) // 1024
    found = read_same(Path(folder))
    print(f"| {size:,} | {seconds:.2f} | {memory} | {found.linked:,} | {found.possible:,} |", flush=True)


def main() -> None:
    """The command line; the table goes to standard output."""
    parser = ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--sizes", default="1000,10000,100000")
    print("| places | CPU s | MB | linked | may be the same |\n|---|---|---|---|---|", flush=True)
    for size in map(int, parser.parse_args().sizes.split(",")):
        with TemporaryDirectory() as folder:  # a process each, so that the memory is that of one size
            process = get_context("spawn").Process(
                target=_measured, args=(size, _written(size, folder), folder)
            )
            process.start()
            process.join()


if __name__ == "__main__":
    main()
