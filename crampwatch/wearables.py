"""``crampwatch devices`` and ``forget``: what is paired."""

from __future__ import annotations

from rich.table import Column, Table

from crampwatch.output import new_console
from ingest.collector import wearables_file
from server.settings import load_settings

__all__ = ["forget_wearable", "list_wearables"]


def list_wearables() -> None:
    """Print what is paired, and where it is kept.

    Raises
    ------
    SettingsError
        If the file cannot be read.
    """
    path = load_settings().wearables_file
    paired = wearables_file.load_paired(path)
    console = new_console()
    if not paired:
        console.print("No wearable is paired. Run `crampwatch pair`.")
        return
    address = Column("Address", no_wrap=True)
    table = Table(
        *("Name", address, "What it is", "A night takes from it", "Worn"), box=None, pad_edge=False
    )
    for each in paired:
        takes = " and ".join(sorted(kind.value.replace("_", " ") for kind in each.brings))
        table.add_row(each.name, each.address, each.wearable.title, takes, each.placement.value)
    console.print(table)
    console.print(f"Kept in {path}.", soft_wrap=True)


def forget_wearable(which: str) -> None:
    """Forget a wearable, by its name or address.

    Raises
    ------
    SettingsError
        If it is not paired.
    """
    gone = wearables_file.forget(load_settings().wearables_file, which)
    new_console().print(
        f"{gone.name} is forgotten. Where it was bonded, remove it from the system's Bluetooth "
        "settings as well.",
        soft_wrap=True,
    )
