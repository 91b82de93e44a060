"""The addresses that people added on the page, each told of what is agreed."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from ingest.errors import ServerError
from server.language import N_
from server.notice_log import StoredNotice
from server.notify.channels import ADDRESS, channel_named, heard_on
from server.notify.kinds import kind_of
from server.notify.reach import reach_of
from server.store import Store

__all__ = ["Addresses"]


class Addresses:
    """Every address that somebody added."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def channels(self, session: Session, wearer: str) -> Mapping[str, str]:
        """Give the addresses by which people are told of a wearer."""
        return heard_on(session, wearer, ADDRESS)

    def takes(self, channel: str) -> bool:
        """Tell whether it is one that somebody added."""
        return channel.startswith(ADDRESS)

    def send(self, notice: StoredNotice) -> None:
        """Send a notice."""
        with self._store.reading() as session:
            to = channel_named(session, notice.wearer, notice.channel)
        if to is None or not to.hears(kind_of(notice.key)):
            raise ServerError(N_("This address is not told of that any more."), final=True)
        # Not before there is one: apprise alone costs a quarter of a second.
        from server.notify.by_url import Service

        with reach_of(to.person):
            Service.at(to.url).send(notice)
