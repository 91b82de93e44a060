"""What every way of sending has in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from sqlalchemy.orm import Session

from server.notice_log import StoredNotice

__all__ = ["SEND_WITHIN_S", "Sender"]

SEND_WITHIN_S = 20.0
"""Seconds that one attempt may take: a slow mail server answers in ten."""


class Sender(Protocol):
    """Sends on the channels it knows; each has a thread, so that none waits for another."""

    def channels(self, session: Session, wearer: str) -> Mapping[str, str]:
        """Give the channels of a wearer: what is shown of each, by the name it is kept under.

        Neither has anything secret in it.
        """

    def takes(self, channel: str) -> bool:
        """Tell whether a channel is this one's."""

    def send(self, notice: StoredNotice) -> None:
        """Send a notice; whoever takes it has it when this returns.

        Raises
        ------
        ServerError
            Nobody took it, or nobody can tell; without any secret in the message.
        """
