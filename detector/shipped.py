"""The files of the models that crampwatch ships."""

from __future__ import annotations

from importlib import resources

from ingest.errors import ModelError

__all__ = ["read_shipped"]


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
