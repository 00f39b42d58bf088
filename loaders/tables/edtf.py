"""Reads dates of museums and archives, uncertain and in words, as Extended Date/Time Format (ISO 8601-2)."""

import re
from typing import Final

IRI: Final = "http://id.loc.gov/datatypes/edtf/EDTF"
"""The datatype of the literals; a column that has it is read by this module."""

_MONTHS: Final = ("jan", "feb", "mar", "apr", "maj", "jun", "jul", "aug", "sep", "okt", "nov", "dec")
_SEASONS: Final = {"vår": "21", "sommar": "22", "höst": "23", "vinter": "24"}
_ABOUT: Final = re.compile(
    r"^(?:c(?::?a)?\.?|cirka|circa|omkr\.?|omkring|kring|runt)\s*(?=\d)|~\s*", re.IGNORECASE
)
_MAYBE: Final = re.compile(r"^(?:troligen|sannolikt|möjligen|förmodligen)\s+|\s*\(?\?\)?$", re.IGNORECASE)
_BEFORE: Final = re.compile(r"^(?:före|innan|senast|t\.?o\.?m\.?|before)\s+", re.IGNORECASE)
_AFTER: Final = re.compile(r"^(?:efter|från|fr\.?o\.?m\.?|tidigast|after)\s+", re.IGNORECASE)
_INTERVAL: Final = re.compile(
    r"(.*\d(?:\s*-\s*tal(?:et)?)?)\s*(?:–|—|/|\s-\s|-(?=\d{4}\b)|\btill\b)\s*(\d.*)"
)
_TENS: Final = re.compile(r"(\d{3})0\s*-?\s*tal(?:et|ets)?", re.IGNORECASE)
_CENTURY: Final = re.compile(r"(\d\d?)(?:st|nd|rd|th) century", re.IGNORECASE)
_YEAR: Final = re.compile(r"(?:år\s+)?(\d{4})(?:\.0)?", re.IGNORECASE)
_DAY: Final = re.compile(r"(\d{4})-(\d\d?)(?:-(\d\d?))?")
_DIGITS: Final = re.compile(r"(\d{4})(\d\d)(\d\d)")
_IN_WORDS: Final = re.compile(r"(?:(?:den\s+)?(\d\d?)(?::?[ae])?\s+)?([a-zåäö]+)\.?\s+(\d{4})", re.IGNORECASE)


def read_edtf(text: str) -> str | None:
    """``ca 1910`` → ``1910~``, ``1890–1910`` → ``1890/1910``, ``1910-talet`` → ``191X``; None if no date.

    ``1900-tal`` is the century (``19XX``), as Swedish museums mean it.
    """
    text = " ".join(text.split())
    if _BEFORE.match(text):
        end = read_edtf(_BEFORE.sub("", text))
        return f"../{end}" if end and "/" not in end else None
    if _AFTER.match(text):
        start = read_edtf(_AFTER.sub("", text))
        return f"{start}/.." if start and "/" not in start else None
    if (interval := _INTERVAL.fullmatch(text)) and not _DAY.fullmatch(text):
        start, end = _qualified(interval[1]), _qualified(interval[2])
        return f"{start}/{end}" if start and end else None
    return _qualified(text)


def _qualified(text: str) -> str | None:
    """A single date with its doubt: ``~`` about, ``?`` uncertain, ``%`` both."""
    about, bare = bool(_ABOUT.search(text)), _ABOUT.sub("", text.strip())
    maybe, bare = bool(_MAYBE.search(bare)), _MAYBE.sub("", bare)
    date = _plain(bare.strip())
    return date and date + ("%" if about and maybe else "~" if about else "?" if maybe else "")


def _plain(text: str) -> str | None:
    if year := _YEAR.fullmatch(text):
        return year[1]
    if tens := _TENS.fullmatch(text):
        return f"{tens[1][:2]}XX" if tens[1][2] == "0" else f"{tens[1]}X"
    if century := _CENTURY.fullmatch(text):
        return f"{int(century[1]) - 1:02}XX"
    if day := _DAY.fullmatch(text) or _DIGITS.fullmatch(text):
        return _checked(day[1], day[2], day[3])
    if words := _IN_WORDS.fullmatch(text):
        return _in_words(words[1], words[2].casefold(), words[3])
    return None


def _in_words(day: str | None, word: str, year: str) -> str | None:
    """``12 maj 1910``, ``maj 1910``, ``sommaren 1910``."""
    season = next((code for name, code in _SEASONS.items() if word.startswith(name)), None)
    if season and not day:
        return f"{year}-{season}"
    if word[:3] not in _MONTHS:
        return None
    return _checked(year, str(_MONTHS.index(word[:3]) + 1), day)


def _checked(year: str, month: str, day: str | None) -> str | None:
    if not 1 <= int(month) <= 12 or not 1 <= int(day or 1) <= 31:
        return None
    return f"{year}-{int(month):02}" + (f"-{int(day):02}" if day else "")
