"""What the README shows is what one gets."""

import subprocess
from pathlib import Path

from tests.conftest import ROOT, serving
from tests.fences import blocks


def test_the_queries_of_the_readme_give_the_answers_it_shows(sample_region: Path) -> None:
    """Each `curl` of the README is run against the sample region and answers what stands below it."""
    steps = [step for block in blocks(ROOT / "README.md") for step in block.steps]
    asked = [(command, answer) for command, answer in steps if command.startswith("curl ")]
    assert len(asked) == 2
    with serving(sample_region) as address:
        for command, answer in asked:
            line = command.replace("http://127.0.0.1:8000/", address)
            done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True)
            assert done.stdout.replace("\r", "") == answer
