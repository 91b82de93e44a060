"""The wearables that were paired, in a file that a person can read and change."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import tomli_w

from ingest.collector.paired import PairedDevice, called
from ingest.devices.conversation import StreamKind
from ingest.devices.wearables import find_wearable
from ingest.errors import RecordingError, SettingsError
from ingest.native import disk
from ingest.sensor import Placement

__all__ = ["forget", "load_paired", "remember", "save_paired"]

HEADER = """\
# The wearables that `crampwatch pair` made known. You may change this file:
#   takes      what a night takes from it: "acceleration", "heart_rate"
#   placement  where it is worn: "wrist", "forearm", "ankle", "calf"

"""

_ADDRESS = re.compile(
    r"[0-9a-f]{2}(:[0-9a-f]{2}){5}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE
)
"""A Bluetooth address, or the UUID that macOS gives in its place."""


def load_paired(path: Path) -> list[PairedDevice]:
    """Read the file; nothing is paired where there is none.

    Raises
    ------
    SettingsError
        If it cannot be read, with the wearable at fault and what may stand there.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read ({error}). Check who may read it.") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(
            f"{path} is not TOML: {error}. Mend it, or delete it and pair again."
        ) from error
    tables = data.get("wearable", [])
    if not isinstance(tables, list) or set(data) - {"wearable"}:
        raise SettingsError(f"{path} has to hold tables named [[wearable]] and nothing else.")
    return [_parse(path, number, table) for number, table in enumerate(tables, start=1)]


def save_paired(path: Path, paired: Sequence[PairedDevice]) -> None:
    """Write the file, whole or not at all.

    Raises
    ------
    SettingsError
        If it cannot be written.
    """
    tables = [
        {
            "address": each.address,
            "name": each.name,
            "kind": each.kind,
            "takes": sorted(each.takes),
            "placement": each.placement.value,
        }
        for each in paired
    ]
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        disk.write_aside(path, (HEADER + tomli_w.dumps({"wearable": tables})).encode())
    except (OSError, RecordingError) as error:
        raise SettingsError(
            f"{path} cannot be written. Make room, or check who may write there."
        ) from error


def remember(path: Path, device: PairedDevice) -> list[PairedDevice]:
    """Add a wearable, in the place of what was known of the same address.

    A night has one heart rate: the wearable paired last brings it.

    Returns
    -------
    Those that are left with nothing to bring, and are forgotten.
    """
    others = [_yielding(each, device) for each in load_paired(path) if not _same(each, device)]
    save_paired(path, [*(each for each in others if each.brings), device])
    return [each for each in others if not each.brings]


def forget(path: Path, which: str) -> PairedDevice:
    """Take out the wearable of an address, or of a name or its beginning.

    Raises
    ------
    SettingsError
        If there is none, or there are two of the name.
    """
    paired = load_paired(path)
    meant = called(paired, which)
    if not meant:
        known = _names(paired) or "none"
        raise SettingsError(f"No wearable '{which}' is paired. Paired: {known}.")
    if len(meant) > 1:
        raise SettingsError(
            f"{len(meant)} wearables are called {which}. Give the address: {_names(meant)}."
        )
    save_paired(path, [each for each in paired if each is not meant[0]])
    return meant[0]


def _names(devices: Sequence[PairedDevice]) -> str:
    return ", ".join(f"{each.name} ({each.address})" for each in devices)


def _same(one: PairedDevice, other: PairedDevice) -> bool:
    return one.address.lower() == other.address.lower()


def _yielding(known: PairedDevice, newer: PairedDevice) -> PairedDevice:
    """Leave heart rate to the newer wearable where both would bring it."""
    if StreamKind.HEART_RATE not in newer.brings:
        return known
    return replace(known, takes=known.takes - {StreamKind.HEART_RATE})


def _parse(path: Path, number: int, table: Any) -> PairedDevice:
    def fail(problem: str) -> SettingsError:
        return SettingsError(f"{path}: wearable {number} {problem}.")

    # Looked up in lists: what was written by hand may be of a kind that no set could hold.
    streams = [StreamKind.ACCELERATION.value, StreamKind.HEART_RATE.value]
    placements = [each.value for each in Placement]

    if not isinstance(table, dict):
        raise fail("is not a table")
    missing = [key for key in ("address", "name", "kind") if not isinstance(table.get(key), str)]
    if missing:
        raise fail(f"has no {' and no '.join(missing)} in quotes")
    unknown = table.keys() - {"address", "name", "kind", "takes", "placement"}
    if unknown:
        raise fail(f"has a '{min(unknown)}', which means nothing here")
    try:
        find_wearable(table["kind"])
    except SettingsError as error:
        raise SettingsError(f"{path}: wearable {number}: {error}") from error
    takes = table.get("takes", streams)
    if not isinstance(takes, list) or not takes or any(each not in streams for each in takes):
        raise fail('takes something other than ["acceleration", "heart_rate"]')
    placement = table.get("placement", Placement.WRIST.value)
    if placement not in placements:
        raise fail(f"has the placement {placement!r}; it can be {', '.join(placements)}")
    if not _ADDRESS.fullmatch(table["address"]):
        raise fail(
            f"has the address '{table['address']}', which is none; `crampwatch scan` shows those "
            "in range"
        )
    return PairedDevice(
        table["address"],
        table["name"],
        table["kind"],
        frozenset(map(StreamKind, takes)),
        Placement(placement),
    )
