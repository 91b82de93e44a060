"""``crampwatch night`` and ``collect``, with the real radio, clock and terminal."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from crampwatch.bedtime import NightOverError
from crampwatch.keepers import Elsewhere, Here, Keeper, Say
from crampwatch.lean import keep_small
from crampwatch.night import Radio
from crampwatch.output import complain, new_console
from crampwatch.overnight import Evening, begin_evening, finish_earlier, spend_night
from crampwatch.pairing import require_bluetooth
from crampwatch.radio import system_radio
from crampwatch.screen import Screen, night_screen
from detector.night import Night
from detector.personal import Personal
from ingest.collector.clock import Clock, SystemClock
from ingest.errors import StoreError
from server.client import ServerClient
from server.outbox import Outbox
from server.settings import Settings

__all__ = ["collect_night_for", "for_a_wearer", "unpack_samples", "watch_night_here"]


def watch_night_here(settings: Settings, until: str | None) -> None:
    """Record a night, serve the page meanwhile, and print the summary in the morning.

    Raises
    ------
    BluetoothError
        If Bluetooth cannot be used.
    SettingsError
        If what is paired makes no night, or `until` is no time of day.
    WearerError
        If it is not clear whose night it will be.
    RecordingError
        If the recording cannot be written.
    """
    from crampwatch.summary import print_summary
    from crampwatch.telling import tell_of_the_night

    settings = for_a_wearer(settings)
    night = _spent(settings, until, lambda say: Here(settings, say))
    if night is not None:
        print_summary(None, settings=settings)
        unpack_samples(settings, night.id)
        tell_of_the_night(settings)


def collect_night_for(settings: Settings, server: str, until: str | None) -> None:
    """Record a night for a server elsewhere.

    Raises
    ------
    BluetoothError, SettingsError, RecordingError
        As for a night here.
    ServerError
        If `server` is no address.
    """
    token = settings.token.get_secret_value() if settings.token else None
    outbox = Outbox(settings.data_dir / "outbox")
    with ServerClient(server, token, wearer=settings.wearer) as client:
        _spent(settings, until, lambda say: Elsewhere(client, outbox, say))


def for_a_wearer(settings: Settings) -> Settings:
    """Make sure in the evening whose night it will be: in the morning it could not be stored."""
    from server import wearers
    from server.store import Store

    try:
        store = Store.open_existing(settings.database_url, home=settings.data_dir, say=complain)
    except StoreError:
        # It costs no night: what fails is said when the page is opened.
        return settings
    if store is None:
        return settings
    with store, store.reading() as session:
        return settings.model_copy(update={"wearer": wearers.resolve(session, settings.wearer)})


def unpack_samples(settings: Settings, recording_id: str) -> None:
    """Unpack the samples of a stored night, so that who looks at its picture need not wait."""
    from server.places import Samples
    from server.store import Store

    store = Store.open_existing(settings.database_url, home=settings.data_dir, say=complain)
    if store is not None:
        with store:
            Samples.within(settings).prepare(store, recording_id)


def _spent(
    settings: Settings, until: str | None, keeper_for: Callable[[Say], Keeper]
) -> Night | None:
    keep_small()
    console = new_console(stderr=True)
    clock = SystemClock()
    try:
        evening = begin_evening(settings, clock.utc_ns(), until)
    except NightOverError as error:
        # A service that is started again right after its end has nothing to mend.
        console.print(str(error), soft_wrap=True)
        return None
    radio = system_radio(recovery=settings.adapter_recovery)
    with night_screen(console, evening.zone) as screen:
        keeper = keeper_for(screen.say)
        personal = keeper.adjustment()
        if personal is not None:
            screen.say(f"Nights are judged with your answers, {personal.asked} so far.")
        finish_earlier(settings.recordings_dir, evening.folder, keeper.keep, screen.say, personal)
        return asyncio.run(_spend(evening, settings, keeper, radio, clock, screen, personal))


async def _spend(
    evening: Evening,
    settings: Settings,
    keeper: Keeper,
    radio: Radio,
    clock: Clock,
    screen: Screen,
    personal: Personal | None,
) -> Night | None:
    # What cannot work at all is told now; what fails later is tried again all night.
    await require_bluetooth(radio)
    return await spend_night(
        evening,
        settings,
        keeper,
        radio=radio,
        clock=clock,
        say=screen.say,
        show=screen.show,
        personal=personal,
    )
