"""Drafts a specification from a table: its header and some of its rows become CSVW, SHACL and a saved query.

A draft can be used at once; what only a person knows (public terms, English, what is required) is for them.
"""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from loaders.tables.cells import CellError, as_text, is_null_word, reader
from loaders.tables.columns import Titles
from loaders.tables.csvw import Datatype, read_specification
from loaders.tables.draft_texts import Term, query, shape
from loaders.tables.fit import Sample, sample, titles
from ontology import FOLDER, ODIS
from ontology.errors import SourceError

_PLACE: Final = FOLDER / "specifications" / "place"
_SAMPLE: Final = 1000
_ENOUGH: Final = 5  # rows; fewer say nothing about what is always there
_KEY: Final = re.compile(r"(?:^|[\W_])(?:id|nr|nummer|kod|code|key|uuid)(?:$|[\W_])|id$", re.I)
_LONGEST_KEY: Final = 60


@dataclass(frozen=True, slots=True)
class Draft:
    """The files of a drafted specification by name, and what is to be edited in them."""

    files: Mapping[str, str]
    next: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Column:
    """One title of the table: the values met, and the core's column that it means, if any."""

    title: str
    values: tuple[str, ...]
    rows: int
    core: str | None

    @property
    def full(self) -> bool:
        return self.rows >= _ENOUGH and len(self.values) == self.rows

    @property
    def may_name_rows(self) -> bool:
        short = all(len(value) <= _LONGEST_KEY for value in self.values)
        kinds = ("string", "integer")
        return self.full and short and len(set(self.values)) == self.rows and guess(self.values) in kinds


def draft(name: str, file: Path, base: str) -> Draft:
    """Draft the specification `name` from a table of any format; own terms and names lie under `base`.

    SourceError when the file holds no table, or the name cannot be the name of a folder.
    """
    if not re.fullmatch(r"[a-z][a-z0-9-]*", name):
        raise SourceError(f"{name!r} is no name; expected small letters, digits and hyphens: bicycle-pumps")
    columns, located = _columns(sample(file, _SAMPLE))
    key = _key(columns)
    taken = {column.name for column in read_specification(_PLACE).schemas[0].columns}
    terms = list(_terms(columns, key, taken, f"{base}def/{name}#"))
    kind = "".join(word.capitalize() for word in name.split("-"))
    metadata = _metadata(name, file.name, base, located, _described(columns, key, terms, kind, base, name))
    texts = {
        "metadata.json": _written(metadata),
        "shape.ttl": shape(name, kind, base, terms),
        f"{name}.rq": query(name, kind, base, terms, located),
    }
    return Draft(texts, tuple(_next(columns, key, terms, located)))


# ---- what the table says


def _columns(table: Sample) -> tuple[list[_Column], bool]:
    """The columns of a table, and whether its rows have a place."""
    bound = _bound(titles(read_specification(_PLACE).schemas[0]), table.titles)
    values = {title: _texts(row.values.get(title) for row in table.rows) for title in table.titles}
    columns = [_Column(title, values[title], len(table.rows), bound.get(title)) for title in table.titles]
    cores = set(bound.values())
    located = {"latitude", "longitude"} <= cores or "geometry" in cores
    return columns, located or table.rows[0].geometry is not None


def _bound(core: Titles, given: Sequence[str]) -> dict[str, str]:
    """The columns of the core that titles mean."""
    pairs = ((title, core.bind(title)[0]) for title in core.ranked(given))
    return {title: bound.column.name for title, bound in pairs if bound}


def _texts(values: Iterator[Any]) -> tuple[str, ...]:
    texts = (as_text(value).strip() for value in values if not isinstance(value, tuple))
    return tuple(text for text in texts if text and not is_null_word(text))


def _key(columns: Sequence[_Column]) -> _Column | None:
    """The column that names rows: one that looks like an id and never repeats, a text before a number."""
    able = [column for column in columns if column.core == "id" or _looks_like_key(column)]
    texts = [column for column in able if guess(column.values) == "string"]
    return next(iter(texts or able), None)


def _looks_like_key(column: _Column) -> bool:
    return column.core is None and column.may_name_rows and bool(_KEY.search(column.title))


def guess(values: Sequence[str]) -> str:
    """The narrowest datatype that reads all values; text when none does, or when digits are a code."""
    if not values or any(len(value) > 1 and value[0] == "0" and value.isdigit() for value in values):
        return "string"
    return next((base for base in _DATATYPES if _all(base, values)), "string")


_DATATYPES: Final = ("boolean", "dateTime", "date", "integer", "decimal", "anyURI")


def _all(base: str, values: Sequence[str]) -> bool:
    signs = {
        "boolean": any(value.isalpha() for value in values),  # 0 and 1 may as well be counts
        "dateTime": any(":" in value for value in values),
        "anyURI": any("://" in value for value in values),
    }
    if not signs.get(base, True):
        return False
    read = reader(Datatype(base, f"http://www.w3.org/2001/XMLSchema#{base}"))
    try:
        return all(bool(read(value)) for value in values)
    except CellError:
        return False


# ---- what the draft says


def _terms(
    columns: Sequence[_Column], key: _Column | None, taken: set[str], namespace: str
) -> Iterator[Term]:
    """A term of one's own for each column that is neither the core's nor the key."""
    used = set(taken)
    for column in columns:
        if column.core in (None, "id") and column is not key:
            name = _name(column.title, used)
            used.add(name)
            yield Term(name, column.title, namespace + name, guess(column.values), column.full)


def _name(title: str, used: set[str]) -> str:
    letters = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"\W+", "_", letters).strip("_")
    name = name if re.match(r"[a-z]", name) else f"column_{name}".rstrip("_")
    number = 2
    free = name
    while free in used:
        free, number = f"{name}_{number}", number + 1
    return free


def _metadata(name: str, url: str, base: str, located: bool, schema: dict[str, Any]) -> dict[str, Any]:
    words = name.replace("-", " ").capitalize()
    extends = {f"{ODIS}extends": "place"} if located else {}
    return {
        "@context": "http://www.w3.org/ns/csvw",
        "@type": "Table",
        "url": url,
        **extends,
        "dcterms:title": [{"@value": words, "@language": "sv"}, {"@value": words, "@language": "en"}],
        "dcterms:description": [
            {"@value": f"Utkast efter {url}.", "@language": "sv"},
            {"@value": f"Drafted from {url}.", "@language": "en"},
        ],
        "dcterms:conformsTo": [{"@id": f"{base}id/specification/{name}"}],
        "tableSchema": schema,
    }


def _written(metadata: dict[str, Any]) -> str:
    """As JSON for people: a line for each column."""
    schema = metadata["tableSchema"]
    columns = ",\n      ".join(json.dumps(column, ensure_ascii=False) for column in schema["columns"])
    rest = {**metadata, "tableSchema": {**schema, "columns": []}}
    text = json.dumps(rest, ensure_ascii=False, indent=2) + "\n"
    return text.replace('"columns": []', f'"columns": [\n      {columns}\n    ]')


def _described(
    columns: Sequence[_Column], key: _Column | None, terms: Sequence[Term], kind: str, base: str, name: str
) -> dict[str, Any]:
    own = {term.title: term for term in terms}
    listed = [_column(column, column is key, own.get(column.title)) for column in columns]
    kinds = {
        "name": "is_kind",
        "virtual": True,
        "propertyUrl": "rdf:type",
        "valueUrl": f"{base}def/{name}#{kind}",
    }
    about = f"{{+_base}}id/{name}/{{_source}}-"
    by_hash = {
        f"{ODIS}fallbackAboutUrl": [about + "{_hash}"],
        f"{ODIS}hashColumns": [column["name"] for column in listed if column["name"] != "id"],
    }
    by_key = {"primaryKey": "id", "aboutUrl": about + "{id}"} if key else {"aboutUrl": about + "{_hash}"}
    return {**by_key, **by_hash, "columns": [*listed, kinds]}


def _column(column: _Column, is_key: bool, term: Term | None) -> dict[str, Any]:
    titles = {"und": [column.title]}
    if is_key:
        about = {"datatype": "string", "required": True, "propertyUrl": "dcterms:identifier"}
        return {"name": "id", "titles": titles | {"sv": "Identitet", "en": "Identifier"}, **about}
    if term is None:
        return {"name": column.core, "titles": titles}
    label = {"sv": column.title.replace("_", " ").strip().capitalize()}
    described: dict[str, Any] = {"name": term.name, "titles": titles | label, "datatype": term.datatype}
    if term.required:
        described["required"] = True
    link = {"valueUrl": f"{{+{term.name}}}"} if term.datatype == "anyURI" else {}
    return described | {"propertyUrl": term.iri} | link


def _next(
    columns: Sequence[_Column], key: _Column | None, terms: Sequence[Term], located: bool
) -> Iterator[str]:
    yield "metadata.json: dcterms:title and dcterms:description, in Swedish and English"
    yield 'metadata.json: "en" in the titles of each column, and other headers met in the wild in "und"'
    if terms:
        names = ", ".join(term.name for term in terms)
        yield f"metadata.json: public terms (schema.org, Dublin Core) in propertyUrl of: {names}"
    if key is None:
        yield "metadata.json: aboutUrl: no column names the rows, so each gets a hash that changes with it"
    if not located:
        yield "metadata.json: if rows are places, name their coordinates latitude and longitude"
    required = ", ".join(term.name for term in terms if term.required)
    if required:
        yield f"metadata.json and shape.ttl: required, because no row met was without them: {required}"
    few = [column.title for column in columns if _is_code(column)]
    if few:
        yield f"a SKOS list in codes.ttl and odis:codeList, if these are codes: {', '.join(few)}"


def _is_code(column: _Column) -> bool:
    different = len(set(column.values))
    return (
        column.core is None and guess(column.values) == "string" and 1 < different <= 12 < len(column.values)
    )
