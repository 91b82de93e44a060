"""Recordings that were sent to be judged here: each once by its id, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ingest.errors import InputError
from server.kept_tables import UploadRow

__all__ = [
    "WHOLE",
    "Received",
    "Upload",
    "UploadState",
    "fail",
    "finish",
    "in_hand",
    "is_anothers",
    "receive",
    "remove",
    "upload",
    "uploads",
    "waiting",
]


WHOLE = ".upload"
"""Ending of a file that has arrived."""


class UploadState(StrEnum):
    """How far a recording is that was sent."""

    WAITING = "waiting"
    """It is on the disk of the server, and will be judged, or is being judged."""
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Upload:
    """A recording that was sent.

    Parameters
    ----------
    id
        Chosen by who sends it, so that the same sent twice is one.
    name
        Of the file; recordings that do not say what they are called are called so.
    timezone
        IANA zone for the formats that do not carry one.
    bytes, sha256
        Size and digest of the file.
    problem
        Why it could not be judged; empty where it could.
    remarks
        What was odd about it.
    recording_id
        The recording that it is; None until it is judged.
    received_ns, finished_ns
        UTC nanoseconds.
    """

    id: str
    wearer: str
    name: str
    timezone: str
    bytes: int
    sha256: str
    state: UploadState
    problem: str
    remarks: tuple[str, ...]
    recording_id: str | None
    received_ns: int
    finished_ns: int | None

    @property
    def file_name(self) -> str:
        """What it is called on the disk of the server."""
        return f"{self.sha256}{WHOLE}"


class Received(StrEnum):
    """What a recording that was sent is to the store."""

    NEW = "new"
    KNOWN = "known"
    AGAIN = "again"
    """It was known, could not be judged, and is tried once more."""
    OTHER = "other"
    """The id is that of another file; nothing was changed."""


def receive(session: Session, sent: Upload) -> Received:
    """Keep that a recording was sent.

    Raises
    ------
    InputError
        Its id is that of another wearer's.
    """
    row = session.get(UploadRow, sent.id)
    if row is not None and row.wearer_id != sent.wearer:
        raise InputError(f"The recording {sent.id} cannot be taken: its id is taken.")
    if row is not None and row.sha256 != sent.sha256:
        return Received.OTHER
    if row is not None and row.state != UploadState.FAILED:
        return Received.KNOWN
    received = Received.NEW if row is None else Received.AGAIN
    if row is None:
        row = UploadRow(id=sent.id, wearer_id=sent.wearer)
        session.add(row)
    row.name = sent.name
    row.timezone = sent.timezone
    row.bytes = sent.bytes
    row.sha256 = sent.sha256
    row.state = sent.state
    row.problem = ""
    row.remarks = []
    row.recording_id = None
    row.received_ns = sent.received_ns
    row.finished_ns = None
    session.flush()
    return received


def upload(session: Session, wearer: str, upload_id: str) -> Upload | None:
    """Give one; None where the wearer has none of that id."""
    row = session.get(UploadRow, upload_id)
    return _upload(row) if row and row.wearer_id == wearer else None


def uploads(session: Session, wearer: str) -> tuple[Upload, ...]:
    """List those of a wearer."""
    found = select(UploadRow).where(UploadRow.wearer_id == wearer)
    return tuple(map(_upload, session.scalars(found)))


def waiting(session: Session) -> tuple[Upload, ...]:
    """List those of every wearer that are to be judged, the first that came first."""
    found = select(UploadRow).where(UploadRow.state == UploadState.WAITING)
    rows = session.scalars(found.order_by(UploadRow.received_ns, UploadRow.id))
    return tuple(map(_upload, rows))


def is_anothers(session: Session, wearer: str, upload_id: str) -> bool:
    """Tell whether an id is that of another wearer's."""
    row = session.get(UploadRow, upload_id)
    return row is not None and row.wearer_id != wearer


def in_hand(session: Session) -> int:
    """Count those of every wearer that are to be judged."""
    found = select(func.count()).where(UploadRow.state == UploadState.WAITING)
    return session.scalar(found) or 0


def finish(
    session: Session, upload_id: str, recording_id: str, remarks: tuple[str, ...], *, at_ns: int
) -> None:
    """Keep that one was judged; one that was taken out meanwhile stays out."""
    row = session.get(UploadRow, upload_id)
    if row is not None:
        row.state = UploadState.DONE
        row.recording_id = recording_id
        row.remarks = list(remarks)
        row.finished_ns = at_ns


def fail(session: Session, upload_id: str, problem: str, *, at_ns: int) -> None:
    """Keep why one could not be judged."""
    row = session.get(UploadRow, upload_id)
    if row is not None:
        row.state = UploadState.FAILED
        row.problem = problem
        row.finished_ns = at_ns


def remove(session: Session, wearer: str, upload_id: str) -> bool:
    """Take one out; False where the wearer has none of that id. Its night stays."""
    row = session.get(UploadRow, upload_id)
    if row is None or row.wearer_id != wearer:
        return False
    session.delete(row)
    return True


def _upload(row: UploadRow) -> Upload:
    return Upload(
        id=row.id,
        wearer=row.wearer_id,
        name=row.name,
        timezone=row.timezone,
        bytes=row.bytes,
        sha256=row.sha256,
        state=UploadState(row.state),
        problem=row.problem,
        remarks=tuple(row.remarks),
        recording_id=row.recording_id,
        received_ns=row.received_ns,
        finished_ns=row.finished_ns,
    )
