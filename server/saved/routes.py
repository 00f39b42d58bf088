"""/queries: the saved queries by name, with typed parameters from the query string."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Final
from urllib.parse import quote, urlencode

from loaders.releases.rehearsal import Rehearsal, read_rehearsal
from ontology.errors import QueryError
from queries.binding import page
from queries.parameters import Parameter, ParameterError, expectation
from queries.saved import SavedQuery
from server.http import problems
from server.http.documents import send_json
from server.http.endpoint import Call
from server.http.negotiation import FORMATS, HTML, Format, Kind, by_accept
from server.http.problems import Problem
from server.http.request import Asked
from server.http.words import Language, Words
from server.pages import SECURITY, Example, queries_page
from server.saved.geojson import GEOJSON, has_place
from server.saved.paging import PageDelivery, own_names, window
from server.saved.spreadsheet import XLSX
from server.sparql.delivery import Delivery, cache_control
from server.sparql.preview import answer_page
from server.sparql.protocol import choose

METHODS = ("GET", "HEAD")
DESCRIPTION: Final = "description"
"""What `?format=` says to get the description of a query instead of its answer."""
_JSON = Format("json", "application/json", "json")
_OURS = frozenset({"format", "download", "lang", "timeout"})
_KINDS: Mapping[str, Kind] = {"select": "select", "ask": "ask", "construct": "graph", "describe": "graph"}


def offers(query: SavedQuery) -> tuple[Format, ...]:
    """The formats an answer of the query can have, in the server's order of preference."""
    more: tuple[Format, ...] = ()
    if query.form == "select":
        place = has_place([column.name for column in query.columns])
        more = (GEOJSON, XLSX) if place else (XLSX,)
    return (*FORMATS[_KINDS[query.form]], *more, HTML)


async def catalogue(call: Call) -> None:
    """Send the list of saved queries: as a page, or as JSON with all that a program needs to ask them."""
    choice = choose(call, (_JSON, HTML))
    if choice.format is HTML:
        headers = {
            "Vary": "Accept, Accept-Language",
            "Cache-Control": cache_control(call.service.settings.max_age),
        }
        body = queries_page(call.asked, examples(call.service.queries, call.asked.language))
        await call.reply.whole(200, headers | SECURITY, body)
        return
    rehearsal = rehearsed(call)
    described = [describe(query, call.asked, rehearsal) for query in call.service.queries.values()]
    await send_json(call, {"queries": described})


async def saved_query(call: Call) -> None:
    """Answer one saved query, in any format that its kind has; or describe it, see `wants_description`."""
    query, call = _named(call)
    if wants_description(call.asked, query):
        await send_json(call, describe(query, call.asked, rehearsed(call)))
        return
    choice = choose(call, offers(query))
    cut = window(call.asked, query)
    text = _bound(query, call.asked)
    passed = call.service.gate.examine(page(text, cut.limit + 1, cut.offset) if cut else text)
    if choice.format is HTML:
        asked = replace(call.asked, query=passed.text)
        await answer_page(replace(call, asked=asked), passed)
    elif cut:
        await PageDelivery(call, passed, choice, name=query.name, window=cut).deliver()
    else:
        await Delivery(call, passed, choice, name=query.name).deliver()


def _named(call: Call) -> tuple[SavedQuery, Call]:
    """The query of the address, with the format that its ending names; raises Problem for an unknown one."""
    asked, queries = call.asked, call.service.queries
    name = asked.path.removeprefix("/queries/")
    if name in queries:
        return queries[name], call
    stem, _, ending = name.rpartition(".")
    if stem in queries:
        parameters = (("format", ending), *asked.parameters)
        asked = replace(asked, path=f"/queries/{stem}", parameters=parameters)
        return queries[stem], replace(call, asked=asked)
    detail = Words(f"Det finns ingen sparad fråga {name}.", f"There is no saved query {name}.")
    raise Problem(problems.NOT_FOUND, detail, members={"known": sorted(queries)})


def wants_description(asked: Asked, query: SavedQuery) -> bool:
    """Whether a request is about the query itself.

    It is with `?format=description`; and with `Accept: application/json` where the address alone, without
    a value that the query needs, cannot be answered.
    """
    if named := asked.all("format"):
        return named == (DESCRIPTION,)
    if {name for name, _ in asked.parameters} - {"lang"} or not _needs_values(query):
        return False
    choice = by_accept(asked.accept, (*offers(query), _JSON))
    return choice is not None and choice.media_type == _JSON.media_type


def _needs_values(query: SavedQuery) -> bool:
    return any(not (parameter.optional or parameter.default) for parameter in query.parameters)


def _bound(query: SavedQuery, asked: Asked) -> str:
    """The text of the query with the values of the request; raises Problem naming the one that is wrong."""
    values: dict[str, list[str]] = defaultdict(list)
    known = {parameter.name for parameter in query.parameters}
    for name, value in asked.parameters:
        if name in known:
            values[name].append(value)
        elif name not in _OURS and name not in own_names(query):
            raise _unknown(query, name, known)
    try:
        return query.bind(values)
    except ParameterError as error:
        raise _refused(query, error) from error
    except QueryError as error:
        raise Problem(problems.BAD_REQUEST, Words(str(error), str(error))) from error


def _unknown(query: SavedQuery, name: str, known: set[str]) -> Problem:
    names = ", ".join(sorted(known)) or "–"
    detail = Words(
        f"{query.name} har ingen parameter {name}. Den har: {names}.",
        f"{query.name} has no parameter {name}. It has: {names}.",
    )
    return Problem(problems.BAD_REQUEST, detail, members={"parameter": name, "known": sorted(known)})


def _refused(query: SavedQuery, error: ParameterError) -> Problem:
    swedish, english = error.expected["sv"], error.expected["en"]
    given = error.value
    detail = Words(
        f"{error.parameter}: väntade {swedish}, {'inget gavs' if given is None else 'fick något annat'}.",
        f"{error.parameter}: expected {english}, {'got none' if given is None else 'got something else'}.",
    )
    members = {
        "parameter": error.parameter,
        "value": given if given is None else given[:200],
        "expected": error.expected,
        "describedby": f"/queries/{quote(query.name)}?format={DESCRIPTION}",
    }
    return Problem(problems.BAD_REQUEST, detail, members=members)


# ---------------------------------------------------------------------- description


def rehearsed(call: Call) -> Rehearsal:
    """How the example calls went when the served release was built."""
    return read_rehearsal(call.service.current.release.reports)


def describe(query: SavedQuery, asked: Asked, rehearsal: Rehearsal) -> dict[str, object]:
    """All that a program needs to ask a query, worded in the language of the request."""
    language = asked.language
    outcome = rehearsal.by_name.get(query.name)
    return {
        "name": query.name,
        "group": query.group,
        "title": query.title.get(language),
        "description": query.description.get(language),
        "tags": list(query.tags),
        "form": query.form,
        "address": f"{asked.host}/queries/{quote(query.name)}",
        "example": asked.host + example_address(query),
        "formats": [{"name": form.name, "mediaType": form.media_type} for form in offers(query)],
        "parameters": [_parameter(parameter, language) for parameter in query.parameters],
        "columns": [{"name": column.name, "title": column.title.get(language)} for column in query.columns],
        "rehearsal": outcome.told() if outcome else None,
        "text": query.text,
    }


def _parameter(parameter: Parameter, language: Language) -> dict[str, object]:
    """What a caller must know of a parameter; what does not apply to it is left out."""
    source = parameter.choices_from
    members: dict[str, object] = {
        "name": parameter.name,
        "type": parameter.type,
        "title": parameter.title.get(language),
        "description": parameter.description.get(language),
        "expected": expectation(parameter)[language],
        "optional": parameter.optional or bool(parameter.default),
        "many": parameter.many,
        "default": list(parameter.default),
        "example": list(parameter.example),
        "minimum": parameter.minimum,
        "maximum": parameter.maximum,
        "pattern": parameter.pattern,
        "under": parameter.under,
        "choices": [choice.value for choice in parameter.choices],
        "choicesFrom": {"query": source.query, "column": source.value} if source else None,
    }
    return {name: value for name, value in members.items() if value not in (None, [], "")}


def example_address(query: SavedQuery) -> str:
    """The path of the example call."""
    pairs = [(name, value) for name, values in query.example.items() for value in values]
    return f"/queries/{quote(query.name)}" + (f"?{urlencode(pairs)}" if pairs else "")


def examples(queries: Mapping[str, SavedQuery], language: Language) -> list[Example]:
    """The saved queries as links to their example calls."""
    return [
        Example(query.title[language], query.description[language], example_address(query))
        for query in queries.values()
    ]
