from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from scipy.signal import welch

from benchmarks.heart_rises import rises
from simulator.arousal import draw_arousal
from simulator.body import Body
from simulator.families import FAMILIES, family_named, life_of
from simulator.happening import Happening, Kind, Phenotype
from simulator.heart import Heart, beat_heart
from simulator.movement import Vector
from simulator.person import Person, draw_person
from simulator.plan import plan_night
from simulator.pulse import draw_pulse

MADE_UP = [name for name in FAMILIES if name != "recombination"]
"""Families without movement of their own: what nobody planned does not happen."""

SPAN_S, NIGHT_S = 2700.0, 8 * 3600.0
RATE_HZ = 25.0
ONSET_S, LENGTH_S = 900.0, 120.0
BANDS = ((0.5, 3.0), (3.0, 6.0), (6.0, 25.1))


Beat = Callable[..., Heart]

HEARTS: dict[str, Beat] = {
    "kinematic": beat_heart,
    "phenomenological": draw_pulse,
    "submovements": draw_arousal,
}


def person(number: int = 1) -> Person:
    return draw_person(np.random.default_rng([3, number]))


def body(
    family: str,
    happenings: Sequence[Happening] = (),
    *,
    seed: int = 1,
    times_s: Vector | None = None,
    span_s: float = SPAN_S,
    twitches_h: float = 0.0,
) -> Body:
    return family_named(family)(
        np.random.SeedSequence(seed),
        person(seed),
        happenings,
        np.arange(0.0, span_s, 1.0 / RATE_HZ) if times_s is None else times_s,
        span_s=span_s,
        twitches_h=twitches_h,
    )


def spread_g(force_g: Vector, start_s: float, end_s: float) -> Vector:
    """Movement of every second."""
    cells = force_g[int(start_s * RATE_HZ) : int(end_s * RATE_HZ)]
    cells = cells.reshape(-1, int(RATE_HZ), 3)
    return np.asarray(np.sqrt(cells.var(axis=1).sum(axis=1)))


@pytest.mark.parametrize("family", MADE_UP)
def test_silence_is_breathing_and_not_nothing(family: str) -> None:
    for seed in range(4):
        still = body(family, seed=seed)
        strength = np.linalg.norm(still.force_g, axis=1)
        assert np.abs(strength - 1.0).max() < 0.01
        minutes = still.force_g.reshape(45, -1, 3)
        moved = np.sqrt(minutes.var(axis=1).sum(axis=1))
        assert moved.min() > 0.0001
        assert moved.max() < 0.03
        hz, power = welch(still.force_g, RATE_HZ, nperseg=2048, axis=0)
        rate = hz[np.argmax(power.sum(axis=1) * (hz > 0.12))]
        assert 0.15 < rate < 0.4


def happening(kind: Kind, phenotype: Phenotype | None = None) -> Happening:
    parts = tuple((15.0 * k, 4.0) for k in range(8)) if kind in RUNS else ()
    length_s = LENGTH_S
    if kind is Kind.OFF_WRIST:
        length_s, parts = 1200.0, ((0.0, 20.0), (1175.0, 25.0))
    return Happening(kind, ONSET_S, length_s, 15.0, parts=parts, phenotype=phenotype)


RUNS = {Kind.LIMB_MOVEMENTS, Kind.APNOEA}
SCENES = [(kind, None) for kind in Kind if kind not in (Kind.CRAMP, Kind.TAPS)] + [
    (Kind.CRAMP, phenotype) for phenotype in Phenotype if phenotype is not Phenotype.SILENT
]


@pytest.mark.parametrize(("kind", "phenotype"), SCENES)
@pytest.mark.parametrize("family", MADE_UP)
def test_every_kind_of_happening_moves_the_wrist_then_and_at_no_other_time(
    family: str, kind: Kind, phenotype: Phenotype | None
) -> None:
    scene = happening(kind, phenotype)
    nights = [body(family, [scene], seed=seed) for seed in range(4)]
    inside = [spread_g(night.force_g, ONSET_S - 1.0, scene.end_s + 5.0).max() for night in nights]
    assert np.median(inside) > 0.03
    for night in nights:
        assert spread_g(night.force_g, 0.0, ONSET_S - 3.0).max() < 0.02
        assert spread_g(night.force_g, scene.end_s + 420.0, SPAN_S - 1.0).max() < 0.02


@pytest.mark.parametrize("family", MADE_UP)
def test_a_silent_cramp_leaves_nearly_nothing(family: str) -> None:
    for seed in range(4):
        night = body(family, [happening(Kind.CRAMP, Phenotype.SILENT)], seed=seed)
        assert spread_g(night.force_g, ONSET_S, ONSET_S + LENGTH_S).max() < 0.03


@pytest.mark.parametrize("family", MADE_UP)
def test_what_lies_on_a_table_neither_moves_nor_breathes(family: str) -> None:
    taken_off, put_on = happening(Kind.OFF_WRIST).each_part
    for seed in range(4):
        night = body(family, [happening(Kind.OFF_WRIST)], seed=seed)
        # Who carries it to another room lays it down later than one who only undoes the strap.
        laid_s, taken_s = taken_off.end_s + 40.0, put_on.onset_s - 1.0
        assert spread_g(night.force_g, laid_s, taken_s).max() < 1e-6


@pytest.mark.parametrize("family", MADE_UP)
def test_the_strap_is_handled_for_as_long_as_it_was_meant_to_be(family: str) -> None:
    for part in happening(Kind.OFF_WRIST).each_part:
        moving = [
            np.mean(
                spread_g(
                    body(family, [happening(Kind.OFF_WRIST)], seed=seed).force_g,
                    part.onset_s,
                    part.end_s,
                )
                > 0.02
            )
            for seed in range(6)
        ]
        assert np.median(moving) > 0.5


@pytest.mark.parametrize("family", MADE_UP)
def test_a_pause_is_still(family: str) -> None:
    for seed in range(3):
        scene = dataclasses.replace(
            happening(Kind.CRAMP, Phenotype.RUB), watch_arm=True, pauses=((40.0, 30.0),)
        )
        force_g = body(family, [scene], seed=seed).force_g
        assert spread_g(force_g, ONSET_S + 44.0, ONSET_S + 69.0).max() < 0.04
        assert spread_g(force_g, ONSET_S, ONSET_S + 40.0).max() > 0.05


@pytest.mark.parametrize("family", MADE_UP)
def test_the_arm_that_rubs_moves_more_than_the_other(family: str) -> None:
    strengths = []
    for watch_arm in (True, False):
        scene = dataclasses.replace(happening(Kind.SCRATCH), watch_arm=watch_arm)
        moved = [
            spread_g(body(family, [scene], seed=seed).force_g, ONSET_S, ONSET_S + LENGTH_S)
            for seed in range(8)
        ]
        strengths.append(float(np.mean(moved)))
    assert strengths[0] > 1.3 * strengths[1]


@pytest.mark.parametrize("family", MADE_UP)
def test_another_device_asks_for_other_times_of_the_same_body(family: str) -> None:
    scene = happening(Kind.CRAMP, Phenotype.STAND)
    fine_s = np.arange(0.0, SPAN_S, 0.02)
    fine = body(family, [scene], times_s=fine_s)
    coarse = body(family, [scene], times_s=fine_s[::10])
    assert np.abs(fine.force_g[::10] - coarse.force_g).max() < 1e-9
    assert np.array_equal(fine.heart.bpm, coarse.heart.bpm)


def test_every_night_of_one_person_is_in_one_style_and_of_another_in_another() -> None:
    def pitch(of: int, seed: int) -> float:
        night = family_named("phenomenological")(
            np.random.SeedSequence(seed),
            person(of),
            [Happening(Kind.SCRATCH, 60.0, 800.0, watch_arm=True)],
            np.arange(0.0, 900.0, 1.0 / RATE_HZ),
            span_s=900.0,
            twitches_h=0.0,
        )
        hz, power = welch(night.force_g, RATE_HZ, nperseg=256, axis=0)
        total = power.sum(axis=1)
        return float((hz * total)[hz > 0.3].sum() / total[hz > 0.3].sum())

    pitches = np.array([[pitch(of, seed) for seed in range(2)] for of in range(6)])
    assert pitches.mean(axis=1).std() > 2.0 * pitches.std(axis=1).mean()


@pytest.mark.parametrize("family", MADE_UP)
def test_movement_has_the_spectrum_of_the_real_excerpt(family: str) -> None:
    moving = []
    for seed in range(12):
        scene = [happening(Kind.LYING_AWAKE), happening(Kind.SCRATCH), happening(Kind.BATHROOM)]
        times_s = np.arange(0.0, LENGTH_S, 0.02)
        night = body(family, [scene[seed % 3]], seed=seed, times_s=ONSET_S + times_s)
        cells = night.force_g.reshape(-1, 200, 3)
        moving += [cell for cell in cells if cell.std(axis=0).max() > 0.03]
    assert len(moving) > 60
    shares = []
    for cell in moving:
        hz, power = welch(cell - cell.mean(axis=0), 50.0, nperseg=100, axis=0)
        power = power.sum(axis=1) * (hz >= 0.5)
        shares.append([power[(hz >= low) & (hz < high)].sum() / power.sum() for low, high in BANDS])
    slow, middle, fast = np.mean(shares, axis=0)
    # 400 s of a real watch: 0.75, 0.13 and 0.12 of the power that moves it.
    assert 0.65 < slow < 0.95
    assert 0.03 < middle < 0.25
    assert 0.003 < fast < 0.2


@pytest.mark.parametrize(("family", "beat"), HEARTS.items())
def test_hearts_rise_as_often_and_as_high_as_in_the_real_nights(family: str, beat: Beat) -> None:
    life = life_of(family, "hard")
    hourly, heights = [], []
    for number in range(16):
        sleeper = person(number)
        rates = life.draw_rates(np.random.default_rng([5, number]))
        rng = np.random.default_rng([6, number])
        plan = plan_night(rng, sleeper, rates, span_s=NIGHT_S, life=life, cramps=0)
        heart = beat(np.random.default_rng([7, number]), sleeper, plan, span_s=NIGHT_S)
        found = rises(heart.bpm[1800 : int(NIGHT_S) - 900]).heights_bpm
        hourly.append(len(found) / 7.25)
        heights.append(found)
    # Six real nights by the same rule: 4.4 to 8.6 an hour, medians of 15 to 23 bpm.
    assert 4.4 < np.mean(hourly) < 8.6
    assert np.std(hourly) > 0.7
    assert 14.0 < np.median(np.concatenate(heights)) < 24.0


@pytest.mark.parametrize("family", MADE_UP)
def test_the_heart_of_a_cramp_answers_after_seconds_and_comes_down_again(family: str) -> None:
    answers = []
    for seed in range(6):
        cramp = Happening(Kind.CRAMP, ONSET_S, 100.0, 20.0, phenotype=Phenotype.RUB)
        effort = body(family, [cramp], seed=seed, times_s=np.arange(60.0)).heart.effort_bpm
        answers.append(effort)
        assert np.abs(effort[:900]).max() == 0.0
        assert 12.0 < effort.max() < 26.0
        assert effort[1800:].max() < 2.0
    first = [int(np.argmax(effort > 3.0)) for effort in answers]
    assert min(first) >= 901
    assert max(first) <= 925


@pytest.mark.parametrize("family", MADE_UP)
def test_a_hard_night_moves_about_as_much_as_the_real_ones(family: str) -> None:
    life = life_of(family, "hard")
    moving, bouts = [], []
    for number in range(4):
        rates = life.draw_rates(np.random.default_rng([5, number]))
        rng = np.random.default_rng([6, number])
        plan = plan_night(rng, person(number), rates, span_s=NIGHT_S, life=life, cramps=0)
        times_s = np.arange(0.0, NIGHT_S, 0.2)
        night = body(family, plan, seed=number, times_s=times_s, span_s=NIGHT_S, twitches_h=2.0)
        cells = night.force_g.reshape(-1, 5, 3)[1800:-900]
        at = np.flatnonzero(np.sqrt(cells.var(axis=1).sum(axis=1)) > 0.03)
        moving.append(len(at) / 7.25)
        bouts.append(np.count_nonzero(np.diff(at) > 30) / 7.25)
    # Five real nights of three people: 77 to 146 s and 5 to 10 stretches an hour.
    assert 70.0 < np.mean(moving) < 180.0
    assert 4.5 < np.mean(bouts) < 12.0
