"""OAI-PMH 2.0: six verbs over the records of the release; tokens hold all there is to know, nothing is kept.

Section numbers are those of the protocol, https://www.openarchives.org/OAI/openarchivesprotocol.html.
"""

import asyncio
import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from loaders.views.history import timestamp
from loaders.views.read import Filter, OpenViews, Publisher, Row
from loaders.views.survey import slug
from loaders.views.syntaxes import xml_attribute, xml_text
from server.harvest.holder import ViewsHolder
from server.harvest.metadata import FORMATS, Metadata
from server.harvest.sending import Sheet, etag_of, send_text
from server.http.endpoint import Call
from server.http.request import Asked

PAGE: Final = 100
"""Records in one list; the rest follows with a resumption token."""
_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  xsi:schemaLocation="http://www.openarchives.org/OAI/2.0/ http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd">
"""
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_SECOND = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_SET = re.compile(r"publisher:([A-Za-z0-9-]+)")


class Refused(Exception):  # noqa: N818 -- an answer of the protocol, not a failure
    """An error condition of section 3.6; answered with status 200."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Listing:
    """A list request as a token holds it: what is asked, and after which record it goes on."""

    prefix: str
    since: str = ""
    until: str = ""
    publisher: str = ""
    after: str = ""
    cursor: int = 0
    total: int = 0

    def token(self) -> str:
        """The resumption token (section 3.5)."""
        return base64.urlsafe_b64encode(json.dumps(list(asdict(self).values())).encode()).decode().rstrip("=")

    @classmethod
    def of(cls, token: str) -> "Listing":
        """The request of a token; Refused when we never gave it."""
        try:
            found = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
            listing = cls(*found)
        except (ValueError, TypeError) as error:
            raise Refused("badResumptionToken", "this token was not given here") from error
        texts = (listing.prefix, listing.since, listing.until, listing.publisher, listing.after)
        if not all(isinstance(one, str) for one in texts) or listing.prefix not in FORMATS:
            raise Refused("badResumptionToken", "this token was not given here")
        if not isinstance(listing.cursor, int) or not isinstance(listing.total, int):
            raise Refused("badResumptionToken", "this token was not given here")
        return listing

    @property
    def filter(self) -> Filter:
        """The records that are still to come."""
        return Filter(self.since, self.until, self.publisher, self.after, deleted=True)


async def oai(holder: ViewsHolder, call: Call) -> None:
    """`/oai`, by GET and by POST."""
    async with holder.use() as views:
        body = await asyncio.to_thread(respond, views, call.asked)
    # The answer holds the time it was given at, so there is nothing to compare it with.
    sheet = Sheet("text/xml; charset=utf-8", etag_of(body), cache="no-store")
    await send_text(call, body, sheet)


def respond(views: OpenViews, asked: Asked) -> str:
    """The document that answers a request."""
    address = f"{views.base}oai"
    try:
        arguments = _arguments(asked)
        verb = arguments.pop("verb", "")
        if verb not in VERBS:
            raise Refused("badVerb", f"verb has to be one of {', '.join(VERBS)}")
        allowed, needed, answer = VERBS[verb]
        _check(arguments, allowed, needed)
        body = f"<{verb}>\n{answer(views, arguments)}</{verb}>\n"
        shown = {"verb": verb, **arguments}
    except Refused as refused:
        body = f'<error code="{refused.code}">{xml_text(str(refused))}</error>\n'
        # Section 3.6: no attributes when the verb or an argument is wrong.
        shown = {} if refused.code in ("badVerb", "badArgument") else {"verb": verb, **arguments}
    attributes = "".join(f' {name}="{xml_attribute(text)}"' for name, text in shown.items())
    date = timestamp(datetime.now(UTC))
    request = f"<request{attributes}>{xml_text(address)}</request>"
    return f"{_HEAD}<responseDate>{date}</responseDate>\n{request}\n{body}</OAI-PMH>\n"


def _arguments(asked: Asked) -> dict[str, str]:
    names = [name for name, _ in asked.parameters]
    for name in names:
        if names.count(name) > 1:
            code = "badVerb" if name == "verb" else "badArgument"
            raise Refused(code, f"{name} is given more than once")
    return dict(asked.parameters)


def _check(arguments: Mapping[str, str], allowed: frozenset[str], needed: frozenset[str]) -> None:
    if unknown := set(arguments) - allowed:
        raise Refused("badArgument", f"this verb has no argument {min(unknown)}")
    if "resumptionToken" in arguments:
        if len(arguments) > 1:
            raise Refused("badArgument", "resumptionToken stands alone")
    elif missing := needed - set(arguments):
        raise Refused("badArgument", f"{min(missing)} is missing")


def _identify(views: OpenViews, arguments: Mapping[str, str]) -> str:
    host = urlsplit(views.base).hostname or "localhost"
    return f"""<repositoryName>ÖDIS</repositoryName>
<baseURL>{xml_text(views.base)}oai</baseURL>
<protocolVersion>2.0</protocolVersion>
<adminEmail>odis@{host}</adminEmail>
<earliestDatestamp>{views.earliest()}</earliestDatestamp>
<deletedRecord>persistent</deletedRecord>
<granularity>YYYY-MM-DDThh:mm:ssZ</granularity>
<compression>gzip</compression>
"""


def _list_formats(views: OpenViews, arguments: Mapping[str, str]) -> str:
    if "identifier" in arguments:
        _row(views, arguments["identifier"])
    return "".join(
        f"<metadataFormat><metadataPrefix>{prefix}</metadataPrefix><schema>{found.schema}</schema>"
        f"<metadataNamespace>{found.namespace}</metadataNamespace></metadataFormat>\n"
        for prefix, found in FORMATS.items()
    )


def _list_sets(views: OpenViews, arguments: Mapping[str, str]) -> str:
    if "resumptionToken" in arguments:
        raise Refused("badResumptionToken", "the list of sets is given whole")
    sets = [("publisher", "Utgivare"), *((f"publisher:{one.slug}", one.name) for one in _all(views))]
    return "".join(
        f"<set><setSpec>{spec}</setSpec><setName>{xml_text(title)}</setName></set>\n" for spec, title in sets
    )


def _all(views: OpenViews) -> list[Publisher]:
    return views.publishers(former=True)


def _get_record(views: OpenViews, arguments: Mapping[str, str]) -> str:
    return _record(views, _row(views, arguments["identifier"]), _format(arguments["metadataPrefix"]))


def _list_records(views: OpenViews, arguments: Mapping[str, str]) -> str:
    return _list(views, arguments, _record)


def _list_identifiers(views: OpenViews, arguments: Mapping[str, str]) -> str:
    return _list(views, arguments, lambda views, row, metadata: _header(views, row))


def _list(
    views: OpenViews, arguments: Mapping[str, str], write: Callable[[OpenViews, Row, Metadata], str]
) -> str:
    """One stretch of a list and the token for the next (section 3.5)."""
    token = arguments.get("resumptionToken", "")
    listing = Listing.of(token) if token else _listing(views, arguments)
    metadata = _format(listing.prefix)
    rows = views.rows(listing.filter, PAGE + 1)
    if not rows:
        code = "badResumptionToken" if token else "noRecordsMatch"
        raise Refused(code, "no record matches")
    total = listing.total or views.count(listing.filter)
    return "".join(_parts(views, rows, listing, total, lambda row: write(views, row, metadata)))


def _parts(
    views: OpenViews, rows: list[Row], listing: Listing, total: int, write: Callable[[Row], str]
) -> Iterator[str]:
    shown, more = rows[:PAGE], rows[PAGE:]
    yield from map(write, shown)
    place = f'completeListSize="{total}" cursor="{listing.cursor}"'
    if more:
        following = Listing(
            listing.prefix,
            listing.since,
            listing.until,
            listing.publisher,
            shown[-1].iri,
            listing.cursor + PAGE,
            total,
        )
        yield f"<resumptionToken {place}>{following.token()}</resumptionToken>\n"
    elif listing.cursor:
        yield f"<resumptionToken {place}/>\n"


def _listing(views: OpenViews, arguments: Mapping[str, str]) -> Listing:
    _format(arguments["metadataPrefix"])
    since, until = arguments.get("from", ""), arguments.get("until", "")
    if since and until and (len(since) != len(until) or since > until):
        raise Refused("badArgument", "from and until need the same granularity, and from comes first")
    wanted = arguments.get("set", "")
    match = _SET.fullmatch(wanted)
    publisher = views.publisher(match[1]) if match else None
    if wanted and wanted != "publisher" and publisher is None:
        raise Refused("noRecordsMatch", "there is no such set")
    return Listing(
        arguments["metadataPrefix"],
        _moment(since, "T00:00:00Z"),
        _moment(until, "T23:59:59Z"),
        publisher.iri if publisher else "",
    )


def _moment(text: str, ending: str) -> str:
    if not text:
        return ""
    whole = text + ending if _DAY.fullmatch(text) else text
    try:
        if not _SECOND.fullmatch(whole):
            raise ValueError(text)
        datetime.fromisoformat(whole)
    except ValueError as error:
        raise Refused(
            "badArgument", f"{text[:40]} is not a date as 2026-11-24 or 2026-11-24T08:00:00Z"
        ) from error
    return whole


def _format(prefix: str) -> Metadata:
    if prefix not in FORMATS:
        raise Refused("cannotDisseminateFormat", f"metadataPrefix has to be one of {', '.join(FORMATS)}")
    return FORMATS[prefix]


def identifier(views: OpenViews, row: Row) -> str:
    """The OAI identifier of a record (guideline of the `oai` scheme): host and the record's short name."""
    return f"oai:{urlsplit(views.base).hostname or 'localhost'}:{row.id}"


def _row(views: OpenViews, name: str) -> Row:
    prefix, _, short = name.rpartition(":")
    row = views.row_by_id(short)
    if row is None or row.kind == "service" or identifier(views, row) != f"{prefix}:{short}":
        raise Refused("idDoesNotExist", f"there is no record {name[:80]}")
    return row


def _header(views: OpenViews, row: Row) -> str:
    status = ' status="deleted"' if row.deleted else ""
    spec = f"<setSpec>publisher:{slug(row.publisher)}</setSpec>" if row.publisher else ""
    return (
        f"<header{status}><identifier>{identifier(views, row)}</identifier>"
        f"<datestamp>{row.stamp}</datestamp>{spec}</header>\n"
    )


def _record(views: OpenViews, row: Row, metadata: Metadata) -> str:
    header = _header(views, row)
    if row.deleted:
        return f"<record>{header}</record>\n"
    return f"<record>{header}<metadata>\n{metadata.write(views, row)}</metadata></record>\n"


_Verb = tuple[frozenset[str], frozenset[str], Callable[[OpenViews, Mapping[str, str]], str]]
_LISTED = frozenset({"metadataPrefix", "from", "until", "set", "resumptionToken"})
_PREFIX = frozenset({"metadataPrefix"})
VERBS: Final[dict[str, _Verb]] = {
    "Identify": (frozenset(), frozenset(), _identify),
    "ListMetadataFormats": (frozenset({"identifier"}), frozenset(), _list_formats),
    "ListSets": (frozenset({"resumptionToken"}), frozenset(), _list_sets),
    "ListIdentifiers": (_LISTED, _PREFIX, _list_identifiers),
    "ListRecords": (_LISTED, _PREFIX, _list_records),
    "GetRecord": (_PREFIX | {"identifier"}, _PREFIX | {"identifier"}, _get_record),
}
"""Allowed and needed arguments of each verb, and what answers it (section 4)."""
