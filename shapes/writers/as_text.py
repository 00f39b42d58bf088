"""The report for a terminal, with colours where there are any."""

import io

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.text import Text

from shapes.present import DatasetGroup, Finding, PublisherGroup, View
from shapes.report import Counts, Level
from shapes.waivers import Waived

_COLOURS: dict[Level, str] = {"Violation": "red", "Warning": "yellow", "Info": "cyan"}
_SIGNS: dict[Level, str] = {"Violation": "✗", "Warning": "!", "Info": "·"}
_WIDTH = 110
DATASETS = 20
"""How many datasets of a publisher are shown; the rest are counted."""


def write_text(view: View) -> str:
    """The report as plain text, 110 characters wide."""
    out = io.StringIO()
    print_text(view, Console(file=out, width=_WIDTH, color_system=None, legacy_windows=False))
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())


def print_text(view: View, console: Console) -> None:
    """Prints the report on a console: worst publisher first, then its worst datasets."""
    for publisher in view.publishers:
        _publisher(publisher, view, console)
    if not view.publishers:
        console.print(view.words["clean"])
    _afterwards(view, console)
    for problem in view.report.problems:
        console.print(f"{view.words['problems']}: {escape(problem)}")
    console.print(f"[bold]{_counts(view.report.counts, view)}[/] ({escape(view.profile.name)})")


def _publisher(group: PublisherGroup, view: View, console: Console) -> None:
    console.print(f"[bold underline]{escape(group.name)}[/]  {_counts(group.counts, view)}")
    for dataset in group.datasets[:DATASETS]:
        _dataset(dataset, view, console)
    if (left := len(group.datasets) - DATASETS) > 0:
        console.print(f"  {view.words['datasets']}: {view.words['more'].format(count=left)}")
    console.print()


def _dataset(group: DatasetGroup, view: View, console: Console) -> None:
    kind = view.words.get(group.kind, group.kind)
    console.print(
        f"  [bold]{escape(group.title or group.node)}[/] [dim]{escape(kind)} {escape(group.node)}[/]"
    )
    for finding in group.findings:
        _finding(finding, view, console)


def _finding(finding: Finding, view: View, console: Console) -> None:
    colour, sign = _COLOURS[finding.level], _SIGNS[finding.level]
    times = f" ×{finding.count}" if finding.count > 1 else ""
    _indented(f"[{colour}]{sign} {escape(finding.field)}{times}[/]: {escape(finding.message)}", 4, console)
    for example in finding.examples:
        if example.value:
            shown = f'"{example.value}"@{example.language}' if example.language else example.value
            _indented(f"[dim]{view.words['value']}:[/] {escape(shown)}", 8, console)
    for choice in finding.nearest:
        _indented(
            f"[dim]{view.words['nearest']}:[/] {escape(choice.value)} ({escape(choice.label)})", 8, console
        )


def _indented(markup: str, by: int, console: Console) -> None:
    console.print(Padding(Text.from_markup(markup), (0, 0, 0, by), expand=False))


def _afterwards(view: View, console: Console) -> None:
    if view.waived is not None:
        _waived(view.waived, view, console)
    if view.comparison is not None:
        new, mended, same = (
            len(found) for found in (view.comparison.new, view.comparison.mended, view.comparison.unchanged)
        )
        console.print(view.words["changes"].format(new=new, mended=mended, unchanged=same))


def _waived(outcome: Waived, view: View, console: Console) -> None:
    if outcome.waived:
        console.print(view.words["waived text"].format(count=len(outcome.waived)))
        for reason in sorted({waiver.reason for _, waiver in outcome.waived}):
            console.print(f"  {escape(reason)}")
    for word, waivers in (("unused", outcome.unused), ("expired", outcome.expired)):
        if waivers:
            console.print(view.words[word])
            for waiver in waivers:
                console.print(f"  {escape(waiver.reason)}")


def _counts(counts: Counts, view: View) -> str:
    words = view.words
    parts = (
        (counts.violations, "violations", "red"),
        (counts.warnings, "warnings", "yellow"),
        (counts.infos, "infos", "cyan"),
    )
    shown = [f"[{colour}]{number} {words[word]}[/]" for number, word, colour in parts if number]
    return ", ".join(shown) or f"[green]{words['clean']}[/]"
