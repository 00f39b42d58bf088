"""What XML 1.0 does to text, and the engine's writers pass over.

Some characters XML cannot carry in any spelling (section 2.2): such an answer is refused. A carriage return
has to be written as a reference, or every reader takes it for a line feed (section 2.11).
"""

import re
from collections.abc import Callable
from typing import BinaryIO, Final

_NONE: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")  # C0; U+FFFE and U+FFFF


class NotXml(Exception):  # noqa: N818  a turn of events inside the worker, never shown
    """The answer holds a character that XML cannot carry."""


def speller() -> Callable[[bytes], bytes]:
    """A function that is given each piece of a document in UTF-8, and gives it as it may stand there."""
    carried = b""

    def spelt(data: bytes) -> bytes:
        nonlocal carried
        if _NONE.search(carried + data):
            raise NotXml
        carried = data[-2:]  # a character may be cut in two
        return data.replace(b"\r", b"&#13;")

    return spelt


class XmlFile:
    """A file for the engine to write XML into."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._spelt = speller()

    def write(self, data: bytes) -> int:
        """Write a piece as it may stand there."""
        self._out.write(self._spelt(data))
        return len(data)

    def flush(self) -> None:
        """Write what the file holds back."""
        self._out.flush()
