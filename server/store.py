"""Keeps judged nights, each whole or not at all, idempotent by the recording's id."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self, TypeVar

from sqlalchemy import delete
from sqlalchemy.orm import Session

from detector.night import Night
from ingest.errors import InputError, StoreError
from ingest.recording_json import FIRST_YEAR
from ingest.samples import NS_PER_S
from server import audit, migrate, sqlite, wearers
from server.database import Database, exists, open_database
from server.figures import is_simulated
from server.nights import local_time
from server.saving import Outcome, save_night
from server.tables import RecordingRow
from server.writer import Around, Observer, Together, Work, Writer

__all__ = ["Outcome", "Store"]

Piece = TypeVar("Piece")
T = TypeVar("T")

_LOG = logging.getLogger(__name__)

CLOCK_SLACK = timedelta(days=1)
"""How far in the future a recording may begin: more than any mistaken time zone makes of it."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Store:
    """The database of one installation. Open it with `Store.open`; threads may share it."""

    def __init__(self, database: Database, *, now: Callable[[], datetime] = _utc_now):
        self._database = database
        self._now = now
        self._writer = Writer(database.writing, database.errors)

    @property
    def path(self) -> Path:
        """The file of the store.

        Raises
        ------
        StoreError
            It is in none.
        """
        if self._database.path is None:
            raise StoreError("The store is on a PostgreSQL server, and in no file.")
        return self._database.path

    @property
    def warning(self) -> str | None:
        """What is wrong with what reads and writes the database; None where nothing is."""
        return self._database.warning

    @property
    def put_aside(self) -> Path | None:
        """What a damaged file that lay in this place is called now, whoever put it aside.

        None a week after that, and once it was moved away.
        """
        path = self._database.path
        return None if path is None else sqlite.put_aside_lately(path, self._now())

    @classmethod
    def open(
        cls,
        url: str,
        *,
        home: Path | None = None,
        say: Callable[[str], None] = _LOG.warning,
        now: Callable[[], datetime] | None = None,
        alone: bool = False,
    ) -> Self:
        """Open the database, made and brought up to date where that is needed.

        One that may not be written can still be read, if it is up to date.

        Parameters
        ----------
        url
            ``sqlite:///`` and the path of the file, or ``postgresql://`` and the rest.
        home
            The folder of crampwatch's own, made where the file is to be in it; no other is.
        say
            Told when a damaged file was put aside; its new name is `put_aside` of the store.
        now
            The UTC time; it names a file put aside, and no recording may be from later.
        alone
            For whoever serves the store: where another does, it is refused.

        Raises
        ------
        StoreError
            The database cannot be used; the message says what to do.
        """
        now = now or _utc_now
        return cls(open_database(url, home=home, say=say, now=now, alone=alone), now=now)

    @classmethod
    def open_existing(
        cls,
        url: str,
        *,
        home: Path | None = None,
        say: Callable[[str], None] = _LOG.warning,
        alone: bool = False,
    ) -> Self | None:
        """Open the database as `open` does; None where there is none, and then none is made."""
        return cls.open(url, home=home, say=say, alone=alone) if exists(url, home) else None

    def close(self) -> None:
        """Finish what is being written and close; a file is then whole by itself."""
        self._writer.close()
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session that sees the store as it is now, whatever is written meanwhile."""
        with self._database.errors(), Session(self._database.engine) as session:
            yield session

    def write(self, work: Work[T]) -> T:
        """Do some work; what it changed is on the disk afterwards, or nothing of it.

        Raises
        ------
        StoreError
            The database cannot be written.
        """
        return self.submit(work).result()

    def submit(self, work: Work[T]) -> Future[T]:
        """Have some work done, without waiting for it; see `server.writer`."""
        return self._writer.submit(work)

    def submit_piece(self, work: Together[Piece, T], piece: Piece) -> Future[T]:
        """Have work done on a piece, at once with others next to it; see `server.writer`."""
        return self._writer.submit_piece(work, piece)

    @property
    def waiting(self) -> int:
        """How many pieces of work wait to be written."""
        return self._writer.waiting

    @property
    def on_commit(self) -> Observer | None:
        """Who is told of each commit; see `server.writer`."""
        return self._writer.on_commit

    @on_commit.setter
    def on_commit(self, observer: Observer | None) -> None:
        self._writer.on_commit = observer

    @property
    def around_writing(self) -> Around | None:
        """What is done around each transaction that writes; see `server.writer`."""
        return self._writer.around

    @around_writing.setter
    def around_writing(self, around: Around | None) -> None:
        self._writer.around = around

    def require_readable(self) -> None:
        """Read something, be it nothing.

        Raises
        ------
        StoreError
            The database does not answer.
        """
        with self.reading() as session:
            wearers.everybody(session)

    def is_up_to_date(self) -> bool:
        """Tell whether the tables are those of this version.

        Raises
        ------
        StoreError
            The database does not answer, or the tables are of another program.
        """
        with self._database.errors():
            return migrate.is_up_to_date(self._database.engine)

    def now_ns(self) -> int:
        """Give the time by the clock of the store, in UTC nanoseconds."""
        return int(self._now().timestamp()) * NS_PER_S

    def too_early(self, night: Night) -> str | None:
        """Say that a recording cannot have been made yet, and what to do; None where it can.

        A simulation has no date of its own.
        """
        begins = local_time(night.start_ns, night.info.zone)
        if begins - self._now() <= CLOCK_SLACK or is_simulated(night.info.source):
            return None
        return (
            f"{night.info.name}: begins on {begins:%Y-%m-%d at %H:%M}, which is in the future. "
            "Correct the start in its recording.json or this machine's clock and replay it again."
        )

    def save(self, night: Night, wearer: str | None = None) -> Outcome:
        """Keep a judged night, whole or not at all.

        The same samples are stored once: judged in another way, or of another zone, they take
        the place of what was there, and what is newly known of them (name, device, wrist,
        source) is noted. So does a recording that begins with the same sample of the same
        device under the same name and has all that is stored of it: it is the same one, longer
        or with more streams.

        Parameters
        ----------
        wearer
            Whose night it is; None where there is only one wearer, made with the first night.

        Raises
        ------
        InputError
            The recording is from the future or from before 2000, is a shorter copy of a stored
            one, has an episode of another, or is stored as another wearer's.
        WearerError
            There is no such wearer, or there are several and none was named.
        StoreError
            The database cannot be written; nothing of the night is stored.
        """
        if wrong := self.too_early(night) or _too_old(night):
            raise InputError(wrong)
        return self.write(lambda session: save_night(session, night, wearer))

    def add_wearer(self, name: str, timezone: str, *, id: str | None = None) -> wearers.Wearer:  # noqa: A002
        """Add a wearer, as `server.wearers.add`."""
        return self.write(lambda session: wearers.add(session, name, timezone, id=id))

    def erase(self, wearer: str) -> None:
        """Erase everything of a wearer, so that nothing of it is left in the file either.

        Raises
        ------
        WearerError
            There is no such wearer.
        StoreError
            The database cannot be written; nothing is erased.
        """
        at_ns = self.now_ns()

        def work(session: Session) -> None:
            wearers.erase(session, wearers.resolve(session, wearer))
            audit.note(session, "owner", "erase", "a wearer", at_ns=at_ns, wearer=None)

        self.write(work)
        if self._database.path is not None:
            with self._database.errors():
                sqlite.rewrite(self._database.engine)

    def remove(self, wearer: str, recording_ids: Sequence[str]) -> None:
        """Remove recordings of a wearer and all that was found in them.

        Raises
        ------
        StoreError
            The database cannot be written; nothing is removed.
        """
        gone = delete(RecordingRow).where(
            RecordingRow.wearer_id == wearer, RecordingRow.id.in_(recording_ids)
        )

        def work(session: Session) -> None:
            session.execute(gone)

        self.write(work)


def _too_old(night: Night) -> str | None:
    """Say that a recording cannot be as old as it says, and what to do; None where it can."""
    begins = local_time(night.start_ns, night.info.zone)
    if begins.year >= FIRST_YEAR:
        return None
    return (
        f"{night.info.name}: begins on {begins:%Y-%m-%d at %H:%M}, by a clock that was not set. "
        "Put when it began into its recording.json and replay it again."
    )
