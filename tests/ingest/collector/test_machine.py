from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.collector.machine import TRANSITIONS, Action, Event, Machine, State

OUTCOMES = {
    Action.SCAN: {Event.FOUND, Event.ABSENT, Event.FAILED, Event.STOP},
    Action.CONNECT: {Event.CONNECTED, Event.FAILED, Event.LOST, Event.STOP},
    Action.SUBSCRIBE: {Event.SUBSCRIBED, Event.FAILED, Event.LOST, Event.STOP},
    Action.PROBE: {
        Event.ANSWERED,
        Event.MUTE,
        Event.DEAD,
        Event.FAILED,
        Event.LOST,
        Event.STOP,
    },
    Action.DISCONNECT: {Event.DISCONNECTED},
    Action.WAIT: {Event.RESTED, Event.STOP},
    Action.LEAVE: {Event.DISCONNECTED},
    Action.END: set(),
}
"""What each action may come back with, but for watching, which depends on the state."""


def test_every_state_is_reached_and_knows_what_may_come_of_what_is_done_there() -> None:
    led_to = {State.IDLE: Action.WATCH}
    for ways in TRANSITIONS.values():
        for state, action in ways.values():
            assert led_to.setdefault(state, action) is action
            if action in OUTCOMES:
                assert TRANSITIONS[state].keys() == OUTCOMES[action]
    assert led_to.keys() == set(State)


def test_while_streaming_everything_but_success_ends_in_a_disconnect_first() -> None:
    for state in (
        State.CONNECTING,
        State.SUBSCRIBING,
        State.STREAMING,
        State.PROBING,
        State.SILENT,
    ):
        for event in (Event.FAILED, Event.LOST, Event.DEAD):
            if event in TRANSITIONS[state]:
                assert TRANSITIONS[state][event] == (State.DISCONNECTING, Action.DISCONNECT)
    assert all(
        action is not Action.CONNECT or state is State.CONNECTING
        for ways in TRANSITIONS.values()
        for state, action in ways.values()
    )


@given(st.data())
def test_from_anywhere_the_link_can_be_ended_and_until_then_never_gives_up(
    data: st.DataObject,
) -> None:
    machine = Machine(Random(1))
    action = machine.take(Event.START)
    for _ in range(40):
        possible = sorted(set(TRANSITIONS[machine.state]) - {Event.STOP})
        action = machine.take(data.draw(st.sampled_from(possible)))
        assert action is not Action.END
    while action is not Action.END:
        ways = TRANSITIONS[machine.state]
        action = machine.take(Event.STOP if Event.STOP in ways else Event.DISCONNECTED)
    assert machine.state is State.STOPPED


def test_an_event_that_cannot_be_is_a_defect() -> None:
    with pytest.raises(KeyError):
        Machine(Random(1)).take(Event.FOUND)


def waits(machine: Machine, count: int) -> list[float]:
    found = []
    for _ in range(count):
        machine.take(Event.ABSENT)
        found.append(machine.wait_s)
        machine.take(Event.RESTED)
    return found


def test_rests_grow_from_one_second_to_sixteen_and_begin_anew_after_success() -> None:
    machine = Machine(Random(4))
    machine.take(Event.START)
    found = waits(machine, 200)
    longest = [min(16.0, 2.0**attempt) for attempt in range(200)]
    assert all(
        max(1.0, most / 2) <= wait <= most for wait, most in zip(found, longest, strict=True)
    )
    assert found[0] == 1.0
    assert len(set(found[10:])) > 100
    machine.prosper()
    assert waits(machine, 1) == [1.0]
