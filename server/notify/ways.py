"""Makes the ways of telling people that the settings name; none where none is named."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from server.live import Live
from server.notify.addresses import Addresses
from server.notify.sender import Sender
from server.settings import Settings
from server.store import Store

if TYPE_CHECKING:
    from server.notify.home_assistant import HomeAssistant

__all__ = ["MakeWays", "Ways", "ways"]


@dataclass(frozen=True, slots=True)
class Ways:
    """How people are told.

    Parameters
    ----------
    senders
        Of notices.
    home
        Where it is published how things are; None where nowhere.
    """

    senders: Sequence[Sender] = ()
    home: HomeAssistant | None = None


MakeWays: TypeAlias = Callable[[Store, Live], Ways]
"""Makes them for a store that is open, and the night that goes on."""


def ways(settings: Settings) -> MakeWays:
    """Look whether every way that is set can be used, before a store is opened.

    Raises
    ------
    SettingsError
        One of them cannot.
    """
    made: list[Callable[[Store], Sender]] = [Addresses]
    # What is not set is not imported either: apprise alone costs a quarter of a second.
    if settings.notice_urls:
        from server.notify.by_url import ByURL

        urls = dict.fromkeys(each.get_secret_value() for each in settings.notice_urls)
        made += [_whatever_store(ByURL(each)) for each in urls]
    if settings.webhook_url is not None and settings.webhook_secret is not None:
        from server.notify.webhook import Webhook

        address, secret = (
            each.get_secret_value() for each in (settings.webhook_url, settings.webhook_secret)
        )
        made.append(lambda store: Webhook(address, secret, store.now_ns))
    if settings.push_contact is not None:
        from server.notify.web_push import KEY_NAME, WebPush, application_key

        contact, key = settings.push_contact, application_key(settings.data_dir / KEY_NAME)
        made.append(lambda store: WebPush(store, key, contact))
    broker = settings.mqtt_url

    def make(store: Store, live: Live) -> Ways:
        senders = [each(store) for each in made]
        if broker is None:
            return Ways(senders)
        from server.notify.home_assistant import HomeAssistant

        return Ways(senders, HomeAssistant(store, live, broker.get_secret_value()))

    return make


def _whatever_store(sender: Sender) -> Callable[[Store], Sender]:
    return lambda store: sender
