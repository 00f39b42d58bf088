"""Writes the table of saved queries into their page.

`python -m queries.documentation docs/saved-queries.md` makes it anew; a test tells when it is stale.
"""

import sys
from collections.abc import Mapping
from pathlib import Path

from queries.saved import SavedQuery, load

BEGIN, END = "<!-- queries -->\n", "<!-- /queries -->\n"


def table(queries: Mapping[str, SavedQuery]) -> str:
    """The saved queries as Markdown tables, one for each group."""
    lines: list[str] = []
    group = None
    for query in sorted(queries.values(), key=lambda query: (query.group, query.name)):
        if query.group != group:
            group = query.group
            lines += ["", f"### {group}", "", "| name | what it answers | parameters |", "|---|---|---|"]
        parameters = ", ".join(f"`{each.name}`" for each in query.parameters) or "–"
        lines.append(f"| `{query.name}` | {query.title['en']} | {parameters} |")
    return "\n".join(lines) + "\n\n"


def renewed(page: str, queries: Mapping[str, SavedQuery]) -> str:
    """The page with the table between its marks made anew."""
    before, _, rest = page.partition(BEGIN)
    return before + BEGIN + table(queries) + END + rest.partition(END)[2]


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.write_text(renewed(target.read_text(encoding="utf-8"), load()), encoding="utf-8")
