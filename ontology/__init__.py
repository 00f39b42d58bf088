"""Hands out the vocabulary of ODIS: prefixes, own terms and the files of the ontology graph."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Final

FOLDER: Final = Path(str(files(__name__)))
"""The folder of the ontology, as a path: ODIS is always installed as plain files."""

ODIS: Final = "https://odis.example/def#"
"""Namespace of the terms ODIS defines itself; fixed, whatever base a release is built under."""


def _read_prefixes() -> dict[str, str]:
    context = json.loads((FOLDER / "context.jsonld").read_text(encoding="utf-8"))["@context"]
    return {name: value for name, value in context.items() if not name.startswith("@")}


PREFIXES: Final[dict[str, str]] = _read_prefixes()
"""Prefix to namespace IRI, as in context.jsonld: the one list of prefixes of the project."""


def iri(curie: str) -> str:
    """The full IRI of a prefixed name such as ``dcat:Dataset``; KeyError if the prefix is not in PREFIXES."""
    prefix, _, name = curie.partition(":")
    return PREFIXES[prefix] + name


def graph_files() -> list[Path]:
    """The Turtle files that make up the graph ``<base>graph/ontology``, sorted; SHACL shapes are not part."""
    patterns = ("*.ttl", "codes/*.ttl", "specifications/*/*.ttl")
    found = {path for pattern in patterns for path in FOLDER.glob(pattern)}
    return sorted(path for path in found if path.name != "shape.ttl")
