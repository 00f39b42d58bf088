"""The MQA metrics: points, counts, bands, unknowns, next steps and measurements as triples."""

from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from ontology import iri
from shapes.mqa import (
    MAXIMUM,
    METRICS,
    SCORING,
    Count,
    DatasetScore,
    Evidence,
    Row,
    Tally,
    assess,
    band,
    described,
    measured,
)
from shapes.quality.facts import rows_of

NAL = "http://publications.europa.eu/resource/authority/"
DATASET = "<https://example.com/d>"
PARTS = ("<https://example.com/d/1>", "<https://example.com/d/2>")


def rows(subject: str, **values: str) -> Iterator[Row]:
    """Rows for one subject; a keyword such as dcat_theme is a prefixed name."""
    for name, value in values.items():
        prefix, _, local = name.partition("_")
        yield subject, f"<{iri(f'{prefix}:{local}')}>", value


def swedish() -> list[Row]:
    """A dataset with every recommended field of DCAT-AP-SE, and its format as text."""
    found = list(
        rows(
            DATASET,
            rdf_type=f"<{iri('dcat:Dataset')}>",
            dcat_keyword='"badplats"@sv',
            dcat_theme=f"<{NAL}data-theme/ENVI>",
            dcterms_spatial="<https://sws.geonames.org/2673730/>",
            dcterms_temporal="_:p",
            dcterms_accessRights=f"<{NAL}access-right/PUBLIC>",
            dcat_contactPoint="<https://example.com/c>",
            dcterms_publisher="<https://example.com/p>",
            dcterms_issued='"2024-01-01"',
            dcat_distribution=PARTS[0],
        )
    )
    found += rows(
        PARTS[0],
        dcat_accessURL="<https://example.com/d.csv>",
        dcterms_format='"text/csv"',
        dcterms_license="<http://creativecommons.org/publicdomain/zero/1.0/>",
    )
    return found


def answering(*addresses: str) -> Evidence:
    """Evidence that these addresses answer and that every dataset has passed the check."""
    return Evidence(answers=dict.fromkeys(addresses, True), failing=frozenset())


def only(rows: list[Row], count: Count = "eu", evidence: Evidence | None = None) -> DatasetScore:
    """The score of the only dataset."""
    (scores,) = assess(rows, evidence)
    return scores[count]


def tally(*scores: DatasetScore) -> Tally:
    """What some datasets add up to."""
    whole = Tally(scores[0].total.count)
    for score in scores:
        lacks = [metric.name for metric in score.total.missing]
        whole.add(lacks, [metric.name for metric in score.total.unmeasured], score.stars)
    return whole


def test_points_add_up() -> None:
    """There are 23 metrics worth 405 points in Europe and 375 in Sweden, divided as the method says."""
    assert len(METRICS) == 23
    assert MAXIMUM == {"eu": 405, "se": 375}
    by_dimension: dict[str, int] = {}
    for metric in METRICS.values():
        by_dimension[metric.dimension] = by_dimension.get(metric.dimension, 0) + metric.points
    assert list(by_dimension.values()) == [100, 100, 110, 75, 20]


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        (405, "excellent"),
        (351, "excellent"),
        (350, "good"),
        (221, "good"),
        (220, "sufficient"),
        (120, "bad"),
        (0, "bad"),
    ],
)
def test_bands(score: int, expected: str) -> None:
    """The limits between ratings are where the method puts them."""
    assert band(score) == expected


def test_swedish_recommendations_in_europe() -> None:
    """With all Swedish recommendations and formats as text, Europe gives 280 of 405 points."""
    found = only(swedish(), "eu", answering("https://example.com/d.csv")).total.points
    # 405 less 50 for download, 10 + 10 + 40 for what only IRIs earn, and 15 for size, rights and modified.
    assert found == 405 - 50 - 60 - 15


def test_the_swedish_count_takes_media_types_and_leaves_compliance_out() -> None:
    """In the Swedish count `text/csv` counts like CSV, and compliance gives nothing."""
    evidence = answering("https://example.com/d.csv")
    european, national = only(swedish(), "eu", evidence).total, only(swedish(), "se", evidence).total
    assert national.points == european.points + 10 + 40 - 30


def test_everything_gives_405() -> None:
    """A dataset with every field in its European form and answering addresses gets all points."""
    complete = [row for row in swedish() if "format" not in row[1]]
    complete += rows(
        PARTS[0],
        dcterms_format=f"<{NAL}file-type/CSV>",
        dcat_mediaType="<https://www.iana.org/assignments/media-types/text/csv>",
        dcat_downloadURL="<https://example.com/d.csv>",
        dcat_byteSize='"1"',
        dcterms_rights="_:r",
        dcterms_modified='"2024-01-01"',
    )
    score = only(complete, "eu", answering("https://example.com/d.csv"))
    assert (score.total.points, score.total.missing, score.band) == (405, (), "excellent")
    assert score.stars == (3,)


def test_unmeasured_is_not_failed() -> None:
    """Without link checks and without a SHACL check those points are unknown, not lost."""
    score = only(swedish())
    assert {metric.name for metric in score.total.unmeasured} == {"accessUrlStatusCode", "dcatApCompliance"}
    assert tally(score).unknown == 50 + 30
    assert "accessUrlStatusCode" not in {metric.name for metric in score.total.missing}


def test_the_best_distribution_stands_for_the_dataset() -> None:
    """A poor second distribution takes nothing from the dataset, but lowers the mean of stars."""
    data = swedish()
    data += rows(DATASET, dcat_distribution=PARTS[1])
    data += rows(PARTS[1], dcat_accessURL="<https://example.com/gone>")
    evidence = Evidence({"https://example.com/d.csv": True, "https://example.com/gone": False}, frozenset())
    both, one = only(data, "se", evidence), only(swedish(), "se", answering("https://example.com/d.csv"))
    assert both.total.points == one.total.points
    assert tally(both).stars == tally(one).stars / 2


def test_next_steps_say_what_and_how_much() -> None:
    """The steps come with most points for the least effort first, and say how many datasets lack it."""
    score = only(swedish(), "eu", answering("https://example.com/d.csv"))
    whole = tally(score, score)
    assert whole.mean == score.total.points == sum(whole.dimensions.values())
    first = whole.steps[0]
    assert (first.metric.name, first.gain, first.datasets) == ("downloadUrlStatusCode", 30.0, 2)
    gains = [step.gain / step.metric.effort for step in whole.steps]
    assert gains == sorted(gains, reverse=True)


def test_measurements_are_dqv() -> None:
    """A measurement has the same IRI every time, its value, and the metrics that are lacking, with points."""
    score = only(swedish()).total
    lines = [
        *measured(score.node, SCORING["eu"], score.points, "https://odis.example/m/", lacks=score.missing),
        *described(),
    ]
    graph = ox.Store()
    graph.load("".join(lines).encode(), format=ox.RdfFormat.N_TRIPLES)
    question = """
        PREFIX dqv: <http://www.w3.org/ns/dqv#> PREFIX odis: <https://odis.example/def#>
        SELECT ?points (SUM(?more) AS ?lost) WHERE {
            ?m a dqv:QualityMeasurement ; dqv:isMeasurementOf <https://piveau.eu/ns/voc#scoring> ;
                dqv:computedOn <https://example.com/d> ; dqv:value ?points ; odis:lacks ?metric .
            ?metric a dqv:Metric ; odis:points ?more } GROUP BY ?points"""
    answers = graph.query(question)
    assert isinstance(answers, ox.QuerySolutions)
    (row,) = answers
    assert row["points"].value == str(score.points)
    assert int(row["lost"].value) == MAXIMUM["eu"] - score.points - 50 - 30


def test_files_give_what_rows_give(tmp_path: Path) -> None:
    """N-Triples, and N-Quads of one graph, are read line by line into the same rows."""
    path = tmp_path / "data.nt"
    path.write_text("".join(f"{s} {p} {o} .\n" for s, p, o in swedish()), encoding="utf-8")
    assert list(rows_of(path)) == swedish()
    path.write_text("".join(f"{s} {p} {o} <https://g.example/> .\n" for s, p, o in swedish()), "utf-8")
    assert list(rows_of(path, "https://g.example/")) == swedish()
