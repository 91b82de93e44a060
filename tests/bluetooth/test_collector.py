"""The collector over virtual Bluetooth: what wearables sent while connected is on disk, once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
import numpy.typing as npt
import pytest

from ingest.collector.night import collect_night
from ingest.collector.status import NightStatus
from ingest.devices.conversation import StreamKind
from ingest.native.night import Reading, describe, read_faults
from ingest.samples import NS_PER_S, Fault, FaultKind, HeartRate
from ingest.sensor import Placement
from simulator.wearable import (
    BangleWatch,
    HeartRateStrap,
    InfiniTimeWatch,
    Mishap,
    MishapKind,
    PolarSense,
    VirtualClock,
    Wearable,
    draw_mishaps,
    run,
)
from tests.bluetooth.conftest import OpenAir
from tests.bluetooth.nights import INFO, gaps, holes, paired, rough_night, stored

ACCELERATION, HEART_RATE = StreamKind.ACCELERATION, StreamKind.HEART_RATE
WEARABLES: dict[str, Callable[[], Wearable]] = {
    "polar": lambda: PolarSense(drift_ppm=60),
    "infinitime": InfiniTimeWatch,
    "open_seizure_detector": BangleWatch,
}


HOURS = 0.4
"""Length of a night of eight mishaps; `benchmarks/whole_night.py` has one of 8 h."""

WORST_NS = NS_PER_S // 5
"""How far a stored time may be from when the sample was taken."""


def _places(
    expected: npt.NDArray[np.float32], found: npt.NDArray[np.float32]
) -> npt.NDArray[np.int64]:
    """Where the samples expected are among those found, in their order."""
    places: list[int] = []
    at = 0
    for sample in expected:
        while not np.array_equal(found[at], sample):
            at += 1
        places.append(at)
        at += 1
    return np.array(places)


@dataclass
class Outcome:
    """A night as it was collected, beside what the wearables know of it."""

    folder: Path
    wearable: Wearable
    clock: VirtualClock
    final: NightStatus
    faults: tuple[Fault, ...]

    def true_ns(self) -> npt.NDArray[np.int64]:
        wearable = self.wearable
        return np.array(
            [self.clock.true_ns(wearable.sample_time_s(each)) for each in wearable.sent_acc]
        )


def bpm(folder: Path) -> list[int]:
    found = describe(folder).records(Reading())
    rates = [each.record for each in found if isinstance(each.record, HeartRate)]
    return [round(each) for rate in rates for each in rate.bpm.tolist()]


async def collected(
    open_air: OpenAir, folder: Path, kind: str, mishaps: Sequence[Mishap]
) -> Outcome:
    wearable = WEARABLES[kind]()
    clock, final = await rough_night(
        await open_air(),
        wearable,
        paired(wearable, kind, ACCELERATION, HEART_RATE),
        folder,
        mishaps,
        hours=HOURS,
        seed=3,
        clock_step_s=-7200,
    )
    return Outcome(folder, wearable, clock, final, read_faults(folder))


def without_noise() -> tuple[MishapKind, ...]:
    """Mishaps of wearables whose frames have no form: any six bytes are a good sample of theirs."""
    return tuple(kind for kind in MishapKind if kind is not MishapKind.GARBLED)


KINDS = {
    "polar": tuple(MishapKind),
    "infinitime": without_noise(),
    "open_seizure_detector": without_noise(),
}


@pytest.mark.parametrize(
    ("open_air", "kind"),
    [("bumble", "polar"), *(("memory", kind) for kind in WEARABLES)],
    indirect=["open_air"],
)
def test_a_night_of_mishaps_is_stored_sample_by_sample(
    open_air: OpenAir, tmp_path: Path, kind: str
) -> None:
    mishaps = draw_mishaps(seed=5, hours=HOURS, count=8, kinds=KINDS[kind])
    night = run(collected(open_air, tmp_path / "night", kind, mishaps))
    times_ns, xyz_g = stored(tmp_path / "night")
    expected = night.wearable.acc_g(night.wearable.sent_acc).astype(np.float32)
    # A PineTime is read too where it is silent: what it notified is among what is stored.
    kept = _places(expected, xyz_g) if kind == "infinitime" else np.arange(len(xyz_g))
    assert np.array_equal(xyz_g[kept], expected)
    assert np.abs(times_ns[kept] - night.true_ns()).max() < WORST_NS
    assert gaps(night.faults) == holes(times_ns)
    assert FaultKind.LINK_LOST in {each.kind for each in night.faults}
    assert all(
        each.end_ns > each.start_ns for each in night.faults if each.kind is FaultKind.LINK_LOST
    )
    assert len(xyz_g) > 0.5 * HOURS * 3600 * night.wearable.rate_hz


def test_wearables_of_every_kind_make_one_night(open_air: OpenAir, tmp_path: Path) -> None:
    async def night() -> tuple[list[Wearable], NightStatus]:
        air, clock = await open_air(), VirtualClock()
        bangle, watch, strap = BangleWatch(), InfiniTimeWatch(), HeartRateStrap()
        for each in (bangle, watch, strap):
            await air.place(each)
        final = await collect_night(
            [
                paired(bangle, "open_seizure_detector", ACCELERATION),
                paired(watch, "infinitime", ACCELERATION, placement=Placement.ANKLE),
                paired(strap, "heart_rate", HEART_RATE),
            ],
            tmp_path / "night",
            INFO,
            scanner=air.host.new_scanner,
            client=air.host.new_client,
            clock=clock,
            until=asyncio.sleep(200),
            rng=Random(3),
        )
        return [bangle, watch, strap], final

    (bangle, watch, strap), final = run(night())
    assert read_faults(tmp_path / "night") == ()
    for table, wearable in (("acceleration_wrist", bangle), ("acceleration_ankle", watch)):
        times_ns, xyz_g = stored(tmp_path / "night", table)
        assert np.array_equal(xyz_g, wearable.acc_g(wearable.sent_acc).astype(np.float32))
        apart = np.diff(times_ns) * wearable.rate_hz / NS_PER_S
        assert 0.75 < apart.min() <= apart.max() < 1.3
    assert bpm(tmp_path / "night") == [strap.body.bpm_at(each) for each in strap.sent_hr]
    assert [link.connections for link in final.links] == [1, 1, 1]
