"""Prints a table of what became of each file of a corpus: loaded, repaired, or refused and why.

    python -m benchmarks.corpus [CONFIG]

The default is tests/corpus.toml, every file of ../shared/corpus/dcat; tests/corpus-kinds.toml has the answers
of CKAN, the data.json documents and the feeds.
"""

import json
import sys
import tempfile
from pathlib import Path

from loaders.build import build
from loaders.config import load_config
from loaders.releases.release import Release
from loaders.work import SourceOutcome

CONFIG = Path(__file__).parent.parent / "tests" / "corpus.toml"


class Silent:
    """Shows nothing of the build."""

    def source(self, id: str, step: str) -> None:
        """Nothing."""

    def done(self, id: str, outcome: SourceOutcome) -> None:
        """Nothing."""

    def step(self, name: str, done: int, total: int) -> None:
        """Nothing."""


def main() -> None:
    """Build the corpus in a folder of its own and print the table as Markdown."""
    config = Path(sys.argv[1]) if len(sys.argv) > 1 else CONFIG
    with tempfile.TemporaryDirectory() as folder:
        result = build(load_config(config, data=Path(folder)), Silent())
        rows = [row(outcome, result.release) for outcome in result.sources]
    loaded = [outcome for outcome in result.sources if outcome.good]
    triples = sum(outcome.entry.triples for outcome in loaded)
    repaired = sum(1 for outcome in loaded if outcome.entry.repairs)
    print(f"{len(rows)} files: {len(loaded)} loaded ({triples:,} triples), {repaired} of them with repairs,")
    print(f"{len(rows) - len(loaded)} refused.\n")
    print("| File | Triples | Violations | What was repaired, or why it was refused |\n|---|---|---|---|")
    print("\n".join(rows))


def row(outcome: SourceOutcome, release: Release) -> str:
    """One line of the table."""
    entry = outcome.entry
    if not outcome.good:
        return f"| {entry.title} | refused | | {entry.message} |"
    changes = json.loads((release.reports / f"{entry.id}.changes.json").read_text(encoding="utf-8"))
    said = "; ".join(dict.fromkeys(f"{change['step']} → {change['after'][:60]}" for change in changes))
    return f"| {entry.title} | {entry.triples} | {entry.violations} | {said[:200]} |"


if __name__ == "__main__":
    main()
