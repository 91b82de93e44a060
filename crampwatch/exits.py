"""The exit statuses of the command, besides 0."""

from __future__ import annotations

__all__ = [
    "BAD_INPUT",
    "DAMAGED",
    "DISAGREES",
    "INTERRUPTED",
    "NOT_PAIRED",
    "NOT_READ",
    "NOT_RECORDING",
    "NOT_SENT",
]

DISAGREES = 1
"""Of `decode`: what was checked is not as expected."""
DAMAGED = 1
"""Of `verify`: damage was found."""
NOT_PAIRED = 1
"""Of `pair`: the wearable did not bring what a night needs."""
NOT_RECORDING = 1
"""Of `status`: nothing is being recorded."""
NOT_SENT = 1
"""Of `notify test`: a channel did not take it."""
BAD_INPUT = 2
"""Something handed in could not be used."""
INTERRUPTED = 130
"""After Ctrl-C, as shells expect it."""
NOT_READ = 141
"""Whoever read the output has gone, as shells expect it: work may be undone."""
