"""Where a geometry lies: its middle in longitude and latitude, for maps that show points."""

import re

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
_TYPES = re.compile(
    r"\s*(?:<http://www\.opengis\.net/def/crs/OGC/1\.3/CRS84>\s*)?(MULTI)?(POINT|LINESTRING|POLYGON)"
)


def position(wkt: str) -> tuple[float, float] | None:
    """Longitude and latitude of the middle of a WKT geometry in CRS84; None for what is none."""
    match = _TYPES.match(wkt.upper())
    if match is None:
        return None
    numbers = [float(one) for one in _NUMBER.findall(wkt[match.end() :])]
    step = 3 if re.match(r"\s*Z", wkt[match.end() :].upper()) else 2
    longitudes, latitudes = numbers[::step], numbers[1::step]
    if not longitudes or len(longitudes) != len(latitudes):
        return None
    middle = ((min(longitudes) + max(longitudes)) / 2, (min(latitudes) + max(latitudes)) / 2)
    return middle if abs(middle[0]) <= 180 and abs(middle[1]) <= 90 and middle != (0, 0) else None
