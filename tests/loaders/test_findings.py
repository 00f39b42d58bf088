"""Findings: every rule speaks two languages, stands in the documentation, and is used."""

import re
from pathlib import Path

import pytest

from loaders.tables.findings import RULES, Finding, Rule, TabularReport

ROOT = Path(__file__).parent.parent.parent
WORDS = {"kept", "repaired", "cell left out", "row left out", "rest left out"}


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_a_rule_says_the_same_in_both_languages(rule: Rule) -> None:
    """Both sentences use the same parts, and say which were meant."""
    parts = [sorted(re.findall(r"\{(\w+)\}", text)) for text in (rule.sv, rule.en)]
    assert parts[0] == parts[1]
    assert set(parts[0]) <= {"value", "detail"}
    assert rule.sv != rule.en
    assert rule.done in WORDS


def test_the_documentation_lists_every_rule() -> None:
    """docs/datasets.md has each rule with its severity, what is done and its sentence, and no other."""
    text = (ROOT / "docs/datasets.md").read_text(encoding="utf-8")
    table = text[text.index("| Rule | Severity |") :].splitlines()[2:]
    expected = [
        f"| `{r.id}` | {r.severity} | {r.done} | {r.en.format(value='…', detail='…')} |"
        for r in RULES.values()
    ]
    assert table == expected


def test_every_rule_is_used() -> None:
    """A rule that nothing raises is a promise that nobody keeps."""
    sources = [p for p in (ROOT / "loaders").rglob("*.py") if p.name != "findings.py"]
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    unused = {name for name in RULES if f'"{name}"' not in text}
    assert unused == set()


def test_a_sentence_has_place_value_and_deed() -> None:
    """File, row, column, value, what was noticed, what was done; a long value is shortened."""
    finding = Finding(RULES["bad-cell"], 7, "toilet", "x" * 200, ("sv", "en"))
    sentence = finding.sentence("a.csv", "en")
    assert sentence.startswith("a.csv, row 7, column “toilet”: “xxx")
    assert sentence.endswith("…” is not en (cell left out)")
    assert len(sentence) < 150


def test_a_report_is_plain_json() -> None:
    """Counts and findings of a report, as the release keeps them."""
    report = TabularReport("a.csv", "bathing-places", rows=2, kept=1, refused=1)
    report.add(Finding(RULES["key-empty"], 3, "id"))
    report.add(Finding(RULES["bad-cell"], 2, "toilet", "x", ("ja", "yes")))
    told = report.to_json()
    assert told["counts"] == [
        {"rule": "bad-cell", "severity": "Violation", "column": "toilet", "count": 1},
        {"rule": "key-empty", "severity": "Violation", "column": "id", "count": 1},
    ]
    assert told["findings"][0]["message"]["sv"].startswith("a.csv, rad 3, kolumn ”id”: raden saknar id")
    assert report.of_severity("Violation") == 2
