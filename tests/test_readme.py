"""What the README shows is what one gets."""

import re
import subprocess
from pathlib import Path

from tests.conftest import ROOT, serving

SHOWN = re.compile(r"```console\n\$ (curl .*?)\n```", re.S)


def test_the_queries_of_the_readme_give_the_answers_it_shows(sample_region: Path) -> None:
    """Each `curl` of the README is run against the sample region and answers what stands below it."""
    blocks = SHOWN.findall((ROOT / "README.md").read_text("utf-8"))
    assert len(blocks) == 2
    with serving(sample_region) as address:
        for block in blocks:
            command, answer = _parts(block.replace("http://127.0.0.1:8000/", address))
            done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
            assert done.stdout.replace("\r", "").strip() == answer


def _parts(block: str) -> tuple[str, str]:
    """The command, whose quotes may span lines, and the answer shown below it."""
    lines = block.split("\n")
    for end in range(1, len(lines)):
        command = "\n".join(lines[:end])
        if command.count("'") % 2 == 0:
            return command, "\n".join(lines[end:])
    raise AssertionError(f"no answer is shown: {block}")
