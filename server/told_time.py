"""The time that a wearer tells of a night, by the clock on the wall, as an instant."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ingest.errors import InputError
from ingest.samples import NS_PER_S
from server.language import _
from server.nights import NOON, ONE_DAY, local_time, night_bounds
from server.summary import Morning
from server.words import clock

__all__ = ["an_hour_comes_twice", "told_instant"]

AROUND_NS = 3 * 3600 * NS_PER_S
"""Nanoseconds (3 h) before and after a recording that are still taken for the night: a wearable is
put on late and taken off early, but a cramp of the afternoon is a slip of the finger."""

HALF_A_DAY = timedelta(hours=12)


def an_hour_comes_twice(night: date, zone: ZoneInfo) -> bool:
    """Say whether the clock is put back in a night, so that a time of it may mean two."""
    start_ns, end_ns = night_bounds(night, zone)
    return end_ns - start_ns > 24 * 3600 * NS_PER_S


def told_instant(text: str, *, second: bool, morning: Morning, now_ns: int) -> int:
    """Give the instant in UTC nanoseconds at which the clock of a night showed a time.

    Parameters
    ----------
    text
        Hours and minutes, ``02:14``.
    second
        Whether the second is meant of two hours that read the same.

    Raises
    ------
    InputError
        The clock never showed that, or not in the time that was recorded or near it, or not yet.
    """
    try:
        shown = time.fromisoformat(text).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError as error:
        raise InputError(_("Give the time by hours and minutes, such as 02:14.")) from error
    night, zone = morning.night, morning.zone
    local = datetime.combine(night if shown >= NOON else night + ONE_DAY, shown, zone)
    local = local.replace(fold=int(second))
    instant_ns = int(local.timestamp()) * NS_PER_S
    if local_time(instant_ns, zone).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise InputError(
            _(
                "%(time)s was left out in that night, when the clock was put forward. Give the "
                "time before or after it.",
                time=text,
            )
        )
    first_ns, last_ns = _recorded(morning)
    if not first_ns - AROUND_NS <= instant_ns <= last_ns + AROUND_NS:
        raise InputError(
            _(
                "%(time)s is not in this night: it was recorded from %(first)s to %(last)s. Did "
                "you mean %(meant)s?",
                time=text,
                first=clock(first_ns, zone),
                last=clock(last_ns, zone),
                meant=f"{local + HALF_A_DAY:%H:%M}",
            )
        )
    if instant_ns > now_ns:
        raise InputError(
            _("%(time)s is still to come. Give the time at which you had it.", time=text)
        )
    return instant_ns


def _recorded(morning: Morning) -> tuple[int, int]:
    """Give the first and the last instant of a night that a recording covers."""
    night_start_ns, night_end_ns = night_bounds(morning.night, morning.zone)
    own = [each for each in morning.recordings if each.night == morning.night]
    shown = own or morning.recordings
    return (
        max(night_start_ns, min(each.start_ns for each in shown)),
        min(night_end_ns, max(each.end_ns for each in shown)),
    )
