"""/queries: the saved queries by name, with typed parameters from the query string."""

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import quote, urlencode

from ontology.errors import QueryError
from queries.parameters import Parameter, ParameterError
from queries.saved import SavedQuery
from server import problems
from server.delivery import Delivery, cache_control
from server.endpoint import Call
from server.negotiation import FORMATS, HTML, Format
from server.pages import SECURITY, Example, queries_page
from server.preview import answer_page
from server.problems import Problem
from server.protocol import choose
from server.request import Asked
from server.words import Language, Words

METHODS = ("GET", "HEAD")
_JSON = Format("json", "application/json", "json")
_OURS = frozenset({"format", "download", "lang", "timeout"})


async def catalogue(call: Call) -> None:
    """Send the list of saved queries: as a page, or as JSON with all that a program needs to ask them."""
    choice = choose(call, (_JSON, HTML))
    saved = call.service.queries.values()
    headers = {
        "Vary": "Accept, Accept-Language",
        "Cache-Control": cache_control(call.service.settings.max_age),
    }
    if choice.format is HTML:
        body = queries_page(call.asked, examples(call.service.queries, call.asked.language))
        await call.reply.whole(200, headers | SECURITY, body)
        return
    described = [_described(query, call.asked) for query in saved]
    body = json.dumps({"queries": described}, ensure_ascii=False, indent=1).encode()
    await call.reply.whole(200, headers | {"Content-Type": "application/json"}, body)


async def saved_query(call: Call) -> None:
    """Answer one saved query, in any format that its kind has."""
    name = call.asked.path.removeprefix("/queries/")
    query = call.service.queries.get(name)
    if query is None:
        detail = Words(f"Det finns ingen sparad fråga {name}.", f"There is no saved query {name}.")
        raise Problem(problems.NOT_FOUND, detail, members={"known": sorted(call.service.queries)})
    text = _bound(query, call.asked)
    passed = call.service.gate.examine(text)
    choice = choose(call, (*FORMATS[passed.kind], HTML))
    if choice.format is HTML:
        asked = replace(call.asked, query=text)
        await answer_page(replace(call, asked=asked), passed)
    else:
        await Delivery(call, passed, choice, name=name).deliver()


def _bound(query: SavedQuery, asked: Asked) -> str:
    values: dict[str, list[str]] = defaultdict(list)
    for name, value in asked.parameters:
        if name not in _OURS:
            values[name].append(value)
    try:
        return query.bind(values)
    except ParameterError as error:
        detail = Words(
            f"{error.parameter}: {error.expected['sv']}.", f"{error.parameter}: {error.expected['en']}."
        )
        members = {"parameter": error.parameter, "value": error.value}
        raise Problem(problems.BAD_REQUEST, detail, members=members) from error
    except QueryError as error:
        raise Problem(problems.BAD_REQUEST, Words(str(error), str(error))) from error


def _described(query: SavedQuery, asked: Asked) -> dict[str, object]:
    language = asked.language
    return {
        "name": query.name,
        "group": query.group,
        "title": query.title.get(language),
        "description": query.description.get(language),
        "tags": list(query.tags),
        "form": query.form,
        "address": f"{asked.host}/queries/{quote(query.name)}",
        "example": asked.host + _example_address(query),
        "parameters": [_parameter(parameter, language) for parameter in query.parameters],
        "columns": [{"name": column.name, "title": column.title.get(language)} for column in query.columns],
        "text": query.text,
    }


def _parameter(parameter: Parameter, language: Language) -> dict[str, object]:
    """What a caller must know of a parameter; what does not apply to it is left out."""
    members: dict[str, object] = {
        "name": parameter.name,
        "type": parameter.type,
        "title": parameter.title.get(language),
        "description": parameter.description.get(language),
        "optional": parameter.optional,
        "many": parameter.many,
        "default": list(parameter.default),
        "example": list(parameter.example),
        "minimum": parameter.minimum,
        "maximum": parameter.maximum,
        "pattern": parameter.pattern,
        "choices": [choice.value for choice in parameter.choices],
    }
    return {name: value for name, value in members.items() if value not in (None, [], "")}


def _example_address(query: SavedQuery) -> str:
    pairs = [(name, value) for name, values in query.example.items() for value in values]
    return f"/queries/{quote(query.name)}" + (f"?{urlencode(pairs)}" if pairs else "")


def examples(queries: Mapping[str, SavedQuery], language: Language) -> list[Example]:
    """The saved queries as links to their example calls."""
    return [
        Example(query.title[language], query.description[language], _example_address(query))
        for query in queries.values()
    ]
