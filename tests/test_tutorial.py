"""The tutorial and the steward's guide: files are written, commands run in order, and print what is shown.

`python -m tests.test_tutorial` prints every command that prints something else, with what it prints.
"""

import os
import re
import shlex
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import pytest

from tests.conftest import COMMAND, ROOT, serving
from tests.fences import Block, blocks, fits

TUTORIAL: Final = ROOT / "docs" / "tutorial.md"
GUIDE: Final = ROOT / "docs" / "sv" / "kontroll-av-metadata.md"
_INSTALLS: Final = ("make ", "export ")
_HERE: Final = "http://127.0.0.1:8000/"


class Reader:
    """Somebody who does what the page says, with a home of their own and `odis` on the path."""

    def __init__(self, home: Path, stack: ExitStack) -> None:
        self.home = self.folder = home
        self.address = ""
        self._stack = stack
        (home / "bin").mkdir()
        command = home / "bin" / "odis"
        command.write_text(f'#!/bin/sh\nexec {shlex.join(COMMAND)} "$@"\n', encoding="utf-8")
        command.chmod(0o755)

    def follow(self, block: Block) -> Iterator[tuple[str, str, str]]:
        """Write the file, or run the commands; gives each command, what is shown, and what was printed."""
        if block.file:
            (self.folder / block.file).write_text(block.text, encoding="utf-8")
        elif "replace the first table" in block.before:
            config = self.folder / "odis.toml"
            rest = config.read_text("utf-8").partition("\n\n")[2]
            config.write_text(f"{block.text}\n{rest}", encoding="utf-8")
        elif block.language == "console":
            for command, shown in block.steps:
                yield command, shown, self._ran(command, shown)
        else:
            assert block.page != TUTORIAL, f"{block.name}: the page does not say what to do with it"

    def _ran(self, command: str, shown: str) -> str:
        if command.startswith(_INSTALLS):
            return shown  # the tests run in what it installs
        if command == "odis serve":
            self.address = self._stack.enter_context(serving(self.folder))
            return f"{_HERE}\n"
        environment = os.environ | {
            "HOME": str(self.home),
            "PATH": f"{self.home / 'bin'}:{os.environ['PATH']}",
        }
        place = self.home / "pwd"
        script = f"{command.replace(_HERE, self.address or _HERE)}\npwd >{shlex.quote(str(place))}"
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert "Traceback" not in done.stderr, done.stderr
        self.folder = Path(place.read_text("utf-8").strip())
        return done.stdout + done.stderr


def followed(page: Path, home: Path) -> Iterator[tuple[str, str, str]]:
    """All commands of a page in order, as one reader runs them."""
    with ExitStack() as stack:
        reader = Reader(home, stack)
        for block in blocks(page):
            yield from reader.follow(block)


@pytest.mark.parametrize(("page", "commands"), [(TUTORIAL, 19), (GUIDE, 9)], ids=["tutorial", "guide"])
def test_who_follows_the_page_gets_what_it_shows(page: Path, commands: int, tmp_path: Path) -> None:
    """From an empty folder to a served graph, from a report to what was mended: each answer is as shown."""
    steps = list(followed(page, tmp_path))
    assert len(steps) == commands
    wrong = [f"$ {command}\n{printed}" for command, shown, printed in steps if not fits(shown, printed)]
    assert not wrong, "\n".join(wrong)


def test_what_is_installed_with_is_a_target_of_make() -> None:
    """The page begins with a target that there is."""
    (target,) = re.findall(r"^\$ make (\S+)$", TUTORIAL.read_text("utf-8"), re.MULTILINE)
    assert f"\n{target}: " in (ROOT / "Makefile").read_text("utf-8")


if __name__ == "__main__":
    for chosen in (TUTORIAL, GUIDE):
        with tempfile.TemporaryDirectory() as name:
            for command, shown, printed in followed(chosen, Path(name)):
                if not fits(shown, printed):
                    print(f"$ {command}\n{printed}")
