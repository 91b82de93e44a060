from __future__ import annotations

from pathlib import Path

import pytest

from ingest.errors import RecordingError, SettingsError
from ingest.recording_folder import read
from ingest.samples import Acceleration
from simulator.corpus import simulate_corpus


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_nights_are_folders_of_people_and_read_back(tmp_path: Path) -> None:
    folders = list(simulate_corpus(tmp_path, 4, 1, device="wasts", hours=2.0, cramps=1))
    assert [folder.name for folder in folders] == ["p001n01", "p001n02", "p001n03", "p002n01"]
    starts = set()
    for folder in folders:
        recording = read(folder)
        starts.add(recording.info.start_ns)
        (cramp,) = [event for event in recording.events if event.label == "cramp"]
        assert cramp.extra["phenotype"] in {"silent", "rub", "sit", "stand"}
        samples = [chunk for chunk in recording.samples() if isinstance(chunk, Acceleration)]
        assert sum(len(chunk) for chunk in samples) == pytest.approx(2 * 3600 * 5.05, rel=0.01)
    assert len(starts) == 4


def test_the_same_seed_gives_the_same_bytes_and_more_nights_change_none(tmp_path: Path) -> None:
    (one,) = simulate_corpus(tmp_path / "one", 1, 7, hours=1.5)
    two = list(simulate_corpus(tmp_path / "two", 2, 7, hours=1.5))
    assert contents(one) == contents(two[0])
    assert contents(two[0]) != contents(two[1])


def test_clean_nights_hold_no_cramp(tmp_path: Path) -> None:
    folders = list(simulate_corpus(tmp_path, 3, 2, device="wasts", hours=3.0, cramps=0))
    happened = [{event.label for event in read(folder).events} for folder in folders]
    assert len(happened) == 3
    assert all(labels and "cramp" not in labels for labels in happened)


def test_people_differ_in_device(tmp_path: Path) -> None:
    folders = list(simulate_corpus(tmp_path, 7, 3, hours=1.0))
    assert len({read(folder).info.device for folder in folders}) >= 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"nights": 0, "seed": 1}, "0 nights cannot be simulated; choose 1 or more"),
        ({"nights": 1, "seed": -1}, "the seed -1 cannot be used; choose 0 or more"),
        ({"nights": 1, "seed": 1, "device": "sundial"}, "choose pinetime, bangle"),
        ({"nights": 1, "seed": 1, "hours": 99.0}, "choose 1 to 14 hours"),
        ({"nights": 1, "seed": 1, "cramps": 20}, "in a night of 6.5 h; choose 0 to 19"),
        ({"nights": 1, "seed": 1, "family": "adams"}, "choose kinematic, phenomenological"),
        ({"nights": 1, "seed": 1, "life": "of Brian"}, "choose plain, hard"),
    ],
)
def test_what_cannot_be_simulated_is_told_and_nothing_written(
    tmp_path: Path, arguments: dict[str, int], words: str
) -> None:
    out = tmp_path / "out"
    with pytest.raises(SettingsError, match=words):
        list(simulate_corpus(out, **arguments))  # type: ignore[arg-type]
    assert not out.exists()


def test_a_night_that_is_there_already_stays(tmp_path: Path) -> None:
    (folder,) = simulate_corpus(tmp_path, 1, 1, device="wasts", hours=1.0)
    before = contents(folder)
    with pytest.raises(RecordingError, match="is there already"):
        list(simulate_corpus(tmp_path, 1, 2, device="wasts", hours=1.0))
    assert contents(folder) == before
