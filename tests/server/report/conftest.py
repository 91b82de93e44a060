from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.orm import Session

from server.answers import Answer, add_missed, answer_episode
from server.diary import DiaryEntry, put_entry
from server.kept_tables import Leg, Muscle, Said
from server.report.facts import Report, read_report
from server.store import Store
from tests.server.conftest import at

if TYPE_CHECKING:
    from tests.server.conftest import NightMaker

LAST = date(2026, 11, 21)


@pytest.fixture
def fortnight(store: Store, make_night: NightMaker) -> Callable[[], Report]:
    """A fortnight with everything a report tells of, and what it comes to."""

    def fill() -> Report:
        kinds: dict[int, dict[str, float]] = {
            0: {"episodes": 1, "possible": 1},
            1: {"episodes": 0},
            3: {"episodes": 2},
            4: {"episodes": 1, "hours": 2.5},
            8: {"episodes": 0, "possible": 1},
            9: {"episodes": 1},
        }
        nights = {
            ago: make_night(LAST - timedelta(days=ago), id=f"rec-{ago}", **kind)  # type: ignore[arg-type]
            for ago, kind in kinds.items()
        }
        for night in nights.values():
            store.save(night)

        def work(session: Session) -> None:
            def answer(ago: int, place: int, told: Answer) -> None:
                id_ = nights[ago].episodes[place].id
                answer_episode(session, "me", id_, told, given_ns=1, given_by="owner")

            yes = Answer(
                Said.YES,
                leg=Leg.LEFT,
                muscle=Muscle.CALF,
                pain=7,
                helped="=stretching, rubbing",
                hurt_min=4,
            )
            answer(0, 0, yes)
            answer(3, 0, Answer(Said.NO))
            answer(3, 1, Answer(Said.UNSURE))
            answer(8, 0, Answer(Said.YES, pain=3, muscle=Muscle.FOOT))
            time_ns = at(LAST - timedelta(days=1), "04:30")
            now_ns = store.now_ns()
            add_missed(
                session, "me", time_ns, Answer(Said.YES, pain=5), given_ns=now_ns, given_by="owner"
            )
            for number, (kind, payload) in enumerate(DIARY):
                entry = DiaryEntry(f"d{number}", LAST, kind, payload, 1, "owner")
                put_entry(session, "me", entry)

        store.write(work)
        return read(store)

    return fill


DIARY: tuple[tuple[str, dict[str, object]], ...] = (
    ("medicine", {"name": "Amlodipine <5 mg>", "since": "2026-10-03", "until": None}),
    ("factor", {"factor": "nerves_or_veins"}),
    ("medicine", {"name": "long ago", "since": "2019-01-01", "until": "2020-01-01"}),
    ("symptoms", {"felt": ["tired", "urine_foamy"], "systolic_mmhg": 142}),
    ("symptoms", {"felt": ["tired"], "systolic_mmhg": 150}),
    ("drink", {"of": "a private glass"}),
)


def read(store: Store, nights: int = 14, *, alone: bool = False) -> Report:
    first = LAST - timedelta(days=nights - 1)
    with store.reading() as session:
        return read_report(store, session, "me", first, LAST, date(2026, 11, 22), alone=alone)
