"""Nights that a server elsewhere has not taken yet, kept on disk until it has."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from detector.night import Night
from ingest.errors import InputError, ServerError, StoreError
from server.client import ServerClient
from server.wire import dump_night, parse_night

__all__ = ["Delivery", "Outbox"]


@dataclass(frozen=True, slots=True)
class Delivery:
    """What came of an attempt to send everything.

    Parameters
    ----------
    sent
        Names of the nights that the server has now.
    left
        How many are still kept here.
    problem
        Why, where some are.
    """

    sent: tuple[str, ...]
    left: int
    problem: str | None = None


class Outbox:
    """A folder with a file for each night to be sent.

    Parameters
    ----------
    folder
        Made when it is not there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, night: Night) -> Path:
        """Keep a night until it is sent; on the disk when this returns.

        Raises
        ------
        StoreError
            If the disk does not take it.
        """
        path = self.folder / f"{night.start_ns}-{night.id}.json"
        aside = path.with_suffix(".part")
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with open(descriptor, "wb") as file:  # noqa: PTH123
                file.write(dump_night(night))
                file.flush()
                os.fsync(file.fileno())
            aside.replace(path)
            self._sync()
        except OSError as error:
            raise StoreError(
                f"The night cannot be kept in {self.folder} ({error.strerror}). Make room there; "
                "its recording is safe, and `crampwatch replay` judges it again."
            ) from error
        return path

    def waiting(self) -> list[Path]:
        """Give what is to be sent, the oldest night first."""
        return sorted(self.folder.glob("*.json"), key=_start_ns)

    def deliver(self, client: ServerClient) -> Delivery:
        """Send everything; what the server has taken is no longer kept.

        A night that the server will never take is set aside as ``.refused`` with the others
        still sent. Sending a night twice is harmless: the server knows it by its id.
        """
        sent: list[str] = []
        problem = None
        for path in self.waiting():
            try:
                night = parse_night(path.read_bytes())
                client.send_night(night)
            except InputError as error:
                problem = f"{path.name}: {error}"
                path.replace(path.with_suffix(".refused"))
            except ServerError as error:
                problem = str(error)
                if not error.final:
                    break
                path.replace(path.with_suffix(".refused"))
            else:
                path.unlink()
                sent.append(night.info.name)
        return Delivery(tuple(sent), len(self.waiting()), problem)

    def _sync(self) -> None:
        descriptor = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _start_ns(path: Path) -> tuple[int, str]:
    start = path.name.partition("-")[0]
    return int(start) if start.isdigit() else 0, path.name
