"""Files of saved queries: ours, grlc's, and broken ones."""

from pathlib import Path

import pytest

from ontology.errors import QueryError
from queries.saved import SavedQuery, load

HEADER = """#+ title: {sv: Rubrik, en: Title}
#+ description: {sv: Om, en: About}
#+ tags: [a, b]
#+ parameters:
#+   code: {pattern: "[0-9]{4}", example: 0114}
#+ columns:
#+   s: {sv: Sak, en: Thing}
"""


def one(folder: Path, text: str) -> SavedQuery:
    (folder / "q.rq").write_text(text, encoding="utf-8")
    return load(folder)["q"]


def test_header(tmp_path: Path) -> None:
    """Title, description, tags, parameters and columns are read; a code keeps its leading zero."""
    query = one(tmp_path, HEADER + "SELECT ?s { ?s ?p ?_code }")
    assert (query.name, query.group, query.form) == ("q", "", "select")
    assert query.title == {"sv": "Rubrik", "en": "Title"}
    assert query.tags == ("a", "b")
    assert query.example == {"code": ("0114",)}
    assert [column.name for column in query.columns] == ["s"]
    assert "#+" not in query.text
    assert '"0114"' in query.bind(query.example)


def test_shared_parameters(tmp_path: Path) -> None:
    """A parameter of the folder's own list is taken as it stands, or changed."""
    (tmp_path / "parameters.yaml").write_text("n: {type: integer, maximum: '5'}", encoding="utf-8")
    text = "#+ parameters: {n: n, m: {as: n, maximum: '9', example: 7}}\nSELECT ?s { ?s ?_m ?_n }"
    query = one(tmp_path, text)
    assert [(each.name, each.type, each.maximum) for each in query.parameters] == [
        ("n", "integer", "5"),
        ("m", "integer", "9"),
    ]


GRLC = """#+ summary: A query from elsewhere
#+ description: |
#+   With a text of
#+   several lines.
#+ endpoint: http://example.org/sparql
#+ pagination: 100
#+ custom-key: of their own
#+ tags:
#+   - People
#+ defaults:
#+   - name: Anna
#+ enumerate:
#+   - lang
#+   - name:
#+     - Anna
#+     - Bo
PREFIX ex: <http://x/>
SELECT ?s WHERE {
  ?s ex:name ?_name ; ex:title ?_title_en ; ex:type ?_type_iri ; ex:age ?_age_integer ; ex:on ?_day_xsd_date ;
     ex:maybe ?__more .
}
"""


def test_a_query_of_grlc(tmp_path: Path) -> None:
    """A file in grlc's manner runs as it is: types, languages and defaults from spelling and header."""
    query = one(tmp_path, GRLC.replace("PREFIX ex", "PREFIX xsd: <http://xsd/#>\nPREFIX ex"))
    assert [(each.name, each.type, each.optional) for each in query.parameters] == [
        ("name", "string", False),
        ("title", "text", False),
        ("type", "iri", False),
        ("age", "integer", False),
        ("day", "typed", False),
        ("more", "string", True),
    ]
    bound = query.bind({"title": "T", "type": "http://x/A", "age": "7", "day": "2026-01-01"})
    for written in ('"Anna"', '"T"@en', "<http://x/A>", '"2026-01-01"^^<http://xsd/#date>', "?__more"):
        assert written in bound
    with pytest.raises(QueryError, match="one of Anna, Bo"):
        query.bind({"name": "Cilla", "title": "T", "type": "http://x/A", "age": "7", "day": "x"})


def test_one_name_in_two_spellings(tmp_path: Path) -> None:
    """A grlc parameter may be an IRI in one place and a text in another."""
    query = one(tmp_path, "SELECT ?s { ?s ?_id_iri ?_id }")
    assert [each.name for each in query.parameters] == ["id"]
    assert query.bind({"id": "http://x/"}).split() == [
        "SELECT",
        "?s",
        "{",
        "?s",
        "<http://x/>",
        '"http://x/"',
        "}",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("#+ title: [\nSELECT ?s {}", "not YAML"),
        ("#+ title: {sv: En, två, en: One}\nSELECT ?s {}", "quote a text with a comma"),
        ("#+ title: {sv: , en: One}\nSELECT ?s {}", "title must be a text"),
        ("#+ - a\nSELECT ?s {}", "must be a mapping"),
        ("#+ columns: {s: S}\n#+ titel: x\nSELECT ?s {}", "has titel; expected some of columns, "),
        ("#+ parameters: {n: {typ: integer}}\nSELECT ?s { ?s ?p ?_n }", "parameter n has typ"),
        ("#+ parameters: {n: {type: int}}\nSELECT ?s { ?s ?p ?_n }", "type of parameter n is 'int'"),
        ("#+ parameters: {n: {type: integer, default: x}}\nSELECT ?s { ?s ?p ?_n }", "parameter n: expected"),
        ("#+ parameters: {n: {many: perhaps}}\nSELECT ?s { ?s ?p ?_n }", "must be true or false"),
        ("#+ parameters: {n: n}\nSELECT ?s { ?s ?p ?_n }", "to be as n; expected one of none"),
        ("#+ parameters: {n: {}}\nSELECT ?s {}", "declared but \\?_n is nowhere"),
        ("#+ parameters: {n: {}}\nSELECT ?s { ?s ?_m ?_n }", "not declared under"),
        ("#+ parameters: {n: {many: true}}\nSELECT ?s { ?s ?p ?_n }", "takes many values"),
        ("#+ parameters: {n: {optional: true}}\nSELECT ?s { ?s ?p ?o FILTER(?o = ?_n) }", "is optional"),
        ("#+ parameters: {n: {}}\nSELECT ?s { ?s ?p ?o } LIMIT ?_n", "must be of the type integer"),
        (
            "#+ parameters: {n: {choices: {query: other}}}\nSELECT ?s { ?s ?p ?_n }",
            "the query other, which has none",
        ),
        ("SELECT ?_n {}", "cannot be selected"),
        ("SELECT ?s { ?s ?p ?_a_b_c }", "the prefix b: is not declared"),
        ("SELECT ?s { ?s ?p ?_ }", "is no parameter"),
        ("INSERT DATA { <a> <b> <c> }", "found update"),
        ("hello", "found none"),
        ("", "found none"),
        ("SELECT ?s { ?s ?p '", "is a string without an end"),
        ("SELECT ?s { ?s ex:p ?o }", "'ex:p' at character 15, whose prefix is not declared"),
        ("SELECT ?s { ?s ?p ?o } LIMIT10", "which is no word of SPARQL"),
        ("SELECT ?s { ?s ?p § }", "which is not SPARQL"),
    ],
)
def test_a_file_that_cannot_be_used(tmp_path: Path, text: str, message: str) -> None:
    """Each fault is one sentence that names the file, the key and what was expected."""
    with pytest.raises(QueryError, match=message) as caught:
        one(tmp_path, text)
    assert str(caught.value).startswith(str(tmp_path / "q.rq"))


def test_a_broken_file_does_not_stop_the_others(tmp_path: Path) -> None:
    """With a list for the faults every sound file is used, and each fault is told."""
    (tmp_path / "a.rq").write_text("hello", encoding="utf-8")
    (tmp_path / "b.rq").write_text("ASK {}", encoding="utf-8")
    (tmp_path / "c.rq").write_text("#+ title: [\nASK {}", encoding="utf-8")
    faults: list[QueryError] = []
    assert list(load(tmp_path, faults)) == ["b"]
    assert [Path(str(fault).split(": ")[0]).name for fault in faults] == ["a.rq", "c.rq"]


def test_prefixes_an_endpoint_would_know(tmp_path: Path) -> None:
    """A query from elsewhere may use the prefixes of the project without declaring them."""
    query = one(tmp_path, "SELECT ?s { ?s a dcat:Dataset ; ex:p ?_v }".replace("ex:p", "dcterms:title"))
    assert query.text.startswith("PREFIX dcat: <http://www.w3.org/ns/dcat#>\nPREFIX dcterms: ")
    with pytest.raises(QueryError, match="'ex:p'"):
        one(tmp_path, "SELECT ?s { ?s ex:p ?_v }")


def test_two_files_of_one_name(tmp_path: Path) -> None:
    """Names are unique across folders."""
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "q.rq").write_text("ASK {}", encoding="utf-8")
    with pytest.raises(QueryError, match="another saved query is called q"):
        load(tmp_path)


def test_a_file_not_in_utf8(tmp_path: Path) -> None:
    """A file in another encoding is named."""
    (tmp_path / "q.rq").write_bytes("#+ title: Kött\nASK {}".encode("latin-1"))
    with pytest.raises(QueryError, match="UTF-8"):
        load(tmp_path)
