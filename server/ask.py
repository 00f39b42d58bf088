"""Asks a store on this machine and writes the answer: a table for people, any SPARQL format for programs."""

import difflib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, Final, cast

from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    serialize,
)
from rich.console import Console
from rich.table import Table

from loaders.search.function import SearchFunction
from ontology import PREFIXES
from ontology.errors import QueryError
from queries.saved import SavedQuery, load_all
from queries.tokens import depth
from server.workers.faults import from_exception
from server.workers.xml import NotXml, XmlFile

ROW_FORMATS: Final = {
    "json": QueryResultsFormat.JSON,
    "xml": QueryResultsFormat.XML,
    "csv": QueryResultsFormat.CSV,
    "tsv": QueryResultsFormat.TSV,
}
GRAPH_FORMATS: Final = {
    "ttl": RdfFormat.TURTLE,
    "nt": RdfFormat.N_TRIPLES,
    "rdf": RdfFormat.RDF_XML,
    "jsonld": RdfFormat.JSON_LD,
}
_IN_XML: Final = ("xml", "rdf")
FORMATS: Final = ("table", *ROW_FORMATS, *GRAPH_FORMATS)

_DEEPEST = 200  # far below what overflows the engine's stack, far above what people write


def text_of(words: Sequence[str], file: Path | None, saved: str | None, own: Path | None = None) -> str:
    """The query that the words of a command line mean: a saved one, a file (`-`: standard input) or SPARQL.

    `own` is the folder of saved queries that are not ours.
    Raises QueryError when the words mean none, or more than one.
    """
    if saved is not None and file is None:
        return _saved(saved, own).bind(_values(words))
    if file is not None and saved is None and not words:
        return sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    if saved is None and file is None and len(words) == 1:
        return words[0]
    raise QueryError("expected one of: SPARQL in quotes, --file FILE, or --saved NAME with KEY=VALUE")


def _saved(name: str, own: Path | None) -> SavedQuery:
    faults: list[QueryError] = []
    known = load_all(own, faults)
    if name not in known:
        for fault in faults:
            if Path(str(fault).partition(": ")[0]).stem == name:
                raise fault  # the file is there, so what is wrong with it says more than other names
        close = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {close[0]}?" if close else "list them with: odis query --list"
        raise QueryError(f"there is no saved query {name!r}; {hint}")
    return known[name]


def _values(words: Sequence[str]) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals:
            raise QueryError(f"{word!r}: expected KEY=VALUE, such as municipality=0182")
        values.setdefault(key, []).append(value)
    return values


def list_saved(own: Path | None = None) -> None:
    """Print the saved queries with their parameters, in groups."""
    table = Table("query", "parameters", "what it answers")
    for query in sorted(load_all(own, []).values(), key=lambda query: (query.group, query.name)):
        table.add_row(query.name, " ".join(p.name for p in query.parameters), query.title["en"])
    Console().print(table)


def ask(store: Path, text: str, form: str, out: BinaryIO) -> None:
    """Run one SPARQL query on the store in folder `store` and write the answer to `out` in `form`.

    `form` is one of FORMATS; `table` draws rows for a terminal and writes graphs as Turtle.
    Raises QueryError for a query that does not parse or a format that does not fit its kind.
    """
    if depth(text) > _DEEPEST:
        raise QueryError(f"the query nests brackets more than {_DEEPEST} deep")
    try:
        search = SearchFunction(store.parent)
        result = Store.read_only(str(store)).query(
            text, prefixes=PREFIXES, custom_functions=dict(search.functions)
        )
        _write(result, form, cast(BinaryIO, XmlFile(out)) if form in _IN_XML else out)
        search.check()
    except (SyntaxError, RuntimeError, NotXml) as error:
        raise from_exception(error, _declared(text)) from error


def _declared(text: str) -> str:
    """The text with all prefixes declared behind it, so that none of ours is called forgotten."""
    return text + "".join(f"\nPREFIX {prefix}: <{namespace}>" for prefix, namespace in PREFIXES.items())


def _write(result: QuerySolutions | QueryBoolean | QueryTriples, form: str, out: BinaryIO) -> None:
    if isinstance(result, QueryTriples):
        rdf = GRAPH_FORMATS.get("ttl" if form == "table" else form)
        if rdf is None:
            raise QueryError(f"a graph cannot be written as {form}; choose {', '.join(GRAPH_FORMATS)}")
        serialize(result, out, rdf, prefixes=PREFIXES)
    elif form in ROW_FORMATS:
        result.serialize(out, ROW_FORMATS[form])
    elif form != "table":
        raise QueryError(f"rows cannot be written as {form}; choose table, {', '.join(ROW_FORMATS)}")
    elif isinstance(result, QueryBoolean):
        out.write(b"yes\n" if result else b"no\n")
    else:
        _draw(result, out)


def _draw(rows: QuerySolutions, out: BinaryIO) -> None:
    table = Table(*(variable.value for variable in rows.variables))
    for row in rows:
        table.add_row(*(_shown(term) for term in row))
    width = None if sys.stdout.isatty() else 1000  # a pipe has no width: never cut a value in it
    console = Console(width=width)
    with console.capture() as capture:
        console.print(table)
    text = "\n".join(line.rstrip() for line in capture.get().splitlines())
    out.write(f"{text}\n{table.row_count} rows\n".encode())


def _shown(term: object) -> str:
    match term:
        case None:
            return ""
        case NamedNode():
            return _compact(term.value)
        case Literal() | BlankNode():
            return term.value
        case _:
            return str(term)


def _compact(iri: str) -> str:
    for prefix, namespace in PREFIXES.items():
        name = iri.removeprefix(namespace)
        if name != iri and name.isidentifier():
            return f"{prefix}:{name}"
    return iri
