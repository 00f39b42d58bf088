"""docs/sparql.md says what the code does."""

import re
from pathlib import Path

import pytest

from server.http.negotiation import FORMATS, Format
from server.http.problems import SORTS

PAGE = (Path(__file__).parents[2] / "docs" / "sparql.md").read_text(encoding="utf-8")


def test_every_sort_of_problem_has_its_line() -> None:
    """Name and status, in the order of the code, and no line too many."""
    lines = re.findall(r"^\| `([a-z-]+)` \| (\d{3}) \|", PAGE, re.MULTILINE)
    assert lines == [(sort.name, str(sort.status)) for sort in SORTS]


@pytest.mark.parametrize("offer", [*FORMATS["select"], *FORMATS["graph"]], ids=lambda offer: offer.name)
def test_every_format_is_named(offer: Format) -> None:
    """Short name and media type."""
    assert f"`{offer.name}`" in PAGE
    assert f"`{offer.media_type}`" in PAGE
