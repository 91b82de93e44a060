"""What the picture of a night says where there is nothing to draw, and what its lines are."""

from __future__ import annotations

from server.decoded import NotShown

__all__ = ["NOT_SHOWN", "WHAT_IS_DRAWN"]

NOT_SHOWN = {
    NotShown.ELSEWHERE: (
        "Its samples are not on this machine: a collector elsewhere recorded it and sent what was "
        "found. To see its movement here, copy the folder of the recording to this machine and run "
        "crampwatch replay on it."
    ),
    NotShown.MOVED: (
        "Its samples are no longer where they were when it was stored. Run crampwatch replay on "
        "the recording where it is now; nothing else is changed by that."
    ),
    NotShown.CHANGED: (
        "The recording has changed since it was judged, so that its samples would not fit what is "
        "told here. Run crampwatch replay on it to judge it again."
    ),
    NotShown.UNREADABLE: (
        "Its samples cannot be read. crampwatch verify tells what is wrong with the recording."
    ),
    NotShown.NO_ROOM: (
        "There was no room to unpack its samples. Make some on the disk that the data folder of "
        "crampwatch is on, and load this page again."
    ),
}

WHAT_IS_DRAWN = (
    (
        "Movement",
        "how hard the wrist is pushed beyond the pull of the earth (ENMO), in thousandths of that "
        "pull (mg). Lying still is 0.",
    ),
    (
        "Along x, y and z",
        "what the sensor measured along its own three axes, the pull of the earth included, in g.",
    ),
    (
        "Tilt",
        "the angle of the arm against the horizontal (z-angle), every 5 seconds. A step is a "
        "turn of the arm.",
    ),
    ("Heart rate", "beats a minute, every 5 seconds where the sensor read it."),
)
