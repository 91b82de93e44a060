"""Where the recordings of stored nights lie on this machine, and their samples to be drawn."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Self

from sqlalchemy import select
from sqlalchemy.orm import Session

from server import queries, wearers
from server.decoded import Decoded, DecodedNights, NotShown
from server.settings import Settings
from server.store import Store
from server.stored import StoredRecording
from server.tables import RecordingPlaceRow, RecordingRow

__all__ = ["SAMPLES_NAME", "Samples", "register_place"]

SAMPLES_NAME = "samples"
"""Folder of the decoded samples within the data folder."""


def register_place(store: Store, wearer: str | None, recording_id: str, path: Path) -> None:
    """Note where a stored recording lies on the machine that serves it.

    Parameters
    ----------
    wearer
        As for `Store.save`.
    path
        As `ingest.discover.find_recordings` gives it: a folder, or the file of the acceleration.

    Raises
    ------
    WearerError
        There is no such wearer, or there are several and none was named.
    StoreError
        The database cannot be written.
    """

    def work(session: Session) -> None:
        whose = wearers.resolve(session, wearer)
        stored = session.get(RecordingRow, recording_id)
        if stored is not None and stored.wearer_id == whose:
            session.merge(
                RecordingPlaceRow(
                    recording_id=recording_id, wearer_id=whose, path=os.fsencode(path.absolute())
                )
            )

    store.write(work)


class Samples:
    """The samples of stored recordings that lie on this machine.

    Parameters
    ----------
    decoded
        Keeps what was decoded.
    recordings
        The folder that a night recorded on this machine lies in, under its name.
    """

    def __init__(self, decoded: DecodedNights, recordings: Path) -> None:
        self._decoded = decoded
        self._recordings = recordings

    @classmethod
    def within(cls, settings: Settings) -> Self:
        """Give those of an installation."""
        return cls(DecodedNights(settings.data_dir / SAMPLES_NAME), settings.recordings_dir)

    def of(self, store: Store, recording: StoredRecording) -> Decoded | NotShown:
        """Give the samples of a recording, or say why there are none."""
        return self._decoded.get(
            recording.id, recording.timezone, lambda: self._path_of(store, recording)
        )

    def prepare(self, store: Store, recording_id: str) -> None:
        """Decode a stored recording now, so that whoever looks in the morning need not wait."""
        with store.reading() as session:
            row = session.get(RecordingRow, recording_id)
            stored = row and queries.recording(session, row.wearer_id, row.id)
        if stored:
            self.of(store, stored)

    def keep_only_stored(self, store: Store) -> None:
        """Remove the samples of recordings that are stored no longer."""
        if self._decoded.is_empty:
            return
        with store.reading() as session:
            self._decoded.keep_only(frozenset(session.scalars(select(RecordingRow.id))))

    def _path_of(self, store: Store, recording: StoredRecording) -> Path | None:
        with store.reading() as session:
            row = session.get(RecordingPlaceRow, recording.id)
        if row is not None:
            return Path(os.fsdecode(row.path))
        # A collector on this machine sends its nights as one elsewhere would, and says no paths.
        # Its name is text that somebody sent: only what is found right here is looked at.
        here = self._recordings.iterdir() if self._recordings.is_dir() else ()
        return next((each for each in here if each.name == recording.name), None)
