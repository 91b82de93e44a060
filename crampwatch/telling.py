"""``crampwatch notices`` and ``notify test``, and what a night that is over tells."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import typer

from crampwatch.output import complain
from ingest.errors import CrampwatchError, ServerError, SettingsError
from server import notice_log, wearers
from server.live import Live
from server.notice_log import StoredNotice
from server.notify.kinds import TITLES, Kind, kind_of
from server.notify.notifier import TEST, Notifier
from server.notify.status_words import HOW_TO_SET_ONE, NO_CHANNEL, became
from server.notify.ways import ways
from server.settings import Settings, load_settings
from server.store import Store
from server.wearer_day import zone_now

__all__ = ["list_notices", "send_test", "tell_of_the_night"]


def list_notices(newest: int) -> None:
    """Print the newest notices of the wearer, the last one last.

    Raises
    ------
    StoreError
        The database cannot be used.
    WearerError
        It is not clear whose are meant.
    """
    settings = load_settings()
    store = Store.open_existing(settings.database_url, home=settings.data_dir, say=complain)
    found: tuple[StoredNotice, ...] = ()
    if store is not None:
        with store, store.reading() as session:
            wearer = wearers.resolve(session, settings.wearer)
            found = notice_log.notices(session, wearer, newest=newest)
            zone = zone_now(session, wearer)
    if not found:
        typer.echo("There was nothing to tell yet.")
    for each in found:
        typer.echo(f"{each.channel}, {TITLES[kind_of(each.key)]}: {became(each, zone)}")


def send_test() -> bool:
    """Send a test on every channel of the wearer at once, and print what came of each.

    Returns
    -------
    bool
        Whether all took it.

    Raises
    ------
    SettingsError
        No channel is set, or one that is cannot be used.
    StoreError, WearerError
        As for the list.
    """
    settings = load_settings()
    make_ways = ways(settings)
    with Store.open(settings.database_url, home=settings.data_dir, say=complain) as store:
        made = make_ways(store, Live())
        with store.reading() as session:
            wearer = wearers.resolve(session, settings.wearer)
            tests: list[tuple[str, Callable[[], None]]] = [
                (shown, partial(sender.send, _test(wearer, name, store.now_ns())))
                for sender in made.senders
                for name, shown in sender.channels(session, wearer).items()
            ]
        if made.home is not None:
            tests.append((made.home.shown, made.home.check))
        if not tests:
            raise SettingsError(f"{NO_CHANNEL} {HOW_TO_SET_ONE}")
        arrived = [_arrives(shown, test) for shown, test in tests]
    return all(arrived)


def tell_of_the_night(settings: Settings) -> None:
    """Tell at once of a night that is over, where nobody serves the store afterwards.

    In the quiet hours nothing is sent. What fails is said, and costs nothing else.
    """
    try:
        make_ways = ways(settings)
        with Store.open(settings.database_url, home=settings.data_dir, say=complain) as store:
            made = make_ways(store, Live())
            if made.senders:
                notifier = Notifier(store, Live(), settings, made)
                notifier.look()
                notifier.send()
    except CrampwatchError as error:
        complain(f"The night is stored, but nobody could be told of it: {error}")


def _test(wearer: str, channel: str, now_ns: int) -> StoredNotice:
    return StoredNotice(
        id=0,
        wearer=wearer,
        channel=channel,
        key=f"{Kind.TEST}:{now_ns}",
        text=TEST,
        tries=0,
        next_try_ns=now_ns,
        give_up_ns=now_ns,
        sent_ns=None,
        problem="",
    )


def _arrives(shown: str, test: Callable[[], None]) -> bool:
    try:
        test()
    except ServerError as error:
        typer.echo(f"{shown}: not sent. {error}")
        return False
    typer.echo(f"{shown}: sent. See whether it arrives.")
    return True
