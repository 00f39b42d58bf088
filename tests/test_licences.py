"""docs/licences.md lists what is installed to run ODIS; `python -m tests.test_licences` writes it."""

import re
import sys
from collections import defaultdict
from importlib.metadata import distribution
from typing import Final

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conftest import ROOT

PAGE: Final = ROOT / "docs" / "licences.md"
_HEAD: Final = """# Licences

ODIS itself is under the [MIT licence](../LICENSE).
This is what is installed to run it, on Linux with Python 3.11, in the versions of `constraints.txt`, with the licence that each package states of itself.
Made by `python -m tests.test_licences`; a test says when it is stale.
Why each direct dependency is here stands in [dependencies.md](dependencies.md); what the SPARQL editor is built from in [editor.md](editor.md#building-it).

`make sbom` writes the same as a software bill of materials: `odis.cdx.json` in CycloneDX, of a new environment that has these packages and no others, made by [cyclonedx-py](https://cyclonedx-bom-tool.readthedocs.io/).

| Package | Version | Licence | Needed by |
|---|---|---|---|
"""  # noqa: E501  one sentence a line, as in all of docs
_KNOWN: Final = re.compile(r"MIT|BSD|Apache|ISC|MPL|Mozilla|PSF|W3C")
_LONGEST: Final = 40
"""A longer statement is the text of a licence instead of its name."""


def installed() -> dict[str, list[str]]:
    """The packages that are needed to run ODIS here, each with those that need it."""
    needed: dict[str, list[str]] = defaultdict(list)
    waiting = [("odis", frozenset({""}))]
    seen = set(waiting)
    while waiting:
        name, extras = waiting.pop()
        for requirement in map(Requirement, distribution(name).requires or ()):
            if not any(_applies(requirement, extra) for extra in extras):
                continue
            other = canonicalize_name(requirement.name)
            needed[other].append("ODIS" if name == "odis" else name)
            asked = (other, frozenset({"", *requirement.extras}))
            if asked not in seen:
                seen.add(asked)
                waiting.append(asked)
    return {name: sorted(set(by)) for name, by in sorted(needed.items())}


def _applies(requirement: Requirement, extra: str) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": extra})


def licence(name: str) -> str:
    """What a package says of its licence: an SPDX expression, a name, or a classifier."""
    about = distribution(name).metadata
    for said in [*(about.get_all("License-Expression") or ()), *(about.get_all("License") or ())]:
        if len(said) < _LONGEST:
            return str(said)
    classes = [str(text) for text in about.get_all("Classifier") or () if text.startswith("License ::")]
    return ", ".join(text.rpartition(" :: ")[2] for text in classes)


def rows() -> dict[str, str]:
    """The row of each package."""
    return {
        name: f"| {name} | {distribution(name).version} | {licence(name)} | {', '.join(by)} |"
        for name, by in installed().items()
    }


def _pinned() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    return {canonicalize_name(line.split("==")[0]): line.split("==")[1] for line in lines if "==" in line}


def _listed() -> dict[str, str]:
    found = re.findall(r"^(\| ([a-z0-9-]+) \| .*)$", PAGE.read_text("utf-8"), re.MULTILINE)
    return {name: row for row, name in found}


@pytest.mark.skipif(sys.platform != "linux", reason="the versions were pinned on Linux")
def test_the_page_has_what_is_installed() -> None:
    """Name, version and licence of each package that runs here; what needs it differs by Python."""
    here = {name: row.rpartition(" | ")[0] for name, row in rows().items()}
    listed = {name: row.rpartition(" | ")[0] for name, row in _listed().items()}
    assert len(here) > 50
    assert {name: row for name, row in here.items() if listed.get(name) != row} == {}


def test_the_page_has_the_versions_of_the_constraints() -> None:
    """No row is of another version, or of a package that is not pinned."""
    told = {name: row.split(" | ")[1] for name, row in _listed().items()}
    pinned = _pinned()
    assert {name: version for name, version in told.items() if pinned.get(name) != version} == {}


def test_every_licence_is_one_that_somebody_has_looked_at() -> None:
    """A package with a licence of another family, or with none, is noticed."""
    assert {name: licence(name) for name in installed() if not _KNOWN.search(licence(name))} == {}


@pytest.mark.skipif(sys.platform != "linux", reason="the versions were pinned on Linux")
def test_what_is_pinned_is_complete() -> None:
    """Every package that runs here is in constraints.txt."""
    assert installed().keys() - _pinned().keys() == set()


if __name__ == "__main__":
    PAGE.write_text(_HEAD + "\n".join(rows().values()) + "\n", encoding="utf-8")
