"""The outcome of a check: results, counts and their exchange forms."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final, Literal

import pyoxigraph as ox

from ontology.errors import CheckError
from shapes.terms import SH, iri_term, is_blank

Level = Literal["Violation", "Warning", "Info"]

LEVELS: Final[tuple[Level, ...]] = ("Violation", "Warning", "Info")
"""From worst to mildest."""

_FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class Counts:
    """How many results there are of each level."""

    violations: int = 0
    warnings: int = 0
    infos: int = 0


@dataclass(frozen=True, slots=True)
class Result:
    """One validation result (SHACL 3.6); `focus` and `value` are terms in N-Triples form."""

    focus: str
    path: str | None
    """A SPARQL property path; a plain predicate is `<iri>`."""
    value: str | None
    component: str
    """IRI of the constraint component."""
    severity: str
    """`Violation`, `Warning` or `Info`; the whole IRI where a shape states another severity."""
    shape: str
    """IRI of the source shape, or `_:label` where shapes somebody brought leave it unnamed."""
    messages: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Language tag (or the empty string) to message."""

    @property
    def level(self) -> Level:
        """The severity as one of three; what is not known counts as a violation."""
        return self.severity if self.severity in ("Warning", "Info") else "Violation"  # type: ignore[return-value]

    @property
    def key(self) -> tuple[str, str, str, str, str]:
        """What makes two results the same one in two reports, blank nodes aside."""
        return (self.focus, self.path or "", self.value or "", self.component, self.shape)

    @property
    def id(self) -> str:
        """A name that stays the same from one report to the next: 16 hexadecimal digits."""
        return hashlib.sha256("\n".join(self.key).encode()).hexdigest()[:16]

    def message(self, language: str) -> str:
        """The message in this language, else English, else whatever there is; empty when there is none."""
        for tag in (language, "en", "", *self.messages):
            if tag in self.messages:
                return self.messages[tag]
        return ""


@dataclass(frozen=True)
class Report:
    """All results of one check, in a fixed order."""

    results: tuple[Result, ...]
    profile: str = ""
    engine: str = ""
    problems: tuple[str, ...] = ()
    """What is wrong with the shapes themselves, in English; never part of the results."""

    @property
    def conforms(self) -> bool:
        """No results at all, as SHACL says (3.6.1.1); ask `reaches` for a milder judgement."""
        return not self.results

    @cached_property
    def counts(self) -> Counts:
        """Results by level."""
        found = Counter(result.level for result in self.results)
        return Counts(found["Violation"], found["Warning"], found["Info"])

    def reaches(self, level: Level) -> bool:
        """Whether any result is of this level or worse."""
        limit = LEVELS.index(level)
        return any(LEVELS.index(result.level) <= limit for result in self.results)

    def renamed(self, names: Mapping[str, str]) -> "Report":
        """The same report with terms exchanged, for instance blank nodes for their skolem IRIs."""
        return replace(self, results=tuple(_renamed(result, names) for result in self.results))

    def to_json(self) -> str:
        """The whole report as one JSON document; messages are written once for each shape."""
        tables: dict[str, Mapping[str, str]] = {}
        rows = [_row(result, tables) for result in self.results]
        counts = self.counts
        document = {
            "format": _FORMAT,
            "profile": self.profile,
            "engine": self.engine,
            "conforms": self.conforms,
            "counts": {"violations": counts.violations, "warnings": counts.warnings, "infos": counts.infos},
            "problems": list(self.problems),
            "messages": {shape: dict(messages) for shape, messages in sorted(tables.items())},
            "results": rows,
        }
        return json.dumps(document, ensure_ascii=False, indent=1) + "\n"

    @staticmethod
    def from_json(text: str | bytes) -> "Report":
        """Reads what `to_json` wrote, alone or inside the JSON that is arranged for people.

        Raises:
            CheckError: it is not such a document, or of a format this version does not read.
        """
        try:
            document = json.loads(text)
            document = document.get("report", document)
            if (found := document["format"]) != _FORMAT:
                raise CheckError(f"This report is of format {found}; format {_FORMAT} was expected.")
            tables = document["messages"]
            results = tuple(_result(row, tables) for row in document["results"])
            return Report(results, document["profile"], document["engine"], tuple(document["problems"]))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise CheckError(f"This is not a report that ODIS wrote: {error!r}.") from error

    def to_turtle(self) -> str:
        """The W3C validation report (SHACL 3.6), byte-stable; blank nodes keep the labels of the data."""
        lines = ["@prefix sh: <http://www.w3.org/ns/shacl#> .", ""]
        conforms = "true" if self.conforms else "false"
        lines.append(f"_:report a sh:ValidationReport ;\n    sh:conforms {conforms} .")
        seen: Counter[str] = Counter()
        for result in self.results:
            seen[result.id] += 1
            label = f"_:r{result.id}" + (f"-{seen[result.id]}" if seen[result.id] > 1 else "")
            lines.append(f"\n_:report sh:result {label} .")
            lines.append(_turtle(result, label))
        return "\n".join(lines) + "\n"


def sort_key(result: Result) -> tuple[int, str, str, str, str, str]:
    """The order of results in a report: worst first, then by focus node, path, shape and value."""
    path, value = result.path or "", result.value or ""
    return (LEVELS.index(result.level), result.focus, path, result.shape, result.component, value)


def _renamed(result: Result, names: Mapping[str, str]) -> Result:
    value = result.value
    return replace(
        result, focus=names.get(result.focus, result.focus), value=names.get(value, value) if value else value
    )


def _row(result: Result, tables: dict[str, Mapping[str, str]]) -> dict[str, Any]:
    row: dict[str, Any] = {
        "focus": result.focus,
        "path": result.path,
        "value": result.value,
        "component": result.component,
        "severity": result.severity,
        "shape": result.shape,
    }
    # A SPARQL constraint may word each of its results differently; those keep their own messages.
    if tables.setdefault(result.shape, result.messages) != result.messages:
        row["messages"] = dict(result.messages)
    return row


def _result(row: Mapping[str, Any], tables: Mapping[str, Mapping[str, str]]) -> Result:
    return Result(
        focus=row["focus"],
        path=row["path"],
        value=row["value"],
        component=row["component"],
        severity=row["severity"],
        shape=row["shape"],
        messages=row.get("messages", tables[row["shape"]]),
    )


def _turtle(result: Result, label: str) -> str:
    severity = result.severity if ":" in result.severity else SH + result.severity
    lines = [f"{label} a sh:ValidationResult", f"    sh:focusNode {result.focus}"]
    if result.path is not None:
        lines.append(f"    sh:resultPath {path_turtle(result.path)}")
    if result.value is not None:
        lines.append(f"    sh:value {result.value}")
    lines.append(f"    sh:resultSeverity {iri_term(severity)}")
    lines.append(f"    sh:sourceConstraintComponent {iri_term(result.component)}")
    lines.append(f"    sh:sourceShape {result.shape if is_blank(result.shape) else iri_term(result.shape)}")
    lines.extend(f"    sh:resultMessage {literal}" for literal in _literals(result.messages))
    return " ;\n".join(lines) + " ."


def _literals(messages: Mapping[str, str]) -> Iterator[str]:
    for tag, text in sorted(messages.items()):
        yield str(ox.Literal(text, language=tag) if tag else ox.Literal(text))


def path_turtle(path: str) -> str:
    """A SPARQL property path as the SHACL path node it came from, in Turtle (SHACL 2.3.1)."""
    node, rest = _path(path)
    if rest:
        raise CheckError(f"The path {path!r} of a result cannot be read at {rest!r}.")
    return node


_WORDS: Final = {"*": "sh:zeroOrMorePath", "+": "sh:oneOrMorePath", "?": "sh:zeroOrOnePath"}


def _path(text: str) -> tuple[str, str]:
    """Reads one step (`<iri>`, `^step`, or a bracket with its suffix) into Turtle; returns the rest too."""
    if text.startswith("^"):
        node, rest = _path(text[1:])
        return f"[ sh:inversePath {node} ]", rest
    if text.startswith("<"):
        iri, _, rest = text.partition(">")
        return iri + ">", rest
    return _bracket(text)


def _bracket(text: str) -> tuple[str, str]:
    if not text.startswith("("):
        raise CheckError(f"The path {text!r} of a result cannot be read.")
    node, rest = _path(text[1:])
    steps, separator = [node], rest[:1]
    while rest[:1] == separator and separator in ("/", "|"):
        node, rest = _path(rest[1:])
        steps.append(node)
    rest = rest[1:]
    if len(steps) == 1 and rest[:1] in _WORDS:
        return f"[ {_WORDS[rest[0]]} {node} ]", rest[1:]
    sequence = "( " + " ".join(steps) + " )"
    return (f"[ sh:alternativePath {sequence} ]" if separator == "|" else sequence), rest
