"""How the rises of a heart are counted, in real nights and in simulated ones."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from benchmarks.heart_rises import HEAD, Beating, counted, heart_row, rises, simulated, stepping
from simulator.movement import Vector

HOUR_S = 3600


def heart(*risen: tuple[int, float], seconds: int = HOUR_S) -> Vector:
    """A heart of 60 bpm that is so much faster for 20 s from some seconds on."""
    bpm = np.full(seconds, 60.0)
    for at_s, height_bpm in risen:
        bpm[at_s : at_s + 20] += height_bpm
    return bpm


def beating(person: str, bpm: Vector, *moving_s: int) -> Beating:
    return Beating(person, bpm, np.isin(np.arange(len(bpm)), moving_s))


def cells(row: str) -> list[str]:
    return [cell.strip() for cell in row[1:-1].split("|")]


def test_rises_over_10_bpm_are_found_where_they_are_with_their_heights() -> None:
    found = rises(heart((300, 9.0), (900, 11.0), (1500, 25.0)))
    assert found.at_s.tolist() == [900, 1500]
    assert found.heights_bpm.tolist() == [11.0, 25.0]


def test_two_within_a_minute_are_one_and_a_single_reading_is_none() -> None:
    bpm = heart((900, 15.0), (940, 20.0), (2000, 15.0))
    bpm[3000] = 150.0
    found = rises(bpm)
    assert found.at_s.tolist() == [900, 2000]
    assert found.heights_bpm.tolist() == [20.0, 15.0]


def test_a_calm_heart_does_not_rise() -> None:
    assert len(rises(heart()).at_s) == len(rises(heart()).heights_bpm) == 0
    night = [beating("one", heart()), beating("two", heart())]
    assert cells(heart_row("calm", night))[3:] == [*["0.0 (0.0 to 0.0)"] * 3, ""]


def test_a_row_has_rises_an_hour_with_and_without_a_movement_near_by_people() -> None:
    risen = heart((600, 15.0), (1200, 15.0), (1800, 15.0), (2400, 15.0))
    stretches = [
        # From 30 s before to 10 s after; not 31 before, nor 11 after.
        beating("one", risen, 570, 1210, 1769, 2411),
        beating("one", heart()),
        beating("two", heart((600, 25.0), (1800, 25.0))),
    ]
    name, people, hours, *rates, bpm = cells(heart_row("mine", stretches))
    assert (name, people, hours) == ("mine", "2", "3")
    # Of one two an hour and one of them with a movement; of the other two without.
    assert rates == ["2.0 (2.0 to 2.0)", "0.7 (0.0 to 1.0)", "1.4 (1.0 to 2.0)"]
    assert bpm == "15 (15 to 22)"
    assert len(cells(HEAD[0])) == len(cells(HEAD[1])) == 7


def test_the_minute_that_makes_the_first_baseline_is_no_time_in_which_a_heart_could_rise() -> None:
    four_minutes = [beating("one", heart((150, 15.0), seconds=240))] * 20
    name, _, hours, hourly, *_ = cells(heart_row("mine", four_minutes))
    assert (name, hours, hourly) == ("mine", "1", "20.0")


def test_of_one_person_there_is_no_interval() -> None:
    assert cells(heart_row("mine", [beating("one", heart((900, 15.0)))]))[3] == "1.0"


def test_real_hearts_are_read_with_their_steps(stand_in: Path) -> None:
    stretches = list(stepping(stand_in))
    assert {each.person for each in stretches} == {"subject_0", "subject_1"}
    assert not any(each.moving.any() for each in stretches)
    # One in ten minutes, three of four of them over 10 bpm.
    assert 4.0 < len(rises(stretches[0].bpm).at_s) / (len(stretches[0].bpm) / HOUR_S) < 6.0


def test_real_counts_say_that_the_wrist_moved_before_the_heart_rose(stand_in: Path) -> None:
    [stretch] = counted(stand_in)
    found = rises(stretch.bpm)
    assert len(found.at_s) / (len(stretch.bpm) / HOUR_S) == pytest.approx(12.0, abs=0.5)
    _, _, _, all_of_them, with_movement, without, _ = cells(heart_row("real", [stretch]))
    assert all_of_them == with_movement
    assert without == "0.0"


def test_a_loss_of_the_heart_parts_a_night_and_counts_for_nothing(
    stand_in: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmarks.heart_rises.LOST_S", 0.5)
    assert sum(len(each.bpm) for each in stepping(stand_in)) == 0
    monkeypatch.undo()
    assert sum(len(each.bpm) for each in stepping(stand_in)) == 2 * 6.5 * HOUR_S


@pytest.mark.parametrize("family", ["submovements", "recombination"])
def test_simulated_hearts_are_of_different_people_and_answer_movements(
    family: str, stand_in: Path
) -> None:
    stretches = list(simulated(family, 2, "hard", 3, stand_in))
    assert len({each.person for each in stretches}) == 2
    for each in stretches:
        assert len(each.bpm) == len(each.moving) > 5 * HOUR_S
        assert 0.0 < each.moving.mean() < 0.2
        near = np.convolve(each.moving, np.ones(41), "full")[10 : 10 + len(each.moving)] > 0
        assert near[rises(each.bpm).at_s].mean() > 1.5 * near.mean()


def test_real_hearts_rise_four_to_nine_times_an_hour_with_and_without_a_step() -> None:
    root = Path(__file__).parents[2]
    folder = Path(os.environ.get("CRAMPWATCH_SHARED_DATA", root.parent / "shared" / "data"))
    if not (folder / "heart_24h").is_dir():
        pytest.skip(f"real nights not here: set CRAMPWATCH_SHARED_DATA ({folder} has no heart_24h)")
    stretches = list(stepping(folder))
    people = sorted({each.person for each in stretches})
    assert len(people) == 6
    for person in people:
        own = [each for each in stretches if each.person == person]
        hours = sum(len(each.bpm) for each in own) / HOUR_S
        assert 4.0 < sum(len(rises(each.bpm).at_s) for each in own) / hours < 9.0
    with_a_step, without = (
        float(cell.split()[0]) for cell in cells(heart_row("real", stretches))[4:6]
    )
    assert with_a_step > 1.0
    assert without > 1.0
