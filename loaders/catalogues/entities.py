"""Entities of RDF/XML documents: harmless ones are let through, all that could grow or fetch is refused.

The parser expands entities without a bound, so eight kilobytes of entities within entities can become a
gigabyte. Hand-made ontologies and authority lists, on the other hand, abbreviate namespaces with plain ones
(`<!ENTITY owl "http://www.w3.org/2002/07/owl#">`). Those are allowed: internal, without another entity in
their text, and only as long as the whole expansion stays within a limit that is computed before parsing.
"""

import re
from pathlib import Path

from loaders.catalogues.sniff import prologue
from loaders.encoding import head
from ontology.errors import SourceError

PROLOGUE = 256 * 1024
"""Bytes within which the first element must begin where there is a DOCTYPE."""

GROWTH = 64 * 1024 * 1024
"""Bytes that a document may grow by when its entities are expanded."""

_ENTITY = re.compile(r"""<!ENTITY\s+(%\s+)?([^\s%"']+)\s+("[^"]*"|'[^']*'|[A-Z]+)""")
_NESTED = re.compile(r"&(?!#|lt;|gt;|amp;|quot;|apos;)|%")


def check_entities(path: Path) -> None:
    """Raise SourceError when a DOCTYPE declares entities that are not plain, or that grow too much."""
    start = head(path, PROLOGUE).decode("utf-8", errors="ignore")
    if "<!DOCTYPE" not in start:
        return
    text, rest = prologue(start)
    if "<!DOCTYPE" in rest[:9] or not rest:
        raise SourceError("its DOCTYPE does not end; RDF/XML needs none, so leave it out")
    values = {}
    for parameter, name, value in _ENTITY.findall(text):
        if parameter or value[0] not in "\"'" or _NESTED.search(value):
            raise SourceError(
                f"its DOCTYPE declares the entity {name}, which is external or holds other entities; "
                "such entities are refused, so write their text out"
            )
        values[name] = value[1:-1]
    if text.count("<!ENTITY") != len(_ENTITY.findall(text)):
        raise SourceError(
            "its DOCTYPE declares entities in a form that is not understood; write their text out"
        )
    _check_growth(path, values)


def _check_growth(path: Path, values: dict[str, str]) -> None:
    content = path.read_bytes()
    growth = sum(len(value.encode()) * content.count(f"&{name};".encode()) for name, value in values.items())
    if growth > GROWTH:
        raise SourceError(f"its entities would expand to {growth:,} bytes; at most {GROWTH:,} are allowed")
