"""Where a night goes: into the store of this machine with its page, or to a server elsewhere."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Protocol

from detector.classifier import load_model
from detector.night import Night
from detector.provisional import Change, Fate
from ingest.errors import CrampwatchError, InputError, ServerError, SettingsError, StoreError
from ingest.samples import RecordingInfo
from server.client import EPISODES, ServerClient
from server.events import EventKind
from server.live import Live
from server.outbox import Outbox
from server.settings import Settings
from server.wearer_id import FIRST
from server.wire import LiveReport

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from detector.personal import Personal
    from server.provisional import ProvisionalEpisode
    from server.store import Store

__all__ = ["Elsewhere", "Here", "Keeper", "Say"]

Say = Callable[[str], None]

log = logging.getLogger(__name__)

DELIVER_EVERY_S = 300.0
"""Seconds between two attempts to send what the server has not taken yet."""

AS_FOR_EVERYBODY = "The night is judged without what was answered."

REPEAT_AFTER_S = 3600.0
"""Seconds (1 h) after which a problem that lasts is said again: a night's log shows that it did."""


class Keeper(Protocol):
    """Takes what is known of a night while it goes on, and the night when it is over."""

    def adjustment(self) -> Personal | None:
        """Give what the wearer's answers teach, to judge nights with; None for as for everybody."""

    def keep(self, night: Night) -> None:
        """Take a finished night; it is on a disk when this returns.

        Raises
        ------
        StoreError
            If it is not.
        """

    async def report(self, report: LiveReport) -> None:
        """Take what is known of the night that goes on."""

    async def tell(self, changes: Sequence[Change], info: RecordingInfo) -> None:
        """Take what changes of the episodes of the night that goes on.

        What cannot be taken now is taken with a later report. What the finish confirms or adds
        comes with the night.
        """

    def beside(self) -> AbstractAsyncContextManager[None]:
        """Do meanwhile what is to be done beside the night."""


class Here:
    """The store of this machine, and the page.

    Neither may cost a night: what fails is said, and the recording goes on.
    """

    def __init__(self, settings: Settings, say: Say) -> None:
        self._settings = settings
        self._say = say
        self._live = Live()
        self._store: Store | None = None
        self._untold = _Untold()

    def adjustment(self) -> Personal | None:
        """Learn from the answers in the store."""
        from server.learning import learnt
        from server.store import Store
        from server.wearers import resolve

        try:
            store = Store.open_existing(
                self._settings.database_url, home=self._settings.data_dir, say=self._say
            )
            if store is None:
                return None
            with store, store.reading() as session:
                return learnt(session, resolve(session, self._settings.wearer), load_model())
        except Exception as error:
            _leave_out(error, self._say)
            return None

    def keep(self, night: Night) -> None:
        """Store a finished night."""
        from server.alerting import judge_beside
        from server.store import Store

        with Store.open(
            self._settings.database_url, home=self._settings.data_dir, say=self._say
        ) as store:
            store.save(night, self._settings.wearer)
            judge_beside(store, self._settings.wearer)
        self._live.over(night.info.start_ns, self._settings.wearer or FIRST)

    async def report(self, report: LiveReport) -> None:
        """Show what is known on the page."""
        self._live.tell(report, self._settings.wearer or FIRST)
        await self._tell_on()

    async def tell(self, changes: Sequence[Change], info: RecordingInfo) -> None:
        """Keep the episodes in the store that is served; without it they are only said."""
        if self._store is not None:
            self._untold.take(changes, info)
            await self._tell_on()

    async def _tell_on(self) -> None:
        if self._store is None:
            return
        from server import wearers
        from server.provisional import tell_episode, withdraw_episode

        store, asked = self._store, self._settings.wearer
        for change, info in self._untold.waiting():
            told, told_ns = _provisional(change, info), store.now_ns()

            def work(
                session: Session,
                told: ProvisionalEpisode = told,
                info: RecordingInfo = info,
                fate: Fate = change.fate,
                told_ns: int = told_ns,
            ) -> str:
                wearer = wearers.resolve_or_begin(session, asked, info.timezone)
                if fate is Fate.WITHDRAWN:
                    withdraw_episode(session, wearer, told.id)
                else:
                    tell_episode(session, wearer, told, info.zone, told_ns=told_ns)
                return wearer

            try:
                wearer = await asyncio.wrap_future(store.submit(work))
            except StoreError as error:
                log.warning("an episode is not kept yet: %s", error)
                return
            except InputError as error:
                log.warning("an episode is not kept: %s", error)
            else:
                self._live.events.publish(wearer, EventKind.EPISODE, EPISODES)
            self._untold.done(change)

    @asynccontextmanager
    async def beside(self) -> AsyncIterator[None]:
        """Serve the page."""
        from server.app import serving

        try:
            context = serving(self._settings, announce=self._say, live=self._live)
            self._store = await context.__aenter__()
        except (SettingsError, StoreError) as error:
            self._say(f"{error} The night is recorded without the page.")
            yield
            return
        try:
            yield
        finally:
            self._store = None
            try:
                await context.__aexit__(None, None, None)
            except Exception:
                # The night is still to be kept.
                log.exception("the page has failed; the night goes on without it")


class Elsewhere:
    """A server elsewhere; what it has not taken yet is kept on the disk.

    Parameters
    ----------
    say
        Takes a problem when it is new, and once an hour while it lasts.
    monotonic
        Seconds of a clock that nobody sets.
    """

    def __init__(
        self,
        client: ServerClient,
        outbox: Outbox,
        say: Say,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._outbox = outbox
        self._say = say
        self._monotonic = monotonic
        self._said_s: dict[str, float] = {}
        self._untold = _Untold()

    def adjustment(self) -> Personal | None:
        """Ask the server what the answers there teach."""
        try:
            personal = self._client.adjustment()
            if personal is not None:
                personal.require(load_model().version)
        except Exception as error:
            _leave_out(error, self._say)
            return None
        return personal

    def keep(self, night: Night) -> None:
        """Keep a finished night on this disk, and try to send it at once."""
        self._outbox.put(night)
        self._deliver()

    async def report(self, report: LiveReport) -> None:
        """Tell the server; a word that is lost is followed by another a minute later."""
        try:
            await asyncio.to_thread(self._client.tell, report)
        except ServerError as error:
            self._complain(str(error))
        else:
            await asyncio.to_thread(self._tell_on)

    async def tell(self, changes: Sequence[Change], info: RecordingInfo) -> None:
        """Tell the server of episodes; what it does not take is told again a minute later."""
        self._untold.take(changes, info)
        await asyncio.to_thread(self._tell_on)

    def _tell_on(self) -> None:
        for change, info in self._untold.waiting():
            try:
                if change.fate is Fate.WITHDRAWN:
                    self._client.withdraw_episode(change.id)
                else:
                    self._client.tell_episode(_provisional(change, info), info.timezone)
            except ServerError as error:
                self._complain(str(error))
                if not error.final:
                    return
            self._untold.done(change)

    @asynccontextmanager
    async def beside(self) -> AsyncIterator[None]:
        """Send what is left of earlier nights."""
        delivering = asyncio.ensure_future(self._deliver_often())
        try:
            yield
        finally:
            delivering.cancel()
            await asyncio.wait({delivering})

    async def _deliver_often(self) -> None:
        while True:
            await asyncio.to_thread(self._deliver)
            await asyncio.sleep(DELIVER_EVERY_S)

    def _deliver(self) -> None:
        delivery = self._outbox.deliver(self._client)
        for name in delivery.sent:
            self._say(f"The night {name} is on the server.")
        if delivery.problem is not None:
            self._complain(delivery.problem)

    def _complain(self, problem: str) -> None:
        """Say a problem, unless it was said within the hour: it is met every minute."""
        now_s = self._monotonic()
        if now_s - self._said_s.get(problem, -REPEAT_AFTER_S) < REPEAT_AFTER_S:
            return
        self._said_s[problem] = now_s
        self._say(problem)


class _Untold:
    """Changes of episodes that whoever keeps them has not taken yet: the last of each."""

    def __init__(self) -> None:
        self._waiting: dict[str, tuple[Change, RecordingInfo]] = {}

    def take(self, changes: Sequence[Change], info: RecordingInfo) -> None:
        """Add changes but for those that come with the finished night."""
        for change in changes:
            if change.fate not in (Fate.CONFIRMED, Fate.ADDED):
                self._waiting[change.id] = change, info

    def waiting(self) -> list[tuple[Change, RecordingInfo]]:
        """Give what is to be told, by when each was told first."""
        return list(self._waiting.values())

    def done(self, change: Change) -> None:
        """Forget one that was taken, unless more has come of its episode meanwhile."""
        last, _ = self._waiting.get(change.id, (None, None))
        if last is change:
            self._waiting.pop(change.id, None)


def _leave_out(error: Exception, say: Say) -> None:
    """Say that the answers are left out tonight, whatever is wrong: they may not cost a night."""
    if not isinstance(error, CrampwatchError):
        log.exception("what was answered could not be learnt from")
    say(f"{error} {AS_FOR_EVERYBODY}")


def _provisional(change: Change, info: RecordingInfo) -> ProvisionalEpisode:
    from server.provisional import ProvisionalEpisode

    episode = change.episode
    return ProvisionalEpisode(
        change.id,
        info.start_ns,
        episode.onset_ns,
        episode.end_ns,
        episode.probability,
        episode.standing,
    )
