"""The browsers that are told by web push, each by an address and keys that it made itself."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from server.kept_tables import PushSubscriptionRow

__all__ = [
    "PREFIX",
    "PushKeys",
    "Subscription",
    "channel_of",
    "subscribe",
    "subscription",
    "subscriptions",
    "unsubscribe",
]


PREFIX = "push-"
"""What the names of these channels begin with."""


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
class Subscription:
    """A browser that is told of a wearer."""

    id: int
    wearer: str
    name: str
    keys: PushKeys
    added_ns: int


def channel_of(subscription: Subscription) -> str:
    """Name the channel of a browser."""
    return f"{PREFIX}{subscription.id}"


def subscribe(session: Session, wearer: str, name: str, keys: PushKeys, *, added_ns: int) -> int:
    """Keep a browser, and give its id; one that is known takes its new keys and keeps its id."""
    same = select(PushSubscriptionRow).filter_by(wearer_id=wearer, endpoint=keys.endpoint)
    row = session.scalar(same)
    if row is None:
        row = PushSubscriptionRow(wearer_id=wearer, endpoint=keys.endpoint, added_ns=added_ns)
        session.add(row)
    row.name, row.p256dh, row.auth = name, keys.p256dh, keys.auth
    session.flush()
    return row.id


def unsubscribe(session: Session, wearer: str, subscription_id: int) -> bool:
    """Forget a browser; False where the wearer has none of that id."""
    found = select(PushSubscriptionRow.id).filter_by(wearer_id=wearer, id=subscription_id)
    if session.scalar(found) is None:
        return False
    session.execute(delete(PushSubscriptionRow).where(PushSubscriptionRow.id == subscription_id))
    return True


def subscription(session: Session, subscription_id: int) -> Subscription | None:
    """Give one browser; None where it is not known, or no longer."""
    row = session.get(PushSubscriptionRow, subscription_id)
    return None if row is None else _subscription(row)


def subscriptions(session: Session, wearer: str) -> tuple[Subscription, ...]:
    """List the browsers that are told of a wearer, as they came."""
    found = select(PushSubscriptionRow).filter_by(wearer_id=wearer)
    return tuple(map(_subscription, session.scalars(found.order_by(PushSubscriptionRow.id))))


def _subscription(row: PushSubscriptionRow) -> Subscription:
    keys = PushKeys(row.endpoint, row.p256dh, row.auth)
    return Subscription(row.id, row.wearer_id, row.name, keys, row.added_ns)
