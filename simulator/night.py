"""Simulates one night: settings and a seed in, samples and the truth about them out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from ingest.errors import SettingsError
from ingest.recording import Event
from ingest.recording_folder import write as write_folder
from ingest.samples import (
    NS_PER_S,
    Acceleration,
    FaultKind,
    HeartRate,
    RecordingInfo,
    RRIntervals,
    Samples,
)
from simulator.device import DEVICES, DeviceFault
from simulator.families import family_named, life_of
from simulator.happening import Happening, Kind, Scripted
from simulator.heart import Heart, rise_bpm
from simulator.movement import Vector
from simulator.person import Person, Rates, draw_person
from simulator.plan import MIN_OFF_WRIST_S, most_cramps, plan_night
from simulator.render import render

__all__ = ["NightSettings", "SimulatedNight", "refuse_cramps", "simulate", "write"]

MIN_HOURS, MAX_HOURS = 1.0, 14.0
"""Shortest night that has room for falling asleep and waking, and the longest believable."""

TAPPING_FAMILY = "kinematic"
"""The family with a hand that can tap: a knock is part of how it moves."""


@dataclass(frozen=True, slots=True)
class NightSettings:
    """What a night is to be like.

    Parameters
    ----------
    date, start, timezone
        Evening the night began, and local time the recording starts.
    hours
        Length of the recording.
    device
        A name in `simulator.device.DEVICES`.
    person, rates
        Who sleeps and how often things happen; drawn from the seed where None.
    family
        A name in `simulator.families.FAMILIES`: how the body is made.
    life
        A name in `simulator.life.LIVES`: how nights go.
    backgrounds
        Folder of real nights for the family that is made of them; None takes the environment's.
    script
        What has to happen, and when.
    cramps
        Exact number of cramps beside the script, up to three an hour; None draws it.
    faults
        What goes wrong with the device.
    name
        Of the recording.
    """

    date: date
    start: time = time(22, 45)
    hours: float = 8.0
    timezone: str = "Europe/Berlin"
    device: str = "bangle"
    person: Person | None = None
    rates: Rates | None = None
    family: str = "kinematic"
    life: str = "plain"
    backgrounds: Path | None = None
    script: tuple[Scripted, ...] = ()
    cramps: int | None = None
    faults: tuple[DeviceFault, ...] = ()
    name: str = "simulated"


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedNight:
    """A night as it was recorded, and what really happened in it.

    Parameters
    ----------
    events
        By onset. Each has in ``extra``: ``visible`` (whether the wrist moved),
        ``heart_rate_rise_bpm`` (of the heart itself, not of the reading), and where they apply
        ``phenotype`` of a cramp and ``detail`` for what the label alone does not tell.
    """

    info: RecordingInfo
    acceleration: Acceleration
    heart_rate: HeartRate | None
    rr_intervals: RRIntervals | None
    events: tuple[Event, ...]

    @property
    def samples(self) -> Iterator[Samples]:
        """Everything that was recorded, kind by kind."""
        yield self.acceleration
        if self.heart_rate is not None:
            yield self.heart_rate
        if self.rr_intervals is not None:
            yield self.rr_intervals


def simulate(settings: NightSettings, seed: int) -> SimulatedNight:
    """Simulate a night. The same settings and seed give the same bits.

    Raises
    ------
    SettingsError
        Where a setting cannot be honoured.
    """
    start_ns, span_s = _checked(settings)
    device = DEVICES[settings.device]
    family = family_named(settings.family, settings.backgrounds)
    life = life_of(settings.family, settings.life)
    who, what, how = np.random.SeedSequence(seed).spawn(3)
    who_rng, rates_rng = map(np.random.default_rng, who.spawn(2))
    person = settings.person or draw_person(who_rng)
    rates = settings.rates or life.draw_rates(rates_rng)

    off_wrist = [fault for fault in settings.faults if fault.kind is FaultKind.OFF_WRIST]
    gaps = [fault for fault in settings.faults if fault.kind is FaultKind.GAP]
    happenings = plan_night(
        np.random.default_rng(what),
        person,
        rates,
        span_s=span_s,
        life=life,
        script=settings.script,
        cramps=settings.cramps,
        unseen=[(fault.start_s, fault.duration_s) for fault in gaps],
        off_wrist=[(fault.start_s, fault.duration_s) for fault in off_wrist],
    )
    # From the first touch of the strap to the last the sensor has no hold on the skin.
    handled = [happening for happening in happenings if happening.kind is Kind.OFF_WRIST]
    readings = render(
        how,
        family,
        person,
        happenings,
        device,
        span_s=span_s,
        twitches_h=rates.twitches_h,
        faults=[
            *(fault for fault in settings.faults if fault not in off_wrist),
            *(DeviceFault(each.onset_s, each.duration_s, FaultKind.OFF_WRIST) for each in handled),
        ],
    )
    info = RecordingInfo(
        name=settings.name,
        start_ns=start_ns,
        timezone=settings.timezone,
        device=device.description,
        wrist=person.wrist,
        source=f"crampwatch simulator, {_made(settings)}seed {seed}: a simulation, not a person",
    )
    heart_rate = rr_intervals = None
    if readings.heart_rate is not None:
        at_s, bpm = readings.heart_rate
        heart_rate = HeartRate(_nanoseconds(start_ns, at_s), bpm.astype(np.float32))
    if readings.rr_intervals is not None:
        at_s, rr_ms = readings.rr_intervals
        rr_intervals = RRIntervals(_nanoseconds(start_ns, at_s), rr_ms.astype(np.float32))
    return SimulatedNight(
        info=info,
        acceleration=Acceleration(
            _nanoseconds(start_ns, readings.times_s), readings.xyz_g.astype(np.float32)
        ),
        heart_rate=heart_rate,
        rr_intervals=rr_intervals,
        events=tuple(_event(happening, readings.heart) for happening in happenings),
    )


def write(night: SimulatedNight, folder: Path) -> None:
    """Write a night as a plain recording folder with its truth.

    Raises
    ------
    RecordingError
        Where the folder is there already or cannot be written.
    """
    write_folder(folder, night.info, night.samples, night.events, compress=True)


def refuse_cramps(cramps: int | None, hours: float) -> None:
    """Refuse more cramps than a night of this length can be asked to hold, and less than none.

    Raises
    ------
    SettingsError
        Which says how many it can.
    """
    most = most_cramps(hours)
    if cramps is not None and not 0 <= cramps <= most:
        raise SettingsError(
            f"{cramps} cramps cannot be simulated in a night of {hours:g} h; "
            f"choose 0 to {most}, or a longer night for more"
        )


def _checked(settings: NightSettings) -> tuple[int, float]:
    """Start in UTC nanoseconds and length in seconds."""
    if settings.device not in DEVICES:
        raise SettingsError(
            f"no simulated device is called {settings.device!r}; choose {', '.join(DEVICES)}"
        )
    if not MIN_HOURS <= settings.hours <= MAX_HOURS:
        raise SettingsError(
            f"a night of {settings.hours:g} h cannot be simulated; "
            f"choose {MIN_HOURS:g} to {MAX_HOURS:g} hours"
        )
    refuse_cramps(settings.cramps, settings.hours)
    if settings.family != TAPPING_FAMILY and any(
        scripted.kind is Kind.TAPS for scripted in settings.script
    ):
        raise SettingsError(
            f"taps cannot be scripted in {settings.family} nights; "
            f"choose the {TAPPING_FAMILY} family"
        )
    try:
        zone = ZoneInfo(settings.timezone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise SettingsError(
            f"no time zone is called {settings.timezone!r}; use an IANA name like Europe/Berlin"
        ) from error
    span_s = settings.hours * 3600.0
    for fault in settings.faults:
        shortest_s = MIN_OFF_WRIST_S if fault.kind is FaultKind.OFF_WRIST else 0.0
        if fault.start_s < 0.0 or fault.end_s > span_s or fault.duration_s <= shortest_s:
            raise SettingsError(
                f"the fault {fault.kind} from {fault.start_s:g} s to {fault.end_s:g} s "
                f"does not fit into a night of {span_s:g} s"
            )
    start = datetime.combine(settings.date, settings.start, tzinfo=zone)
    return int(start.timestamp()) * NS_PER_S, span_s


def _made(settings: NightSettings) -> str:
    """Tell what is not as in the first nights, which named neither."""
    family = "" if settings.family == "kinematic" else f"{settings.family} family, "
    if settings.family == "recombination":
        family += "on real movement that its events do not tell of, "
    return family + ("" if settings.life == "plain" else f"{settings.life} life, ")


def _nanoseconds(start_ns: int, times_s: Vector) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return start_ns + np.round(times_s * 1000.0).astype(np.int64) * (NS_PER_S // 1000)


def _event(happening: Happening, heart: Heart) -> Event:
    label = happening.kind.label
    extra = {
        "phenotype": str(happening.phenotype or ""),
        "detail": "" if label is happening.kind else str(happening.kind),
        "visible": "yes" if happening.visible else "no",
        "heart_rate_rise_bpm": f"{rise_bpm(heart, happening):.1f}",
    }
    told = {name: text for name, text in extra.items() if text}
    return Event(happening.onset_s, happening.duration_s, str(label), told)
