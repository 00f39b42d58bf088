"""The arranged report as JSON, for programs that show it to people."""

import json
from dataclasses import asdict
from typing import Any

from shapes.present import Finding, View


def write_json(view: View) -> str:
    """Publishers, datasets and findings in their groups, and the bare results to compare with next time."""
    document: dict[str, Any] = {
        "profile": view.profile.name,
        "language": view.language,
        "conforms": view.report.conforms,
        "counts": asdict(view.report.counts),
        "problems": list(view.report.problems),
        "rules": [asdict(rule) for rule in view.rules],
        "publishers": [
            {
                "publisher": publisher.publisher,
                "name": publisher.name,
                "counts": asdict(publisher.counts),
                "datasets": [
                    {
                        "node": dataset.node,
                        "title": dataset.title,
                        "kind": dataset.kind,
                        "counts": asdict(dataset.counts),
                        "findings": [_finding(finding) for finding in dataset.findings],
                    }
                    for dataset in publisher.datasets
                ],
            }
            for publisher in view.publishers
        ],
        **_waived(view),
        **_changes(view),
        "report": json.loads(view.report.to_json()),
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _finding(finding: Finding) -> dict[str, Any]:
    return {**asdict(finding), "choices": [choice.value for choice in finding.choices]}


def _waived(view: View) -> dict[str, Any]:
    if view.waived is None:
        return {}
    waived = view.waived
    return {
        "waived": [
            {"focus": result.focus, "path": result.path, "rule": result.shape, "reason": waiver.reason}
            for result, waiver in waived.waived
        ],
        "unused_waivers": [waiver.reason for waiver in waived.unused],
        "expired_waivers": [waiver.reason for waiver in waived.expired],
    }


def _changes(view: View) -> dict[str, Any]:
    if view.comparison is None:
        return {}
    found = view.comparison
    return {
        "changes": {
            "new": [result.id for result in found.new],
            "mended": [{"focus": r.focus, "path": r.path, "rule": r.shape} for r in found.mended],
            "unchanged": len(found.unchanged),
        }
    }
