from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from benchmarks.habits import APART_S, FAMILIES, HABITS, VISIBLE, draw_somebody, night_of
from ingest.samples import NS_PER_S
from simulator.happening import Kind, Phenotype, Scripted
from simulator.night import NightSettings, simulate

NIGHTS = 60


def scripts(number: int) -> list[tuple[datetime, tuple[Scripted, ...]]]:
    somebody = draw_somebody(number, 7)
    drawn: list[NightSettings] = [night_of(somebody, night, 7)[0] for night in range(NIGHTS)]
    return [(datetime.combine(each.date, each.start), each.script) for each in drawn]


def test_twelve_people_have_every_habit_in_every_family_and_differ() -> None:
    people = [draw_somebody(number, 7) for number in range(12)]
    assert {(each.habit, each.family) for each in people} == {
        (habit, family) for habit in HABITS for family in FAMILIES
    }
    assert len({each.person.resting_bpm for each in people}) == 12


def test_whoever_always_turns_left_has_two_sides_and_turns_at_their_hours() -> None:
    left = draw_somebody(HABITS.index("turns left"), 7)
    assert len(left.person.bed_poses) == 2
    assert {routine.kind for routine in left.routines} == {Kind.LARGE_MOVEMENT}
    assert len(left.routines) == 3


def test_nights_are_the_same_for_the_same_seed_and_else_differ() -> None:
    somebody = draw_somebody(0, 7)
    first, again = night_of(somebody, 3, 7), night_of(draw_somebody(0, 7), 3, 7)
    assert (first[0].script, first[1]) == (again[0].script, again[1])
    assert night_of(somebody, 4, 7)[1] != first[1]


def test_who_drinks_at_two_does_so_nearly_every_night() -> None:
    drinks = [
        start + timedelta(seconds=each.onset_s)
        for start, script in scripts(HABITS.index("drinks at two"))
        for each in script
        if each.kind is Kind.DRINK
    ]
    assert 0.75 * NIGHTS < len(drinks) <= NIGHTS
    assert all(1.0 <= at.hour + at.minute / 60 <= 3.0 for at in drinks)


@pytest.mark.parametrize("number", range(4))
def test_three_cramps_a_week_gone_about_alike_and_apart_from_all_else(number: int) -> None:
    somebody = draw_somebody(number, 7)
    nights = [script for _, script in scripts(number)]
    cramps = [each for script in nights for each in script if each.kind is Kind.CRAMP]
    assert 0.25 * NIGHTS < len(cramps) < 0.65 * NIGHTS
    visible: list[Phenotype | None] = [
        each.phenotype for each in cramps if each.phenotype is not Phenotype.SILENT
    ]
    assert visible.count(somebody.phenotype) > 0.65 * len(visible)
    assert set(visible) <= set(VISIBLE)
    for script in nights:
        ordered = sorted(script, key=lambda each: each.onset_s)
        for one, other in pairwise(ordered):
            assert other.onset_s - one.onset_s - (one.duration_s or 0) > APART_S


def test_who_has_no_habit_has_no_script() -> None:
    assert {script for _, script in scripts(HABITS.index("none"))} == {()}


def test_a_night_of_somebody_can_be_simulated() -> None:
    somebody = draw_somebody(HABITS.index("infant"), 7)
    settings, seed = night_of(somebody, 0, 7)
    night = simulate(settings, seed)
    happened = [event.onset_s for event in night.events if event.extra.get("detail") == "infant"]
    assert len(happened) == 2
    assert happened == sorted(each.onset_s for each in settings.script if each.kind is Kind.INFANT)
    assert night.acceleration.times_ns[-1] - night.acceleration.times_ns[0] > 6 * 3600 * NS_PER_S
