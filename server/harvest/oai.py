"""OAI-PMH 2.0: six verbs over the records of the release; tokens hold all there is to know, nothing is kept.

Section numbers are those of the protocol, https://www.openarchives.org/OAI/openarchivesprotocol.html.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from loaders.views.history import timestamp
from loaders.views.read import OpenViews, Row
from loaders.views.survey import slug
from loaders.views.syntaxes import xml_attribute, xml_text
from server.harvest.holder import ViewsHolder
from server.harvest.listing import Listing, Refused, listing_of, metadata_of
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


@dataclass(frozen=True, slots=True)
class Repository:
    """What is harvested, and whom a harvester may write to."""

    views: OpenViews
    contact: str = ""

    @property
    def admin(self) -> str:
        """The administrator's e-mail; the role that every host has (RFC 2142) when none was set."""
        return self.contact or f"webmaster@{_host(self.views)}"


def _host(views: OpenViews) -> str:
    return urlsplit(views.base).hostname or "localhost"


async def oai(holder: ViewsHolder, call: Call) -> None:
    """`/oai`, by GET and by POST."""
    async with holder.use() as views:
        repository = Repository(views, call.service.settings.contact)
        body = await asyncio.to_thread(respond, repository, call.asked)
    # The answer holds the time it was given at, so there is nothing to compare it with.
    sheet = Sheet("text/xml; charset=utf-8", etag_of(body), cache="no-store")
    await send_text(call, body, sheet)


def respond(repository: Repository, asked: Asked) -> str:
    """The document that answers a request."""
    address = f"{repository.views.base}oai"
    try:
        arguments = _arguments(asked)
        verb = arguments.pop("verb", "")
        if verb not in VERBS:
            raise Refused("badVerb", f"verb has to be one of {', '.join(VERBS)}")
        allowed, needed, answer = VERBS[verb]
        _check(arguments, allowed, needed)
        body = f"<{verb}>\n{answer(repository, arguments)}</{verb}>\n"
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


def _identify(repository: Repository, arguments: Mapping[str, str]) -> str:
    views = repository.views
    return f"""<repositoryName>ÖDIS</repositoryName>
<baseURL>{xml_text(views.base)}oai</baseURL>
<protocolVersion>2.0</protocolVersion>
<adminEmail>{xml_text(repository.admin)}</adminEmail>
<earliestDatestamp>{views.earliest()}</earliestDatestamp>
<deletedRecord>persistent</deletedRecord>
<granularity>YYYY-MM-DDThh:mm:ssZ</granularity>
<compression>gzip</compression>
"""


def _list_formats(repository: Repository, arguments: Mapping[str, str]) -> str:
    if "identifier" in arguments:
        _row(repository.views, arguments["identifier"])
    return "".join(
        f"<metadataFormat><metadataPrefix>{prefix}</metadataPrefix><schema>{found.schema}</schema>"
        f"<metadataNamespace>{found.namespace}</metadataNamespace></metadataFormat>\n"
        for prefix, found in FORMATS.items()
    )


def _list_sets(repository: Repository, arguments: Mapping[str, str]) -> str:
    if "resumptionToken" in arguments:
        raise Refused("badResumptionToken", "the list of sets is given whole")
    sets = [
        ("publisher", "Utgivare"),
        *((f"publisher:{one.slug}", one.name) for one in repository.views.publishers(former=True)),
    ]
    return "".join(
        f"<set><setSpec>{spec}</setSpec><setName>{xml_text(title)}</setName></set>\n" for spec, title in sets
    )


def _get_record(repository: Repository, arguments: Mapping[str, str]) -> str:
    views = repository.views
    return _record(views, _row(views, arguments["identifier"]), metadata_of(arguments["metadataPrefix"]))


def _list_records(repository: Repository, arguments: Mapping[str, str]) -> str:
    return _list(repository.views, arguments, _record)


def _list_identifiers(repository: Repository, arguments: Mapping[str, str]) -> str:
    return _list(repository.views, arguments, lambda views, row, metadata: _header(views, row))


def _list(
    views: OpenViews, arguments: Mapping[str, str], write: Callable[[OpenViews, Row, Metadata], str]
) -> str:
    """One stretch of a list and the token for the next (section 3.5)."""
    token = arguments.get("resumptionToken", "")
    listing = Listing.of(token) if token else listing_of(views, arguments)
    metadata = metadata_of(listing.prefix)
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


def identifier(views: OpenViews, row: Row) -> str:
    """The OAI identifier of a record (guideline of the `oai` scheme): host and the record's short name."""
    return f"oai:{_host(views)}:{row.id}"


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


_Verb = tuple[frozenset[str], frozenset[str], Callable[[Repository, Mapping[str, str]], str]]
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
