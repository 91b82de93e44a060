"""What the detector makes of a recording: plain records, nothing else.

Times are UTC nanoseconds; spans are half-open, ``start_ns <= t < end_ns``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from detector.posture import Posture, posture_of
from ingest.samples import NS_PER_S, Fault, Mark, RecordingInfo

__all__ = [
    "MARKED_WITHIN_NS",
    "Awakening",
    "Cue",
    "Episode",
    "ModelVersion",
    "Night",
    "Sleep",
    "Span",
    "Standing",
    "marked",
    "seconds_in",
]

MARKED_WITHIN_NS = 600 * NS_PER_S
"""Nanoseconds (10 min) that a mark comes after what it marks at most: a cramp lasts up to ten
minutes, and who waits longer may mean another."""


class Standing(StrEnum):
    """How sure the detector is of an episode."""

    LIKELY = "likely"
    """May be counted unasked: at most one false alarm in ten nights."""
    POSSIBLE = "possible"
    """Worth a question in the morning: at most one false alarm a night."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of time."""

    start_ns: int
    end_ns: int


@dataclass(frozen=True, slots=True)
class Sleep:
    """One sleep of a recording; whoever lies awake for an hour has two.

    Parameters
    ----------
    onset_ns, wake_ns
        First falling asleep and final waking.
    asleep_s
        Seconds asleep in between; the waking in the middle is left out.
    """

    onset_ns: int
    wake_ns: int
    asleep_s: float


@dataclass(frozen=True, slots=True)
class Cue:
    """One thing an awakening was judged by.

    Parameters
    ----------
    value
        What was measured, in ``unit``; None where the data did not allow it.
    contribution
        What it added to the log-odds of being cramp-like.
    """

    value: float | None
    unit: str
    contribution: float


@dataclass(frozen=True, slots=True)
class Awakening:
    """A stretch of movement that interrupts sleep, cramp-like or not.

    Parameters
    ----------
    probability
        Of being cramp-like, 0 to 1.
    got_up, others
        As of an `Episode`.
    features
        What was measured on it, by name; None where the data did not tell. Empty while the night
        goes on, and of a night that was judged before they were kept.
    """

    start_ns: int
    end_ns: int
    probability: float
    got_up: bool = False
    others: Mapping[str, float] = field(default_factory=dict)
    features: Mapping[str, float | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Episode:
    """A cramp-like awakening that the wearer hears of.

    Parameters
    ----------
    id
        The same recording, model and onset give the same id. It rests on how the recording begins,
        so that an episode has it while the night goes on already.
    onset_ns, end_ns
        When it began and when the wearer lay still again.
    probability
        Of being cramp-like, 0 to 1.
    heart_rate_rise_bpm
        Above the level before the onset; None without heart rate.
    got_up
        True where steps were seen.
    evidence
        Every cue the probability rests on, by name.
    others
        Probability of each harmless kind that it may have been instead, by the labels of a
        recording's events; with `probability` they sum to 1. Empty where the model does not say.
    """

    id: str
    onset_ns: int
    end_ns: int
    probability: float
    standing: Standing
    heart_rate_rise_bpm: float | None
    got_up: bool
    evidence: Mapping[str, Cue]
    others: Mapping[str, float] = field(default_factory=dict)

    @property
    def posture(self) -> Posture | None:
        """Lying, sat up or upright, as far as its cues tell; None where they do not."""
        return posture_of({name: cue.value for name, cue in self.evidence.items()})


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """Which model judged."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Night:
    """A finished recording, judged.

    Parameters
    ----------
    id
        Digest of the samples: the same recording gives the same id whatever it is called, in
        whatever zone it is told and however it is stored.
    start_ns, end_ns
        First and last acceleration sample.
    recorded, worn
        Spans with acceleration, and those of them with the wearable on a wrist.
    sleeps
        By time. Awakenings are looked for within these spans, and where somebody who lies still
        is roused shortly before or after one. 'None found' may be said of the worn seconds of
        these spans only.
    awakenings, episodes, faults
        Each by time.
    marks
        The wearer's own, by time: those of the recording, and three taps on the watch. They are
        kept apart from what the detector says, and change nothing of it.
    personal
        Version of the personal adjustment that judged with the model; None where none did.
    """

    id: str
    info: RecordingInfo
    start_ns: int
    end_ns: int
    recorded: tuple[Span, ...]
    worn: tuple[Span, ...]
    sleeps: tuple[Sleep, ...]
    awakenings: tuple[Awakening, ...]
    episodes: tuple[Episode, ...]
    faults: tuple[Fault, ...]
    model: ModelVersion
    marks: tuple[Mark, ...] = ()
    personal: str | None = None

    @property
    def sleep(self) -> Sleep | None:
        """The main sleep, that with the most seconds asleep; None where none was found."""
        return max(self.sleeps, key=lambda sleep: sleep.asleep_s, default=None)

    @property
    def recorded_s(self) -> float:
        """Seconds with acceleration."""
        return seconds_in(self.recorded)

    @property
    def worn_s(self) -> float:
        """Seconds recorded with the wearable on a wrist."""
        return seconds_in(self.worn)


def marked(mark_ns: int, episodes: Iterable[tuple[int, int]]) -> int | None:
    """Tell which episode a mark is put down to.

    Parameters
    ----------
    mark_ns
        UTC nanoseconds of the mark.
    episodes
        Onset and end of each.

    Returns
    -------
    int or None
        Place of the last that began before the mark and overlaps with the ten minutes before it.
    """
    before = [
        (onset_ns, place)
        for place, (onset_ns, end_ns) in enumerate(episodes)
        if onset_ns <= mark_ns < end_ns + MARKED_WITHIN_NS
    ]
    return max(before)[1] if before else None


def seconds_in(spans: Sequence[Span]) -> float:
    """Return the length of all spans together."""
    return sum(span.end_ns - span.start_ns for span in spans) / NS_PER_S
