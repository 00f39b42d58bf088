"""Typed parameters of saved queries: a value from outside becomes one RDF term, or a clear refusal."""

import datetime
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Literal as OneOf
from typing import get_args

from pyoxigraph import Literal, NamedNode

from ontology import iri
from ontology.errors import QueryError

Type = OneOf[
    "iri",
    "string",
    "text",
    "integer",
    "decimal",
    "double",
    "number",
    "date",
    "dateTime",
    "year",
    "boolean",
    "point",
    "typed",
]
Term = NamedNode | Literal
TYPES: tuple[Type, ...] = get_args(Type)

_ORDERED = frozenset({"integer", "decimal", "double", "number", "date", "dateTime", "year"})
LONGEST = 2000  # characters of one value, unless the parameter says otherwise
MOST = 100  # values of one parameter


class ParameterError(QueryError):
    """A value does not fit its parameter; `expected` says in Swedish and English what would."""

    def __init__(self, parameter: str, value: str | None, expected: Mapping[str, str]) -> None:
        self.parameter = parameter
        self.value = value
        self.expected = dict(expected)
        given = "no value was given" if value is None else f"got {value[:80]!r}"
        super().__init__(f"parameter {parameter}: expected {self.expected['en']}, {given}")


@dataclass(frozen=True, slots=True)
class Choice:
    """One value a parameter may have, with its label by language."""

    value: str
    label: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ChoiceQuery:
    """A saved query whose rows are the values to choose from, and the columns to take them from."""

    query: str
    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a saved query asks its caller for.

    `minimum` and `maximum` hold for ordered types, `pattern` (a whole match) for the text of any type.
    `under` is a namespace that completes an IRI given by its last part alone. `choices` are enforced;
    those of a query (`choices_from`) fill a form but are not enforced, since data change.
    """

    name: str
    type: Type = "string"
    title: Mapping[str, str] = field(default_factory=dict)
    description: Mapping[str, str] = field(default_factory=dict)
    optional: bool = False
    many: bool = False
    default: tuple[str, ...] = ()
    example: tuple[str, ...] = ()
    minimum: str | None = None
    maximum: str | None = None
    pattern: str | None = None
    longest: int = LONGEST
    language: str = "sv"
    datatype: str = ""
    under: str = ""
    choices: tuple[Choice, ...] = ()
    choices_from: ChoiceQuery | None = None

    def terms(self, values: Sequence[str]) -> tuple[Term, ...]:
        """The RDF terms of the values given; () when none is given and none is needed.

        An empty value counts as not given where there is a default or the parameter is optional.
        Raises ParameterError.
        """
        given = [value for value in values if value or not (self.default or self.optional)]
        given = given or list(self.default)
        if not given and not self.optional:
            raise ParameterError(self.name, None, expectation(self))
        if len(given) > (MOST if self.many else 1):
            raise ParameterError(self.name, ", ".join(given), expectation(self))
        return tuple(self.term(value) for value in given)

    def term(self, value: str) -> Term:
        """The RDF term of one value; raises ParameterError when the value does not fit."""
        try:
            return self._checked(value)
        except (ValueError, InvalidOperation, OverflowError) as error:
            raise ParameterError(self.name, value, expectation(self)) from error

    def _checked(self, value: str) -> Term:
        if len(value) > self.longest:
            raise ValueError("too long")
        if self.choices and value not in {choice.value for choice in self.choices}:
            raise ValueError("not among the choices")
        if self.pattern is not None and re.fullmatch(self.pattern, value) is None:
            raise ValueError("does not match the pattern")
        term = _READERS[self.type](self, value)
        if self.type in _ORDERED:
            measure = magnitude(self.type, value)
            for bound, sign in ((self.minimum, 1), (self.maximum, -1)):
                if bound is not None and (measure - magnitude(self.type, bound)) * sign < 0:
                    raise ValueError("out of range")
        return term


def magnitude(kind: Type, value: str) -> Decimal:
    """A number by which values of an ordered type compare; ValueError when it is no such value."""
    if kind == "date":
        return Decimal(_date(value).toordinal())
    if kind == "dateTime":
        moment = _moment(value)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)
        return Decimal((aware - _EPOCH).total_seconds())
    return Decimal(value)


_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_INTEGER = re.compile(r"[+-]?[0-9]{1,19}", re.ASCII)
_DECIMAL = re.compile(r"[+-]?(?:[0-9]{1,18}(?:\.[0-9]{0,18})?|\.[0-9]{1,18})", re.ASCII)
_DOUBLE = re.compile(
    r"[+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,3})?", re.ASCII
)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:Z|[+-][0-9]{2}:[0-9]{2})?",
    re.ASCII,
)
_POINT = re.compile(
    r"([+-]?[0-9]{1,3}(?:\.[0-9]{1,15})?)[, ]\s?([+-]?[0-9]{1,3}(?:\.[0-9]{1,15})?)", re.ASCII
)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


def _whole(pattern: re.Pattern[str], value: str) -> str:
    if pattern.fullmatch(value) is None:
        raise ValueError("not of the form of its type")
    return value


def _date(value: str) -> datetime.date:
    return datetime.date.fromisoformat(_whole(_DATE, value))


def _moment(value: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(_whole(_MOMENT, value))


def _iri(parameter: Parameter, value: str) -> Term:
    complete = value if _SCHEME.match(value) else parameter.under + value
    return NamedNode(complete)  # refuses what is no absolute IRI


def _integer(_: Parameter, value: str) -> Term:
    number = int(_whole(_INTEGER, value))
    if not -(2**63) <= number < 2**63:
        raise ValueError("beyond what engines count with")
    return Literal(str(number), datatype=_XSD_INTEGER)


def _number(parameter: Parameter, value: str) -> Term:
    return (_integer if _INTEGER.fullmatch(value) else _decimal)(parameter, value)


def _decimal(_: Parameter, value: str) -> Term:
    return Literal(_whole(_DECIMAL, value), datatype=_xsd("decimal"))


def _date_time(_: Parameter, value: str) -> Term:
    _moment(value)  # refuses the 31st of June
    return Literal(value, datatype=_xsd("dateTime"))


def _boolean(_: Parameter, value: str) -> Term:
    if value not in _TRUTH:
        raise ValueError("neither true nor false")
    return Literal(_TRUTH[value], datatype=_xsd("boolean"))


_TRUTH: Mapping[str, str] = {"true": "true", "1": "true", "false": "false", "0": "false"}


def _year(_: Parameter, value: str) -> Term:
    return Literal(_whole(re.compile("[0-9]{4}", re.ASCII), value), datatype=_xsd("gYear"))


def _point(_: Parameter, value: str) -> Term:
    """Latitude and longitude as people write them, as WKT in CRS84: longitude first (GeoSPARQL 1.1, 8.5)."""
    match = _POINT.fullmatch(value)
    if match is None or abs(Decimal(match[1])) > 90 or abs(Decimal(match[2])) > 180:
        raise ValueError("not latitude and longitude")
    return Literal(f"POINT({match[2]} {match[1]})", datatype=NamedNode(iri("geo:wktLiteral")))


def _xsd(name: str) -> NamedNode:
    return NamedNode(iri(f"xsd:{name}"))


_XSD_INTEGER = _xsd("integer")
_READERS: Mapping[Type, Callable[[Parameter, str], Term]] = {
    "iri": _iri,
    "string": lambda _, value: Literal(value),
    "text": lambda parameter, value: Literal(value, language=parameter.language),
    "integer": _integer,
    "decimal": _decimal,
    "number": _number,
    "double": lambda _, value: Literal(_whole(_DOUBLE, value), datatype=_xsd("double")),
    "date": lambda _, value: Literal(_date(value).isoformat(), datatype=_xsd("date")),
    "dateTime": _date_time,
    "year": _year,
    "boolean": _boolean,
    "point": _point,
    "typed": lambda parameter, value: Literal(value, datatype=NamedNode(parameter.datatype)),
}

_NOUNS: Mapping[Type, tuple[str, str]] = {
    "iri": ("en IRI, t.ex. https://…", "an IRI such as https://…"),
    "string": ("en text", "a text"),
    "text": ("en text", "a text"),
    "integer": ("ett heltal", "a whole number"),
    "decimal": ("ett tal, t.ex. 12.5", "a number such as 12.5"),
    "number": ("ett tal, t.ex. 12.5", "a number such as 12.5"),
    "double": ("ett tal, t.ex. 12.5", "a number such as 12.5"),
    "date": ("ett datum, t.ex. 2026-06-30", "a date such as 2026-06-30"),
    "dateTime": ("en tidpunkt, t.ex. 2026-06-30T12:00:00Z", "a time such as 2026-06-30T12:00:00Z"),
    "year": ("ett årtal, t.ex. 2026", "a year such as 2026"),
    "boolean": ("true eller false", "true or false"),
    "point": ("latitud och longitud, t.ex. 59.33,18.06", "latitude and longitude such as 59.33,18.06"),
    "typed": ("ett värde", "a value"),
}


def expectation(parameter: Parameter) -> dict[str, str]:
    """What the parameter accepts, in Swedish and English, as the end of a sentence."""
    swedish, english = _NOUNS[parameter.type]
    if parameter.choices:
        values = ", ".join(choice.value for choice in parameter.choices)
        swedish, english = f"något av {values}", f"one of {values}"
    if parameter.pattern is not None:
        swedish, english = (
            f"{swedish} av formen {parameter.pattern}",
            f"{english} of the form {parameter.pattern}",
        )
    if parameter.minimum is not None:
        swedish, english = f"{swedish}, minst {parameter.minimum}", f"{english}, at least {parameter.minimum}"
    if parameter.maximum is not None:
        swedish, english = f"{swedish}, högst {parameter.maximum}", f"{english}, at most {parameter.maximum}"
    free = parameter.type in ("string", "text") and not (parameter.pattern or parameter.choices)
    if free or parameter.longest != LONGEST:
        swedish = f"{swedish} (högst {parameter.longest} tecken)"
        english = f"{english} (at most {parameter.longest} characters)"
    if parameter.many:
        swedish, english = f"{swedish}; upp till {MOST} värden", f"{english}; up to {MOST} values"
    return {"sv": swedish, "en": english}
