"""Whether an RDF/XML document is whole: a transfer that breaks off must not look like a smaller catalogue."""

from pathlib import Path
from xml.parsers import expat

from ontology.errors import SourceError

_BLOCK = 1024 * 1024  # bytes


def check_whole(path: Path) -> None:
    """Raise SourceError when a UTF-8 document ends before its root element does.

    The RDF/XML reader takes the end of the file for the end of the document wherever it falls between two
    elements. Any other fault is left to the reader, which names it better.
    """
    parser = expat.ParserCreate("utf-8")
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                parser.Parse(block, False)
    except expat.ExpatError:
        return
    try:
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise SourceError(
            f"it breaks off in line {error.lineno}, before its root element ends; "
            "it may have been cut off on the way, so fetch or export it again"
        ) from error
