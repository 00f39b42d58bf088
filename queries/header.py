"""Reads the header of a saved query: YAML in comments that begin `#+`, ours or grlc's.

Ours has `title`, `description`, `tags`, `parameters` and `columns`; grlc's has `summary`, `defaults` and
`enumerate`. All scalars are read as text: in YAML the kommunkod 0114 would otherwise be a number, 76.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from ontology.errors import QueryError
from queries.parameters import LONGEST, TYPES, Choice, ChoiceQuery, Parameter, Type

_OURS = frozenset({"title", "description", "tags", "parameters", "columns"})
_GRLC = frozenset(
    {
        "summary",
        "endpoint",
        "endpoint-method",
        "endpoint_in_url",
        "method",
        "pagination",
        "enumerate",
        "defaults",
    }
    | {
        "mime",
        "transform",
        "licence",
        "license",
        "contact",
        "version",
        "namedParameters",
        "description",
        "tags",
    }
)
PARAMETER_KEYS = frozenset(
    {"type", "title", "description", "optional", "many", "default", "example", "minimum", "maximum"}
    | {"pattern", "longest", "language", "under", "choices"}
)
_LANGUAGE = re.compile("[a-z]{2,3}(-[A-Za-z0-9]{1,8})*")
_TRUE = {"true": True, "false": False}


def read(text: str) -> dict[str, Any]:
    """The header of a query text as a mapping of text, lists and mappings; empty when there is none.

    Raises QueryError when it is not YAML, not a mapping, or has a key nobody reads.
    """
    lines = [line[2:].removeprefix(" ") for line in text.splitlines() if line.startswith("#+")]
    header = _yaml("\n".join(lines))
    if header in (None, ""):
        return {}
    if not isinstance(header, dict):
        raise QueryError("the header must be a mapping such as `title: …`")
    # A query from elsewhere may carry keys of its own; in one of ours a key that is not read is a slip.
    if header.keys() & {"parameters", "columns"}:
        _known(header, _OURS | _GRLC, "the header")
    return header


def _yaml(text: str) -> Any:
    try:
        # BaseLoader makes nothing but text, lists and mappings; the one in C is five times as fast.
        return yaml.load(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))  # noqa: S506
    except yaml.YAMLError as error:
        raise QueryError(f"not YAML: {' '.join(str(error).split())}") from error


def _known(mapping: Mapping[str, Any], keys: frozenset[str], what: str) -> None:
    unknown = sorted(mapping.keys() - keys)
    if unknown:
        raise QueryError(f"{what} has {', '.join(unknown)}; expected some of {', '.join(sorted(keys))}")


def both(value: Any, what: str) -> dict[str, str]:
    """Text by language: `{sv: …, en: …}`, or one text that serves for both; a missing one is stood in for."""
    if value is None or value == "":
        return {}
    if isinstance(value, str):
        return {"sv": value, "en": value}
    # A comma that was not quoted makes a key of the rest of the sentence.
    if isinstance(value, dict) and all(
        _LANGUAGE.fullmatch(language) and isinstance(text, str) and text for language, text in value.items()
    ):
        texts = {language: " ".join(text.split()) for language, text in value.items()}
        some = texts.get("en") or texts.get("sv") or next(iter(texts.values()), "")
        return {"sv": some, "en": some} | texts
    raise QueryError(
        f"{what} must be a text, or texts by language such as {{sv: …, en: …}}; quote a text with a comma"
    )


def several(value: Any, what: str) -> tuple[str, ...]:
    """One text or a list of them, as a tuple; nothing is ()."""
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    raise QueryError(f"{what} must be a text or a list of texts")


def mapping(value: Any, what: str) -> dict[str, Any]:
    """A mapping, or nothing."""
    if value in (None, ""):
        return {}
    if isinstance(value, dict):
        return value
    raise QueryError(f"{what} must be a mapping")


def parameters(header: Mapping[str, Any], shared: Mapping[str, Any]) -> dict[str, Parameter]:
    """The parameters the header declares, by name; QueryError names the one that is wrong.

    `shared` holds parameters of several queries: `language: language` takes one as it stands,
    `near: {as: point, default: …}` takes one and changes it.
    """
    declared = mapping(header.get("parameters"), "parameters")
    return {name: _parameter(name, _about(name, about, shared)) for name, about in declared.items()}


def _about(name: str, about: Any, shared: Mapping[str, Any]) -> dict[str, Any]:
    own = {"as": about} if isinstance(about, str) and about else dict(mapping(about, f"parameter {name}"))
    other = own.pop("as", None)
    if other is None:
        return own
    if other not in shared:
        raise QueryError(
            f"parameter {name} is to be as {other}; expected one of {', '.join(sorted(shared)) or 'none'}"
        )
    return mapping(shared[other], f"shared parameter {other}") | own


def read_shared(text: str) -> dict[str, Any]:
    """The parameters several queries share, as the file `parameters.yaml` describes them."""
    return mapping(_yaml(text), "the shared parameters")


def _parameter(name: str, about: Mapping[str, Any]) -> Parameter:
    what = f"parameter {name}"
    _known(about, PARAMETER_KEYS, what)
    parameter = Parameter(
        name=name,
        type=_type(about.get("type", "string"), what),
        title=both(about.get("title"), f"title of {what}"),
        description=both(about.get("description"), f"description of {what}"),
        optional=_flag(about.get("optional", "false"), f"optional of {what}"),
        many=_flag(about.get("many", "false"), f"many of {what}"),
        minimum=about.get("minimum"),
        maximum=about.get("maximum"),
        pattern=about.get("pattern"),
        longest=int(about.get("longest", LONGEST)),
        language=about.get("language", "sv"),
        under=about.get("under", ""),
        choices=_choices(about.get("choices"), what),
        choices_from=_choice_query(about.get("choices"), what),
        default=several(about.get("default"), f"default of {what}"),
        example=several(about.get("example"), f"example of {what}"),
    )
    for value in (*parameter.default, *parameter.example):
        parameter.term(value)
    return parameter


def _type(value: Any, what: str) -> Type:
    for kind in TYPES:
        if kind == value and kind != "typed":
            return kind
    raise QueryError(f"type of {what} is {value!r}; expected one of {', '.join(TYPES[:-1])}")


def _flag(value: Any, what: str) -> bool:
    if value not in _TRUE:
        raise QueryError(f"{what} must be true or false")
    return _TRUE[value]


def _choices(value: Any, what: str) -> tuple[Choice, ...]:
    """Choices from `[a, b]` or `{a: {sv: …, en: …}, b: …}`."""
    if isinstance(value, list):
        return tuple(Choice(item, {"sv": item, "en": item}) for item in several(value, f"choices of {what}"))
    if isinstance(value, dict) and "query" not in value:
        return tuple(Choice(item, both(label, f"choice {item} of {what}")) for item, label in value.items())
    return ()


def _choice_query(value: Any, what: str) -> ChoiceQuery | None:
    """Choices from the rows of a saved query: `{query: NAME, value: COLUMN, label: COLUMN}`."""
    if not isinstance(value, dict) or "query" not in value:
        return None
    _known(value, frozenset({"query", "value", "label"}), f"choices of {what}")
    return ChoiceQuery(value["query"], value.get("value", "value"), value.get("label", "label"))


def grlc_defaults(header: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Defaults as grlc writes them: a list of `name: value`."""
    return {name: several(value, f"default of {name}") for name, value in _pairs(header.get("defaults"))}


def grlc_choices(header: Mapping[str, Any]) -> dict[str, tuple[Choice, ...]]:
    """Allowed values as grlc writes them: a list of `name: [value, …]`; a bare name allows all."""
    return {name: _choices(values, name) for name, values in _pairs(header.get("enumerate"))}


def _pairs(value: Sequence[Any] | None) -> list[tuple[str, Any]]:
    items = value if isinstance(value, list) else []
    return [pair for item in items if isinstance(item, dict) for pair in item.items()]
