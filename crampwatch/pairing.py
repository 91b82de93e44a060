"""``crampwatch scan`` and ``pair``: what is in range, and whether it brings what a night needs."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from bleak.exc import BleakError
from rich.console import Console
from rich.live import Live
from rich.table import Column, Table

from crampwatch.night import Radio
from ingest.collector import wearables_file
from ingest.collector.clock import Clock
from ingest.collector.live_check import CHECK_S, LiveCheck, check_live
from ingest.collector.paired import PairedDevice, called
from ingest.collector.scan import Seen, look_around
from ingest.collector.trouble import explain
from ingest.devices.conversation import StreamKind
from ingest.devices.wearables import WEARABLES
from ingest.errors import SettingsError
from ingest.samples import MIN_RATE_HZ
from ingest.sensor import Placement
from server import words
from server.settings import Settings

__all__ = [
    "SCAN_S",
    "Wanted",
    "choose",
    "pair",
    "require_bluetooth",
    "sentences",
    "show_scan",
]

T = TypeVar("T")

SCAN_S = 8.0
"""Seconds to listen: most wearables say something every one to two."""

STRONG_DBM, WEAK_DBM = -65, -80
"""Signal strengths in dBm: a bed's width away, and where a turning body breaks the link."""

ENOUGH_PERCENT = 50
"""Battery level in percent that lasts a night with every wearable we know."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be paired.

    Parameters
    ----------
    which
        A name, its beginning, or an address; None where there is only one to pick.
    placement
        Where it will be worn.
    takes
        What a night is to take from it.
    """

    which: str | None = None
    placement: Placement = Placement.WRIST
    takes: frozenset[StreamKind] = frozenset({StreamKind.ACCELERATION, StreamKind.HEART_RATE})


async def show_scan(radio: Radio, seconds: float, console: Console) -> None:
    """Print what is in range.

    Raises
    ------
    BluetoothError
        If Bluetooth cannot be used.
    """
    with console.status(f"Listening for {seconds:g} s ..."):
        found = await _with_radio(look_around(radio.scanner, seconds))
    if not found:
        console.print(
            "Nothing is heard. Put the wearable within two metres, wake it up, and disconnect it "
            "from every phone.",
            soft_wrap=True,
        )
        return
    address = Column("Address", no_wrap=True)
    table = Table("Name", "Signal", "What it is", address, box=None, pad_edge=False)
    for each in found:
        kind = WEARABLES[each.kind].title if each.kind else "nothing we know"
        table.add_row(each.name or "unnamed", _signal(each.rssi), kind, each.address)
    console.print(table)


async def require_bluetooth(radio: Radio) -> None:
    """Scan for a moment, to say at once where Bluetooth cannot be used.

    Raises
    ------
    BluetoothError
        With what to do.
    """
    await _with_radio(look_around(radio.scanner, 0.0))


async def pair(
    settings: Settings, wanted: Wanted, *, radio: Radio, clock: Clock, console: Console
) -> bool:
    """Find a wearable, see what comes from it, and remember it where that is enough.

    Returns
    -------
    bool
        Whether it is paired now.

    Raises
    ------
    BluetoothError
        If Bluetooth cannot be used.
    SettingsError
        If it is not in range, is not the only one meant, or speaks nothing we know.
    """
    console.print("Looking for it ...")
    seen = choose(await _with_radio(look_around(radio.scanner, SCAN_S)), wanted.which)
    device = _device(seen, wanted)
    console.print(
        f"{device.name}: {device.wearable.title}. Put it on, and move your arm now and then for "
        f"{CHECK_S:g} s.",
        soft_wrap=True,
    )
    with Live(console=console, auto_refresh=False, transient=True) as live:

        def show(check: LiveCheck) -> None:
            if console.is_terminal:
                live.update(_picture(check), refresh=True)

        check = await _with_radio(
            check_live(
                device,
                scanner=radio.scanner,
                client=radio.client,
                clock=clock,
                on_look=show,
                connected_devices=radio.connected_devices,
            )
        )
    for sentence in sentences(check):
        console.print(sentence, soft_wrap=True)
    if not check.passed or _too_slow(check):
        console.print("Not paired. Do what is said above, then pair it again.")
        return False
    path = settings.wearables_file
    forgotten = wearables_file.remember(path, device)
    console.print(
        f"Paired, and kept in {path}. `crampwatch night` records with it.", soft_wrap=True
    )
    for each in forgotten:
        console.print(
            f"{each.name} is forgotten: a night has one heart rate, and {device.name} brings it.",
            soft_wrap=True,
        )
    return True


def choose(found: Sequence[Seen], which: str | None) -> Seen:
    """Pick the wearable that is meant.

    Raises
    ------
    SettingsError
        If there is none, or more than one, with what to do.
    """
    if which is None:
        meant = [each for each in found if each.kind is not None]
        if not meant:
            raise SettingsError(
                "No wearable that we can speak to is in range. Put it within two metres, "
                "disconnect it from every phone, and try again."
            )
        if len(meant) > 1:
            raise SettingsError(f"Several wearables are in range: {_names(meant)}. Say which.")
        return meant[0]
    meant = called(found, which)
    if not meant:
        others = [each for each in found if each.kind is not None]
        raise SettingsError(
            f"'{which}' is not in range. Wake it up, put it within two metres, and disconnect it "
            "from every phone: most wearables serve one host, and no other hears them then."
            + (f" In range: {_names(others)}." if others else "")
        )
    if len(meant) > 1:
        raise SettingsError(
            f"{len(meant)} devices call themselves {which}. Give the address: {_names(meant)}."
        )
    if meant[0].kind is None:
        raise SettingsError(
            f"'{which}' advertises nothing we know; docs/new-wearable.md says how a wearable is "
            "added. If it can broadcast its heart rate, turn that on first."
        )
    return meant[0]


def _names(devices: Sequence[Seen]) -> str:
    return ", ".join(f"{each.name or 'unnamed'} ({each.address})" for each in devices)


def sentences(check: LiveCheck) -> list[str]:
    """Say what a live check has shown, and what to do about what did not come."""
    link = check.link
    if not check.streaming_s:
        why = f" ({link.why})" if link.why else ""
        return [
            f"Nothing came from it{why}.",
            *(check.advice or ("Disconnect it from every phone, restart it, and hold it close.",)),
        ]
    told = []
    for stream in link.streams:
        if stream.kind is StreamKind.ACCELERATION:
            if stream.rate_hz is None:
                told.append("Movement: none came.")
            else:
                told.append(f"Movement: {stream.rate_hz:.1f} samples a second.")
        elif link.bpm:
            told.append(f"Heart rate: {link.bpm:.0f} beats a minute.")
        else:
            told.append("Heart rate: no reading came.")
    if _too_slow(check):
        told.append(f"A night needs {MIN_RATE_HZ:g} samples a second at least.")
    elif check.xyz_g is not None and not check.has_moved:
        told.append("It was not moved. If you did move, it is another wearable than the one worn.")
    if link.battery_percent is not None:
        low = " Charge it before the night." if link.battery_percent < ENOUGH_PERCENT else ""
        told.append(f"Battery: {link.battery_percent} %.{low}")
    if link.decode_errors:
        told.append(f"{link.decode_errors} messages could not be read; look for newer firmware.")
    return [*told, *check.advice]


def _too_slow(check: LiveCheck) -> bool:
    return any(
        stream.kind is StreamKind.ACCELERATION
        and stream.rate_hz is not None
        and stream.rate_hz < MIN_RATE_HZ
        for stream in check.link.streams
    )


def _picture(check: LiveCheck) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_row("State", words.LINK_STATES[check.link.state])
    if check.xyz_g is not None:
        x, y, z = check.xyz_g
        table.add_row("Movement", f"x {x:+.2f}  y {y:+.2f}  z {z:+.2f} g")
    table.add_row("Heart rate", f"{check.link.bpm:.0f} a minute" if check.link.bpm else "none yet")
    if check.link.battery_percent is not None:
        table.add_row("Battery", f"{check.link.battery_percent} %")
    table.add_row("Looked at for", f"{check.streaming_s:.0f} of {CHECK_S:g} s")
    return table


def _device(seen: Seen, wanted: Wanted) -> PairedDevice:
    device = PairedDevice(
        seen.address, seen.name or seen.address, seen.kind or "", wanted.takes, wanted.placement
    )
    if not device.brings:
        kinds = " or ".join(sorted(kind.value.replace("_", " ") for kind in wanted.takes))
        raise SettingsError(f"{device.name} brings no {kinds}. Leave --takes out, or pair another.")
    return replace(device, takes=device.brings)


async def _with_radio(ask: Coroutine[Any, Any, T]) -> T:
    try:
        return await ask
    except (BleakError, OSError, EOFError, TimeoutError) as error:
        raise explain(error) from error


def _signal(rssi_dbm: int) -> str:
    strength = "strong" if rssi_dbm >= STRONG_DBM else "fair" if rssi_dbm >= WEAK_DBM else "weak"
    return f"{strength} ({rssi_dbm} dBm)"
