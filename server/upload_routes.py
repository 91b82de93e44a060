"""Recordings to be judged here, over the API."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from errno import EDQUOT, ENOSPC
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Annotated, Any, BinaryIO

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session
from starlette.requests import ClientDisconnect

from ingest.errors import InputError, StoreError
from server import schema, uploads, wearers
from server.context import (
    IdInPath,
    JudgingInUse,
    StoreInUse,
    WearerAsked,
    WearerInUse,
    asked_wearer,
)
from server.cursors import Place
from server.judging import PART, Judging
from server.listing import Listing, page, stretch
from server.problem_kinds import ProblemError, ProblemKind
from server.problems import BUSY_RESPONSE, FULL_RESPONSE, PROBLEM_RESPONSES
from server.uploads import Received, Upload, UploadState
from server.wire import ZoneName

__all__ = ["router"]

router = APIRouter(prefix="/api/v1/uploads", tags=["uploads"], responses=PROBLEM_RESPONSES)

MOST_WAITING = 32
"""Recordings that wait at the most: a month of nights, which are judged within minutes."""

KEPT_FREE_BYTES = 512 * 1024**2
"""Bytes of the disk that an upload leaves free: the nights to come need them more."""

CHUNK_BYTES = 1024**2
"""Bytes that are written at once."""


MOST_NAME_BYTES = 100
"""Longest name of a file in bytes of UTF-8: a date, a name and a wrist, three times over."""

_FILE_NAME = re.compile(r"\w[\w .,()+-]*")


def _require_file_name(name: str) -> str:
    if _FILE_NAME.fullmatch(name) and len(name.encode()) <= MOST_NAME_BYTES:
        return name
    raise ValueError(
        "The name of the file has to begin with a letter or a digit and may hold letters, digits, "
        f"spaces and .,()+-_ up to {MOST_NAME_BYTES} bytes; send it as night.zip"
    )


FileName = Annotated[str, AfterValidator(_require_file_name)]


class UploadQuery(BaseModel):
    """What is said of a recording beside its file."""

    model_config = ConfigDict(extra="forbid")

    name: FileName = Field(
        description="Name of the file: `.zip` of the folder of a recording, or the "
        "`NNN_acceleration.txt` of one of the set sleep-accel",
        examples=["2026-11-21_left.zip"],
    )
    timezone: ZoneName | None = Field(
        default=None,
        description="Zone for formats that do not carry one; left out, that of the wearer",
        examples=["Europe/Berlin"],
    )
    wearer: WearerAsked = None


BODY: dict[str, Any] = {
    "requestBody": {
        "description": "The file, at most 1 GiB",
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.put(
    "/{upload_id}",
    status_code=202,
    summary="Send a recording to be judged; the same again changes nothing",
    responses={
        200: {"model": schema.Upload, "description": "It was sent before."},
        **BUSY_RESPONSE,
        **FULL_RESPONSE,
    },
    openapi_extra=BODY,
)
async def send_recording(
    request: Request,
    response: Response,
    store: StoreInUse,
    judging: JudgingInUse,
    asked: Annotated[str | None, Depends(asked_wearer)],
    upload_id: IdInPath,
    query: Annotated[UploadQuery, Query()],
) -> schema.Upload:
    """Take the file, and judge it in the background.

    It is on the disk of the server when this is answered, and is judged even where the server
    stops meanwhile; then it is removed.
    """
    sent = await asyncio.to_thread(_begun, store, judging, asked, upload_id, query)
    length = request.headers.get("content-length", "0")
    declared = int(length) if length.isdecimal() else 0
    with _room(judging.folder, declared) as part:
        try:
            received_bytes, sha256 = await _write(request.stream(), part)
        except ClientDisconnect as error:
            raise HTTPException(400, "The file did not arrive whole. Send it again.") from error
        sent = replace(sent, bytes=received_bytes, sha256=sha256)
        received = await asyncio.to_thread(judging.take, part, sent)
    if received is Received.OTHER:
        raise ProblemError(
            ProblemKind.STATE, f"The id {upload_id} is that of another file. Choose a new one."
        )
    response.headers["location"] = f"/api/v1/uploads/{upload_id}"
    if received is Received.KNOWN:
        response.status_code = 200
    return await asyncio.to_thread(_shown, store, judging, sent.wearer, upload_id)


@router.get("", summary="The recordings that were sent, the last first")
def list_uploads(
    request: Request,
    store: StoreInUse,
    judging: JudgingInUse,
    wearer: WearerInUse,
    query: Annotated[Listing, Query()],
) -> schema.Page[schema.Upload]:
    with store.reading() as session:
        zone = wearers.home(session, wearer)
        sent = uploads.uploads(session, wearer)

    def place(each: Upload) -> Place:
        return each.received_ns, each.id

    found = stretch(query, sent, place, int, str)
    items = [schema.Upload.of(each, judging.part(each.id), zone) for each in found.items]
    return page(request, query, found, place, items)


@router.get("/{upload_id}", summary="How far a recording is that was sent")
def get_upload(
    store: StoreInUse, judging: JudgingInUse, wearer: WearerInUse, upload_id: IdInPath
) -> schema.Upload:
    return _shown(store, judging, wearer, upload_id)


@router.delete(
    "/{upload_id}",
    status_code=204,
    summary="Forget a recording that was sent, and stop to judge it; its night stays",
)
def remove_upload(
    store: StoreInUse, judging: JudgingInUse, wearer: WearerInUse, upload_id: IdInPath
) -> None:
    if not store.write(lambda session: uploads.remove(session, wearer, upload_id)):
        raise HTTPException(404, f"No recording was sent with the id {upload_id}.")
    judging.stop(upload_id)


def _begun(
    store: StoreInUse, judging: Judging, asked: str | None, upload_id: str, query: UploadQuery
) -> Upload:
    """Find out whose recording it is, before any of it is taken.

    Raises
    ------
    ProblemError
        Too many wait already.
    InputError
        The id is that of another wearer's.
    """
    zone = query.timezone or judging.timezone

    def work(session: Session) -> str:
        return wearers.resolve_or_begin(session, asked, zone)

    wearer = store.write(work)
    with store.reading() as session:
        home = wearers.home(session, wearer).key
        if uploads.in_hand(session) >= MOST_WAITING:
            raise ProblemError(
                ProblemKind.BUSY,
                f"{MOST_WAITING} recordings wait to be judged. Send this one when they are.",
                {"Retry-After": "60"},
            )
        if uploads.is_anothers(session, wearer, upload_id):
            raise InputError(f"The recording {upload_id} cannot be taken: its id is taken.")
    return Upload(
        id=upload_id,
        wearer=wearer,
        name=query.name,
        timezone=query.timezone or home,
        bytes=0,
        sha256="",
        state=UploadState.WAITING,
        problem="",
        remarks=(),
        recording_id=None,
        received_ns=store.now_ns(),
        finished_ns=None,
    )


@contextmanager
def _room(folder: Path, declared: int) -> Iterator[Path]:
    """Give the name of a new file, which is gone afterwards unless it was taken.

    Raises
    ------
    ProblemError
        The disk has no room for it.
    StoreError
        It cannot be written.
    """
    full = ProblemError(
        ProblemKind.DISK_FULL, "The disk of the server has no room for this. Free some of it."
    )
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if shutil.disk_usage(folder).free - declared < KEPT_FREE_BYTES:
            raise full
        with NamedTemporaryFile(dir=folder, suffix=PART, delete=False) as made:
            part = Path(made.name)
        try:
            yield part
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        if error.errno in (ENOSPC, EDQUOT):
            raise full from error
        raise StoreError(
            f"The folder for recordings that are sent cannot be written ({error.strerror}). Check "
            "the disk of the server and the owner of CRAMPWATCH_DATA_DIR."
        ) from error


async def _write(stream: AsyncIterator[bytes], part: Path) -> tuple[int, str]:
    """Write what comes to the disk, and give its size and its digest."""
    digest = hashlib.sha256()
    size = 0
    waiting = bytearray()
    with part.open("wb") as file:

        def put(chunk: bytes) -> None:
            digest.update(chunk)
            file.write(chunk)

        async for chunk in stream:
            waiting += chunk
            size += len(chunk)
            if len(waiting) >= CHUNK_BYTES:
                await asyncio.to_thread(put, bytes(waiting))
                waiting.clear()
        await asyncio.to_thread(put, bytes(waiting))
        await asyncio.to_thread(_flush, file)
    return size, digest.hexdigest()


def _flush(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _shown(store: StoreInUse, judging: Judging, wearer: str, upload_id: str) -> schema.Upload:
    with store.reading() as session:
        zone = wearers.home(session, wearer)
        found = uploads.upload(session, wearer, upload_id)
    if found is None:
        raise HTTPException(404, f"No recording was sent with the id {upload_id}.")
    return schema.Upload.of(found, judging.part(upload_id), zone)
