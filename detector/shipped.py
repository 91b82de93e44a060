"""The files of the models that crampwatch ships."""

from __future__ import annotations

import zipfile
import zlib
from importlib import resources

from ingest.errors import ModelError

__all__ = ["DAMAGED", "read_shipped"]

DAMAGED = (KeyError, TypeError, ValueError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error)
"""What reading arrays raises from a file that is cut off, was changed or is something else."""


def read_shipped(name: str) -> bytes:
    """Read the file of a shipped model.

    Raises
    ------
    ModelError
        When it is missing or may not be read.
    """
    file = resources.files("models") / name
    try:
        return file.read_bytes()
    except OSError as error:
        raise ModelError(
            f"The model {file} cannot be read: {error.strerror}. Install crampwatch again."
        ) from error
