"""The night as it goes on, on a terminal; a line where the state of a link changes elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol
from zoneinfo import ZoneInfo

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from crampwatch.output import one_line
from ingest.collector.machine import CONNECTED, State
from ingest.collector.status import LinkStatus, NightStatus, StreamStatus
from ingest.devices.conversation import StreamKind
from ingest.samples import NS_PER_S
from server import words

__all__ = ["Screen", "night_screen", "render_status"]

AGAIN_NS = 3600 * NS_PER_S
"""Nanoseconds (1 h) after which a log says again that a wearable is being tried: it is tried four
times a minute, and a night of that hides everything else."""


class Screen(Protocol):
    """Where a night is followed."""

    def say(self, sentence: str) -> None:
        """Write a line that stays."""

    def show(self, status: NightStatus) -> None:
        """Show the moment."""


@contextmanager
def night_screen(console: Console, zone: ZoneInfo) -> Iterator[Screen]:
    """Give the screen that fits what the output is: a terminal, or a log."""
    if not console.is_terminal:
        yield _Log(console)
        return
    with Live(console=console, auto_refresh=False, transient=True) as live:
        yield _Terminal(live, zone)


def render_status(status: NightStatus, zone: ZoneInfo) -> RenderableType:
    """Lay out the moment: every wearable, then what is wrong."""
    table = Table(
        "Wearable", "State", "Movement", "Heart rate", "Battery", box=None, pad_edge=False
    )
    for link in status.links:
        table.add_row(
            link.name,
            f"{words.LINK_STATES[link.state]} since {words.clock(link.since_ns, zone)}",
            _movement(link.streams),
            _heart_rate(link),
            "" if link.battery_percent is None else f"{link.battery_percent} %",
        )
    lines: list[RenderableType] = [
        Text(f"{words.clock(status.now_ns, zone)}  Ctrl-C ends the night.", style="dim"),
        table,
    ]
    lines += [
        Text(words.open_fault(fault.kind, fault.source, fault.start_ns, zone))
        for fault in status.faults
    ]
    lines += [Text(f"{link.name}: {link.advice}") for link in status.links if link.advice]
    if status.adapter_resets:
        lines.append(Text(words.adapter_resets(status.adapter_resets)))
    if status.lost:
        lines.append(Text(f"{status.lost} samples could not be kept: the disk takes no more."))
    return Group(*lines)


def _movement(streams: Sequence[StreamStatus]) -> str:
    for each in streams:
        if each.kind is StreamKind.ACCELERATION:
            return "nothing yet" if each.rate_hz is None else f"{each.rate_hz:.1f} a second"
    return ""


def _heart_rate(link: LinkStatus) -> str:
    if all(each.kind is not StreamKind.HEART_RATE for each in link.streams):
        return ""
    return f"{link.bpm:.0f} a minute" if link.bpm else "none yet"


def _text(sentence: str) -> Text:
    """Give a sentence as it is printed: what a server or a device says may hold anything."""
    return Text(one_line(sentence.removeprefix("\a")))


@contextmanager
def _seen_or_not(console: Console) -> Iterator[None]:
    """Write to a terminal that may be gone, or a log on a full disk: neither ends a night."""
    try:
        yield
    except (OSError, SystemExit):
        # SystemExit is what rich ends a command with whose reader has gone.
        console.quiet = True


class _Terminal:
    def __init__(self, live: Live, zone: ZoneInfo) -> None:
        self._live = live
        self._zone = zone
        self._shown_s = 0

    def say(self, sentence: str) -> None:
        with _seen_or_not(self._live.console):
            if sentence.startswith("\a"):
                self._live.console.bell()
            self._live.console.print(_text(sentence))

    def show(self, status: NightStatus) -> None:
        second = status.now_ns // NS_PER_S
        if second != self._shown_s:
            self._shown_s = second
            with _seen_or_not(self._live.console):
                self._live.update(render_status(status, self._zone), refresh=True)


class _Log:
    """One line for each change: what a service writes into its journal.

    Attempts to reach a wearable that come to the same are one line an hour.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._states: dict[str, State] = {}
        self._tried: dict[str, dict[str, int]] = {}
        self._resets = 0

    def say(self, sentence: str) -> None:
        with _seen_or_not(self._console):
            self._console.print(_text(sentence), soft_wrap=True)

    def show(self, status: NightStatus) -> None:
        if status.adapter_resets != self._resets:
            self._resets = status.adapter_resets
            self.say(words.adapter_resets(self._resets))
        for link in status.links:
            if self._states.get(link.address) is not link.state:
                self._states[link.address] = link.state
                why = f" ({link.why})" if link.why and link.state is State.BACKING_OFF else ""
                line = f"{link.name}: {words.LINK_STATES[link.state]}{why}"
                if self._is_news(link, line, status.now_ns):
                    self.say(line)

    def _is_news(self, link: LinkStatus, line: str, now_ns: int) -> bool:
        tried = self._tried.setdefault(link.address, {})
        if link.state in CONNECTED:
            tried.clear()
            return True
        told_ns = tried.get(line)
        if told_ns is not None and now_ns - told_ns < AGAIN_NS:
            return False
        tried[line] = now_ns
        return True
