"""Vectors: frames with the numbers they must decode to, read from a file and compared.

A file of vectors is a JSON object whose ``vectors`` is a list of objects with

``id``
    A name.
``kind``
    One of `ingest.devices.registry.DECODERS`.
``hex``
    The bytes, or a list of such for frames that are expected together.
``expect``
    What they must decode to; the words for it are in docs/new-wearable.md.
``factor``, ``sample_rate``, ``prev_ts``, ``format``
    What the device has said before, where the kind asks for it.

Whatever else stands beside these is for the reader.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from ingest.devices.expectations import Json, compare, find, is_number, show
from ingest.devices.plain import named_values, plain
from ingest.devices.registry import find_decoder
from ingest.errors import DecodeError, InputError, SettingsError

__all__ = ["Outcome", "Vector", "check", "read_vectors"]

ADVICE = (
    'It has to be {"vectors": [...]}, and each vector an object with id, kind, hex and expect, '
    "as in docs/new-wearable.md."
)


@dataclass(frozen=True, slots=True)
class _Context:
    """Something the device has said before: the argument it becomes, and what it may be."""

    argument: str
    least: float
    most: float
    whole: bool = False


_CONTEXT = {
    "factor": _Context("factor", 1e-12, 1e12),
    "sample_rate": _Context("rate_hz", 0.1, 100_000.0),
    "prev_ts": _Context("previous_ns", 0, 2**62, whole=True),
    "format": _Context("format_code", 0, 255, whole=True),
}


@dataclass(frozen=True, slots=True)
class Vector:
    """Frames with what they must decode to.

    Parameters
    ----------
    id, kind
        As in the file.
    frames
        The bytes of each.
    together
        Whether the file has a list of frames, to each of which an expectation is a list.
    expect
        As in the file; numbers with a point are exact decimals.
    context
        Arguments for the decoder.
    """

    id: str
    kind: str
    frames: tuple[bytes, ...]
    together: bool
    expect: Mapping[str, Json]
    context: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a vector decoded to.

    Parameters
    ----------
    decoded
        For JSON: the values by name (a list of such for frames together), or why not.
    differences
        A sentence for each expectation that was not met; none where all agree.
    """

    decoded: Json
    differences: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        """Whether everything expected was met."""
        return not self.differences


def read_vectors(path: Path) -> list[Vector]:
    """Read a file of vectors.

    Raises
    ------
    InputError
        If it cannot be read, or is not such a file; the message says where.
    """
    try:
        # As decimals, numbers keep the places they were written with.
        found = json.loads(
            path.read_bytes().decode("utf-8-sig"),
            parse_float=Decimal,
            parse_constant=_refuse_constant,
        )
    except OSError as error:
        raise InputError(
            f"{path}: cannot be read ({error.strerror}). Name a file of vectors."
        ) from error
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise InputError(f"{path}: is not JSON ({error}). {ADVICE}") from error
    vectors = found.get("vectors") if isinstance(found, dict) else None
    if not isinstance(vectors, list) or not vectors:
        raise InputError(f"{path}: holds no list of vectors. {ADVICE}")
    return [_read_vector(path, number, entry) for number, entry in enumerate(vectors, start=1)]


def check(vector: Vector) -> Outcome:
    """Decode the frames of a vector and compare them with what is expected."""
    try:
        decoder = find_decoder(vector.kind)
    except SettingsError as error:
        return Outcome(None, (str(error),))
    try:
        frames = [named_values(decoder(data, vector.context)) for data in vector.frames]
    except DecodeError as error:
        return Outcome({"error": str(error)}, tuple(_refused(vector.expect, error)))

    differences = [] if vector.expect else ["nothing is expected"]
    for key, expected in vector.expect.items():
        if key == "error":
            if expected is not False:
                differences.append("error: expected a refusal, but the frame decodes")
            continue
        try:
            found = [find(key, expected, values) for values in frames]
        except KeyError:
            gives = ", ".join(frames[0])
            differences.append(f"{key}: not understood; {vector.kind} gives {gives}")
            continue
        differences += compare(key, expected, found if vector.together else found[0])
    decoded = [plain(values) for values in frames]
    return Outcome(decoded if vector.together else decoded[0], tuple(differences))


def _refused(expect: Mapping[str, Json], error: DecodeError) -> Iterator[str]:
    """Say how a refusal differs from what is expected."""
    message = f"{type(error).__name__}: {error}"
    for key, expected in expect.items():
        if key != "error":
            yield f"{key}: expected {show(expected)}, but the frame is refused"
    wanted = expect.get("error", False)
    said = isinstance(wanted, str) and wanted.lower() in message.lower()
    if wanted is False:
        yield f"cannot be decoded: {error}"
    elif wanted is not True and not said:
        yield f"error: expected {show(wanted)}, but the refusal says: {message}"


def _read_vector(path: Path, number: int, entry: Json) -> Vector:
    def refuse(problem: str) -> InputError:
        return InputError(f"{path}, vector {number}: {problem}. {ADVICE}")

    if not isinstance(entry, dict):
        raise refuse("is not an object")
    missing = [key for key in ("id", "kind", "hex", "expect") if key not in entry]
    if missing:
        raise refuse(f"has no {' and no '.join(missing)}")
    if not isinstance(entry["id"], str) or not isinstance(entry["kind"], str):
        raise refuse("has an id or a kind that is not text")
    if not isinstance(entry["expect"], dict):
        raise refuse("has an expect that is not an object")
    together = isinstance(entry["hex"], list)
    texts = entry["hex"] if together else [entry["hex"]]
    try:
        frames = tuple(bytes.fromhex(text) for text in texts)
    except (TypeError, ValueError) as error:
        raise refuse("has a hex that is not pairs of hexadecimal digits") from error
    if not frames:
        raise refuse("has a hex without frames")
    context = {}
    for key, wanted in _CONTEXT.items():
        if key not in entry:
            continue
        value = entry[key]
        if not is_number(value) or not wanted.least <= value <= wanted.most:
            raise refuse(f"has a {key} that is not {wanted.least:g} to {wanted.most:g}")
        context[wanted.argument] = int(value) if wanted.whole else float(value)
    return Vector(entry["id"], entry["kind"], frames, together, entry["expect"], context)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number")
