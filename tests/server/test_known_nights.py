from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from threading import Event, Lock, Thread, current_thread
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from detector.night import ModelVersion
from ingest.errors import InputError, WearerError
from ingest.samples import NS_PER_S
from server import answers, queries, wearers
from server import asked_nights as asked_nights_module
from server.answers import Answer
from server.asked_nights import asked_nights
from server.kept_tables import Said
from server.known_nights import _KNOWN, _TURNS, KnownNights, known_nights
from server.night_changes import changed_nights, last_change
from server.store import Store
from tests.server.conftest import at

if TYPE_CHECKING:
    from tests.server.conftest import NightMaker, StoreOpener

ON_BOTH = True

FIRST = date(2026, 11, 9)
NEW_MODEL = ModelVersion("transparent", "2")
ZONES = ("Europe/Berlin", "Pacific/Auckland", "America/New_York")

Step = Callable[[Store, "NightMaker"], object]


def same_as_anew(store: Store) -> None:
    """Compare what is known with what the store says, and with what nothing known comes to."""
    with store.reading() as session:
        known = known_nights(store, session, "me")
        again = known_nights(store, session, "me")
        assert known.nights == asked_nights(session, "me")
        kept = _KNOWN.pop(store)
        anew = known_nights(store, session, "me")
        _KNOWN[store] = kept
    assert again is known
    assert anew is not known
    for one, other in ((known.days, anew.days), (known.figures, anew.figures)):
        assert np.array_equal(one, other)
    assert np.array_equal(np.array(known.by_hour), np.array(anew.by_hour))


def save(number: int, side: str, episodes: int, hours: int, zone: str, model: ModelVersion) -> Step:
    def step(store: Store, make_night: NightMaker) -> object:
        night = make_night(
            FIRST + timedelta(days=number),
            id=f"{number}-{side}",
            name=f"{number}-{side}",
            episodes=episodes,
            hours=hours,
            timezone=zone,
            model=model,
        )
        with suppress(InputError):
            return store.save(night, "me")
        return None

    return step


def answer(place: int, said: Said | None) -> Step:
    def work(session: Session) -> None:
        told = queries.episodes(session, "me")
        given = answers.answers(session, "me", queries.EVERY_NIGHT)
        if said is None and given:
            last = given[place % len(given)]
            answers.remove_answer(session, "me", last.id, given_ns=last.given_ns + 1, given_by="me")
        elif said is not None and told:
            about = told[place % len(told)].id
            newest = max((each.given_ns for each in given), default=0) + 1
            answers.answer_episode(
                session, "me", about, Answer(said), given_ns=newest, given_by="me"
            )

    return lambda store, _: store.write(work)


def miss(number: int, clock: str) -> Step:
    time_ns = at(FIRST + timedelta(days=number), clock)

    def work(session: Session) -> None:
        with suppress(WearerError):
            later_ns = time_ns + 10**6 * NS_PER_S
            answers.add_missed(
                session, "me", time_ns, Answer(Said.YES), given_ns=later_ns, given_by="me"
            )

    return lambda store, _: store.write(work)


def remove(number: int, side: str) -> Step:
    return lambda store, _: store.remove("me", [f"{number}-{side}"])


def move_home(zone: str) -> Step:
    def work(session: Session) -> None:
        if wearers.one(session, "me") is not None:
            wearers.change(session, "me", "Me", zone)

    return lambda store, _: store.write(work)


def begin_again(store: Store, _: object) -> None:
    with suppress(WearerError):
        store.write(lambda session: wearers.erase(session, wearers.resolve(session, "me")))
        store.add_wearer("Me", "Europe/Berlin", id="me")


numbers, sides = st.integers(0, 2), st.sampled_from(["left", "right"])
STEPS = st.one_of(
    st.builds(
        save, numbers, sides, st.integers(0, 2), st.sampled_from([2, 8, 30]),
        st.sampled_from(ZONES), st.sampled_from([ModelVersion("transparent", "1"), NEW_MODEL]),
    ),
    st.builds(answer, st.integers(0, 5), st.sampled_from([Said.YES, Said.NO, Said.UNSURE, None])),
    st.builds(miss, numbers, st.sampled_from(["01:14", "11:59", "12:00"])),
    st.builds(remove, numbers, sides),
    st.builds(move_home, st.sampled_from(ZONES)),
    st.just(begin_again),
)  # fmt: skip


@pytest.fixture
def beside(store: Store, open_store: StoreOpener) -> Iterator[Store]:
    """The same store, as another program has it open."""
    with open_store() as opened:
        yield opened


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(st.tuples(STEPS, st.booleans(), st.booleans()), max_size=12))
def test_whatever_is_written_in_whatever_order_comes_to_the_same_as_counted_anew(
    store: Store,
    beside: Store,
    make_night: NightMaker,
    steps: list[tuple[Step, bool, bool]],
) -> None:
    begin_again(store, None)
    for step, is_beside, is_looked_at in steps:
        step(beside if is_beside else store, make_night)
        if is_looked_at:
            same_as_anew(store)
    same_as_anew(store)


def test_one_night_that_changed_is_all_that_is_read_again(
    store: Store, make_night: NightMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        save(number, "left", 1, 8, ZONES[0], NEW_MODEL)(store, make_night)
    same_as_anew(store)
    answer(2, Said.YES)(store, make_night)
    read: list[queries.Nights] = []

    def night_facts(session: Session, wearer: str, within: queries.Nights) -> object:
        read.append(within)
        return asked_nights_module.night_facts(session, wearer, within)

    monkeypatch.setattr("server.known_nights.night_facts", night_facts)
    with store.reading() as session:
        known = known_nights(store, session, "me")
    assert read == [(FIRST + timedelta(days=2),) * 2]
    assert [night.episodes[0].counts for night in known.nights] == [0.78, 0.78, 1.0, 0.78, 0.78]


def test_who_asks_while_another_counts_finds_it_counted(
    store: Store, make_night: NightMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(0, "left", 1, 8, ZONES[0], NEW_MODEL)(store, make_night)
    found: list[KnownNights] = []
    came = Event()

    def ask() -> None:
        with store.reading() as session:
            found.append(known_nights(store, session, "me"))

    class Turn:
        def __init__(self) -> None:
            self._lock = Lock()

        def __enter__(self) -> None:
            if current_thread() is other:
                came.set()
            self._lock.acquire()

        def __exit__(self, *_: object) -> None:
            self._lock.release()

    def night_facts(session: Session, wearer: str, within: queries.Nights) -> object:
        other.start()
        assert came.wait(60)
        return asked_nights_module.night_facts(session, wearer, within)

    other = Thread(target=ask)
    monkeypatch.setitem(_TURNS.setdefault(store, {}), "me", Turn())
    monkeypatch.setattr("server.known_nights.night_facts", night_facts)
    ask()
    other.join()
    one, same = found
    assert one is same


def test_an_answer_stays_with_its_episode_when_a_corrected_zone_moves_that_to_the_next_night(
    store: Store, make_night: NightMaker
) -> None:
    night = make_night(FIRST, id="0-left")
    store.save(night, "me")
    answer(0, Said.YES)(store, make_night)
    same_as_anew(store)
    store.save(replace(night, info=replace(night.info, timezone="Pacific/Kiritimati")), "me")
    same_as_anew(store)
    with store.reading() as session:
        (moved,) = known_nights(store, session, "me").nights
    assert (moved.night, moved.episodes[0].counts) == (FIRST + timedelta(days=1), 1.0)
    remove(0, "left")(store, make_night)
    same_as_anew(store)


def test_a_change_by_hand_is_noted_as_well(store: Store, make_night: NightMaker) -> None:
    store.save(make_night(FIRST, id="0-left"), "me")
    same_as_anew(store)
    store.write(lambda session: session.execute(text("UPDATE episodes SET probability = 0.5")))
    same_as_anew(store)
    with store.reading() as session:
        assert known_nights(store, session, "me").nights[0].episodes[0].probability == 0.5


def test_no_number_of_a_change_is_given_again_after_everything_was_erased(
    store: Store, make_night: NightMaker
) -> None:
    store.save(make_night(FIRST, id="0-left"), "me")
    with store.reading() as session:
        before = last_change(session, "me")
    store.erase("me")
    with store.reading() as session:
        assert changed_nights(session, "me") == {}
    store.save(make_night(FIRST, id="0-left"), "me")
    with store.reading() as session:
        after = changed_nights(session, "me")
    assert before is not None
    assert list(after) == [FIRST]
    assert after[FIRST] > before
