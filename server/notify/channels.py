"""The channels that people added: an address, or a browser by the keys that it made itself.

Whoever is not the owner is told of what the wearer has agreed to, and of nothing before.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ingest.errors import InputError
from server.kept_tables import ChannelRow
from server.language import _
from server.notify.kinds import Kind

__all__ = [
    "ADDRESS",
    "BROWSER",
    "CHOICES",
    "Channel",
    "PushKeys",
    "add_address",
    "add_browser",
    "agree",
    "channel",
    "channel_named",
    "channels",
    "choose",
    "heard_on",
    "remove",
]

BROWSER = "push-"
ADDRESS = "address-"
"""What the names of these channels begin with."""

CHOICES = (Kind.MORNING, Kind.ALERT, Kind.FAULT)
"""What somebody may choose to be told of, as it is shown."""

GOES_WITH = {Kind.MENDED: Kind.FAULT}
"""Kinds that are told to whoever is told of another."""

MOST_CHANNELS = 10
"""Channels that one person may add for one wearer: a few telephones, and some to spare."""


@dataclass(frozen=True, slots=True)
class PushKeys:
    """Where a browser is told, and the keys that what it is told is encrypted to.

    Parameters
    ----------
    endpoint
        Address at the push service of the browser's maker. It is a secret.
    p256dh, auth
        As the browser gives them: base64url.
    """

    endpoint: str
    p256dh: str
    auth: str


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel by which somebody is told of a wearer.

    Parameters
    ----------
    person
        Who added it; None for the owner.
    shown
        What is shown of it, with nothing secret in it.
    url
        An address as apprise writes it, or the endpoint of a browser.
    keys
        None where it is no browser.
    wanted, agreed
        What whoever added it wants to be told of, and what the wearer agreed to.
    """

    id: int
    wearer: str
    person: str | None
    shown: str
    url: str
    keys: PushKeys | None
    wanted: frozenset[Kind]
    agreed: frozenset[Kind]
    added_ns: int

    @property
    def name(self) -> str:
        """Under which its notices are kept."""
        return f"{ADDRESS if self.keys is None else BROWSER}{self.id}"

    @property
    def told(self) -> frozenset[Kind]:
        """What is told on it, of what there is to choose."""
        return self.wanted if self.person is None else self.wanted & self.agreed

    def hears(self, kind: Kind) -> bool:
        """Tell whether notices of a kind are sent on it."""
        chosen = GOES_WITH.get(kind, kind)
        if chosen in CHOICES:
            return chosen in self.told
        # What is not to choose, such as the turns of a trial, is for nobody else's ears.
        return bool(self.told) and (self.person is None or kind is Kind.TEST)


def add_address(
    session: Session,
    wearer: str,
    person: str | None,
    shown: str,
    url: str,
    wanted: Collection[Kind],
    *,
    added_ns: int,
) -> Channel:
    """Keep an address; one that the same person added before is told what is wanted now.

    Raises
    ------
    InputError
        The same person has as many channels as may be.
    """
    same = select(ChannelRow).filter_by(wearer_id=wearer, person_id=person, url=url)
    row = session.scalar(same)
    if row is None:
        _require_room(session, wearer, person)
        row = ChannelRow(wearer_id=wearer, person_id=person, url=url, added_ns=added_ns)
        row.agreed = []
        session.add(row)
    row.shown, row.wanted = shown, _listed(wanted)
    session.flush()
    return _channel(row)


def add_browser(
    session: Session,
    wearer: str,
    person: str | None,
    shown: str,
    keys: PushKeys,
    *,
    added_ns: int,
) -> Channel:
    """Keep a browser; one that the same person added before takes its new keys and keeps its id.

    Raises
    ------
    InputError
        As for an address.
    """
    same = select(ChannelRow).filter_by(wearer_id=wearer, person_id=person, url=keys.endpoint)
    row = session.scalar(same)
    if row is None:
        _require_room(session, wearer, person)
        row = ChannelRow(wearer_id=wearer, person_id=person, url=keys.endpoint, added_ns=added_ns)
        row.wanted, row.agreed = _listed(CHOICES), []
        session.add(row)
    row.shown, row.p256dh, row.auth = shown, keys.p256dh, keys.auth
    session.flush()
    return _channel(row)


def choose(session: Session, found: Channel, wanted: Collection[Kind]) -> None:
    """Keep what whoever added a channel wants to be told of."""
    session.get_one(ChannelRow, found.id).wanted = _listed(wanted)


def agree(session: Session, found: Channel, agreed: Collection[Kind]) -> None:
    """Keep what the wearer agrees to; nothing takes everything back."""
    session.get_one(ChannelRow, found.id).agreed = _listed(agreed)


def remove(session: Session, found: Channel) -> None:
    """Forget a channel."""
    session.execute(delete(ChannelRow).where(ChannelRow.id == found.id))


def channel(session: Session, wearer: str, channel_id: int) -> Channel | None:
    """Give one of a wearer's channels; None where there is none of that id."""
    row = session.scalar(select(ChannelRow).filter_by(wearer_id=wearer, id=channel_id))
    return None if row is None else _channel(row)


def channel_named(session: Session, wearer: str, name: str) -> Channel | None:
    """Give one of a wearer's channels by its name; None where it is not known, or no longer."""
    number = name.removeprefix(BROWSER).removeprefix(ADDRESS)
    return channel(session, wearer, int(number)) if number.isdigit() else None


def channels(session: Session, wearer: str) -> tuple[Channel, ...]:
    """List the channels by which people are told of a wearer, as they came."""
    found = select(ChannelRow).filter_by(wearer_id=wearer).order_by(ChannelRow.id)
    return tuple(map(_channel, session.scalars(found)))


def heard_on(session: Session, wearer: str, beginning: str) -> Mapping[str, str]:
    """Give the channels on which anything is told: what is shown of each, by its name.

    Parameters
    ----------
    beginning
        Of the names that are wanted.
    """
    return {
        each.name: each.shown
        for each in channels(session, wearer)
        if each.name.startswith(beginning) and each.hears(Kind.TEST)
    }


def _require_room(session: Session, wearer: str, person: str | None) -> None:
    theirs = [each for each in channels(session, wearer) if each.person == person]
    if len(theirs) >= MOST_CHANNELS:
        raise InputError(
            _("There are %(number)s channels already. Remove one first.", number=MOST_CHANNELS)
        )


def _listed(kinds: Collection[Kind]) -> list[str]:
    return [each.value for each in CHOICES if each in kinds]


def _channel(row: ChannelRow) -> Channel:
    keys = None
    if row.p256dh is not None and row.auth is not None:
        keys = PushKeys(row.url, row.p256dh, row.auth)
    return Channel(
        row.id,
        row.wearer_id,
        row.person_id,
        row.shown,
        row.url,
        keys,
        frozenset(map(Kind, row.wanted)),
        frozenset(map(Kind, row.agreed)),
        row.added_ns,
    )
