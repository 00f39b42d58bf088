"""The dataset specifications: valid CSVW, one shared core, names and terms that exist."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import RdfFormat, Store, parse

from ontology import FOLDER, ODIS, PREFIXES, iri
from tests.ontology.conftest import SPECIFICATIONS, rows

BADPLATSER = re.findall(
    r"\w+",
    """place_id name latitude longitude hov_ref wikidata updated description
    street housenumber postcode city country facilities
    toilet shower drinking_water changing_room lifeguard lifebuoy trash firstaid fireplace
    bathing_jetty bathing_ladder diving_tower td_url accessibility wheelchair watertype
    beach_sand beach_stone beach_rock beach_concrete beach_grass pet_bath camping
    temp_url extra_url visit_url phone email""",
)
GIVEN = {"_base", "_source", "_about", "_publisher", "_municipality", "_hash", "_row"}
CSVW_PREFIXES = {"dcat", "dcterms", "foaf", "owl", "prov", "rdf", "rdfs", "schema", "skos"}
EACH = pytest.mark.parametrize("folder", SPECIFICATIONS, ids=lambda folder: folder.name)


def read(folder: Path) -> dict[str, Any]:
    """A metadata document as it stands."""
    document: dict[str, Any] = json.loads((folder / "metadata.json").read_text(encoding="utf-8"))
    return document


def columns(folder: Path) -> list[dict[str, Any]]:
    """The columns of a specification with what they inherit from the one it extends."""
    document = read(folder)
    own: list[dict[str, Any]] = document["tableSchema"]["columns"]
    if f"{ODIS}extends" not in document:
        return own
    core = columns((folder / document[f"{ODIS}extends"]).parent)
    by_name = {column["name"]: column for column in core}
    merged = [{**by_name.get(column["name"], {}), **column} for column in own]
    names = {column["name"] for column in own}
    return merged + [column for column in core if column.get("virtual") and column["name"] not in names]


def templates(column: dict[str, Any]) -> list[str]:
    """All templates of a column."""
    texts: list[str] = [column[key] for key in ("aboutUrl", "valueUrl") if key in column]
    for term in ("fallbackValueUrl", "valueTemplate"):
        texts += column.get(ODIS + term, [])
    return texts


def variables(text: str) -> set[str]:
    """The names in a template."""
    return set(re.findall(r"\{\+?(\w+)\}", text))


@EACH
def test_texts_are_in_two_languages(folder: Path) -> None:
    """Title, description and keywords are Swedish and English."""
    document = read(folder)
    for key in ("dcterms:title", "dcterms:description"):
        assert sorted(text["@language"] for text in document[key]) == ["en", "sv"]
    if folder.name != "place":
        assert {text["@language"] for text in document["dcat:keyword"]} == {"sv", "en"}


@EACH
def test_columns_are_named_and_titled(folder: Path) -> None:
    """Names are unique; each real column has headers, and a label in both languages."""
    found = columns(folder)
    assert len({column["name"] for column in found}) == len(found)
    for column in found:
        assert re.fullmatch(r"[a-z]\w*", column["name"])
        if not column.get("virtual"):
            own = {**columns_by_name("place").get(column["name"], {}).get("titles", {}), **column["titles"]}
            assert set(own) == {"und", "sv", "en"}, column["name"]


def columns_by_name(specification: str) -> dict[str, dict[str, Any]]:
    """The columns of a specification by name."""
    return {column["name"]: column for column in columns(FOLDER / "specifications" / specification)}


@EACH
def test_headers_mean_one_column(folder: Path) -> None:
    """No header or alias leads to two columns, however it is spelt."""
    spelt: dict[str, str] = {}
    for column in columns(folder):
        for title in column.get("titles", {}).get("und", []):
            key = re.sub(r"[\s_()-]+", " ", title).strip().casefold()
            assert spelt.setdefault(key, column["name"]) == column["name"], title


@EACH
def test_templates_name_what_exists(folder: Path) -> None:
    """Every variable is a column here or of the core, a group of an extract, or given by the converter."""
    found = columns(folder)
    known = GIVEN | {column["name"] for column in found} | set(columns_by_name("place"))
    for column in found:
        known |= set(re.compile(column.get(f"{ODIS}extract", "")).groupindex)
    schema = read(folder)["tableSchema"]
    for text in [schema["aboutUrl"], *schema[f"{ODIS}fallbackAboutUrl"]]:
        assert variables(text) <= known, text
    for column in found:
        for text in templates(column):
            assert variables(text) <= known, text
        for condition in column.get(f"{ODIS}when", []):
            assert set(condition.split()) <= known, condition


@EACH
def test_properties_are_iris_of_known_vocabularies(folder: Path) -> None:
    """A property is a prefixed name that CSVW knows, or an IRI in a namespace of the context."""
    for column in columns(folder):
        name = column.get("propertyUrl")
        if name is None:
            assert column.get("suppressOutput"), column["name"]
        elif name.startswith("http"):
            assert name.startswith(tuple(PREFIXES.values())), name
        else:
            assert name.partition(":")[0] in CSVW_PREFIXES and iri(name), name


@EACH
def test_virtual_columns_come_last_and_make_values(folder: Path) -> None:
    """As CSVW wants: virtual columns stand after the real ones. Each has a value to give."""
    found = columns(folder)
    kinds = [bool(column.get("virtual")) for column in found]
    assert kinds == sorted(kinds)
    assert all("valueUrl" in c or f"{ODIS}valueTemplate" in c for c in found if c.get("virtual"))


@EACH
def test_code_lists_exist(folder: Path, graph: Store) -> None:
    """A column's code list is a scheme with concepts, in the ontology or beside the specification."""
    for column in columns(folder):
        if scheme := column.get(f"{ODIS}codeList"):
            assert rows(graph, f"SELECT ?c {{ ?c skos:inScheme <{scheme}> }}"), scheme


@EACH
def test_shapes_speak_two_languages(folder: Path) -> None:
    """Every property shape has severity, name and message in both languages, under its own IRIs."""
    store = Store()
    store.extend(parse(path=folder / "shape.ttl", format=RdfFormat.TURTLE))
    shapes = rows(
        store,
        """SELECT ?shape ?severity (COUNT(DISTINCT ?message) AS ?m) (COUNT(DISTINCT ?name) AS ?n) {
            ?shape a sh:PropertyShape ; sh:severity ?severity ; sh:message ?message ; sh:name ?name }
        GROUP BY ?shape ?severity""",
    )
    assert len(shapes) == len(rows(store, "SELECT ?s { ?s a sh:PropertyShape }"))
    assert len(shapes) == len(rows(store, "SELECT DISTINCT ?s { [] sh:property ?s }"))
    prefix = f"https://odis.example/shapes/{folder.name}/"
    assert all(shape.startswith(prefix) and (m, n) == ("2", "2") for shape, _, m, n in shapes)


def test_shapes_are_counted() -> None:
    """The whole set of shapes for rows: 65 rules."""
    texts = [(folder / "shape.ttl").read_text(encoding="utf-8") for folder in SPECIFICATIONS]
    assert sum(text.count("a sh:PropertyShape") for text in texts) == 65


def test_bathing_places_have_the_columns_of_badplatser() -> None:
    """The 42 official headers of badplatser 1.0 in their order, and then the column source."""
    headers = []
    for column in columns(FOLDER / "specifications" / "bathing-places"):
        if not column.get("virtual"):
            headers.append(column["titles"].get("und", [column["name"]])[0])
    assert headers == [*BADPLATSER, "source"]


def test_bathing_places_conform_to_the_national_specification() -> None:
    """The IRI that dataportal.se gives the specification comes first, its other spellings after it."""
    found = [one["@id"] for one in read(FOLDER / "specifications" / "bathing-places")["dcterms:conformsTo"]]
    assert found[0] == "https://dataportal.se/specifications/badplatser/1.0"
    assert len(found) == 5


def test_specifications_are_told_apart_by_their_iri() -> None:
    """No IRI in conformsTo names two specifications."""
    found = [one["@id"] for folder in SPECIFICATIONS for one in read(folder).get("dcterms:conformsTo", [])]
    assert len(set(found)) == len(found)


@pytest.mark.parametrize(
    ("specification", "column", "value", "groups"),
    [
        ("bathing-places", "hov_ref", "SE0110180000001831", {"water_municipality": "0180"}),
        ("bathing-places", "id", "1477-Hattarevik", {"id_municipality": "1477"}),
        ("bathing-places", "id", "SE0441273000000001", {"id_municipality": "1273"}),
        ("bathing-places", "id", "Vesljunga", {"id_municipality": None}),
        ("outdoor-gyms", "id", "0180_Utegym_00001", {"id_municipality": "0180"}),
        ("outdoor-gyms", "source", "0180", {"source_municipality": "0180", "org_a": None}),
        ("outdoor-gyms", "source", "212000-1264", {"org_a": "21", "org_c": "00", "org_e": "64"}),
        ("outdoor-gyms", "source", "21 20 00-12 64", {"org_a": "21", "org_c": "00", "org_e": "64"}),
        ("outdoor-gyms", "source", "2120001264", {"org_a": "21", "org_c": "00", "org_e": "64"}),
        ("charging-stations", "capacity", "3,6 kW - 230V 1-phase max 16A", {"kw": "3", "kw_part": "6"}),
    ],
)
def test_extracts_find_codes(
    specification: str, column: str, value: str, groups: dict[str, str | None]
) -> None:
    """The regular expressions find kommunkod, organisation number and power in values as they are written."""
    pattern = columns_by_name(specification)[column][f"{ODIS}extract"]
    match = re.fullmatch(pattern, value)
    assert match
    assert {name: match[name] for name in groups} == groups
