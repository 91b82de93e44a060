"""``crampwatch demo-wearable``: a whole night with a simulated wearable, in some minutes."""

from __future__ import annotations

import asyncio
import shlex
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random
from time import perf_counter
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

from crampwatch.keepers import Here
from crampwatch.night import Radio
from crampwatch.output import new_console
from crampwatch.overnight import begin_evening, spend_night
from crampwatch.pairing import Wanted, pair
from crampwatch.screen import Screen, night_screen
from crampwatch.summary import print_summary
from detector.night import Night
from ingest.errors import SettingsError
from ingest.samples import NS_PER_S
from ingest.zones import local_time
from server import words
from server.settings import DATABASE_NAME, Settings, database_url
from server.wire import LiveReport
from simulator.night import NightSettings, SimulatedNight
from simulator.wearable import MemoryAir, VirtualClock, run, wear
from simulator.wearable.mishaps import MishapKind, draw_mishaps, suffer

__all__ = ["demonstrate", "in_truth"]

EVENING = date(2026, 1, 15)
"""The evening that every demonstration begins on."""

CRAMPS = 2
"""Cramps in the night; one in four leaves the wrist still, as in life."""
LOSSES = (MishapKind.DROP, MishapKind.LOST, MishapKind.VANISHED, MishapKind.REBOOT)
"""What happens to the link: each of the ways in which it is lost."""
MISHAPS_AN_HOUR = 1
"""Times an hour that the link is lost, in one way or another: more than a bad night has."""


def demonstrate(settings: Settings, *, kind: str, hours: float, seed: int) -> None:
    """Pair, record, judge and sum up a simulated night, as `crampwatch night` does a real one.

    It is kept in a store of its own, in the place of the demonstration before.

    Raises
    ------
    SettingsError
        Where there is no such wearable, the night cannot be that long, or the demonstration before
        cannot be removed.
    """
    settings = _apart(settings)
    console = new_console(stderr=True)
    began_s = perf_counter()
    with night_screen(console, ZoneInfo(settings.timezone)) as screen:
        night, truth, passed_s = run(_night(settings, kind, hours, seed, console, screen))
    took_s = perf_counter() - began_s
    typer.echo(f"{round(passed_s / 3600, 1):g} h of a simulated night passed in {took_s:.0f} s.")
    if night is not None:
        print_summary(None, settings=settings)
    typer.echo(in_truth(truth, passed_s))
    if night is not None:
        url = shlex.quote(settings.database_url)
        typer.echo(f"To see the page of this night: CRAMPWATCH_DATABASE_URL={url} crampwatch serve")


def in_truth(truth: SimulatedNight, passed_s: float) -> str:
    """Tell the cramps of a night up to where it was watched: one that was stopped has no others."""
    told = [
        words.clock(truth.info.start_ns + round(each.onset_s * NS_PER_S), truth.info.zone)
        + ("" if each.extra["visible"] == "yes" else " (in which the wrist lay still)")
        for each in truth.events
        if each.label == "cramp" and each.onset_s < passed_s
    ]
    if not told:
        return "In truth there was no cramp until then."
    cramps = "was 1 cramp" if len(told) == 1 else f"were {len(told)} cramps"
    return f"In truth there {cramps}: {', '.join(told)}."


def _apart(settings: Settings) -> Settings:
    """Keep a simulated night out of the owner's store, and its faults from the owner's alarm."""
    folder = settings.data_dir / "demo"
    return settings.model_copy(
        update={
            "data_dir": folder,
            "database_url": database_url(folder / DATABASE_NAME),
            "notice_command": None,
            "wearer": None,
        }
    )


def _start_over(settings: Settings) -> None:
    """Remove the demonstration before: on the same evening, this one would go on with it."""
    night = settings.recordings_dir / EVENING.isoformat()
    store = settings.data_dir / DATABASE_NAME
    try:
        if night.exists():
            shutil.rmtree(night)
        for file in (settings.wearables_file, store, *map(Path, (f"{store}-wal", f"{store}-shm"))):
            file.unlink(missing_ok=True)
    except OSError as error:
        raise SettingsError(
            f"{settings.data_dir}: the demonstration before cannot be removed "
            f"({error.strerror}). Remove this folder."
        ) from error


async def _night(
    settings: Settings, kind: str, hours: float, seed: int, console: Console, screen: Screen
) -> tuple[Night | None, SimulatedNight, float]:
    """Spend the night; what it came to, what was in it, and after how many seconds it was over."""
    plan = NightSettings(EVENING, hours=hours, timezone=settings.timezone, cramps=CRAMPS)
    wearable, truth = wear(kind, plan, seed)
    _start_over(settings)
    air = MemoryAir()
    clock = VirtualClock(start=local_time(truth.info.start_ns, truth.info.zone))
    await air.place(wearable)
    radio = Radio(
        air.host.new_scanner, air.host.new_client, air.host.connected_devices, rng=Random(seed)
    )
    await pair(settings, Wanted(), radio=radio, clock=clock, console=console)

    evening = begin_evening(settings, clock.utc_ns(), None)
    evening = replace(
        evening,
        info=replace(evening.info, source=f"{truth.info.source}, heard over simulated Bluetooth"),
        end_ns=truth.info.start_ns + round(hours * 3600 * NS_PER_S),
    )
    mishaps = draw_mishaps(
        seed, hours=hours - 0.5, count=round(MISHAPS_AN_HOUR * hours), kinds=LOSSES
    )
    suffering = asyncio.ensure_future(suffer(wearable, mishaps))
    try:
        night = await spend_night(
            evening,
            settings,
            _Unseen(settings, screen.say),
            radio=radio,
            clock=clock,
            say=screen.say,
            show=screen.show,
        )
    finally:
        suffering.cancel()
        await asyncio.wait({suffering})
    return night, truth, min((clock.utc_ns() - truth.info.start_ns) / NS_PER_S, hours * 3600)


class _Unseen(Here):
    """The store without the page: nobody could look at it as fast as the night passes."""

    async def report(self, report: LiveReport) -> None:
        """Take what is known of the night."""

    @asynccontextmanager
    async def beside(self) -> AsyncIterator[None]:
        """Do nothing beside the night."""
        yield
