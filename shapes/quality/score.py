"""Points for datasets and distributions, and for everything they add up to."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from shapes.quality.facts import Dataset, Distribution
from shapes.quality.lists import Lists, read_lists
from shapes.quality.metrics import DIMENSIONS, METRICS, NOT_COUNTED, Count, Dimension, Metric, band

Outcome = bool | None
"""Passed, failed, or None where nobody has measured it (addresses that were not called, no check made)."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the metrics need to know beside the metadata."""

    answers: Mapping[str, bool] = field(default_factory=dict)
    """Address to whether it answered with 200–299; an address that is not here was not called."""
    failing: Collection[str] | None = None
    """IRIs of datasets with violations; None when no check was made."""


@dataclass(frozen=True, slots=True)
class Score:
    """The outcome of all metrics for one dataset or distribution."""

    node: str
    outcomes: Mapping[str, Outcome]
    count: Count

    @property
    def points(self) -> int:
        """Points of the metrics that passed and count."""
        return sum(metric.points for name, metric in METRICS.items() if self._is(name, True))

    @property
    def unmeasured(self) -> tuple[Metric, ...]:
        """The metrics that nobody can say anything about yet."""
        return tuple(m for name, m in METRICS.items() if self._is(name, None))

    @property
    def missing(self) -> tuple[Metric, ...]:
        """The metrics that failed, dearest first."""
        failed = [m for name, m in METRICS.items() if self._is(name, False)]
        return tuple(sorted(failed, key=lambda metric: -metric.points))

    def _is(self, name: str, outcome: Outcome) -> bool:
        return name not in NOT_COUNTED[self.count] and self.outcomes.get(name, "") is outcome


@dataclass(frozen=True, slots=True)
class DatasetScore:
    """The score of a dataset, with those of its distributions; its best distribution stands for it."""

    dataset: Dataset
    total: Score
    distributions: tuple[Score, ...]
    stars: tuple[int, ...]
    """Stars of each distribution, 0 to 4."""

    @property
    def band(self) -> str:
        """Rating of the dataset."""
        return band(self.total.points)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do, with what it would bring."""

    metric: Metric
    datasets: int
    """How many datasets lack it."""
    gain: float
    """Points on the mean of the group, when all of them have it."""


@dataclass(slots=True)
class Tally:
    """Adds up a catalogue, a publisher or a municipality, dataset by dataset, in one count."""

    count: Count
    datasets: int = 0
    lacking: Counter[str] = field(default_factory=Counter)
    """Metric to the number of datasets that lack it."""
    unmeasured: Counter[str] = field(default_factory=Counter)
    parts: int = 0
    starred: int = 0
    """Stars of all distributions together."""

    def add(self, lacks: Iterable[str], unmeasured: Iterable[str], stars: Collection[int]) -> None:
        """Count one dataset: names of the metrics it lacks, of those nobody measured, stars of its parts."""
        self.datasets += 1
        self.lacking.update(lacks)
        self.unmeasured.update(unmeasured)
        self.parts += len(stars)
        self.starred += sum(stars)

    @property
    def mean(self) -> float:
        """Mean points over datasets, as the European portal counts."""
        return sum(map(self._gained, self._metrics()))

    @property
    def dimensions(self) -> dict[Dimension, float]:
        """Mean points in each dimension."""
        return {d: sum(self._gained(m) for m in self._metrics() if m.dimension == d) for d in DIMENSIONS}

    @property
    def unknown(self) -> float:
        """Mean points that nobody can say anything about yet."""
        return sum(METRICS[name].points * n for name, n in self.unmeasured.items()) / max(self.datasets, 1)

    @property
    def stars(self) -> float:
        """Mean stars over distributions."""
        return self.starred / self.parts if self.parts else 0.0

    @property
    def steps(self) -> tuple[Step, ...]:
        """What to do next, most points for the least effort first."""
        steps = [
            Step(METRICS[name], n, METRICS[name].points * n / self.datasets)
            for name, n in self.lacking.items()
        ]
        return tuple(sorted(steps, key=lambda step: (-step.gain / step.metric.effort, step.metric.name)))

    def _metrics(self) -> Iterator[Metric]:
        return (metric for metric in METRICS.values() if metric.name not in NOT_COUNTED[self.count])

    def _gained(self, metric: Metric) -> float:
        without = self.lacking[metric.name] + self.unmeasured[metric.name]
        return metric.points * (self.datasets - without) / max(self.datasets, 1)


def score_dataset(
    dataset: Dataset, count: Count, evidence: Evidence, lists: Lists | None = None
) -> DatasetScore:
    """Scores a dataset and its distributions."""
    lists = lists or read_lists()
    parts = tuple(
        Score(d.node, _of_distribution(d, count, evidence, lists), count) for d in dataset.distributions
    )
    none: dict[str, Outcome] = {name: False for name, metric in METRICS.items() if metric.on != "dataset"}
    best = max(parts, key=lambda score: score.points).outcomes if parts else none
    own = _of_dataset(dataset, evidence, lists)
    # Dates count where either the dataset or its best distribution has them.
    merged = {name: own.get(name, False) or best.get(name, False) for name in METRICS}
    merged |= {name: None for name in METRICS if own.get(name, best.get(name, False)) is None}
    stars = tuple(_stars(d, count, lists) for d in dataset.distributions)
    return DatasetScore(dataset, Score(dataset.node, merged, count), parts, stars)


def _of_dataset(dataset: Dataset, evidence: Evidence, lists: Lists) -> dict[str, Outcome]:
    values = dataset.values
    rights = values.get("dcterms:accessRights", [])
    failing = evidence.failing
    return {
        "keywordAvailability": "dcat:keyword" in values,
        "categoryAvailability": "dcat:theme" in values,
        "spatialAvailability": "dcterms:spatial" in values,
        "temporalAvailability": "dcterms:temporal" in values,
        "dcatApCompliance": None if failing is None else dataset.node not in failing,
        "accessRightsAvailability": bool(rights),
        "accessRightsVocabularyAlignment": any(map(lists.known_access_rights, rights)),
        "contactPointAvailability": "dcat:contactPoint" in values,
        "publisherAvailability": "dcterms:publisher" in values,
        "dateIssuedAvailability": "dcterms:issued" in values,
        "dateModifiedAvailability": "dcterms:modified" in values,
    }


def _of_distribution(
    part: Distribution, count: Count, evidence: Evidence, lists: Lists
) -> dict[str, Outcome]:
    values = part.values
    known = _file_types(part, count, lists)
    return {
        "accessUrlStatusCode": _answers(values.get("dcat:accessURL", []), evidence),
        "downloadUrlAvailability": "dcat:downloadURL" in values,
        "downloadUrlStatusCode": _answers(values.get("dcat:downloadURL", []), evidence),
        "formatAvailability": "dcterms:format" in values,
        "mediaTypeAvailability": "dcat:mediaType" in values,
        "formatMediaTypeVocabularyAlignment": _aligned(part, count, lists),
        "formatMediaTypeNonProprietary": bool(known & lists.non_proprietary),
        "formatMediaTypeMachineInterpretable": bool(known & lists.machine_readable),
        "licenceAvailability": "dcterms:license" in values,
        "knownLicence": any(map(lists.known_licence, values.get("dcterms:license", []))),
        "rightsAvailability": "dcterms:rights" in values,
        "byteSizeAvailability": "dcat:byteSize" in values,
        "dateIssuedAvailability": "dcterms:issued" in values,
        "dateModifiedAvailability": "dcterms:modified" in values,
    }


def _answers(addresses: list[str], evidence: Evidence) -> Outcome:
    """False when there is no address, or one that did not answer; None when it was not called."""
    if not addresses:
        return False
    called = [evidence.answers[address] for address in addresses if address in evidence.answers]
    return any(called) if called else None


def _file_types(part: Distribution, count: Count, lists: Lists) -> frozenset[str]:
    """EU codes of the formats a distribution states, by file type or media type."""
    formats = part.values.get("dcterms:format", [])
    media = [value for value in part.values.get("dcat:mediaType", []) if lists.is_iana(value)]
    if count == "se":
        # Sveriges dataportal takes media types for formats, also as plain text (text/csv counts like CSV).
        media = [*part.values.get("dcat:mediaType", []), *formats]
    codes = {lists.file_type(value) for value in formats}
    codes |= {lists.media_types.get(lists.media_type(value), "") for value in media}
    return frozenset(codes - {""})


def _aligned(part: Distribution, count: Count, lists: Lists) -> bool:
    """Whether what is stated comes from the vocabularies; something must be stated."""
    formats, media = part.values.get("dcterms:format", []), part.values.get("dcat:mediaType", [])
    if count == "se":
        known = [
            bool(lists.file_type(v)) or lists.media_type(v) in lists.media_types for v in (*formats, *media)
        ]
    else:
        known = [bool(lists.file_type(v)) for v in formats] + [lists.is_iana(v) for v in media]
    return bool(known) and all(known)


def _stars(part: Distribution, count: Count, lists: Lists) -> int:
    """Open data stars of a distribution; the fifth cannot be judged from metadata."""
    known = _file_types(part, count, lists)
    licensed = any(map(lists.known_licence, part.values.get("dcterms:license", [])))
    ladder = (
        licensed and "dcterms:format" in part.values and "dcat:accessURL" in part.values,
        bool(known & lists.machine_readable),
        bool(known & lists.non_proprietary),
        bool(known & lists.linked_data),
    )
    return next((number for number, step in enumerate(ladder) if not step), len(ladder))
