"""CSVW metadata documents: what is inherited, extended, and refused with a clear sentence."""

import json
from pathlib import Path
from typing import Any

import pytest

from loaders.tables.csvw import read_specification
from ontology import FOLDER, ODIS
from ontology.errors import SourceError

SPECIFICATIONS = sorted(path.parent for path in FOLDER.glob("specifications/*/metadata.json"))


def _write(folder: Path, name: str, document: Any) -> Path:
    path = folder / name / "metadata.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def test_every_specification_of_the_project_is_read() -> None:
    """The documents in ontology/specifications are understood; bathing places are among them."""
    names = {read_specification(folder).name for folder in SPECIFICATIONS}
    assert names == {folder.name for folder in SPECIFICATIONS}
    assert "bathing-places" in names


def test_what_a_table_says_holds_for_its_columns(tmp_path: Path) -> None:
    """Inherited properties come down from table and schema, and a column's own win (clause 5.7)."""
    document = {
        "null": ["", "-"],
        "tableSchema": {
            "lang": "sv",
            "aboutUrl": "{id}",
            "columns": [{"name": "a"}, {"name": "b", "lang": "en", "null": "x", "datatype": "date"}],
        },
    }
    (schema,) = read_specification(_write(tmp_path, "t", document)).schemas
    first, second = schema.columns
    assert (first.lang, first.null, first.datatype.base) == ("sv", ("", "-"), "string")
    assert (second.lang, second.null, second.datatype.base) == ("en", ("x",), "date")
    assert schema.about == ("{id}",)


def test_titles_in_all_languages_are_headers(tmp_path: Path) -> None:
    """A title may be a text, a list, or an object by language; the first one is the official one."""
    columns = [
        {"name": "a", "titles": {"und": ["namn", "title"], "sv": "Namn"}},
        {"name": "b", "titles": "B"},
        {"name": "c"},
    ]
    (schema,) = read_specification(_write(tmp_path, "t", {"tableSchema": {"columns": columns}})).schemas
    assert [column.titles for column in schema.columns] == [("namn", "title", "Namn"), ("B",), ("c",)]


def test_a_specification_extends_another(tmp_path: Path) -> None:
    """Absent members come from the extended document; its virtual columns follow, its real ones do not."""
    core = {
        "null": "-",
        "tableSchema": {
            "primaryKey": "id",
            "columns": [
                {
                    "name": "id",
                    "propertyUrl": "dcterms:identifier",
                    "titles": {"und": "id", "sv": "Identitet"},
                },
                {"name": "unused"},
                {"name": "type", "virtual": True, "valueUrl": "schema:Place"},
                {"name": "own", "virtual": True, "valueUrl": "schema:Thing"},
            ],
        },
    }
    special = {
        ODIS + "extends": "../core/metadata.json",
        "tableSchema": {
            "aboutUrl": "x/{id}",
            "columns": [
                {"name": "own", "virtual": True, "valueUrl": "schema:Beach"},
                {"name": "id", "titles": {"und": "place_id"}},
            ],
        },
    }
    _write(tmp_path, "core", core)
    (schema,) = read_specification(_write(tmp_path, "special", special)).schemas
    assert [column.name for column in schema.columns] == ["own", "id", "type"]
    own, identifier, _ = schema.columns
    assert own.values == ("schema:Beach",)
    assert (identifier.property, identifier.titles) == ("dcterms:identifier", ("place_id", "Identitet"))
    assert (identifier.null, schema.primary_key, schema.about) == (("-",), ("id",), ("x/{id}",))


def test_a_group_of_tables_has_a_schema_each(tmp_path: Path) -> None:
    """Several tables in one document, with what the group says for all."""
    table = {"tableSchema": {"columns": [{"name": "a"}]}}
    specification = read_specification(_write(tmp_path, "t", {"lang": "sv", "tables": [table, table]}))
    assert [schema.columns[0].lang for schema in specification.schemas] == ["sv", "sv"]


def test_a_specification_of_odis_is_extended_by_its_name(tmp_path: Path) -> None:
    """A bare name means a specification that comes with ODIS, wherever the extending file lies."""
    table = {ODIS + "extends": "place", "tableSchema": {"columns": [{"name": "latitude"}]}}
    (schema,) = read_specification(_write(tmp_path, "t", table)).schemas
    assert schema.columns[0].property == "schema:latitude"
    assert schema.columns[-1].name == "street_address"


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ([], "document: expected a JSON object"),
        ({}, "tableSchema: expected an object with columns"),
        ({"tables": []}, "tables: expected a list of table descriptions"),
        ({"tableSchema": {"columns": []}}, "tableSchema.columns: expected a list"),
        ({"tableSchema": {"columns": ["a"]}}, "tableSchema.columns: expected objects with a name"),
        ({"tableSchema": {"columns": [{"name": "a", "datatype": 3}]}}, "a.datatype: expected a name"),
        ({ODIS + "extends": 7, "tableSchema": {"columns": []}}, "odis:extends: expected the path"),
        ({ODIS + "extends": "metadata.json", "tableSchema": {"columns": []}}, "without a circle"),
        ({ODIS + "extends": "../no.json", "tableSchema": {"columns": []}}, "cannot be read"),
    ],
)
def test_a_wrong_document_is_told_in_one_sentence(tmp_path: Path, document: Any, expected: str) -> None:
    """The error names the file, the key and what was expected."""
    path = _write(tmp_path, "t", document)
    with pytest.raises(SourceError, match="json: ") as caught:
        read_specification(path)
    assert expected in str(caught.value)


def test_a_document_that_is_no_json_is_told(tmp_path: Path) -> None:
    """Neither a missing file nor a broken one ends in a traceback."""
    with pytest.raises(SourceError, match="cannot be read"):
        read_specification(tmp_path / "metadata.json")
    (tmp_path / "metadata.json").write_text("{", encoding="utf-8")
    with pytest.raises(SourceError, match="is not JSON"):
        read_specification(tmp_path)
