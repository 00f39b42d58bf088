"""Answers of queries as tables of cells."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    QueryResultsFormat,
    QuerySolutions,
    Triple,
    parse_query_results,
)

from ontology import PREFIXES, iri
from server.http.negotiation import Format

_NUMBERS: Final = frozenset(iri(f"xsd:{name}") for name in ("integer", "decimal", "double", "float"))
_PLAIN: Final = frozenset({iri("xsd:string"), iri("rdf:langString"), *_NUMBERS})
_WKT: Final = iri("geo:wktLiteral")
_POINT: Final = re.compile(r"POINT ?\((-?[\d.]+) (-?[\d.]+)\)")


@dataclass(frozen=True, slots=True)
class Cell:
    """One value in a table: what is shown, where it leads, and what is said about it in small print."""

    text: str
    link: str = ""
    note: str = ""
    language: str = ""
    number: bool = False
    wkt: bool = False


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


def table(tsv: bytes) -> tuple[tuple[str, ...], tuple[tuple[Cell, ...], ...]]:
    """Variables and rows of results in TSV."""
    results = parse_query_results(tsv, QueryResultsFormat.TSV)
    assert isinstance(results, QuerySolutions)  # noqa: S101 -- TSV of a SELECT is never a boolean
    variables = tuple(variable.value for variable in results.variables)
    return variables, tuple(tuple(_cell(term) for term in row) for row in results)


def _cell(term: NamedNode | BlankNode | Literal | Triple | None) -> Cell:
    match term:
        case None:
            return Cell("")
        case NamedNode():
            link = term.value if term.value.startswith(("http://", "https://")) else ""
            return Cell(shortened(term.value), link=link)
        case Literal():
            datatype = term.datatype.value
            note = term.language or ("" if datatype in _PLAIN else shortened(datatype))
            return Cell(
                term.value,
                note="" if datatype == _WKT else note,
                language=term.language or "",
                number=datatype in _NUMBERS,
                wkt=datatype == _WKT,
            )
        case _:
            return Cell(str(term))


def shortened(address: str, prefixes: Mapping[str, str] = PREFIXES) -> str:
    """An IRI as a prefixed name where it has one."""
    for prefix, namespace in prefixes.items():
        name = address.removeprefix(namespace)
        if name != address and name.replace("-", "_").isidentifier():
            return f"{prefix}:{name}"
    return address


def named(shown: Shown, name: Callable[[str], str], page: Callable[[str], str]) -> Shown:
    """The answer with things called by their names, and leading to their pages."""
    return replace(shown, rows=tuple(tuple(_called(cell, name, page) for cell in row) for row in shown.rows))


def _called(cell: Cell, name: Callable[[str], str], page: Callable[[str], str]) -> Cell:
    if not cell.link:
        return cell
    return Cell(name(cell.link) or cell.text, link=page(cell.link))


def _readable(cell: Cell) -> Cell:
    """A point in the order that maps ask for, latitude first; anything else as it is."""
    point = _POINT.fullmatch(cell.text) if cell.wkt else None
    return replace(cell, text=f"{point[2]}, {point[1]}") if point else cell


def easily_read(shown: Shown) -> Shown:
    """The answer without columns that only say again what things are called, and with points in words."""
    columns = list(zip(*shown.rows, strict=True))
    links = [[cell.text for cell in column] for column in columns if any(cell.link for cell in column)]
    kept = [
        place
        for place, column in enumerate(columns)
        if any(cell.link for cell in column) or [cell.text for cell in column] not in links
    ]
    return replace(
        shown,
        variables=tuple(shown.variables[place] for place in kept) if shown.rows else shown.variables,
        rows=tuple(tuple(_readable(row[place]) for place in kept) for row in shown.rows),
    )
