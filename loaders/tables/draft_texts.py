"""The SHACL shape and the saved query of a drafted specification, as text that a person goes on with."""

from collections.abc import Sequence
from typing import NamedTuple

_SHOWN = 6  # columns in the saved query


class Term(NamedTuple):
    """A column with a term of its own: its name, title in the table, IRI, datatype, whether always there."""

    name: str
    title: str
    iri: str
    datatype: str
    required: bool


def shape(name: str, kind: str, base: str, terms: Sequence[Term]) -> str:
    """A node shape for the class, with one rule for each column that was never empty."""
    rules = [term for term in terms if term.required]
    links = ", ".join(f"<{base}shapes/{name}/{term.name}-required>" for term in rules)
    properties = f" ;\n    sh:property {links}" if rules else ""
    head = f"""@prefix own: <{base}def/{name}#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .

# Drafted: what must hold for a row, beyond what holds for every place when it extends place.

<{base}shapes/{name}/{kind}> a sh:NodeShape ;
    sh:targetClass own:{kind} ;
    rdfs:label "{kind}"{properties} .
"""
    return head + "".join(_rule(name, base, term) for term in rules)


def _rule(name: str, base: str, term: Term) -> str:
    title = _quoted(term.title)
    return f"""
<{base}shapes/{name}/{term.name}-required> a sh:PropertyShape ;
    sh:path own:{term.name} ;
    sh:minCount 1 ;
    sh:severity sh:Warning ;
    sh:name "{title}"@sv, "{title}"@en ;
    sh:message "Värde saknas i kolumnen {title}."@sv, "The column {title} has no value."@en .
"""


def query(name: str, kind: str, base: str, terms: Sequence[Term], located: bool) -> str:
    """A saved query for all rows: the first columns, and the geometry when rows have one."""
    shown = terms[:_SHOWN]
    words = _quoted(name.replace("-", " ").capitalize())
    labels = [
        f'#+   {term.name}: {{sv: "{_quoted(term.title)}", en: "{_quoted(term.title)}"}}' for term in shown
    ]
    head = [
        f'#+ title: {{sv: "{words}", en: "{words}"}}',
        '#+ description: {sv: "Alla rader.", en: "All rows."}',
        f"#+ tags: [{name.replace('-', ' ')}]",
        "#+ columns:",
        "#+   thing: {sv: Sak, en: Thing}",
        *(["#+   wkt: {sv: Geometri, en: Geometry}"] if located else []),
        *labels,
    ]
    geometry = ["  ?thing geo:hasGeometry/geo:asWKT ?wkt ."] if located else []
    variables = " ".join(["?thing", *(["?wkt"] if located else []), *(f"?{term.name}" for term in shown)])
    body = [
        "",
        "PREFIX geo: <http://www.opengis.net/ont/geosparql#>",
        f"PREFIX own: <{base}def/{name}#>",
        "",
        f"SELECT {variables}",
        "WHERE {",
        f"  ?thing a own:{kind} .",
        *geometry,
        *(f"  OPTIONAL {{ ?thing own:{term.name} ?{term.name} }}" for term in shown),
        "}",
        "ORDER BY ?thing",
    ]
    return "\n".join([*head, *body]) + "\n"


def _quoted(text: str) -> str:
    """A text inside double quotes, for Turtle and for YAML alike."""
    return " ".join(text.replace("\\", "\\\\").replace('"', '\\"').split())
