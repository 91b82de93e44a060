from __future__ import annotations

import gzip
import json
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from ingest.samples import Acceleration, HeartRate, RRIntervals, Samples

NOBODY = 65534

Rows = dict[str, list[tuple[float, ...]]]


@pytest.fixture(scope="session")
def recording_json() -> Callable[..., str]:
    def text(**changes: object) -> str:
        found: dict[str, object] = {
            "start": "2026-10-24T22:30:00+02:00",
            "timezone": "Europe/Berlin",
            "device": "a wristband",
            "wrist": "left",
            "source": "made up",
        }
        return json.dumps(found | changes)

    return text


@pytest.fixture(scope="session")
def accelerometer_csv() -> Callable[..., str]:
    def text(rate_hz: float = 50.0, rows: int = 200, first_s: float = 0.0) -> str:
        lines = [f"{first_s + row / rate_hz:.6f},{row % 7 / 100},0.5,-0.8" for row in range(rows)]
        return "\n".join(["time_s,x_g,y_g,z_g", *lines, ""])

    return text


@pytest.fixture
def make_folder(
    tmp_path: Path, recording_json: Callable[..., str], accelerometer_csv: Callable[..., str]
) -> Callable[..., Path]:
    """Makes a recording folder; text given for a name that ends in ``.gz`` is packed."""

    def make(files: Mapping[str, str | bytes | None] | None = None, name: str = "night") -> Path:
        folder = tmp_path / name
        folder.mkdir(parents=True)
        contents: dict[str, str | bytes | None] = {"recording.json": recording_json()}
        if not {"accelerometer.csv", "accelerometer.csv.gz"} & set(files or {}):
            contents["accelerometer.csv"] = accelerometer_csv()
        for file_name, text in (contents | dict(files or {})).items():
            if text is None:
                continue
            data = text.encode() if isinstance(text, str) else text
            if file_name.endswith(".gz") and isinstance(text, str):
                data = gzip.compress(data)
            (folder / file_name).write_bytes(data)
        return folder

    return make


@pytest.fixture
def shared_data() -> Path:
    root = Path(__file__).parents[2]
    folder = Path(os.environ.get("CRAMPWATCH_SHARED_DATA", root.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"real nights not here: no folder {folder}; set CRAMPWATCH_SHARED_DATA to it")
    return folder


@pytest.fixture
def open_tmp_path() -> Iterator[Path]:
    """A folder that another user may enter, as pytest's own may not be."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o755)


@pytest.fixture
def without_rights() -> Callable[[], AbstractContextManager[None]]:
    """Gives up the rights of root, to which every file is open."""

    @contextmanager
    def give_up() -> Iterator[None]:
        if os.geteuid() != 0:
            yield
            return
        os.seteuid(NOBODY)
        try:
            yield
        finally:
            os.seteuid(0)

    return give_up


@pytest.fixture(scope="session")
def rows_of() -> Callable[[Iterable[Samples]], Rows]:
    """Every sample by kind, whatever the chunks."""

    def rows(samples: Iterable[Samples]) -> Rows:
        found: Rows = {"acceleration": [], "heart_rate": [], "rr": []}
        for record in samples:
            if isinstance(record, Acceleration):
                axes = record.xyz_g.tolist()
                found["acceleration"] += [
                    (time, *xyz) for time, xyz in zip(record.times_ns.tolist(), axes, strict=True)
                ]
            elif isinstance(record, HeartRate):
                found["heart_rate"] += zip(
                    record.times_ns.tolist(), record.bpm.tolist(), strict=True
                )
            elif isinstance(record, RRIntervals):
                found["rr"] += zip(record.times_ns.tolist(), record.rr_ms.tolist(), strict=True)
        return found

    return rows
