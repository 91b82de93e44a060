from __future__ import annotations

import re
from pathlib import Path

from ingest.collector.machine import TRANSITIONS, Event, State
from ingest.samples import FaultKind

TEXT = (Path(__file__).parents[3] / "docs" / "collector.md").read_text()


def rows() -> list[list[str]]:
    """The words in backticks of every row of a table, cell by cell."""
    lines = [line for line in TEXT.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def named(cell: str) -> set[str]:
    return set(re.findall(r"`(\w+)`", cell))


def test_the_states_of_the_document_lead_where_those_of_the_code_do() -> None:
    told = {name: named(row[2]) for row in rows() for name in named(row[0]) & set(State)}
    assert told.keys() == set(State) - {State.IDLE, State.STOPPED}
    for name, leads_to in told.items():
        ways = TRANSITIONS[State(name)]
        # That it can be ended anywhere goes without saying.
        ends = {State.LEAVING, State.STOPPED} if Event.STOP in ways else set()
        assert leads_to == {state for state, _ in ways.values()} - ends - {State(name)}


def test_the_faults_of_the_document_are_those_that_the_collector_finds() -> None:
    told = {name for row in rows() for name in named(row[0]) & set(FaultKind)}
    by_the_detector = {FaultKind.OFF_WRIST, FaultKind.NO_HEART_RATE}
    by_the_server = {FaultKind.COLLECTOR_SILENT, FaultKind.NIGHT_NOT_BEGUN}
    assert told == set(FaultKind) - by_the_detector - by_the_server
