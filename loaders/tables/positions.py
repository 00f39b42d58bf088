"""Settles where the thing of a row is: coordinates and geometry become WGS84 in the cells of the row."""

from typing import Final, NamedTuple

from pyoxigraph import Literal, NamedNode

from loaders.tables.columns import Cell, coordinate_columns
from loaders.tables.coordinates import WGS84, NowhereError, Placed, Projector, epsg_code, in_sweden
from loaders.tables.csvw import Column, Schema
from loaders.tables.findings import RULES, Finding
from loaders.tables.geometries import centre, check, number, read_text, to_wkt
from loaders.tables.rows import Row

_GEOMETRY: Final = "geometry"

Cells = dict[str, Cell]


class Pair(NamedTuple):
    """The two coordinate columns of a schema."""

    latitude: Column
    longitude: Column

    def filled(self, cells: Cells) -> list[Column]:
        """Those of the two that have a value in a row."""
        return [column for column in self if column.name in cells and cells[column.name].texts]

    def empty(self, cells: Cells) -> None:
        """Take both out of a row."""
        for column in self:
            cells.pop(column.name, None)

    def fill(self, cells: Cells, latitude: float, longitude: float) -> None:
        """Put a position into a row."""
        for column, value in zip(self, (latitude, longitude), strict=True):
            text = number(value)
            cells[column.name] = Cell((text,), (Literal(text, datatype=NamedNode(column.datatype.iri)),))

    def outside(self, placed: Placed) -> Column | None:
        """The column whose range in the specification a position leaves."""
        for column, value in zip(self, (placed.latitude, placed.longitude), strict=True):
            low, high = column.datatype.minimum, column.datatype.maximum
            if (low is not None and value < float(low)) or (high is not None and value > float(high)):
                return column
        return None


class Positions:
    """Positions of one table; remembers what it has already said about the coordinate system."""

    def __init__(self, schema: Schema, crs: str | None) -> None:
        found = coordinate_columns(schema)
        self._pair = Pair(*found) if found else None
        self._declared = crs
        self._projector = Projector(epsg_code(crs))
        self._written: dict[str, Projector] = {}
        self._said: set[tuple[int, bool]] = set()
        self._from_geometry = False

    def gives(self, column: str) -> bool:
        """Whether the geometries of the table stand in for a coordinate column that it lacks."""
        return self._from_geometry and self._pair is not None and column in {c.name for c in self._pair}

    def settle(self, row: Row, cells: Cells, findings: list[Finding]) -> None:
        """Replace the cells of latitude, longitude and geometry; what cannot be placed loses these cells."""
        placed = False
        try:
            placed = self._settle_geometry(row, cells, findings)
        except (ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
            cells.pop(_GEOMETRY, None)
            findings.append(Finding(RULES["geometry-bad"], None, _GEOMETRY, None, str(error)))
        except NowhereError as nowhere:
            cells.pop(_GEOMETRY, None)
            findings.append(Finding(RULES["coordinates-nowhere"], None, _GEOMETRY, "", nowhere.reason))
        if self._pair and not placed:
            self._settle_pair(self._pair, cells, findings)

    def _settle_pair(self, pair: Pair, cells: Cells, findings: list[Finding]) -> None:
        filled = pair.filled(cells)
        if len(filled) < 2:
            pair.empty(cells)
            if filled:
                findings.append(Finding(RULES["coordinates-half"], None, filled[0].titles[0]))
            return
        north, east = (cells[column.name].texts[0] for column in pair)
        said, title = f"{north} {east}", pair.latitude.titles[0]
        try:
            placed = self._projector.place(float(north), float(east))
        except NowhereError as nowhere:
            pair.empty(cells)
            findings.append(Finding(RULES["coordinates-nowhere"], None, title, said, nowhere.reason))
            return
        self._tell(placed, said, title, findings)
        if placed.system.epsg != WGS84.epsg or placed.swapped:
            pair.fill(cells, placed.latitude, placed.longitude)
        self._check_range(pair, placed, said, cells, findings)

    def _check_range(
        self, pair: Pair, placed: Placed, said: str, cells: Cells, findings: list[Finding]
    ) -> None:
        outside = pair.outside(placed)
        if outside:
            pair.empty(cells)
            low, high = outside.datatype.minimum, outside.datatype.maximum
            detail = (f"mellan {low} och {high}", f"between {low} and {high}")
            findings.append(Finding(RULES["bad-cell"], None, outside.titles[0], said, detail))
        elif not in_sweden(placed):
            findings.append(Finding(RULES["coordinates-abroad"], None, pair.latitude.titles[0], said))

    def _settle_geometry(self, row: Row, cells: Cells, findings: list[Finding]) -> bool:
        """Settle a geometry, if there is one; whether it gave latitude and longitude as well."""
        geometry, projector = row.geometry, self._projector
        written = cells.get(_GEOMETRY)
        if geometry is None and written and written.texts:
            geometry, crs = read_text(written.texts[0])
            projector = self._written.setdefault(crs, Projector(epsg_code(crs))) if crs else projector
        if geometry is None:
            return False
        check(geometry)
        geometry, placed = projector.geometry(geometry)
        self._tell(placed, None, _GEOMETRY, findings)
        if geometry["type"] == "Point":
            cells.pop(_GEOMETRY, None)
        else:
            text = to_wkt(geometry)
            cells[_GEOMETRY] = Cell((text,), (Literal(text),))
        if self._pair is None or len(self._pair.filled(cells)) == 2:
            return False
        self._from_geometry = True
        longitude, latitude = centre(geometry)
        self._pair.fill(cells, latitude, longitude)
        return True

    def _tell(self, placed: Placed, said: str | None, column: str, findings: list[Finding]) -> None:
        """Say once per table which system was used, and for every row that its axes were swapped."""
        system, guessed = placed.system, placed.guessed
        if (system.epsg != WGS84.epsg or guessed) and (system.epsg, guessed) not in self._said:
            self._said.add((system.epsg, guessed))
            rule = "crs-declared" if not guessed else "crs-contradicted" if self._declared else "crs-guessed"
            detail = f"{system.name} (EPSG:{system.epsg})"
            findings.append(Finding(RULES[rule], None, column, self._declared, detail))
        if placed.swapped:
            findings.append(Finding(RULES["axes-swapped"], None, column, said or ""))
