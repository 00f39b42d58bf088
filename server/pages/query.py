"""The page of a saved query: a form by the types of its parameters, the answer, and code to get it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode

from queries.parameters import Parameter, ParameterError, Type
from queries.saved import SavedQuery
from server.http.endpoint import Call
from server.http.negotiation import HTML, Choice
from server.http.problems import Problem
from server.pages.code import Snippet, snippets
from server.pages.frame import render
from server.pages.maps import TOWNS
from server.pages.pictures import Picture, picture_of
from server.pages.results import Shown, easily_read, named
from server.pages.sending import Page, Reading, reading, send
from server.pages.shelf import Shelves
from server.pages.terms import Teller
from server.saved.routes import offers
from server.sparql.delivery import Delivery
from server.sparql.failures import problem_of
from server.sparql.preview import preview
from server.workers.query import Failure

MOST_CHOICES: Final = 400
_OURS: Final = frozenset({"format", "download", "lang", "timeout"})
_INPUTS: Final[Mapping[Type, str]] = {
    "integer": "number",
    "decimal": "number",
    "double": "number",
    "number": "number",
    "date": "date",
    "year": "number",
}


@dataclass(frozen=True, slots=True)
class Control:
    """A parameter as a field of a form."""

    parameter: Parameter
    input: str
    """`select`, `checks`, `boolean`, `point`, or a type of `<input>`."""
    values: tuple[str, ...]
    choices: tuple[tuple[str, str], ...] = ()
    """Value and name."""
    expected: str = ""
    """What was expected, when the value given was not that."""


class QueryPages:
    """Makes the pages; keeps the choices of forms, which other saved queries give, for each release."""

    def __init__(self, shelves: Shelves) -> None:
        self._shelves = shelves
        self._choices: dict[tuple[str, str, str], tuple[tuple[str, str], ...]] = {}

    async def page(self, call: Call, query: SavedQuery) -> None:
        """Send the page; without values it shows the example call."""
        read = await asyncio.to_thread(reading, self._shelves, call)
        given = _given(call, query)
        example = not given and bool(query.example)
        values = given or {name: list(one) for name, one in query.example.items()}
        if any(parameter.name == "language" for parameter in query.parameters):
            values.setdefault("language", [read.language])
        shown, wrong, problem = await self._answer(call, query, values)
        controls = [await self._control(call, read, one, values, wrong) for one in query.parameters]
        body = await asyncio.to_thread(_page, read, query, controls, shown, problem, values, example)
        await send(call, Page(body))

    async def _answer(
        self, call: Call, query: SavedQuery, values: Mapping[str, Sequence[str]]
    ) -> tuple[Shown | None, ParameterError | None, Problem | None]:
        try:
            text = query.bind(values)
        except ParameterError as error:
            return None, error, None
        pairs = tuple((name, one) for name, several in values.items() for one in several)
        passed = call.service.gate.examine(text)
        asked = replace(call.asked, query=text, parameters=pairs)
        delivery = Delivery(replace(call, asked=asked), passed, Choice(HTML, HTML.media_type))
        try:
            return await preview(delivery), None, None
        except Failure as failure:
            return None, None, problem_of(failure, text)

    async def _control(
        self,
        call: Call,
        read: Reading,
        parameter: Parameter,
        values: Mapping[str, Sequence[str]],
        wrong: ParameterError | None,
    ) -> Control:
        language = read.language
        given = tuple(values.get(parameter.name, parameter.default))
        expected = wrong.expected[language] if wrong and wrong.parameter == parameter.name else ""
        choices = tuple((one.value, one.label.get(language) or one.value) for one in parameter.choices)
        if parameter.choices_from and not choices:
            choices = await self._choices_of(call, read, parameter)
        return Control(parameter, _input(parameter, choices), given, choices, expected)

    async def _choices_of(
        self, call: Call, read: Reading, parameter: Parameter
    ) -> tuple[tuple[str, str], ...]:
        """The values that another saved query gives; none when it cannot be asked just now."""
        source = parameter.choices_from
        assert source is not None  # noqa: S101 -- asked before
        key = (read.release.id, f"{source.query} {source.value} {source.label}", read.language)
        if key not in self._choices:
            query = read.queries[source.query]
            known = {one.name for one in query.parameters}
            shown, _, _ = await self._answer(
                call, query, {"language": [read.language]} if "language" in known else {}
            )
            if shown is None:
                return ()
            if len(self._choices) > 500:
                self._choices.clear()
            self._choices[key] = _pairs(shown, source.value, source.label, Teller(read.shelf, read.language))
        return self._choices[key]


def _pairs(shown: Shown, value: str, label: str, teller: Teller) -> tuple[tuple[str, str], ...]:
    at, of = shown.variables.index(value), shown.variables.index(label)
    found: dict[str, str] = {}
    for row in shown.rows[:MOST_CHOICES]:
        key = row[at].link or row[at].text
        name = (teller.name(row[of].link) or row[of].link) if row[of].link else row[of].text
        found.setdefault(key, name)
    return tuple(sorted(found.items(), key=lambda one: one[1].lower()))


def _given(call: Call, query: SavedQuery) -> dict[str, list[str]]:
    """The values that the request gives; an unknown name is left out, since the form tells what there is."""
    known = {parameter.name for parameter in query.parameters}
    values: dict[str, list[str]] = {}
    for name, one in call.asked.parameters:
        if name not in _OURS and name in known:
            values.setdefault(name, []).append(one)
    return values


def _input(parameter: Parameter, choices: Sequence[tuple[str, str]]) -> str:
    if choices:
        return "checks" if parameter.many else "select"
    if parameter.type in ("boolean", "point"):
        return parameter.type
    return _INPUTS.get(parameter.type, "text")


def _page(
    read: Reading,
    query: SavedQuery,
    controls: Sequence[Control],
    shown: Shown | None,
    problem: Problem | None,
    values: Mapping[str, Sequence[str]],
    example: bool,
) -> bytes:
    teller = Teller(read.shelf, read.language)
    picture = Picture()
    if shown is not None:
        shown = replace(shown, formats=tuple(form for form in offers(query) if form is not HTML))
        shown = named(shown, teller.name, teller.page)
        picture = picture_of(shown, read.language)
        shown = easily_read(shown)
    titles = {column.name: column.title.get(read.language) or column.name for column in query.columns}
    return render(
        "query.html",
        read.asked,
        query=query,
        controls=controls,
        answer=shown,
        problem=problem.body(read.language) if problem else None,
        picture=picture,
        towns=TOWNS,
        titles=titles,
        example=example,
        snippets=_snippets(read, query, values) if shown else [],
        bound=query.bind(values) if shown else query.text,
    )


def _address(query: SavedQuery, values: Mapping[str, Sequence[str]], **more: str) -> str:
    pairs = [(name, one) for name, several in values.items() for one in several if one]
    encoded = urlencode([*pairs, *more.items()])
    return f"/queries/{query.name}" + (f"?{encoded}" if encoded else "")


def _snippets(read: Reading, query: SavedQuery, values: Mapping[str, Sequence[str]]) -> list[Snippet]:
    name, code = (
        ("csv", "csv")
        if query.form == "select"
        else ("json", "json")
        if query.form == "ask"
        else ("turtle", "ttl")
    )
    return snippets(read.asked.host + _address(query, values, format=name), code)
