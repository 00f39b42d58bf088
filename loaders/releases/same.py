"""The same place in two sources of a release: linked in the graph when ids agree, reported when likely."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pyoxigraph import NamedNode, Triple

from loaders.convert import write_quads
from loaders.isolate import Limits, Step, run
from loaders.lines import blocks, write_sorted
from loaders.parts import GRAPH, MERGED
from loaders.tables.same_places import Match, read_places, same_places
from ontology import iri
from ontology.errors import ReleaseError, SourceError

SAME: Final = "places.same.json"
"""The report of a release: how many places were linked, and which may be the same."""

_MAY_BE: Final = NamedNode(iri("odis:mayBeSameAs"))
_MOST: Final = 2000  # sentences in the report; the graph has all pairs


@dataclass(frozen=True, slots=True)
class SamePlaces:
    """How many pairs of places a release has linked, and how many may be the same."""

    linked: int = 0
    possible: int = 0

    def summary(self) -> str:
        """One line for the end of a build; empty when no place is in two sources."""
        if not self.linked + self.possible:
            return ""
        ask = "; see: odis query --saved places-that-may-be-the-same" if self.possible else ""
        return f"{self.linked:,} pairs of places linked by their ids, {self.possible:,} may be the same{ask}"


def link_places(sources: Sequence[tuple[str, Path]], base: str, folder: Path, limits: Limits) -> None:
    """Compare the places of sources, given with their sorted N-Triples, in a process of its own.

    Into `folder` go the links as triples and as quads of `<base>graph/links`, and the report.
    """
    argument = {
        "sources": [[source, str(path)] for source, path in sources],
        "base": base,
        "folder": str(folder),
    }
    try:
        run(f"{__name__}:{write_links.__name__}", argument, limits)
    except SourceError as error:
        raise ReleaseError(f"the places of the new release cannot be compared: {error}") from error


def write_links(argument: Mapping[str, Any], step: Step) -> None:
    """The work of `link_places` itself."""
    step("compare")
    folder, graph = Path(argument["folder"]), f"{argument['base']}graph/links"
    matches = list(same_places(place for source in argument["sources"] for place in _places(*source)))
    linked = [triple for match in matches if (triple := match.triple)]
    possible = [match for match in matches if match.triple is None]
    write_sorted([[_line(triple) for triple in linked]], folder / MERGED)
    likely = [Triple(NamedNode(m.one.iri), _MAY_BE, NamedNode(m.other.iri)) for m in possible]
    write_sorted([[_line(triple) for triple in (*linked, *likely)]], folder / "all.nt")
    write_quads(blocks(folder / "all.nt"), graph, folder / GRAPH)
    (folder / "all.nt").unlink()
    report = {
        "linked": len(linked),
        "possible": len(possible),
        "pairs": [_told(match) for match in possible[:_MOST]],
    }
    (folder / SAME).write_text(json.dumps(report, ensure_ascii=False, indent=1), encoding="utf-8")


def _places(source: str, path: str) -> Iterator[Any]:
    with Path(path).open("rb") as lines:
        yield from read_places(source, lines)


def _line(triple: Triple) -> bytes:
    return b"%s .\n" % str(triple).encode()


def _told(match: Match) -> dict[str, Any]:
    return {
        "places": [match.one.iri, match.other.iri],
        "sources": [match.one.source, match.other.source],
        "metres": round(match.metres or 0),
        "message": {language: match.sentence(language) for language in ("sv", "en")},
    }


def read_same(reports: Path) -> SamePlaces:
    """The counts of a release; nothing where an older ODIS built it."""
    try:
        report = json.loads((reports / SAME).read_bytes())
    except OSError:
        return SamePlaces()
    return SamePlaces(report["linked"], report["possible"])
