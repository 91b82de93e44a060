from __future__ import annotations

from datetime import date, timedelta

import pytest

from detector.night import Standing
from server.alerts.nightly import Answer, AskedEpisode, WearerNight
from server.associations.exposure import CHANGE_NIGHTS, Exposure, Subject, exposures
from server.associations.judged import Verdict
from server.associations.ratio import Side
from server.associations.table import NIGHTS, Association, associations
from server.diary_kinds import (
    Dialysis,
    Factor,
    Habit,
    Habits,
    Medicine,
    MedicineClass,
    Payload,
    StandingFactor,
    Symptoms,
)

FIRST = date(2026, 6, 1)


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def days(*numbers: int) -> set[date]:
    return {day(number) for number in numbers}


def found(*told: tuple[date, Payload], nights: int = 10) -> dict[tuple[str, str], Exposure]:
    made = exposures(told, [day(number) for number in range(nights)])
    return {(each.subject.value, each.about): each for each in made}


def night(number: int, cramp: bool, *, searched_s: float = 25_000.0) -> WearerNight:
    asked = (AskedEpisode(0.4, Standing.POSSIBLE, Answer.YES),) if cramp else ()
    return WearerNight(day(number), searched_s, asked)


# Which nights are with it


def test_a_medicine_is_one_however_it_is_spelled_and_named_as_it_was_last() -> None:
    told = found(
        (day(2), Medicine("Magnesium", since=day(2), until=day(3))),
        (day(6), Medicine("magnesium ", since=day(6), until=day(7))),
    )
    assert set(told) == {("medicine_started", "magnesium"), ("medicine_stopped", "magnesium")}
    assert told["medicine_started", "magnesium"].with_it == days(2, 3, 6, 7)


def test_a_habit_is_of_the_night_of_its_day_and_an_untold_day_is_on_no_side() -> None:
    told = found(
        (day(2), Habits((Habit.CALF_STRETCHES,))),
        (day(3), Habits()),
        (day(5), Symptoms()),
        (day(6), Habits((Habit.CALF_STRETCHES, Habit.EXERCISE))),
    )
    assert set(told) == {("habit", "calf_stretches"), ("habit", "exercise")}
    stretched = told["habit", "calf_stretches"]
    assert (stretched.with_it, stretched.without) == (days(2, 6), days(3))
    assert told["habit", "exercise"].without == days(2, 3)


def test_dialysis_is_of_the_night_after_it_and_of_the_one_after_that() -> None:
    told = found((day(2), Dialysis(1.5)), (day(2), Habits()), (day(3), Symptoms()))
    after, second = told["dialysis", ""], told["day_after_dialysis", ""]
    assert (after.with_it, after.without) == (days(2), days(3))
    assert (second.with_it, second.without) == (days(3), days(4))


def test_a_factor_is_of_the_nights_from_its_first_day_to_its_last() -> None:
    told = found(
        (day(9), StandingFactor(Factor.PREGNANCY, since=day(7))),
        (day(9), StandingFactor(Factor.EXERTION, since=day(1), until=day(2))),
        (day(9), StandingFactor(Factor.EXERTION, since=day(4), until=day(4))),
        (day(9), StandingFactor(Factor.DEHYDRATION)),
        (day(9), StandingFactor(Factor.NERVES_OR_VEINS, until=day(1))),
    )
    assert told["factor", "exertion"].with_it == days(1, 2, 4)
    assert told["factor", "exertion"].without == days(0, 3, 5, 6, 7, 8, 9)
    assert told["factor", "pregnancy"].with_it == days(7, 8, 9)
    assert told["factor", "nerves_or_veins"].with_it == days(0, 1)
    assert told["factor", "dehydration"].without == set()


def test_a_medicine_is_compared_with_before_its_start_and_its_stop_with_while_it_was_taken() -> (
    None
):
    told = found((day(9), Medicine("Furosemide", since=day(3), until=day(5))))
    started = told["medicine_started", "Furosemide"]
    stopped = told["medicine_stopped", "Furosemide"]
    assert (started.with_it, started.without) == (days(3, 4, 5), days(0, 1, 2))
    assert (stopped.with_it, stopped.without) == (days(6, 7, 8, 9), days(3, 4, 5))


def test_a_medicine_taken_again_has_one_start_and_no_stop_yet() -> None:
    told = found(
        (day(9), Medicine(of_class=MedicineClass.STATIN, since=day(6))),
        (day(9), Medicine(of_class=MedicineClass.STATIN, since=day(2), until=day(3))),
    )
    assert set(told) == {("medicine_started", "statin")}
    assert told["medicine_started", "statin"].with_it == days(2, 3, 6, 7, 8, 9)
    assert told["medicine_started", "statin"].without == days(0, 1)


def test_of_a_medicine_without_dates_no_change_is_known() -> None:
    assert found((day(1), Medicine("Magnesium"))) == {}


def test_only_twelve_weeks_before_and_after_a_change_are_looked_at() -> None:
    told = found((day(0), Medicine("Magnesium", since=day(150))), nights=300)
    started = told["medicine_started", "Magnesium"]
    assert started.with_it == {day(150 + number) for number in range(CHANGE_NIGHTS)}
    assert started.without == {day(149 - number) for number in range(CHANGE_NIGHTS)}


# Counted


def test_nights_are_counted_as_the_alerts_count_them_and_a_missing_one_not_at_all() -> None:
    nights = [night(number, cramp=number % 2 == 0) for number in range(8)]
    nights[3] = WearerNight(day(3), 25_000.0, (AskedEpisode(0.25, Standing.LIKELY),))
    nights[4] = night(4, cramp=True, searched_s=3600.0)
    told = [(day(number), Habits((Habit.FLUIDS,) if number < 5 else ())) for number in range(9)]
    whole = associations(nights, told, day(8))
    (fluids,) = whole.found
    assert (fluids.judgement.with_it, fluids.judgement.without) == (Side(4, 2.25), Side(3, 1.0))
    assert (whole.valid, whole.judged) == (7, 0)
    assert fluids.judgement.verdict is Verdict.TOO_EARLY


def test_only_the_year_up_to_the_last_night_is_looked_at() -> None:
    nights = [night(number, cramp=True) for number in range(-NIGHTS, 5)]
    told = [(day(number), Habits((Habit.FLUIDS,))) for number in range(-NIGHTS, 5)]
    whole = associations(nights, told, day(3))
    assert (whole.first, whole.last, whole.valid) == (day(4 - NIGHTS), day(3), NIGHTS)


@pytest.mark.parametrize("things", [1, 5])
def test_the_more_has_enough_nights_the_more_is_allowed_for(things: int) -> None:
    # In one night of three with the habit there is a cramp, without it in two of three.
    done = [number % 2 == 0 for number in range(60)]
    nights = [
        night(number, cramp=number % 6 < (2 if did else 4)) for number, did in enumerate(done)
    ]
    habits = list(Habit)[:things]
    told = [(day(number), Habits(tuple(habits) if did else ())) for number, did in enumerate(done)]
    whole = associations(nights, told, day(60))
    assert (len(whole.found), whole.judged) == (things, things)
    first = whole.found[0]
    assert first == Association(Subject.HABIT, Habit.CALF_STRETCHES, first.judgement)
    expected = Verdict.FEWER if things == 1 else Verdict.TOO_EARLY
    assert {each.judgement.verdict for each in whole.found} == {expected}
