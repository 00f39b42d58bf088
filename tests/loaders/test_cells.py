"""Cells: every lenient reading has its rule, and what cannot be read says what was expected."""

from datetime import date, datetime

import pytest

from loaders.tables.cells import CellError, as_text, reader
from loaders.tables.csvw import Datatype
from loaders.tables.rows import Value

GOOD = [
    ("string", "Långholmen", "Långholmen", None),
    ("boolean", "true", "true", None),
    ("boolean", "ja", "true", "boolean-word"),
    ("boolean", "Nej", "false", "boolean-word"),
    ("boolean", "Y", "true", "boolean-word"),
    ("boolean", "N", "false", "boolean-word"),
    ("boolean", "1", "true", "boolean-word"),
    ("boolean", "x", "true", "boolean-word"),
    ("decimal", "59.35", "59.35", None),
    ("decimal", "-0.5", "-0.5", None),
    ("decimal", "59,35", "59.35", "decimal-comma"),
    ("decimal", "1 234,5", "1234.5", "decimal-comma"),
    ("decimal", "1\u00a0234.5", "1234.5", "number-form"),
    ("decimal", "1.2E+10", "12000000000", "number-form"),
    ("decimal", "59.295756000000004", "59.295756", "float-noise"),
    ("decimal", "18.148630999999998", "18.148631", "float-noise"),
    ("decimal", "57.66512181118435", "57.66512181118435", None),
    ("double", "1.2E+10", "1.2E+10", None),
    ("integer", "12", "12", None),
    ("integer", "12.0", "12", "number-form"),
    ("integer", "1 200", "1200", "number-form"),
    ("nonNegativeInteger", "0", "0", None),
    ("date", "2024-06-01", "2024-06-01", None),
    ("date", "20151117165621", "2015-11-17", "date-form"),
    ("date", "20240601", "2024-06-01", "date-form"),
    ("date", "202005130505.0", "2020-05-13", "date-form"),
    ("date", "2024-06-01T12:30:00", "2024-06-01", "date-form"),
    ("date", "1.6.2024", "2024-06-01", "date-form"),
    ("dateTime", "2017-10-04 10:09:17", "2017-10-04T10:09:17", "date-form"),
    ("dateTime", "2017-10-04T10:09:17+0200", "2017-10-04T10:09:17+02:00", "date-form"),
    ("dateTime", "20151117165621", "2015-11-17T16:56:21", "date-form"),
    ("dateTime", "2024-06-01", "2024-06-01T00:00:00", "date-form"),
    ("time", "08:00:00", "08:00:00", None),
    ("time", "8.30", "08:30:00", "date-form"),
    ("gYear", "2016", "2016", None),
    ("gYear", "2011.0", "2011", "date-form"),
    ("anyURI", "https://t-d.se/a?b=c", "https://t-d.se/a?b=c", None),
    ("anyURI", "site.com/page", "https://site.com/page", "url-scheme"),
    ("anyURI", "www.osby.se", "https://www.osby.se", "url-scheme"),
]

BAD = [
    ("boolean", "kanske"),
    ("decimal", "femtionio"),
    ("decimal", "1,2,3"),
    ("integer", "12.5"),
    ("nonNegativeInteger", "-1"),
    ("unsignedByte", "256"),
    ("date", "2024-02-30"),
    ("date", "i somras"),
    ("dateTime", "2024-06-01T25:00:00"),
    ("time", "25:00"),
    ("gYear", "nittonhundratalet"),
    ("anyURI", "se hemsidan"),
    ("anyURI", "228.jpg"),
]


@pytest.mark.parametrize(("base", "text", "lexical", "rule"), GOOD, ids=lambda v: str(v))
def test_a_cell_is_read_and_its_repair_named(base: str, text: str, lexical: str, rule: str | None) -> None:
    """A text becomes the lexical form of its datatype, with the rule by which it was mended."""
    assert reader(Datatype(base))(text) == (lexical, rule)


@pytest.mark.parametrize(("base", "text"), BAD)
def test_a_bad_cell_says_what_was_expected(base: str, text: str) -> None:
    """What cannot be read is refused with the expectation in Swedish and English."""
    with pytest.raises(CellError) as caught:
        reader(Datatype(base))(text)
    sv, en = caught.value.expected
    assert sv and en and sv != en


def test_the_tables_above_are_whole() -> None:
    """The cases are counted, so that none is lost unseen."""
    assert (len(GOOD), len(BAD)) == (39, 13)


@pytest.mark.parametrize(
    ("datatype", "text", "lexical", "rule"),
    [
        (Datatype(format="[0-9]{4}"), "0180", "0180", None),
        (Datatype(format="[0-9]{4}"), "180", "0180", "leading-zero"),
        (Datatype(min_length=4), "180", "0180", "leading-zero"),
        (Datatype(format="[0-9]{10}"), "212000-1264", "2120001264", "text-form"),
        (Datatype(format="[0-9]{10}"), "21 20 00-12 64", "2120001264", "text-form"),
        (Datatype(format="Q[1-9][0-9]*"), "q123", "Q123", "text-form"),
        (Datatype("boolean", format="finns|saknas"), "finns", "true", None),
        (Datatype("decimal", decimal_char=",", group_char="."), "1.234,5", "1234.5", "number-form"),
    ],
)
def test_facets_of_the_datatype_lead_the_repair(
    datatype: Datatype, text: str, lexical: str, rule: str | None
) -> None:
    """A pattern, a length or a number format says which other spellings mean the same."""
    assert reader(datatype)(text) == (lexical, rule)


@pytest.mark.parametrize("text", ["54.9", "69.3"])
def test_a_range_is_part_of_the_type(text: str) -> None:
    """A number outside minimum and maximum is a bad cell."""
    with pytest.raises(CellError, match="between 55 and 69"):
        reader(Datatype("decimal", minimum="55", maximum="69"))(text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "true"),
        (12, "12"),
        (12.0, "12"),
        (12.5, "12.5"),
        (date(2024, 6, 1), "2024-06-01"),
        (datetime(2024, 6, 1, 12, 0), "2024-06-01T12:00:00"),
    ],
)
def test_typed_values_of_other_formats_become_text(value: Value, text: str) -> None:
    """Readers of JSON, sheets and databases hand out typed values; cells start from text."""
    assert as_text(value) == text
