from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from ingest.errors import RecordingError, SettingsError
from simulator.fragments import Track, angle, cut_afters, cut_fragments
from simulator.person import draw_person
from simulator.real_heart import beat_real_heart, take_hearts_apart
from simulator.real_nights import find_real_nights, read_real_nights
from tests.simulator.stand_in import BURST_EVERY_S, MINUTES


def test_nights_are_named_by_person_and_split_into_movement_and_rest(stand_in: Path) -> None:
    real = read_real_nights(stand_in)
    assert [(night.name, night.person) for night in real.wrists] == [
        ("p1n1", "p1"),
        ("p1n2", "p1"),
        ("p2n1", "p2"),
    ]
    for night in real.wrists:
        movements = [stretch for stretch in night.stretches if stretch.moving]
        assert len(movements) == MINUTES * 60 / BURST_EVERY_S
        assert 5.0 < np.median([stretch.seconds for stretch in movements]) < 9.0
        assert night.stretches[-1].stop == len(night.force_g)


def test_a_rest_shows_no_steps_of_the_source_and_is_one_g_long(stand_in: Path) -> None:
    night = read_real_nights(stand_in).wrists[0]
    for rest in night.stretches[3:11:2]:
        assert not rest.moving
        path = night.force_g[rest.start : rest.stop]
        assert np.linalg.norm(path, axis=1) == pytest.approx(1.0, abs=0.01)
        # Steps of 0.01 g would be seen as jumps between neighbours.
        assert np.abs(np.diff(path, axis=0)).max() < 0.001


def test_rises_are_cut_out_and_leave_a_level_without_any(stand_in: Path) -> None:
    hearts = take_hearts_apart(read_real_nights(stand_in))
    assert len(hearts.levels) == 2
    assert 60 <= len(hearts.rises) <= 80
    assert np.median(hearts.heights_bpm) == pytest.approx(17.0, abs=4.0)
    for rise in hearts.rises:
        assert rise.bpm[0] == 0.0
        assert rise.bpm[-1] == pytest.approx(0.0, abs=0.5)
    for (level,) in hearts.levels:
        # A heart counts as back with a fifth of the rise, here of 30 bpm, to go.
        assert np.percentile(level, 99) - np.percentile(level, 1) < 7.0


def test_a_night_is_the_same_whatever_was_simulated_before(stand_in: Path) -> None:
    real = read_real_nights(stand_in)
    source = take_hearts_apart(real)
    [level] = source.levels[0]
    person = draw_person(np.random.default_rng(3))
    # Longer than the stretch there is, so that it is joined to itself.
    first, again = (
        beat_real_heart(
            np.random.default_rng(5),
            source,
            real,
            person,
            source.levels[0],
            [],
            [],
            span_s=3.0 * len(level),
        ).bpm
        for _ in range(2)
    )
    assert first.tolist() == again.tolist()


def test_movements_and_their_answers_are_paired(stand_in: Path) -> None:
    coupled = read_real_nights(stand_in).coupled
    assert len(coupled) > 40
    assert {pair.rise_bpm for pair in coupled} == {25.0}
    assert 10.0 <= min(pair.seconds for pair in coupled) < max(pair.seconds for pair in coupled)


def test_a_fragment_begins_in_the_pose_of_the_arm_and_ends_in_the_one_wanted(
    stand_in: Path,
) -> None:
    night = read_real_nights(stand_in).wrists[0]
    home = Rotation.from_euler("xyz", [0.3, -1.0, 2.0])
    track = Track(home, np.array([0.0, 0.6, 0.8]))
    for fragment in cut_fragments(night)[:10]:
        before = track.pose
        track.move(fragment.force_g)
        turned = angle(before, track.pose)
        assert turned == pytest.approx(angle(fragment.start, fragment.end), abs=0.1)
    wanted = home.apply(track.at_home() + 0.2)
    track.move(cut_fragments(night)[0].force_g, wanted / np.linalg.norm(wanted))
    assert angle(track.pose, wanted / np.linalg.norm(wanted)) < 0.1
    lengths = np.linalg.norm(track.force_g, axis=1)
    kept = np.concatenate([fragment.force_g for fragment in cut_fragments(night)[:10]])
    assert lengths[: len(kept)] == pytest.approx(np.linalg.norm(kept, axis=1))


def test_what_follows_a_movement_is_kept_with_it(stand_in: Path) -> None:
    for after in cut_afters(read_real_nights(stand_in).wrists[0]):
        assert not after[0].moving
        assert after[0].seconds > 60.0


@pytest.mark.parametrize(
    "missing", ["wrist_5hz", "raw_excerpts", "heart_24h", "counts_5s", "counts_5s/mmash_diary.csv"]
)
def test_what_is_missing_is_named(stand_in: Path, tmp_path: Path, missing: str) -> None:
    folder = tmp_path / "real"
    shutil.copytree(stand_in, folder)
    gone = folder / missing
    shutil.rmtree(gone) if gone.is_dir() else gone.unlink()
    with pytest.raises(SettingsError, match=f"{folder} holds no {missing}"):
        read_real_nights(folder)


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("raw_excerpts/1_acceleration_excerpt.txt", "cannot be read"),
        ("heart_24h/subject_0/actigraph.parquet", "cannot be read"),
        ("counts_5s/actigraph_1.csv", "cannot be read"),
        ("wrist_5hz/p1n1/accelerometer.csv.gz", "accelerometer.csv.gz"),
    ],
)
def test_a_broken_file_is_named(stand_in: Path, tmp_path: Path, place: str, words: str) -> None:
    folder = tmp_path / "real"
    shutil.copytree(stand_in, folder)
    (folder / place).write_text("this\nis no recording\n")
    with pytest.raises(RecordingError, match=words):
        read_real_nights(folder)


def test_without_a_folder_it_says_what_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CRAMPWATCH_SHARED_DATA", raising=False)
    with pytest.raises(SettingsError, match="name their folder with --backgrounds or with CRAMP"):
        find_real_nights()


def test_the_environment_names_the_folder(stand_in: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRAMPWATCH_SHARED_DATA", str(stand_in))
    assert find_real_nights() is read_real_nights(stand_in.resolve())
