"""The states of a link and the ways between them, without a radio, a clock or a loop."""

from __future__ import annotations

from enum import StrEnum
from random import Random

__all__ = ["CONNECTED", "TRANSITIONS", "Action", "Event", "Machine", "State"]

SHORTEST_WAIT_S = 1.0
"""Seconds between two attempts at least: some stacks need them to let go of a connection."""
LONGEST_WAIT_S = 16.0
"""Seconds at most: more would lose more of the night than it spares the radio."""


class State(StrEnum):
    """Where a link stands."""

    IDLE = "idle"
    SCANNING = "scanning"
    CONNECTING = "connecting"
    SUBSCRIBING = "subscribing"
    STREAMING = "streaming"
    PROBING = "probing"
    SILENT = "silent"
    """Connected, and one stream brings nothing while another goes on."""
    DISCONNECTING = "disconnecting"
    BACKING_OFF = "backing_off"
    LEAVING = "leaving"
    STOPPED = "stopped"


CONNECTED = frozenset({State.STREAMING, State.PROBING, State.SILENT})
"""States in which frames may come."""


class Event(StrEnum):
    """What can happen to a link."""

    START = "start"
    FOUND = "found"
    ABSENT = "absent"
    CONNECTED = "connected"
    SUBSCRIBED = "subscribed"
    ASK = "ask"
    """A stream is silent, or was stopped, and there is a way to ask the device about it."""
    ANSWERED = "answered"
    MUTE = "mute"
    """A stream stays silent that the link can do without."""
    HEARD = "heard"
    """Every stream brings something again."""
    DEAD = "dead"
    """A stream stays silent that the link cannot do without."""
    FAILED = "failed"
    LOST = "lost"
    DISCONNECTED = "disconnected"
    RESTED = "rested"
    STOP = "stop"


class Action(StrEnum):
    """What the link does in a state, and comes back from with the next event."""

    SCAN = "scan"
    CONNECT = "connect"
    SUBSCRIBE = "subscribe"
    WATCH = "watch"
    PROBE = "probe"
    DISCONNECT = "disconnect"
    WAIT = "wait"
    LEAVE = "leave"
    END = "end"


_DISCONNECT = (State.DISCONNECTING, Action.DISCONNECT)
_WAIT = (State.BACKING_OFF, Action.WAIT)
_WATCH = (State.STREAMING, Action.WATCH)
_LEAVE = (State.LEAVING, Action.LEAVE)
_END = (State.STOPPED, Action.END)

TRANSITIONS: dict[State, dict[Event, tuple[State, Action]]] = {
    State.IDLE: {
        Event.START: (State.SCANNING, Action.SCAN),
    },
    State.SCANNING: {
        Event.FOUND: (State.CONNECTING, Action.CONNECT),
        Event.ABSENT: _WAIT,
        Event.FAILED: _WAIT,
        Event.STOP: _END,
    },
    State.CONNECTING: {
        Event.CONNECTED: (State.SUBSCRIBING, Action.SUBSCRIBE),
        Event.FAILED: _DISCONNECT,
        Event.LOST: _DISCONNECT,
        Event.STOP: _LEAVE,
    },
    State.SUBSCRIBING: {
        Event.SUBSCRIBED: _WATCH,
        Event.FAILED: _DISCONNECT,
        Event.LOST: _DISCONNECT,
        Event.STOP: _LEAVE,
    },
    State.STREAMING: {
        Event.ASK: (State.PROBING, Action.PROBE),
        Event.MUTE: (State.SILENT, Action.WATCH),
        Event.DEAD: _DISCONNECT,
        Event.LOST: _DISCONNECT,
        Event.STOP: _LEAVE,
    },
    State.PROBING: {
        Event.ANSWERED: _WATCH,
        Event.MUTE: (State.SILENT, Action.WATCH),
        Event.DEAD: _DISCONNECT,
        Event.FAILED: _DISCONNECT,
        Event.LOST: _DISCONNECT,
        Event.STOP: _LEAVE,
    },
    State.SILENT: {
        Event.HEARD: _WATCH,
        Event.ASK: (State.PROBING, Action.PROBE),
        Event.MUTE: (State.SILENT, Action.WATCH),
        Event.DEAD: _DISCONNECT,
        Event.LOST: _DISCONNECT,
        Event.STOP: _LEAVE,
    },
    # The old connection is given up before anything else happens, and nothing interrupts that.
    State.DISCONNECTING: {
        Event.DISCONNECTED: _WAIT,
    },
    State.BACKING_OFF: {
        Event.RESTED: (State.SCANNING, Action.SCAN),
        Event.STOP: _END,
    },
    State.LEAVING: {
        Event.DISCONNECTED: _END,
    },
    State.STOPPED: {},
}
"""For each state, what each event leads to, and what is done there."""


class Machine:
    """One link: where it stands, and how long it rests between attempts.

    Parameters
    ----------
    rng
        For the length of the rests, so that two links do not keep step.
    """

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._attempts = 0
        self.state = State.IDLE
        self.wait_s = 0.0
        """Seconds of the next rest, or the one going on."""

    def take(self, event: Event) -> Action:
        """Go where an event leads, and tell what to do there.

        Raises
        ------
        KeyError
            If the event cannot happen in this state.
        """
        self.state, action = TRANSITIONS[self.state][event]
        if action is Action.WAIT:
            longest_s = min(LONGEST_WAIT_S, SHORTEST_WAIT_S * 2**self._attempts)
            self.wait_s = self._rng.uniform(max(SHORTEST_WAIT_S, longest_s / 2), longest_s)
            # Beyond the longest rest the count says nothing more, and 2**n would grow all night.
            self._attempts += longest_s < LONGEST_WAIT_S
        return action

    def prosper(self) -> None:
        """Begin with the shortest rest again, as the link has brought something."""
        self._attempts = 0
