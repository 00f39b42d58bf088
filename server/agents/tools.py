"""The tools that agents see, made with the official SDK of the Model Context Protocol."""

import json
import re
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any, Final, Literal

from mcp.server import Server, ServerRequestContext
from mcp_types import (
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    Tool,
    ToolAnnotations,
)
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ontology.errors import OdisError, QueryError
from queries.openapi import argument
from queries.saved import SavedQuery
from server.agents.desk import Answer, Desk
from server.agents.reading import MOST_ROWS
from server.http.limiter import client_key
from server.http.problems import Problem
from server.service import Service

INSTRUCTIONS: Final = """\
ODIS is the open data of a Swedish region as one linked-data graph: dataset catalogues (DCAT-AP-SE), their
quality (SHACL), and data about places such as bathing places and playgrounds. Texts are Swedish,
often English too. Everything is read-only.
Most tools are saved queries, which are tested: prefer them. Use search for datasets, publishers and places by
words, describe for one IRI, sparql for what no other tool answers. When an answer has nextOffset, there is
more: ask again with that offset. WKT has the longitude first, points in arguments have the latitude first."""
READ_ONLY: Final = ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)
_CALLABLE: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""Names that agents can call; a saved query of another name is no tool."""


class _Arguments(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Search(_Arguments):
    words: str = Field(description="What to look for, in Swedish or English", min_length=1, max_length=300)
    kind: Literal["", "dataset", "thing", "specification", "organisation", "query"] = Field(
        "", description="Only this kind; empty: all"
    )
    limit: int = Field(10, ge=1, le=25)


class _Describe(_Arguments):
    iri: str = Field(description="A whole IRI, as search and queries give it", max_length=2000)


class _Page(_Arguments):
    limit: int = Field(100, ge=1, le=MOST_ROWS, description="Rows to give")
    offset: int = Field(0, ge=0, le=1_000_000, description="nextOffset of the answer before")


class _Sparql(_Page):
    query: str = Field(description="SELECT, ASK, CONSTRUCT or DESCRIBE in SPARQL 1.1")


_OWN: Final[Mapping[str, tuple[str, type[_Arguments], str]]] = {
    "search": (
        "Search",
        _Search,
        "Find datasets, publishers, specifications, saved queries (tools) and things (places …) by words.",
    ),
    "describe": (
        "Describe a thing",
        _Describe,
        "Tell all that the graph says of one thing, and what refers to it.",
    ),
    "sparql": (
        "SPARQL",
        _Sparql,
        "Ask the graph in SPARQL. Prefixes such as dcat:, dcterms:, schema:, geo: and odis: are declared. "
        "The default graph has catalogues and data; graphs <…/graph/quality/shacl/SOURCE> have the results "
        "of checks. A query may take 20 seconds; long values are cut.",
    ),
}


def make_server(service: Service) -> Server[Any]:
    """The server with all tools over a running service."""
    saved = {
        query.name: query
        for query in service.queries.values()
        if _CALLABLE.fullmatch(query.name) and query.name not in _OWN
    }
    tools = {name: _own_tool(name) for name in _OWN} | {name: _tool(query) for name, query in saved.items()}

    async def list_tools(
        context: ServerRequestContext[Any], params: PaginatedRequestParams | None
    ) -> ListToolsResult:
        return ListToolsResult(tools=list(tools.values()))

    async def call_tool(context: ServerRequestContext[Any], params: CallToolRequestParams) -> CallToolResult:
        desk = Desk(service, _client(context))
        arguments = params.arguments or {}
        try:
            query = saved.get(params.name)
            answer = await (
                _ask_saved(desk, query, arguments) if query else _ask(desk, params.name, arguments)
            )
        except ValidationError as error:
            return _result(_told_arguments(error), fault=True)
        except OdisError as error:
            return _result(_told(error), fault=True)
        return _result(answer)

    return Server(
        "odis",
        title="ODIS",
        version=version("odis"),
        instructions=INSTRUCTIONS,
        get_tool_input_schema=lambda name: tools[name].input_schema if name in tools else None,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


def _own_tool(name: str) -> Tool:
    title, arguments, description = _OWN[name]
    return Tool(
        name=name,
        title=title,
        description=description,
        input_schema=arguments.model_json_schema(),
        annotations=READ_ONLY,
    )


def _tool(query: SavedQuery) -> Tool:
    """A saved query as a tool: its parameters as a JSON schema, and the page of the answer."""
    properties = {parameter.name: argument(parameter, "en") for parameter in query.parameters}
    columns = ", ".join(column.name for column in query.columns)
    gives = f"Columns: {columns}." if columns else "Gives triples." if query.form != "ask" else "Yes or no."
    return Tool(
        name=query.name,
        title=query.title["en"],
        description=f"{query.description['en']} {gives}",
        input_schema={
            "type": "object",
            "properties": _Page.model_json_schema()["properties"] | properties,
            "required": [one.name for one in query.parameters if not (one.optional or one.default)],
            "additionalProperties": False,
        },
        annotations=READ_ONLY,
    )


async def _ask_saved(desk: Desk, query: SavedQuery, arguments: dict[str, Any]) -> Answer:
    own = _Page.model_fields.keys() - {parameter.name for parameter in query.parameters}
    page = _Page(**{name: value for name, value in arguments.items() if name in own})
    values = {name: value for name, value in arguments.items() if name not in own}
    return await desk.saved(query, values, page.limit, page.offset)


async def _ask(desk: Desk, name: str, arguments: dict[str, Any]) -> Answer:
    if name not in _OWN:
        raise QueryError(f"there is no tool {name[:100]}; search with kind query finds saved queries")
    asked = _OWN[name][1](**arguments)
    match asked:
        case _Search():
            return await desk.search(asked.words, asked.kind, asked.limit)
        case _Describe():
            return await desk.describe(asked.iri)
        case _Sparql():
            return await desk.sparql(asked.query, asked.limit, asked.offset)
    raise AssertionError(name)


def _told(error: OdisError) -> str:
    """A fault as a sentence that an agent can act on."""
    if not isinstance(error, Problem):
        return str(error)
    told = f"{error.sort.title.en}: {error.detail.en} {error.sort.action.en}"
    excerpt = error.members.get("excerpt")
    return f"{told}\n{excerpt}" if excerpt else told


def _told_arguments(error: ValidationError) -> str:
    """What is wrong with each argument, by name."""
    return "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())


def _result(answer: Answer | str, *, fault: bool = False) -> CallToolResult:
    """An answer as text for agents, without blanks that cost tokens, and as structure for programs."""
    if isinstance(answer, str):
        return CallToolResult(content=[TextContent(type="text", text=answer)], is_error=fault)
    text = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
    return CallToolResult(content=[TextContent(type="text", text=text)], structured_content=answer)


def _client(context: ServerRequestContext[Any]) -> str:
    """Who asks: an address, or the agent that has started this process."""
    client = getattr(context.request, "client", None)
    return client_key(client.host) if client else "agent on this machine"
