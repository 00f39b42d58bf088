"""Reading RDF: any of the usual syntaxes in, N-Triples out, strictly if possible and leniently if need be.

Three readings are tried, each only when the one before failed: pyoxigraph as the standards say; pyoxigraph
leniently, with the terms put right here; rdflib, which reads past some faults of hand-made files. What is not
the first is recorded as a repair. A file that breaks off in an error is never half used.
"""

import logging
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple

from loaders.catalogues.changes import Changes
from loaders.catalogues.entities import check_entities
from loaders.catalogues.jsonld import with_contexts
from loaders.catalogues.sniff import formats
from loaders.catalogues.terms import Terms
from loaders.catalogues.wholeness import check_whole
from loaders.encoding import as_utf8, head
from ontology.errors import SourceError

if TYPE_CHECKING:
    import rdflib

SNIFFED = 64 * 1024
"""Bytes of a file that are looked at to tell its format."""

# rdflib reads past faults in these; N-Quads and JSON-LD it reads no better than pyoxigraph.
_RDFLIB = {RdfFormat.RDF_XML: "xml", RdfFormat.TURTLE: "turtle", RdfFormat.TRIG: "trig"}


_NO_TURTLE = (RdfFormat.RDF_XML, RdfFormat.JSON_LD, RdfFormat.N_QUADS)


@dataclass(frozen=True, slots=True)
class Input:
    """A file to read: `base` is its own address, for relative IRIs; `hint` its ending or media type."""

    path: Path
    base: str
    hint: str = ""


def read(
    document: Input, target: Path, changes: Changes, limit: int, graphs: frozenset[str] | None = None
) -> str:
    """Write a document as N-Triples to `target`, unsorted and with its blank nodes renamed at random.

    Graph names are dropped: a source is one graph. Of `graphs`, where given, only these are read, and there
    may be none. `limit` bounds the size of unpacked text in bytes. Gives the name of the format; raises
    SourceError.
    """
    text = as_utf8(document.path, target.with_name(target.name + ".utf8"), limit)
    if text.repair:
        changes.add("encoding", "", text.repair)
    found = formats(head(text.path, SNIFFED).decode("utf-8", errors="ignore"), document.hint)
    plain = _checked(text.path, found, target.with_name(target.name + ".jsonld"))
    return _read(Input(plain, document.base), found, target, changes, graphs)


def quads(document: Input) -> Iterator[Quad]:
    """The quads of a document by a lenient reading, as they stand; for a look that repairs nothing.

    Raises SourceError.
    """
    copies = [document.path.with_name(f"{document.path.name}.{ending}") for ending in ("utf8", "jsonld")]
    try:
        text = as_utf8(document.path, copies[0], 1 << 40)
        found = formats(head(text.path, SNIFFED).decode("utf-8", errors="ignore"), document.hint)
        plain = _checked(text.path, found, copies[1])
        # Whatever is neither XML nor JSON nor lines of four terms is TriG, of which Turtle is a part.
        one = found[0] if found[0] in _NO_TURTLE else RdfFormat.TRIG
        yield from _quads(Input(plain, document.base), one, lenient=True)
    except SyntaxError as error:
        raise SourceError(f"it cannot be read as {one.name}: {error.msg}") from error
    finally:
        for copy in copies:
            copy.unlink(missing_ok=True)


def _checked(path: Path, found: Iterable[RdfFormat], copy: Path) -> Path:
    """The file to parse: itself, or `copy` where contexts were put into it. Raises SourceError."""
    if RdfFormat.RDF_XML in found:
        check_entities(path)
        check_whole(path)
    return with_contexts(path, copy) if RdfFormat.JSON_LD in found else path


def _read(
    document: Input,
    found: Iterable[RdfFormat],
    target: Path,
    changes: Changes,
    graphs: frozenset[str] | None,
) -> str:
    failures = []
    for attempt in (_strict, _lenient, _by_rdflib):
        for format_ in found:
            try:
                attempt(document, format_, target, changes, graphs)
            except SyntaxError as error:
                failures.append(f"{format_.name}: {error.msg}")
                continue
            if attempt is not _strict:
                changes.add("reading", failures[0], attempt.__doc__ or "")
            if target.stat().st_size == 0 and graphs is None:
                raise SourceError(f"there is no triple in it (read as {format_.name})")
            return format_.name
    raise SourceError(f"it cannot be read as {failures[0]}")


def _strict(
    document: Input, format_: RdfFormat, target: Path, changes: Changes, graphs: frozenset[str] | None
) -> None:
    """read strictly"""
    if format_ == RdfFormat.JSON_LD:
        # The strict reading drops illegal terms and says nothing (JSON-LD API, 8.1.2 "if not well-formed").
        _lenient(document, format_, target, changes, graphs)
        return
    found = _quads(document, format_, lenient=False)
    if not format_.supports_datasets:
        ox.serialize(found, target, RdfFormat.N_QUADS)  # the same lines, without a step through Python
    else:
        _write(_of(graphs, found), target)


def _lenient(
    document: Input, format_: RdfFormat, target: Path, changes: Changes, graphs: frozenset[str] | None
) -> None:
    """read leniently"""
    triples = _of(graphs, _quads(document, format_, lenient=True))
    _write(_repaired(triples, Terms(changes, document.base)), target)


def _quads(document: Input, format_: RdfFormat, *, lenient: bool) -> Iterator[Quad]:
    return ox.parse(
        path=document.path, format=format_, base_iri=document.base, rename_blank_nodes=True, lenient=lenient
    )


def _of(graphs: frozenset[str] | None, found: Iterable[Quad]) -> Iterator[Triple]:
    """The triples of some graphs, or of all."""
    if graphs is None:
        return (quad.triple for quad in found)
    return (quad.triple for quad in found if getattr(quad.graph_name, "value", "") in graphs)


def _write(triples: Iterable[Triple], target: Path) -> None:
    ox.serialize(triples, target, RdfFormat.N_TRIPLES)


def _repaired(triples: Iterable[Triple], terms: Terms) -> Iterator[Triple]:
    for triple in triples:
        subject, predicate, value = triple.subject, triple.predicate, triple.object
        where = str(subject)
        start = terms.iri(subject.value, where) if isinstance(subject, NamedNode) else subject
        link = terms.iri(predicate.value, where)
        end: NamedNode | BlankNode | Literal | Triple | None = value
        if isinstance(value, NamedNode):
            end = terms.iri(value.value, where)
        elif isinstance(value, Literal):
            end = terms.literal(value.value, value.language, value.datatype.value, where)
        if start is not None and link is not None and end is not None:
            yield Triple(start, link, end)


def _by_rdflib(
    document: Input, format_: RdfFormat, target: Path, changes: Changes, graphs: frozenset[str] | None
) -> None:
    """read by rdflib"""
    if format_ not in _RDFLIB or graphs is not None:
        raise SyntaxError("rdflib is not asked")
    import rdflib  # half a second, and hardly ever needed

    rdflib.NORMALIZE_LITERALS = False
    logging.getLogger("rdflib").disabled = True  # its remarks on illegal IRIs are ours to make
    graph = rdflib.Dataset(default_union=True)
    try:
        with document.path.open("rb") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # rdflib's of its own attributes
            graph.parse(file, format=_RDFLIB[format_], publicID=document.base)
    except Exception as error:  # its parsers raise what they like, from AssertionError to xml.sax errors
        raise SyntaxError(f"rdflib: {error}") from error
    _write(_from_rdflib(graph, Terms(changes, document.base)), target)


def _from_rdflib(graph: "rdflib.Dataset", terms: Terms) -> Iterator[Triple]:
    import rdflib

    for subject, predicate, value, _ in graph.quads():
        where = f"<{subject}>" if isinstance(subject, rdflib.URIRef) else ""
        start = terms.iri(str(subject), where) if where else BlankNode(str(subject))
        link = terms.iri(str(predicate), where)
        end: NamedNode | BlankNode | Literal | None
        if isinstance(value, rdflib.Literal):
            end = terms.literal(str(value), value.language, value.datatype and str(value.datatype), where)
        else:
            end = terms.iri(str(value), where) if isinstance(value, rdflib.URIRef) else BlankNode(str(value))
        if start is not None and link is not None and end is not None:
            yield Triple(start, link, end)
