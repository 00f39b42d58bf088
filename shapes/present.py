"""A report arranged for people: by publisher, dataset and rule, in one language, with how to mend it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from shapes.choices import Choice, CodeLists
from shapes.compare import Comparison
from shapes.graph import Shape, ShapesGraph
from shapes.profile import Profile
from shapes.report import LEVELS, Counts, Level, Report, Result
from shapes.surroundings import Surroundings
from shapes.terms import is_nameless, plain
from shapes.waivers import Waived
from shapes.words import WORDS

EXAMPLES = 3
"""How many examples of a finding a report shows; the rest are counted."""


@dataclass(frozen=True, slots=True)
class Example:
    """One place where a rule was broken."""

    focus: str
    """IRI, or empty for a blank node: then the dataset around it is the place."""
    value: str
    language: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule broken in one dataset, with a count and the first examples."""

    rule: str
    """IRI of the shape."""
    field: str
    """The property in words."""
    property: str
    """IRI of the property, or a path."""
    level: Level
    message: str
    read_more: str
    count: int
    examples: tuple[Example, ...]
    nearest: tuple[Choice, ...]
    """Permitted values that look like the wrong one."""
    choices: tuple[Choice, ...]
    """All permitted values, where they come from a code list."""


@dataclass(frozen=True, slots=True)
class DatasetGroup:
    """What was found in one dataset, series, service, catalogue, or other named thing."""

    node: str
    title: str
    kind: str
    """`Dataset`, `Catalog` … as in the words of a report; empty for other things."""
    counts: Counts
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class PublisherGroup:
    """What was found at one publisher."""

    publisher: str
    name: str
    counts: Counts
    datasets: tuple[DatasetGroup, ...]


@dataclass(frozen=True, slots=True)
class RuleCount:
    """How often one rule was broken in the whole report, and where first."""

    rule: str
    field: str
    level: Level
    message: str
    count: int
    datasets: int
    first: str


@dataclass(frozen=True, slots=True)
class View:
    """A whole report, ready to be written in any form."""

    report: Report
    profile: Profile
    language: str
    publishers: tuple[PublisherGroup, ...]
    rules: tuple[RuleCount, ...]
    waived: Waived | None = None
    comparison: Comparison | None = None

    @property
    def words(self) -> Mapping[str, str]:
        """The words of the report in its language."""
        return WORDS[self.language]


@dataclass(frozen=True, slots=True)
class _Reader:
    graph: ShapesGraph
    around: Surroundings
    language: str
    lists: CodeLists

    def field(self, shape: Shape, path: str | None) -> str:
        """The field in words: what the shape calls it, else the last part of its property."""
        labels = shape.labels
        iri = shape.field or plain(path or "")
        return labels.get(self.language) or labels.get("en") or iri.rpartition("/")[2].rpartition("#")[2]

    def message(self, result: Result) -> str:
        """The message of the rule, or for shapes that bring none, what kind of constraint was broken."""
        component = result.component.rpartition("#")[2].removesuffix("ConstraintComponent")
        return result.message(self.language) or f"sh:{component[:1].lower()}{component[1:]}"


def present(
    report: Report,
    profile: Profile,
    around: Surroundings,
    language: str = "sv",
    waived: Waived | None = None,
    comparison: Comparison | None = None,
) -> View:
    """Arranges a report; where waivers were applied, give their outcome and its remaining report."""
    graph = profile.graph()
    reader = _Reader(graph, around, language, CodeLists(graph, language))
    places: dict[str, dict[str, list[Result]]] = defaultdict(lambda: defaultdict(list))
    for result in report.results:
        owner = around.owner(result.focus)
        places[around.publisher(owner)][owner].append(result)
    publishers = tuple(_publisher(node, datasets, reader) for node, datasets in places.items())
    return View(
        report=report,
        profile=profile,
        language=language,
        publishers=tuple(sorted(publishers, key=lambda group: (*_badness(group.counts), group.name))),
        rules=_rules(report, reader),
        waived=waived,
        comparison=comparison,
    )


def count(results: Iterable[Result]) -> Counts:
    """Results by level."""
    return Report(tuple(results)).counts


def _badness(counts: Counts) -> tuple[int, int, int]:
    return (-counts.violations, -counts.warnings, -counts.infos)


def _publisher(node: str, datasets: Mapping[str, list[Result]], reader: _Reader) -> PublisherGroup:
    groups = (_dataset(owner, results, reader) for owner, results in datasets.items())
    return PublisherGroup(
        publisher=plain(node),
        name=reader.around.title(node, reader.language)
        or plain(node)
        or WORDS[reader.language]["no publisher"],
        counts=count(result for results in datasets.values() for result in results),
        datasets=tuple(sorted(groups, key=lambda group: (*_badness(group.counts), group.title, group.node))),
    )


def _dataset(node: str, results: list[Result], reader: _Reader) -> DatasetGroup:
    by_rule: dict[str, list[Result]] = defaultdict(list)
    for result in results:
        by_rule[result.shape].append(result)
    findings = (_finding(found, reader) for found in by_rule.values())
    return DatasetGroup(
        node="" if is_nameless(node) else plain(node),
        title=reader.around.title(node, reader.language) or plain(node),
        kind=reader.around.kind(node).rpartition("#")[2],
        counts=count(results),
        findings=tuple(sorted(findings, key=lambda f: (LEVELS.index(f.level), f.field, f.rule))),
    )


def _finding(results: list[Result], reader: _Reader) -> Finding:
    first = results[0]
    shape = reader.graph.shape(first.shape)
    return Finding(
        rule=first.shape,
        field=reader.field(shape, first.path),
        property=shape.field or plain(first.path or ""),
        level=first.level,
        message=reader.message(first),
        read_more=shape.see_also[0] if shape.see_also else "",
        count=len(results),
        examples=tuple(map(_example, results[:EXAMPLES])),
        nearest=reader.lists.nearest(first.shape, plain(first.value)) if first.value else (),
        choices=reader.lists.choices(first.shape),
    )


def _example(result: Result) -> Example:
    # A rule about a whole node reports the node as its own value, which says nothing new.
    value = "" if result.value in (None, result.focus) else str(result.value)
    tag = value.rpartition("@")[2] if value.startswith('"') and not value.endswith(('"', ">")) else ""
    return Example("" if is_nameless(result.focus) else plain(result.focus), plain(value), tag)


def _rules(report: Report, reader: _Reader) -> tuple[RuleCount, ...]:
    by_rule: dict[str, list[Result]] = defaultdict(list)
    for result in report.results:
        by_rule[result.shape].append(result)
    counted = (_rule(results, reader) for results in by_rule.values())
    return tuple(sorted(counted, key=lambda r: (LEVELS.index(r.level), -r.count, r.rule)))


def _rule(results: list[Result], reader: _Reader) -> RuleCount:
    first = results[0]
    owners = {reader.around.owner(result.focus) for result in results}
    return RuleCount(
        rule=first.shape,
        field=reader.field(reader.graph.shape(first.shape), first.path),
        level=first.level,
        message=reader.message(first),
        count=len(results),
        datasets=len(owners),
        first=plain(reader.around.owner(first.focus)),
    )
