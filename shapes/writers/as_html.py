"""The report as one web page that stands alone: no scripts, no addresses but those of the data."""

from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from shapes.present import View


def write_html(view: View) -> str:
    """The page in the language of the view."""
    return _template().render(view=view, words=view.words, counts=view.report.counts, web=is_web_address)


def is_web_address(text: str) -> bool:
    """Whether text may stand as a link: what a publisher wrote could be `javascript:`."""
    return text.startswith(("https://", "http://"))


@lru_cache(maxsize=1)
def _template() -> Template:
    folder = FileSystemLoader(Path(__file__).parent)
    environment = Environment(loader=folder, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return environment.get_template("report.html")
