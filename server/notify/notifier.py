"""Tells people while a store is served: one thread looks what is new, one for each way sends.

Nothing of it waits in a request, in the writer of the store or in a collector; where there is no
channel, nothing is asked for.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from random import Random
from threading import Event, Thread

from sqlalchemy.orm import Session

from ingest.collector.faults import OpenFault
from ingest.errors import StoreError
from ingest.samples import FaultKind
from server import wearers
from server.language import N_, _, speaking
from server.live import Live
from server.nights import local_time
from server.notice_log import (
    StoredNotice,
    give_up_overdue,
    is_queued,
    newest_of,
    queue_notice,
    troubles,
)
from server.notices import NightNotices
from server.notify.channels import channels as added_channels
from server.notify.compose import (
    alert_notices,
    fault_notices,
    mended_notice,
    morning_notice,
    trial_notices,
)
from server.notify.delivery import deliver
from server.notify.kinds import AT_ANY_HOUR, GIVEN_UP_AFTER_NS, Kind, Notice, kind_of
from server.notify.not_begun import not_begun
from server.notify.sender import Sender
from server.notify.silence import SILENCE, is_over, silence, since_ns
from server.notify.status_words import in_trouble
from server.notify.ways import Ways
from server.settings import Settings
from server.store import Store
from server.wearer_day import zone_now
from server.wearers import Wearer

__all__ = ["TEST", "Notifier"]

LOOK_EVERY_S = 15.0
"""Seconds between two looks: little beside the ten minutes that a fault lasts before it is told."""

STOP_WITHIN_S = 2.0
"""Seconds that a notice under way is waited for at the end; what is cut off is sent again."""

TEST = N_("This is a test of crampwatch: notices arrive here.")

_LOG = logging.getLogger(__name__)


class Notifier:
    """Looks what is new in a store and sends it.

    Parameters
    ----------
    live
        What is known of nights that go on.
    ways
        Those that are set.
    random
        Draws how long to wait after a failure.
    """

    def __init__(
        self,
        store: Store,
        live: Live,
        settings: Settings,
        ways: Ways,
        random: Random | None = None,
    ) -> None:
        self._store = store
        self._live = live
        self._settings = settings
        self._senders = ways.senders
        self.home = ways.home
        self._random = random or Random()
        self._chosen: dict[str, NightNotices] = {}
        self._over = Event()
        self._threads: list[tuple[Thread, Event]] = []

    def start(self) -> None:
        """Begin to look and to send."""
        if self._senders:
            self._run("crampwatch-notices", self.look)
        for number, sender in enumerate(self._senders):
            self._run(f"crampwatch-sender-{number}", self._sending(sender))
        if self.home is not None:
            self.home.start()
            self._run("crampwatch-home", self.home.look, self.home.wake)

    def stop(self) -> None:
        """End; a notice that is being sent is waited for a little."""
        self._over.set()
        for _thread, wake in self._threads:
            wake.set()
        for thread, _wake in self._threads:
            thread.join(STOP_WITHIN_S)
        if self.home is not None:
            self.home.stop()

    @property
    def push_key(self) -> str | None:
        """What a browser needs to ask for notices; None where none may."""
        keys = (getattr(each, "public_key", None) for each in self._senders)
        return next(filter(None, keys), None)

    def channels(self, session: Session, wearer: str) -> Mapping[str, str]:
        """Give the channels of a wearer: what is shown of each, by its name."""
        found: dict[str, str] = {}
        for sender in self._senders:
            found |= sender.channels(session, wearer)
        return found

    def channels_of(self, session: Session, wearer: str, person: str | None) -> Mapping[str, str]:
        """Give those of the channels that are somebody's; None for the owner, whose all are."""
        found = self.channels(session, wearer)
        if person is None:
            return found
        theirs = {e.name for e in added_channels(session, wearer) if e.person == person}
        return {name: shown for name, shown in found.items() if name in theirs}

    def trouble(self, session: Session, wearer: str, person: str | None) -> str | None:
        """Say on which channels the last notice did not get through; None where all did."""
        found = troubles(session, wearer)
        return in_trouble(found, self.channels_of(session, wearer, person)) if found else None

    def test(self, wearer: str, channel: str, person: str | None) -> bool:
        """Send a test on a channel; False where the wearer or the person has no such channel."""
        at_ns = self._store.now_ns()
        with self._store.reading() as session:
            if channel not in self.channels_of(session, wearer, person):
                return False
            locale = wearers.spoken_to(session, wearer)
        with speaking(locale):
            text = _(TEST)
        self._queue(wearer, [channel], Notice(Kind.TEST, str(at_ns), text))
        for _thread, wake in self._threads:
            wake.set()
        return True

    def begin(self, session: Session, wearer: str) -> None:
        """Make the first wearer, where somebody tries notices before there is a night."""
        wearers.resolve_or_begin(session, wearer, self._settings.timezone)

    def look(self) -> None:
        """Queue what is new of every wearer, and give up what is too old."""
        now_ns = self._store.now_ns()
        self._store.write(lambda session: give_up_overdue(session, now_ns))
        with self._store.reading() as session:
            everybody = wearers.everybody(session)
        for each in everybody:
            with speaking(each.locale):
                self._look_at(each, now_ns, by_name=len(everybody) > 1)

    def send(self) -> None:
        """Send what is due, once on every channel."""
        for sender in self._senders:
            self._sending(sender)()

    def _look_at(self, wearer: Wearer, now_ns: int, *, by_name: bool) -> None:
        with self._store.reading() as session:
            channels = self.channels(session, wearer.id)
            if not channels:
                return
            added = {each.name: each for each in added_channels(session, wearer.id)}
            resting = self._resting(session, wearer.id, now_ns)
            found = [*self._faults(wearer.id, now_ns), *self._not_begun(session, wearer.id, now_ns)]
            if not resting:
                details = self._settings.notice_details
                found += alert_notices(session, wearer.id, now_ns, details=details)
                found += trial_notices(session, wearer.id, now_ns, details=details)
                morning = morning_notice(session, wearer.id, now_ns, details=details)
                found += [] if morning is None else [morning]
            new = [
                (
                    notice,
                    [
                        each
                        for each in channels
                        if (each not in added or added[each].hears(notice.kind))
                        and not is_queued(session, wearer.id, each, notice.key)
                    ],
                )
                for notice in found
            ]
            new += self._mended(session, wearer.id, channels, now_ns, resting=resting)
        try:
            for notice, untold in new:
                self._queue(wearer.id, untold, notice, name=wearer.name if by_name else "")
        except StoreError:
            # What was due is due again: nobody has been told.
            self._chosen.pop(wearer.id, None)
            raise

    def _faults(self, wearer: str, now_ns: int) -> Sequence[Notice]:
        tonight = self._live.tonight(wearer)
        if tonight is None:
            return ()
        chosen = self._chosen.setdefault(wearer, NightNotices(self._settings.night_notices))
        if tonight.silent:
            silent = silence(tonight)
            faults = [] if silent is None else [silent]
        else:
            faults = [
                OpenFault(each.kind, each.source, each.start_ns) for each in tonight.report.faults
            ]
        return fault_notices(chosen.due(faults, now_ns), tonight.zone)

    def _not_begun(self, session: Session, wearer: str, now_ns: int) -> Sequence[Notice]:
        chosen = FaultKind.NIGHT_NOT_BEGUN in self._settings.night_notices
        if not chosen or self._live.tonight(wearer) is not None:
            return ()
        found = not_begun(self._store, session, wearer, now_ns)
        return () if found is None else (found,)

    def _mended(
        self,
        session: Session,
        wearer: str,
        channels: Collection[str],
        now_ns: int,
        *,
        resting: bool,
    ) -> list[tuple[Notice, list[str]]]:
        """Tell those who heard that the collector fell silent that it is heard of again."""
        told = newest_of(session, wearer, SILENCE)
        if told is None:
            return []
        began_ns = since_ns(told)
        if not is_over(began_ns, self._live.tonight(wearer), now_ns, resting=resting):
            return []
        notice = mended_notice(began_ns, zone_now(session, wearer))
        untold = [
            each
            for each in channels
            if is_queued(session, wearer, each, told)
            and not is_queued(session, wearer, each, notice.key)
        ]
        return [(notice, untold)]

    def _resting(self, session: Session, wearer: str, now_ns: int) -> bool:
        tonight = self._live.tonight(wearer)
        if tonight is not None and not tonight.silent:
            return True
        zone = zone_now(session, wearer)
        return self._settings.quiet_hours.covers(local_time(now_ns, zone), zone)

    def _queue(
        self, wearer: str, channels: Sequence[str], notice: Notice, *, name: str = ""
    ) -> None:
        now_ns = self._store.now_ns()
        text = f"{name}: {notice.text}" if name else notice.text

        def work(session: Session) -> None:
            self.begin(session, wearer)
            for channel in channels:
                queue_notice(
                    session,
                    wearer,
                    channel,
                    notice.key,
                    text,
                    due_ns=now_ns,
                    give_up_ns=now_ns + GIVEN_UP_AFTER_NS[notice.kind],
                )

        if channels:
            self._store.write(work)

    def _may_send(self, notice: StoredNotice) -> bool:
        if kind_of(notice.key) in AT_ANY_HOUR:
            return True
        with self._store.reading() as session:
            return not self._resting(session, notice.wearer, self._store.now_ns())

    def _sending(self, sender: Sender) -> Callable[[], None]:
        return lambda: deliver(self._store, sender, self._may_send, self._random)

    def _run(self, name: str, work: Callable[[], None], wake: Event | None = None) -> None:
        wake = wake or Event()

        def often() -> None:
            while not self._over.is_set():
                try:
                    work()
                except StoreError as error:
                    _LOG.warning("%s", error)
                except Exception:
                    # A defect in one notice would keep every later one from being sent.
                    _LOG.exception("a notice could not be looked after")
                wake.wait(LOOK_EVERY_S)
                wake.clear()

        thread = Thread(target=often, name=name, daemon=True)
        self._threads.append((thread, wake))
        thread.start()
