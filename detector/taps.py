"""Three firm taps on the watch: the wearer's mark where a wearable has no button to offer.

A tap is over within a tenth of a second, so it is looked for in the samples as they come, not on
cells, which would smooth it away. What sets three meant taps apart from the knocks of a night
is that nothing else happens: the arm lies still before, between and after them.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from detector.ranks import median
from detector.short_sums import sum_over_second
from ingest.samples import NS_PER_S, Acceleration, Mark

__all__ = ["TAPPED", "TapFinder"]

TAPPED = "three taps: this was a cramp"
"""Label of a mark that was tapped."""

TAPS = 3
"""One or two knocks happen, four and more are drumming; three in an even beat are meant."""

LONGEST_STEP_S = 1 / 24
"""Seconds between samples up to which taps are told: what is sold as 25 Hz is up to 4 % slower."""
HOLE_S = 0.1
"""Seconds between two samples in which a tap could go unseen, or a fourth one: nothing is said."""

JOLT_G = 0.05
"""Change from one sample to the next, in g, that a knock makes: five times what breathing and the
noise of a coarse sensor make, and about what is left of a firm tap where 25 Hz samples miss it and
only see the arm give way."""
FIRM_G = 0.25
"""Change from one sample to the next, in g, that one of the taps makes at least: of three firm
taps one is met by a sample even at 25 Hz, and a sleeper's arm that is not struck moves smoothly."""

NEARLY_FIRM_G2 = 0.9 * FIRM_G**2
"""Squared change from which on jolts are looked at: single precision, in which they are found, is
off by far less than a tenth."""

REST_NS = NS_PER_S
"""Nanoseconds without a jolt before and after the taps: longer than between two of them, so that
a fourth would be seen, and no longer than one holds still unasked."""
ROW_NS = 2 * NS_PER_S
"""Nanoseconds from the first jolt of the first tap to the last of the last."""
APART_S = (0.15, 0.9)
"""Seconds from one tap to the next: faster, a finger does not tap firmly; slower is no row."""
EVEN = 1.7
"""How much longer one pause may be than the other: people tap in a beat, and where a tap is left
out of four, one pause is twice the other."""

KNOCK_S = 0.1
"""Seconds that a knock lasts at most: an arm that lands or is shaken takes longer."""
CORE = 0.35
"""Share of its peak over which a knock counts as lasting."""
RINGS_OUT_S = 0.07
"""Seconds in which a tap rings out by a factor of e, strap and arm together: a jolt is a tap of its
own where it is stronger than what the strongest of the row would have left by then."""
LOOK_S = 0.14
"""Seconds from its first jolt in which a knock is looked at: what it lasts at most and a sample of
25 Hz, and less than the shortest pause."""

ALIKE = 2.0
"""Share of the strongest knock, as a divisor, from which on a knock is seen well enough to be
compared: what is weaker may be a tap whose top fell between two samples."""
ONE_LINE = 0.8
"""Cosine between the pushes of two such knocks: within 37 degrees, up or down, for taps fall on
one place and ring along one line."""

STILL_S = 0.5
"""Seconds before and after over which the arm has to lie still: a dozen samples of 25 Hz."""
RINGING_S = 0.12
"""Seconds after the beginning of a tap that are not looked at: the strap is still ringing."""
STILL_G = 0.04
"""Root mean square of the movement in those seconds, in g: a resting arm has a few thousandths,
one that is held up or still swings from the last tap some hundredths."""
TURNED_DEG = 10.0
"""Degrees that gravity may turn between before and after, and between two taps: a tap tilts the
wrist by a few, and an arm that moves to knock by tens."""

Instants = npt.NDArray[np.int64]
Singles = npt.NDArray[np.float32]
Vectors = npt.NDArray[np.float64]


class _Jolts(NamedTuple):
    """Jolts that no rest parts.

    Parameters
    ----------
    first_ns, last_ns
        Time of the first and the last.
    strongest_g2
        Squared change of the strongest.
    """

    first_ns: int
    last_ns: int
    strongest_g2: float


class TapFinder:
    """Finds three taps in acceleration of 25 Hz and more as it comes; in less it finds none.

    A row of taps is known when one second without a jolt has followed it. It depends on the
    samples from a second before it to a second after it and on nothing else, so how they are cut
    into chunks cannot show.
    """

    def __init__(self) -> None:
        # The samples that a row of taps may yet turn out to need, and always the last one.
        self._kept = Acceleration(np.empty(0, np.int64), np.empty((0, 3), np.float32))
        # Those that may go on.
        self._open: _Jolts | None = None

    def feed(self, chunk: Acceleration) -> tuple[Mark, ...]:
        """Take the next samples, later than all before.

        Returns
        -------
        tuple of Mark
            Those that these samples completed, each at the time of its first tap.
        """
        if not len(chunk):
            return ()
        latest_ns = int(chunk.times_ns[-1])
        begins = _joined(_cut(self._kept, -1, None), _cut(chunk, 0, 1))
        (first_ns, first_g2), (jolts_ns, changes_g2) = _find_jolts(begins), _find_jolts(chunk)
        over = self._over(
            np.concatenate([first_ns, jolts_ns]), np.concatenate([first_g2, changes_g2]), latest_ns
        )
        found: list[Mark] = []
        for jolts in over:
            lasts_ns = jolts.last_ns - jolts.first_ns
            if lasts_ns <= ROW_NS and jolts.strongest_g2 >= NEARLY_FIRM_G2:
                around = self._since(jolts.first_ns - REST_NS, chunk, jolts.last_ns + REST_NS)
                if _is_a_row(around.times_ns, around.xyz_g):
                    found.append(Mark(jolts.first_ns, TAPPED))
        needed_ns = latest_ns
        if self._open is not None and latest_ns - self._open.first_ns <= ROW_NS + REST_NS:
            needed_ns = self._open.first_ns
        # Copied, so that the rest of the chunk need not be kept for it.
        self._kept = _joined(self._since(needed_ns - REST_NS, chunk, latest_ns))
        return tuple(found)

    def _since(self, first_ns: int, chunk: Acceleration, last_ns: int) -> Acceleration:
        """Give the samples from one time to another, of those kept and the chunk after them."""
        kept, new = (
            _cut(each, *each.times_ns.searchsorted((first_ns, last_ns + 1)).tolist())
            for each in (self._kept, chunk)
        )
        return _joined(kept, new) if len(kept) else new

    def _over(self, jolts_ns: Instants, changes_g2: Singles, latest_ns: int) -> list[_Jolts]:
        """Group jolts by the rest between them; the group that may go on is kept for later."""
        groups = [] if self._open is None else [self._open]
        if jolts_ns.size:
            begins = np.concatenate([[0], np.flatnonzero(np.diff(jolts_ns) > REST_NS) + 1])
            firsts = jolts_ns[begins].tolist()
            lasts = jolts_ns[np.concatenate([begins[1:] - 1, [-1]])].tolist()
            strongest = np.maximum.reduceat(changes_g2, begins).tolist()
            if groups and firsts[0] - groups[0].last_ns <= REST_NS:
                before = groups.pop()
                firsts[0] = before.first_ns
                strongest[0] = max(before.strongest_g2, strongest[0])
            groups += map(_Jolts, firsts, lasts, strongest)
        goes_on = bool(groups) and latest_ns - groups[-1].last_ns <= REST_NS
        self._open = groups.pop() if goes_on else None
        return groups


def _cut(samples: Acceleration, start: int, end: int | None) -> Acceleration:
    return Acceleration.of_checked(samples.times_ns[start:end], samples.xyz_g[start:end])


def _joined(*parts: Acceleration) -> Acceleration:
    return Acceleration.of_checked(
        np.concatenate([each.times_ns for each in parts]),
        np.concatenate([each.xyz_g for each in parts]),
    )


def _find_jolts(samples: Acceleration) -> tuple[Instants, Singles]:
    """Give the times of the samples that differ from the one before, and the squared change."""
    change = samples.xyz_g[1:] - samples.xyz_g[:-1]
    change *= change
    # Added one by one: a sum over an axis may add in another order for another length.
    squared = sum_over_second(change)
    jolts = np.flatnonzero(squared > np.float32(JOLT_G**2))
    return samples.times_ns[jolts + 1], squared[jolts]


def _is_a_row(times_ns: Instants, xyz_g: npt.NDArray[np.float32]) -> bool:
    """Judge jolts by their samples, from a second before the first to a second after the last."""
    # Laid out as they came one after the other: what is summed rounds by the layout.
    values = xyz_g.astype(np.float64, order="C")
    changes = values[1:] - values[:-1]
    jolts_g = np.sqrt((changes * changes).sum(axis=1))
    if len(jolts_g) < TAPS or jolts_g.max() < FIRM_G:
        return False
    times_s = (times_ns - times_ns[0]) / NS_PER_S
    steps_s = times_s[1:] - times_s[:-1]
    step_s = float(median(steps_s))
    if step_s > LONGEST_STEP_S or steps_s.max() > HOLE_S:
        return False
    taps = _taps(times_s, jolts_g)
    if len(taps) != TAPS or times_s[taps[0]] < REST_NS / NS_PER_S - HOLE_S:
        return False
    return (
        _in_a_beat(times_s[taps].tolist(), step_s)
        and _lies_still(times_s, values, taps)
        and _are_alike(times_s, values, taps)
    )


def _taps(times_s: Vectors, jolts_g: Vectors) -> list[int]:
    """Give the place of the first jolt of each knock."""
    strongest_g = float(jolts_g.max())
    firsts: list[int] = []
    for at in (np.flatnonzero(jolts_g > JOLT_G) + 1).tolist():
        since_s = float(times_s[at] - times_s[firsts[-1]]) if firsts else math.inf
        left_g = strongest_g * math.exp(-since_s / RINGS_OUT_S)
        if since_s > KNOCK_S and jolts_g[at - 1] > left_g:
            firsts.append(at)
    return firsts


def _in_a_beat(begins_s: list[float], step_s: float) -> bool:
    """Tell whether the pauses are those of a row; a tap is seen up to one sample late."""
    pauses_s = [after - before for before, after in pairwise(begins_s)]
    shortest_s, longest_s = min(pauses_s), max(pauses_s)
    return (
        shortest_s >= APART_S[0] - step_s
        and longest_s <= APART_S[1] + step_s
        and longest_s - step_s <= EVEN * (shortest_s + step_s)
    )


def _lies_still(times_s: Vectors, xyz_g: Vectors, taps: list[int]) -> bool:
    """Tell whether the arm lies still before and after, and in one and the same way throughout."""
    begins_s = times_s[taps].tolist()
    outside = [
        _between(times_s, xyz_g, begins_s[0] - STILL_S, begins_s[0]),
        _between(times_s, xyz_g, begins_s[-1] + RINGING_S, begins_s[-1] + RINGING_S + STILL_S),
    ]
    inside = [
        _between(times_s, xyz_g, before + RINGING_S, after) for before, after in pairwise(begins_s)
    ]
    for still in outside:
        away = still - still.mean(axis=0)
        if math.sqrt(float((away * away).sum(axis=1).mean())) > STILL_G:
            return False
    levels = [each.mean(axis=0) for each in (*outside, *inside) if len(each) >= 2]
    aligned = math.cos(math.radians(TURNED_DEG))
    return all(_cosine(levels[0], level) >= aligned for level in levels[1:])


def _are_alike(times_s: Vectors, xyz_g: Vectors, taps: list[int]) -> bool:
    """Tell whether those knocks that are seen well are short, and along one line."""
    begins_s = times_s[taps].tolist()
    level = _between(times_s, xyz_g, begins_s[0] - STILL_S, begins_s[0]).mean(axis=0)
    knocks: list[tuple[float, float, Vectors]] = []
    for begin_s in begins_s:
        start, end = np.searchsorted(times_s, (begin_s, begin_s + LOOK_S))
        away = xyz_g[start:end] - level
        size_g = np.sqrt((away * away).sum(axis=1))
        core_s = times_s[start:end][size_g > CORE * size_g.max()]
        push = away[int(size_g.argmax())]
        knocks.append((float(size_g.max()), float(core_s[-1] - core_s[0]), push))
    firmest_g, _, line = max(knocks, key=lambda knock: knock[0])
    return all(
        lasts_s <= KNOCK_S and abs(_cosine(push, line)) >= ONE_LINE
        for size_g, lasts_s, push in knocks
        if size_g > firmest_g / ALIKE
    )


def _between(times_s: Vectors, xyz_g: Vectors, from_s: float, to_s: float) -> Vectors:
    start, end = np.searchsorted(times_s, (from_s, to_s))
    return xyz_g[start:end]


def _cosine(one: Vectors, other: Vectors) -> float:
    lengths = math.sqrt(float(one @ one) * float(other @ other))
    return float(one @ other) / lengths if lengths else 0.0
