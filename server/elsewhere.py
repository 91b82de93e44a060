"""Tells who listens of the nights that another program wrote into the same store.

Whom it erased is forgotten here as well.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Self

from sqlalchemy import Connection, select

from ingest.errors import StoreError
from server.by_wearer import forget_all_but
from server.events import EventKind, Events
from server.night_changes import changes_after, newest_change
from server.store import Store
from server.tables import WearerRow

__all__ = ["Elsewhere"]

_LOG = logging.getLogger(__name__)

LOOK_AGAIN_S = 2.0
"""Seconds from one look to the next: as soon as somebody would look up, at a third of a millisecond
a look."""


class Elsewhere:
    """Looks again and again at which nights were changed, while it is entered.

    Of what this process writes those tell who wrote it, sooner and with what else it changed.
    """

    def __init__(self, store: Store, events: Events) -> None:
        self._store = store
        self._events = events
        self._own: deque[range] = deque()
        self._seen = 0
        self._closing = Event()
        self._thread = Thread(target=self._run, name="crampwatch-elsewhere", daemon=True)

    def __enter__(self) -> Self:
        """Begin with what is written from now on."""
        with self._store.reading() as session:
            self._seen = newest_change(session.connection())
        self._store.around_writing = self._note_own
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._store.around_writing = None
        self._closing.set()
        self._thread.join()

    def look(self) -> None:
        """Tell of each night that was changed elsewhere since the last look, and forget the erased.

        Raises
        ------
        StoreError
            The database cannot be read.
        """
        with self._store.reading() as session:
            changes = changes_after(session, self._seen)
            here = session.scalars(select(WearerRow.id)).all()
        forget_all_but(self._store, here)
        for number, wearer, night in changes:
            self._seen = number
            while self._own and self._own[0].stop <= number:
                self._own.popleft()
            if not self._own or number not in self._own[0]:
                self._events.publish(wearer, EventKind.NIGHT, f"/api/v1/nights/{night}")

    @contextmanager
    def _note_own(self, connection: Connection) -> Iterator[None]:
        """Note which changes a transaction commits: nobody else writes before it has."""
        before = newest_change(connection)
        yield
        after = newest_change(connection)
        if after == before:
            return
        # Before it is committed, or somebody looks in between.
        self._own.append(range(before + 1, after + 1))
        try:
            connection.commit()
        except BaseException:
            # Whoever writes next may be given the same numbers.
            self._own.pop()
            raise

    def _run(self) -> None:
        while not self._closing.wait(LOOK_AGAIN_S):
            try:
                self.look()
            except StoreError as error:
                _LOG.debug("It is looked again later (%s).", type(error).__name__)
