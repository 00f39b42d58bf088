"""Pages that need no index: problems, the form for SPARQL, and the first page of a release without one."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from loaders.releases.release import Manifest
from server.http.problems import Problem
from server.http.request import Asked
from server.pages.frame import FOLDER, render
from server.pages.maps import TOWNS
from server.pages.results import Shown

EDITOR: Final = FOLDER / "static" / "editor" / "editor.js"
"""What `make` builds of server/editor where there is Node; without it the form is plain."""

FIRST_QUERY: Final = """PREFIX dcat: <http://www.w3.org/ns/dcat#>
PREFIX dcterms: <http://purl.org/dc/terms/>

SELECT ?title ?dataset WHERE {
  ?dataset a dcat:Dataset ;
    dcterms:title ?title .
}
ORDER BY ?title
LIMIT 20"""


@dataclass(frozen=True, slots=True)
class Example:
    """A query that a page offers."""

    title: str
    description: str
    address: str


def home_page(asked: Asked, manifest: Manifest, examples: Iterable[Example]) -> bytes:
    """What the release holds, and where to go, without anything that needs the index."""
    return render("home.html", asked, manifest=manifest, examples=tuple(examples)[:6], figures=None)


def queries_page(asked: Asked, examples: Iterable[Example]) -> bytes:
    """The saved queries as one list."""
    return render("queries.html", asked, groups=[("", tuple(examples))])


def sparql_page(asked: Asked, text: str, answer: Shown | None) -> bytes:
    """The form with a query, and its answer."""
    return render("sparql.html", asked, text=text or FIRST_QUERY, answer=answer, editor=_editor())


def problem_page(problem: Problem, asked: Asked) -> bytes:
    """What was wrong and what to do, with the query in a form to correct it."""
    return render(
        "problem.html",
        asked,
        problem=problem.body(asked.language),
        retry_after=problem.headers.get("Retry-After"),
        text=asked.query or "",
        editor=_editor(),
    )


def _editor() -> str:
    """What the editor is told, the towns of its map as JSON; "" when it is not built."""
    return json.dumps(TOWNS) if EDITOR.is_file() else ""
