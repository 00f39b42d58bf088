"""Everything that can go wrong with a request, as problem details (RFC 9457) in Swedish and English.

The `type` of a problem is a fixed address, whatever server tells it, so that programs can rely on it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from ontology.errors import OdisError
from server.http.words import Language, Words

TYPES = "https://odis.example/problems/"
MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Sort:
    """A kind of problem: its name, HTTP status, title, and a sentence saying what to do."""

    name: str
    status: int
    title: Words
    action: Words
    retry_after: int | None = None
    """Seconds to wait before trying again, where trying again can help."""

    @property
    def type(self) -> str:
        """The address that identifies this kind of problem."""
        return TYPES + self.name


class Problem(OdisError):  # noqa: N818 -- the word of RFC 9457
    """A request that is answered with an error: a sort, what was wrong just here, and further members."""

    def __init__(
        self,
        sort: Sort,
        detail: Words,
        *,
        members: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(detail.en)
        self.sort = sort
        self.detail = detail
        self.members = dict(members or {})
        self.headers = dict(headers or {})
        wait = retry_after if retry_after is not None else sort.retry_after
        if wait is not None:
            self.headers["Retry-After"] = str(wait)

    def body(self, language: Language) -> dict[str, object]:
        """The members of the problem document in one language."""
        return {
            "type": self.sort.type,
            "title": self.sort.title.to(language),
            "status": self.sort.status,
            "detail": self.detail.to(language),
            "action": self.sort.action.to(language),
            **self.members,
        }

    def to_json(self, language: Language) -> bytes:
        """The problem document as application/problem+json."""
        return json.dumps(self.body(language), ensure_ascii=False, indent=1).encode()


BAD_REQUEST = Sort(
    "bad-request",
    400,
    Words("Begäran går inte att tolka", "The request cannot be understood"),
    Words("Rätta det som beskrivs och skicka på nytt.", "Correct what is described and send it again."),
)
SYNTAX = Sort(
    "syntax",
    400,
    Words("Frågan är inte giltig SPARQL", "The query is not valid SPARQL"),
    Words("Rätta frågan vid den markerade platsen.", "Correct the query at the marked place."),
)
TOO_DEEP = Sort(
    "too-deep",
    400,
    Words("Frågan är för djupt nästlad", "The query is nested too deeply"),
    Words(
        "Skriv om frågan med färre parenteser, längre listor i VALUES, eller dela den i flera.",
        "Rewrite the query with fewer brackets, use lists in VALUES, or split it into several.",
    ),
)
TOO_LARGE = Sort(
    "too-large",
    400,
    Words("Frågan är för stor", "The query is too large"),
    Words("Dela frågan i flera mindre.", "Split the query into several smaller ones."),
)
UPDATE = Sort(
    "read-only",
    403,
    Words("Tjänsten tar inte emot ändringar", "The service accepts no updates"),
    Words(
        "Data ändras bara när en ny utgåva byggs; ställ en fråga (SELECT, ASK, CONSTRUCT, DESCRIBE).",
        "Data only change when a new release is built; send a query (SELECT, ASK, CONSTRUCT, DESCRIBE).",
    ),
)
FEDERATION = Sort(
    "federation",
    403,
    Words("SERVICE mot denna adress är inte tillåtet", "SERVICE to this address is not allowed"),
    Words(
        "Fråga den andra tjänsten direkt och slå ihop svaren, eller be driftansvarig att tillåta värden.",
        "Ask the other service directly and join the answers, or ask the operator to allow the host.",
    ),
)
ORIGIN = Sort(
    "origin",
    403,
    Words("En sida på en annan webbplats får inte fråga här", "A page of another site may not ask here"),
    Words("Fråga från ett program, eller använd /sparql.", "Ask from a program, or use /sparql."),
)
REFUSED = Sort(
    "refused",
    422,
    Words("Frågan kan inte besvaras här", "The query cannot be answered here"),
    Words("Ta bort eller ändra den del som beskrivs.", "Remove or change the part that is described."),
)
DOCUMENT = Sort(
    "document",
    422,
    Words("Dokumentet kan inte kontrolleras", "The document cannot be checked"),
    Words("Rätta det som beskrivs och skicka på nytt.", "Correct what is described and send it again."),
)
NOT_FOUND = Sort(
    "not-found",
    404,
    Words("Det finns inget här", "There is nothing here"),
    Words("Kontrollera adressen.", "Check the address."),
)
METHOD = Sort(
    "method",
    405,
    Words("Metoden kan inte användas här", "The method cannot be used here"),
    Words("Använd en av metoderna i svarshuvudet Allow.", "Use one of the methods in the header Allow."),
)
NOT_ACCEPTABLE = Sort(
    "not-acceptable",
    406,
    Words("Inget av de begärda formaten finns", "None of the formats asked for is offered"),
    Words("Välj ett av formaten under offers.", "Choose one of the formats under offers."),
)
GONE = Sort(
    "gone",
    410,
    Words("Borttagen", "Removed"),
    Words("Sök efter en annan.", "Search for another."),
)
ROW_CAP = Sort(
    "row-cap",
    413,
    Words("Svaret är längre än tjänsten ger", "The answer is longer than the service gives"),
    Words(
        "Begränsa frågan med LIMIT och OFFSET eller med villkor, eller hämta hela utgåvan.",
        "Narrow the query with LIMIT and OFFSET or with conditions, or download the whole release.",
    ),
)
DOCUMENT_SIZE = Sort(
    "document-size",
    413,
    Words("Dokumentet är för stort", "The document is too large"),
    Words(
        "Kontrollera det i delar, eller med odis check på din egen dator.",
        "Check it in parts, or with odis check on your own machine.",
    ),
)
UNSUPPORTED = Sort(
    "unsupported-media-type",
    415,
    Words("Innehållet har ett format som inte tas emot", "The body has a type that is not accepted"),
    Words(
        "Skicka application/sparql-query eller application/x-www-form-urlencoded i UTF-8.",
        "Send application/sparql-query or application/x-www-form-urlencoded in UTF-8.",
    ),
)
CLIENT_CAP = Sort(
    "client-cap",
    429,
    Words("Du har för många frågor igång", "You have too many queries under way"),
    Words("Vänta på svaren innan du frågar igen.", "Wait for the answers before asking again."),
    retry_after=2,
)
RATE = Sort(
    "rate",
    429,
    Words("Du frågar för ofta", "You ask too often"),
    Words(
        "Vänta så länge som Retry-After säger; hämta hela utgåvan om du behöver allt.",
        "Wait as long as Retry-After says; download the whole release if you need everything.",
    ),
    retry_after=1,
)
CRASH = Sort(
    "crash",
    500,
    Words("Frågemotorn föll på frågan", "The engine failed on the query"),
    Words(
        "Ingen annan fråga stördes. Förenkla frågan, och rapportera den gärna.",
        "No other query was harmed. Simplify the query, and please report it.",
    ),
)
OVERLOAD = Sort(
    "overload",
    503,
    Words("Tjänsten har för mycket att göra", "The service has too much to do"),
    Words("Försök igen om en stund.", "Try again in a while."),
    retry_after=5,
)
MEMORY = Sort(
    "memory",
    503,
    Words("Frågan behövde mer minne än den får", "The query needed more memory than it may use"),
    Words(
        "Begränsa frågan före sortering och gruppering: fler villkor, färre kombinationer.",
        "Narrow the query before it sorts or groups: more conditions, fewer combinations.",
    ),
    retry_after=30,
)
UNAVAILABLE = Sort(
    "unavailable",
    503,
    Words("Tjänsten kan inte svara just nu", "The service cannot answer just now"),
    Words("Försök igen om en stund.", "Try again in a while."),
    retry_after=5,
)
STOPPED = Sort(
    "stopped",
    503,
    Words("Frågan stoppades av driftansvarig", "The query was stopped by the operator"),
    Words(
        "Kontakta driftansvarig innan du ställer den igen.", "Contact the operator before asking it again."
    ),
    retry_after=60,
)
DEADLINE = Sort(
    "deadline",
    504,
    Words("Frågan hann inte bli klar", "The query did not finish in time"),
    Words(
        "Begränsa frågan: fler villkor, färre fria variabler, LIMIT före sortering i en underfråga.",
        "Narrow the query: more conditions, fewer free variables, LIMIT in a sub-query before sorting.",
    ),
    retry_after=30,
)
HTTP_VERSION = Sort(
    "http-version",
    505,
    Words("Långa svar kräver HTTP/1.1", "Long answers need HTTP/1.1"),
    Words(
        "Använd HTTP/1.1 (i nginx: proxy_http_version 1.1), där ett avbrutet svar går att känna igen.",
        "Use HTTP/1.1 (in nginx: proxy_http_version 1.1), where a broken answer can be recognised.",
    ),
)
UNAUTHORISED = Sort(
    "unauthorised",
    401,
    Words("Här krävs behörighet", "This needs authorisation"),
    Words("Skicka driftens nyckel som Bearer.", "Send the operator's token as Bearer."),
)

SORTS: tuple[Sort, ...] = (
    BAD_REQUEST, SYNTAX, TOO_DEEP, TOO_LARGE, UNAUTHORISED, UPDATE, FEDERATION, ORIGIN, NOT_FOUND,
    METHOD, NOT_ACCEPTABLE, GONE, ROW_CAP, DOCUMENT_SIZE, UNSUPPORTED, DOCUMENT, REFUSED, CLIENT_CAP, RATE,
    CRASH, OVERLOAD, MEMORY, UNAVAILABLE, STOPPED, DEADLINE, HTTP_VERSION,
)  # fmt: skip
"""Every sort there is, by status; docs/sparql.md has a line for each."""
