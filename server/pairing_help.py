"""How a wearable is put on, paired and kept through a night: the words of the page of that name.

What is said of each kind is what goes wrong with it most; the collector says the same when it does.
"""

from __future__ import annotations

from dataclasses import dataclass

from server.language import N_

__all__ = ["BEFORE_SLEEP", "NOT_FOUND", "WEARABLES", "WearableHelp"]


@dataclass(frozen=True, slots=True)
class WearableHelp:
    """What somebody has to know of a kind of wearable.

    Parameters
    ----------
    name
        What people call it.
    brings
        What a night gets from it.
    prepare
        What to do once, before it is paired.
    """

    name: str
    brings: str
    prepare: str


WEARABLES: dict[str, WearableHelp] = {
    "polar": WearableHelp(
        N_("Polar Verity Sense, OH1, 360, Loop or H10"),
        N_("Movement and heart rate."),
        N_(
            "Close Polar's own app on every phone, or it keeps the sensor to itself. Wear the arm "
            "sensor on the forearm. A Polar 360 or Loop serves only the one device that it is "
            "bonded with."
        ),
    ),
    "infinitime": WearableHelp(
        N_("PineTime with InfiniTime"),
        N_("Movement ten times a second, and heart rate."),
        N_(
            "Disconnect the watch from every phone. On the watch, open Settings, Heart rate, and "
            "choose how often it measures in the background: it is off until you do."
        ),
    ),
    "open_seizure_detector": WearableHelp(
        N_("Bangle.js 2 or PineTimeSD with OpenSeizureDetector"),
        N_("Movement 25 times a second, and heart rate."),
        N_(
            "Install the OpenSeizureDetector widget. In its settings, turn heart rate on and set "
            "the acceleration format to 3."
        ),
    ),
    "heart_rate": WearableHelp(
        N_("Any heart rate strap, or a watch that broadcasts its heart rate"),
        N_("Heart rate only: wear it beside one of the others."),
        N_("Put it on, the strap a little wet, or turn the broadcast on in the watch."),
    ),
}
"""By the names that the collector has for them."""

NOT_FOUND = (
    N_("Put the wearable on and wake it: most say nothing while they lie on a table."),
    N_("Bring it within a bed's width of the computer."),
    N_(
        "Close every app that speaks to it, or turn off Bluetooth on the phone: most wearables "
        "serve one at a time."
    ),
    N_("Take it out of the charger: a Polar sensor streams nothing there."),
    N_("Turn Bluetooth on at the computer; the command crampwatch scan says where it is off."),
)
"""What helps where pairing finds nothing, the most frequent first."""

BEFORE_SLEEP = (
    N_("Charge it in the evening. Half a battery lasts a night with every wearable named here."),
    N_(
        "Wear it snugly, a finger's width above the wrist bone, on the arm that you wear it on "
        "every night."
    ),
    N_("Leave the computer on and plugged in, within a few steps of the bed."),
    N_(
        "If the connection is lost, nothing has to be done: it is taken up again, and the morning "
        "says what is missing."
    ),
)
