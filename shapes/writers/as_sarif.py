"""The report as SARIF 2.1.0, which code hosting services show beside the lines of a pull request."""

import json
from typing import Any, Final

from shapes.present import DatasetGroup, Finding, View
from shapes.report import Level

_LEVELS: Final[dict[Level, str]] = {"Violation": "error", "Warning": "warning", "Info": "note"}


def write_sarif(view: View) -> str:
    """One run with every rule that was broken and a result for each example that is shown.

    A result points at the resource by its IRI (a logical location), because the check reads triples and does
    not know the line they came from.
    """
    rules = {rule.rule: number for number, rule in enumerate(view.rules)}
    results = [
        _result(finding, dataset, rules)
        for publisher in view.publishers
        for dataset in publisher.datasets
        for finding in dataset.findings
    ]
    driver = {
        "name": "ODIS",
        "informationUri": "https://odis.example/",
        "rules": _rules(view),
        "language": view.language,
    }
    document = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": results}],
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _rules(view: View) -> list[dict[str, Any]]:
    graph = view.profile.graph()
    return [
        {
            "id": rule.rule,
            "name": rule.field,
            "shortDescription": {"text": rule.message},
            "helpUri": next(iter(graph.shape(rule.rule).see_also), rule.rule),
            "defaultConfiguration": {"level": _LEVELS[rule.level]},
        }
        for rule in view.rules
    ]


def _result(finding: Finding, dataset: DatasetGroup, rules: dict[str, int]) -> dict[str, Any]:
    values = "; ".join(example.value for example in finding.examples if example.value)
    text = finding.message + (f" ({values})" if values else "")
    place = finding.examples[0].focus if finding.examples and finding.examples[0].focus else dataset.node
    return {
        "ruleId": finding.rule,
        "ruleIndex": rules[finding.rule],
        "level": _LEVELS[finding.level],
        "message": {"text": text},
        "occurrenceCount": finding.count,
        "partialFingerprints": {"odis/v1": f"{finding.rule} {dataset.node}"},
        "locations": [
            {
                "physicalLocation": {"artifactLocation": {"uri": dataset.node or "about:blank"}},
                "logicalLocations": [{"fullyQualifiedName": place, "name": dataset.title}],
            }
        ],
    }
