"""A collector that is not heard of while its night goes on, as a fault, and when it is over."""

from __future__ import annotations

from ingest.collector.faults import OpenFault
from ingest.samples import NS_PER_S, FaultKind
from server.live import FORGOTTEN_AFTER_S, Tonight
from server.notices import LASTING_NS
from server.notify.kinds import HOUR_NS, Kind

__all__ = ["SILENCE", "STILL_UP_NS", "is_over", "silence", "since_ns"]

STILL_UP_NS = HOUR_NS
"""Nanoseconds (1 h) after the last word in which whoever was told of the silence is taken to be
seeing after it, and hears at night as well that it is over. Later nobody is woken for good news."""

SILENCE = f"{Kind.FAULT}:{FaultKind.COLLECTOR_SILENT}::"
"""What the key of a notice of such a silence begins with; the last word before it follows."""


def silence(tonight: Tonight) -> OpenFault | None:
    """Give the silence as a fault that goes on; None where it does not last yet."""
    if tonight.unheard_s * NS_PER_S < LASTING_NS:
        return None
    return OpenFault(FaultKind.COLLECTOR_SILENT, "", tonight.heard_ns)


def since_ns(key: str) -> int:
    """Give the last word before a silence, by the key of the notice that told of it."""
    return int(key.removeprefix(SILENCE))


def is_over(began_ns: int, tonight: Tonight | None, now_ns: int, *, resting: bool) -> bool:
    """Tell whether it is to be said that a silence is over, of which somebody was told.

    Parameters
    ----------
    began_ns
        The last word before it, in UTC nanoseconds.
    tonight
        The night that goes on; None also where it has arrived as a whole.
    resting
        Whether only what cannot wait is told.
    """
    ago_ns = now_ns - began_ns
    heard = tonight is None or not tonight.silent
    told_yet = ago_ns < STILL_UP_NS or not resting
    return heard and told_yet and ago_ns < FORGOTTEN_AFTER_S * NS_PER_S
