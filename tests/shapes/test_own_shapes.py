"""Our own shape files: complete, explained and free of the mistakes engines pass over."""

import csv
import re
from pathlib import Path

import pyoxigraph as ox
import pytest

from ontology import iri
from shapes.check import check, profiles
from shapes.codelists import FILE, codes_turtle
from shapes.graph import shapes_graph
from shapes.lint import problems, reporting, unexplained
from shapes.profile import BASE
from shapes.reference import PAGE, page, rules

OURS = ("dcat-ap", "dcat-ap-hvd", "dcat-ap-se")


def test_profiles_are_three_with_titles() -> None:
    """The profiles we ship are found by name, with a title in both languages."""
    found = profiles()
    assert tuple(found) == OURS
    assert all({"sv", "en"} <= set(profile.title) for profile in found.values())


@pytest.mark.parametrize("name", OURS)
def test_no_silent_mistakes(name: str) -> None:
    """No dangling reference, no misspelt sh: term, no shape out of reach, none without a constraint."""
    assert problems(profiles()[name].graph()) == []


@pytest.mark.parametrize("name", OURS)
def test_every_rule_is_explained(name: str) -> None:
    """Each rule has a name, a message in Swedish and English, and a link to its clause."""
    assert unexplained(profiles()[name].graph()) == []


@pytest.mark.parametrize(("name", "at_least"), [("dcat-ap", 340), ("dcat-ap-hvd", 17), ("dcat-ap-se", 440)])
def test_rules_have_stable_names(name: str, at_least: int) -> None:
    """Every rule is named <profile>/<Class>-<property>-<rule>, and none has gone missing."""
    rules = reporting(profiles()[name].graph())
    form = re.compile(re.escape(BASE) + r"dcat-ap(-se|-hvd)?/[A-Z]\w+(-[A-Za-z0-9]+){1,5}")
    assert len(rules) >= at_least
    assert [rule for rule in rules if not form.fullmatch(rule)] == []


@pytest.mark.parametrize("name", OURS)
def test_messages_are_sentences(name: str) -> None:
    """A message says what is wrong and how to mend it: at least two sentences, each with its full stop."""
    graph = profiles()[name].graph()
    texts = [text for rule in reporting(graph) for text in graph.shape(rule).messages.values()]
    assert [text for text in texts if not text.rstrip().endswith((".", "?"))] == []
    assert [text for text in texts if len(text) > 420 or "  " in text] == []


def test_code_lists_are_fresh() -> None:
    """The code list shapes are what the ontology says today."""
    assert FILE.read_text(encoding="utf-8") == codes_turtle()


@pytest.mark.shared
def test_every_swedish_property_is_checked(shared: Path) -> None:
    """Each row of the Swedish property table that is in the profile has at least one rule for its field."""
    lines = (shared / "reference/dcat-ap-se-properties.tsv").read_text(encoding="utf-8").splitlines()
    table = csv.DictReader(lines, delimiter="	", quoting=csv.QUOTE_NONE)
    rows = [row for row in table if row["se_level"] != "–"]
    graph = profiles()["dcat-ap-se"].graph()
    fields = {graph.shape(rule).field for rule in reporting(graph)}
    assert len(rows) > 140
    assert [row["property"] for row in rows if row["iri"] not in fields] == []


def test_every_numbered_recommendation_is_accounted_for() -> None:
    """Of DIGG's recommendations 1 to 19 each is linked from a rule, or docs/shacl.md says where it went."""
    graph = profiles()["dcat-ap-se"].graph()
    links = [link for rule in reporting(graph) for link in graph.shape(rule).see_also]
    numbers = {int(match[1]) for link in links if (match := re.search(r"/recommendations/#(\d+)-", link))}
    # 3, 5 and 16 do not show in metadata, 4 is linked as 19, and the rules of 12 link to clauses of fields.
    assert set(range(1, 20)) - numbers == {3, 4, 5, 12, 16}
    page = (PAGE.parent / "shacl.md").read_text(encoding="utf-8")
    table = page.partition("### DIGG's recommendations")[2].partition("###")[0]
    named = set(re.findall(r"`([A-Z]\w+-[\w-]+)`", table))
    assert len(named) > 15
    assert [name for name in named if BASE + "dcat-ap-se/" + name not in graph.shapes] == []


def test_lint_finds_what_it_should() -> None:
    """Each kind of mistake is found in shapes that have it."""
    text = """
        @prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <http://example.com/> .
        ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:property ex:gone, ex:empty ; sh:shape ex:x .
        ex:empty a sh:PropertyShape ; sh:path ex:p ; sh:message "never shown" .
        ex:lost a sh:PropertyShape ; sh:path ex:p ; sh:minCount 1 .
    """
    graph = shapes_graph([quad.triple for quad in ox.parse(text, format=ox.RdfFormat.TURTLE)])
    found = problems(graph)
    assert len(found) == 4
    for expected in ("ex:gone", "sh:shape", "ex:empty", "ex:lost"):
        name = expected.removeprefix("ex:")
        assert any(name in sentence for sentence in found), expected


def test_iri_of_field_is_a_property() -> None:
    """`rule:field` gives a node-level rule the field it is about."""
    graph = profiles()["dcat-ap-hvd"].graph()
    shape = graph.shape(BASE + "dcat-ap-hvd/Dataset-hvdCategory-required")
    assert shape.field == iri("dcatap:hvdCategory")


def test_the_page_of_rules_is_fresh() -> None:
    """docs/shapes.md says what the shapes say, in both languages."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_rules_know_their_choices() -> None:
    """A rule that looks its value up says which values there are, with labels."""
    found = {rule.name: rule for rule in rules(profiles()["dcat-ap-se"])}
    themes = found["dcat-ap-se/Dataset-theme-code"].choices
    assert len(themes) == 13
    assert all(choice.label for choice in themes)


@pytest.mark.parametrize("name", ["dcat-ap", "dcat-ap-se"])
def test_a_series_is_listed_and_served_like_a_dataset(tmp_path: Path, name: str) -> None:
    """A catalogue may list, and a service may serve, a dataset series; what is neither is a violation."""
    data = tmp_path / "data.nt"
    lines = [
        f"<https://example.com/{subject}> <{iri(predicate)}> <{value}> ."
        for subject, predicate, value in (
            ("catalogue", "rdf:type", iri("dcat:Catalog")),
            ("catalogue", "dcat:dataset", "https://example.com/series"),
            ("service", "rdf:type", iri("dcat:DataService")),
            ("service", "dcat:servesDataset", "https://example.com/series"),
            ("service", "dcat:servesDataset", "https://example.com/catalogue"),
            ("series", "rdf:type", iri("dcat:DatasetSeries")),
        )
    ]
    data.write_text("\n".join(lines) + "\n", encoding="utf-8")
    report = check(data, profiles()[name])
    wrong = [
        result.value
        for result in report.results
        if result.shape.endswith(("-dataset-type", "-servesDataset-type"))
    ]
    assert wrong == ["<https://example.com/catalogue>"]
