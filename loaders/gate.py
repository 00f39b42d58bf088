"""The gate: whether what was made of a source may take the place of its last good version."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from loaders.checking import REPORTS
from loaders.convert import Converted
from loaders.parts import GRAPH
from ontology import iri
from ontology.errors import SourceError

_TYPED: Final = re.compile(
    rb"^(\S+) <%s> <(?:%s)> "
    % (
        re.escape(iri("rdf:type").encode()),
        b"|".join(re.escape(iri(name).encode()) for name in ("dcat:Dataset", "dcat:DatasetSeries")),
    )
)


@dataclass(frozen=True, slots=True)
class Gate:
    """What a new version of a source has to pass.

    Args:
        rejects: whether a violation keeps it out.
        max_fall: the share of its datasets that it may lose, from 0 to 1.
        aside: the folder that gets the reports of a version that was kept out for its violations.
    """

    rejects: bool
    max_fall: float
    aside: Path

    def examine(self, source: str, new: Path, numbers: Converted, good: Path | None) -> None:
        """Compare the folder of a new version with that of the last good one, and look at its violations.

        Raises SourceError, which says what to do, when it has to stay out.
        """
        if good is not None:
            self._look_for_fall(source, datasets(good / GRAPH), datasets(new / GRAPH))
        if self.rejects and numbers.violations:
            self._keep_reports(new)
            raise SourceError(
                f"its check found {numbers.violations} violations and its gate is `reject`; "
                f"the report is in rejected/{source}"
            )

    def _look_for_fall(self, source: str, before: int, now: int) -> None:
        if before and (before - now) / before > self.max_fall:
            raise SourceError(
                f"it has {now:,} datasets where its last good version has {before:,}, and max_fall is "
                f"{self.max_fall:g}; if that is right: odis build --accept {source}"
            )

    def _keep_reports(self, new: Path) -> None:
        self.aside.mkdir(parents=True, exist_ok=True)
        for name in REPORTS:
            (new / name).replace(self.aside / name)


def datasets(graph: Path) -> int:
    """How many datasets and series the N-Quads of a source describe."""
    found = set()
    with graph.open("rb") as file:
        for line in file:
            if match := _TYPED.match(line):
                found.add(match[1])
    return len(found)
