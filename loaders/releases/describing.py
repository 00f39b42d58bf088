"""What a release says of itself: the graph as a dataset of its own, and its statistics."""

import json
import re
from collections.abc import Iterable
from pathlib import Path

from loaders.lines import write_sorted
from loaders.releases.void import void_quads
from loaders.views.self_description import Aggregated, self_description
from ontology import FOLDER

SPECIFICATIONS = FOLDER / "specifications"


def write_self_description(base: str, graphs: Iterable[str], target: Path) -> int:
    """Write the description as sorted N-Triples; `graphs` are the named graphs of the sources."""
    quads = self_description(base, aggregated(base, graphs))
    return write_sorted([[b"%s .\n" % str(quad.triple).encode() for quad in quads]], target)


def write_void(graph: Path, base: str, target: Path) -> int:
    """Write the statistics of `graph` as sorted N-Quads."""
    return write_sorted([[b"%s .\n" % str(quad).encode() for quad in void_quads(graph, base)]], target)


def aggregated(base: str, graphs: Iterable[str]) -> list[Aggregated]:
    """The specifications of which there are rows, in alphabetical order; only ours have a title to show."""
    pattern = re.compile(re.escape(f"{base}graph/data/") + r"([^/]+)/")
    names = {found[1] for graph in graphs if (found := pattern.match(graph))}
    return [Aggregated(name, _title(name)) for name in sorted(names) if (SPECIFICATIONS / name).is_dir()]


def _title(name: str) -> dict[str, str]:
    metadata = json.loads((SPECIFICATIONS / name / "metadata.json").read_bytes())
    return {title["@language"]: title["@value"] for title in metadata["dcterms:title"]}
