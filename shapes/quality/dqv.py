"""Measurements as N-Triples of the Data Quality Vocabulary, so that quality can be asked for in SPARQL.

A resource has one measurement for each sum: points in the European and in the Swedish count, and stars. It
names the metrics that are lacking; one measurement for each of the 23 outcomes would be six times as much.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from ontology import iri
from shapes.quality.metrics import DIMENSIONS, METRICS, NAMESPACE, Count, Dimension, Metric
from shapes.terms import iri_term

SCORING: Final[Mapping[Count, str]] = {"eu": NAMESPACE + "scoring", "se": iri("odis:scoringSe")}
"""IRI of the metric that holds the sum of points, by count."""
STARS: Final = iri("odis:openDataStars")
FAILING: Final = iri("odis:failingDatasets")
"""IRI of the metric that says how many datasets have violations."""
BY_DIMENSION: Final[Mapping[Dimension, str]] = {
    "findability": iri("odis:findabilityPoints"),
    "accessibility": iri("odis:accessibilityPoints"),
    "interoperability": iri("odis:interoperabilityPoints"),
    "reusability": iri("odis:reusabilityPoints"),
    "contextuality": iri("odis:contextualityPoints"),
}
"""IRIs of the metrics that hold the points in one dimension, in the European count."""

_MEASUREMENT, _OF, _ON, _VALUE, _TYPE, _LACKS, _UNMEASURED, _AT = (
    iri_term(iri(name))
    for name in (
        "dqv:QualityMeasurement",
        "dqv:isMeasurementOf",
        "dqv:computedOn",
        "dqv:value",
        "rdf:type",
        "odis:lacks",
        "odis:unmeasured",
        "prov:generatedAtTime",
    )
)
_INTEGER, _DECIMAL, _DATE = (iri_term(iri(f"xsd:{name}")) for name in ("integer", "decimal", "date"))


def measured(
    node: str,
    metric: str,
    value: float,
    place: str,
    *,
    lacks: Iterable[Metric] = (),
    unmeasured: Iterable[Metric] = (),
    day: str = "",
) -> Iterator[str]:
    """One measurement as lines of N-Triples.

    Args:
        node: IRI of the resource.
        metric: IRI of the metric.
        value: points or stars; whole numbers are integers, others decimals of one digit.
        place: what the IRI of the measurement begins with; the rest is the same one every time.
        lacks: the metrics without points.
        unmeasured: those that nobody can say anything about yet.
        day: the day of an earlier measurement; empty for what holds now.
    """
    digest = hashlib.blake2b(f"{node} {metric} {day}".encode(), digest_size=10).hexdigest()
    name = f"<{place}{digest}>"
    number = f'"{value}"^^{_INTEGER}' if isinstance(value, int) else f'"{value:.1f}"^^{_DECIMAL}'
    yield f"{name} {_TYPE} {_MEASUREMENT} .\n"
    yield f"{name} {_OF} <{metric}> .\n"
    yield f"{name} {_ON} <{node}> .\n"
    yield f"{name} {_VALUE} {number} .\n"
    for one in lacks:
        yield f"{name} {_LACKS} <{one.iri}> .\n"
    for one in unmeasured:
        yield f"{name} {_UNMEASURED} <{one.iri}> .\n"
    if day:
        yield f'{name} {_AT} "{day}"^^{_DATE} .\n'


def described() -> Iterator[str]:
    """What the 23 metrics are, as lines of N-Triples: label, hint, dimension, points and effort."""
    for metric in METRICS.values():
        node = iri_term(metric.iri)
        yield f"{node} {_TYPE} {iri_term(iri('dqv:Metric'))} .\n"
        yield f"{node} {iri_term(iri('dqv:inDimension'))} <{NAMESPACE}{metric.dimension}> .\n"
        for name, texts in (("skos:prefLabel", metric.label), ("skos:definition", metric.hint)):
            for language, text in texts.items():
                yield f'{node} {iri_term(iri(name))} "{text}"@{language} .\n'
        for name, number in (("odis:points", metric.points), ("odis:effort", metric.effort)):
            yield f'{node} {iri_term(iri(name))} "{number}"^^{_INTEGER} .\n'
    for dimension, texts in DIMENSIONS.items():
        node = f"<{NAMESPACE}{dimension}>"
        yield f"{node} {_TYPE} {iri_term(iri('dqv:Dimension'))} .\n"
        for language, text in texts.items():
            yield f'{node} {iri_term(iri("skos:prefLabel"))} "{text}"@{language} .\n'
