"""Unpacks the archive of one recording, whatever else somebody may have made of it."""

from __future__ import annotations

import re
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from ingest.errors import InputError

__all__ = ["MAX_UNPACKED_BYTES", "is_archive", "unpack"]

MAX_FILES = 1000
"""Files at the most: a recording of three days that was interrupted every few minutes."""

MAX_UNPACKED_BYTES = 4 * 1024**3
"""Largest recording in bytes: three days at 400 Hz as text are below three GiB."""

MAX_FOLDERS = 3
"""Folders above a file: that of the recording, and within it those that crampwatch makes."""

CHUNK_BYTES = 1024**2

_NAME = re.compile(r"[\w ()+,-][\w ()+,.-]{0,150}")
"""What a name may be made of: nothing that leads out of a folder or hides a file in it."""


def is_archive(path: Path) -> bool:
    """Tell an archive from a recording in one file."""
    return zipfile.is_zipfile(path)


def unpack(archive: Path, room: Path, name: str) -> Path:
    """Unpack an archive into a folder of the recording's name.

    Only plain files are taken, each under its own name within the folder. How large they are is
    counted as they are written, whatever the archive says.

    Raises
    ------
    InputError
        It is damaged, locked, too large, or holds what no recording does.
    """
    folder = room / name
    try:
        with zipfile.ZipFile(archive) as packed:
            files = [each for each in packed.infolist() if not each.is_dir()]
            if len(files) > MAX_FILES:
                raise InputError(f"The archive holds more than {MAX_FILES} files. Pack one night.")
            left = MAX_UNPACKED_BYTES
            for file in files:
                if _is_extra(file.filename):
                    continue
                target = folder.joinpath(*_parts(file))
                target.parent.mkdir(parents=True, exist_ok=True)
                left -= _write(packed, file, target, left)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise InputError(
            f"The archive is damaged, or no zip ({error}). Pack the folder of the recording anew "
            "as zip and send that; if it was copied here, copy it again."
        ) from error
    except FileExistsError as error:
        raise InputError("The archive holds the same name twice. Pack it anew.") from error
    if not folder.is_dir():
        raise InputError("The archive is empty. Pack the folder of a recording.")
    return folder


def _parts(file: zipfile.ZipInfo) -> tuple[str, ...]:
    if file.flag_bits & 1:
        raise InputError("The archive is locked with a password. Pack it without one.")
    parts = PurePosixPath(file.filename).parts
    unusual = len(parts) > MAX_FOLDERS + 1 or not all(map(_NAME.fullmatch, parts))
    # Only where it was packed on Unix it says what kind of file it is, in the upper half.
    kind = (file.external_attr >> 16) & 0o170000
    if unusual or kind not in (0, 0o100000):
        raise InputError(
            "The archive holds something that is not of a recording. Pack the folder of one "
            "recording, and nothing else."
        )
    return parts


def _is_extra(name: str) -> bool:
    """Tell what a Mac packs beside every file."""
    return name.startswith("__MACOSX/") or name.endswith(".DS_Store")


def _write(packed: zipfile.ZipFile, file: zipfile.ZipInfo, target: Path, left: int) -> int:
    written = 0
    with packed.open(file) as source, target.open("xb") as out:
        while chunk := source.read(CHUNK_BYTES):
            written += len(chunk)
            if written > left:
                raise InputError(
                    f"The archive unpacks to more than {MAX_UNPACKED_BYTES // 1024**3} GiB. Pack "
                    "one night."
                )
            out.write(chunk)
    return written
