"""Every kind of wearable that can be spoken to, and how one is told by what it advertises.

A new wearable is one file beside this one and one entry here; see docs/new-wearable.md.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from ingest.devices import heart_rate_service, infinitime, open_seizure_detector
from ingest.devices.conversation import Conversation, StreamKind
from ingest.devices.conversations import heart_rate as heart_rate_conversation
from ingest.devices.conversations import infinitime as infinitime_conversation
from ingest.devices.conversations import open_seizure_detector as osd_conversation
from ingest.devices.conversations import polar as polar_conversation
from ingest.devices.decoder import Decoder
from ingest.devices.polar_pmd import acceleration as polar_acceleration
from ingest.devices.polar_pmd import frame as polar_frame
from ingest.errors import SettingsError

__all__ = ["WEARABLES", "Wearable", "find_wearable", "recognise"]

BOTH = frozenset({StreamKind.ACCELERATION, StreamKind.HEART_RATE})


@dataclass(frozen=True, slots=True)
class Wearable:
    """A kind of wearable.

    Parameters
    ----------
    title
        What people call it.
    converse
        What is said to it.
    services
        UUIDs, lower case, one of which it advertises.
    names
        Beginnings of its name, where it advertises none of them.
    brings
        What it can bring.
    rate_hz
        Samples of acceleration a second that it states, where it sends no time with them.
    heart_rate_hz
        Readings a second; None where they come when they change.
    counts_per_g
        Whole numbers of 16 bits that it sends for 1 g; None where it does not.
    advice
        What helps where a stream does not come, by its kind.
    decoders
        Of the frames that only it sends, by name: its own, and the characteristic's.
    """

    title: str
    converse: Conversation
    services: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    brings: frozenset[StreamKind] = BOTH
    rate_hz: float = 50.0
    heart_rate_hz: float | None = heart_rate_conversation.HEART_RATE_HZ
    counts_per_g: float | None = None
    advice: Mapping[StreamKind, str] = field(default_factory=dict)
    decoders: Mapping[str, Decoder] = field(default_factory=dict)

    def is_seen_in(self, name: str, services: Collection[str]) -> bool:
        """Tell whether a device that advertises this is one."""
        return not {uuid.lower() for uuid in services}.isdisjoint(self.services) or (
            bool(self.names) and name.startswith(self.names)
        )


WEARABLES: dict[str, Wearable] = {
    "polar": Wearable(
        title="Polar sensor",
        converse=polar_conversation.converse,
        rate_hz=polar_conversation.WANTED_HZ,
        services=(polar_frame.SERVICE,),
        names=("Polar ",),
        counts_per_g=polar_acceleration.MG_PER_G,
        advice={
            StreamKind.ACCELERATION: "Close Polar's app on every phone, and restart the sensor; "
            "Polar 360 and Loop serve only the one host they are bonded with.",
            StreamKind.HEART_RATE: "Wear it on the skin, and restart it to leave SDK mode.",
        },
    ),
    "infinitime": Wearable(
        title="PineTime with InfiniTime",
        converse=infinitime_conversation.converse,
        services=(infinitime.MOTION_SERVICE,),
        names=("InfiniTime", "Pinetime-JF"),
        rate_hz=infinitime_conversation.MOTION_HZ,
        heart_rate_hz=None,
        counts_per_g=infinitime.COUNTS_PER_G,
        advice={
            StreamKind.ACCELERATION: "Disconnect the watch from every phone: it serves one host.",
            StreamKind.HEART_RATE: "On the watch, open Settings, Heart rate, and choose how often "
            "it measures in the background; it is off by default.",
        },
    ),
    "open_seizure_detector": Wearable(
        title="Bangle.js 2 or PineTimeSD (OpenSeizureDetector)",
        converse=osd_conversation.converse,
        services=(open_seizure_detector.SERVICE,),
        names=("Bangle.js",),
        rate_hz=osd_conversation.ACCELERATION_HZ,
        counts_per_g=osd_conversation.MG_PER_G,
        advice={
            StreamKind.ACCELERATION: osd_conversation.THREE_AXES_ADVICE,
            StreamKind.HEART_RATE: "Turn heart rate on in the settings of its widget.",
        },
    ),
    "heart_rate": Wearable(
        title="heart rate strap or watch",
        converse=heart_rate_conversation.converse,
        services=(heart_rate_service.HEART_RATE_SERVICE,),
        brings=frozenset({StreamKind.HEART_RATE}),
        advice={
            StreamKind.HEART_RATE: "Wear it, and have the watch broadcast its heart rate.",
        },
    ),
}
"""By name, the more special first: most wearables advertise heart rate too."""


def recognise(name: str | None, services: Collection[str]) -> str | None:
    """Tell a kind of wearable by what it advertises.

    Parameters
    ----------
    name
        What it calls itself, if anything.
    services
        UUIDs of the services it advertises.

    Returns
    -------
    Its name in `WEARABLES`; None where it is none of them.
    """
    seen = (kind for kind, each in WEARABLES.items() if each.is_seen_in(name or "", services))
    return next(seen, None)


def find_wearable(kind: str) -> Wearable:
    """Return the wearable of a kind.

    Raises
    ------
    SettingsError
        If there is none.
    """
    if kind in WEARABLES:
        return WEARABLES[kind]
    raise SettingsError(
        f"'{kind}' is not a kind of wearable. There are {', '.join(sorted(WEARABLES))}."
    )
