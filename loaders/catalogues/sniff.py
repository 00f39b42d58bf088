"""What kind of RDF a file holds, told from its content: an ending or a Content-Type can lie."""

import re

from pyoxigraph import RdfFormat

from ontology.errors import SourceError

_WEB_PAGE = re.compile(r"(<!DOCTYPE\s+html|<html[\s>])", re.IGNORECASE)
# An element in a namespace, where N-Triples would begin with <http://…> or <urn:…>.
_XML = re.compile(r"<[A-Za-z_][\w.-]*(:[\w.-]+)?\s[^>]*?xmlns")
_XML_START = re.compile(r"\s*<(\?xml|!DOCTYPE)")
# Turtle may begin with [ and TriG with {, so the character after it decides.
_JSON = re.compile(r"""\s*(\{\s*["}]|\[\s*[{\["])""")
_LINE = re.compile(
    r'(<[^<>"\s]*>|_:\S+)\s+<[^<>"\s]*>\s+(<[^<>"\s]*>|_:\S+|"([^"\\]|\\.)*"(@[\w-]+|\^\^<[^<>\s]*>)?)'
    r"\s*(?P<graph><[^<>\s]*>|_:\S+)?\s*\.\s*(#.*)?"
)
_GRAPH = re.compile(r"(^|[\s.])(GRAPH\s+)?(<[^<>\s]*>|[\w.-]*:[\w.-]*|_:\w+)?\s*\{", re.IGNORECASE)

_LINES = {0: (), 3: (RdfFormat.N_TRIPLES, RdfFormat.N_QUADS), 4: (RdfFormat.N_QUADS,)}

_HINTS = {
    ".trig": RdfFormat.TRIG,
    "application/trig": RdfFormat.TRIG,
    ".nq": RdfFormat.N_QUADS,
    "application/n-quads": RdfFormat.N_QUADS,
}


def formats(head: str, hint: str = "") -> tuple[RdfFormat, ...]:
    """The formats to try, likeliest first.

    Args:
        head: the first some thousand characters of the text.
        hint: the ending of the file name, or the media type; it decides only between formats that look alike.

    Raises:
        SourceError: it is a web page, or nothing at all.
    """
    if not head.strip():
        raise SourceError("it is empty")
    element = prologue(head)[1]
    if any(_WEB_PAGE.match(part) for part in (head.lstrip(), element)):
        raise SourceError("it is a web page, not RDF; the catalogue may have moved, or want a login")
    if _JSON.match(head):
        return (RdfFormat.JSON_LD,)
    if _XML.match(element) or _XML_START.match(head):
        return (RdfFormat.RDF_XML,)
    turtle = (RdfFormat.TURTLE, RdfFormat.TRIG)
    if _HINTS.get(hint) == RdfFormat.TRIG or _GRAPH.search(_without_strings(head)):
        turtle = (RdfFormat.TRIG, RdfFormat.TURTLE)
    # What follows the first lines may be more than they are: N-Quads, or any Turtle.
    return (*_LINES[_terms_of_lines(head)], *turtle)


def prologue(text: str) -> tuple[str, str]:
    """Split XML before its first element: declaration, comments and DOCTYPE, and the rest."""
    place = 0
    while True:
        place += len(text[place:]) - len(text[place:].lstrip())
        end = _end_of_markup(text, place)
        if end is None:
            return text[:place], text[place:]
        place = end


def _end_of_markup(text: str, start: int) -> int | None:
    """Where a piece of the prologue that begins at `start` ends; None where none begins, or none ends."""
    for opening, closing in (("<?", "?>"), ("<!--", "-->")):
        if text.startswith(opening, start):
            end = text.find(closing, start)
            return end + len(closing) if end >= 0 else None
    if not text.startswith("<!DOCTYPE", start):
        return None
    end = text.find(">", start)
    subset = text.find("[", start)
    if 0 <= subset < end:
        end = text.find(">", text.find("]", subset))
    return end + 1 if end >= 0 else None


def _terms_of_lines(head: str) -> int:
    """The largest number of terms in the first statements, when each is a whole line; 0 when not."""
    lines = [line.strip() for line in head.split("\n")]
    whole = lines[:-1] or lines  # the last one may be cut
    statements = [line for line in whole if line and not line.startswith("#")]
    matches = [_LINE.fullmatch(line) for line in statements[:20]]
    return max((4 if match and match["graph"] else 3 for match in matches), default=0) if all(matches) else 0


def _without_strings(head: str) -> str:
    return re.sub(r'"""(.|\n)*?"""|"([^"\\\n]|\\.)*"|#[^\n>]*$', '""', head, flags=re.MULTILINE)
