"""The reading half of CKAN's action API, for the many tools that speak it."""

import asyncio
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote, urlencode

from loaders.views.read import Filter, OpenViews, Publisher
from loaders.views.search import Order, Search, counts, find
from server.harvest.holder import ViewsHolder
from server.harvest.package import package, row_of
from server.harvest.sending import Sheet, etag_of, send_text
from server.http.endpoint import Call
from server.http.request import Message, Receive, Scope, Send

MOST: Final = 1000
"""Packages in one answer, as CKAN has it."""
_SORT = re.compile(r"(score|relevance|name|title_string|title|metadata_modified)(?:\s+(asc|desc))?\b", re.I)
_ORDERS: Final[dict[str, Order]] = {
    "score": "relevance",
    "relevance": "relevance",
    "name": "name",
    "title": "title",
    "title_string": "title",
    "metadata_modified": "modified",
}
_FIELD = re.compile(r'([+-]?)(\w+):("(?:[^"\\]|\\.)*"|\[[^\]]*\]|\S+)')
_RANGE = re.compile(r"\[(\S+) TO (\S+)\]")
_WORD = re.compile(r"[^\s\"*:()+!^~\[\]{}\\]+")


class Failed(Exception):  # noqa: N818 -- an answer of CKAN's, not a failure of ours
    """CKAN's own form of an error: a kind, a message and a status."""

    def __init__(self, kind: str, message: str, status: int) -> None:
        super().__init__(message)
        self.kind = kind
        self.status = status


async def ckan(holder: ViewsHolder, call: Call) -> None:
    """`/api/3/action/NAME`, by GET, form POST, or (see `JsonBody`) JSON."""
    name = call.asked.path.rpartition("/")[2]
    async with holder.use() as views:
        body, status = await asyncio.to_thread(answer, views, name, dict(call.asked.parameters))
    text = json.dumps(body, ensure_ascii=False)
    await send_text(call, text, Sheet("application/json", etag_of(text), status=status))


def answer(views: OpenViews, name: str, arguments: Mapping[str, str]) -> tuple[dict[str, Any], int]:
    """The answer to an action, and its status."""
    about = {"help": f"{views.base}api/3/action/help_show?{urlencode({'name': name})}"}
    try:
        action = ACTIONS.get(name)
        if action is None:
            raise Failed("Not Found Error", f"Action name not known: {name[:80]}", 404)
        return {**about, "success": True, "result": action(views, arguments)}, 200
    except Failed as failed:
        error = {"__type": failed.kind, "message": str(failed)}
        return {**about, "success": False, "error": error}, failed.status


def _status(views: OpenViews, arguments: Mapping[str, str]) -> dict[str, Any]:
    return {
        "ckan_version": "2.11.0",
        "site_url": views.base.rstrip("/"),
        "site_title": "ÖDIS",
        "site_description": "Öppna data i Stockholms län",
        "locale_default": "sv",
        "error_emails_to": None,
        "extensions": [],
    }


def _package_list(views: OpenViews, arguments: Mapping[str, str]) -> list[str]:
    limit = _whole(arguments, "limit", 1_000_000, 1_000_000)
    return [row.id for row in views.rows(Filter(), limit, _whole(arguments, "offset", 0))]


def _package_show(views: OpenViews, arguments: Mapping[str, str]) -> dict[str, Any]:
    name = arguments.get("id", "") or arguments.get("name_or_id", "")
    if not name:
        raise Failed("Validation Error", "id: Missing value", 409)
    row = row_of(views, name)
    if row is None or row.deleted or row.kind == "service":
        raise Failed("Not Found Error", "Not found", 404)
    return package(views, row)


def _package_search(views: OpenViews, arguments: Mapping[str, str]) -> dict[str, Any]:
    rows, start = _whole(arguments, "rows", 10, MOST), _whole(arguments, "start", 0)
    wanted = parsed(views, arguments)
    total, found = find(views, wanted, rows, start)
    facets = _facets(views, wanted) if "organization" in arguments.get("facet.field", "") else []
    return {
        "count": total,
        "sort": arguments.get("sort", "score desc, metadata_modified desc"),
        "results": [package(views, row) for row in found],
        "facets": {"organization": {one["name"]: one["count"] for one in facets}} if facets else {},
        "search_facets": {"organization": {"title": "organization", "items": facets}} if facets else {},
    }


def _facets(views: OpenViews, wanted: Search) -> list[dict[str, Any]]:
    numbers = counts(views, wanted)
    found = [
        {"name": one.slug.lower(), "display_name": one.name, "count": numbers[one.iri]}
        for one in views.publishers()
        if one.iri in numbers
    ]
    return sorted(found, key=lambda one: (-numbers_of(one), str(one["name"])))


def numbers_of(item: Mapping[str, Any]) -> int:
    """The count of a facet item."""
    return int(item["count"])


def parsed(views: OpenViews, arguments: Mapping[str, str]) -> Search:
    """A search from CKAN's `q`, `fq` and `sort`, as far as tools use them; other fields find nothing."""
    text = f"{arguments.get('q', '')} {arguments.get('fq', '')} {arguments.get('fq_list', '')}"
    fields = {key: _bare(found) for _, key, found in _FIELD.findall(text) if key != "*"}
    words = tuple(_WORD.findall(_FIELD.sub(" ", text.replace("*:*", " "))))
    known = {
        "organization",
        "owner_org",
        "tags",
        "res_format",
        "metadata_modified",
        "id",
        "name",
        "dataset_type",
    }
    since, until = _range(fields.get("metadata_modified", ""))
    order, descending = _sort(arguments.get("sort", ""))
    organization = fields.get("organization") or fields.get("owner_org") or ""
    publisher = _publisher(views, organization) if organization else None
    if (organization and publisher is None) or fields.keys() - known:
        words = (*words, "\0")  # no text has it: nothing is found
    return Search(
        words=tuple(word for word in words if word not in ("AND", "OR")),
        publisher=publisher.iri if publisher else "",
        tag=fields.get("tags", ""),
        format=fields.get("res_format", ""),
        since=since,
        until=until,
        order=order,
        descending=descending,
    )


def _bare(found: str) -> str:
    return re.sub(r"\\(.)", r"\1", found[1:-1]) if found.startswith('"') else found


def _range(text: str) -> tuple[str, str]:
    match = _RANGE.fullmatch(text)
    return (_moment(match[1]), _moment(match[2])) if match else ("", "")


def _moment(text: str) -> str:
    if text == "*":
        return ""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise Failed("Search Error", f"not a time: {text[:40]}", 409) from error
    found = found if found.tzinfo else found.replace(tzinfo=UTC)
    return found.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _sort(text: str) -> tuple[Order, bool]:
    match = _SORT.match(text.strip())
    if match is None:
        return "relevance", False
    order = _ORDERS[match[1].lower()]
    # The best rank is the lowest number, so relevance is never turned round.
    return order, order != "relevance" and (match[2] or "asc").lower() == "desc"


def _organization_list(views: OpenViews, arguments: Mapping[str, str]) -> list[Any]:
    full = arguments.get("all_fields", "").lower() in ("true", "1")
    return [_organization(one) if full else one.slug.lower() for one in views.publishers()]


def _organization_show(views: OpenViews, arguments: Mapping[str, str]) -> dict[str, Any]:
    found = _publisher(views, arguments.get("id", ""))
    if found is None:
        raise Failed("Not Found Error", "Not found", 404)
    return _organization(found)


def _organization(found: Publisher) -> dict[str, Any]:
    return {
        "id": found.slug.lower(),
        "name": found.slug.lower(),
        "title": found.name,
        "display_name": found.name,
        "type": "organization",
        "state": "active",
        "is_organization": True,
        "package_count": found.records,
        "extras": [{"key": "uri", "value": found.iri}],
    }


def _publisher(views: OpenViews, name: str) -> Publisher | None:
    return next(
        (one for one in views.publishers() if name.lower() in (one.slug.lower(), one.iri.lower())), None
    )


def _none(views: OpenViews, arguments: Mapping[str, str]) -> list[str]:
    return []


def _help(views: OpenViews, arguments: Mapping[str, str]) -> str:
    name = arguments.get("name", "")
    if name not in ACTIONS:
        raise Failed("Not Found Error", "Not found", 404)
    return f"{name}: see the documentation of CKAN's action API. {quote(views.base, safe=':/')} is read only."


def _whole(arguments: Mapping[str, str], name: str, default: int, most: int | None = None) -> int:
    text = arguments.get(name, "")
    if text and not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Failed("Validation Error", f"{name}: Must be a natural number", 409)
    found = int(text) if text else default
    return min(found, most) if most is not None else found


ACTIONS: Final[dict[str, Callable[[OpenViews, Mapping[str, str]], Any]]] = {
    "status_show": _status,
    "site_read": lambda views, arguments: True,
    "help_show": _help,
    "package_list": _package_list,
    "package_show": _package_show,
    "package_search": _package_search,
    "organization_list": _organization_list,
    "organization_show": _organization_show,
    "group_list": _none,
    "tag_list": _none,
}
"""The actions there are."""


class JsonBody:
    """Turns CKAN's favourite, a POST with a JSON object, into the GET that says the same."""

    def __init__(self, app: Callable[[Scope, Receive, Send], Any], most: int = 64 * 1024) -> None:
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        kinds = [content for name, content in scope["headers"] if name == b"content-type"]
        if scope["method"] == "POST" and kinds and kinds[0].startswith(b"application/json"):
            found = await self._object(receive)
            pairs = [(str(key), _plain(one)) for key, one in found.items()]
            headers = [
                pair for pair in scope["headers"] if pair[0] not in (b"content-type", b"content-length")
            ]
            scope = {**scope, "method": "GET", "query_string": urlencode(pairs).encode(), "headers": headers}
        await self._app(scope, receive, send)

    async def _object(self, receive: Receive) -> dict[str, Any]:
        """The object in the body; what is none, or too long, asks nothing."""
        body, more = b"", True
        while more and len(body) <= self._most:
            message: Message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        try:
            found = json.loads(body[: self._most])
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


def _plain(found: object) -> str:
    return found if isinstance(found, str) else json.dumps(found)
