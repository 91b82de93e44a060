"""Lays a night out along a line, for the page to draw; places are per cent of its width."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from detector.night import Span, Standing
from ingest.samples import NS_PER_S, FaultKind
from server import words
from server.language import _
from server.nights import local_time
from server.spans import common
from server.summary import Morning

__all__ = ["Bar", "Lane", "Mark", "Tick", "Timeline", "extent", "timeline"]

HOUR_NS = 3600 * NS_PER_S

MAX_TICKS = 10
"""Hours written below the line at the most: more would touch on a phone 320 px wide."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of a lane."""

    x: str
    width: str
    what: str


@dataclass(frozen=True, slots=True)
class Mark:
    """An episode: too short on a line of a whole night to be drawn to scale."""

    x: str
    standing: Standing
    what: str


@dataclass(frozen=True, slots=True)
class Lane:
    """A named line of bars, or of marks."""

    name: str
    kind: str
    bars: tuple[Bar, ...] = ()
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Tick:
    """An hour below the line."""

    x: str
    label: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """A night laid out; `text` says the same to those who cannot see it."""

    lanes: tuple[Lane, ...]
    ticks: tuple[Tick, ...]
    text: str


def timeline(morning: Morning) -> Timeline:
    """Lay out a night from the full hour before its first sample to the one after its last.

    The end of a recording that is of the night before, hours earlier, is left out.
    """
    line = _Line.around(morning)
    lanes = [
        line.lane(_("Recorded"), "recorded", morning.recorded),
        line.lane(_("Worn"), "worn", morning.worn),
        line.lane(_("Sleep"), "asleep", morning.asleep),
        line.episodes(morning),
        *(
            line.lane(words.fault_name(kind), "fault", morning.fault_spans(kind))
            for kind in FaultKind
        ),
    ]
    shown = tuple(lane for lane in lanes if lane.bars or lane.marks)
    text = " ".join(
        f"{lane.name}: {', '.join([bar.what for bar in lane.bars] + [m.what for m in lane.marks])}."
        for lane in shown
    )
    return Timeline(shown, line.ticks(), text)


def extent(morning: Morning) -> Span:
    """Give what of the time a night is laid out over."""
    line = _Line.around(morning)
    return Span(line.start_ns, line.end_ns)


@dataclass(frozen=True, slots=True)
class _Line:
    start_ns: int
    end_ns: int
    zone: ZoneInfo

    @classmethod
    def around(cls, morning: Morning) -> _Line:
        shown = [
            *(Span(r.start_ns, r.end_ns) for r in morning.recordings if r.night == morning.night),
            *(Span(sleep.onset_ns, sleep.wake_ns) for sleep in morning.sleeps),
            *(Span(episode.start_ns, episode.end_ns) for episode in morning.episodes),
        ]
        # Of a recording without a second that can be used, its extent is all there is to show.
        recorded = common(morning.recorded, shown) or morning.recorded or shown
        first_ns, last_ns = recorded[0].start_ns, recorded[-1].end_ns
        start_ns = first_ns - _past_the_hour_ns(first_ns, morning.zone)
        end_ns = last_ns + -_past_the_hour_ns(last_ns, morning.zone) % HOUR_NS
        return cls(start_ns, max(end_ns, start_ns + HOUR_NS), morning.zone)

    def place(self, instant_ns: int) -> str:
        share = (instant_ns - self.start_ns) / (self.end_ns - self.start_ns)
        return f"{100 * min(max(share, 0.0), 1.0):.2f}%"

    def lane(self, name: str, kind: str, spans: Iterable[Span]) -> Lane:
        bars = tuple(
            Bar(
                x=self.place(span.start_ns),
                width=self.place(self.start_ns + span.end_ns - span.start_ns),
                what=words.between(span.start_ns, span.end_ns, self.zone),
            )
            for span in common(spans, [Span(self.start_ns, self.end_ns)])
        )
        return Lane(name, kind, bars=bars)

    def episodes(self, morning: Morning) -> Lane:
        marks = tuple(
            Mark(
                x=self.place((episode.start_ns + episode.end_ns) // 2),
                standing=episode.standing,
                what=f"{words.between(episode.start_ns, episode.end_ns, self.zone)} "
                f"({words.standing_word(episode.standing)})",
            )
            for episode in morning.episodes
        )
        return Lane(_("Cramp-like awakenings"), "episodes", marks=marks)

    def ticks(self) -> tuple[Tick, ...]:
        full_hours = range(self.start_ns, self.end_ns + 1, HOUR_NS)
        every = next(step for step in (1, 2, 3, 6, 24) if len(full_hours) / step <= MAX_TICKS)
        hours = [(hour_ns, local_time(hour_ns, self.zone)) for hour_ns in full_hours]
        return tuple(
            Tick(x=self.place(hour_ns), label=words.hour(local))
            for hour_ns, local in hours
            if local.hour % every == 0
        )


def _past_the_hour_ns(instant_ns: int, zone: ZoneInfo) -> int:
    offset = local_time(instant_ns, zone).utcoffset()
    offset_ns = int(offset.total_seconds()) * NS_PER_S if offset else 0
    return (instant_ns + offset_ns) % HOUR_NS
