"""Reads a CSVW metadata document (Metadata Vocabulary for Tabular Data) into plain frozen values.

Only what conversion needs is kept; docs/specification-format.md names the terms, CSVW's and ODIS's own.
Why this is not the ``csvw`` package: docs/decisions/tabular-conversion.md.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ontology import FOLDER, ODIS, PREFIXES
from ontology.errors import SourceError

Json = Mapping[str, Any]

XSD: Final = PREFIXES["xsd"]

# Clause 5.11.1 of the metadata vocabulary: datatypes whose IRI is not simply XSD's.
_DATATYPES: Final = {
    "any": XSD + "anyAtomicType",
    "number": XSD + "double",
    "binary": XSD + "base64Binary",
    "datetime": XSD + "dateTime",
    "html": PREFIXES["rdf"] + "HTML",
    "xml": PREFIXES["rdf"] + "XMLLiteral",
    "json": PREFIXES["csvw"] + "JSON",
}
_INHERITED: Final = ("datatype", "default", "lang", "null", "required", "separator")
_EXTENDS_LIMIT: Final = 5
_NAME: Final = re.compile(r"[a-z0-9-]+")


@dataclass(frozen=True, slots=True)
class Datatype:
    """What a cell must be: base name, IRI of the literal's datatype, and facets (clause 5.11)."""

    base: str = "string"
    iri: str = XSD + "string"
    format: str | None = None
    decimal_char: str = "."
    group_char: str | None = None
    minimum: str | None = None
    maximum: str | None = None
    min_length: int | None = None
    max_length: int | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """One column: how its header may be spelt, what its cells hold, which triples they become.

    ``values`` are the templates of an IRI and ``texts`` those of a literal, tried in order;
    ``when`` holds groups of columns of which one must be filled.
    """

    name: str
    titles: tuple[str, ...]
    datatype: Datatype
    about: str | None
    property: str | None
    values: tuple[str, ...]
    texts: tuple[str, ...]
    when: tuple[tuple[str, ...], ...]
    extract: str | None
    code_list: str | None
    lang: str | None
    default: str | None
    null: tuple[str, ...]
    separator: str | None
    required: bool
    virtual: bool
    suppressed: bool


@dataclass(frozen=True, slots=True)
class Schema:
    """The columns of one table and the templates that name its rows, the proper one first."""

    columns: tuple[Column, ...]
    about: tuple[str, ...]
    primary_key: tuple[str, ...]
    hash_columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Specification:
    """A metadata document: its name, the file, and the schemas of its tables."""

    name: str
    path: Path
    schemas: tuple[Schema, ...]


def find_specification(given: str, folder: Path) -> Path | None:
    """The metadata document of a specification of ODIS by name, or of a file or folder beside ``folder``."""
    if _NAME.fullmatch(given) and _named(given).is_file():
        return _named(given)
    path = folder / given
    path = path / "metadata.json" if path.is_dir() else path
    return path if path.is_file() else None


def specification_names() -> list[str]:
    """The names of the specifications that come with ODIS."""
    return sorted(path.parent.name for path in FOLDER.glob("specifications/*/metadata.json"))


def _named(name: str) -> Path:
    return FOLDER / "specifications" / name / "metadata.json"


def read_specification(path: Path) -> Specification:
    """Read a metadata document, or ``metadata.json`` in the folder ``path``.

    SourceError names the file, the key and what was expected.
    """
    file = path / "metadata.json" if path.is_dir() else path
    name = file.parent.name if file.name == "metadata.json" else file.stem
    return Specification(name, file, tuple(_schema(table, file) for table in read_tables(file)))


def read_tables(file: Path) -> list[dict[str, Any]]:
    """The table descriptions of a document with what they inherit and extend; SourceError as above."""
    document = _load(file)
    tables = document.get("tables", [document])
    if not isinstance(tables, list) or not tables:
        raise _fault(file, "tables", "a list of table descriptions")
    group: dict[str, Any] = {key: document[key] for key in _INHERITED if key in document}
    return [{**group, **_extended(table, file)} for table in tables]


def _fault(file: Path, key: str, expected: str) -> SourceError:
    return SourceError(f"{file}: {key}: expected {expected}")


def _load(file: Path) -> dict[str, Any]:
    try:
        document = json.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SourceError(f"{file}: the CSVW metadata document cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise SourceError(f"{file}: the CSVW metadata document is not JSON: {error}") from error
    if not isinstance(document, dict):
        raise _fault(file, "document", "a JSON object that describes a table or a group of tables")
    return document


# ---- odis:extends


def _extended(table: object, file: Path, depth: int = 0) -> dict[str, Any]:
    """The table with what it leaves out filled in from the document it extends."""
    if not isinstance(table, dict) or not isinstance(table.get("tableSchema"), dict):
        raise _fault(file, "tableSchema", "an object with columns")
    above = _odis(table, "extends")
    if above is None:
        return table
    if not isinstance(above, str) or depth > _EXTENDS_LIMIT:
        raise _fault(file, "odis:extends", "the path of another metadata.json, without a circle")
    other_file = extended_file(file, above)
    other = _extended(_load(other_file), other_file, depth + 1)
    schema = {**other["tableSchema"], **table["tableSchema"]}
    schema["columns"] = _extended_columns(
        table["tableSchema"].get("columns"), other["tableSchema"]["columns"], file
    )
    return {**other, **table, "tableSchema": schema}


def extended_file(file: Path, above: str) -> Path:
    """What ``odis:extends`` means: a specification of ODIS by its name, or a path beside ``file``."""
    return _named(above) if _NAME.fullmatch(above) else file.parent / above


def _extended_columns(own: object, other: list[dict[str, Any]], file: Path) -> list[dict[str, Any]]:
    if not isinstance(own, list) or not all(isinstance(column, dict) for column in own):
        raise _fault(file, "tableSchema.columns", "a list of column descriptions")
    by_name = {column.get("name"): column for column in other}
    columns = [_extended_column(column, by_name.get(column.get("name"), {})) for column in own]
    names = {column.get("name") for column in own}
    return columns + [column for column in other if column.get("virtual") and column["name"] not in names]


def _extended_column(own: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    merged = {**other, **own}
    titles, others = own.get("titles"), other.get("titles")
    if isinstance(titles, dict) and isinstance(others, dict):
        merged["titles"] = {**others, **titles}
    return merged


def _odis(given: Json, term: str) -> Any:
    """An ODIS term of a description, written as a whole IRI or with the prefix."""
    return given.get(ODIS + term, given.get("odis:" + term))


# ---- table and column


def _schema(table: Json, file: Path) -> Schema:
    schema = table["tableSchema"]
    columns = schema.get("columns")
    if not isinstance(columns, list) or not columns:
        raise _fault(file, "tableSchema.columns", "a list of column descriptions")
    inherited = _inherited(schema, _inherited(table, {}))
    about = schema.get("aboutUrl", table.get("aboutUrl"))
    return Schema(
        tuple(_column(column, inherited, file) for column in columns),
        _texts(about) + _texts(_odis(schema, "fallbackAboutUrl")),
        _texts(schema.get("primaryKey")),
        _texts(_odis(schema, "hashColumns")),
    )


def _column(column: object, inherited: Json, file: Path) -> Column:
    if not isinstance(column, dict) or not isinstance(column.get("name"), str):
        raise _fault(file, "tableSchema.columns", "objects with a name")
    name = column["name"]
    merged = _inherited(column, inherited)
    return Column(
        name=name,
        titles=_titles(column.get("titles")) or (name,),
        datatype=_datatype(merged.get("datatype", "string"), name, file),
        about=column.get("aboutUrl"),
        property=column.get("propertyUrl"),
        values=_texts(column.get("valueUrl")) + _texts(_odis(column, "fallbackValueUrl")),
        texts=_texts(_odis(column, "valueTemplate")),
        when=tuple(tuple(group.split()) for group in _texts(_odis(column, "when"))),
        extract=_odis(column, "extract"),
        code_list=_odis(column, "codeList"),
        lang=merged.get("lang"),
        default=merged.get("default"),
        null=_texts(merged.get("null", "")),
        separator=merged.get("separator"),
        required=bool(merged.get("required", False)),
        virtual=bool(column.get("virtual", False)),
        suppressed=bool(column.get("suppressOutput", False)),
    )


def _datatype(given: object, column: str, file: Path) -> Datatype:
    if isinstance(given, str):
        given = {"base": given}
    if not isinstance(given, dict):
        raise _fault(file, f"{column}.datatype", 'a name such as "decimal" or an object with a base')
    base = given.get("base", "string")
    written = given.get("format")
    number: Json = written if isinstance(written, dict) else {}
    return Datatype(
        base=base,
        iri=given.get("@id") or _DATATYPES.get(base, XSD + base),
        format=number.get("pattern") if number else written,
        decimal_char=number.get("decimalChar", "."),
        group_char=number.get("groupChar"),
        minimum=_facet(given, "minimum", "minInclusive"),
        maximum=_facet(given, "maximum", "maxInclusive"),
        min_length=given.get("minLength", given.get("length")),
        max_length=given.get("maxLength", given.get("length")),
    )


def _facet(given: Json, *names: str) -> str | None:
    return next((str(given[name]) for name in names if name in given), None)


def _texts(given: object) -> tuple[str, ...]:
    if given is None:
        return ()
    return (given,) if isinstance(given, str) else tuple(map(str, given)) if isinstance(given, list) else ()


def _inherited(given: Json, above: Json) -> Json:
    """Clause 5.7: what a group, table or schema says holds for the columns below it."""
    return {**above, **{key: given[key] for key in _INHERITED if key in given}}


def _titles(given: object) -> tuple[str, ...]:
    """Titles in all languages, in their order (clause 6.4: a string, a list, or an object by language)."""
    if isinstance(given, str):
        return (given,)
    if isinstance(given, dict):
        given = list(given.values())
    if not isinstance(given, list):
        return ()
    return tuple(dict.fromkeys(title for part in given for title in _titles(part)))
