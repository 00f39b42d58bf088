"""/openapi.json: all that programs can ask for as one OpenAPI 3.1 document, in Swedish or English."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Final

from queries import openapi
from queries.saved import SavedQuery
from server.http import problems
from server.http.documents import send_json
from server.http.endpoint import Call
from server.http.negotiation import FORMATS, HTML
from server.http.words import Language, Words
from server.saved.paging import FARTHEST, LIMIT, MOST, OFFSET, own_names
from server.saved.routes import DESCRIPTION, offers
from shapes.check import profiles
from shapes.writers import MEDIA_TYPES

ADDRESS: Final = "/openapi.json"
_TITLE = Words("ÖDIS: öppna data i Stockholms län", "ODIS: the open data of Stockholm county")
_JSON = ("application/json",)
_RDF = ("text/turtle", "application/rdf+xml", "application/ld+json", "application/n-triples")
_XML = ("application/xml",)


@dataclass(frozen=True, slots=True)
class Route:
    """One address for programs; `parameters` are of components, those of the path stand in the address."""

    path: str
    summary: Words
    media_types: tuple[str, ...]
    tag: str = "catalogue"
    parameters: tuple[str, ...] = ()


ROUTES: Final = (
    Route("/queries", Words("Sparade frågor", "Saved queries"), (*_JSON, "text/html"), "queries", ("lang",)),
    Route("/sparql/completion.json", Words("Ord för en editor", "Words for an editor"), _JSON, "sparql"),
    Route("/graphs", Words("En hel graf", "A whole graph"), _RDF, "sparql", ("graph", "default", "format")),
    Route("/.well-known/void", Words("Statistik (VoID)", "Statistics (VoID)"), _RDF, "sparql", ("format",)),
    Route("/search", Words("Sök", "Search"), (*_JSON, "text/html"), "search", ("q", "kind", "page", "lang")),
    Route("/usage.json", Words("Hur data används", "How the data are used"), _JSON, "follow-up", ("about",)),
    Route("/datasets/dcat", Words("Katalogen för dataportal.se", "The catalogue for dataportal.se"), _RDF),
    Route("/datasets/dcat/{publisher}", Words("En utgivares katalog", "The catalogue of a publisher"), _RDF),
    Route("/catalog", Words("Katalogen", "The catalogue"), _RDF, parameters=("format",)),
    Route("/catalog.{ending}", Words("Katalogen i ett format", "The catalogue in a format"), _RDF),
    Route("/catalog/{publisher}", Words("En utgivares katalog", "The catalogue of a publisher"), _RDF),
    Route("/id/{path}", Words("En sak i grafen", "A thing in the graph"), (*_RDF, "text/html"), "things"),
    Route("/data", Words("Om en IRI", "About an IRI"), _RDF, "things", ("iri", "format")),
    Route("/data/{path}", Words("Beskrivning av en sak", "The description of a thing"), _RDF, "things"),
    Route("/dumps/{file}", Words("Hela grafen som fil", "The whole graph as a file"), ("application/gzip",)),
    Route("/feed", Words("Ändringar (LDES)", "Changes (LDES)"), ("application/trig", "application/ld+json")),
    Route("/hvd.json", Words("Värdefulla datamängder", "High-value datasets"), _JSON),
    Route("/hvd.csv", Words("Värdefulla datamängder som CSV", "High-value datasets as CSV"), ("text/csv",)),
    Route("/oai", Words("OAI-PMH 2.0", "OAI-PMH 2.0"), ("text/xml",), parameters=("verb",)),
    Route("/api/3/action/{name}", Words("CKAN:s läsande API", "The reading API of CKAN"), _JSON),
    Route("/sitemap.xml", Words("För sökmotorer", "For search engines"), _XML),
    Route("/health/live", Words("Processen lever", "The process lives"), _JSON, "operation"),
    Route("/health/ready", Words("Frågor besvaras", "Queries are answered"), _JSON, "operation"),
    Route("/metrics", Words("Mätvärden", "Metrics"), ("text/plain",), "operation"),
    Route(ADDRESS, Words("Denna beskrivning", "This description"), _JSON, "operation", ("lang",)),
)  # fmt: skip
"""Every address for programs but the endpoint, the saved queries one by one, and agents (docs/agents.md)."""


async def described(call: Call) -> None:
    """Send the document, in the language of the request."""
    await send_json(call, document(call.service.queries, call.asked.language, call.asked.host))


def document(queries: Mapping[str, SavedQuery], language: Language, server: str) -> dict[str, Any]:
    """The whole document for the service at the address `server`."""
    whole = openapi.document(queries, language, server, version("odis"))
    whole["info"]["title"] = _TITLE.to(language)
    for query in queries.values():
        _complete(whole["paths"][f"/queries/{query.name}"]["get"], query)
    whole["paths"] |= {"/sparql": _sparql(language), "/check": {"post": _check(language)}}
    whole["paths"] |= {route.path: {"get": _operation(route, language)} for route in ROUTES}
    whole["components"]["parameters"] = dict(_parameters(language))
    whole["components"]["schemas"]["Problem"] = _problem(whole["components"]["schemas"]["Problem"])
    whole["components"]["responses"] = {"Problem": _refusal(language)}
    return whole


def _complete(operation: dict[str, Any], query: SavedQuery) -> None:
    """Add to a saved query what the server gives to each: formats, pages, validators, problems."""
    names = ("format", "download", "lang", "timeout")
    pages = own_names(query) if query.form == "select" else ()
    operation["parameters"] += [_reference("parameters", name) for name in (*names, *pages)]
    answer = operation["responses"]["200"]
    for form in offers(query):
        answer["content"].setdefault(form.media_type, {})
    answer["content"]["application/json"] = {}
    answer["headers"] = {
        name: {"schema": {"type": "string"}}
        for name in ("ETag", "ODIS-Release", *(("Link",) if pages else ()))
    }
    operation["responses"] |= _others()


def _others() -> dict[str, Any]:
    return {"304": {"description": "Not modified"}, "default": _reference("responses", "Problem")}


def _operation(route: Route, language: Language) -> dict[str, Any]:
    inside = [part.partition("}")[0] for part in route.path.split("{")[1:]]
    return {
        "operationId": f"get {route.path}",
        "summary": route.summary.to(language),
        "tags": [route.tag],
        "parameters": [
            *(
                {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
                for name in inside
            ),
            *(_reference("parameters", name) for name in route.parameters),
        ],
        "responses": {
            "200": {
                "description": route.summary.to(language),
                "content": {media_type: {} for media_type in route.media_types},
            },
            **_others(),
        },
    }


def _sparql(language: Language) -> dict[str, Any]:
    """The endpoint by GET and by POST (SPARQL 1.1 Protocol, 2.1)."""
    types = [form.media_type for kind in FORMATS.values() for form in kind] + [HTML.media_type]
    summary = Words("Ställ en fråga i SPARQL", "Ask a query in SPARQL").to(language)
    common = {
        "summary": summary,
        "tags": ["sparql"],
        "responses": {
            "200": {"description": summary, "content": {name: {} for name in dict.fromkeys(types)}},
            **_others(),
        },
    }
    names = ("query", "default-graph-uri", "named-graph-uri", "format", "download", "timeout")
    form = {"type": "object", "required": ["query"], "properties": {"query": {"type": "string"}}}
    body = {
        "application/sparql-query": {"schema": {"type": "string"}},
        "application/x-www-form-urlencoded": {"schema": form},
    }
    return {
        "get": {"operationId": "ask", "parameters": [_reference("parameters", n) for n in names], **common},
        "post": {
            "operationId": "ask by POST",
            "parameters": [_reference("parameters", n) for n in names[1:]],
            "requestBody": {"required": True, "content": body},
            **common,
        },
    }


def _check(language: Language) -> dict[str, Any]:
    """The check of a document that is sent, or has an address."""
    summary = Words("Kontrollera en katalog", "Check a catalogue").to(language)
    fields = {
        "text": _TEXT,
        "address": {"type": "string", "format": "uri"},
        "profile": {"enum": sorted(profiles())},
        "format": {"enum": sorted(MEDIA_TYPES)},
        "lang": {"enum": ["sv", "en"]},
    }
    file = {"file": {"type": "string", "format": "binary"}}
    body = {
        "multipart/form-data": {"schema": {"type": "object", "properties": {**file, **fields}}},
        "application/x-www-form-urlencoded": {"schema": {"type": "object", "properties": fields}},
        **{media_type: {} for media_type in _RDF},
    }
    asked = ("address", "profile", "format", "lang")
    return {
        "operationId": "check",
        "summary": summary,
        "tags": ["quality"],
        "parameters": [{"name": name, "in": "query", "schema": fields[name]} for name in asked],
        "requestBody": {"content": body},
        "responses": {
            "200": {"description": summary, "content": {name: {} for name in sorted(MEDIA_TYPES.values())}},
            "default": _reference("responses", "Problem"),
        },
    }


_TEXT: Final = {"type": "string"}
_KNOWN: Final[tuple[tuple[str, dict[str, Any], Words], ...]] = (
    ("format", _TEXT, Words("Format, t.ex. csv eller en medietyp", "Format, such as csv or a media type")),
    ("download", {"enum": ["1"]}, Words("Svaret som fil att spara", "The answer as a file to save")),
    ("lang", {"enum": ["sv", "en"]}, Words("Språk för texter", "The language of texts")),
    ("timeout", {"type": "number", "exclusiveMinimum": 0}, Words("Sekunder som mest", "Seconds at most")),
    (LIMIT, {"type": "integer", "minimum": 1, "maximum": MOST}, Words("Rader på en sida", "Rows of a page")),
    (OFFSET, {"type": "integer", "minimum": 0, "maximum": FARTHEST}, Words("Rader före", "Rows before")),
    ("query", _TEXT, Words("Frågan", "The query")),
    ("default-graph-uri", _TEXT, Words("Graf att fråga", "A graph to ask")),
    ("named-graph-uri", _TEXT, Words("Namngiven graf", "A named graph")),
    ("graph", _TEXT, Words("Grafens IRI", "The IRI of the graph")),
    ("default", {"type": "string", "maxLength": 0}, Words("Standardgrafen", "The default graph")),
    ("q", _TEXT, Words("Ord att söka", "Words to search for")),
    ("kind", {"enum": ["dataset", "thing", "specification", "organisation", "query"]}, Words("Slag", "Kind")),
    ("page", {"type": "integer", "minimum": 1}, Words("Sida", "Page")),
    ("iri", _TEXT, Words("Vilken IRI som helst i grafen", "Any IRI of the graph")),
    ("verb", _TEXT, Words("Vad som begärs", "What is asked for")),
    ("about", _TEXT, Words("IRI eller namn på det som används", "IRI or name of what is used")),
)  # fmt: skip
_REQUIRED = frozenset({"iri", "verb"})


def _parameters(language: Language) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, schema, words in _KNOWN:
        about = words.to(language)
        if name == "format":
            about += f" ({DESCRIPTION}: /queries)"
        yield (
            name,
            {
                "name": name,
                "in": "query",
                "required": name in _REQUIRED,
                "description": about,
                "schema": schema,
            },
        )


def _problem(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of a problem with the sorts there are."""
    properties = dict(schema["properties"])
    properties["type"] = {"enum": [sort.type for sort in problems.SORTS]}
    properties["action"] = {"type": "string"}
    required = ["type", "title", "status", "detail", "action"]
    return {**schema, "required": required, "properties": properties}


def _refusal(language: Language) -> dict[str, Any]:
    words = Words("Ett fel, med vad som kan göras åt det (RFC 9457)", "A problem, and what to do (RFC 9457)")
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": words.to(language), "content": {problems.MEDIA_TYPE: {"schema": schema}}}


def _reference(kind: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/components/{kind}/{name}"}
