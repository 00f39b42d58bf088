"""Saved queries: SPARQL files with a header, each with a name, typed parameters and an example call."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

from ontology import PREFIXES
from ontology.errors import QueryError
from queries import header
from queries.binding import EMPTY, MANY, Place, Slot, fill, slots
from queries.parameters import Parameter, Term, Type
from queries.tokens import Form, Survey, code, declared_prefixes, survey

FOLDER = Path(str(files(__package__)))
"""Where our own saved queries are."""
_FORMS = ("select", "ask", "construct", "describe")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the answer with its title by language."""

    name: str
    title: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SavedQuery:
    """A query that can be asked by name.

    `name` is the file name without ending, `group` its folder; `columns` are the expected ones (empty for
    a query that builds a graph); `example` holds the values of the example call.
    """

    name: str
    group: str
    title: Mapping[str, str]
    description: Mapping[str, str]
    tags: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    columns: tuple[Column, ...]
    form: Form
    text: str
    path: Path
    slots: tuple[Slot, ...]
    variables: Mapping[str, Parameter]
    """The parameter each parameter variable of the text stands for."""

    @property
    def example(self) -> dict[str, tuple[str, ...]]:
        """The values of the example call: of each parameter its example, or nothing to leave its default."""
        return {parameter.name: parameter.example for parameter in self.parameters if parameter.example}

    def bind(self, values: Mapping[str, str | Sequence[str]]) -> str:
        """The SPARQL text with each parameter replaced by the RDF term of its value.

        Raises ParameterError when a value is missing or does not fit, QueryError for an unknown name.
        """
        unknown = sorted(values.keys() - {parameter.name for parameter in self.parameters})
        if unknown:
            known = ", ".join(parameter.name for parameter in self.parameters) or "none"
            raise QueryError(f"query {self.name} has no parameter {unknown[0]}; it has: {known}")
        terms: dict[str, tuple[Term, ...]] = {}
        for variable, parameter in self.variables.items():
            given = values.get(parameter.name, ())
            terms[variable] = parameter.terms((given,) if isinstance(given, str) else tuple(given))
        return fill(self.text, self.slots, terms)


def load(folder: Path | None = None, faults: list[QueryError] | None = None) -> dict[str, SavedQuery]:
    """The saved queries of a folder and its subfolders by name, ours when none is named.

    Raises QueryError naming the file for one that cannot be used, and for two files of one name. With a list
    of `faults` those errors are put there instead, and the other files are used.
    """
    return _load(folder or FOLDER, faults, {}, {})


def _load(
    root: Path, faults: list[QueryError] | None, shared: dict[str, Any], beside: Mapping[str, SavedQuery]
) -> dict[str, SavedQuery]:
    """As `load`; the files may also use the parameters `shared`, and choices from the queries `beside`."""
    shared = shared | _shared(root / "parameters.yaml")
    found: dict[str, SavedQuery] = {}
    for path in sorted(root.rglob("*.rq")):
        with _into(faults):
            query = read(path, root, shared)
            if query.name in found:
                other = found[query.name].path
                raise QueryError(f"{path}: another saved query is called {query.name} too: {other}")
            found[query.name] = query
    for query in list(found.values()):
        with _into(faults):
            for parameter in query.parameters:
                _check_choices(query, parameter, {**beside, **found})
    return found


def load_all(own: Path | None, faults: list[QueryError] | None = None) -> dict[str, SavedQuery]:
    """Our saved queries, and those of one's own folder when there is one; as `load` for that folder.

    A name of ours may not be taken again; our shared parameters may be used.
    """
    found = load()
    if own is None:
        return found
    if not any(own.rglob("*.rq")):
        raise QueryError(f"{own}: there are no saved queries (*.rq) here")
    for name, query in _load(own, faults, _shared(FOLDER / "parameters.yaml"), found).items():
        with _into(faults):
            if name in found:
                raise QueryError(f"{query.path}: a saved query of ODIS is called {name} already")
            found[name] = query
    return found


@contextmanager
def _into(faults: list[QueryError] | None) -> Iterator[None]:
    """Puts a QueryError of the block into the list, when there is one."""
    try:
        yield
    except QueryError as error:
        if faults is None:
            raise
        faults.append(error)


def _shared(path: Path) -> dict[str, Any]:
    """The parameters that queries of a folder share, from its file `parameters.yaml` when there is one."""
    try:
        return header.read_shared(path.read_text(encoding="utf-8")) if path.is_file() else {}
    except QueryError as error:
        raise QueryError(f"{path}: {error}") from error


def read(path: Path, root: Path | None = None, shared: Mapping[str, Any] | None = None) -> SavedQuery:
    """One saved query from its file; QueryError names the file and what is wrong."""
    try:
        return _parse(path, path.read_text(encoding="utf-8"), root or path.parent, shared or {})
    except QueryError as error:
        raise QueryError(f"{path}: {error}") from error
    except UnicodeDecodeError as error:
        raise QueryError(f"{path}: must be written in UTF-8") from error


def _parse(path: Path, text: str, root: Path, shared: Mapping[str, Any]) -> SavedQuery:
    about = header.read(text)
    declared = header.parameters(about, shared)
    lines = [line for line in text.splitlines(keepends=True) if not line.startswith("#+")]
    body = with_known_prefixes("".join(lines).strip() + "\n")
    form = _usable(survey(body))
    places = slots(body)
    variables = _complete(about, declared, list(dict.fromkeys(slot.variable for slot in places)), body)
    for variable, parameter in variables.items():
        stands = {slot.place for slot in places if slot.variable == variable}
        variables[variable] = _fit(parameter, stands, spelled="parameters" not in about)
    columns = header.mapping(about.get("columns"), "columns")
    title = header.both(about.get("title") or about.get("summary") or path.stem, "title")
    return SavedQuery(
        name=path.stem,
        group=path.parent.relative_to(root).as_posix().strip("."),
        title=title,
        description=header.both(about.get("description"), "description") or title,
        tags=header.several(about.get("tags"), "tags"),
        parameters=_in_order(variables.values(), declared),
        columns=tuple(Column(name, header.both(label, f"column {name}")) for name, label in columns.items()),
        form=form,
        text=body,
        path=path,
        slots=places,
        variables=variables,
    )


def with_known_prefixes(body: str) -> str:
    """The text with a declaration for each prefix of the project that it uses without one.

    Queries from elsewhere lean on prefixes their endpoint knows; ours declare all they use.
    """
    pieces = code(body, PREFIXES)
    used = {piece.text.partition(":")[0] for piece in pieces if piece.kind == "name"}
    missing = sorted((used & PREFIXES.keys()) - declared_prefixes(pieces).keys())
    return "".join(f"PREFIX {prefix}: <{PREFIXES[prefix]}>\n" for prefix in missing) + body


def _in_order(parameters: Iterable[Parameter], declared: Mapping[str, Parameter]) -> tuple[Parameter, ...]:
    """Each parameter once: as the header lists them, else as they stand in the query."""
    first = {parameter.name: parameter for parameter in reversed(list(parameters))}
    return tuple(first[name] for name in declared or reversed(list(first)))


def _usable(overview: Survey) -> Form:
    if overview.form not in _FORMS:
        raise QueryError(
            f"expected a query (SELECT, ASK, CONSTRUCT or DESCRIBE), found {overview.form or 'none'}"
        )
    return overview.form


# What grlc reads from the spelling of a variable: ?_name, ?__name (optional), ?_name_iri, ?_name_en,
# ?_name_prefix_datatype.
_SPELLING = re.compile(r"_(?P<optional>_?)(?P<name>[^_]+)(?:_(?P<first>[^_]+)(?:_(?P<second>.+))?)?")
_GRLC_TYPES: Mapping[str, Type] = {
    "iri": "iri",
    "uri": "iri",
    "number": "number",
    "literal": "string",
    "string": "string",
    "integer": "integer",
    "int": "integer",
    "long": "integer",
    "decimal": "decimal",
    "float": "double",
    "double": "double",
    "boolean": "boolean",
    "date": "date",
    "dateTime": "dateTime",
    "gYear": "year",
}


def _name(variable: str, declared: Mapping[str, Parameter]) -> str:
    """The parameter a variable such as `_name` stands for."""
    if variable[1:] in declared:
        return variable[1:]
    match = _SPELLING.fullmatch(variable)
    if match is None:
        raise QueryError(f"?{variable} is no parameter; expected a name after the underscore")
    return match["name"]


def _complete(
    about: Mapping[str, Any], declared: Mapping[str, Parameter], variables: Sequence[str], body: str
) -> dict[str, Parameter]:
    """The parameter of each parameter variable: declared in the header, or told by its spelling (grlc)."""
    names = {variable: _name(variable, declared) for variable in variables}
    unused = sorted(declared.keys() - set(names.values()))
    if unused:
        raise QueryError(f"parameter {unused[0]} is declared but ?_{unused[0]} is nowhere in the query")
    defaults, choices = header.grlc_defaults(about), header.grlc_choices(about)
    complete: dict[str, Parameter] = {}
    for variable, name in names.items():
        if declared and name not in declared:
            raise QueryError(f"?{variable} is a parameter but is not declared under `parameters:`")
        if not declared:
            spelled = _spelled(variable, body)
            spelled = replace(spelled, default=defaults.get(name, ()), choices=choices.get(name, ()))
        complete[variable] = declared.get(name) or spelled
    return complete


def _spelled(variable: str, body: str) -> Parameter:
    match = _SPELLING.fullmatch(variable)
    assert match is not None  # noqa: S101 - _name has refused the others
    name, first, second = match["name"], match["first"] or "", match["second"] or ""
    parameter = Parameter(name, title={"sv": name, "en": name}, optional=bool(match["optional"]))
    if second:
        namespace = declared_prefixes(code(body)).get(first)
        if namespace is None:
            raise QueryError(
                f"?{variable} wants the datatype {first}:{second}, but the prefix {first}: is not declared"
            )
        return replace(parameter, type="typed", datatype=namespace + second)
    if first and first not in _GRLC_TYPES:
        return replace(parameter, type="text", language=first)
    return replace(parameter, type=_GRLC_TYPES.get(first, "string"))


def _fit(parameter: Parameter, places: Collection[Place], *, spelled: bool) -> Parameter:
    """The parameter, bounded as its places demand; QueryError when it cannot stand in one of them."""
    what = f"parameter {parameter.name}"
    if "limit" in places:
        if parameter.type not in ("integer", "number"):
            raise QueryError(f"{what} stands after LIMIT or OFFSET and must be of the type integer")
        parameter = replace(parameter, type="integer", minimum=parameter.minimum or "0")
    if parameter.many and not MANY.issuperset(places):
        raise QueryError(
            f"{what} takes many values and may stand only in VALUES ?x {{ … }} or alone in IN ( … )"
        )
    if parameter.optional and not (parameter.default or spelled or EMPTY.issuperset(places)):
        raise QueryError(
            f"{what} is optional without a default and may stand only in a VALUES block or a pattern"
        )
    return parameter


def _check_choices(query: SavedQuery, parameter: Parameter, found: Mapping[str, SavedQuery]) -> None:
    source = parameter.choices_from
    if source is None:
        return
    other = found.get(source.query)
    columns = {column.name for column in other.columns} if other else set()
    if not {source.value, source.label} <= columns:
        raise QueryError(
            f"{query.path}: parameter {parameter.name} takes its choices from the columns {source.value} and "
            f"{source.label} of the query {source.query}, which has {', '.join(sorted(columns)) or 'none'}"
        )
