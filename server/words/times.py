"""How long, when, and which night: the words for numbers, hours and dates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time

from server.language import LANGUAGES, N_, _, locale
from server.nights import local_time

__all__ = [
    "between",
    "clock",
    "count",
    "day",
    "day_and_year",
    "duration",
    "full_hour",
    "heading",
    "hour",
    "length",
    "listed",
    "month_alone",
    "month_name",
    "night_name",
    "short_day",
    "short_month",
    "weekdays",
    "zone_name",
]

ZONE_LETTERS = (N_("CET"), N_("CEST"))
"""Letters of zones that another language has letters of its own for."""


def count(number: int, one: str, many: str) -> str:
    """Write ``1 awakening`` or ``2 awakenings``, in English."""
    return f"{number} {one if number == 1 else many}"


def duration(seconds: float) -> str:
    """Write hours and minutes, as for a night: ``7 h 40 min``; under a minute, seconds."""
    if round(seconds) < 60:
        return f"{round(seconds)} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    parts = (f"{hours} h" if hours else "", f"{minutes} min" if minutes else "")
    return " ".join(part for part in parts if part)


def length(seconds: float) -> str:
    """Write minutes and seconds, as for an awakening: ``2 min 5 s``; whole minutes from ten on."""
    whole = round(seconds)
    minutes, rest = divmod(whole, 60)
    if not minutes or whole >= 600 or not rest:
        return duration(whole)
    return f"{minutes} min {rest} s"


def clock(instant_ns: int, zone: ZoneInfo) -> str:
    """Write local time as ``02:13``, with its zone (``02:13 CET``) where that hour comes twice."""
    local = local_time(instant_ns, zone)
    shown = format_time(local, "short", locale=locale())
    comes_twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return f"{shown} {_zone_letters(local)}" if comes_twice else shown


def _zone_letters(local: datetime) -> str:
    name = local.tzname() or ""
    return _(name) if name in ZONE_LETTERS else name


def between(start_ns: int, end_ns: int, zone: ZoneInfo) -> str:
    """Write ``02:13–02:15``."""
    return f"{clock(start_ns, zone)}–{clock(end_ns, zone)}"


def full_hour(hour: int) -> str:
    """Write a full hour as a time: ``02:00``."""
    return format_time(time(hour), "short", locale=locale())


def hour(local: datetime | time) -> str:
    """Write a full hour for a scale: ``02``, or ``2 am`` where that is the habit."""
    with_half_days = "a" in locale().time_formats["short"].pattern
    return format_time(local, "h a" if with_half_days else "HH", locale=locale())


def day(when: date) -> str:
    """Write ``Sat 21 Nov``."""
    return format_date(when, _day_pattern(), locale())


def day_and_year(when: date) -> str:
    """Write ``Sat 21 Nov 2026``."""
    return f"{day(when)} {when.year}"


def short_day(when: date) -> str:
    """Write ``21 Nov``, for where there is little room."""
    return format_date(when, locale().datetime_skeletons["MMMd"].pattern, locale())


def month_name(month: date) -> str:
    """Write ``November 2026``."""
    return format_date(month, locale().datetime_skeletons["yMMMM"].pattern, locale())


def month_alone(month: date) -> str:
    """Write ``November``."""
    return format_date(month, "LLLL", locale())


def short_month(month: date) -> str:
    """Write ``Nov``."""
    return format_date(month, "LLL", locale())


def weekdays() -> list[str]:
    """Write ``Mon`` to ``Sun``, or from whichever day a week begins with."""
    names = locale().days["stand-alone"]["abbreviated"]
    return [names[(locale().first_week_day + place) % 7] for place in range(7)]


def night_name(night: date) -> str:
    """Write a night by both its dates: ``Sat 21 to Sun 22 Nov 2026``."""
    morning = night + timedelta(days=1)
    year = f" {night.year}" if night.year != morning.year else ""
    return _(
        "%(evening)s to %(morning)s",
        evening=f"{_evening(night)}{year}",
        morning=day_and_year(morning),
    )


def heading(night: date, last_night: date | None) -> str:
    """Write which night this is: ``Last night (Fri 20 to Sat 21 Nov)`` where it is last night."""
    if night == last_night:
        morning = night + timedelta(days=1)
        return _(
            "Last night (%(evening)s to %(morning)s)",
            evening=_evening(night),
            morning=day(morning),
        )
    return _("Night of %(night)s", night=night_name(night))


def _evening(night: date) -> str:
    if night.month != (night + timedelta(days=1)).month:
        return day(night)
    # Where the month comes last, it need not be said twice.
    return format_date(night, _day_pattern().rstrip("M "), locale())


def _day_pattern() -> str:
    month = LANGUAGES[locale().language].month
    pattern: str = locale().datetime_skeletons[f"{month}Ed"].pattern
    # It stands in sentences that have commas of their own.
    return pattern.replace(",", "")


def listed(parts: Sequence[str]) -> str:
    """Write ``a``, ``a and b`` or ``a, b and c``."""
    if len(parts) < 2:
        return "".join(parts)
    return _("%(parts)s and %(last)s", parts=", ".join(parts[:-1]), last=parts[-1])


def zone_name(timezone: str) -> str:
    """Write an IANA zone without its underscores."""
    return timezone.replace("_", " ")
