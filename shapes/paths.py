"""SHACL property paths written as SPARQL property paths, so that both engines name a path alike."""

from collections.abc import Callable, Iterator

import pyoxigraph as ox

from shapes.terms import RDF, Term, sh

Objects = Callable[[Term, ox.NamedNode], Iterator[Term]]

_FIRST, _REST, _NIL = (ox.NamedNode(RDF + name) for name in ("first", "rest", "nil"))
_SUFFIX = ((sh("zeroOrMorePath"), "*"), (sh("oneOrMorePath"), "+"), (sh("zeroOrOnePath"), "?"))


def path_text(path: Term, objects: Objects) -> str:
    """A path node as text: `<iri>` for a plain predicate, brackets around everything else (SHACL 2.3.1)."""
    if isinstance(path, ox.NamedNode):
        return str(path)
    if alternative := next(objects(path, sh("alternativePath")), None):
        return _joined(alternative, "|", objects)
    if inverse := next(objects(path, sh("inversePath")), None):
        return "^" + path_text(inverse, objects)
    for predicate, suffix in _SUFFIX:
        if inner := next(objects(path, predicate), None):
            return f"({path_text(inner, objects)}){suffix}"
    return _joined(path, "/", objects)


def items(head: Term, objects: Objects) -> list[Term]:
    """The members of an RDF list; stops at a broken or circular link."""
    found: list[Term] = []
    seen: set[Term] = set()
    while head != _NIL and head not in seen:
        seen.add(head)
        first = next(objects(head, _FIRST), None)
        if first is None:
            break
        found.append(first)
        head = next(objects(head, _REST), _NIL)
    return found


def _joined(head: Term, separator: str, objects: Objects) -> str:
    return "(" + separator.join(path_text(item, objects) for item in items(head, objects)) + ")"
