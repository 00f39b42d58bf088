"""Whether a literal's text is in the lexical space of its XSD datatype (XML Schema 2, part 3.3).

rdflib judges this by Python's parsers, which take `"2024-05-17T10:00:00"` for an `xsd:date` and more;
the reference engine asks here instead.
"""

import re
from datetime import date
from typing import Final

_XSD: Final = "http://www.w3.org/2001/XMLSchema#"
_ZONE = r"(Z|[+-](0\d|1[0-3]):[0-5]\d|[+-]14:00)?"
_DAY = r"-?([1-9]\d{3,}|0\d{3})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
_TIME = r"(([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?|24:00:00(\.0+)?)"
_INTEGER = r"[+-]?\d+"
_PATTERNS: Final = {
    _XSD + name: re.compile(pattern, re.ASCII)
    for name, pattern in {
        "date": _DAY + _ZONE,
        "dateTime": _DAY + "T" + _TIME + _ZONE,
        "time": _TIME + _ZONE,
        "duration": (r"-?P(?=.)(\d+Y)?(\d+M)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?"),
        "decimal": r"[+-]?(\d+(\.\d*)?|\.\d+)",
        "integer": _INTEGER,
        "nonNegativeInteger": r"\+?\d+|-0+",
        "positiveInteger": r"\+?0*[1-9]\d*",
        "double": r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?|[+-]?INF|NaN",
        "float": r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?|[+-]?INF|NaN",
        "boolean": r"true|false|1|0",
    }.items()
}


def ill_formed(text: str, datatype: str) -> bool | None:
    """Whether the text is outside the datatype's lexical space; None for a datatype not judged here."""
    pattern = _PATTERNS.get(datatype)
    if pattern is None:
        return None
    if pattern.fullmatch(text) is None:
        return True
    return datatype in (_XSD + "date", _XSD + "dateTime") and not _exists(text)


def _exists(text: str) -> bool:
    """Whether the day is in the calendar; years beyond Python's are believed."""
    year, month, day = re.match(r"-?(\d+)-(\d\d)-(\d\d)", text, re.ASCII).groups()  # type: ignore[union-attr]
    try:
        date(int(year) % 400 + 400, int(month), int(day))
    except ValueError:
        return False
    return True
