"""The morning summary for a terminal, readable as well when it goes into a pipe or a mail."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ingest.samples import FaultKind
from server import words
from server.summary import HALF_A_NIGHT_S, Morning, NightState, StripNight

__all__ = ["render_morning"]

SYMBOLS = {NightState.NOT_RECORDED: "·", NightState.PARTLY: "~", NightState.NONE_FOUND: "o"}

LEGEND = "· not recorded  ~ worn for less than 4 h  o none found  ? possible  1-9 likely"


def render_morning(morning: Morning, strip: Sequence[StripNight]) -> RenderableType:
    """Lay out a night: what was seen of it first, then what was noticed, then what was missing.

    Parameters
    ----------
    strip
        The nights up to this one, as of `server.summary.strip`; none leaves the strip out.
    """
    figures, zone = morning.figures, morning.zone
    lines: list[RenderableType] = [
        Text(f"Night of {words.night_name(morning.night)}", style="bold"),
        Text(f"{words.hours(figures.recorded_s, figures.worn_s)}."),
    ]
    if figures.worn_s < HALF_A_NIGHT_S:
        lines.append(Text(words.hours_caveat(figures.worn_s)))
    lines += [
        Text(words.slept(morning.sleep, zone)),
        Text(),
        Text(
            words.finding(figures.likely, figures.possible, figures.recorded_s, figures.worn_s),
            style="bold",
        ),
    ]
    if morning.episodes:
        lines.append(_episodes(morning))
    faults = [
        Text(f"{words.fault(kind, spans, figures.recorded_s, zone)} {words.FAULTS[kind].advice}")
        for kind in FaultKind
        if (spans := morning.fault_spans(kind))
    ]
    if faults:
        lines += [Text(), *faults]
    if strip:
        first, last = words.day(strip[0].night), words.day(strip[-1].night)
        lines += [
            Text(),
            Text(f"{len(strip)} nights, {first} to {last}"),
            Text(" ".join(_symbol(night) for night in strip)),
            Text(LEGEND),
        ]
    lines += [Text(), Text(f"Times are local to {words.zone_name(morning.timezone)}.")]
    lines += [
        Text(words.provenance(each.name, each.device, each.source, each.model))
        for each in morning.recordings
    ]
    lines.append(Text(words.NOT_A_DEVICE))
    return Group(*lines)


def _episodes(morning: Morning) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_edge=False)
    for heading in ("Time", "Length", "Looks like a cramp", "Heart rate", "Out of bed"):
        table.add_column(heading, no_wrap=True)
    for episode in morning.episodes:
        table.add_row(
            words.clock(episode.start_ns, episode.zone),
            words.length(episode.duration_s),
            words.certainty(episode.standing, episode.probability),
            words.heart_rate_short(episode.heart_rate_rise_bpm),
            words.got_up(episode.got_up),
        )
    return table


def _symbol(night: StripNight) -> str:
    if night.state is not NightState.FOUND:
        return SYMBOLS[night.state]
    return str(min(night.likely, 9)) if night.likely else "?"
