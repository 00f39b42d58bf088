"""URI templates (RFC 6570) compiled once per table and filled in once per row."""

import re
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import quote

from uritemplate import URITemplate

from ontology import PREFIXES

Variables = Mapping[str, str]
"""Lexical values of a row by variable name; what is empty is not there."""

Template = Callable[[Variables], str | None]
"""Fills itself in; None when a variable that it needs has no value."""

_SIMPLE: Final = re.compile(r"\{(\+?)([A-Za-z0-9_.%]+)\}")
_UNRESERVED: Final = re.compile(r"[A-Za-z0-9\-._~]*")
_ALLOWED: Final = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*")
_RESERVED: Final = ":/?#[]@!$&'()*+,;=%"
_PREFIXED: Final = re.compile(r"([A-Za-z][\w\-]*):(?!//)(.*)", re.DOTALL)


def whole_name(written: str) -> str:
    """A prefixed name of the project's context as a whole IRI; anything else as it is."""
    match = _PREFIXED.fullmatch(written)
    return PREFIXES[match[1]] + match[2] if match and match[1] in PREFIXES else written


def uri_template(written: str, base: str) -> Template:
    """Compile the template of an IRI; what it yields is absolute, under ``base`` when it must be."""
    written = whole_name(written)
    if not re.match(r"[A-Za-z][A-Za-z0-9+.\-]*:|\{\+", written):
        written = base + written
    if "{" in _SIMPLE.sub("", written):
        return _general(written)
    return _joined(written, _reserved, _encoded)


def text_template(written: str) -> Template:
    """Compile the template of a literal: values go in as they are."""
    return _joined(written, str, str)


def _general(written: str) -> Template:
    template = URITemplate(written)

    def fill(variables: Variables) -> str | None:
        known = all(name in variables for name in template.variable_names)
        return template.expand(dict(variables)) if known else None

    return fill


def _joined(written: str, plus: Callable[[str], str], plain: Callable[[str], str]) -> Template:
    pieces = _SIMPLE.split(written)  # text, "+" or "", name, text, …
    start = pieces[0]
    parts = [
        # _base, _about and _publisher are IRIs already
        (name, str if operator and name.startswith("_") else plus if operator else plain, after)
        for operator, name, after in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True)
    ]
    if not parts:
        return lambda _: start

    def fill(variables: Variables) -> str | None:
        text = start
        for name, encode, after in parts:
            value = variables.get(name)
            if value is None:
                return None
            text += encode(value) + after
        return text

    return fill


def _encoded(value: str) -> str:
    return value if _UNRESERVED.fullmatch(value) else quote(value, safe="-._~")


def _reserved(value: str) -> str:
    return value if _ALLOWED.fullmatch(value) else quote(value, safe=_RESERVED)
