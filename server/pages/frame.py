"""What every page shares: templates, both languages, addresses that keep the chosen language, security."""

from collections.abc import Callable
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from loaders.search.subjects import Text
from server.http.request import Asked
from server.http.words import Language

FOLDER: Final = Path(str(files("server")))
"""Where templates and static files are."""

SECURITY: Final = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": (
        "default-src 'self'; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    ),
    "Referrer-Policy": "no-referrer",
}
"""Headers of every page: nothing is loaded from elsewhere, and no script runs that is not ours."""

Address = Callable[..., str]


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(FOLDER / "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )


def render(template: str, asked: Asked, **values: Any) -> bytes:
    """A page in the language of the request."""
    language = asked.language
    address = addresses(asked)
    page = _environment().get_template(template)
    return page.render(
        asked=asked,
        language=language,
        other="en" if language == "sv" else "sv",
        switch=switch(asked),
        host=asked.host,
        a=address,
        _=lambda sv, en: sv if language == "sv" else en,
        number=lambda value: grouped(value, language),
        said=lambda text: said(text, language),
        tongue=lambda text: tongue(text, language),
        **values,
    ).encode()


def addresses(asked: Asked) -> Address:
    """Makes addresses of pages; a language chosen in the address stays chosen."""
    chosen = [("lang", value) for name, value in asked.parameters if name == "lang" and value in ("sv", "en")]

    def address(path: str, **parameters: Any) -> str:
        pairs = [(name, one) for name, value in parameters.items() for one in _several(value)]
        query = urlencode([*pairs, *chosen[:1]])
        return f"{path}{'&' if '?' in path else '?'}{query}" if query else path

    return address


def _several(value: Any) -> list[str]:
    found = value if isinstance(value, list | tuple) else [value]
    return [str(one) for one in found if one not in (None, "")]


def switch(asked: Asked) -> str:
    """The address of the same page in the other language."""
    kept = [(name, value) for name, value in asked.parameters if name != "lang"]
    return f"{asked.path}?{urlencode([*kept, ('lang', 'en' if asked.language == 'sv' else 'sv')])}"


def grouped(value: int | float, language: Language) -> Markup:
    """A number with its thousands apart: a narrow space in Swedish, a comma in English."""
    text = f"{value:,}"
    return Markup(text.replace(",", "\u202f").replace(".", ",") if language == "sv" else text)  # noqa: S704


def said(text: Text, language: Language) -> str:
    """A text in the language, or in the other one where it is missing."""
    return (text.sv or text.en) if language == "sv" else (text.en or text.sv)


def tongue(text: Text, language: Language) -> str:
    """The language a text is shown in when it is not that of the page, for `lang=`; else ""."""
    shown = "sv" if (text.sv if language == "sv" else not text.en) else "en"
    return "" if shown == language else shown
