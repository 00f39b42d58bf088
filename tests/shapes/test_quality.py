"""The MQA metrics: points, counts, bands, unknowns, next steps and measurements as triples."""

from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from ontology import iri
from shapes.mqa import MAXIMUM, METRICS, Assessment, Evidence, Row, assess, band, measurements

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


def points(assessment: Assessment) -> int:
    """Points of the only dataset."""
    (score,) = assessment.datasets
    return score.total.points


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
    found = points(assess(swedish(), "eu", answering("https://example.com/d.csv")))
    # 405 less 50 for download, 10 + 10 + 40 for what only IRIs earn, and 15 for size, rights and modified.
    assert found == 405 - 50 - 60 - 15


def test_the_swedish_count_takes_media_types_and_leaves_compliance_out() -> None:
    """In the Swedish count `text/csv` counts like CSV, and compliance gives nothing."""
    evidence = answering("https://example.com/d.csv")
    european, national = assess(swedish(), "eu", evidence), assess(swedish(), "se", evidence)
    assert points(national) == points(european) + 10 + 40 - 30


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
    (score,) = assess(complete, "eu", answering("https://example.com/d.csv")).datasets
    assert (score.total.points, score.total.missing, score.band) == (405, (), "excellent")
    assert score.stars == (3,)


def test_unmeasured_is_not_failed() -> None:
    """Without link checks and without a SHACL check those points are unknown, not lost."""
    (score,) = assess(swedish()).datasets
    assert score.total.unknown == 50 + 30
    assert "accessUrlStatusCode" not in {metric.name for metric in score.total.missing}


def test_the_best_distribution_stands_for_the_dataset() -> None:
    """A poor second distribution takes nothing from the dataset, but lowers the ratio count."""
    data = swedish()
    data += rows(DATASET, dcat_distribution=PARTS[1])
    data += rows(PARTS[1], dcat_accessURL="<https://example.com/gone>")
    evidence = Evidence({"https://example.com/d.csv": True, "https://example.com/gone": False}, frozenset())
    assessment = assess(data, "eu", evidence)
    assert points(assessment) == points(assess(swedish(), "eu", answering("https://example.com/d.csv")))
    whole = assessment.whole()
    assert whole is not None
    assert whole.ratio < whole.mean


def test_next_steps_say_what_and_how_much() -> None:
    """The steps come with most points for the least effort first, and name the datasets."""
    whole = assess(swedish(), "eu", answering("https://example.com/d.csv")).whole()
    assert whole is not None
    first = whole.steps[0]
    assert (first.metric.name, first.gain) == ("downloadUrlStatusCode", 30.0)
    assert first.datasets == ("https://example.com/d",)
    gains = [step.gain / step.metric.effort for step in whole.steps]
    assert gains == sorted(gains, reverse=True)


def test_measurements_are_dqv() -> None:
    """Each measured outcome is a DQV measurement with the same IRI every time, computed on the resource."""
    scores = assess(swedish()).datasets
    triples = list(measurements(scores, "https://odis.example/"))
    assert triples == list(measurements(scores, "https://odis.example/"))
    graph = ox.Store()
    graph.bulk_extend(ox.Quad(t.subject, t.predicate, t.object) for t in triples)
    question = """
        PREFIX dqv: <http://www.w3.org/ns/dqv#>
        SELECT ?points WHERE { ?m dqv:isMeasurementOf <https://piveau.eu/ns/voc#scoring> ;
                                  dqv:computedOn <https://example.com/d> ; dqv:value ?points }"""
    answers = graph.query(question)
    assert isinstance(answers, ox.QuerySolutions)
    (row,) = answers
    assert row["points"].value == str(scores[0].total.points)
    # 23 outcomes less the two unknown ones of the dataset and the one of its distribution, and two sums.
    assert (
        len({t.subject for t in triples if str(t.subject).startswith("<https://odis.example/id/")})
        == 21 + 13 + 2
    )


def test_file_and_rows_give_the_same(tmp_path: Path) -> None:
    """Reading a file line by line gives the scores that rows give."""
    path = tmp_path / "data.nt"
    path.write_text("".join(f"{s} {p} {o} .\n" for s, p, o in swedish()), encoding="utf-8")
    assert assess(path) == assess(swedish())
