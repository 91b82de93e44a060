from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import recording_folder
from ingest.samples import NS_PER_S
from server.curves import Curve, curves
from server.decode import decode
from server.decoded import Decoded
from tests.server.recordings import START_NS, samples_of, write_recording

SECONDS = 180
HOLE = (100, 110)
END_NS = START_NS + SECONDS * NS_PER_S
MOVEMENT, PULSE = samples_of(SECONDS, hole=HOLE)


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Decoded:
    folder = tmp_path_factory.mktemp("night")
    recording_id = write_recording(folder / "recording", SECONDS, hole=HOLE)
    (folder / "decoded").mkdir()
    recording = recording_folder.read(folder / "recording")
    assert decode(recording, folder / "decoded") == recording_id
    return Decoded(folder / "decoded")


def points(curve: Curve) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    there = ~np.isnan(curve.values)
    return curve.times_ns[there], curve.values[there]


def test_a_short_range_gives_every_sample_and_one_more_to_either_side(night: Decoded) -> None:
    start_ns, end_ns = START_NS + 30 * NS_PER_S, START_NS + 31 * NS_PER_S
    drawn = curves(night, start_ns, end_ns, 200)
    rows = slice(30 * 50 - 1, 31 * 50 + 1)
    assert drawn.whole
    assert drawn.samples == 52
    for place, curve in enumerate((drawn.x_g, drawn.y_g, drawn.z_g)):
        assert curve.times_ns.tolist() == MOVEMENT.times_ns[rows].tolist()
        assert curve.values.astype("f4").tolist() == MOVEMENT.xyz_g[rows, place].tolist()
    length = np.linalg.norm(MOVEMENT.xyz_g[rows].astype(float), axis=1)
    assert drawn.enmo_g.values == pytest.approx(np.maximum(length - 1, 0), abs=1e-6)


@pytest.mark.parametrize("block", [1 << 16, 700])
def test_a_whole_night_keeps_its_extremes_in_few_points(
    night: Decoded, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr("server.curves.BLOCK_SAMPLES", block)
    drawn = curves(night, START_NS, END_NS, 200)
    assert not drawn.whole
    assert drawn.samples == 170 * 50
    times_ns, values = points(drawn.x_g)
    assert len(values) <= 200
    assert (values.min(), values.max()) == (MOVEMENT.xyz_g[:, 0].min(), MOVEMENT.xyz_g[:, 0].max())
    places = np.searchsorted(MOVEMENT.times_ns, times_ns)
    assert MOVEMENT.times_ns[places].tolist() == times_ns.tolist()
    assert MOVEMENT.xyz_g[places, 0].tolist() == values.tolist()


@pytest.mark.parametrize("most", [100, 4000])
def test_a_line_is_broken_where_nothing_was_recorded_and_nowhere_else(
    night: Decoded, most: int
) -> None:
    drawn = curves(night, START_NS, END_NS, most)
    for curve in (drawn.enmo_g, drawn.x_g, drawn.z_angle_deg):
        (broken,) = np.flatnonzero(np.isnan(curve.values))
        assert curve.times_ns[broken - 1] <= START_NS + HOLE[0] * NS_PER_S
        assert curve.times_ns[broken + 1] >= START_NS + HOLE[1] * NS_PER_S
        assert (np.diff(curve.times_ns) > 0).all()
    assert not np.isnan(drawn.heart_bpm.values).any()


def test_a_break_narrower_than_what_can_be_seen_is_left_out(night: Decoded) -> None:
    drawn = curves(night, START_NS, END_NS, 20)
    assert not np.isnan(drawn.x_g.values).any()


def test_a_range_within_the_hole_holds_the_samples_around_it(night: Decoded) -> None:
    drawn = curves(night, START_NS + 103 * NS_PER_S, START_NS + 105 * NS_PER_S, 100)
    assert drawn.samples == 2
    assert len(points(drawn.x_g)[0]) == 2
    assert np.isnan(drawn.x_g.values).tolist() == [False, True, False]


def test_before_and_after_the_recording_there_is_nothing(night: Decoded) -> None:
    drawn = curves(night, END_NS + NS_PER_S, END_NS + 9 * NS_PER_S, 100)
    assert drawn.samples <= 1
    assert len(drawn.heart_bpm) <= 1


@given(
    start=st.integers(-10, 170),
    length=st.integers(1, 200),
    most=st.integers(2, 3000),
)
def test_no_more_points_than_asked_for(night: Decoded, start: int, length: int, most: int) -> None:
    start_ns = START_NS + start * NS_PER_S
    drawn = curves(night, start_ns, start_ns + length * NS_PER_S, most)
    for curve in (drawn.enmo_g, drawn.x_g, drawn.z_angle_deg, drawn.heart_bpm):
        assert len(points(curve)[0]) <= most
        assert (np.diff(curve.times_ns) > 0).all()


def test_the_heart_rate_is_that_of_the_detector_each_five_seconds(night: Decoded) -> None:
    times_ns, values = points(curves(night, START_NS, END_NS, 400).heart_bpm)
    assert len(values) == SECONDS // 5
    assert times_ns[0] == START_NS + 2_500_000_000
    assert values.tolist() == np.median(PULSE.bpm.reshape(-1, 5), axis=1).tolist()
