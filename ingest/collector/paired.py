"""A wearable that was paired: where it is, what it is, what a night takes from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from ingest.devices.conversation import StreamKind
from ingest.devices.wearables import Wearable, find_wearable
from ingest.errors import SettingsError
from ingest.sensor import Placement, Sensor

__all__ = ["PairedDevice", "called", "require_one_night", "sensors_of"]


@dataclass(frozen=True, slots=True)
class PairedDevice:
    """A wearable that was paired.

    Parameters
    ----------
    address
        Its Bluetooth address; on macOS the UUID that the system gives it.
    name
        What it calls itself.
    kind
        Its name in `ingest.devices.wearables.WEARABLES`.
    takes
        What a night takes from it, apart from the battery level.
    placement
        Where it is worn.
    """

    address: str
    name: str
    kind: str
    takes: frozenset[StreamKind] = frozenset({StreamKind.ACCELERATION, StreamKind.HEART_RATE})
    placement: Placement = Placement.WRIST

    @property
    def wearable(self) -> Wearable:
        """The kind of wearable it is.

        Raises
        ------
        SettingsError
            If there is none of that name.
        """
        return find_wearable(self.kind)

    @property
    def brings(self) -> frozenset[StreamKind]:
        """What the night will have from it."""
        return self.takes & self.wearable.brings


class Named(Protocol):
    """What has an address and a name."""

    @property
    def address(self) -> str:
        """Its Bluetooth address."""

    @property
    def name(self) -> str:
        """What it calls itself."""


AnyNamed = TypeVar("AnyNamed", bound=Named)


def called(devices: Sequence[AnyNamed], which: str) -> list[AnyNamed]:
    """Pick the devices of an address or a name; where there is none, those whose name begins so.

    Names of wearables end in a serial number that nobody knows: ``Polar H10 A1B2C3D4``.
    """
    wanted = which.strip().lower()
    exactly = [each for each in devices if wanted in (each.address.lower(), each.name.lower())]
    if exactly or not wanted:
        return exactly
    return [each for each in devices if each.name.lower().startswith(wanted)]


def require_one_night(paired: Sequence[PairedDevice]) -> None:
    """Check that wearables can make one night together.

    Raises
    ------
    SettingsError
        If there are none, one is there twice, none brings acceleration, or two bring heart rate.
    """
    if not paired:
        raise SettingsError("No wearable is paired. Run `crampwatch pair` first.")
    addresses = [each.address.lower() for each in paired]
    twice = [each.name for each in paired if addresses.count(each.address.lower()) > 1]
    if twice:
        raise SettingsError(f"{twice[0]} is paired twice. Forget one of the two.")
    if not any(StreamKind.ACCELERATION in each.brings for each in paired):
        raise SettingsError(
            "No paired wearable brings acceleration, and without it there is nothing to judge. "
            "Pair one more."
        )
    hearts = [each.name for each in paired if StreamKind.HEART_RATE in each.brings]
    if len(hearts) > 1:
        raise SettingsError(
            f"{' and '.join(hearts)} all bring heart rate, and a night has one. "
            "Choose which to take it from."
        )


def sensors_of(paired: Sequence[PairedDevice]) -> dict[str, Sensor]:
    """Give the sources of acceleration, by address, in their order in the recording."""
    return {
        each.address: Sensor(each.placement, each.name, each.wearable.counts_per_g)
        for each in paired
        if StreamKind.ACCELERATION in each.brings
    }
