"""Names of time zones, checked where they enter, and instants told in them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from zoneinfo import ZoneInfo, available_timezones

from ingest.errors import SettingsError
from ingest.samples import NS_PER_S

__all__ = ["is_zone", "local_time", "require_zone", "zone_advice"]


LIKENESS = 0.8
"""How like a name has to be to be guessed, 0 to 1: 'berln' is 0.91 like 'berlin'."""

MAX_NAME_CHARS = 64
"""Longest text that a zone is guessed for, in characters: twice the longest name there is."""

MIN_PLACE_CHARS = 5
"""Shortest place that is guessed for, in characters: 'CEST' is 0.86 like 'EST', hours away."""

NOT_ZONES = ("localtime", "posixrules")
"""Files beside the zones that stand for what this one machine is set to."""

NOT_IANA = ("posix/", "right/")
"""Folders with the zones once more; those in ``right/`` count leap seconds, 27 s apart."""

_OFFSET = re.compile(r"[+-]?\d")


def local_time(instant_ns: int, zone: ZoneInfo) -> datetime:
    """Give an instant as local time with its offset; what is finer than a microsecond is cut."""
    seconds, rest_ns = divmod(instant_ns, NS_PER_S)
    whole = datetime.fromtimestamp(seconds, UTC)
    return (whole + timedelta(microseconds=rest_ns // 1000)).astimezone(zone)


def is_zone(name: str) -> bool:
    """Tell whether a name is one of the IANA time zones known here."""
    if name in NOT_ZONES or name.startswith(NOT_IANA):
        return False
    try:
        ZoneInfo(name)
    # A name that is unknown, that leads out of the zone folder, or that is a folder in it.
    except (KeyError, ValueError, OSError):
        return False
    return True


def require_zone(name: str) -> None:
    """Refuse a name that somebody gave as a time zone and that is none.

    Raises
    ------
    SettingsError
        With the name that may have been meant.
    """
    if not is_zone(name):
        raise SettingsError(f"The time zone {name!r} is unknown. {zone_advice(name)}")


def zone_advice(wrong: str) -> str:
    """Say which time zone may have been meant, or else what one looks like."""
    close = None if len(wrong) > MAX_NAME_CHARS or _OFFSET.search(wrong) else _closest(wrong)
    meant = f": did you mean {close}?" if close else ", such as Europe/Berlin."
    return f"Use a name from the IANA list of time zones{meant}"


def _closest(wrong: str) -> str | None:
    # By the places alone, as "Europe/Munich" is more like "Europe/Zurich" than "munich" "zurich".
    place = wrong.rpartition("/")[2].lower().replace(" ", "_")
    places = {name.rpartition("/")[2].lower(): name for name in sorted(available_timezones())}
    close = get_close_matches(place, places, n=1, cutoff=LIKENESS)
    return places[close[0]] if close and len(place) >= MIN_PLACE_CHARS else None
