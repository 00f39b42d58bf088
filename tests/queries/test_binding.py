"""Values become terms, terms are bound by place: whatever a value holds, it stays a value."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, QuerySolution, QuerySolutions, Store

from ontology.errors import QueryError
from queries.binding import Slot, fill, page, slots
from queries.parameters import Parameter, ParameterError, Term, Type
from queries.saved import SavedQuery, load
from queries.tokens import code
from tests.fuzz import FUZZ, bounded

HOSTILE = [
    '" . ?s ?p ?o . #',
    '" } UNION { ?s ?p ?o } #',
    "' || true || '",
    '\\" } #',
    "\\",
    '"""',
    "'''",
    "x\n} UNION { ?s ?p ?o",
    "\r\n\t\x00\x0b\x7f\x85\u2028\u2029",
    "http://x/> . ?s ?p ?o . <http://x/",
    "<http://x/>",
    "http://x/{y}",
    "http://x/ y",
    "http://x/\\u003E",
    "javascript:alert(1)",
    "?s",
    "?_value",
    "UNDEF",
    "1) || (1 = 1",
    "1; DROP ALL",
    "0 } SERVICE <http://127.0.0.1/> {",
    '"@en',
    '"^^<http://x/>',
    "@en--ltr",
    "1e400",
    "-0",
    "999999999999999999999999",
    "٣",
    "１２",
    "NaN",
    "2026-02-30",
    "2026-01-01T00:00:00+99:00",
    "59.3,18.0) } #",
    "POINT(0 0)",
    "true } #",
    "",
    " ",
    "a" * 3000,
    "\ud800",
    "$(id)",
    "{{x}}",
    "%27%20OR%201=1",
    "<!-- -->",
]
KINDS: list[Type] = [
    "iri", "string", "text", "integer", "decimal", "double", "number", "date", "dateTime", "year", "boolean",
    "point", "typed",
]  # fmt: skip
SOUND: dict[Type, str] = {
    "iri": "https://example.org/a",
    "string": "a",
    "text": "a",
    "integer": "12",
    "decimal": "1.5",
    "double": "1.5e3",
    "number": "2.5",
    "date": "2026-06-30",
    "dateTime": "2026-06-30T12:00:00Z",
    "year": "2026",
    "boolean": "true",
    "point": "59.33,18.06",
    "typed": "POINT(1 2)",
}
PLACES = """
SELECT ?s WHERE {
  ?s ?p ?_v . FILTER(?o = ?_v || ?o IN (?_v, 1)) VALUES ?a { ?_v } VALUES (?b ?c) { (?_v 1) }
  { SELECT (COUNT(?x) AS ?n) WHERE { ?x ?y ?_v } GROUP BY ?z HAVING(?z < ?_v) }
  OPTIONAL { ?s ?q ?_v BIND(STR(?_v) AS ?t) } MINUS { ?u ?w ?_v } GRAPH ?g { ?s ?p ?_v }
} ORDER BY (?o = ?_v)
"""


def parameter(kind: Type) -> Parameter:
    return Parameter("v", kind, datatype="http://www.opengis.net/ont/geosparql#wktLiteral")


def shape(text: str) -> list[tuple[str, str]]:
    """The tokens with the text of strings and IRIs left out: what a value must not change."""
    return [(token.kind, "" if token.kind in ("string", "iri") else token.text) for token in code(text)]


def term_of(kind: Type, value: str) -> Term | None:
    try:
        return parameter(kind).term(value)
    except ParameterError as error:
        assert error.parameter == "v"
        assert set(error.expected) == {"sv", "en"}
        return None


@pytest.mark.parametrize("kind", KINDS)
def test_a_hostile_value_is_refused_or_is_data(kind: Type) -> None:
    """Each hostile value at each type: refused, or the query keeps its shape and finds just that value."""
    places = slots(PLACES)
    expected = shape(fill(PLACES, places, {"_v": [parameter(kind).term(SOUND[kind])]}))
    accepted = 0
    for value in HOSTILE:
        term = term_of(kind, value)
        if term is None:
            continue
        accepted += 1
        bound = fill(PLACES, places, {"_v": [term]})
        assert shape(bound) == expected, value
        Store().query(bound)
        assert found(term) == ["<http://x/the-one>"], value
    assert accepted == (len(HOSTILE) - 2 if kind in ("string", "text", "typed") else accepted)


def rows_of(store: Store, text: str) -> list[QuerySolution]:
    answer = store.query(text)
    assert isinstance(answer, QuerySolutions)
    return list(answer)


def found(term: Term) -> list[str]:
    """The subjects a bound query finds where one thing has the value and others have not."""
    store = Store()
    value = NamedNode("http://x/value")
    store.add(Quad(NamedNode("http://x/the-one"), value, term))
    store.add(Quad(NamedNode("http://x/other"), value, Literal("something else")))
    store.add(Quad(NamedNode("http://x/third"), value, NamedNode("http://x/else")))
    text = "SELECT ?s WHERE { ?s <http://x/value> ?_v }"
    return [str(row["s"]) for row in rows_of(store, fill(text, slots(text), {"_v": [term]}))]


@FUZZ
@bounded(400)
@given(st.text(max_size=60), st.sampled_from(KINDS))
def test_any_value_is_refused_or_is_data(value: str, kind: Type) -> None:
    """The same for any text at all."""
    term = term_of(kind, value)
    if term is not None:
        places = slots(PLACES)
        sound = fill(PLACES, places, {"_v": [parameter(kind).term(SOUND[kind])]})
        assert shape(fill(PLACES, places, {"_v": [term]})) == shape(sound)
        assert found(term) == ["<http://x/the-one>"]


QUERIES = load()


@pytest.mark.parametrize("name", sorted(QUERIES))
def test_no_hostile_value_changes_a_saved_query(name: str) -> None:
    """Each hostile value at each parameter of each saved query: refused, or the query keeps its shape."""
    query = QUERIES[name]
    # Every parameter has a value: one that is left out may be UNDEF, which has another shape.
    sound = {each.name: each.example or each.default or (of_pattern(each),) for each in query.parameters}
    expected = shape(query.bind(sound))
    for each in query.parameters:
        for value in HOSTILE:
            try:
                bound = query.bind({**sound, each.name: value})
            except QueryError:
                continue
            if value or not (each.default or each.optional):
                assert shape(bound) == expected, (each.name, value)


def of_pattern(each: Parameter) -> str:
    """A value for a parameter without an example."""
    if each.choices:
        return each.choices[0].value
    return {"iri": "https://example.org/a", "string": "0182"}[each.type]


def test_the_battery_is_whole() -> None:
    """Nobody has shortened the lists: values, types, and queries with parameters."""
    assert len(set(HOSTILE)) == 43
    assert set(KINDS) == set(SOUND)
    assert sum(bool(query.parameters) for query in QUERIES.values()) >= 50


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT ?x { ?x ?_p ?y }", ["term"]),
        ("SELECT ?x { ?x ?y ?z FILTER(?x = ?_a) }", ["expression"]),
        ("SELECT ?x { ?x ?y ?z FILTER(?x IN (?_a)) }", ["list"]),
        ("SELECT ?x { ?x ?y ?z FILTER(?x NOT IN (1, ?_a, ?_b + 1)) }", ["list", "expression"]),
        ("SELECT ?x { VALUES ?x { ?_a 1 } }", ["values"]),
        ("SELECT ?x { VALUES (?x ?y) { (?_a 1) (2 ?_b) } }", ["row", "row"]),
        ("SELECT ?x { ?x ?y ?z } VALUES ?x { ?_a }", ["values"]),
        ("SELECT ?x { ?x ?y ?z } LIMIT ?_a OFFSET ?_b", ["limit", "limit"]),
        ("SELECT ?x { { SELECT ?x { ?x ?y ?_a } LIMIT ?_b } ?x ?y ?_c }", ["term", "limit", "term"]),
        ("SELECT (?x + ?_a AS ?b) { ?x ?y ?z } GROUP BY (?y + ?_b)", ["expression", "expression"]),
        ("SELECT ?x { ?x ?y ?z } ORDER BY DESC(?x = ?_a)", ["expression"]),
        ("SELECT ?x { GRAPH ?_g { ?x ?y ?z } }", ["term"]),
        ("DESCRIBE ?_x", ["term"]),
        ("CONSTRUCT { ?x ?y ?_a } WHERE { ?x ?y (1 ?_b) }", ["term", "term"]),
        ("ASK { FILTER(EXISTS { ?x ?y ?_a } && regex(?q, ?_b)) ?x ?y ?_c }", ["term", "expression", "term"]),
    ],
)
def test_places(text: str, expected: list[str]) -> None:
    """Where a parameter stands is told by the grammar, not by its spelling."""
    assert [slot.place for slot in slots(text)] == expected


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?_x { ?s ?p ?_x }",
        "SELECT (1 AS ?_x) {}",
        "SELECT * { BIND(1 AS ?_x) }",
        "SELECT * { VALUES ?_x { 1 } }",
        "SELECT * { VALUES (?y ?_x) { (1 2) } }",
        "SELECT ?y { ?y ?p ?o } GROUP BY ?_x",
        "SELECT ?y { ?y ?p ?o } ORDER BY ?_x",
        "SELECT * { ?s ?p ?o FILTER(BOUND(?_x)) }",
        "SELECT * { SERVICE ?_x { ?s ?p ?o } }",
        "SELECT * { SERVICE SILENT ?_x { ?s ?p ?o } }",
        "SELECT * { ?s ex:p ?_x }",
    ],
)
def test_where_a_parameter_cannot_stand(text: str) -> None:
    """It is an error where the grammar wants a variable, or where a value could send the query elsewhere."""
    with pytest.raises(QueryError):
        slots(text)


@pytest.mark.parametrize(
    ("text", "terms", "expected"),
    [
        ("VALUES ?x { ?_v }", [], "VALUES ?x { UNDEF }"),
        ("VALUES ?x { ?_v }", ["a", "b"], 'VALUES ?x { "a" "b" }'),
        ("VALUES (?x ?y) { (?_v 1) }", [], "VALUES (?x ?y) { ( UNDEF 1) }"),
        ("FILTER(?x IN (?_v, 1))", ["a", "b"], 'FILTER(?x IN ( "a", "b" , 1))'),
        ("?s ?p ?_v .", [], "?s ?p ?_v ."),
        ("?s ?p ?_v-1", ["a"], '?s ?p "a" -1'),
    ],
)
def test_none_one_and_many(text: str, terms: Sequence[str], expected: str) -> None:
    """Without a value a VALUES block has UNDEF and a pattern its variable; lists take several values."""
    places = slots(f"SELECT * {{ {text} }}")
    moved = [Slot(slot.variable, slot.place, slot.start - 11, slot.end - 11) for slot in places]
    filled = fill(text, moved, {"_v": [Literal(term) for term in terms]})
    assert filled.split() == expected.split()


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("integer", "+7", '"7"^^<http://www.w3.org/2001/XMLSchema#integer>'),
        ("boolean", "1", '"true"^^<http://www.w3.org/2001/XMLSchema#boolean>'),
        ("number", "7", '"7"^^<http://www.w3.org/2001/XMLSchema#integer>'),
        ("number", "7.5", '"7.5"^^<http://www.w3.org/2001/XMLSchema#decimal>'),
        ("text", "Hej", '"Hej"@sv'),
        ("year", "2026", '"2026"^^<http://www.w3.org/2001/XMLSchema#gYear>'),
        ("point", "59.33, 18.06", '"POINT(18.06 59.33)"^^<http://www.opengis.net/ont/geosparql#wktLiteral>'),
    ],
)
def test_terms(kind: Type, value: str, expected: str) -> None:
    """A value becomes the term of its type."""
    assert str(parameter(kind).term(value)) == expected


@pytest.mark.parametrize(
    ("about", "good", "bad"),
    [
        (Parameter("v", "integer", minimum="1", maximum="10"), ["1", "10"], ["0", "11"]),
        (Parameter("v", "decimal", minimum="0.5"), ["0.5"], ["0.49"]),
        (Parameter("v", "date", minimum="2026-01-01"), ["2026-01-01"], ["2025-12-31"]),
        (Parameter("v", "dateTime", maximum="2026-01-01T00:00:00Z"), ["2026-01-01T00:30:00+01:00"],
         ["2026-01-01T00:00:01Z"]),
        (Parameter("v", pattern="[0-9]{4}"), ["0182"], ["182", "01821", "0182\n"]),
        (Parameter("v", longest=3), ["abc"], ["abcd"]),
        (Parameter("v", "iri", under="http://x/"), ["a", "https://y/"], ["a b", "<"]),
        (Parameter("v", "iri"), ["urn:x:y"], ["a", "//x/y"]),
        (Parameter("v", "point"), ["-90,180"], ["91,0", "0,181", "1", "1,2,3"]),
    ],
)  # fmt: skip
def test_bounds(about: Parameter, good: list[str], bad: list[str]) -> None:
    """Minimum, maximum, pattern, length and namespace hold, and the refusal names the parameter."""
    for value in good:
        about.term(value)
    for value in bad:
        with pytest.raises(ParameterError, match="parameter v: expected"):
            about.term(value)


def test_how_many() -> None:
    """One value where one is asked for, several where several are, the default where none is given."""
    one = Parameter("v", default=("x",))
    assert [term.value for term in one.terms([])] == ["x"]
    assert [term.value for term in one.terms([""])] == ["x"]
    assert Parameter("v", optional=True).terms([]) == ()
    assert [term.value for term in Parameter("v").terms([""])] == [""]
    assert len(Parameter("v", many=True).terms(["a", "b"])) == 2
    for about, values in ((one, ["a", "b"]), (Parameter("v"), []), (Parameter("v", many=True), ["a"] * 101)):
        with pytest.raises(ParameterError):
            about.terms(values)


def test_pages() -> None:
    """A query is cut to pages, its own limit and dataset clauses kept; only a SELECT query has pages."""
    store = Store()
    for number in range(30):
        store.add(
            Quad(NamedNode("http://x/s"), NamedNode("http://x/p"), Literal(number), NamedNode("http://g/"))
        )
    text = (
        "PREFIX x: <http://x/> SELECT ?o (STR(?o) AS ?t) FROM <http://g/> WHERE { x:s x:p ?o } "
        "ORDER BY ?o LIMIT 25 # {"
    )
    pages = [rows_of(store, page(text, 11, offset)) for offset in (0, 10, 20)]
    assert [[int(str(row["t"])[1:-1]) for row in rows] for rows in pages] == [
        list(range(11)),
        list(range(10, 21)),
        list(range(20, 25)),
    ]
    assert str(pages[0][0][0]) == '"0"^^<http://www.w3.org/2001/XMLSchema#integer>'
    with pytest.raises(QueryError):
        page("ASK {}", 1, 0)


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        ("SELECT ?z ?a (STR(?a) AS ?m)", ["z", "a", "m"]),
        ("SELECT DISTINCT $z (CONCAT(STR(?z), STR((?a))) AS ?b) ?a FROM <http://g/>", ["z", "b", "a"]),
        ("SELECT (COUNT(*) AS ?n)", ["n"]),
        ("SELECT (EXISTS { ?z ?p ?c } AS ?is) ?z", ["is", "z"]),
        ("SELECT *", ["a", "p", "z"]),
    ],
)
def test_pages_keep_the_columns_in_order(clause: str, expected: list[str]) -> None:
    """The columns of a page are those of the whole answer, as the query names them."""
    answer = Store().query(page(f"{clause} {{ ?z ?p ?a }}", 1, 0))
    assert isinstance(answer, QuerySolutions)
    found = [variable.value for variable in answer.variables]
    assert (found if clause != "SELECT *" else sorted(found)) == expected


def test_values_reach_a_query(tmp_path: Path) -> None:
    """A saved query binds what it is given and refuses names it does not know."""
    (tmp_path / "q.rq").write_text("SELECT ?s { ?s ?p ?_value } LIMIT ?_rows_integer", encoding="utf-8")
    query: SavedQuery = load(tmp_path)["q"]
    bound = query.bind({"value": 'a"b', "rows": "3"})
    assert bound.split() == ["SELECT", "?s", "{", "?s", "?p", '"a\\"b"', "}", "LIMIT", "3"]
    with pytest.raises(QueryError, match="no parameter colour; it has: value, rows"):
        query.bind({"value": "a", "rows": "3", "colour": "red"})
    with pytest.raises(ParameterError, match="parameter rows: expected a whole number, at least 0"):
        query.bind({"value": "a", "rows": "-3"})
    with pytest.raises(ParameterError, match="no value was given"):
        query.bind({"rows": "3"})
