"""How long the nights of a wearer take to be judged for alerts, as after each night and answer.

    python -m benchmarks.judge_alerts
    python -m benchmarks.judge_alerts --years 5 --rounds 5

The store is a new one on the disk, with a night a day of two awakenings, half of them answered.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from detector.night import Standing
from ingest.samples import NS_PER_S, FaultKind
from server.alerts.judge import go_on
from server.answers import Answer, answer_episode
from server.asked_nights import asked_nights
from server.kept_tables import AnswerRow, Said
from server.known_nights import known_nights
from server.settings import database_url
from server.store import Store
from server.tables import (
    AwakeningRow,
    CoverageKind,
    CoverageRow,
    EpisodeRow,
    FaultRow,
    ModelRow,
    RecordingRow,
    SleepRow,
)

FIRST = date(2021, 11, 22)
FIRST_NS = 1_637_618_400 * NS_PER_S
"""That evening at 23:00 in Berlin, in UTC nanoseconds."""
DAY_NS = 86_400 * NS_PER_S


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--years", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    nights = round(options.years * 365.25)
    with (
        tempfile.TemporaryDirectory() as folder,
        Store.open(database_url(Path(folder) / "years.db")) as store,
    ):
        store.add_wearer("Me", "Europe/Berlin")
        store.write(lambda session: fill(session, nights))
        with store.reading() as session:
            found, reading_s = _timed(lambda: asked_nights(session, "me"), options.rounds)
        _read_known(store)
        changed_s = median(_after_an_answer(store, nights, each) for each in range(options.rounds))
        judged, judging_s = _timed(lambda: go_on(None, found, {}, "me"), options.rounds)
        answered = (*found[:-1], replace(found[-1], missed=1))
        _, again_s = _timed(lambda: go_on(judged[1], answered, {}, "me"), options.rounds)
    print(
        f"{len(found)} nights: read in {1000 * reading_s:.0f} ms, judged from the first in "
        f"{1000 * judging_s:.0f} ms; after an answer of the last, read in "
        f"{1000 * changed_s:.0f} ms and judged in {1000 * again_s:.0f} ms "
        f"(median of {options.rounds})."
    )


def _read_known(store: Store) -> None:
    with store.reading() as session:
        known_nights(store, session, "me")


def _after_an_answer(store: Store, nights: int, turn: int) -> float:
    """Answer an awakening of the last night, and give the seconds that reading the nights takes."""
    answer = partial(
        answer_episode, wearer="me", episode_id=f"{nights - 1}-5", answer=Answer(Said.NO)
    )
    given_ns = FIRST_NS + nights * DAY_NS + turn
    store.write(lambda session: answer(session, given_ns=given_ns, given_by="wearer"))
    _, took_s = _timed(lambda: _read_known(store), 1)
    return took_s


def _timed(work: Callable[[], Any], rounds: int) -> tuple[Any, float]:
    took_s = []
    for _ in range(rounds):
        begun_s = time.perf_counter()
        done = work()
        took_s.append(time.perf_counter() - begun_s)
    return done, median(took_s)


def fill(session: Session, nights: int) -> None:
    """Write so many nights in a row into an empty store."""
    session.execute(insert(ModelRow).values(id=1, name="made", version="1"))
    rows: dict[Any, list[dict[str, Any]]] = {
        RecordingRow: [],
        CoverageRow: [],
        EpisodeRow: [],
        AnswerRow: [],
        SleepRow: [],
        AwakeningRow: [],
        FaultRow: [],
    }
    for number in range(nights):
        start_ns = FIRST_NS + number * DAY_NS
        end_ns = start_ns + DAY_NS // 3
        of = {"wearer_id": "me", "night": FIRST + timedelta(days=number)}
        rows[RecordingRow].append(
            of
            | {
                "id": f"rec-{number}",
                "name": f"night {number}",
                "timezone": "Europe/Berlin",
                "device": "made",
                "source": "",
                "start_ns": start_ns,
                "end_ns": end_ns,
                "recorded_s": 28_800.0,
                "worn_s": 28_800.0,
                "model_id": 1,
                "judgement": "",
            }
        )
        of_recording = of | {"recording_id": f"rec-{number}"}
        whole = of_recording | {"start_ns": start_ns, "end_ns": end_ns}
        rows[CoverageRow] += [whole | {"kind": kind} for kind in CoverageKind]
        rows[FaultRow].append(whole | {"kind": FaultKind.NO_HEART_RATE})
        slept = {"onset_ns": start_ns, "wake_ns": end_ns, "asleep_s": 27_000.0}
        rows[SleepRow].append(of_recording | slept)
        for hour in (2, 5):
            onset_ns = start_ns + hour * 3600 * NS_PER_S
            place = {"onset_ns": onset_ns, "end_ns": onset_ns + 120 * NS_PER_S}
            rows[AwakeningRow].append(
                of_recording
                | {
                    "start_ns": onset_ns,
                    "end_ns": place["end_ns"],
                    "probability": 0.3,
                    "got_up": False,
                    "others": {},
                    "features": {},
                }
            )
            rows[EpisodeRow].append(
                of_recording
                | place
                | {
                    "id": f"{number}-{hour}",
                    "probability": 0.3,
                    "standing": Standing.POSSIBLE,
                    "got_up": False,
                    "evidence": {},
                    "others": {},
                }
            )
            if hour == 2:
                said = Said.YES if number % 7 == 0 else Said.NO
                rows[AnswerRow].append(
                    of
                    | place
                    | {"asked": True, "said": said, "helped": "", "given_ns": 1, "given_by": "me"}
                )
    for table, values in rows.items():
        session.execute(insert(table), values)


if __name__ == "__main__":
    main()
