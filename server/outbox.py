"""Nights that a server elsewhere has not taken yet, kept on disk until it has."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from detector.night import Night
from ingest.errors import InputError, NoAnswerError, ServerError, StoreError
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
        How many are kept here and offered again.
    problem
        Why, where some are; the refused ones are told once by each `Outbox`, which is once an
        evening.
    refused
        How many lie here that the server will never take as they are.
    """

    sent: tuple[str, ...]
    left: int
    problem: str | None = None
    refused: int = 0


class Outbox:
    """A folder with a file for each night to be sent.

    Parameters
    ----------
    folder
        Made when it is not there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._refused_are_told = False

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

    def refused(self) -> list[Path]:
        """Give what the server will never take as it is, the oldest night first."""
        return sorted(self.folder.glob("*.refused"), key=_start_ns)

    def deliver(self, client: ServerClient) -> Delivery:
        """Send everything; what the server has taken is no longer kept.

        A night that the server will never take is set aside as ``.refused``; one that it does not
        take now is kept, and holds up no other. Sending a night twice is harmless: the server
        knows it by its id. So is another delivery at the same time.
        """
        sent: list[str] = []
        problems: list[str] = []
        if not self._refused_are_told:
            problems += self._told_of_refused()
        for path in self.waiting():
            try:
                night = parse_night(path.read_bytes())
                client.send_night(night)
                path.unlink(missing_ok=True)
                sent.append(night.info.name)
            except FileNotFoundError:
                # Another delivery was faster.
                continue
            except InputError as error:
                problems += [f"{path.name}: {error}", *self._set_aside(path)]
            except ServerError as error:
                problems.append(str(error))
                if isinstance(error, NoAnswerError):
                    break
                if error.final:
                    problems += self._set_aside(path)
            except OSError as error:
                problems.append(f"{path}: {error.strerror}. Check who owns the folder.")
        self._refused_are_told = True
        # One sentence for all the nights that it holds of.
        problem = " ".join(dict.fromkeys(problems)) or None
        return Delivery(tuple(sent), len(self.waiting()), problem, len(self.refused()))

    def _told_of_refused(self) -> list[str]:
        refused = len(self.refused())
        if not refused:
            return []
        nights, recordings, them = (
            ("1 night", "Its recording is", "it")
            if refused == 1
            else (f"{refused} nights", "Their recordings are", "them")
        )
        return [
            f"{nights} that the server refused: kept in {self.folder} as .refused. {recordings} "
            f"safe; to offer {them} again, give {them} the ending .json."
        ]

    def _set_aside(self, path: Path) -> list[str]:
        """Keep a night without offering it again; what is wrong where that is not possible."""
        try:
            path.replace(path.with_suffix(".refused"))
        except FileNotFoundError:
            # Another delivery was faster.
            return []
        except OSError as error:
            return [f"{path}: {error.strerror}. Check who owns the folder."]
        return []

    def _sync(self) -> None:
        descriptor = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _start_ns(path: Path) -> tuple[int, str]:
    start = path.name.partition("-")[0]
    return int(start) if start.isdigit() else 0, path.name
