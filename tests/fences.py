"""The fenced blocks of a Markdown page, and the commands and answers of those that show a terminal."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.conftest import ROOT

PAGES: Final = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
_FENCE: Final = re.compile(r"^```(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE: Final = re.compile(r"^(?:Save this|Spara detta) (?:as|som) `([^`]+)`:$")


@dataclass(frozen=True, slots=True)
class Block:
    """What stands between two fences: its language, its text, and the sentence before it."""

    page: Path
    number: int
    language: str
    text: str
    before: str

    @property
    def name(self) -> str:
        """Page and number, as tests are called."""
        return f"{self.page.relative_to(ROOT)}:{self.number}"

    @property
    def file(self) -> str:
        """The file that the reader is told to save it as, if any."""
        found = _FILE.match(self.before)
        return found[1] if found else ""

    @property
    def steps(self) -> list[tuple[str, str]]:
        """Commands behind a `$`, each with the answer shown below it; quotes may span lines."""
        found: list[list[str]] = []
        for line in self.text.splitlines(keepends=True):
            if found and found[-1][0].count("'") % 2:
                found[-1][0] += line
            elif line.startswith("$ "):
                found.append([line.removeprefix("$ "), ""])
            elif found:
                found[-1][1] += line
        return [(command.rstrip("\n"), answer) for command, answer in found]

    @property
    def commands(self) -> list[str]:
        """The commands alone; without any `$` every line is one."""
        lines = [line for line in self.text.splitlines() if line and not line.startswith("#")]
        return [command for command, _ in self.steps] or lines


def blocks(page: Path) -> list[Block]:
    """All blocks of a page, in order; `number` is that of the line of the fence."""
    text = page.read_text(encoding="utf-8")
    found = []
    for match in _FENCE.finditer(text):
        above = text[: match.start()]
        before = above.strip().rpartition("\n")[2]
        found.append(Block(page, above.count("\n") + 1, match[1], match[2], before))
    return found


def fits(shown: str, printed: str) -> bool:
    """Whether a command printed what is shown; `…` stands for anything, alone on a line for any lines."""
    lines = [line.rstrip() for line in shown.splitlines()]
    pattern = "".join(r"(?:.*\n)*" if line == "…" else _line(line) for line in lines)
    return re.fullmatch(pattern, "".join(f"{line.rstrip()}\n" for line in printed.splitlines())) is not None


def _line(shown: str) -> str:
    return ".*".join(map(re.escape, shown.split("…"))) + r"\n"
