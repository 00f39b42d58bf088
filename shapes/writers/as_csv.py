"""The report as a table, one line for each result, for a spreadsheet."""

import csv
import io

from shapes.present import Example, Finding, View

COLUMNS = (
    "level",
    "publisher",
    "dataset",
    "title",
    "field",
    "property",
    "message",
    "value",
    "resource",
    "count",
    "rule",
    "read_more",
)


def write_csv(view: View) -> str:
    """A line for each rule broken in each dataset, with its first example; RFC 4180, with a heading."""
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(COLUMNS)
    for publisher in view.publishers:
        for dataset in publisher.datasets:
            for finding in dataset.findings:
                place = (publisher.name, dataset.node, dataset.title)
                table.writerow((finding.level, *map(_harmless, place), *_cells(finding)))
    return out.getvalue()


def _cells(finding: Finding) -> tuple[str, ...]:
    first = finding.examples[0] if finding.examples else Example("", "", "")
    cells = (finding.field, finding.property, finding.message, first.value, first.focus)
    return (*map(_harmless, cells), str(finding.count), finding.rule, finding.read_more)


def _harmless(cell: str) -> str:
    """Text that a spreadsheet will not take for a formula."""
    return "'" + cell if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
