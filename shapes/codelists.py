"""Writes `codes/codes.ttl`: the code lists of the ontology as shapes with `sh:in`.

The lists live in `ontology/codes`; as `sh:in` they make our shapes stand alone, in any SHACL engine, without
the vocabularies having to be mixed into somebody's data. Run `python -m shapes.codelists` after a list has
changed; a test says so when it was forgotten.
"""

from pathlib import Path
from typing import Final

import pyoxigraph as ox

from ontology import FOLDER as ONTOLOGY
from shapes.profile import FOLDER

FILE: Final = FOLDER / "codes" / "codes.ttl"

LISTS: Final = (
    "access-rights",
    "architectural-styles",
    "availabilities",
    "data-themes",
    "distribution-statuses",
    "frequencies",
    "hvd-categories",
    "languages",
    "legislation",
    "organisation-aspects",
    "publisher-types",
    "resource-roles",
)
"""The lists that our shapes look values up in; the others of the ontology are for other uses."""

_SKOS = "http://www.w3.org/2004/02/skos/core#"
_IN_SCHEME = ox.NamedNode(_SKOS + "inScheme")
_TITLE = ox.NamedNode("http://purl.org/dc/terms/title")
_HEAD: Final = """\
# Made from ontology/codes by `python -m shapes.codelists`; change the lists there.
@prefix codes: <https://odis.example/shapes/codes/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
"""


def codes_turtle() -> str:
    """The shapes of the code lists as Turtle, lists and members in a fixed order."""
    return _HEAD + "".join(_shape(ONTOLOGY / "codes" / f"{name}.ttl") for name in LISTS)


def _shape(path: Path) -> str:
    triples = [quad.triple for quad in ox.parse(path=path, format=ox.RdfFormat.TURTLE)]
    scheme = next(t.subject for t in triples if t.predicate == _TITLE)
    members = sorted(str(t.subject) for t in triples if t.predicate == _IN_SCHEME and t.object == scheme)
    titles = ", ".join(sorted(str(t.object) for t in triples if (t.subject, t.predicate) == (scheme, _TITLE)))
    listed = "".join(f"        {member}\n" for member in members)
    return (
        f"\ncodes:{path.stem} a sh:NodeShape ;\n    rdfs:label {titles} ;\n"
        f"    rdfs:seeAlso {scheme} ;\n    sh:in (\n{listed}    ) .\n"
    )


if __name__ == "__main__":
    FILE.write_text(codes_turtle(), encoding="utf-8")
