"""A progress that shows nothing, and a build for tests."""

from collections.abc import Collection
from pathlib import Path

from loaders.build import BuildResult, build
from loaders.config import load_config
from loaders.work import SourceOutcome


class Quiet:
    """Takes what a build tells, and keeps it."""

    def __init__(self) -> None:
        self.steps: list[tuple[str, str]] = []

    def source(self, id: str, step: str) -> None:
        """Keep the step of a source."""
        self.steps.append((id, step))

    def done(self, id: str, outcome: SourceOutcome) -> None:
        """Keep that a source has ended."""
        self.steps.append((id, outcome.entry.state))

    def step(self, name: str, done: int, total: int) -> None:
        """Keep the step of the release."""
        self.steps.append(("", name))


def built(
    config: Path, data: Path | None = None, only: Collection[str] = (), accept: Collection[str] = ()
) -> BuildResult:
    """Build by a configuration file."""
    return build(load_config(config, data=data), Quiet(), only, accept)
