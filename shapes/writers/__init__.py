"""The forms a report can be written in: one function each, from an arranged report to text."""

from collections.abc import Callable
from typing import Final

from shapes.present import View
from shapes.writers.as_csv import write_csv
from shapes.writers.as_html import write_html
from shapes.writers.as_json import write_json
from shapes.writers.as_junit import write_junit
from shapes.writers.as_sarif import write_sarif
from shapes.writers.as_text import write_text
from shapes.writers.as_turtle import write_turtle

Writer = Callable[[View], str]

WRITERS: Final[dict[str, Writer]] = {
    "text": write_text,
    "html": write_html,
    "json": write_json,
    "csv": write_csv,
    "turtle": write_turtle,
    "sarif": write_sarif,
    "junit": write_junit,
}
"""Name of a format to its writer; `text` is what a terminal shows, without colours."""

MEDIA_TYPES: Final[dict[str, str]] = {
    "text": "text/plain",
    "html": "text/html",
    "json": "application/json",
    "csv": "text/csv",
    "turtle": "text/turtle",
    "sarif": "application/sarif+json",
    "junit": "application/xml",
}
