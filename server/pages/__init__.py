"""Pages for people: made on the server, in Swedish and English, readable without any script."""

from server.pages.frame import FOLDER, SECURITY, render
from server.pages.plain import Example, home_page, problem_page, queries_page, sparql_page
from server.pages.results import Cell, Shown, table

__all__ = [
    "FOLDER",
    "SECURITY",
    "Cell",
    "Example",
    "Shown",
    "home_page",
    "problem_page",
    "queries_page",
    "render",
    "sparql_page",
    "table",
]
