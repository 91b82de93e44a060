"""Writes what there is to tell of a wearer now.

By default a notice says that there is something to read and not what: it passes the servers of
others and shows on a locked screen. A fault is told as it is, or nobody could mend it.
"""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from ingest.collector.faults import OpenFault
from server import alert_words, summary, trial_words, words
from server.alert_log import StoredAlert
from server.alerting import numbers_of, standing
from server.kept_tables import AlertStep
from server.language import N_, _
from server.nights import ONE_DAY
from server.notices import sentence
from server.notify.kinds import GIVEN_UP_AFTER_NS, Kind, Notice
from server.summary import Morning
from server.trials import trials
from server.wearer_day import today

__all__ = [
    "alert_notices",
    "fault_notices",
    "mended_notice",
    "morning_notice",
    "trial_notices",
]

MORNING_TO_READ = N_("The summary of last night is there to read. Open the page of crampwatch.")
ALERT_TO_READ = N_("There is something new to read about the nights. Open the page of crampwatch.")
TRIAL_TO_READ = N_("Something is new with your trial. Open the page of crampwatch.")
THE_REST = N_("The page of crampwatch has the rest, and says when to see a doctor.")


def alert_notices(
    session: Session, wearer: str, now_ns: int, *, details: bool
) -> tuple[Notice, ...]:
    """Write of the alerts that nobody has acknowledged, unless they are old news."""
    return tuple(
        Notice(Kind.ALERT, str(each.id), _alert(each) if details else _(ALERT_TO_READ))
        for each in standing(session, wearer)
        if each.state is not AlertStep.ACKNOWLEDGED
        and now_ns < each.events[0].at_ns + GIVEN_UP_AFTER_NS[Kind.ALERT]
    )


def morning_notice(session: Session, wearer: str, now_ns: int, *, details: bool) -> Notice | None:
    """Write of last night; None where nothing of it is stored, or a simulation made it."""
    night = today(session, wearer, now_ns) - ONE_DAY
    morning = summary.morning_in(session, wearer, night)
    if morning is None or morning.simulated:
        return None
    return Notice(
        Kind.MORNING, night.isoformat(), _morning(morning) if details else _(MORNING_TO_READ)
    )


def trial_notices(
    session: Session, wearer: str, now_ns: int, *, details: bool
) -> tuple[Notice, ...]:
    """Write of trials of which something else begins tonight, or that ended with last night."""
    day = today(session, wearer, now_ns)
    found: list[Notice] = []
    for each in trials(session, wearer):
        block = each.block(day)
        begins = block is not None and block.first == day
        if begins or (each.stopped is None and each.last == day - ONE_DAY):
            number = "over" if block is None else block.number
            text = trial_words.changed(each, block) if details else _(TRIAL_TO_READ)
            found.append(Notice(Kind.TRIAL, f"{each.id}:{number}", text))
    return tuple(found)


def fault_notices(faults: Sequence[OpenFault], zone: ZoneInfo) -> tuple[Notice, ...]:
    """Write of faults that go on."""
    return tuple(
        Notice(Kind.FAULT, f"{each.kind}:{each.source}:{each.start_ns}", sentence(each, zone))
        for each in faults
    )


def mended_notice(began_ns: int, zone: ZoneInfo) -> Notice:
    """Write that a collector that fell silent is heard of again."""
    return Notice(Kind.MENDED, str(began_ns), words.heard_again(began_ns, zone))


def _alert(alert: StoredAlert) -> str:
    return f"{alert_words.in_short(numbers_of(alert))} {_(THE_REST)}"


def _morning(morning: Morning) -> str:
    figures = morning.figures
    parts = (
        words.finding(figures.likely, figures.possible, figures.searched_s),
        words.scarce(figures.searched_s, figures.worn_s, figures.recorded_s),
        f"{words.hours(figures.recorded_s, figures.worn_s)}.",
    )
    return " ".join(each for each in parts if each is not None)
