"""What is said of a single awakening, and of what the wearer marked."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from detector.night import Standing
from server.language import N_, _
from server.words.times import clock, length, listed

__all__ = [
    "STANDINGS",
    "certainty",
    "got_up",
    "heart_rate",
    "heart_rate_short",
    "marked",
    "marks",
    "percentage",
    "signs",
    "standing_word",
]

STANDINGS = {Standing.LIKELY: N_("likely"), Standing.POSSIBLE: N_("possible")}


def standing_word(standing: Standing) -> str:
    """Write how sure the detector is, in a word."""
    return _(STANDINGS[standing])


def certainty(standing: Standing, probability: float) -> str:
    """Write how sure the detector is, in a word and a number that never claims certainty."""
    word = standing_word(standing)
    return f"{word[0].upper()}{word[1:]}, {percentage(probability)}"


def percentage(probability: float) -> str:
    """Write a probability as a number that never claims certainty."""
    return f"{min(max(round(100 * probability), 1), 99)} %"


def heart_rate(rise_bpm: float | None) -> str:
    """Write what the heart rate did."""
    if rise_bpm is None:
        return _("heart rate not measured")
    if round(rise_bpm) <= 0:
        return _("heart rate did not rise")
    return _("heart rate up by %(rise)s beats a minute", rise=round(rise_bpm))


def heart_rate_short(rise_bpm: float | None) -> str:
    """Write what the heart rate did, for a column."""
    if rise_bpm is None:
        return _("not measured")
    return _("%(rise)s a minute", rise=f"{round(rise_bpm):+d}")


def got_up(steps_seen: bool) -> str:
    """Write whether the wearer got up, as far as a wrist can tell."""
    return _("got up") if steps_seen else _("no steps seen")


def signs(duration_s: float, rise_bpm: float | None, steps_seen: bool) -> str:
    """Write how long an awakening was and what went with it, as a sentence."""
    return _(
        "%(time)s long, %(heart_rate)s, %(got_up)s.",
        time=length(duration_s),
        heart_rate=heart_rate(rise_bpm),
        got_up=got_up(steps_seen),
    )


def marked(mark_ns: int, onset_ns: int | None, zone: ZoneInfo) -> str:
    """Write what the wearer marked, and which awakening that was where one was noticed."""
    at = clock(mark_ns, zone)
    if onset_ns is None:
        return _(
            "You marked %(at)s as a cramp. Nothing cramp-like was noticed in the ten minutes "
            "before.",
            at=at,
        )
    onset = clock(onset_ns, zone)
    return _("You marked %(at)s as a cramp: the awakening at %(onset)s.", at=at, onset=onset)


def marks(marks_ns: Sequence[int], zone: ZoneInfo) -> str:
    """Write when the wearer marked an awakening."""
    return listed([clock(each, zone) for each in marks_ns])
