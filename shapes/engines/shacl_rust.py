"""The `shacl` package, written in Rust: the engine in daily use.

It renames blank nodes by counting them in reading order.
Two canary blank nodes, one before the data and one after, tell where its count begins and ends;
from them results get the labels of the data back, and a wrong count is noticed instead of guessed at.
"""

import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import shacl

from ontology.errors import CheckError
from shapes.graph import ShapesGraph
from shapes.report import Result
from shapes.terms import SH, is_blank

_CANARY: Final = "urn:odis:canary"
_CANARY_SHAPE: Final = f"""
<{_CANARY}:shape> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://www.w3.org/ns/shacl#NodeShape> .
<{_CANARY}:shape> <http://www.w3.org/ns/shacl#targetSubjectsOf> <{_CANARY}> .
<{_CANARY}:shape> <http://www.w3.org/ns/shacl#nodeKind> <http://www.w3.org/ns/shacl#IRI> .
"""
# A blank node as subject stands at the start of a line, as object before the final dot; nothing inside a
# literal can look like either, because its closing quote comes after.
_BLANK_NODES: Final = re.compile(rb"^(_:[^\s<]+)|[ >](_:[^\s<]+) ?\.\r?$", re.M)
_CHUNK: Final = 1 << 24


def validate(data: Path, background: str, shapes: ShapesGraph) -> list[Result]:
    """Runs the engine; see `shapes.engines`.

    Raises:
        CheckError: the engine refuses the shapes or the data.
    """
    with tempfile.TemporaryDirectory(prefix="odis-check-") as folder:
        whole = Path(folder) / "data.nt"
        _assemble(whole, data, background)
        try:
            compiled = shacl.Shapes.from_text(shapes.ntriples() + _CANARY_SHAPE, format="ntriples")
            found = compiled.validate_file(str(whole)).results
        except ValueError as error:
            raise CheckError(f"The SHACL engine cannot check {data}: {error}") from error
        canaries = [result.focus_node for result in found if result.source_shape == f"<{_CANARY}:shape>"]
        results = [result for result in found if result.source_shape != f"<{_CANARY}:shape>"]
        names = _names(whole, canaries) if any(map(_names_a_blank_node, results)) else {}
    return [_result(result, shapes, names) for result in results]


def _assemble(whole: Path, data: Path, background: str) -> None:
    with whole.open("wb") as target, data.open("rb") as source:
        target.write(f'_:odiscanary1 <{_CANARY}> "" .\n'.encode())
        shutil.copyfileobj(source, target, _CHUNK)
        target.write(f"\n{background}".encode())
        target.write(f'_:odiscanary2 <{_CANARY}> "" .\n'.encode())


def _names_a_blank_node(result: shacl.Result) -> bool:
    return is_blank(result.focus_node) or is_blank(result.value or "")


def _names(whole: Path, canaries: Sequence[str]) -> dict[str, str]:
    """The engine's blank node labels with those of the data."""
    first, last = sorted(int(label.rpartition("b")[2]) for label in canaries)
    prefix = canaries[0].rpartition("b")[0]
    labels = list(dict.fromkeys(_labels(whole)))
    if last - first != len(labels) - 1:
        raise CheckError(
            f"The data has {len(labels) - 2} blank nodes where the SHACL engine counted {last - first - 1}: "
            "give it N-Triples with one triple a line, or use the engine pyshacl."
        )
    return {f"{prefix}b{first + number}": label for number, label in enumerate(labels)}


def _labels(whole: Path) -> Iterator[str]:
    """Labels of all blank nodes in reading order, read in pieces of whole lines."""
    with whole.open("rb") as stream:
        while lines := stream.readlines(_CHUNK):
            for match in _BLANK_NODES.finditer(b"".join(lines)):
                yield (match[1] or match[2]).decode()


def _result(found: shacl.Result, shapes: ShapesGraph, names: dict[str, str]) -> Result:
    name = (found.source_shape or "").removeprefix("<").removesuffix(">")
    shape = shapes.shape(name)
    value = found.value
    messages = shape.messages or ({"": min(found.messages)} if found.messages else {})
    return Result(
        focus=names.get(found.focus_node, found.focus_node),
        path=found.path,
        value=None if value is None else names.get(value, value),
        component=found.component_iri,
        severity=found.severity_iri.removeprefix(SH),
        shape=name,
        messages=messages,
    )
