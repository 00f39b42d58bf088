"""Says what a specification holds, for people: its texts, and each column with names, type and codes.

`python -m loaders.tables.describe` writes docs/specifications.md; a test says when it is stale.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from loaders.tables.codes import Concepts, code_lists
from loaders.tables.csvw import find_specification, read_specification, read_tables, specification_names
from ontology import ODIS
from ontology.errors import SourceError

PAGE: Final = Path(__file__).parents[2] / "docs" / "specifications.md"

_MOST_CODES: Final = 12
_HEAD: Final = """# The specifications

What each specification that comes with ODIS knows, made from its [`metadata.json`](specification-format.md) by `python -m loaders.tables.describe`.
The same on the command line: `odis specs`, `odis specs NAME`; a new one is drafted by `odis specs new NAME --from FILE`.
"""  # noqa: E501  one sentence per line, as in all of docs/


@dataclass(frozen=True, slots=True)
class ColumnText:
    """One real column: its first title, the others, its label by language, what its cells are."""

    name: str
    title: str
    aliases: tuple[str, ...]
    label: Mapping[str, str]
    type: str
    required: bool
    becomes: str


@dataclass(frozen=True, slots=True)
class SpecificationText:
    """A specification: texts by language, the addresses it is known by, and its columns."""

    name: str
    title: Mapping[str, str]
    notes: Mapping[str, str]
    addresses: tuple[str, ...]
    columns: tuple[ColumnText, ...]


def named(given: str) -> Path:
    """The metadata document that a name or a path means; SourceError lists what there is."""
    path = find_specification(given, Path())
    if path is None:
        known = ", ".join(specification_names())
        raise SourceError(f"there is no specification {given!r}; expected a metadata document, or: {known}")
    return path


def describe(file: Path) -> SpecificationText:
    """What a metadata document says; SourceError when it cannot be used."""
    name = read_specification(file).name
    tables = read_tables(file)
    real = [c for table in tables for c in table["tableSchema"]["columns"] if not c.get("virtual")]
    lists = code_lists((c[f"{ODIS}codeList"] for c in real if f"{ODIS}codeList" in c), file)
    return SpecificationText(
        name,
        _texts(tables[0].get("dcterms:title")),
        _texts(tables[0].get("dcterms:description")),
        tuple(one["@id"] for one in tables[0].get("dcterms:conformsTo", [])),
        tuple(_column(column, lists) for column in real),
    )


def _texts(given: Any) -> dict[str, str]:
    return {text.get("@language", ""): text["@value"] for text in given or []}


def _column(column: Mapping[str, Any], lists: Mapping[str, Concepts]) -> ColumnText:
    titles = column.get("titles", {})
    by_language = titles if isinstance(titles, dict) else {"und": titles}
    spelt = by_language.get("und") or [column["name"]]
    spelt = [spelt] if isinstance(spelt, str) else spelt
    label = {key: text for key, text in by_language.items() if key != "und"}
    concepts = lists.get(column.get(f"{ODIS}codeList", ""))
    return ColumnText(
        column["name"],
        spelt[0],
        tuple(spelt[1:]),
        label,
        _codes(concepts) if concepts else _type(column.get("datatype", "string")),
        bool(column.get("required")),
        "" if column.get("suppressOutput") else column.get("propertyUrl", "").replace(ODIS, "odis:"),
    )


def _codes(concepts: Concepts) -> str:
    """One name for each concept of a list: notations come first in it."""
    names: dict[str, str] = {}
    for name, concept in concepts.items():
        names.setdefault(concept, name)
    shown = sorted(names.values())
    more = ", …" if len(shown) > _MOST_CODES else ""
    return "one of " + ", ".join(shown[:_MOST_CODES]) + more


def _type(given: Any) -> str:
    if isinstance(given, str):
        return given
    low, high = given.get("minimum"), given.get("maximum")
    text = str(given.get("base", "string"))
    if low is not None or high is not None:
        text += f" {low or ''}–{high or ''}"
    form = given.get("format")
    return f"{text} `{form}`" if isinstance(form, str) and text != "date" else text


# ---- the page


def page() -> str:
    """docs/specifications.md: every specification of ODIS with its columns."""
    found = [describe(named(name)) for name in specification_names()]
    parts = [_HEAD, "\n".join(_summary(found))]
    return "\n".join([*parts, *("\n".join(_section(one)) for one in found)]) + "\n"


def _summary(found: Sequence[SpecificationText]) -> Iterator[str]:
    yield "| Name | Swedish | English | Columns | Required |"
    yield "|---|---|---|---|---|"
    for one in found:
        required = ", ".join(f"`{column.title}`" for column in one.columns if column.required)
        cells = (
            f"[`{one.name}`](#{one.name})",
            one.title["sv"],
            one.title["en"],
            str(len(one.columns)),
            required,
        )
        yield f"| {' | '.join(cells)} |"
    yield ""


def _section(one: SpecificationText) -> Iterator[str]:
    yield f"## {one.name}\n"
    yield f"{one.notes['sv']}\n{one.notes['en']}\n"
    if one.addresses:
        yield "`dcterms:conformsTo`: " + ", ".join(f"`{address}`" for address in one.addresses) + "\n"
    yield "| Column | Also written | Swedish | English | Type | Becomes |"
    yield "|---|---|---|---|---|---|"
    for column in one.columns:
        title = f"**`{column.title}`**" if column.required else f"`{column.title}`"
        aliases = ", ".join(f"`{alias}`" for alias in column.aliases)
        labels = (column.label.get("sv", ""), column.label.get("en", ""))
        cells = (title, aliases, *labels, column.type, f"`{column.becomes}`" if column.becomes else "")
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
    yield ""


# ---- for the terminal


def as_json(one: SpecificationText) -> str:
    """The same as JSON, for programs."""
    columns = [
        {"name": c.name, "title": c.title, "aliases": c.aliases, "label": c.label, "type": c.type}
        | {"required": c.required, "becomes": c.becomes}
        for c in one.columns
    ]
    known = {"name": one.name, "title": one.title, "description": one.notes, "conformsTo": one.addresses}
    return json.dumps(known | {"columns": columns}, ensure_ascii=False, indent=1)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
