"""The house rules that can be checked by machine: who may import whom, what is written where."""

import ast
import re
import tomllib
from importlib.metadata import distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("ontology", "shapes", "loaders", "server", "queries")

# odis.py → server → loaders → {shapes, queries} → ontology (docs/architecture.md)
MAY_IMPORT = {
    "ontology": set(),
    "shapes": {"ontology"},
    "queries": {"ontology"},
    "loaders": {"ontology", "shapes", "queries"},
    "server": {"ontology", "shapes", "queries", "loaders"},
}


def _imported_rooms(file: Path) -> set[str]:
    tree = ast.parse(file.read_text("utf-8"))
    names = [a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names]
    names += [n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.module and not n.level]
    return {name.split(".")[0] for name in names} & {*ROOMS, "odis"}


@pytest.mark.parametrize("room", ROOMS)
def test_imports_run_one_way(room: str) -> None:
    """A room imports only from the rooms below it, never upward and never sideways."""
    files = list((ROOT / room).rglob("*.py"))
    assert files
    wrong = {
        f"{file.relative_to(ROOT)} imports {other}"
        for file in files
        for other in _imported_rooms(file) - MAY_IMPORT[room] - {room}
    }
    assert wrong == set()


def test_no_other_package_has_the_name_of_a_room() -> None:
    """The rooms' generic names collide with no installed distribution."""
    for distribution in distributions():
        if distribution.name == "odis":
            continue
        top = {str(f).split("/")[0] for f in distribution.files or () if str(f).endswith(".py")}
        assert not top & {*ROOMS, "odis.py"}, distribution.name


def _requirement_names(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<>=~;! ]", r)[0].lower() for r in requirements}


def test_every_dependency_has_its_reason() -> None:
    """pyproject.toml and docs/dependencies.md name the same packages."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    text = (ROOT / "docs/dependencies.md").read_text("utf-8")
    run, develop = text.split("## To develop")
    documented = [set(re.findall(r"^\| ([a-z0-9-]+) \|", part, re.M)) - {"name"} for part in (run, develop)]
    assert documented[0] == _requirement_names(project["dependencies"])
    assert documented[1] == _requirement_names(project["optional-dependencies"]["dev"])


def test_docs_links_lead_somewhere() -> None:
    """Every relative link in README and docs points at a file that exists."""
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text("utf-8"))
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert len(pages) > 1
    assert broken == []
