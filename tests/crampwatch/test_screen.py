from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console

from crampwatch.screen import Screen, night_screen, render_status
from ingest.collector.faults import OpenFault
from ingest.collector.machine import State
from ingest.collector.status import LinkStatus, NightStatus
from ingest.samples import NS_PER_S, FaultKind
from simulator.wearable import EVENING

NOW_NS = round(EVENING.timestamp()) * NS_PER_S
ZONE = ZoneInfo("Europe/Berlin")

LINK = LinkStatus(
    name="Polar Sense",
    address="A0:9E:1A:00:00:01",
    kind="polar",
    state=State.BACKING_OFF,
    since_ns=NOW_NS,
    why="br-connection-canceled",
    connections=1,
    decode_errors=0,
    clock_restarts=0,
    battery_percent=81,
    bpm=None,
    streams=(),
    advice="",
)
STATUS = NightStatus(Path("night"), NOW_NS, (LINK,), written=0, waiting=0, lost=0, faults=())


def test_a_log_says_each_change_once() -> None:
    console = Console(file=io.StringIO(), width=200)
    once, twice = (replace(STATUS, adapter_resets=times) for times in (1, 2))
    with night_screen(console, ZONE) as screen:
        for status in (STATUS, STATUS, once, once, twice):
            screen.show(status)
    assert isinstance(console.file, io.StringIO)
    assert console.file.getvalue().splitlines() == [
        "Polar Sense: out of reach, being tried again (br-connection-canceled)",
        "The Bluetooth adapter hung, and was switched off and on once.",
        "The Bluetooth adapter hung, and was switched off and on 2 times.",
    ]


def test_a_log_says_attempts_that_come_to_the_same_once_an_hour() -> None:
    console = Console(file=io.StringIO(), width=200)
    moment_ns = NOW_NS

    def pass_through(screen: Screen, *states: State) -> None:
        nonlocal moment_ns
        for state in states:
            moment_ns += 10 * NS_PER_S
            link = replace(LINK, state=state, why="not seen")
            screen.show(replace(STATUS, now_ns=moment_ns, links=(link,)))

    with night_screen(console, ZONE) as screen:
        for _ in range(180 + 1):
            pass_through(screen, State.SCANNING, State.BACKING_OFF)
        pass_through(screen, State.STREAMING)
        pass_through(screen, State.PROBING, State.STREAMING, State.PROBING, State.STREAMING)
        pass_through(screen, State.BACKING_OFF)
    assert isinstance(console.file, io.StringIO)
    looked_for = "Polar Sense: being looked for"
    out_of_reach = "Polar Sense: out of reach, being tried again (not seen)"
    recording = "Polar Sense: recording"
    quiet = "Polar Sense: connected, but quiet for a moment"
    assert console.file.getvalue().splitlines() == [
        *(looked_for, out_of_reach) * 2,
        *(recording, quiet) * 2,
        recording,
        out_of_reach,
    ]


def shown(status: NightStatus) -> str:
    console = Console(file=io.StringIO(), width=200)
    console.print(render_status(status, ZONE))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_moment_tells_since_when_a_fault_goes_on_and_of_which_wearable() -> None:
    faults = (
        OpenFault(FaultKind.LINK_LOST, "Polar Sense", NOW_NS),
        OpenFault(FaultKind.DISK_LOW, "", NOW_NS + 60 * NS_PER_S),
    )
    lines = [line.rstrip() for line in shown(replace(STATUS, faults=faults)).splitlines()]
    assert lines[-2:] == [
        "Wearable not connected (Polar Sense) since 22:00.",
        "Disk almost full since 22:01.",
    ]


def test_the_moment_tells_of_an_adapter_that_was_reset() -> None:
    assert "out of reach, being tried again since 22:00" in shown(STATUS)
    assert "81 %" in shown(STATUS)
    assert "adapter" not in shown(STATUS)
    assert "switched off and on 3 times" in shown(replace(STATUS, adapter_resets=3))


def test_what_a_server_says_cannot_move_the_cursor() -> None:
    console = Console(file=io.StringIO(), width=200)
    with night_screen(console, ZONE) as screen:
        screen.say("refused: \x1b[2Jyour night\x1b]0;title\x07\nis gone")
    assert isinstance(console.file, io.StringIO)
    assert console.file.getvalue() == ("refused: \\x1b[2Jyour night\\x1b]0;title\\x07\\nis gone\n")


@pytest.mark.parametrize("refusal", [OSError(28, "No space left on device"), SystemExit(1)])
@pytest.mark.parametrize("terminal", [True, False])
def test_a_screen_that_is_gone_costs_no_night(refusal: BaseException, terminal: bool) -> None:
    class Gone(io.StringIO):
        broken = False

        def write(self, text: str) -> int:
            if self.broken:
                raise refusal
            return super().write(text)

    file = Gone()
    with night_screen(Console(file=file, width=200, force_terminal=terminal), ZONE) as screen:
        screen.show(STATUS)
        file.broken = True
        screen.say("The page is at http://127.0.0.1:8321/ all night.")
        screen.show(replace(STATUS, now_ns=NOW_NS + 5 * NS_PER_S))
    assert "http" not in file.getvalue()
