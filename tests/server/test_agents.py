"""Agents as they come: the SDK's own client over standard input and output, and over HTTP to a server."""

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp_types import CallToolResult, TextContent, Tool

from queries.saved import load
from server.agents.reading import DEADLINE, LONGEST, MOST_CHARACTERS, MOST_ROWS, short
from server.settings import ServerSettings
from tests.conftest import COMMAND
from tests.server.live import serving

QUERIES = load()
NEAR = {"near": "59.3153,18.0343", "radius": 2000}
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
DISTRIBUTION = "SELECT ?d { ?s dcat:distribution ?d } LIMIT 1"
SAMPLE = "https://nacka.example/datasets/badplatser"

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def address(sample_region: Path) -> Iterator[str]:
    """A server over the sample region that gives up on a query after two seconds."""
    settings = ServerSettings(sample_region / "var", in_memory_limit=0, log_requests=False, deadline=2.0)
    with serving(settings) as opened:
        yield opened


@pytest.fixture(params=["auto", "legacy"])
async def client(address: str, request: pytest.FixtureRequest) -> AsyncIterator[Client]:
    """A client over HTTP: of the newest version of the protocol, and of those with a handshake."""
    async with Client(f"{address}/mcp", mode=request.param) as opened:
        yield opened


@asynccontextmanager
async def beside(folder: Path) -> AsyncIterator[Client]:
    """A client that starts `odis mcp` for itself."""
    command, *words = COMMAND
    parameters = StdioServerParameters(command=command, args=[*words, "mcp"], cwd=folder)
    async with Client(stdio_client(parameters)) as opened:
        yield opened


def told(result: CallToolResult) -> Any:
    """What a tool answered; text and structure say the same."""
    assert not result.is_error, result.content
    (content,) = result.content
    assert isinstance(content, TextContent)
    assert json.loads(content.text) == result.structured_content
    return result.structured_content


def fault(result: CallToolResult) -> str:
    """The sentence of a refusal."""
    assert result.is_error
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text


async def tools(client: Client) -> dict[str, Tool]:
    return {tool.name: tool for tool in (await client.list_tools()).tools}


async def test_over_standard_input(sample_region: Path) -> None:
    """The command serves one agent on the same machine, with all tools, and nothing else is on its output."""
    async with beside(sample_region) as client:
        assert set(await tools(client)) == {"search", "describe", "sparql", *QUERIES}
        found = told(await client.call_tool("search", {"words": "badplatser nacka"}))
        assert found["results"][0]["iri"] == SAMPLE
        assert told(await client.call_tool("sparql", {"query": "ASK { ?s a dcat:Dataset }"})) == {
            "answer": True
        }


async def test_without_a_release(tmp_path: Path) -> None:
    """Where nothing was built, the command ends with a line that says so."""
    done = subprocess.run([*COMMAND, "mcp", "--data", "var"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "odis build" in done.stderr and "Traceback" not in done.stderr


async def test_every_saved_query_is_a_typed_tool(client: Client) -> None:
    """Each with title, description, a schema for each parameter, what is required, and that it only reads."""
    offered = await tools(client)
    assert len(offered) == len(QUERIES) + 3
    for name, query in QUERIES.items():
        tool = offered[name]
        schema = tool.input_schema
        assert (tool.title, schema["additionalProperties"]) == (query.title["en"], False)
        assert set(schema["properties"]) == {one.name for one in query.parameters} | {"limit", "offset"}
        assert all(one["description"] and "type" in one for one in schema["properties"].values())
        assert set(schema["required"]) == {
            one.name for one in query.parameters if not (one.optional or one.default)
        }
        assert tool.annotations and tool.annotations.read_only_hint
    near = offered["bathing-places-near"].input_schema["properties"]
    assert near["radius"]["type"] == "number" and near["radius"]["maximum"] == 100_000


async def test_the_examples_answer(client: Client) -> None:
    """Every tool of a saved query answers its example call as the saved query does, columns in order."""
    for name, query in QUERIES.items():
        values = {
            one.name: list(one.example) if one.many else one.example[0]
            for one in query.parameters
            if one.example
        }
        answer = told(await client.call_tool(name, {**values, "limit": 2}))
        assert answer["columns"] == ([column.name for column in query.columns] or ["triple"]), name
        assert len(answer["rows"]) <= 2


async def test_pages(client: Client) -> None:
    """Following nextOffset gives every row once, in order, and ends."""
    whole = told(await client.call_tool("bathing-places-near", {**NEAR, "limit": MOST_ROWS}))
    assert len(whole["rows"]) > 4 and "nextOffset" not in whole
    rows: list[object] = []
    offset: int | None = 0
    while offset is not None:
        page = told(await client.call_tool("bathing-places-near", {**NEAR, "limit": 3, "offset": offset}))
        rows += page["rows"]
        offset = page.get("nextOffset")
    assert rows == whole["rows"]


async def test_triples_have_pages_too(client: Client) -> None:
    """A query that builds a graph gives its triples, some at a time."""
    query = "CONSTRUCT { ?s dcterms:title ?t } WHERE { ?s a dcat:Dataset ; dcterms:title ?t } ORDER BY ?t ?s"
    first = told(await client.call_tool("sparql", {"query": query, "limit": 2}))
    second = told(
        await client.call_tool("sparql", {"query": query, "limit": 2, "offset": first["nextOffset"]})
    )
    both = told(await client.call_tool("sparql", {"query": query, "limit": 4}))
    assert first["rows"] + second["rows"] == both["rows"]
    assert both["rows"][0][0].startswith("<https://")


async def test_search(client: Client) -> None:
    """Search corrects, tells how many there are of each kind, and names the tool of a saved query."""
    found = told(await client.call_tool("search", {"words": "badpltser", "limit": 5}))
    assert found["corrected"] == {"badpltser": "badplatser"}
    assert found["total"] > len(found["results"]) == 5
    (query,) = told(
        await client.call_tool("search", {"words": "datamängder utan licens", "kind": "query", "limit": 1})
    )["results"]
    assert query["tool"] == "datasets-without-licence"


async def test_describe(client: Client) -> None:
    """A thing is told with its properties by short names, its parts, and what refers to it."""
    found = told(await client.call_tool("describe", {"iri": SAMPLE}))
    assert found["properties"]["dcterms:title"] == ["Badplatser i Nacka"]
    assert {one["property"] for one in found["referredToBy"]} >= {"dcat:dataset"}
    distribution = told(await client.call_tool("sparql", {"query": DISTRIBUTION}))["rows"][0][0]
    found = told(await client.call_tool("describe", {"iri": distribution}))
    assert "dcat:distribution" in {one["property"] for one in found["referredToBy"]}


@pytest.mark.parametrize(
    ("tool", "arguments", "expected"),
    [
        ("no-such-tool", {}, "there is no tool no-such-tool; search"),
        ("search", {}, "words: Field required"),
        ("search", {"words": "x", "limit": 900}, "limit: Input should be less than or equal to 25"),
        ("search", {"words": "x", "word": "y"}, "word: Extra inputs are not permitted"),
        ("search", {"words": "x" * 301}, "words: String should have at most 300"),
        ("sparql", {"query": "SELECT * { ?s ", "limit": "5"}, "limit: Input should be a valid integer"),
        ("sparql", {"query": "SELECT * { ?s "}, "Line 1, column 15"),
        ("sparql", {"query": "SELECT ?x { ?x unknown:p ?y }"}, "unknown:"),
        ("sparql", {"query": "INSERT DATA { <a:b> <a:b> 1 }"}, "accepts no updates"),
        ("sparql", {"query": "SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }"}, "not on the list"),
        ("sparql", {"query": "SELECT * { " + "{" * 300 + "}" * 301}, "nested too deeply"),
        ("sparql", {"query": "SELECT ?x { ?x ?y ?z } #" + "x" * 300_000}, "too large"),
        ("sparql", {"query": ENDLESS}, "time"),
        ("describe", {"iri": "a b"}, "Give a whole IRI"),
        ("describe", {"iri": "https://nowhere.example/"}, "The graph knows no https://nowhere.example/"),
        ("bathing-places-near", {}, "parameter near: "),
        ("bathing-places-near", {"near": "north"}, "expected latitude and longitude such as 59.33,18.06"),
        ("bathing-places-near", {**NEAR, "radius": 1e9}, "at most 100000"),
        ("bathing-places-near", {**NEAR, "offset": -1}, "offset: Input should be greater than or equal to 0"),
        ("bathing-places-near", {**NEAR, "radus": 1}, "has no parameter radus; it has: near, radius"),
        ("bathing-places-near", {"near": {"lat": 59}}, "expected latitude and longitude"),
    ],
)  # fmt: skip
async def test_faults_tell_what_to_do(
    client: Client, tool: str, arguments: dict[str, Any], expected: str
) -> None:
    """What is wrong comes back as a sentence, through the same gate and deadline as everybody's."""
    assert expected in fault(await client.call_tool(tool, arguments))


async def test_values_are_data(client: Client) -> None:
    """What an agent is talked into passing on stays a value."""
    hostile = '" } UNION { ?s ?p ?o } #'
    answer = told(await client.call_tool("datasets-with-words", {"words": hostile, "language": "sv"}))
    assert answer["rows"] == []


async def test_long_values_and_answers_are_cut(client: Client) -> None:
    """No answer is more than an agent can read, however it was asked for."""
    text = "SELECT ?s (CONCAT(%s) AS ?long) { ?s ?p ?o }" % ", ".join(['STR("' + "å" * 500 + '")'] * 9)  # noqa: UP031
    answer = told(await client.call_tool("sparql", {"query": text, "limit": MOST_ROWS}))
    assert {len(row[1]) for row in answer["rows"]} == {LONGEST + 1}
    assert len(json.dumps(answer, ensure_ascii=False)) < 1.1 * MOST_CHARACTERS
    assert answer["nextOffset"] == len(answer["rows"])
    doubled = "BIND(CONCAT(?l%d, ?l%d) AS ?l%d)"
    huge = "".join(doubled % (n, n, n + 1) for n in range(15))
    text = f'SELECT ?l15 {{ BIND("{"x" * 1000}" AS ?l0) {huge} }}'
    assert "longer than 8 MiB" in fault(await client.call_tool("sparql", {"query": text}))


def test_the_first_row_is_always_there() -> None:
    """Otherwise an agent would ask for the same offset for ever."""
    found = short(["a"], [["x" * 2 * MOST_CHARACTERS], ["y"]], 2)
    assert (len(found.rows), found.more) == (1, True)


async def test_the_row_cap_holds(sample_region: Path) -> None:
    """What an operator allows everybody is what agents get."""
    with serving(
        ServerSettings(sample_region / "var", in_memory_limit=0, log_requests=False, row_cap=3)
    ) as address:
        async with Client(f"{address}/mcp") as client:
            answer = told(await client.call_tool("sparql", {"query": "SELECT * { ?s ?p ?o }"}))
    assert (len(answer["rows"]), answer["nextOffset"]) == (3, 3)


# ---------------------------------------------------------------------- HTTP

CALL = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
HEADERS = {"Accept": "application/json, text/event-stream"}


@pytest.mark.parametrize(
    "origin", ["http://localhost:6274", "http://127.0.0.1", "https://odis.example", None]
)
def test_whose_pages_may_ask(address: str, origin: str | None) -> None:
    """Programs, pages of this machine, and our own."""
    headers = HEADERS | ({"Origin": origin} if origin else {})
    assert httpx2.post(f"{address}/mcp", json=CALL, headers=headers).status_code == 200


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "null",
        "https://odis.example.evil.example",
        "http://odis.example",
        "file://",
        "http://[x",
    ],
)
@pytest.mark.parametrize("method", ["POST", "OPTIONS"])
def test_whose_pages_may_not(address: str, origin: str, method: str) -> None:
    """MCP, Transports: an Origin that is not known is answered 403, also when the name was turned to us."""
    headers = HEADERS | {"Origin": origin, "Host": "evil.example"}
    answer = httpx2.request(method, f"{address}/mcp", json=CALL, headers=headers)
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (403, "origin")


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT"])
def test_no_streams_and_no_sessions(address: str, method: str) -> None:
    """Nothing can be held open or left behind."""
    answer = httpx2.request(method, f"{address}/mcp", headers={"Accept": "text/event-stream"})
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST, OPTIONS")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b'{"jsonrpc":"2.0","id":1,"method":"none"}', 200),
        (b"x" * 1_100_000, 400),
    ],
    ids=["empty", "broken", "batch", "unknown", "long"],
)
def test_broken_requests(address: str, body: bytes, status: int) -> None:
    """What is no request of the protocol is refused, and the next one is answered."""
    headers = HEADERS | {"Content-Type": "application/json"}
    answer = httpx2.post(f"{address}/mcp", content=body, headers=headers)
    assert answer.status_code == status
    assert answer.status_code == 400 or "error" in answer.json()
    assert httpx2.post(f"{address}/mcp", json=CALL, headers=HEADERS).status_code == 200


def test_the_rate_limit_holds(sample_region: Path) -> None:
    """Agents are held to the rate like all clients."""
    settings = ServerSettings(
        sample_region / "var", in_memory_limit=0, log_requests=False, rate=0.01, burst=1
    )
    with serving(settings) as address:
        statuses = [httpx2.post(f"{address}/mcp", json=CALL, headers=HEADERS).status_code for _ in range(2)]
    assert statuses == [200, 429]


def test_the_query_of_an_agent_that_leaves_is_stopped(sample_region: Path) -> None:
    """Nobody waits for the answer, so no worker goes on."""
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call"}
    body = json.dumps(call | {"params": {"name": "sparql", "arguments": {"query": ENDLESS}}}).encode()
    fields = {**HEADERS, "Host": "x", "Content-Type": "application/json", "Content-Length": len(body)}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    settings = ServerSettings(sample_region / "var", in_memory_limit=0, log_requests=False, admin_token="t")
    with serving(settings) as address:
        host, port = address.removeprefix("http://").split(":")
        running = _Running(address)
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(f"POST /mcp HTTP/1.1\r\n{head}\r\n".encode() + body)
            running.wait_for(1)
        running.wait_for(0)


class _Running:
    """Waits until so many queries run."""

    def __init__(self, address: str) -> None:
        self._address = address

    def wait_for(self, count: int) -> None:
        for _ in range(500):
            answer = httpx2.get(f"{self._address}/admin/queries", headers={"Authorization": "Bearer t"})
            if len(answer.json()["queries"]) == count:
                return
            asyncio.run(asyncio.sleep(0.02))
        pytest.fail(f"never {count} queries")


def test_the_sdk_is_not_loaded_at_start(address: str) -> None:
    """It takes most of a second: `odis serve` loads it when the first agent comes."""
    code = (
        "import sys, server.app, server.serve; sys.exit('mcp' in sys.modules or 'mcp_types' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2]).returncode == 0


# ---------------------------------------------------------------------- docs/agents.md

PAGE = (Path(__file__).parents[2] / "docs" / "agents.md").read_text(encoding="utf-8")


def test_the_program_of_the_page_runs(address: str, tmp_path: Path) -> None:
    """What the page shows prints the nearest bathing places."""
    shown = PAGE.split("```python\n")[1].split("```")[0]
    program = tmp_path / "shown.py"
    program.write_text(shown.replace("http://127.0.0.1:8000", address), encoding="utf-8")
    done = subprocess.run([sys.executable, str(program)], capture_output=True, text=True)
    assert done.stdout.startswith("Tanto strandbad: 376 m\n"), done.stderr


async def test_the_settings_of_the_page_work(sample_region: Path) -> None:
    """The command of the page is the one that serves agents."""
    shown = json.loads(PAGE.split("```json\n")[2].split("```")[0])["mcpServers"]["odis"]
    assert shown["command"] == "odis"
    words = [str(sample_region / "var") if word == "/srv/odis/var" else word for word in shown["args"]]
    command, *first = COMMAND
    async with Client(stdio_client(StdioServerParameters(command=command, args=[*first, *words]))) as client:
        assert "search" in await tools(client)


def test_the_limits_of_the_page_are_true() -> None:
    """Numbers in words are those of the code."""
    for number in (MOST_ROWS, MOST_CHARACTERS, LONGEST, int(DEADLINE)):
        assert f"{number:,}" in PAGE
