"""Measurements as triples of the Data Quality Vocabulary, so that quality can be asked for in SPARQL."""

import hashlib
from collections.abc import Iterable, Iterator
from typing import Final

import pyoxigraph as ox

from ontology import iri
from shapes.quality.metrics import METRICS, NAMESPACE, NOT_COUNTED
from shapes.quality.score import DatasetScore, Outcome, Score
from shapes.terms import type_

SCORING: Final = NAMESPACE + "scoring"
"""IRI of the metric that holds the sum of points."""

_MEASUREMENT, _OF, _ON, _VALUE, _HAS = (
    ox.NamedNode(iri(name))
    for name in (
        "dqv:QualityMeasurement",
        "dqv:isMeasurementOf",
        "dqv:computedOn",
        "dqv:value",
        "dqv:hasQualityMeasurement",
    )
)
_BOOLEAN, _INTEGER, _DATE = (ox.NamedNode(iri(f"xsd:{name}")) for name in ("boolean", "integer", "dateTime"))
_AT = ox.NamedNode(iri("prov:generatedAtTime"))


def measurements(scores: Iterable[DatasetScore], base: str, when: str = "") -> Iterator[ox.Triple]:
    """Every measured outcome, and the sum of points, for datasets and their distributions.

    Args:
        scores: the scored datasets.
        base: under it the measurements get their IRIs, the same ones every time.
        when: time of the measurement as `xsd:dateTime`; left out when empty, which keeps a build repeatable.

    What nobody has measured yet has no measurement.
    """
    for score in scores:
        yield from _score(score.total, base, when)
        for part in score.distributions:
            yield from _score(part, base, when)


def _score(score: Score, base: str, when: str) -> Iterator[ox.Triple]:
    if not score.node or score.node.startswith("_:"):
        return
    counted: dict[str, Outcome] = {
        n: v for n, v in score.outcomes.items() if n not in NOT_COUNTED[score.count]
    }
    for name, passed in counted.items():
        if passed is not None:
            value = ox.Literal("true" if passed else "false", datatype=_BOOLEAN)
            yield from _measurement(score, METRICS[name].iri, value, base, when)
    yield from _measurement(score, SCORING, ox.Literal(str(score.points), datatype=_INTEGER), base, when)


def _measurement(score: Score, metric: str, value: ox.Literal, base: str, when: str) -> Iterator[ox.Triple]:
    digest = hashlib.sha256(f"{score.node} {metric} {score.count}".encode()).hexdigest()[:24]
    node, resource = ox.NamedNode(f"{base}id/measurement/{digest}"), ox.NamedNode(score.node)
    yield ox.Triple(node, type_, _MEASUREMENT)
    yield ox.Triple(node, _OF, ox.NamedNode(metric))
    yield ox.Triple(node, _ON, resource)
    yield ox.Triple(node, _VALUE, value)
    yield ox.Triple(resource, _HAS, node)
    if when:
        yield ox.Triple(node, _AT, ox.Literal(when, datatype=_DATE))
