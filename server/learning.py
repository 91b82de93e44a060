"""What the wearer's answers teach: how the nights to come are judged, where that was chosen.

It is made anew of the answers and of what was measured each time, so that an answer that is changed
or taken back is unlearnt as well, and a new model takes over what was said under the old.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, String, cast, select
from sqlalchemy.orm import Session

from detector.answered import AnsweredNight, answered_night, asked_about
from detector.classifier import Model, log_odds_of, probability_of
from detector.matching import matched
from detector.night import MARKED_WITHIN_NS
from detector.personal import Personal, fit_personal
from server import answers, wearers
from server.answers import GivenAnswer
from server.figures import SIMULATOR
from server.kept_tables import Said
from server.queries import EVERY_NIGHT
from server.tables import AwakeningRow, RecordingRow

__all__ = ["NEWEST_NIGHTS", "answered_nights", "answers_given", "learnt", "learnt_by"]

NEWEST_NIGHTS = 180
"""Answered nights that are learnt from, the newest: habits change, and half a year tells them."""

NOTHING_MEASURED = "{}"
"""Features of an awakening that was stored before they were kept."""

OF_RECORDING = RecordingRow.id == AwakeningRow.recording_id

CRAMP = {Said.YES: True, Said.NO: False}
"""What an answer says; 'not sure' says nothing."""


@dataclass(frozen=True, slots=True)
class _Awakening:
    """An awakening of a night that was answered."""

    start_ns: int
    end_ns: int
    features: Mapping[str, float]


def learnt(session: Session, wearer: str, model: Model) -> Personal | None:
    """Give what a wearer's nights are judged with; None where that was not chosen.

    Parameters
    ----------
    model
        Which judges.
    """
    if not wearers.learns(session, wearer):
        return None
    return learnt_by(answered_nights(session, wearer, model), model)


def learnt_by(nights: Sequence[AnsweredNight], model: Model) -> Personal | None:
    """Give what the answers of some nights teach; None where there are none."""
    said = [answer for night in nights for answer in night.answers]
    return fit_personal(said, model.version) if said else None


def answers_given(session: Session, wearer: str) -> int:
    """Count the answers that can be learnt from."""
    by_night = _newest(session, wearer)
    known = select(AwakeningRow.night).distinct().join(RecordingRow, OF_RECORDING)
    nights = session.scalars(
        known.where(
            *_real(wearer, by_night), cast(AwakeningRow.features, String) != NOTHING_MEASURED
        )
    )
    return sum(each.said in CRAMP for night in nights for each in by_night[night])


def answered_nights(session: Session, wearer: str, model: Model) -> tuple[AnsweredNight, ...]:
    """Give the newest nights with an answer, and what the answers say of their awakenings.

    What was not asked about was no cramp, or it would have been said. That is all but what the
    plain model would ask about: if it went by what judged the night, the same answers would teach
    something else once a night is judged anew. Of two recordings of a night the one that was worn
    longer is taken.
    """
    by_night = _newest(session, wearer)
    measured = _measured(session, wearer, by_night, model)
    return tuple(
        _answered(measured[night], given, model)
        for night, given in by_night.items()
        if night in measured
    )


def _newest(session: Session, wearer: str) -> dict[date, list[GivenAnswer]]:
    """Give the answers of the newest nights of which something was said, by night."""
    by_night: dict[date, list[GivenAnswer]] = {}
    for each in answers.answers(session, wearer, EVERY_NIGHT):
        by_night.setdefault(each.night, []).append(each)
    said = [n for n in sorted(by_night) if any(each.said in CRAMP for each in by_night[n])]
    return {night: by_night[night] for night in said[-NEWEST_NIGHTS:]}


def _real(wearer: str, nights: Iterable[date]) -> list[ColumnElement[bool]]:
    """Give what holds of awakenings in nights that were slept; simulated ones teach nothing."""
    return [
        AwakeningRow.wearer_id == wearer,
        AwakeningRow.night.in_(nights),
        ~RecordingRow.source.startswith(SIMULATOR),
    ]


def _measured(
    session: Session, wearer: str, nights: Iterable[date], model: Model
) -> dict[date, list[_Awakening]]:
    """Read the awakenings of some nights of which everything is known that the model asks for."""
    found = (
        select(
            AwakeningRow.night,
            AwakeningRow.recording_id,
            AwakeningRow.start_ns,
            AwakeningRow.end_ns,
            AwakeningRow.features,
        )
        .join(RecordingRow, OF_RECORDING)
        .where(*_real(wearer, nights))
        .order_by(RecordingRow.worn_s.desc(), RecordingRow.id, AwakeningRow.start_ns)
    )
    told_by: dict[date, str] = {}
    by_night: dict[date, list[_Awakening]] = {}
    for night, recording_id, start_ns, end_ns, features in session.execute(found):
        if told_by.setdefault(night, recording_id) != recording_id:
            continue
        if features.keys() >= set(model.features):
            known = {name: math.nan if it is None else it for name, it in features.items()}
            by_night.setdefault(night, []).append(_Awakening(start_ns, end_ns, known))
    return by_night


def _answered(
    awakenings: Sequence[_Awakening], given: Sequence[GivenAnswer], model: Model
) -> AnsweredNight:
    pairs = matched(
        [(each.start_ns, each.end_ns) for each in awakenings],
        [(each.onset_ns, each.end_ns) for each in given],
    )
    said = {at: given[to].said for at, to in pairs}
    features = [each.features for each in awakenings]
    log_odds = log_odds_of(model, features)
    shown = asked_about(model, list(map(probability_of, log_odds)))
    cramps_ns = [each.onset_ns for each in given if each.said is Said.YES]

    def cramp(at: int, start_ns: int) -> bool | None:
        if at in said:
            return CRAMP.get(said[at])
        of_a_cramp = any(abs(start_ns - each) < MARKED_WITHIN_NS for each in cramps_ns)
        return None if shown[at] or of_a_cramp else False

    return answered_night(
        features,
        log_odds,
        [cramp(at, each.start_ns) for at, each in enumerate(awakenings)],
        [at in said for at in range(len(awakenings))],
        cramps=len(cramps_ns),
    )
