"""The tools that agents see, made with the official SDK of the Model Context Protocol."""

import json
from collections.abc import Awaitable, Mapping
from importlib.metadata import version
from typing import Annotated, Any, Final, Literal

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import CallToolResult, TextContent, ToolAnnotations
from pydantic import Field

from ontology.errors import OdisError
from queries.saved import SavedQuery
from server.agents.desk import MOST_HITS, MOST_ROWS, Answer, Desk, told_problem
from server.http.limiter import client_key
from server.service import Service

INSTRUCTIONS: Final = """\
ODIS is the open data of Stockholm county (26 municipalities, Region Stockholm) as one linked-data graph:
dataset catalogues (DCAT-AP-SE), their quality (SHACL), and data about places such as bathing places, outdoor
gyms and playgrounds. Texts are Swedish, often English too. Everything is read-only.
Prefer ask_saved_query: its queries are tested. Use search for datasets, publishers and places by words,
describe for one IRI, sparql for what no saved query answers. When an answer has nextOffset, there is more:
ask again with that offset. Places have WKT in WGS84, longitude first; points are given latitude first."""
READ_ONLY: Final = ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)
Kind = Literal["", "dataset", "thing", "specification", "organisation", "query"]
Limit = Annotated[int, Field(ge=1, le=MOST_ROWS, description="Rows to give")]
Offset = Annotated[int, Field(ge=0, description="Rows to pass over: nextOffset of the answer before")]


def make_server(service: Service) -> MCPServer[Any]:
    """The server with all tools over a running service."""
    server: MCPServer[Any] = MCPServer(
        "odis", title="ODIS", instructions=INSTRUCTIONS, version=version("odis"), log_level="WARNING"
    )
    _add_search(server, service)
    _add_saved(server, service)
    _add_sparql(server, service)
    return server


def _add_search(server: MCPServer[Any], service: Service) -> None:
    async def search(
        ctx: Context[Any, Any],
        words: Annotated[str, Field(description="What to look for, in Swedish or English", max_length=300)],
        kind: Annotated[Kind, Field(description="Only this kind; empty: all")] = "",
        limit: Annotated[int, Field(ge=1, le=MOST_HITS)] = 10,
    ) -> CallToolResult:
        """Find datasets, publishers, specifications, saved queries and things (places …) by words."""
        return await _answered(_desk(service, ctx).search(words, kind, limit))

    async def describe(
        ctx: Context[Any, Any],
        iri: Annotated[str, Field(description="A whole IRI, as search and queries give it", max_length=2000)],
    ) -> CallToolResult:
        """Tell all that the graph says of one thing, and what refers to it."""
        return await _answered(_desk(service, ctx).describe(iri))

    _add(server, search, "Search")
    _add(server, describe, "Describe a thing")


def _add_saved(server: MCPServer[Any], service: Service) -> None:
    async def saved_queries(
        ctx: Context[Any, Any],
        words: Annotated[str, Field(description="Words that all must occur; empty: all queries")] = "",
    ) -> CallToolResult:
        """Show saved queries in full: what each parameter expects, an example value, and the columns."""
        return _result(_desk(service, ctx).saved_queries(words))

    names = list(service.queries)

    async def ask_saved_query(
        ctx: Context[Any, Any],
        name: Annotated[str, Field(json_schema_extra={"enum": names})],
        values: Annotated[dict[str, Any], Field(description="Values of the parameters by name")] = {},  # noqa: B006
        limit: Limit = 100,
        offset: Offset = 0,
    ) -> CallToolResult:
        return await _answered(_desk(service, ctx).ask_saved(name, values, limit, offset))

    _add(server, saved_queries, "Saved queries in full")
    _add(server, ask_saved_query, "Ask a saved query", _catalogue(service.queries))


def _add_sparql(server: MCPServer[Any], service: Service) -> None:
    async def sparql(
        ctx: Context[Any, Any],
        query: Annotated[str, Field(description="SELECT, ASK, CONSTRUCT or DESCRIBE in SPARQL 1.1")],
        limit: Limit = 100,
        offset: Offset = 0,
    ) -> CallToolResult:
        """Ask the graph in SPARQL. Prefixes such as dcat:, dcterms:, schema:, geo: and odis: are declared.

        The default graph has catalogues and data; the graphs <…/graph/quality/shacl/SOURCE> have the results
        of checks. A query may take 20 seconds; long values are cut.
        """
        return await _answered(_desk(service, ctx).sparql(query, limit, offset))

    _add(server, sparql, "SPARQL")


def _add(server: MCPServer[Any], tool: Any, title: str, description: str | None = None) -> None:
    server.add_tool(
        tool, title=title, description=description, annotations=READ_ONLY, structured_output=False
    )


def _catalogue(queries: Mapping[str, SavedQuery]) -> str:
    """The description of `ask_saved_query`: a line for each, so that most need no second look."""
    lines = [
        "Ask one of these queries. `name(needed, optional?)`; saved_queries tells what values look like."
    ]
    group = ""
    for query in sorted(queries.values(), key=lambda one: (one.group, one.name)):
        if query.group != group:
            group = query.group
            lines.append(f"# {group}")
        names = (f"{one.name}{'?' if one.optional or one.default else ''}" for one in query.parameters)
        lines.append(f"{query.name}({', '.join(names)}): {query.title.get('en', '')}")
    return "\n".join(lines)


async def _answered(answer: Awaitable[Answer]) -> CallToolResult:
    """The answer of a tool; a fault of the caller is told to it as a sentence."""
    try:
        return _result(await answer)
    except OdisError as error:
        raise ToolError(told_problem(error)) from error


def _result(answer: Answer) -> CallToolResult:
    """An answer as text for agents, without blanks that cost tokens, and as structure for programs."""
    text = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
    return CallToolResult(content=[TextContent(type="text", text=text)], structured_content=answer)


def _desk(service: Service, ctx: Context[Any, Any]) -> Desk:
    request = ctx.request_context.request
    client = getattr(request, "client", None)
    return Desk(service, client_key(client.host) if client else "agent on this machine")
