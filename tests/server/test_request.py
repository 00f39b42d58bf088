"""Parameters are read as every other implementation reads them, only faster."""

from urllib.parse import parse_qsl, quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.http.problems import Problem
from server.http.request import _parse

TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.lists(st.tuples(TEXT, TEXT), max_size=5))
def test_what_is_encoded_is_read_back(pairs: list[tuple[str, str]]) -> None:
    """Any text survives, in either way to write a space."""
    assert _parse(urlencode(pairs).encode()) == pairs
    assert _parse("&".join(f"{quote(name)}={quote(value)}" for name, value in pairs).encode()) == pairs


@given(st.text("ab&=+%3dC5Ff\r\n ~_\t."))
def test_whatever_comes_is_read_as_the_standard_library_does(text: str) -> None:
    """Broken escapes stay as they are written; empty pairs are no pairs."""
    encoded = text.encode()
    try:
        expected = parse_qsl(encoded, keep_blank_values=True, encoding="utf-8", errors="strict")
    except UnicodeDecodeError:
        with pytest.raises(Problem):
            _parse(encoded)
        return
    assert _parse(encoded) == [(name.decode(), value.decode()) for name, value in expected]


def test_the_number_of_parameters_is_bounded() -> None:
    """A thousand, and no more."""
    assert len(_parse(b"&".join([b"a=1"] * 1000))) == 1000
    with pytest.raises(Problem, match="too many"):
        _parse(b"&".join([b"a=1"] * 1001))
