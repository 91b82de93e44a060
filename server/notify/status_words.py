"""Plain words for what became of a notice."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from server.language import N_, _, gettext, ngettext
from server.nights import local_time
from server.notice_log import StoredNotice
from server.words import clock, short_day

__all__ = [
    "ADD_ONE",
    "HOW_TO_SET_ONE",
    "NOT_TOLD",
    "NO_CHANNEL",
    "became",
    "in_trouble",
    "reason",
    "tried_last",
]

NO_CHANNEL = N_("No channel is set, so nobody is told of anything.")

NOT_TOLD = N_("You have no channel here, so you are told of nothing.")

HOW_TO_SET_ONE = (
    "Add an address on the page /settings, or set CRAMPWATCH_NOTICE_URLS, "
    "CRAMPWATCH_WEBHOOK_URL, CRAMPWATCH_MQTT_URL, or CRAMPWATCH_PUSH_CONTACT for browsers; "
    "docs/notices.md shows how."
)
ADD_ONE = N_("Add an address below; docs/notices.md shows what else can be set.")


def became(notice: StoredNotice, zone: ZoneInfo) -> str:
    """Write whether a notice was sent, or why not and what comes next."""
    if notice.sent_ns is not None:
        return _("sent on %(when)s", when=_when(notice.sent_ns, zone))
    problem = reason(notice.problem)
    if notice.next_try_ns is None:
        return ngettext(
            "given up after %(num)s try: %(problem)s",
            "given up after %(num)s tries: %(problem)s",
            notice.tries,
            problem=problem,
        )
    if not problem:
        return _("waits to be sent")
    return _(
        "not sent yet, tried again on %(when)s: %(problem)s",
        when=_when(notice.next_try_ns, zone),
        problem=problem,
    )


def reason(problem: str) -> str:
    """Write why something was not taken; what the other end said, after a colon, stays as it is."""
    if (whole := gettext(problem) if problem else "") != problem:
        return whole
    ours, colon, said = problem.partition(": ")
    return f"{gettext(ours)}{colon}{said}" if ours else problem


def tried_last(notice: StoredNotice | None, zone: ZoneInfo) -> str:
    """Write what came of the last that was tried on a channel."""
    return _("nothing sent yet") if notice is None else became(notice, zone)


def in_trouble(troubles: tuple[StoredNotice, ...], shown: Mapping[str, str]) -> str | None:
    """Write on which channels the last notice did not get through; None where all did."""
    names = [shown[each.channel] for each in troubles if each.channel in shown]
    if not names:
        return None
    return _("The last notice could not be sent by %(channels)s.", channels=", ".join(names))


def _when(instant_ns: int, zone: ZoneInfo) -> str:
    day = local_time(instant_ns, zone).date()
    return _(
        "%(day)s at %(time)s", day=f"{short_day(day)} {day.year}", time=clock(instant_ns, zone)
    )
