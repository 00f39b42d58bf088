"""Pages for people: the home page, the answer to a query as a table, and problems."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup
from pyoxigraph import BlankNode, NamedNode, QueryResultsFormat, QuerySolutions, Triple, parse_query_results
from pyoxigraph import Literal as RdfLiteral

from loaders.release import Manifest
from ontology import PREFIXES
from server.negotiation import Format
from server.problems import Problem
from server.request import Asked
from server.words import Language

FOLDER: Final = Path(str(files(__package__)))
SECURITY: Final = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
}
"""Headers of every page: nothing is loaded from elsewhere, and no script runs that is not ours."""

FIRST_QUERY: Final = """PREFIX dcat: <http://www.w3.org/ns/dcat#>
PREFIX dcterms: <http://purl.org/dc/terms/>

SELECT ?title ?dataset WHERE {
  ?dataset a dcat:Dataset ;
    dcterms:title ?title .
}
ORDER BY ?title
LIMIT 20"""
_NUMBERS = frozenset(
    f"http://www.w3.org/2001/XMLSchema#{name}" for name in ("integer", "decimal", "double", "float")
)
_PLAIN = frozenset(
    {
        "http://www.w3.org/2001/XMLSchema#string",
        "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString",
        *_NUMBERS,
    }
)


@dataclass(frozen=True, slots=True)
class Cell:
    """One value in a table: what is shown, where it leads, and what is said about it in small print."""

    text: str
    link: str = ""
    note: str = ""
    language: str = ""
    number: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """An answer on a page: rows, a boolean or a text; `cut` when it is only the beginning."""

    release: str
    formats: tuple[Format, ...]
    address: str
    variables: tuple[str, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    boolean: bool | None = None
    text: str | None = None
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Example:
    """A query that the home page offers."""

    title: str
    description: str
    address: str


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(FOLDER / "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )


@cache
def _words() -> Mapping[str, Mapping[Language, str]]:
    words: Mapping[str, Mapping[Language, str]] = json.loads(
        (FOLDER / "templates" / "words.json").read_text(encoding="utf-8")
    )
    return words


def render(template: str, asked: Asked, **values: Any) -> bytes:
    """A page in the language of the request."""
    language = asked.language
    other = "en" if language == "sv" else "sv"
    kept = [(name, value) for name, value in asked.parameters if name != "lang"]
    page = _environment().get_template(template)
    return page.render(
        language=language,
        other=other,
        switch=f"{asked.path}?{urlencode([*kept, ('lang', other)])}",
        host=asked.host,
        root="",
        t=lambda key: _words()[key][language],
        number=lambda value: _grouped(value, language),
        **values,
    ).encode()


def _grouped(value: int, language: Language) -> Markup:
    """A number with its thousands apart: a narrow space in Swedish, a comma in English."""
    return Markup(f"{value:,}".replace(",", "\u202f") if language == "sv" else f"{value:,}")  # noqa: S704


def home_page(asked: Asked, manifest: Manifest, examples: Iterable[Example]) -> bytes:
    """What the release holds, a form, example queries, and where programs go."""
    return render("home.html", asked, manifest=manifest, text=FIRST_QUERY, examples=tuple(examples))


def queries_page(asked: Asked, examples: Iterable[Example]) -> bytes:
    """The saved queries, each with a link to its example call."""
    return render("queries.html", asked, examples=tuple(examples))


def sparql_page(asked: Asked, text: str, answer: Shown | None) -> bytes:
    """The form with a query, and its answer."""
    return render("sparql.html", asked, text=text or FIRST_QUERY, answer=answer)


def problem_page(problem: Problem, asked: Asked) -> bytes:
    """What was wrong and what to do, with the query in a form to correct it."""
    return render(
        "problem.html",
        asked,
        problem=problem.body(asked.language),
        retry_after=problem.headers.get("Retry-After"),
        text=asked.query or "",
    )


def table(tsv: bytes) -> tuple[tuple[str, ...], tuple[tuple[Cell, ...], ...]]:
    """Variables and rows of results in TSV."""
    results = parse_query_results(tsv, QueryResultsFormat.TSV)
    assert isinstance(results, QuerySolutions)  # noqa: S101 -- TSV of a SELECT is never a boolean
    variables = tuple(variable.value for variable in results.variables)
    return variables, tuple(tuple(_cell(term) for term in row) for row in results)


def _cell(term: NamedNode | BlankNode | RdfLiteral | Triple | None) -> Cell:
    match term:
        case None:
            return Cell("")
        case NamedNode():
            link = term.value if term.value.startswith(("http://", "https://")) else ""
            return Cell(_shortened(term.value), link=link)
        case RdfLiteral():
            datatype = term.datatype.value
            note = term.language or ("" if datatype in _PLAIN else _shortened(datatype))
            return Cell(term.value, note=note, language=term.language or "", number=datatype in _NUMBERS)
        case _:
            return Cell(str(term))


def _shortened(iri: str) -> str:
    for prefix, namespace in PREFIXES.items():
        name = iri.removeprefix(namespace)
        if name != iri and name.replace("-", "_").isidentifier():
            return f"{prefix}:{name}"
    return iri
