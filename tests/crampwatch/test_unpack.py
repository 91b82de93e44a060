from __future__ import annotations

import stat
import struct
import zipfile
from pathlib import Path

import pytest

from crampwatch import unpack as unpacking
from crampwatch.unpack import is_archive, unpack
from ingest.errors import InputError


def packed(path: Path, *files: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    archive = path / "night.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
        for name, data in files:
            out.writestr(name, data)
    return archive


def test_a_folder_comes_out_as_it_was_packed(tmp_path: Path) -> None:
    archive = packed(
        tmp_path,
        ("night/recording.json", b"{}"),
        ("night/parquet-0002/heart_rate.parquet", b"PAR1"),
        ("__MACOSX/night/._recording.json", b"extra"),
        ("night/.DS_Store", b"extra"),
    )
    assert is_archive(archive)
    folder = unpack(archive, tmp_path / "room", "night (2)")
    found = {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    assert found == {
        "night/recording.json": b"{}",
        "night/parquet-0002/heart_rate.parquet": b"PAR1",
    }


@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "night/../../evil",
        "/etc/evil",
        "night\\..\\..\\evil",
        "C:\\evil",
        ".ssh/keys",
        "night/.hidden",
        "a/b/c/d/e",
        "night/" + "x" * 200,
        "night/new\nline",
    ],
)
def test_nothing_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    archive = packed(tmp_path, (name, b"evil"))
    with pytest.raises(InputError, match="not of a recording"):
        unpack(archive, tmp_path / "room", "night")
    assert not [each for each in tmp_path.rglob("*") if each.is_file() and each != archive]


def test_no_link_is_made(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("night/link")
    link.create_system = 3
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    archive = packed(tmp_path, (link, b"/etc/passwd"))
    with pytest.raises(InputError, match="not of a recording"):
        unpack(archive, tmp_path / "room", "night")


def test_what_it_unpacks_to_is_counted_and_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpacking, "MAX_UNPACKED_BYTES", 3 * 1024**2)
    archive = packed(tmp_path, ("a", bytes(2 * 1024**2)), ("b", bytes(2 * 1024**2)))
    with pytest.raises(InputError, match="unpacks to more than"):
        unpack(archive, tmp_path / "room", "night")
    written = sum(each.stat().st_size for each in (tmp_path / "room").rglob("*") if each.is_file())
    assert written <= 3 * 1024**2


def test_too_many_files_are_no_night(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "MAX_FILES", 2)
    archive = packed(tmp_path, ("a", b""), ("b", b""), ("c", b""))
    with pytest.raises(InputError, match="more than 2 files"):
        unpack(archive, tmp_path / "room", "night")


def test_the_same_name_twice(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        archive = packed(tmp_path, ("a", b"1"), ("a", b"2"))
    with pytest.raises(InputError, match="same name twice"):
        unpack(archive, tmp_path / "room", "night")


def test_a_file_where_a_folder_is(tmp_path: Path) -> None:
    archive = packed(tmp_path, ("a", b"1"), ("a/b", b"2"))
    with pytest.raises(InputError, match="same name twice"):
        unpack(archive, tmp_path / "room", "night")


def test_an_empty_archive(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is empty"):
        unpack(packed(tmp_path), tmp_path / "room", "night")


def test_a_locked_archive(tmp_path: Path) -> None:
    archive = packed(tmp_path, ("a", b"1"))
    data = bytearray(archive.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        struct.pack_into("<H", data, data.index(signature) + offset, 1)
    archive.write_bytes(data)
    with pytest.raises(InputError, match="password"):
        unpack(archive, tmp_path / "room", "night")


def test_a_damaged_archive(tmp_path: Path) -> None:
    archive = packed(tmp_path, ("a", bytes(range(256)) * 100))
    data = bytearray(archive.read_bytes())
    data[40:60] = b"\xff" * 20
    archive.write_bytes(data)
    with pytest.raises(InputError, match="damaged, or no zip"):
        unpack(archive, tmp_path / "room", "night")
