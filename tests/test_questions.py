"""docs/questions.md: every command on the page is run, and its answer is the one shown.

`python -m tests.test_questions FOLDER` writes the answers anew; the folder has the sample region in `var`.
"""

import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.conftest import COMMAND, ROOT

PAGE = ROOT / "docs" / "questions.md"
_BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)
_STEP = re.compile(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)


def ran(command: str, folder: Path) -> str:
    """What a command line of the page prints, in a folder; `odis` is the real command."""
    line = re.sub(r"\bodis (?=build|query)", f"{shlex.join(COMMAND)} ", command)
    done = subprocess.run(["bash", "-c", line], cwd=folder, capture_output=True, text=True, timeout=120)
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout


def answered(block: str, sample: Path) -> str:
    """A block with what its commands print: in the sample region, or in the folder of its own files."""
    with tempfile.TemporaryDirectory() as name:
        steps = list(_STEP.findall(block))
        folder = Path(name) if any(command.startswith("cat ") for command, _ in steps) else sample
        return "".join(f"$ {command}\n{_answer(command, shown, folder)}" for command, shown in steps)


def _answer(command: str, shown: str, folder: Path) -> str:
    """The answer to one command; `cat` shows what the file is to hold."""
    if not command.startswith("cat "):
        return ran(command, folder)
    (folder / command.removeprefix("cat ")).write_text(shown, encoding="utf-8")
    return shown


def _blocks() -> Iterator[str]:
    yield from _BLOCK.findall(PAGE.read_text("utf-8"))


def test_every_answer_on_the_page_is_what_comes_out(sample_region: Path) -> None:
    """Five questions, five answers, none of them empty."""
    blocks = list(_blocks())
    assert len(blocks) == 5
    for block in blocks:
        assert answered(block, sample_region) == block
        assert _STEP.findall(block)[-1][1].count("\n") > 1


if __name__ == "__main__":
    text = PAGE.read_text("utf-8")
    for old in _blocks():
        text = text.replace(old, answered(old, Path(sys.argv[1])))
    PAGE.write_text(text, encoding="utf-8")
