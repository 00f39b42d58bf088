"""Reports: exchange forms, presentation, waivers and comparison."""

import csv
import io
import json
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import pyoxigraph as ox
import pytest

from ontology.errors import CheckError
from shapes.check import check, load_profile
from shapes.compare import compare
from shapes.present import View, present
from shapes.report import Report, Result, path_turtle
from shapes.surroundings import read_surroundings
from shapes.waivers import apply_waivers, read_waivers
from shapes.writers import MEDIA_TYPES, WRITERS

DATA = """\
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dcterms: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> . @prefix ex: <https://example.com/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
ex:nacka a foaf:Organization ; foaf:name "Nacka <kommun>"@sv .
ex:d a dcat:Dataset ; dcterms:title "Badplatser"@sv, "Bathing places"@en ; dcterms:publisher ex:nacka ;
    dcat:theme <http://publications.europa.eu/resource/authority/data-theme/ENV> ;
    dcat:distribution [ a dcat:Distribution ; dcat:accessURL <https://example.com/d.csv> ;
                        dcat:byteSize "ten"^^xsd:nonNegativeInteger ] .
ex:e a dcat:Dataset ; dcterms:title "=1+1"@sv .
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two datasets, one with a publisher and a nameless distribution."""
    path = tmp_path_factory.mktemp("report") / "data.nt"
    quads = ox.parse(DATA.encode(), format=ox.RdfFormat.TURTLE)
    path.write_text("".join(f"{quad.triple} .\n" for quad in quads), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def report(data: Path) -> Report:
    """What the Swedish profile finds in them."""
    return check(data, load_profile("dcat-ap-se"))


@pytest.fixture(params=["sv", "en"])
def view(data: Path, report: Report, request: pytest.FixtureRequest) -> View:
    """The report arranged for people, in both languages."""
    return present(report, load_profile("dcat-ap-se"), read_surroundings(data), request.param)


def test_json_round_trip(report: Report) -> None:
    """A report read again is the report that was written."""
    assert len(report.results) > 20
    assert Report.from_json(report.to_json()) == report


@pytest.mark.parametrize("text", ["", "{}", '{"format": 99}', "[]"])
def test_foreign_json_is_refused(text: str) -> None:
    """What is not our report is refused in one line."""
    with pytest.raises(CheckError):
        Report.from_json(text)


def test_turtle_is_a_w3c_report(report: Report) -> None:
    """The Turtle form parses, has one report, and as many results as there are."""
    quads = list(ox.parse(report.to_turtle().encode(), format=ox.RdfFormat.TURTLE))
    results = [q for q in quads if q.predicate.value.endswith("shacl#result")]
    assert len(results) == len({str(q.object) for q in results}) == len(report.results)
    assert report.to_turtle() == report.to_turtle()


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("<http://e/p>", "<http://e/p>"),
        ("^<http://e/p>", "[ sh:inversePath <http://e/p> ]"),
        ("(<http://e/p>/^<http://e/q>)", "( <http://e/p> [ sh:inversePath <http://e/q> ] )"),
        ("(<http://e/p>|<http://e/q>)", "[ sh:alternativePath ( <http://e/p> <http://e/q> ) ]"),
        ("((<http://e/p>/<http://e/q>))*", "[ sh:zeroOrMorePath ( <http://e/p> <http://e/q> ) ]"),
        ("(<http://e/p>)?", "[ sh:zeroOrOnePath <http://e/p> ]"),
    ],
)
def test_paths_in_turtle(path: str, expected: str) -> None:
    """Every kind of property path is written back as the SHACL path it came from."""
    assert path_turtle(path) == expected


def test_levels() -> None:
    """`reaches` judges by the worst result; an unknown severity counts as a violation."""
    warning = Result("<f>", None, None, "c", "Warning", "s")
    odd = Result("<f>", None, None, "c", "https://example.com/Odd", "s")
    assert not Report((warning,)).reaches("Violation")
    assert Report((warning,)).reaches("Warning")
    assert Report((odd,)).reaches("Violation")
    assert Report(()).conforms and not Report((warning,)).conforms


def test_grouped_by_publisher_and_dataset(view: View) -> None:
    """A nameless distribution is reported in its dataset, and a dataset under its publisher."""
    names = {group.publisher: group for group in view.publishers}
    nacka = names["https://example.com/nacka"]
    assert nacka.name == "Nacka <kommun>"
    dataset = next(group for group in nacka.datasets if group.node == "https://example.com/d")
    assert dataset.title == ("Badplatser" if view.language == "sv" else "Bathing places")
    size = next(finding for finding in dataset.findings if finding.rule.endswith("byteSize-datatype"))
    assert size.examples[0].value == "ten"
    assert ("byte" in size.message) and size.read_more.startswith("https://docs.dataportal.se/")


def test_a_publisher_is_its_own_group(view: View) -> None:
    """What is wrong with the description of a publisher stands under that publisher."""
    nacka = next(group for group in view.publishers if group.publisher == "https://example.com/nacka")
    assert any(
        finding.rule.endswith("Agent-type-required") for group in nacka.datasets for finding in group.findings
    )


def test_wrong_code_shows_what_was_possible(view: View) -> None:
    """A wrong theme names the one that was probably meant, and all thirteen."""
    findings = [f for group in view.publishers for d in group.datasets for f in d.findings]
    theme = next(finding for finding in findings if finding.rule.endswith("Dataset-theme-code"))
    assert theme.nearest[0].value.endswith("/ENVI")
    assert len(theme.choices) == 13


def test_counts_agree(view: View) -> None:
    """The counts of groups and of rules add up to those of the report."""
    counts = view.report.counts
    assert sum(group.counts.violations for group in view.publishers) == counts.violations
    assert sum(rule.count for rule in view.rules) == len(view.report.results)


@pytest.mark.parametrize("name", list(WRITERS))
def test_writers_write(view: View, name: str) -> None:
    """Every form has a media type and writes the same bytes twice."""
    assert name in MEDIA_TYPES
    text = WRITERS[name](view)
    assert text and text == WRITERS[name](view)


def test_html_escapes_and_says_its_language(view: View) -> None:
    """What a publisher wrote cannot become markup; the page states its language."""
    page = WRITERS["html"](view)
    assert "Nacka &lt;kommun&gt;" in page and "<kommun>" not in page
    assert f'<html lang="{view.language}">' in page and "<script" not in page


def test_csv_is_safe_in_a_spreadsheet(view: View) -> None:
    """No cell begins like a formula."""
    table = list(csv.DictReader(io.StringIO(WRITERS["csv"](view))))
    assert len(table) > 10
    assert not [cell for row in table for cell in row.values() if cell.startswith(("=", "+", "@"))]


def test_sarif_points_at_rules(view: View) -> None:
    """SARIF results refer to rules by their place, with the levels SARIF knows."""
    run = json.loads(WRITERS["sarif"](view))["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert all(rules[found["ruleIndex"]]["id"] == found["ruleId"] for found in run["results"])
    assert {found["level"] for found in run["results"]} <= {"error", "warning", "note"}


def test_junit_counts_failures(view: View) -> None:
    """Violations are failures and nothing else is."""
    root = ElementTree.fromstring(WRITERS["junit"](view))
    failures = root.findall(".//failure")
    assert len(failures) == sum(
        finding.level == "Violation" for g in view.publishers for d in g.datasets for finding in d.findings
    )


def test_json_for_people_has_the_groups(view: View) -> None:
    """The arranged JSON has publishers, datasets and findings."""
    document = json.loads(WRITERS["json"](view))
    assert document["publishers"][0]["datasets"][0]["findings"][0]["message"]
    assert Report.from_json(WRITERS["json"](view)) == view.report


def test_waivers_set_aside_and_tell(tmp_path: Path, data: Path, report: Report) -> None:
    """A waiver in force covers its results; one that has expired or matches nothing is told about."""
    path = tmp_path / "waivers.toml"
    path.write_text(
        """
        [[waiver]]
        path = "dcat:byteSize"
        component = "Datatype"
        reason = "The system writes words"
        expires = 2027-01-31
        [[waiver]]
        path = "dcat:theme"
        reason = "Was to be mended by summer"
        expires = 2026-06-30
        [[waiver]]
        focus = "https://example.com/nobody"
        reason = "Never happens"
        """,
        encoding="utf-8",
    )
    outcome = apply_waivers(report, read_waivers(path), date(2026, 11, 1))
    assert [waiver.reason for _, waiver in outcome.waived] == ["The system writes words"]
    assert [waiver.reason for waiver in outcome.unused] == ["Never happens"]
    assert [waiver.reason for waiver in outcome.expired] == ["Was to be mended by summer"]
    assert len(outcome.report.results) == len(report.results) - 1
    around, profile = read_surroundings(data), load_profile("dcat-ap-se")
    shown = present(outcome.report, profile, around, "en", waived=outcome)
    for name in ("text", "html", "json"):
        assert "The system writes words" in WRITERS[name](shown), name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[[waiver]]\npath = 'dcat:theme'\n", "reason"),
        ("[[waiver]]\nreason = 'because'\n", "everything"),
        ("[[waiver]]\nreason = 'x'\npath = 'dcat:theme'\nuntil = 2026-01-01\n", "until"),
        ("[[waiver]]\nreason = 'x'\npath = 'dcat:theme'\nexpires = 'soon'\n", "expires"),
        ("x = 1\n", "[[waiver]]"),
        ("[[", "cannot be read"),
    ],
)
def test_bad_waivers_are_refused(tmp_path: Path, text: str, expected: str) -> None:
    """A wrong waivers file is one clear line that names what is wrong."""
    path = tmp_path / "waivers.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CheckError, match=expected.replace("[", r"\[")):
        read_waivers(path)


def test_comparison_counts_blank_nodes(report: Report) -> None:
    """New, mended and unchanged are told apart, and a blank node with another label is the same result."""
    blank = [result for result in report.results if result.focus.startswith("_:")]
    assert blank
    renamed = report.renamed({result.focus: "_:another" for result in blank})
    assert len(compare(report, renamed).unchanged) == len(report.results)
    fewer = Report(report.results[1:])
    assert compare(report, fewer).mended == report.results[:1]
    assert compare(fewer, report).new == report.results[:1]
