"""A small typed client of the API, for whoever reads nights or sends recordings from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, TypeVar
from urllib.parse import quote, urlencode

from pydantic import BaseModel

from server import schema
from server.client import ServerClient

__all__ = ["ApiClient"]

CHUNK_BYTES = 1024**2
"""Bytes of a file that are read and sent at once."""

Item = TypeVar("Item", bound=BaseModel)


class ApiClient(ServerClient):
    """Reads and sends. Every method raises `ServerError` where no answer of crampwatch comes."""

    def nights(
        self, first: date | None = None, until: date | None = None
    ) -> Iterator[schema.Night]:
        """Give the nights of a range in figures, newest first."""
        return self._listed("/api/v1/nights", schema.Night, first, until)

    def episodes(
        self, first: date | None = None, until: date | None = None
    ) -> Iterator[schema.Episode]:
        """Give the cramp-like awakenings of a range of nights, newest first."""
        return self._listed("/api/v1/episodes", schema.Episode, first, until)

    def trends(self, first: date | None = None, until: date | None = None) -> schema.Trends:
        """Give the weeks and the hours of a range of nights."""
        return self._read("/api/v1/trends" + _within(first, until), schema.Trends)

    def send_recording(
        self, file: Path, *, upload_id: str | None = None, timezone: str | None = None
    ) -> schema.Upload:
        """Send a recording to be judged there; sending it again changes nothing.

        Parameters
        ----------
        upload_id
            By which it is asked for; without one, made of the digest of the file.
        timezone
            Zone for formats that do not carry one.
        """
        with file.open("rb") as content:
            name = upload_id or _digest(content)
            asked = {"name": file.name} | ({"timezone": timezone} if timezone else {})
            answer = self._send(
                "PUT",
                f"{_upload(name)}?{urlencode(asked)}",
                _chunks(content),
                kind="application/octet-stream",
            )
        self._require_success(answer)
        return self._parsed(answer.content, schema.Upload)

    def recording_sent(self, upload_id: str) -> schema.Upload:
        """Ask how far a recording is that was sent."""
        return self._read(_upload(upload_id), schema.Upload)

    def _listed(
        self, path: str, kind: type[Item], first: date | None, until: date | None
    ) -> Iterator[Item]:
        onward: str | None = path + _within(first, until)
        while onward:
            # Pydantic makes a class of every page.
            page = self._read(onward, schema.Page[kind])  # type: ignore[valid-type]
            yield from page.items
            onward = page.next

    def _read(self, path: str, kind: type[Item]) -> Item:
        answer = self._send("GET", path)
        self._require_success(answer)
        return self._parsed(answer.content, kind)

    def _parsed(self, content: bytes, kind: type[Item]) -> Item:
        try:
            return kind.model_validate_json(content)
        except ValueError as error:
            raise self._foreign() from error


def _within(first: date | None, until: date | None) -> str:
    asked = {name: each for name, each in (("from", first), ("until", until)) if each is not None}
    return f"?{urlencode(asked)}" if asked else ""


def _upload(upload_id: str) -> str:
    return f"/api/v1/uploads/{quote(upload_id, safe='')}"


def _digest(content: BinaryIO) -> str:
    digest = sha256()
    for chunk in _chunks(content):
        digest.update(chunk)
    content.seek(0)
    return digest.hexdigest()


def _chunks(content: BinaryIO) -> Iterator[bytes]:
    while chunk := content.read(CHUNK_BYTES):
        yield chunk
