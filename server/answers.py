"""The wearer's word on each awakening, and the cramps that were not found.

An answer is of a stretch of time. Whichever episode of a later judgement is the same awakening has
it, by `detector.matching`; an answer that no episode has is kept, and a 'yes' among those is a
cramp that is not found.

What was said last stands, by the time it was given and not by the time it came: a phone that was
out of reach sends its answers later. So what is taken back is remembered as taken back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from detector.matching import matched
from ingest.errors import InputError, WearerError
from server import queries, wearers
from server.kept_tables import AnswerRow, Leg, Muscle, Said
from server.nights import ONE_DAY, night_of
from server.queries import Nights, in_range
from server.stored import StoredEpisode
from server.tables import CoverageRow, WearerRow

__all__ = [
    "MAX_HELPED_CHARS",
    "MAX_HURT_MIN",
    "MAX_PAIN",
    "Answer",
    "Answered",
    "GivenAnswer",
    "KeptAnswer",
    "add_missed",
    "answer_episode",
    "answer_of",
    "answered",
    "answers",
    "find",
    "remove_answer",
]

MAX_PAIN = 10
"""Worst pain there is, on the usual scale from 0."""
MAX_HELPED_CHARS = 200
"""Longest text of what helped, in characters: a sentence."""
MAX_HURT_MIN = 24 * 60.0
"""Longest that it hurt, in minutes: until the next night, when it would be asked anew."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody says of an awakening.

    Parameters
    ----------
    pain
        0 to 10.
    helped
        What helped; empty where that was not said.
    hurt_min
        Minutes that it hurt.

    Raises
    ------
    InputError
        A number is out of its range, or the text too long.
    """

    said: Said
    leg: Leg | None = None
    muscle: Muscle | None = None
    pain: int | None = None
    helped: str = ""
    hurt_min: float | None = None

    def __post_init__(self) -> None:
        if self.pain is not None and not 0 <= self.pain <= MAX_PAIN:
            raise InputError(f"Pain is told from 0 to {MAX_PAIN}.")
        if self.hurt_min is not None and not 0 <= self.hurt_min <= MAX_HURT_MIN:
            raise InputError(f"It hurt for 0 to {MAX_HURT_MIN:g} minutes: a day at most.")
        if len(self.helped) > MAX_HELPED_CHARS:
            raise InputError(f"What helped has {MAX_HELPED_CHARS} characters at most.")


@dataclass(frozen=True, slots=True)
class GivenAnswer(Answer):
    """An answer that was given.

    Parameters
    ----------
    id
        Of this answer, in this store.
    onset_ns, end_ns
        Of the awakening, in UTC nanoseconds; the same instant for a cramp that was not found.
    asked
        Whether it is about an episode that was shown; False for a cramp that the wearer added.
    given_ns, given_by
        When, in UTC nanoseconds, and by whom.
    """

    # With defaults only because those of an answer come before.
    id: int = 0
    night: date = date.min
    onset_ns: int = 0
    end_ns: int = 0
    asked: bool = True
    given_ns: int = 0
    given_by: str = ""


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What became of an answer.

    Parameters
    ----------
    given
        What stands: another answer, where that was given later.
    is_news
        Whether it says what was not said before; False of the same again.
    """

    given: GivenAnswer
    is_news: bool


class Episode(Protocol):
    """An episode that may have been answered."""

    @property
    def id(self) -> str:
        """By which it is found again."""

    @property
    def start_ns(self) -> int:
        """Onset in UTC nanoseconds."""

    @property
    def end_ns(self) -> int:
        """End in UTC nanoseconds."""


@dataclass(frozen=True, slots=True)
class Answered:
    """Some episodes and what was said of them.

    Parameters
    ----------
    by_episode
        Answers by the id of the episode.
    left
        Those of no episode, by time: what the wearer added, and what another judgement no longer
        has.
    """

    by_episode: dict[str, GivenAnswer]
    left: tuple[GivenAnswer, ...]


def answers(session: Session, wearer: str, within: Nights) -> tuple[GivenAnswer, ...]:
    """List the answers of a range of nights that were not taken back, by time."""
    found = _all(session, wearer, within)
    return tuple(each for each in found if each.said is not Said.TAKEN_BACK)


def _all(session: Session, wearer: str, within: Nights) -> tuple[GivenAnswer, ...]:
    of_wearer = AnswerRow.wearer_id == wearer
    # Column by column: there may be years of them, and whole rows take three times as long.
    columns = (getattr(AnswerRow, each.name) for each in fields(GivenAnswer))
    found = select(*columns).where(of_wearer, *in_range(AnswerRow.night, within))
    by_time = found.order_by(AnswerRow.onset_ns, AnswerRow.id)
    return tuple(GivenAnswer(*row) for row in session.execute(by_time))


def answered(episodes: Sequence[Episode], given: Iterable[GivenAnswer]) -> Answered:
    """Put answers to the episodes they are of."""
    ordered = sorted(given, key=lambda each: each.onset_ns)
    pairs = matched(
        [(each.start_ns, each.end_ns) for each in episodes],
        [(each.onset_ns, each.end_ns) for each in ordered],
    )
    taken = {to for _, to in pairs}
    return Answered(
        {episodes[at].id: ordered[to] for at, to in pairs},
        tuple(each for number, each in enumerate(ordered) if number not in taken),
    )


def answer_of(session: Session, wearer: str, episode: StoredEpisode) -> GivenAnswer | None:
    """Give what was said of an episode and not taken back; None where nothing was."""
    standing, _ = _around(session, wearer, episode)
    return standing


def _around(
    session: Session, wearer: str, episode: StoredEpisode
) -> tuple[GivenAnswer | None, GivenAnswer | None]:
    """Give the answer that stands of an episode, and the one that was taken back."""
    beside = queries.episodes(session, wearer, recording_id=episode.recording_id)
    # The night of an answer is that of its episode then; a corrected zone moves it by one at most.
    around = _all(session, wearer, (episode.night - ONE_DAY, episode.night + ONE_DAY))
    standing = [each for each in around if each.said is not Said.TAKEN_BACK]
    taken_back = [each for each in around if each.said is Said.TAKEN_BACK and each.asked]
    return (
        answered(beside, standing).by_episode.get(episode.id),
        answered(beside, taken_back).by_episode.get(episode.id),
    )


def answer_episode(
    session: Session, wearer: str, episode_id: str, answer: Answer, *, given_ns: int, given_by: str
) -> KeptAnswer | None:
    """Keep what is said of an episode, in the place of what was said of it before.

    Returns
    -------
    KeptAnswer or None
        None where the wearer has no such episode.
    """
    episode = queries.episode(session, wearer, episode_id)
    if episode is None:
        return None
    standing, taken_back = _around(session, wearer, episode)
    before = standing or taken_back
    place = {"night": episode.night, "onset_ns": episode.start_ns, "end_ns": episode.end_ns}
    row = None if before is None else session.get(AnswerRow, before.id)
    return _keep(
        session, wearer, row, answer, place | {"asked": True}, given_ns=given_ns, by=given_by
    )


def add_missed(
    session: Session, wearer: str, time_ns: int, answer: Answer, *, given_ns: int, given_by: str
) -> KeptAnswer:
    """Keep that there was a cramp at an instant at which none was found.

    The same instant again takes the place of what was said of it, unless that was given later.

    Raises
    ------
    InputError
        The answer is not 'yes', or the instant is still to come.
    WearerError
        The wearer is still to come.
    """
    if session.get(WearerRow, wearer) is None:
        raise WearerError("No wearer is here yet, and nobody can have missed a cramp.", nobody=True)
    if answer.said is not Said.YES:
        raise InputError("A cramp that was not found is told with 'yes'.")
    if time_ns > given_ns:
        raise InputError("A cramp that was not found cannot be in the future. Correct its time.")
    same = select(AnswerRow).where(AnswerRow.wearer_id == wearer, AnswerRow.onset_ns == time_ns)
    row = session.scalar(same)
    place = {
        "night": _night_of(session, wearer, time_ns),
        "onset_ns": time_ns,
        "end_ns": time_ns if row is None else row.end_ns,
        "asked": False if row is None else row.asked,
    }
    return _keep(session, wearer, row, answer, place, given_ns=given_ns, by=given_by)


def find(session: Session, wearer: str, answer_id: int) -> GivenAnswer | None:
    """Give an answer that a wearer gave and did not take back; None where there is none."""
    row = session.get(AnswerRow, answer_id)
    if row is None or row.wearer_id != wearer or row.said is Said.TAKEN_BACK:
        return None
    return _given(row)


def remove_answer(
    session: Session, wearer: str, answer_id: int, *, given_ns: int, given_by: str
) -> KeptAnswer | None:
    """Take an answer back, unless it was given later; None where the wearer gave none of that id.

    Only when and by whom is kept of it.
    """
    if find(session, wearer, answer_id) is None:
        return None
    row = session.get(AnswerRow, answer_id)
    return _keep(session, wearer, row, Answer(Said.TAKEN_BACK), {}, given_ns=given_ns, by=given_by)


def _keep(
    session: Session,
    wearer: str,
    row: AnswerRow | None,
    answer: Answer,
    place: dict[str, Any],
    *,
    given_ns: int,
    by: str,
) -> KeptAnswer:
    before = None if row is None else _given(row)
    if before is not None and before.given_ns > given_ns:
        return KeptAnswer(before, is_news=False)
    said = {each.name: getattr(answer, each.name) for each in fields(Answer)}
    values = said | place | {"given_ns": given_ns, "given_by": by}
    if row is None:
        row = AnswerRow(wearer_id=wearer, **values)
        session.add(row)
    else:
        for name, value in values.items():
            setattr(row, name, value)
    session.flush()
    given = _given(row)
    # Said again, an answer is newer and no other.
    is_news = before is None or replace(before, given_ns=given_ns) != given
    return KeptAnswer(given, is_news)


def _night_of(session: Session, wearer: str, time_ns: int) -> date:
    """Name the night that holds an instant, as a recording has it, or else the clock at home."""
    recorded = select(CoverageRow.night).where(
        CoverageRow.wearer_id == wearer,
        CoverageRow.start_ns <= time_ns,
        CoverageRow.end_ns > time_ns,
    )
    night = session.scalar(recorded.limit(1))
    return night or night_of(time_ns, wearers.home(session, wearer))


def _given(row: AnswerRow) -> GivenAnswer:
    return GivenAnswer(**{each.name: getattr(row, each.name) for each in fields(GivenAnswer)})
