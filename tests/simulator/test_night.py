from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime, time
from itertools import pairwise

import numpy as np
import pytest

from ingest.errors import SettingsError
from ingest.recording import EVENT_LABELS
from ingest.samples import FaultKind
from simulator.device import DEVICES, DeviceFault
from simulator.life import LIVES
from simulator.night import NightSettings, SimulatedNight, simulate
from simulator.person import Rates
from simulator.plan import Kind, Scripted

NIGHT = NightSettings(date=date(2026, 3, 1), hours=4.0, device="polar", cramps=1)


def seconds(night: SimulatedNight) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return (night.acceleration.times_ns - night.info.start_ns) / 1e9


def test_the_same_seed_gives_the_same_bits() -> None:
    one, two = simulate(NIGHT, 5), simulate(NIGHT, 5)
    assert one.acceleration.times_ns.tobytes() == two.acceleration.times_ns.tobytes()
    assert one.acceleration.xyz_g.tobytes() == two.acceleration.xyz_g.tobytes()
    assert one.heart_rate is not None
    assert two.heart_rate is not None
    assert one.heart_rate.bpm.tobytes() == two.heart_rate.bpm.tobytes()
    assert one.rr_intervals is not None
    assert two.rr_intervals is not None
    assert one.rr_intervals.rr_ms.tobytes() == two.rr_intervals.rr_ms.tobytes()
    assert one.events == two.events


def test_another_seed_gives_another_night() -> None:
    assert simulate(NIGHT, 5).events != simulate(NIGHT, 6).events


def test_another_device_records_the_same_body() -> None:
    fine = simulate(NIGHT, 5)
    coarse = simulate(dataclasses.replace(NIGHT, device="wasts"), 5)
    assert fine.events == coarse.events
    grid_s = np.arange(60.0, 4 * 3600.0 - 60.0, 30.0)
    fine_x = np.interp(grid_s, seconds(fine), fine.acceleration.xyz_g[:, 0])
    coarse_x = np.interp(grid_s, seconds(coarse), coarse.acceleration.xyz_g[:, 0])
    assert np.corrcoef(fine_x, coarse_x)[0, 1] > 0.95


@pytest.mark.parametrize("seed", range(6))
def test_events_lie_within_the_night_in_order_with_agreed_labels_and_do_not_overlap(
    seed: int,
) -> None:
    events = simulate(dataclasses.replace(NIGHT, device="wasts", hours=8.0), seed).events
    assert {event.label for event in events} <= set(EVENT_LABELS)
    assert sum(event.label == "cramp" for event in events) == 1
    assert events[0].onset_s == 0.0
    assert events[-1].onset_s + events[-1].duration_s == pytest.approx(8 * 3600.0, abs=0.2)
    for event, later in pairwise(events):
        assert event.onset_s + event.duration_s <= later.onset_s


def test_a_clean_night_has_no_cramp() -> None:
    for seed in range(4):
        settings = dataclasses.replace(NIGHT, device="wasts", cramps=0)
        assert all(event.label != "cramp" for event in simulate(settings, seed).events)


def test_a_still_wrist_reads_about_one_g_and_breathes() -> None:
    night = simulate(dataclasses.replace(NIGHT, device="apple", hours=4.0, cramps=0), 3)
    xyz = night.acceleration.xyz_g.astype(np.float64)
    windows = xyz[: len(xyz) // 500 * 500].reshape(-1, 500, 3)
    still = windows[windows.std(axis=1).max(axis=1) < 0.006]
    assert len(still) > 0.7 * len(windows)
    strength = np.linalg.norm(still.mean(axis=1), axis=1)
    assert np.all(np.abs(strength - 1.0) < 0.12)
    # Noise, rounding and breath together, as measured on a real watch: 1.5 to 4 mg.
    assert 0.0014 < np.median(still.std(axis=1)) < 0.004


def test_an_evening_before_the_clocks_change_starts_in_its_own_offset() -> None:
    settings = dataclasses.replace(NIGHT, date=date(2026, 10, 24), start=time(22, 50))
    start = datetime(2026, 10, 24, 20, 50, tzinfo=UTC)
    assert simulate(settings, 1).info.start_ns == int(start.timestamp()) * 10**9


def test_faults_show_and_nothing_happens_in_them() -> None:
    faults = (
        DeviceFault(3600.0, 4000.0, FaultKind.OFF_WRIST),
        DeviceFault(9000.0, 1200.0, FaultKind.GAP),
        DeviceFault(12000.0, 1800.0, FaultKind.NO_HEART_RATE),
    )
    settings = dataclasses.replace(
        NIGHT,
        device="bangle",
        hours=5.0,
        faults=faults,
        rates=Rates(arousals_h=20.0, twitches_h=20.0),
    )
    night = simulate(settings, 2)
    times_s = seconds(night)
    table = night.acceleration.xyz_g[(times_s > 3700.0) & (times_s < 7500.0)]
    assert np.all(np.ptp(table, axis=0) < 0.02)
    assert not np.any((times_s > 9001.0) & (times_s < 10199.0))
    assert np.diff(times_s).max() == pytest.approx(1200.0, abs=1.0)
    assert night.heart_rate is not None
    at_s = (night.heart_rate.times_ns - night.info.start_ns) / 1e9
    for fault in (faults[0], faults[2]):
        inside = (at_s > fault.start_s) & (at_s < fault.end_s)
        assert inside.sum() > 500
        assert np.all(night.heart_rate.bpm[inside] == 0.0)
    assert np.mean(night.heart_rate.bpm[at_s > 14000.0] > 0.0) > 0.8
    off = [event for event in night.events if event.label == "off_wrist"]
    assert [(event.onset_s, event.duration_s) for event in off] == [(3600.0, 4000.0)]
    for event in night.events:
        if event.label != "off_wrist":
            for fault in faults[:2]:
                end_s = event.onset_s + event.duration_s
                assert end_s <= fault.start_s or event.onset_s >= fault.end_s


def test_a_wearable_that_is_taken_off_reads_no_heart_and_lies_still() -> None:
    settings = dataclasses.replace(
        NIGHT, device="bangle", hours=5.0, script=(Scripted(Kind.OFF_WRIST, 3600.0, 900.0),)
    )
    night = simulate(settings, 2)
    [off] = [event for event in night.events if event.label == "off_wrist"]
    assert (off.onset_s, off.duration_s) == (3600.0, 900.0)
    assert night.heart_rate is not None
    at_s = (night.heart_rate.times_ns - night.info.start_ns) / 1e9
    inside = (at_s > 3600.0) & (at_s < 4500.0)
    assert np.all(night.heart_rate.bpm[inside] == 0.0)
    assert np.mean(night.heart_rate.bpm[~inside] > 0.0) > 0.8
    times_s = seconds(night)
    table = night.acceleration.xyz_g[(times_s > 3700.0) & (times_s < 4400.0)]
    assert np.all(np.ptp(table, axis=0) < 0.02)


def test_one_in_three_takes_it_off_in_the_hard_life() -> None:
    hard = LIVES["hard"].draw_rates
    a_night = [hard(np.random.default_rng(seed)).off_wrist_night for seed in range(400)]
    assert 0.25 < np.count_nonzero(a_night) / 400 < 0.45
    assert 0.5 < np.mean([rate for rate in a_night if rate]) < 0.7


def off_wrist(night: SimulatedNight) -> list[tuple[float, float]]:
    return [
        (event.onset_s, event.duration_s) for event in night.events if event.label == "off_wrist"
    ]


def test_nights_of_whoever_keeps_it_on_are_as_if_nobody_took_it_off() -> None:
    rates = Rates(arousals_h=20.0, large_movements_h=2.0, bathroom_night=1.0)
    settings = dataclasses.replace(NIGHT, hours=6.0, rates=rates)
    at_times = dataclasses.replace(rates, off_wrist_night=0.7)
    same = taken_off = 0
    for seed in range(6):
        kept_on = simulate(settings, seed)
        other = simulate(dataclasses.replace(settings, rates=at_times), seed)
        if off_wrist(other):
            taken_off += 1
        else:
            same += kept_on.events == other.events
            assert np.array_equal(kept_on.acceleration.xyz_g, other.acceleration.xyz_g)
    assert taken_off
    assert same
    assert same + taken_off == 6


def test_it_can_be_off_by_chance_and_by_a_fault_in_one_night() -> None:
    fault = DeviceFault(9000.0, 600.0, FaultKind.OFF_WRIST)
    settings = dataclasses.replace(
        NIGHT,
        device="bangle",
        hours=6.0,
        rates=Rates(arousals_h=10.0, off_wrist_night=1.5),
        faults=(fault,),
    )
    night = max(
        (simulate(settings, seed) for seed in range(3)), key=lambda one: len(off_wrist(one))
    )
    off = off_wrist(night)
    assert (9000.0, 600.0) in off
    assert len(off) > 1
    assert night.heart_rate is not None
    at_s = (night.heart_rate.times_ns - night.info.start_ns) / 1e9
    for onset_s, duration_s in off:
        inside = (at_s > onset_s) & (at_s < onset_s + duration_s)
        assert inside.any()
        assert np.all(night.heart_rate.bpm[inside] == 0.0)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"device": "sundial"}, "no simulated device is called 'sundial'; choose pinetime"),
        ({"hours": 0.2}, "a night of 0.2 h cannot be simulated; choose 1 to 14 hours"),
        ({"hours": float("nan")}, "cannot be simulated"),
        ({"cramps": -1}, "-1 cramps cannot be simulated"),
        ({"cramps": 13}, "13 cramps cannot be simulated in a night of 4 h; choose 0 to 12"),
        ({"timezone": "Europe/Atlantis"}, "no time zone is called 'Europe/Atlantis'"),
        ({"timezone": "/etc"}, "no time zone is called"),
        ({"faults": (DeviceFault(9e4, 60.0, FaultKind.GAP),)}, "does not fit into a night"),
        ({"faults": (DeviceFault(9e3, 30.0, FaultKind.OFF_WRIST),)}, "does not fit into a night"),
        ({"script": (Scripted(Kind.CRAMP, 60.0),)}, "overlaps something else in the night"),
        ({"script": (Scripted(Kind.CRAMP, 9e4),)}, "does not lie in the night"),
        ({"script": (Scripted(Kind.FINAL_WAKING, 7e3),)}, "final_waking cannot be scripted"),
        ({"script": (Scripted(Kind.OFF_WRIST, 7e3, 30.0),)}, "off the wrist for 30 s; choose 60 s"),
        (
            {"family": "phenomenological", "script": (Scripted(Kind.TAPS, 3600.0),)},
            "taps cannot be scripted in phenomenological nights; choose the kinematic family",
        ),
    ],
)
def test_settings_that_cannot_be_honoured_are_told(change: dict[str, object], words: str) -> None:
    settings = dataclasses.replace(NIGHT, **change)  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match=words.replace("?", r"\?")):
        simulate(settings, 1)


@pytest.mark.parametrize("name", DEVICES)
def test_every_device_records_at_its_rate_in_its_steps(name: str) -> None:
    device = DEVICES[name]
    night = simulate(dataclasses.replace(NIGHT, device=name, hours=1.5), 4)
    spacing_s = np.diff(night.acceleration.times_ns) / 1e9
    assert 1.0 / spacing_s.mean() == pytest.approx(device.rate_hz, rel=device.rate_error + 1e-3)
    # Two samples of a batch share their jitter; rounding to milliseconds adds up to half of one.
    jitter_s = np.sqrt(2.0 / device.batch) * device.jitter_s
    assert 0.9 * jitter_s < spacing_s.std() < 1.1 * jitter_s + 0.0006
    steps = night.acceleration.xyz_g.astype(np.float64) * 1000.0 / device.step_mg
    assert np.abs(steps - np.round(steps)).max() < 1e-3
    assert np.abs(night.acceleration.xyz_g).max() <= device.range_g
    assert (night.heart_rate is None) == (device.heart is None)
    sends_beats = device.heart is not None and device.heart.intervals
    assert (night.rr_intervals is not None) == sends_beats
