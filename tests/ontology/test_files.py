"""The files of the ontology: they can be read, agree with each other, and are handed out completely."""

import json
import re
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse

import ontology
from tests.ontology.conftest import ROOT, SPECIFICATIONS, TURTLE

JSON = sorted((*ontology.FOLDER.glob("*.jsonld"), *ontology.FOLDER.rglob("*.json")))
PREFIX = re.compile(r"^@prefix ([\w-]*): <([^>]*)> \.$", re.MULTILINE)


def test_the_files_are_counted() -> None:
    """What the parametrised tests below run over is all there is."""
    assert len(TURTLE) == 41
    assert len(JSON) == 14
    assert len(SPECIFICATIONS) == 13


@pytest.mark.parametrize("path", TURTLE, ids=lambda path: str(path.relative_to(ontology.FOLDER)))
def test_turtle_is_read(path: Path) -> None:
    """Every Turtle file parses and says something."""
    assert list(parse(path=path, format=RdfFormat.TURTLE))


@pytest.mark.parametrize("path", JSON, ids=lambda path: str(path.relative_to(ontology.FOLDER)))
def test_json_is_read(path: Path) -> None:
    """Every JSON file parses, and no object repeats a key."""

    def unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
        assert len({key for key, _ in pairs}) == len(pairs), [key for key, _ in pairs]
        return dict(pairs)

    assert json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=unique)


def test_prefixes_agree() -> None:
    """A prefix means the same in every file, and what the context says if it is there."""
    meanings = dict(ontology.PREFIXES)
    for path in TURTLE:
        for prefix, namespace in PREFIX.findall(path.read_text(encoding="utf-8")):
            assert meanings.setdefault(prefix, namespace) == namespace, f"{path}: {prefix}"


def test_prefixes_are_used() -> None:
    """No file declares a prefix it does not need."""
    for path in TURTLE:
        text = path.read_text(encoding="utf-8")
        for prefix, _ in PREFIX.findall(text):
            used = re.search(rf"(?<![\w/#-]){prefix}:(?!\s*<)", PREFIX.sub("", text))
            assert used, f"{path}: {prefix}"


def test_namespaces_have_one_prefix() -> None:
    """No two prefixes of the context stand for the same namespace."""
    assert len(set(ontology.PREFIXES.values())) == len(ontology.PREFIXES)


def test_iri_expands_a_prefixed_name() -> None:
    """A prefixed name becomes the full IRI; an unknown prefix is an error."""
    assert ontology.iri("dcat:Dataset") == "http://www.w3.org/ns/dcat#Dataset"
    assert ontology.iri("odis:toilet") == ontology.ODIS + "toilet"
    with pytest.raises(KeyError):
        ontology.iri("nowhere:Thing")


def test_graph_files_are_everything_but_shapes() -> None:
    """The ontology graph holds all Turtle files except the SHACL shapes, in a fixed order."""
    files = ontology.graph_files()
    assert files == sorted(files)
    assert set(files) == {path for path in TURTLE if path.name != "shape.ttl"}


def test_the_documentation_names_every_list_and_specification() -> None:
    """docs/vocabulary.md has every code list and every specification."""
    text = (ROOT / "docs" / "vocabulary.md").read_text(encoding="utf-8")
    names = [path.stem for path in ontology.FOLDER.glob("codes/*.ttl")]
    names += [folder.name for folder in SPECIFICATIONS]
    assert [name for name in names if f"`{name}`" not in text] == []
