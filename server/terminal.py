"""The morning summary for a terminal, readable as well when it goes into a pipe or a mail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from ingest.samples import FaultKind
from server import words
from server.figures import NightFigures, NightState
from server.language import _
from server.stored import StoredEpisode
from server.summary import Morning, Overview

__all__ = ["render_morning"]

SYMBOLS = {
    NightState.NOT_RECORDED: "·",
    NightState.UNKNOWN: "~",
    NightState.PARTLY: "~",
    NightState.NONE_FOUND: "o",
}

WIDER_THAN_ANY = 1000
"""Columns offered to the table when it is asked how many it needs."""

LEGEND = (
    {"not_recorded": "·", "partly": "~", "none_found": "o"},
    {"possible": "?", "likely": "1-9"},
)
"""The symbol for each mark of `server.words.LEGEND`, by line."""


def render_morning(
    morning: Morning,
    overview: Overview,
    last_night: date | None = None,
    alerts: Sequence[str] = (),
) -> RenderableType:
    """Lay out a night: what was seen of it first, then what was noticed, then what was missing.

    Parameters
    ----------
    overview
        The night and what is around it.
    last_night
        The night that is called so.
    alerts
        Those that stand, a line each.
    """
    figures, zone = morning.figures, morning.zone
    lines = [Text(words.heading(morning.night, last_night), style="bold")]
    if morning.simulated:
        lines.append(Text(words.SIMULATED))
    lines.append(Text(f"{words.hours(figures.recorded_s, figures.worn_s)}."))
    lines.append(Text(words.slept(morning.sleeps, zone)))
    if warning := words.scarce(figures.searched_s, figures.worn_s, figures.recorded_s):
        lines.append(Text(warning))
    found = words.finding(figures.likely, figures.possible, figures.searched_s)
    lines += [Text(), Text(found, style="bold")]
    parts: list[RenderableType] = [*lines]
    if morning.episodes:
        marks = {each.id: morning.marks_ns(each) for each in morning.episodes}
        parts += [_Episodes(morning.episodes, marks), Text(_(words.PER_CENT))]
    parts += [
        Text(words.marked(mark.time_ns, morning.marked_ns(mark.time_ns), mark.zone))
        for mark in morning.marks
    ]
    faults = [
        Text(" ".join(words.fault(kind, spans, figures.recorded_s, figures.worn_s, zone)))
        for kind in FaultKind
        if (spans := morning.fault_spans(kind))
    ]
    if faults:
        parts += [Text(), *faults]
    for alert in alerts:
        parts += [Text(), Text(alert)]
    strip = overview.strip
    parts += [
        Text(),
        Text(f"{words.day(strip[0].night)} to {words.day(strip[-1].night)}"),
        Text(words.month(strip)),
        Text(" ".join(_symbol(night) for night in strip)),
        *(
            Text("  ".join(f"{symbol} {words.legend()[mark]}" for mark, symbol in line.items()))
            for line in LEGEND
        ),
        Text(),
        Text(f"Times are local to {words.zone_name(morning.timezone)}."),
    ]
    parts += [
        Text(words.provenance(each.name, each.device, each.source, each.model, each.personal))
        for each in morning.recordings
    ]
    parts.append(Text(words.NOT_A_DEVICE))
    return Group(*parts)


@dataclass(frozen=True, slots=True)
class _Episodes:
    """A table, or on a terminal too narrow for it two lines each: no time is ever cut off."""

    episodes: Sequence[StoredEpisode]
    marks: Mapping[str, Sequence[int]]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        table = self._table()
        unbound = options.update_width(WIDER_THAN_ANY)
        if Measurement.get(console, unbound, table).maximum <= options.max_width:
            yield table
        else:
            yield from self._lines()

    def _table(self) -> Table:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_edge=False)
        for heading in ("Time", "Length", "Looks like a cramp", "Heart rate", "Out of bed"):
            table.add_column(heading, no_wrap=True)
        if any(self.marks.values()):
            table.add_column("You marked it", no_wrap=True)
        for episode in self.episodes:
            table.add_row(
                words.clock(episode.start_ns, episode.zone),
                words.length(episode.duration_s),
                words.certainty(episode.standing, episode.probability),
                words.heart_rate_short(episode.heart_rate_rise_bpm),
                words.got_up(episode.got_up),
                *([words.marks(made, episode.zone)] if (made := self.marks[episode.id]) else []),
            )
        return table

    def _lines(self) -> Iterator[Text]:
        for episode in self.episodes:
            time = words.clock(episode.start_ns, episode.zone)
            yield Text(f"{time}  {words.certainty(episode.standing, episode.probability)}")
            yield Text(words.signs(episode.duration_s, episode.heart_rate_rise_bpm, episode.got_up))
            if made := self.marks[episode.id]:
                yield Text(f"You marked it at {words.marks(made, episode.zone)}.")


def _symbol(night: NightFigures) -> str:
    if night.state is not NightState.FOUND:
        return SYMBOLS[night.state]
    return str(min(night.likely, 9)) if night.likely else "?"
