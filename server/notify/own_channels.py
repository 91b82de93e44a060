"""Whose channel is whose to change, and what is noted of it in the audit log."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy.orm import Session

from server import audit
from server.callers import Caller
from server.notify.channels import Channel, channel

__all__ = ["ChannelAction", "note_channel", "own_channel"]


class ChannelAction(StrEnum):
    """What is done to a channel, as the audit log has it."""

    ADD = "add a channel"
    DECIDE = "decide what a channel is told"
    REMOVE = "remove a channel"


def own_channel(session: Session, caller: Caller, wearer: str, channel_id: int) -> Channel | None:
    """Give a channel that somebody may change; None where there is none, or it is another's."""
    found = channel(session, wearer, channel_id)
    return found if found is not None and caller.person in (None, found.person) else None


def note_channel(
    session: Session, caller: Caller, action: ChannelAction, found: Channel, at_ns: int
) -> None:
    """Note what somebody did to a channel."""
    audit.note(session, caller.name, action, found.name, at_ns=at_ns, wearer=found.wearer)
