"""What a report of a period is made of, read from the store at one moment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from importlib.metadata import version
from typing import TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from detector.night import ModelVersion, Standing
from ingest.errors import InputError
from server import alert_log, answers, diary, queries, summary, wearers
from server.alerting import judged_until, numbers_of
from server.alerts.judge import UsualWeek
from server.alerts.nightly import WearerNight
from server.alerts.shown import AlertNumbers
from server.answers import GivenAnswer
from server.associated import told_until, told_within
from server.associations.table import Associations, associations
from server.bathroom import OfferedTrip
from server.diary import DiaryEntry
from server.figures import NightFigures, is_simulated
from server.kept_tables import Said
from server.language import _
from server.nights import ONE_DAY, local_time
from server.store import Store
from server.stored import StoredEpisode, StoredRecording
from server.trial.outcome import Outcome
from server.trials import Trial, TrialState, read_outcome, trials

__all__ = ["MOST_NIGHTS", "NIGHTS", "Report", "ToldAwakening", "period", "read_report"]

NIGHTS = 84
"""Nights of a report where nobody says otherwise: twelve weeks, of which a doctor sees whether
they differ, and which people still remember."""

T = TypeVar("T")

MOST_NIGHTS = 366
"""Nights of a report at the most: a year, which two pages hold."""


@dataclass(frozen=True, slots=True)
class ToldAwakening:
    """A cramp-like awakening, or a cramp that the wearer added.

    Parameters
    ----------
    id
        Of the episode; empty where the wearer added it.
    standing, probability, heart_rate_rise_bpm, model
        As the detector has it; None where the wearer added it.
    answer
        What the wearer said of it; None where nothing was said.
    """

    id: str
    night: date
    timezone: str
    onset_ns: int
    end_ns: int
    standing: Standing | None
    probability: float | None
    heart_rate_rise_bpm: float | None
    model: ModelVersion | None
    answer: GivenAnswer | None

    @property
    def onset(self) -> datetime:
        """Local time of the onset."""
        return local_time(self.onset_ns, ZoneInfo(self.timezone))

    @property
    def end(self) -> datetime:
        """Local time of the end."""
        return local_time(self.end_ns, ZoneInfo(self.timezone))

    @property
    def said(self) -> Said | None:
        """Whether it was a cramp, in the wearer's word."""
        return None if self.answer is None else self.answer.said

    @property
    def is_told(self) -> bool:
        """Whether the wearer says that it was a cramp."""
        return self.said is Said.YES

    @property
    def is_open(self) -> bool:
        """Whether nobody knows: there is no answer, or 'not sure'."""
        return self.said not in (Said.YES, Said.NO)

    @property
    def is_likely(self) -> bool:
        """Whether it counts as a cramp: told by the wearer, or likely and not answered."""
        return self.is_told or (self.is_open and self.standing is Standing.LIKELY)


@dataclass(frozen=True, slots=True)
class Report:
    """What is known of a wearer's nights from one to another.

    Parameters
    ----------
    name
        Of the wearer.
    made
        The day on which it is made.
    version, models
        Of crampwatch, and of what judged the nights.
    timezones
        IANA names of the zones that its times are local to, the one at home first where no night
        was recorded.
    simulated
        Whether any of it was made by a simulation.
    nights
        Every night by its date.
    counted
        The nights of which anything is known, as the alerts count them.
    awakenings
        By time, whatever was answered.
    trips
        What may have been trips to the bathroom, by time, and what was said of them.
    alone
        Whether it tells of its own nights only, as one that is shared does.
    usual
        What is usual in a week, from all nights up to the last, or from its own; None in the
        learning time.
    alerts
        Those raised in these nights, by night, with their numbers.
    diary
        Entries of these days, and older ones that may still hold, by day.
    tried
        The trials that ended in these nights and what came of them, the newest first.
    together
        What goes with what, in the year up to the last night, or in its own.
    """

    name: str
    first: date
    last: date
    made: date
    version: str
    models: tuple[ModelVersion, ...]
    devices: tuple[str, ...]
    timezones: tuple[str, ...]
    simulated: bool
    nights: tuple[NightFigures, ...]
    counted: tuple[WearerNight, ...]
    awakenings: tuple[ToldAwakening, ...]
    trips: tuple[OfferedTrip, ...]
    alone: bool
    usual: UsualWeek | None
    alerts: tuple[tuple[date, AlertNumbers], ...]
    diary: tuple[DiaryEntry, ...]
    tried: tuple[tuple[Trial, Outcome], ...]
    together: Associations

    @property
    def title(self) -> str:
        """What it is of; whoever never gave a name has none here."""
        if self.name == wearers.FIRST_NAME:
            return _("Cramp-like awakenings")
        return _("Cramp-like awakenings of %(name)s", name=self.name)


def period(first: date | None, last: date | None, today: date) -> tuple[date, date]:
    """Give the first and the last night of a report.

    Parameters
    ----------
    first, last
        None for twelve weeks, and for last night.

    Raises
    ------
    InputError
        They are in no order, in the future, or too far apart.
    """
    last = last or today - ONE_DAY
    first = first or last - (NIGHTS - 1) * ONE_DAY
    if last > today:
        raise InputError(
            _("The night of %(last)s is still to come. Give a last night before today.", last=last)
        )
    if first > last:
        raise InputError(
            _(
                "%(first)s is after %(last)s. Give the first night before the last one.",
                first=first,
                last=last,
            )
        )
    if (last - first).days >= MOST_NIGHTS:
        raise InputError(
            _(
                "From %(first)s to %(last)s are more than %(most)s nights. A report holds a year "
                "at the most: give a later first night.",
                first=first,
                last=last,
                most=MOST_NIGHTS,
            )
        )
    return first, last


def read_report(
    store: Store,
    session: Session,
    wearer: str,
    first: date,
    last: date,
    made: date,
    *,
    alone: bool = False,
) -> Report:
    """Read what is known of a wearer's nights from one to another, both included.

    Parameters
    ----------
    alone
        As of `Report`; else what is usual and what goes with what are learnt from earlier nights
        as well.
    """
    within = (first, last)
    dates = [first + number * ONE_DAY for number in range((last - first).days + 1)]
    recordings = queries.recordings(session, wearer, within).items
    home = wearers.home(session, wearer).key
    names = {each.id: each.name for each in wearers.everybody(session)}
    since = first if alone else date.min
    known, judged = judged_until(store, session, wearer, last, since=since)
    told = told_within(session, wearer, first, last) if alone else told_until(session, wearer, last)
    alerts = [(each.night, numbers_of(each)) for each in alert_log.alerts(session, wearer)]
    return Report(
        name=names.get(wearer, wearers.FIRST_NAME),
        first=first,
        last=last,
        made=made,
        version=version("crampwatch"),
        models=_once(each.model for each in recordings),
        devices=_once(each.device for each in recordings if each.device),
        timezones=_once(each.timezone for each in recordings) or (home,),
        simulated=any(is_simulated(each.source) for each in recordings),
        nights=summary.figures(session, wearer, dates),
        counted=tuple(each for each in known if each.night >= first),
        awakenings=_awakenings(
            summary.episodes(session, wearer, within),
            answers.answers(session, wearer, within),
            recordings,
            home,
        ),
        trips=summary.trips(session, wearer, within),
        alone=alone,
        usual=None if judged is None else judged.usual,
        alerts=tuple(
            (night, numbers)
            for night, numbers in reversed(alerts)
            if first <= night <= last and since <= numbers.first
        ),
        diary=diary.entries(session, wearer, (None, last + ONE_DAY)),
        tried=tuple(
            (each, read_outcome(session, wearer, known, each, made))
            for each in trials(session, wearer)
            if each.state(made) is TrialState.OVER
            and first <= each.last <= last
            and since <= each.plan.first <= each.last
        ),
        together=associations(known, told, last, since=since),
    )


def _awakenings(
    episodes: Sequence[StoredEpisode],
    given: Sequence[GivenAnswer],
    recordings: Iterable[StoredRecording],
    home: str,
) -> tuple[ToldAwakening, ...]:
    answered = answers.answered(episodes, given)
    noticed = [
        ToldAwakening(
            id=each.id,
            night=each.night,
            timezone=each.timezone,
            onset_ns=each.start_ns,
            end_ns=each.end_ns,
            standing=each.standing,
            probability=each.probability,
            heart_rate_rise_bpm=each.heart_rate_rise_bpm,
            model=each.model,
            answer=answered.by_episode.get(each.id),
        )
        for each in episodes
    ]
    zones = {each.night: each.timezone for each in recordings}
    added = [
        ToldAwakening(
            id="",
            night=each.night,
            timezone=zones.get(each.night, home),
            onset_ns=each.onset_ns,
            end_ns=each.end_ns,
            standing=None,
            probability=None,
            heart_rate_rise_bpm=None,
            model=None,
            answer=each,
        )
        for each in answered.left
        if each.said is Said.YES
    ]
    return tuple(sorted((*noticed, *added), key=lambda each: each.onset_ns))


def _once(values: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(values))
