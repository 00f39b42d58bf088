"""The saved queries as an OpenAPI 3.1 document: each is a path with typed parameters and an example."""

from collections.abc import Mapping
from typing import Any

from queries.parameters import Parameter, Type, expectation
from queries.saved import SavedQuery

ROWS = (
    "application/sparql-results+json",
    "application/sparql-results+xml",
    "text/csv",
    "text/tab-separated-values",
)
GRAPHS = ("text/turtle", "application/n-triples", "application/rdf+xml", "application/ld+json")

_SCHEMAS: Mapping[Type, dict[str, str]] = {
    "iri": {"type": "string", "format": "iri-reference"},
    "string": {"type": "string"},
    "text": {"type": "string"},
    "integer": {"type": "integer"},
    "decimal": {"type": "number"},
    "number": {"type": "number"},
    "double": {"type": "number"},
    "date": {"type": "string", "format": "date"},
    "dateTime": {"type": "string", "format": "date-time"},
    "year": {"type": "string", "pattern": "^[0-9]{4}$"},
    "boolean": {"type": "boolean"},
    "point": {"type": "string", "pattern": "^[-+]?[0-9.]+[, ] ?[-+]?[0-9.]+$"},
    "typed": {"type": "string"},
}


def document(queries: Mapping[str, SavedQuery], language: str, server: str, version: str) -> dict[str, Any]:
    """The whole document, worded in `language` ("sv" or "en"), for the API at the address `server`."""
    title = {"sv": "ODIS: sparade frågor", "en": "ODIS: saved queries"}
    return {
        "openapi": "3.1.0",
        "info": {"title": title[language], "version": version},
        "servers": [{"url": server}],
        "paths": paths(queries, language),
        "components": {"schemas": {"Rows": _ROWS, "Problem": _PROBLEM}},
    }


def paths(queries: Mapping[str, SavedQuery], language: str) -> dict[str, Any]:
    """The paths of the saved queries, worded in `language`."""
    return {f"/queries/{query.name}": {"get": _operation(query, language)} for query in queries.values()}


def _operation(query: SavedQuery, language: str) -> dict[str, Any]:
    answer = {"sv": "Svaret", "en": "The answer"}[language]
    refusal = {"sv": "Ett värde saknas eller passar inte", "en": "A value is missing or does not fit"}[
        language
    ]
    return {
        "operationId": query.name,
        "summary": query.title[language],
        "description": query.description[language],
        "tags": [query.group] if query.group else [],
        "parameters": [_parameter(parameter, language) for parameter in query.parameters],
        "responses": {
            "200": {"description": answer, "content": _content(query, language)},
            "400": {
                "description": refusal,
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
            },
        },
    }


def _parameter(parameter: Parameter, language: str) -> dict[str, Any]:
    described: dict[str, Any] = {
        "name": parameter.name,
        "in": "query",
        "required": not (parameter.optional or parameter.default),
        "description": _meaning(parameter, language),
        "schema": _values(parameter),
    }
    example = [_value(parameter, value) for value in parameter.example]
    if example:
        described["example"] = example if parameter.many else example[0]
    return described


def argument(parameter: Parameter, language: str) -> dict[str, Any]:
    """The JSON schema of a parameter's values, with what they mean, worded in `language`."""
    schema = _values(parameter) | {"description": _meaning(parameter, language)}
    example = [_value(parameter, value) for value in parameter.example]
    return schema | {"examples": [example if parameter.many else example[0]]} if example else schema


def _meaning(parameter: Parameter, language: str) -> str:
    words = (
        parameter.title.get(language, ""),
        parameter.description.get(language, ""),
        expectation(parameter)[language],
    )
    return ". ".join(word.rstrip(".") for word in words if word) + "."


def _values(parameter: Parameter) -> dict[str, Any]:
    schema = _schema(parameter)
    return {"type": "array", "items": schema} if parameter.many else schema


def _schema(parameter: Parameter) -> dict[str, Any]:
    schema: dict[str, Any] = dict(_SCHEMAS[parameter.type])
    if parameter.pattern is not None:
        schema["pattern"] = f"^(?:{parameter.pattern})$"
    if parameter.choices:
        schema["enum"] = [_value(parameter, choice.value) for choice in parameter.choices]
    if schema["type"] in ("integer", "number"):
        for key, bound in (("minimum", parameter.minimum), ("maximum", parameter.maximum)):
            if bound is not None:
                schema[key] = _value(parameter, bound)
    elif schema == {"type": "string"}:
        schema["maxLength"] = parameter.longest
    if parameter.default and not parameter.many:
        schema["default"] = _value(parameter, parameter.default[0])
    return schema


def _value(parameter: Parameter, value: str) -> str | int | float | bool:
    """A value as JSON has it."""
    kind = _SCHEMAS[parameter.type]["type"]
    if kind == "boolean":
        return value in ("true", "1")
    if kind in ("integer", "number"):
        number = float(value)
        return int(number) if number.is_integer() else number
    return value


def _content(query: SavedQuery, language: str) -> dict[str, Any]:
    types = ROWS if query.form in ("select", "ask") else GRAPHS
    content: dict[str, Any] = {name: {} for name in (*types, "text/html")}
    if query.columns:
        columns = {column.name: {"title": column.title[language]} for column in query.columns}
        content[ROWS[0]] = {
            "schema": {
                "allOf": [{"$ref": "#/components/schemas/Rows"}],
                "properties": {
                    "results": {"properties": {"bindings": {"items": {"properties": columns}}}},
                },
            }
        }
    return content


# SPARQL 1.1 Query Results JSON Format, 3.
_ROWS = {
    "type": "object",
    "required": ["head"],
    "properties": {
        "head": {"type": "object", "properties": {"vars": {"type": "array", "items": {"type": "string"}}}},
        "results": {
            "type": "object",
            "properties": {
                "bindings": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "additionalProperties": {
                            "type": "object",
                            "required": ["type", "value"],
                            "properties": {
                                "type": {"enum": ["uri", "literal", "bnode"]},
                                "value": {"type": "string"},
                            },
                        },
                    },
                }
            },
        },
        "boolean": {"type": "boolean"},
    },
}
# Problem Details for HTTP APIs, RFC 9457.
_PROBLEM = {
    "type": "object",
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "parameter": {"type": "string"},
    },
}
