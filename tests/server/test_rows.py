"""Rows are counted where they end, however the text is cut, whatever the literals look like."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, QueryResultsFormat, QuerySolutions, Store

from server.workers.rows import RowCapReached, counter

FORMS = {
    "json": QueryResultsFormat.JSON,
    "xml": QueryResultsFormat.XML,
    "csv": QueryResultsFormat.CSV,
    "tsv": QueryResultsFormat.TSV,
}
TRICKY = st.sampled_from(
    ["\n", "\r\n", '"', '""', "},{", '},{"', "<result>", "</result>", "\t", "\\", "a", ",", ""]
)
LITERALS = st.lists(st.lists(TRICKY, max_size=6).map("".join), max_size=12)


def passes(body: bytes, form: QueryResultsFormat, cap: int, size: int) -> bool:
    """Whether the counter lets the body pass when it is shown in pieces of `size`."""
    count = counter(form, cap)
    try:
        for start in range(0, len(body), size):
            count(body[start : start + size])
    except RowCapReached:
        return False
    return True


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
@given(literals=LITERALS, size=st.integers(1, 40))
def test_counts_exactly(form: QueryResultsFormat, literals: list[str], size: int) -> None:
    """As many rows as the cap pass, one more does not."""
    store = Store()
    for number, text in enumerate(literals):
        store.add(Quad(NamedNode(f"a:{number}"), NamedNode("a:p"), Literal(text)))
    rows = store.query("SELECT ?s ?o { ?s ?p ?o }")
    assert isinstance(rows, QuerySolutions)
    body = rows.serialize(format=form)
    assert body is not None
    assert passes(body, form, max(len(literals), 1), size)
    if len(literals) > 1:
        assert not passes(body, form, len(literals) - 1, size)
