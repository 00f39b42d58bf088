"""When each source is harvested while `odis build --watch` runs, and the waiting in between."""

import time
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Final, NoReturn
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim

from loaders.config import Config
from loaders.sources import Source
from ontology.errors import ConfigError, OdisError

_LOOK: Final = 30.0
"""Seconds after which the clock is looked at again: a machine may sleep, and its clock may be set."""


def watch(config: Config, run: Callable[[Collection[str]], object], tell: Callable[[str], None]) -> NoReturn:
    """Build all sources now, and each of them again whenever its schedule says so, until interrupted.

    Args:
        config: the sources, their schedules and the time zone of these.
        run: builds the named sources, all when none is named; when it fails that is told.
        tell: is told what failed and when the next build is.

    Raises:
        ConfigError: the time zone is not known here.
    """
    zone = _zone(config.odis.timezone)
    due: Sequence[Source] = config.sources
    times: dict[str, datetime] = {}
    while True:
        started = datetime.now(zone)
        times |= {source.id: _next(config, source, started) for source in due}
        try:
            run([] if len(due) == len(config.sources) else [source.id for source in due])
        except (OdisError, OSError) as error:
            tell(f"odis: {error}")
        moment = min(times.values())
        coming = [id for id, when in times.items() if when == moment]
        tell(f"odis: next build {moment:%Y-%m-%d %H:%M %Z}: {_told(coming, len(times))}")
        _wait(moment)
        # What came due while a build ran is made up for at once.
        due = [source for source in config.sources if times[source.id] <= datetime.now(zone)]


def _next(config: Config, source: Source, after: datetime) -> datetime:
    return next(CronSim(source.schedule or config.odis.schedule, after))


def _wait(moment: datetime) -> None:
    while (left := moment.timestamp() - time.time()) > 0:
        time.sleep(min(left, _LOOK))


def _told(ids: Sequence[str], known: int) -> str:
    return "all sources" if len(ids) == known else ", ".join(ids)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ConfigError(f"[odis]: timezone: {name!r} is not known here; expected one as UTC") from error
