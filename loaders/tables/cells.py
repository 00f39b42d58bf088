"""Reads one cell as the datatype its column declares: leniently, with a note of every repair.

The lexical forms that come out are those of XML Schema, part 2; CSVW's formats are in clause 6.4 of the
tabular data model. What cannot be read raises CellError, which says what was expected.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Final, NamedTuple

from loaders.tables import edtf
from loaders.tables.csvw import Datatype
from loaders.tables.rows import Value


class Read(NamedTuple):
    """A cell that could be read: its lexical form and, when it was mended, the rule that says how."""

    lexical: str
    repair: str | None = None


class CellError(Exception):
    """A cell is not of its datatype; ``expected`` says of which, in Swedish and English."""

    def __init__(self, expected: tuple[str, str]) -> None:
        super().__init__(expected[1])
        self.expected = expected


Reader = Callable[[str], Read]

_NULL_WORDS: Final = frozenset(
    {"null", "none", "nan", "n/a", "#n/a", "-", "--", "saknas", "okänt", "undefined"}
)
_TRUE: Final = frozenset({"true", "1", "1.0", "ja", "j", "yes", "y", "sant", "x"})
_FALSE: Final = frozenset({"false", "0", "0.0", "nej", "n", "no", "falskt"})
_INTEGERS: Final = {
    "integer": None,
    "long": (-(2**63), 2**63 - 1),
    "int": (-(2**31), 2**31 - 1),
    "short": (-(2**15), 2**15 - 1),
    "byte": (-128, 127),
    "nonNegativeInteger": (0, None),
    "positiveInteger": (1, None),
    "nonPositiveInteger": (None, 0),
    "negativeInteger": (None, -1),
    "unsignedLong": (0, 2**64 - 1),
    "unsignedInt": (0, 2**32 - 1),
    "unsignedShort": (0, 2**16 - 1),
    "unsignedByte": (0, 255),
}
_NUMBERS: Final = ("decimal", "double", "float", "number")
_TEXT: Final = frozenset(
    {"string", "normalizedString", "token", "anyAtomicType", "any", "language", "Name", "NMTOKEN"}
)


def is_null_word(text: str) -> bool:
    """Whether a text stands for nothing: what systems write where a value is missing."""
    return text.casefold() in _NULL_WORDS


def as_text(value: Value) -> str:
    """The text of a cell as a reader gave it: typed values of JSON, sheets and databases included."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    return str(value)


def is_number_or_boolean(datatype: Datatype) -> bool:
    """Whether JSON, sheets and databases have a type of their own for the cells of a column."""
    return datatype.base == "boolean" or datatype.base in _NUMBERS or datatype.base in _INTEGERS


def is_free_text(datatype: Datatype) -> bool:
    """Whether a column takes any text at all, so that nothing in it can be wrong."""
    return datatype.base in _TEXT and datatype.format is None


def reader(datatype: Datatype) -> Reader:
    """The function that reads cells of a datatype; text without a known base is taken as it is."""
    base = datatype.base
    if base == "boolean":
        return _boolean_reader(datatype)
    if base in _NUMBERS:
        return lambda text: _number(text, datatype)
    if base in _INTEGERS:
        return lambda text: _integer(text, datatype)
    if base in _DATES:
        return lambda text: _date(text, datatype)
    if base == "anyURI":
        return _uri
    if datatype.iri == edtf.IRI:
        return _edtf_reader(datatype)
    return _text_reader(datatype)


# ---- text


def _text_reader(datatype: Datatype) -> Reader:
    pattern = re.compile(datatype.format) if datatype.format else None

    def read(text: str) -> Read:
        if pattern is None and text.isdigit() and len(text) < (datatype.min_length or 0):
            return Read(text.zfill(datatype.min_length or 0), "leading-zero")
        if pattern is None or pattern.fullmatch(text):
            return _within_length(Read(text), datatype)
        for candidate, rule in _forms(text, datatype.format or ""):
            if pattern.fullmatch(candidate):
                return Read(candidate, rule)
        form = datatype.format or ""
        raise CellError((f"på formen {form}", f"of the form {form}"))

    return read


def _edtf_reader(datatype: Datatype) -> Reader:
    """Dates that are already of the column's pattern stay; others are read as what a museum means by them."""
    pattern = re.compile(datatype.format or ".+")

    def read(text: str) -> Read:
        if datatype.format and pattern.fullmatch(text):
            return Read(text)
        lexical = edtf.read_edtf(text)
        if lexical is None or not pattern.fullmatch(lexical):
            raise CellError(("en tid (EDTF)", "a time (EDTF)"))
        return Read(lexical, None if lexical == text else "date-form")

    return read


def _forms(text: str, form: str) -> list[tuple[str, str]]:
    """Other spellings of a code, likeliest first: case, blanks and hyphens, a lost leading zero."""
    bare = re.sub(r"[\s\-–]", "", text).removesuffix(".0")
    forms = [(bare, "text-form"), (bare.upper(), "text-form"), (text.lower(), "text-form")]
    width = re.search(r"\{(\d+)\}", form)
    if width and bare.isdigit():
        forms.append((bare.zfill(int(width[1])), "leading-zero"))
    return forms


def _within_length(read: Read, datatype: Datatype) -> Read:
    least, most = datatype.min_length, datatype.max_length
    if least is not None and len(read.lexical) < least:
        raise CellError((f"minst {least} tecken långt", f"at least {least} characters long"))
    if most is not None and len(read.lexical) > most:
        raise CellError((f"högst {most} tecken långt", f"at most {most} characters long"))
    return read


_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
_HOST: Final = re.compile(r"(?:[\w\-]+\.)+[a-zA-Z]{2,}(?:[:/?#].*)?")
_FILE_NAME: Final = re.compile(
    r"[^/]+\.(?:jpe?g|png|gif|tiff?|svg|pdf|html?|docx?|xlsx?|csv|json)", re.IGNORECASE
)


def _uri(text: str) -> Read:
    text = text.replace(" ", "%20")
    if _HOST.fullmatch(text) and not _FILE_NAME.fullmatch(text):
        return Read(f"https://{text}", "url-scheme")
    if not _SCHEME.match(text):
        raise CellError(("en webbadress", "a web address"))
    return Read(text)


# ---- booleans


def _boolean_reader(datatype: Datatype) -> Reader:
    own = (datatype.format or "").split("|")
    true, false = own if len(own) == 2 else ("true", "false")

    def read(text: str) -> Read:
        if text in (true, false):
            return Read("true" if text == true else "false")
        word = text.casefold()
        if word in _TRUE or word in _FALSE:
            lexical = "true" if word in _TRUE else "false"
            return Read(lexical, None if word == lexical else "boolean-word")
        raise CellError(("ja eller nej (true/false)", "true or false"))

    return read


# ---- numbers

_BLANKS: Final = re.compile(r"[\s\u00a0\u202f']")
_DECIMAL: Final = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)")
_EXPONENT: Final = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)[eE][+-]?\d+")


def _number(text: str, datatype: Datatype) -> Read:
    read = _decimal_text(text, datatype)
    if not _in_range(read.lexical, datatype):
        raise CellError(_range_words(datatype))
    return read


def _decimal_text(text: str, datatype: Datatype) -> Read:
    """A number in any usual spelling as an XSD decimal."""
    bare = _BLANKS.sub("", text)
    if datatype.group_char:
        bare = bare.replace(datatype.group_char, "")
    rule = None if bare == text else "number-form"
    if datatype.decimal_char != "." and datatype.decimal_char in bare:
        bare = bare.replace(datatype.decimal_char, ".")
    elif "," in bare and "." not in bare and bare.count(",") == 1:
        bare, rule = bare.replace(",", "."), "decimal-comma"
    if _EXPONENT.fullmatch(bare) and datatype.base == "decimal":
        return Read(format(Decimal(bare), "f"), "number-form")
    if not _DECIMAL.fullmatch(bare) and not _EXPONENT.fullmatch(bare):
        raise CellError(("ett tal", "a number"))
    quiet = _without_noise(bare)
    return Read(quiet, rule or (None if quiet == bare else "float-noise"))


def _without_noise(number: str) -> str:
    """59.295756000000004 → 59.295756: the tail a binary float leaves behind, when it clearly is one."""
    if len(number) < 16:
        return number
    short = format(float(number), ".14g")
    return short if "e" not in short and len(short) <= len(number) - 6 and "." in short else number


def _integer(text: str, datatype: Datatype) -> Read:
    try:
        return _exact_integer(text, datatype, _INTEGERS[datatype.base])
    except (InvalidOperation, ValueError) as error:
        raise CellError(("ett heltal", "a whole number")) from error


def _exact_integer(text: str, datatype: Datatype, limits: tuple[int | None, int | None] | None) -> Read:
    if text.isascii() and text.isdigit():
        read = Read(text)
    else:
        decimal = Decimal(_decimal_text(text, datatype).lexical)
        whole = int(decimal)
        if whole != decimal:
            raise CellError(("ett heltal", "a whole number"))
        read = Read(str(whole), None if str(whole) == text else "number-form")
    low, high = limits or (None, None)
    number = int(read.lexical)
    if (low is not None and number < low) or (high is not None and number > high):
        raise CellError((f"ett tal av typen {datatype.base}", f"a number of type {datatype.base}"))
    if not _in_range(read.lexical, datatype):
        raise CellError(_range_words(datatype))
    return read


def _in_range(lexical: str, datatype: Datatype) -> bool:
    if datatype.minimum is None and datatype.maximum is None:
        return True
    number = float(lexical)
    low, high = datatype.minimum, datatype.maximum
    return (low is None or number >= float(low)) and (high is None or number <= float(high))


def _range_words(datatype: Datatype) -> tuple[str, str]:
    low, high = datatype.minimum or "…", datatype.maximum or "…"
    return (f"mellan {low} och {high}", f"between {low} and {high}")


# ---- dates and times

_ISO_DATE: Final = re.compile(r"(\d{4})-(\d\d?)-(\d\d?)")
_DIGITS: Final = re.compile(r"(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?(?:\.0)?")
_DAY_FIRST: Final = re.compile(r"(\d\d?)[./](\d\d?)[./](\d{4})")
_TIMED: Final = re.compile(
    r"(\d{4}-\d\d?-\d\d?)[T ](\d\d?:\d\d(?::\d\d(?:\.\d+)?)?)\s*(Z|[+-]\d\d:?\d\d)?", re.IGNORECASE
)
_CLOCK: Final = re.compile(r"(\d\d?)[:.](\d\d)(?:[:.](\d\d))?")


def _date(text: str, datatype: Datatype) -> Read:
    try:
        return _DATES[datatype.base](text)
    except ValueError as error:
        raise CellError(_DATE_WORDS[datatype.base]) from error


def _day(text: str) -> Read:
    if match := _ISO_DATE.fullmatch(text):
        lexical = _iso_day(*match.groups())
    elif match := _DIGITS.fullmatch(text):
        lexical = _iso_day(*match.groups()[:3])
    elif match := _DAY_FIRST.fullmatch(text):
        day, month, year = match.groups()
        lexical = _iso_day(year, month, day)
    elif match := _TIMED.fullmatch(text):
        return Read(_day(match[1]).lexical, "date-form")
    else:
        raise ValueError(text)
    return Read(lexical, None if lexical == text else "date-form")


def _iso_day(year: str, month: str, day: str) -> str:
    return date(int(year), int(month), int(day)).isoformat()


def _moment(text: str) -> Read:
    if match := _TIMED.fullmatch(text):
        zone = (match[3] or "").upper()
        if len(zone) == 5:
            zone = f"{zone[:3]}:{zone[3:]}"
        lexical = f"{_day(match[1]).lexical}T{_clock(match[2]).lexical}{zone}"
    elif (match := _DIGITS.fullmatch(text)) and match[4]:
        clock = _clock(":".join((match[4], match[5], match[6] or "00")))
        lexical = f"{_iso_day(*match.groups()[:3])}T{clock.lexical}"
    else:
        lexical = f"{_day(text).lexical}T00:00:00"
    return Read(lexical, None if lexical == text else "date-form")


def _clock(text: str) -> Read:
    whole, _, fraction = text.partition(".") if text.count(":") == 2 else (text, "", "")
    match = _CLOCK.fullmatch(whole)
    if not match:
        raise ValueError(text)
    lexical = time(int(match[1]), int(match[2]), int(match[3] or 0)).isoformat()
    lexical += f".{fraction}" if fraction else ""
    return Read(lexical, None if lexical == text else "date-form")


def _year(text: str) -> Read:
    lexical = text.removesuffix(".0")
    if not re.fullmatch(r"\d{4}", lexical):
        lexical = _day(text).lexical[:4]
    return Read(lexical, None if lexical == text else "date-form")


_DATES: Final[dict[str, Reader]] = {
    "date": _day,
    "dateTime": _moment,
    "datetime": _moment,
    "time": _clock,
    "gYear": _year,
}
_DATE_WORDS: Final = {
    "date": ("ett datum (ÅÅÅÅ-MM-DD)", "a date (YYYY-MM-DD)"),
    "dateTime": ("en tidpunkt (ÅÅÅÅ-MM-DDTtt:mm:ss)", "a date and time (YYYY-MM-DDThh:mm:ss)"),
    "datetime": ("en tidpunkt (ÅÅÅÅ-MM-DDTtt:mm:ss)", "a date and time (YYYY-MM-DDThh:mm:ss)"),
    "time": ("ett klockslag (tt:mm)", "a time of day (hh:mm)"),
    "gYear": ("ett årtal", "a year"),
}
