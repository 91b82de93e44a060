from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.evaluate import MATCH_S
from detector.matching import SAME_WITHIN_NS, matched
from detector.night import Episode, ModelVersion, Night
from ingest.errors import InputError
from ingest.samples import NS_PER_S
from server import queries
from server.answers import (
    Answer,
    Answered,
    GivenAnswer,
    add_missed,
    answer_episode,
    answered,
    answers,
    remove_answer,
)
from server.kept_tables import Leg, Muscle, Said
from server.store import Store
from tests.server.conftest import at

if TYPE_CHECKING:
    from tests.server.conftest import NightMaker

ON_BOTH = True

NIGHT = date(2026, 11, 21)
GIVEN_NS = at(NIGHT, "11:00")
CRAMP = Answer(Said.YES, Leg.LEFT, Muscle.CALF, 7, "stretching", 4.0)
EVERY = (None, None)


def say(
    store: Store, episode_id: str, answer: Answer, wearer: str = "me", *, later_s: int = 0
) -> GivenAnswer | None:
    given_ns = GIVEN_NS + later_s * NS_PER_S
    kept = store.write(
        lambda session: answer_episode(
            session, wearer, episode_id, answer, given_ns=given_ns, given_by="me"
        )
    )
    return None if kept is None else kept.given


def add(
    store: Store, time_ns: int, answer: Answer = CRAMP, *, given_ns: int = GIVEN_NS
) -> GivenAnswer:
    kept = store.write(
        lambda session: add_missed(session, "me", time_ns, answer, given_ns=given_ns, given_by="me")
    )
    return kept.given


def take_back(
    store: Store, given: GivenAnswer, *, given_ns: int = GIVEN_NS, wearer: str = "me"
) -> bool:
    kept = store.write(
        lambda session: remove_answer(session, wearer, given.id, given_ns=given_ns, given_by="me")
    )
    return kept is not None


def told(store: Store) -> Answered:
    with store.reading() as session:
        return answered(queries.episodes(session, "me"), answers(session, "me", EVERY))


def said(store: Store) -> dict[str, Said]:
    return {key: each.said for key, each in told(store).by_episode.items()}


def rescored(night: Night, **shifts_s: float) -> Night:
    """The same samples, judged by another model: other ids, onsets moved by some seconds."""

    def moved(number: int, each: Episode) -> Episode:
        by_ns = round(shifts_s.get(f"e{number}", 0) * NS_PER_S)
        return replace(each, id=f"new-{number}", onset_ns=each.onset_ns + by_ns)

    return replace(
        night,
        model=ModelVersion("trained", "2"),
        episodes=tuple(moved(number, each) for number, each in enumerate(night.episodes)),
    )


def test_an_answer_is_kept_as_it_was_given(store: Store, make_night: NightMaker) -> None:
    night = make_night(episodes=2)
    store.save(night)
    first = night.episodes[0]
    say(store, first.id, CRAMP)
    (kept,) = told(store).by_episode.items()
    assert kept[0] == first.id
    assert kept[1] == GivenAnswer(
        Said.YES, Leg.LEFT, Muscle.CALF, 7, "stretching", 4.0,
        kept[1].id, NIGHT, first.onset_ns, first.end_ns, True, GIVEN_NS, "me",
    )  # fmt: skip


def test_another_answer_takes_the_place_of_the_first(store: Store, make_night: NightMaker) -> None:
    night = make_night(episodes=2)
    store.save(night)
    one, two = (each.id for each in night.episodes)
    say(store, one, CRAMP)
    say(store, two, Answer(Said.UNSURE))
    say(store, one, Answer(Said.NO))
    assert said(store) == {one: Said.NO, two: Said.UNSURE}
    assert told(store).by_episode[one].leg is None


@pytest.mark.parametrize("shift_s", [0, 119, -119])
def test_an_answer_outlives_another_judgement_with_other_ids(
    store: Store, make_night: NightMaker, shift_s: float
) -> None:
    night = make_night(episodes=2)
    store.save(night)
    say(store, night.episodes[1].id, CRAMP)
    store.save(rescored(night, e1=shift_s))
    assert said(store) == {"new-1": Said.YES}
    assert told(store).left == ()


def test_an_answer_is_found_by_overlap_where_the_onset_has_moved_far(
    store: Store, make_night: NightMaker
) -> None:
    night = make_night(episodes=1)
    store.save(night)
    say(store, night.episodes[0].id, CRAMP)
    store.save(rescored(night, e0=-600))
    assert said(store) == {"new-0": Said.YES}


def test_an_answer_whose_episode_is_gone_is_kept(store: Store, make_night: NightMaker) -> None:
    night = make_night(episodes=2)
    store.save(night)
    say(store, night.episodes[0].id, CRAMP)
    store.save(replace(rescored(night), episodes=rescored(night).episodes[1:]))
    found = told(store)
    assert found.by_episode == {}
    assert [(each.said, each.onset_ns) for each in found.left] == [
        (Said.YES, night.episodes[0].onset_ns)
    ]
    store.save(night)
    assert said(store) == {night.episodes[0].id: Said.YES}


def test_an_answer_outlives_the_recording_itself(store: Store, make_night: NightMaker) -> None:
    night = make_night(episodes=1)
    store.save(night)
    say(store, night.episodes[0].id, CRAMP)
    store.remove("me", [night.id])
    assert [each.said for each in told(store).left] == [Said.YES]


def test_an_answer_after_another_judgement_replaces_the_one_before(
    store: Store, make_night: NightMaker
) -> None:
    night = make_night(episodes=1)
    store.save(night)
    say(store, night.episodes[0].id, CRAMP)
    store.save(rescored(night, e0=60))
    say(store, "new-0", Answer(Said.NO))
    with store.reading() as session:
        (kept,) = answers(session, "me", (NIGHT, NIGHT))
    assert (kept.said, kept.onset_ns) == (Said.NO, night.episodes[0].onset_ns + 60 * NS_PER_S)


def test_a_neighbour_within_two_minutes_keeps_its_own_answer(
    store: Store, make_night: NightMaker
) -> None:
    night = make_night(episodes=1)
    onset_ns = night.episodes[0].onset_ns
    first, second = (
        replace(
            night.episodes[0],
            id=name,
            onset_ns=onset_ns + after_s * NS_PER_S,
            end_ns=onset_ns + (after_s + 30) * NS_PER_S,
        )
        for name, after_s in (("first", 0), ("second", 90))
    )
    store.save(replace(night, episodes=(first, second)))
    say(store, "first", CRAMP)
    say(store, "second", Answer(Said.NO))
    assert said(store) == {"first": Said.YES, "second": Said.NO}


def test_both_wearables_that_saw_it_have_the_answer(store: Store, make_night: NightMaker) -> None:
    left, right = (make_night(id=name, name=name) for name in ("left", "right"))
    store.save(left)
    store.save(right)
    say(store, left.episodes[0].id, CRAMP)
    with store.reading() as session:
        given = answers(session, "me", EVERY)
        for night in (left, right):
            found = queries.episodes(session, "me", recording_id=night.id)
            assert answered(found, given).by_episode[night.episodes[0].id].said is Said.YES


def test_a_cramp_that_was_not_found_is_of_the_night_that_holds_it(
    store: Store, make_night: NightMaker
) -> None:
    store.save(make_night(episodes=1))
    for clock in ("04:40", "04:40", "09:00"):
        add(store, at(NIGHT, clock))
    found = told(store)
    assert found.by_episode == {}
    assert [(each.night, each.asked, each.onset_ns) for each in found.left] == [
        (NIGHT, False, at(NIGHT, "04:40")),
        (NIGHT, False, at(NIGHT, "09:00")),
    ]


def test_a_cramp_that_another_judgement_finds_is_no_longer_missed(
    store: Store, make_night: NightMaker
) -> None:
    night = make_night(episodes=2)
    store.save(replace(night, episodes=()))
    add(store, night.episodes[1].onset_ns + 40 * NS_PER_S)
    store.save(night)
    assert said(store) == {night.episodes[1].id: Said.YES}


@pytest.mark.parametrize(
    ("answer", "time_ns", "message"),
    [
        (Answer(Said.NO), at(NIGHT, "04:00"), "told with 'yes'"),
        (CRAMP, GIVEN_NS + 1, "cannot be in the future"),
    ],
)
def test_what_cannot_have_been_missed_is_refused(
    store: Store, make_night: NightMaker, answer: Answer, time_ns: int, message: str
) -> None:
    store.save(make_night())
    with pytest.raises(InputError, match=message):
        add(store, time_ns, answer)
    assert told(store) == Answered({}, ())


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"pain": 11}, "from 0 to 10"),
        ({"pain": -1}, "from 0 to 10"),
        ({"hurt_min": -1.0}, "a day at most"),
        ({"hurt_min": 1441.0}, "a day at most"),
        ({"helped": "x" * 201}, "200 characters"),
    ],
)
def test_an_answer_out_of_range_is_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Answer(Said.YES, **values)


def test_nobody_answers_or_takes_back_for_another_wearer(
    store: Store, make_night: NightMaker
) -> None:
    night = make_night()
    store.save(night)
    given = say(store, night.episodes[0].id, CRAMP)
    assert given is not None
    store.add_wearer("Anna", "Europe/Berlin")
    assert say(store, night.episodes[0].id, CRAMP, "anna") is None
    assert take_back(store, given, wearer="anna") is False
    assert said(store) == {night.episodes[0].id: Said.YES}
    assert take_back(store, given) is True
    assert take_back(store, given) is False
    assert told(store) == Answered({}, ())


# What was said last stands


def test_what_comes_late_gives_way_to_what_was_said_later(
    store: Store, make_night: NightMaker
) -> None:
    night = make_night()
    store.save(night)
    episode_id = night.episodes[0].id
    say(store, episode_id, Answer(Said.NO), later_s=60)
    stands = say(store, episode_id, CRAMP)
    assert stands is not None
    assert stands.said is Said.NO
    assert said(store) == {episode_id: Said.NO}
    say(store, episode_id, CRAMP, later_s=61)
    assert said(store) == {episode_id: Said.YES}


def test_what_was_taken_back_stays_so_for_all_that_was_said_before(
    store: Store, make_night: NightMaker
) -> None:
    night = make_night()
    store.save(night)
    episode_id = night.episodes[0].id
    given = say(store, episode_id, CRAMP)
    assert given is not None
    assert take_back(store, given, given_ns=GIVEN_NS - 1)
    assert said(store) == {episode_id: Said.YES}
    assert take_back(store, given, given_ns=GIVEN_NS + 1)
    say(store, episode_id, CRAMP)
    assert told(store) == Answered({}, ())
    store.save(rescored(night, e0=60))
    say(store, "new-0", CRAMP)
    assert told(store) == Answered({}, ())
    say(store, "new-0", CRAMP, later_s=60)
    assert said(store) == {"new-0": Said.YES}


def test_a_missed_cramp_sent_twice_is_one_and_stays_taken_back(
    store: Store, make_night: NightMaker
) -> None:
    store.save(make_night(episodes=0))
    time_ns = at(NIGHT, "04:40")
    given = add(store, time_ns)
    assert add(store, time_ns) == given
    assert take_back(store, given, given_ns=GIVEN_NS + 1)
    assert add(store, time_ns).said is Said.TAKEN_BACK
    assert told(store) == Answered({}, ())
    assert add(store, time_ns, given_ns=GIVEN_NS + 2).said is Said.YES


def test_a_missed_cramp_taken_back_does_not_silence_an_episode_beside_it(
    store: Store, make_night: NightMaker
) -> None:
    night = make_night()
    store.save(replace(night, episodes=()))
    given = add(store, night.episodes[0].onset_ns + NS_PER_S)
    take_back(store, given, given_ns=GIVEN_NS + 1)
    store.save(night)
    say(store, night.episodes[0].id, CRAMP)
    assert said(store) == {night.episodes[0].id: Said.YES}


# Which awakening is which


def test_awakenings_are_matched_as_the_evaluation_does() -> None:
    assert SAME_WITHIN_NS == MATCH_S * NS_PER_S


spans = st.lists(
    st.tuples(st.integers(0, 5000), st.integers(0, 400)).map(
        lambda each: (each[0] * NS_PER_S, (each[0] + each[1]) * NS_PER_S)
    ),
    max_size=8,
)


@given(spans, spans)
def test_matching_is_one_to_one_and_only_of_the_same(
    one: list[tuple[int, int]], other: list[tuple[int, int]]
) -> None:
    pairs = matched(one, other)
    assert len({at for at, _ in pairs}) == len({to for _, to in pairs}) == len(pairs)
    for place, to in pairs:
        (a, b), (c, d) = one[place], other[to]
        # Of an instant, as of a cramp that was added, it is enough to lie within the other.
        assert abs(a - c) <= SAME_WITHIN_NS or (a < d and c < b)


@given(st.dictionaries(st.integers(0, 5000), st.integers(0, 400), max_size=8))
def test_what_has_not_changed_is_matched_with_itself(lengths_s: dict[int, int]) -> None:
    one = [(s * NS_PER_S, (s + length) * NS_PER_S) for s, length in sorted(lengths_s.items())]
    assert matched(one, one) == [(number, number) for number in range(len(one))]
