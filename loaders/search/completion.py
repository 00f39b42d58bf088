"""What the editor completes: prefixes, classes and properties as they occur, marked by what shapes demand."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from loaders.search.subjects import Text
from loaders.views.terms import A, value
from ontology import FOLDER, PREFIXES, iri
from queries.groups import group_title
from queries.saved import load
from shapes.check import load_profile

FILE: Final = "completion.json"
MOST: Final = 400
"""Properties of one class, and classes, that are offered: the most frequent."""
Marks = dict[str, dict[str, str]]
"""Class to property to `m` (mandatory), `r` (recommended) or `o` (optional)."""

_PROFILE = "dcat-ap-se"
_SEVERITY = {iri("sh:Violation"): "m", iri("sh:Warning"): "r", iri("sh:Info"): "r"}


class Usage:
    """Counts in one pass which classes there are, and which properties their members have."""

    def __init__(self) -> None:
        self.classes: Counter[str] = Counter()
        self.properties: Counter[str] = Counter()
        self.of_class: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def take(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Count one subject."""
        kinds = {term for key, term in pairs if key == A}
        used = {key for key, _ in pairs}
        self.classes.update(kinds)
        self.properties.update(key for key, _ in pairs)
        for kind in kinds:
            self.of_class[kind].update(used)


def write_completion(target: Path, usage: Usage, names: Mapping[str, Text]) -> None:
    """Write the file that the editor reads."""
    demanded = marks()
    known = set(usage.properties) | {f"<{one}>" for found in demanded.values() for one in found}
    document = {
        "prefixes": PREFIXES,
        "classes": [_named(term, count, names) for term, count in usage.classes.most_common(MOST)],
        "properties": [_named(term, usage.properties[term], names) for term in sorted(known)],
        "ofClass": dict(_of_class(usage, demanded)),
        "examples": list(_examples()),
    }
    target.write_text(json.dumps(document, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


def _named(term: str, count: int, names: Mapping[str, Text]) -> list[Any]:
    text = names.get(value(term), Text())
    return [value(term), count, text.sv, text.en]


def _of_class(usage: Usage, demanded: Marks) -> Iterator[tuple[str, dict[str, list[Any]]]]:
    """For each class its properties, each with how many members have it and its mark."""
    for kind in sorted({value(term) for term in usage.of_class} | set(demanded)):
        counts, wanted = usage.of_class[f"<{kind}>"], demanded.get(kind, {})
        used = {value(term): count for term, count in counts.most_common(MOST)}
        yield kind, {one: [used.get(one, 0), wanted.get(one, "")] for one in sorted(used.keys() | wanted)}


def marks() -> Marks:
    """What the Swedish profile and the specifications say of the properties of each class."""
    triples = list(load_profile(_PROFILE).graph().triples)
    for path in sorted(FOLDER.glob("specifications/*/shape.ttl")):
        triples += [quad.triple for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE)]
    said: defaultdict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for triple in triples:
        said[str(triple.subject)][triple.predicate.value].append(_plain(triple.object))
    found: Marks = {}
    for shape in list(said.values()):
        for kind in shape.get(iri("sh:targetClass"), []):
            for rule in shape.get(iri("sh:property"), []):
                _mark(found.setdefault(kind, {}), said.get(f"<{rule}>", {}))
    return found


def _plain(term: object) -> str:
    return term.value if isinstance(term, ox.NamedNode | ox.Literal) else str(term)


def _mark(properties: dict[str, str], rule: Mapping[str, list[str]]) -> None:
    """Note what one property shape demands; the strictest of several holds."""
    least = next(iter(rule.get(iri("sh:minCount"), [])), "0")
    severity = next(iter(rule.get(iri("sh:severity"), [])), iri("sh:Violation"))
    mark = _SEVERITY.get(severity, "o") if least != "0" else "o"
    for path in rule.get(iri("sh:path"), []):
        if path.startswith("http"):
            properties[path] = min(properties.get(path, "o"), mark, key="mro".index)


def _examples() -> Iterator[dict[str, Any]]:
    """The saved queries with the values of their examples, as texts to begin with."""
    for query in load().values():
        yield {"group": group_title(query.group), "title": query.title, "text": query.bind(query.example)}
