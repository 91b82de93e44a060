from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ingest.errors import WearerError
from server import queries
from server.decoded import Decoded, DecodedNights, NotShown
from server.places import Samples, register_place
from server.store import Store
from tests.server.recordings import write_recording

if TYPE_CHECKING:
    from tests.server.conftest import NightMaker

SAMPLES = 180 * 50


@pytest.fixture
def samples(tmp_path: Path) -> Samples:
    return Samples(DecodedNights(tmp_path / "samples"), tmp_path / "recordings")


def of(samples: Samples, store: Store, recording_id: str, wearer: str = "me") -> Decoded | NotShown:
    with store.reading() as session:
        stored = queries.recording(session, wearer, recording_id)
    assert stored is not None
    return samples.of(store, stored)


def test_a_recording_is_read_where_it_lies_and_only_once(
    store: Store, samples: Samples, make_night: NightMaker, tmp_path: Path
) -> None:
    recording_id = write_recording(tmp_path / "night")
    store.save(make_night(id=recording_id))
    assert of(samples, store, recording_id) is NotShown.ELSEWHERE
    register_place(store, None, recording_id, tmp_path / "night")
    for _ in range(2):
        found = of(samples, store, recording_id)
        assert isinstance(found, Decoded)
        assert found.samples == SAMPLES
        # What is decoded is kept, wherever the recording goes.
        shutil.rmtree(tmp_path / "night", ignore_errors=True)


def test_a_path_need_not_be_text(
    store: Store, samples: Samples, make_night: NightMaker, tmp_path: Path
) -> None:
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    recording_id = write_recording(folder)
    store.save(make_night(id=recording_id))
    register_place(store, None, recording_id, folder)
    assert isinstance(of(samples, store, recording_id), Decoded)


def test_what_came_from_a_collector_on_this_machine_lies_under_its_name(
    store: Store, samples: Samples, make_night: NightMaker, tmp_path: Path
) -> None:
    recording_id = write_recording(tmp_path / "recordings" / "2026-11-21T2300")
    store.save(make_night(id=recording_id, name="2026-11-21T2300"))
    assert isinstance(of(samples, store, recording_id), Decoded)


@pytest.mark.parametrize("name", ["../outside", ".", "..", "", "recordings/.."])
def test_a_name_leads_nowhere_else(
    store: Store, samples: Samples, make_night: NightMaker, tmp_path: Path, name: str
) -> None:
    (tmp_path / "recordings").mkdir()
    recording_id = write_recording(tmp_path / "outside")
    store.save(make_night(id=recording_id, name=name or None))
    assert of(samples, store, recording_id) is NotShown.ELSEWHERE


def test_a_recording_that_moved_is_found_again_by_a_replay(
    store: Store, samples: Samples, make_night: NightMaker, tmp_path: Path
) -> None:
    recording_id = write_recording(tmp_path / "night")
    store.save(make_night(id=recording_id))
    register_place(store, None, recording_id, tmp_path / "night")
    (tmp_path / "night").rename(tmp_path / "moved")
    assert of(samples, store, recording_id) is NotShown.MOVED
    register_place(store, None, recording_id, tmp_path / "moved")
    assert isinstance(of(samples, store, recording_id), Decoded)


def test_a_place_is_noted_for_the_own_recordings_only(
    store: Store, samples: Samples, make_night: NightMaker, tmp_path: Path
) -> None:
    store.add_wearer("Anna", "Europe/Berlin")
    store.add_wearer("Ben", "Europe/Berlin")
    recording_id = write_recording(tmp_path / "night")
    store.save(make_night(id=recording_id), "anna")
    register_place(store, "ben", recording_id, tmp_path / "night")
    assert of(samples, store, recording_id, "anna") is NotShown.ELSEWHERE
    with pytest.raises(WearerError):
        register_place(store, None, recording_id, tmp_path / "night")


def test_samples_go_with_the_recording(
    store: Store, samples: Samples, make_night: NightMaker, tmp_path: Path
) -> None:
    recording_id = write_recording(tmp_path / "night")
    store.save(make_night(id=recording_id))
    register_place(store, None, recording_id, tmp_path / "night")
    samples.prepare(store, recording_id)
    samples.keep_only_stored(store)
    assert len(list((tmp_path / "samples").iterdir())) == 1
    store.remove("me", [recording_id])
    samples.keep_only_stored(store)
    assert list((tmp_path / "samples").iterdir()) == []
