"""The one error tree of crampwatch, from the room every other room may import.

::

    CrampwatchError            anything a caller can handle; the message carries advice
    ├── InputError             what was handed in cannot be used
    │   ├── RecordingError     a file or folder, named, with the line where there is one
    │   │   └── RecordingWriteError   one that cannot be written; what it held is still good
    │   ├── SampleError        samples that break the promise of `ingest.samples`
    │   └── DecodeError        bytes of a wearable that are not the frame they should be
    ├── SettingsError          a setting or an argument that cannot be honoured
    ├── ModelError             the model file is missing or not what it should be
    ├── StoreError             the database cannot be opened, read or written
    ├── WearerError            whose nights are meant was not said, or nobody is called so
    ├── ServerError            a server elsewhere does not answer, or refuses
    │   └── NoAnswerError      nobody is there at all
    └── BluetoothError         the radio of this computer cannot be used

Anything else that escapes is a defect in crampwatch, not in what it was given.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

__all__ = [
    "BluetoothError",
    "CrampwatchError",
    "DecodeError",
    "InputError",
    "ModelError",
    "NoAnswerError",
    "RecordingError",
    "RecordingWriteError",
    "SampleError",
    "ServerError",
    "SettingsError",
    "StoreError",
    "WearerError",
]

SHOWN_BYTES = 32
"""Bytes of a frame that a message shows: the header and the first samples, on one line."""


class CrampwatchError(Exception):
    """Base of every error a caller of crampwatch can handle."""

    def __reduce__(self) -> tuple[Any, ...]:
        # By itself pickle makes an exception anew of its message alone, which is not what most of
        # these are made of; so none would come whole out of a process that measures nights.
        return _made_anew, (type(self), self.args, self.__dict__)


def _made_anew(
    kind: type[CrampwatchError], args: tuple[Any, ...], about: dict[str, Any]
) -> CrampwatchError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(about)
    return error


class InputError(CrampwatchError):
    """What was handed in cannot be used."""


class RecordingError(InputError):
    """A recording on disk that cannot be read as one.

    Parameters
    ----------
    path
        The file or folder at fault.
    problem
        What is wrong with it, as a clause: ``"is empty"``.
    advice
        What the reader of the message can do, as a sentence.
    line
        1-based line in the (decompressed) file, where there is one.
    """

    def __init__(self, path: Path | str, problem: str, advice: str, *, line: int | None = None):
        self.path = Path(path)
        self.problem = problem
        self.advice = advice
        self.line = line
        place = f"{path}, line {line}" if line is not None else f"{path}"
        super().__init__(f"{place}: {problem}. {advice}")


class RecordingWriteError(RecordingError):
    """A recording that cannot be written now; what was written before is still good.

    Parameters
    ----------
    disk_full
        Whether it is for want of space, so that it may work later.
    """

    def __init__(self, path: Path | str, problem: str, advice: str, *, disk_full: bool = False):
        super().__init__(path, problem, advice)
        self.disk_full = disk_full


class SampleError(InputError):
    """Samples that break the promise of `ingest.samples`: rising times, finite numbers."""


class DecodeError(InputError):
    """Bytes of a wearable that are not the frame they should be.

    Parameters
    ----------
    frame
        What they were taken for: ``"heart rate measurement"``.
    problem
        What is wrong with them, as a clause: ``"ends after 1 byte of 2"``.
    data
        The bytes seen.
    """

    def __init__(self, frame: str, problem: str, data: bytes):
        self.frame = frame
        self.problem = problem
        self.data = bytes(data)
        shown = self.data[:SHOWN_BYTES].hex(" ") or "none"
        rest = f" ... of {len(self.data)} bytes" if len(self.data) > SHOWN_BYTES else ""
        super().__init__(f"{frame}: {problem} (seen: {shown}{rest})")


class SettingsError(CrampwatchError):
    """A setting or an argument that cannot be honoured."""


class ModelError(CrampwatchError):
    """The model file is missing or not what it should be."""


class StoreError(CrampwatchError):
    """The database cannot be opened, read or written."""


class WearerError(CrampwatchError):
    """Whose nights are meant was not said, or nobody is called so.

    Parameters
    ----------
    nobody
        Whether it was said, and there is no such wearer.
    """

    def __init__(self, message: str, *, nobody: bool = False):
        super().__init__(message)
        self.nobody = nobody


class ServerError(CrampwatchError):
    """A server elsewhere does not answer, or refuses.

    Parameters
    ----------
    final
        Whether asking again would be in vain.
    """

    def __init__(self, message: str, *, final: bool = False):
        super().__init__(message)
        self.final = final


class NoAnswerError(ServerError):
    """Nobody is there: what else there is to send need not be tried either."""


class BluetoothError(CrampwatchError):
    """The radio of this computer cannot be used."""
