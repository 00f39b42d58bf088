"""The mappings as tables for people, in Markdown; docs/sources.md holds them.

    python -m loaders.kinds.tables

puts the tables of today between the marks in docs/sources.md.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from loaders.kinds.mapping import Field, Rule, rules

PAGE: Final = Path(__file__).parent.parent.parent / "docs" / "sources.md"
_PLACE = re.compile(r"(<!-- mapping (?P<name>[a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def filled(page: str) -> str:
    """A page with the table of each mapping that it has a place for."""
    return _PLACE.sub(lambda place: f"{place[1]}\n{table(place['name'])}\n\n{place[3]}", page)


def table(mapping: str) -> str:
    """One table of a mapping: a row for each field of each kind of node."""
    rows = [row for rule in rules(mapping).values() for row in _rows(rule)]
    return "\n".join(("| Source field | Property | Remark |", "|---|---|---|", *rows))


def _rows(rule: Rule) -> Iterator[str]:
    kind = f"`{rule.type}`" if rule.type else "a node that is only named"
    templates = ", else ".join(f"`{template}`" for template in rule.iris) or "none: a blank node"
    yield f"| **{rule.name}** | {kind} | IRI: {templates} |"
    for field in rule.fields:
        paths = ", else ".join(f"`{path}`" for path in field.paths if path != ".") or "several fields"
        yield f"| {paths} | `{field.to}` | {'; '.join(_remarks(field))} |"


def _remarks(field: Field) -> Iterator[str]:
    if field.node:
        yield f"a node, see **{field.node}**"
    if field.form != "text":
        yield {"link": "IRI", "mail": "IRI with `mailto:`"}.get(field.form, f"`{field.form}`")
    if field.split:
        yield "also as a list in JSON or with commas"
    if field.codes:
        yield f"{len(field.codes)} codes"
    if field.otherwise:
        yield "only where the rows above gave none"
    if field.remark:
        yield field.remark


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
