"""What the picture of a night says where there is nothing to draw, and what its lines are."""

from __future__ import annotations

from server.decoded import NotShown
from server.language import N_

__all__ = ["DRAWING", "NOT_SHOWN", "WHAT_IS_DRAWN"]

NOT_SHOWN = {
    NotShown.ELSEWHERE: N_(
        "Its samples are not on this machine: a collector elsewhere recorded it and sent what was "
        "found. To see its movement here, copy the folder of the recording to this machine and run "
        "crampwatch replay on it."
    ),
    NotShown.MOVED: N_(
        "Its samples are no longer where they were when it was stored. Run crampwatch replay on "
        "the recording where it is now; nothing else is changed by that."
    ),
    NotShown.CHANGED: N_(
        "The recording has changed since it was judged, so that its samples would not fit what is "
        "told here. Run crampwatch replay on it to judge it again."
    ),
    NotShown.UNREADABLE: N_(
        "Its samples cannot be read. crampwatch verify tells what is wrong with the recording."
    ),
    NotShown.NO_ROOM: N_(
        "There was no room to unpack its samples. Make some on the disk that the data folder of "
        "crampwatch is on, and load this page again."
    ),
}

WHAT_IS_DRAWN = (
    (
        N_("Movement"),
        N_(
            "how hard the wrist is pushed beyond the pull of the earth (ENMO), in thousandths of "
            "that pull (mg). Lying still is 0."
        ),
    ),
    (
        N_("Along x, y and z"),
        N_(
            "what the sensor measured along its own three axes, the pull of the earth included, in "
            "g."
        ),
    ),
    (
        N_("Tilt"),
        N_(
            "the angle of the arm against the horizontal (z-angle), every 5 seconds. A step is a "
            "turn of the arm."
        ),
    ),
    (N_("Heart rate"), N_("beats a minute, every 5 seconds where the sensor read it.")),
)

DRAWING = {
    "reading": N_("Reading the samples …"),
    "episodes": N_("Cramp-like awakenings"),
    "movement": N_("Movement (mg)"),
    "axes": N_("Along x, y and z (g)"),
    "tilt": N_("Tilt (°)"),
    "heart": N_("Heart rate (beats a minute)"),
    "noMovement": N_("{name} has no movement to draw. {why}"),
    "notLoaded": N_("The lines could not be loaded ({why}). Load this page again."),
    "shown": N_("Shown: {from} to {to}."),
    "everySample": N_("Every sample."),
    "leastAndMost": N_("The least and the most of each moment."),
}
"""What the script writes; it fills in what stands in braces."""
