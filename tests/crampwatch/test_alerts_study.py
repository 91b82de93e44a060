from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

from crampwatch import alerts_study
from crampwatch.alerts_people import STATED_A_WEEK, Detector, Life, Ups, live
from crampwatch.alerts_rivals import RIVALS, bar_at, fired
from crampwatch.alerts_study import LIVES, report, study, told
from crampwatch.cli import app
from server.alerts.nightly import Counts


def lived(life: Life, weekly: float, then: float | None = None, people: int = 400) -> Counts:
    return live(
        np.random.default_rng(1),
        life,
        people,
        280,
        weekly=weekly,
        then_weekly=weekly if then is None else then,
        change=140,
    ).counts


@pytest.mark.parametrize(
    "life", [Life(), Life(Ups.NIGHTS, 2.0), Life(Ups.WEEKS, 2.0)], ids=lambda life: life.ups
)
def test_people_have_the_rate_and_the_dispersion_they_are_given(life: Life) -> None:
    cramps = lived(life, 2.0, 4.0).cramps
    weeks = cramps.reshape(40, 7, -1).sum(axis=1)
    assert weeks[:20].mean() == pytest.approx(2, rel=0.05)
    assert weeks[20:].mean() == pytest.approx(4, rel=0.05)
    # Weeks that keep to no calendar are cut in two by it, and a third of their excess is lost.
    expected = 1 + (life.dispersion - 1) * (2 / 3 if life.ups is Ups.WEEKS else 1)
    assert weeks[:20].var() / 2 == pytest.approx(expected, rel=0.08)


def test_the_true_chance_of_a_cramp_night_is_what_happens() -> None:
    for life in (Life(), Life(Ups.NIGHTS, 2.0), Life(Ups.WEEKS, 2.0)):
        made = live(
            np.random.default_rng(2), life, 400, 280, weekly=4.0, then_weekly=4.0, change=140
        )
        happened = made.counts.cramp_night.mean()
        assert made.cramp_night.mean() == pytest.approx(happened, abs=0.01)


def test_the_detector_as_it_is_finds_and_alarms_as_it_is_said_to() -> None:
    life = Life(detector=Detector.AS_IT_IS, answered=1.0)
    assert 7 * lived(life, 2.0).cramps.mean() == pytest.approx(0.75 * 2, rel=0.03)
    with_missed = replace(life, adds=True)
    assert 7 * lived(with_missed, 2.0).cramps.mean() == pytest.approx(2, rel=0.03)
    # Unanswered, the calibrated probabilities of what is seen add up to the true ones in it: at the
    # rate that they are stated for, or where they are carried to the wearer's own.
    unanswered = replace(life, answered=0.0)
    stated = lived(unanswered, STATED_A_WEEK)
    assert 7 * stated.cramps.mean() == pytest.approx(0.75 * STATED_A_WEEK, rel=0.03)
    rebased = lived(replace(unanswered, rebased=True), 2.0)
    assert 7 * rebased.cramps.mean() == pytest.approx(0.75 * 2, rel=0.03)
    # Whoever has fewer cramps than that has more of them counted.
    counted = lived(unanswered, 2.0).cramps
    assert 7 * counted.mean() == pytest.approx(2.5, rel=0.03)
    seen = (counted > 0).mean()
    assert seen == pytest.approx(1 - math.exp(-1.0 - 0.75 * 2 / 7), abs=0.01)


def test_missing_nights_and_unanswered_mornings_are_as_many_as_said() -> None:
    counts = lived(Life(missing=0.2, detector=Detector.AS_IT_IS, answered=0.5), 2.0)
    assert counts.valid.mean() == pytest.approx(0.8, abs=0.01)
    assert np.nanmean(counts.answered) == pytest.approx(0.5, abs=0.01)


def one_person(cramps: list[float], valid: list[bool] | None = None) -> Counts:
    column = np.array(cramps)[:, None]
    seen = np.ones(column.shape, bool) if valid is None else np.array(valid)[:, None]
    return Counts(seen, column, column, column, np.ones(column.shape), np.ones((len(cramps), 1)))


def test_ears_by_hand() -> None:
    cramps = [0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 3.0, 2.0, 4.0]
    counts = one_person(cramps)
    spread = np.std(cramps[:7], ddof=1)
    c1 = RIVALS["EARS C1"](counts)[:, 0]
    c2 = RIVALS["EARS C2"](counts)[:, 0]
    c3 = RIVALS["EARS C3"](counts)[:, 0]
    assert c1[7] == pytest.approx((3 - 3 / 7) / spread)
    assert c2[9] == pytest.approx((4 - 3 / 7) / spread)
    assert c3[9] == pytest.approx(sum(max(each - 1, 0) for each in c2[7:10]))


def test_so_many_a_week_is_of_seven_recorded_nights() -> None:
    counts = one_person([1.0] * 10, [True] * 3 + [False] * 3 + [True] * 4)
    told_weeks = RIVALS["so many a week"](counts)[:, 0]
    assert told_weeks[2] == 0
    assert told_weeks[8] == 7


def test_a_rival_rests_and_its_bar_keeps_its_budget() -> None:
    counts = lived(Life(), 2.0, people=60)
    statistic = RIVALS["so many a week"](counts)
    bar = bar_at(statistic, 140, 0.5)
    years = 140 / 365.25 * 60
    assert fired(statistic, bar, 140).sum() / years <= 0.5
    assert fired(statistic, bar - 1, 140).sum() / years > 0.5
    always = fired(statistic, 0.0, 0)
    assert np.diff(np.flatnonzero(always[:, 0])).tolist() == [14] * (280 // 14 - 1)


FEW = (LIVES[0], next(life for life in LIVES if life.detector is Detector.AS_IT_IS))


@pytest.fixture(scope="module")
def results() -> tuple[alerts_study.Result, ...]:
    return study(6, 3, lives=FEW)


def test_the_same_seed_gives_the_same_figures_with_any_number_of_jobs(
    results: tuple[alerts_study.Result, ...],
) -> None:
    assert study(6, 3, jobs=2, lives=FEW) == results


def test_the_report_shows_every_life_rate_and_rise(
    results: tuple[alerts_study.Result, ...],
) -> None:
    lines = list(report(results))
    for life in FEW:
        assert sum(line.startswith(f"| {told(life)} |") for line in lines) == 3
    assert "| life | 0.5 | 1 | 2 | 3 | 4 | 6 |" in lines
    assert lines.count("| life | 0.5 to 1.5 | 1 to 2 | 2 to 4 | 3 to 6 |") == 2
    for result in results:
        for false in result.false_alerts:
            assert false.low <= false.a_year <= false.high
            assert sum(false.by_layer) == pytest.approx(false.a_year)


def test_the_aims_stand_where_they_were_set() -> None:
    aimed = [
        (told(life), alerts_study._aim(life, 1))
        for life in LIVES
        if alerts_study._aim(life, 1) is not None
    ]
    assert [aim for _, aim in aimed[:3]] == [7.2, 12.2, 12.2]
    assert {round(aim or 0, 1) for _, aim in aimed[3:]} == {10.8, 18.3}
    assert all("9 of 10" in life and "20 %" in life for life, _ in aimed[3:])


def test_every_life_has_a_name_of_its_own() -> None:
    assert len({told(life) for life in LIVES}) == len(LIVES) == 36


def test_the_command_prints_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerts_study.study, "__defaults__", (1, FEW[:1]))
    told_json = CliRunner().invoke(app, ["alerts", "simulate", "--people", "4", "--json"])
    assert told_json.exit_code == 0
    (found,) = json.loads(told_json.stdout)
    assert found["simulation"] is True
    assert found["life"]["detector"] == "perfect"
    assert [each["weekly"] for each in found["false_alerts"]] == list(alerts_study.RATES)
    assert set(found["delays"][0]["rivals"]) == set(RIVALS)
    assert set(found["false_alerts"][0]["by_layer"]) == {"sudden", "creeping", "persistent"}


def test_the_help_says_how_it_is_used_and_that_it_is_simulation() -> None:
    shown = CliRunner().invoke(app, ["alerts", "simulate", "--help"])
    assert shown.exit_code == 0
    assert shown.output.startswith("Usage: crampwatch alerts simulate [OPTIONS]\n")
    assert shown.output.count("crampwatch alerts simulate") >= 4
    assert "Every figure is from simulation." in shown.output


@pytest.mark.parametrize("people", ["1", "0", "many"])
def test_the_command_refuses_a_number_of_people_that_is_none(people: str) -> None:
    refused = CliRunner().invoke(app, ["alerts", "simulate", "--people", people])
    assert refused.exit_code == 2
    assert "--people" in refused.output


def test_a_rise_that_half_of_the_people_are_never_found_in_has_no_median_in_json() -> None:
    (result,) = study(6, 3, lives=FEW[:1])
    never = replace(result.delays[0], median=math.inf)
    found = alerts_study._laid_out(replace(result, delays=(never,)))
    assert json.loads(json.dumps(found, allow_nan=False))["delays"][0]["median"] is None
