"""``crampwatch decode``: decode the frames of wearables, and check files of vectors."""

from __future__ import annotations

import json
from pathlib import Path

import typer

from ingest.devices.plain import plain
from ingest.devices.registry import find_decoder
from ingest.devices.vectors import check, read_vectors
from ingest.errors import SettingsError

__all__ = ["check_vectors", "decode_frame"]


def check_vectors(path: Path) -> bool:
    """Print a line of JSON for each vector of a file; tell whether all agree.

    Raises
    ------
    InputError
        If the file cannot be used.
    """
    all_agree = True
    for vector in read_vectors(path):
        outcome = check(vector)
        all_agree = all_agree and outcome.agrees
        line = {
            "id": vector.id,
            "kind": vector.kind,
            "decoded": outcome.decoded,
            "agrees": outcome.agrees,
            "differences": outcome.differences,
        }
        typer.echo(json.dumps(line, allow_nan=False))
    return all_agree


def decode_frame(kind: str, digits: str) -> None:
    """Print what one frame decodes to, as a line of JSON.

    Raises
    ------
    SettingsError
        If the kind is not known, or the digits are not hexadecimal.
    DecodeError
        If the frame cannot be decoded.
    """
    decoder = find_decoder(kind)
    try:
        data = bytes.fromhex(digits)
    except ValueError as error:
        raise SettingsError(
            f"'{digits}' is not bytes. Write two hexadecimal digits for each, such as 0048."
        ) from error
    typer.echo(json.dumps({"kind": kind, "decoded": plain(decoder(data))}, allow_nan=False))
