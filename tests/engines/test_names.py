"""One mapping of names, there and back, wherever the answer is cut."""

import pytest

from loaders.engines.names import Names
from loaders.engines.publish import parted

BASE = "https://odis.example/"
WKT = b"http://www.opengis.net/ont/geosparql#wktLiteral"


@pytest.mark.parametrize("size", [1, 2, 3, 7, 40, 1000])
@pytest.mark.parametrize("hidden", [False, True])
def test_there_and_back(size: int, hidden: bool) -> None:
    """An answer comes back as it went, in parts of any size, also where a name begins and does not end."""
    names = Names(BASE, "20260101T000000Z-0", hide_wkt=hidden)
    text = (
        b"<https://odis.example/graph/a> https://odis.example/graph/.wkt <https://odis.example/graph/> ^^<"
        + WKT
        + b"> https://odis.example/gra https://odis.example/graph/20260101T000000Z-0"
    )
    there = names.there(text)
    assert there != text
    assert (WKT in there) is not hidden
    assert b"".join(names.back(there[at : at + size] for at in range(0, len(there), size))) == text


def test_queries_name_graphs_in_any_way() -> None:
    """Absolute, relative, or with a prefix: the graph is that of the release."""
    names = Names(BASE, "1")
    text = (
        "PREFIX g: <https://odis.example/graph/> "
        "ASK { GRAPH <graph/a> {} GRAPH <https://odis.example/graph/b> {} }"
    )
    assert names.query(text) == (
        "BASE <https://odis.example/>\nPREFIX g: <https://odis.example/graph/1/graph/> "
        "ASK { GRAPH <https://odis.example/graph/1/graph/a> {} "
        "GRAPH <https://odis.example/graph/1/graph/b> {} }"
    )


@pytest.mark.parametrize(
    ("triple", "graph"),
    [
        ("<a:a> <a:b> <a:c>", ""),
        ("<a:a> <a:b> <a:c>", "a:g"),
        ('<a:a> <a:b> "x <y> ."', ""),
        ('<a:a> <a:b> "x <y> ."^^<a:d>', ""),
        ('<a:a> <a:b> "x <y> ."^^<a:d>', "a:g"),
        ('<a:a> <a:b> "x \\" <y>"@sv', "a:g"),
        ('<a:a> <a:b> "x"@sv', ""),
    ],
)
def test_lines_are_parted(triple: str, graph: str) -> None:
    """A triple and its graph, whatever a literal looks like."""
    line = f"{triple} <{graph}> .\n" if graph else f"{triple} .\n"
    assert parted(line.encode()) == (f"{triple} .\n".encode(), graph)
