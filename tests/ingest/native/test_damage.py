from __future__ import annotations

import random
import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest

from ingest.discover import find_recordings
from ingest.errors import RecordingError
from ingest.native import parquet
from ingest.native.batches import END
from ingest.native.compact import compact
from ingest.native.night import describe, read, read_faults
from ingest.native.segment import is_closed
from ingest.recording import Damage
from ingest.samples import NS_PER_S, Fault, FaultKind
from tests.ingest.native.made import (
    START_NS,
    Rows,
    a_night,
    fault,
    given,
    is_part_of,
    mark,
    stored,
    write_night,
)

SECONDS = 20
RECORDS = [*a_night(SECONDS), mark(3), fault(4, 9)]
WHOLE = given(RECORDS)
# A batch is written with the first chunk 2 s after the one before it.
BATCH_ROWS, FIRST_BATCH_ROWS, LAST_BATCH_ROWS = 100, 150, 50


@pytest.fixture
def night(tmp_path: Path) -> Path:
    write_night(tmp_path / "night", RECORDS)
    return tmp_path / "night"


def damaged(folder: Path, path: Path, content: bytes) -> tuple[Rows, list[Damage]]:
    path.write_bytes(content)
    found, reading = stored(folder)
    assert is_part_of(found, WHOLE)
    return found, reading.damage


def flipped(whole: bytes, chance: random.Random) -> bytes:
    """Flip one bit somewhere."""
    content = bytearray(whole)
    content[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
    return bytes(content)


def lost_rows(found: Rows) -> int:
    return sum(map(len, WHOLE.values())) - sum(map(len, found.values()))


def test_a_file_cut_anywhere_in_its_last_4_kib_loses_its_tail_and_nothing_else(
    tmp_path: Path,
) -> None:
    night = tmp_path / "night"
    path = write_night(night, a_night(6))
    whole = path.read_bytes()
    assert len(whole) > 2 * 4096
    lost_before = 0
    for cut in range(len(whole) - 1, len(whole) - 4097, -1):
        found, damage = damaged(night, path, whole[:cut])
        lost = 6 * 50 - len(found["acceleration_wrist"])
        # What is cut off costs the batches it touches: the loss grows a batch at a time.
        assert lost - lost_before in (0, LAST_BATCH_ROWS, BATCH_ROWS)
        lost_before = lost
        assert all(each.tail and each.problem == "ends within a batch" for each in damage)
        assert len(damage) <= 1
    assert lost_before == LAST_BATCH_ROWS + BATCH_ROWS


def test_500_bit_flips_in_a_segment_cost_a_batch_each_and_are_told(night: Path) -> None:
    path = night / "segment-0001.arrows"
    whole = path.read_bytes()
    chance = random.Random(500)
    costs = []
    for _ in range(500):
        found, damage = damaged(night, path, flipped(whole, chance))
        lost = lost_rows(found)
        assert not lost or damage
        costs.append(lost)
    # The first batch: three seconds of acceleration, two readings and two intervals.
    assert max(costs) == FIRST_BATCH_ROWS + 2 + 2
    assert sum(cost > 0 for cost in costs) > 250


def test_many_flips_at_once_never_make_a_sample(night: Path) -> None:
    path = night / "segment-0001.arrows"
    whole = path.read_bytes()
    chance = random.Random(7)
    for _ in range(60):
        content = bytearray(whole)
        for place in chance.sample(range(len(whole)), 40):
            content[place] ^= chance.randrange(1, 256)
        found, damage = damaged(night, path, bytes(content))
        assert damage
        assert lost_rows(found) > 0


def test_500_bit_flips_in_parquet_cost_a_row_group_and_are_told(
    night: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet, "GROUP_ROWS", 200)
    compact(night)
    path = night / "parquet-0001" / "acceleration_wrist.parquet"
    whole = path.read_bytes()
    chance = random.Random(500)
    groups = []
    for _ in range(500):
        found, damage = damaged(night, path, flipped(whole, chance))
        lost = lost_rows(found)
        assert not lost or damage
        groups.append(lost / 200)
    assert max(groups) == 1.0
    assert sum(each > 0 for each in groups) > 150


@pytest.mark.parametrize("name", ["heart_rate", "marks", "faults"])
def test_bit_flips_in_the_small_tables_leave_the_acceleration_alone(night: Path, name: str) -> None:
    compact(night)
    path = night / "parquet-0001" / f"{name}.parquet"
    whole = path.read_bytes()
    chance = random.Random(11)
    for _ in range(60):
        found, damage = damaged(night, path, flipped(whole, chance))
        assert found["acceleration_wrist"] == WHOLE["acceleration_wrist"]
        assert not lost_rows(found) or damage


def test_any_flip_in_night_json_is_told_and_costs_nothing(night: Path) -> None:
    path = night / "night.json"
    whole = path.read_bytes()
    for place in range(len(whole)):
        content = bytearray(whole)
        content[place] ^= 1 << (place % 8)
        found, damage = damaged(night, path, bytes(content))
        assert found == WHOLE
        # White space between the words of the text carries nothing.
        assert damage or whole[place : place + 1].isspace()
        assert all(each.spared for each in damage)
        assert describe(night).description.info.start_ns == START_NS


def test_a_damaged_head_costs_nothing_while_another_file_says_the_same(night: Path) -> None:
    path = night / "segment-0001.arrows"
    whole = path.read_bytes()
    for place in range(0, 1200, 7):
        content = bytearray(whole)
        content[place] ^= 0x10
        found, _ = damaged(night, path, bytes(content))
        assert found == WHOLE


def test_damage_says_where_it_is_and_what_it_costs(night: Path) -> None:
    path = night / "segment-0001.arrows"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    _, damage = damaged(night, path, bytes(content))
    (one,) = damage
    assert one.problem == "has a batch that cannot be read or fails its checksum"
    assert one.lost_s == pytest.approx(2.0, abs=0.05)
    assert str(one).endswith("fails its checksum; at most 2.0 s are lost")


def test_what_is_damaged_is_a_gap_when_it_is_compacted_and_the_segment_is_kept(night: Path) -> None:
    path = night / "segment-0001.arrows"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    (damage,) = compact(night).damage
    assert damage.after_ns is not None
    assert damage.before_ns is not None
    assert read_faults(night) == (
        Fault(START_NS + 4 * NS_PER_S, START_NS + 9 * NS_PER_S, FaultKind.OFF_WRIST),
        Fault(damage.after_ns, damage.before_ns, FaultKind.GAP),
    )
    assert (night / "segment-0001.arrows.damaged").read_bytes() == content
    samples = read(night).samples()
    assert lost_rows(given(samples)) >= BATCH_ROWS
    assert samples.damage == ()


def test_a_torn_end_is_compacted_away(night: Path) -> None:
    path = night / "segment-0001.arrows"
    path.write_bytes(path.read_bytes()[: -len(END) - 5])
    assert not is_closed(path)
    (damage,) = compact(night).damage
    assert damage.tail
    assert sorted(each.name for each in night.iterdir()) == ["night.json", "parquet-0001"]


def test_a_batch_that_is_gone_as_a_whole_is_missed(night: Path) -> None:
    path = night / "segment-0001.arrows"
    whole = path.read_bytes()
    second = [at for at in range(0, len(whole), 8) if whole[at : at + 4] == b"\xff" * 4][2:4]
    found, damage = damaged(night, path, whole[: second[0]] + whole[second[1] :])
    assert lost_rows(found) == BATCH_ROWS + 4
    assert [round(each.lost_s or 0) for each in damage] == [2]


@pytest.mark.parametrize("content", [b"", b"\0" * 4096, b"\xff" * 4096, b"no such file" * 99])
def test_a_file_that_is_something_else_costs_only_itself(night: Path, content: bytes) -> None:
    shutil.copy(night / "segment-0001.arrows", night / "segment-0002.arrows")
    found, damage = damaged(night, night / "segment-0001.arrows", content)
    assert found == WHOLE
    assert bool(damage) == bool(content)


@pytest.mark.parametrize("name", ["acceleration_wrist", "heart_rate"])
def test_a_missing_table_is_told(night: Path, name: str) -> None:
    compact(night)
    (night / "parquet-0001" / f"{name}.parquet").unlink()
    found, reading = stored(night)
    assert name not in found
    assert [each.problem for each in reading.damage] == ["is missing"]


def test_without_any_description_there_is_an_error_with_advice(tmp_path: Path) -> None:
    (tmp_path / "night.json").write_text("{")
    with pytest.raises(RecordingError, match=r"night\.json, line 1: is not JSON"):
        find_recordings(tmp_path)[0].open()


def test_a_newer_format_is_refused(night: Path) -> None:
    path = night / "night.json"
    path.write_text(path.read_text().replace('"format": 1', '"format": 2'))
    shutil.move(night / "segment-0001.arrows", night / "elsewhere")
    with pytest.raises(RecordingError, match="is of format 2, and this crampwatch reads 1"):
        read(night)


def end_with_zeros(paths: Iterable[Path]) -> None:
    for path in paths:
        path.write_bytes(path.read_bytes()[:-4] + bytes(4))


@pytest.mark.parametrize("kind", ["parquet", "footer"])
def test_a_footer_that_is_lost_costs_nothing_while_its_copy_is_there(
    night: Path, kind: str
) -> None:
    compact(night)
    end_with_zeros(night.rglob(f"*.{kind}"))
    found, reading = stored(night)
    assert found == WHOLE
    assert len(reading.damage) == 6
    assert all(each.lost_s == 0.0 and each.spared for each in reading.damage)
    assert str(reading.damage[0]).endswith("differs from its copy; a copy of it was used")


def test_without_footers_the_rest_of_the_night_is_left(night: Path) -> None:
    compact(night)
    end_with_zeros(night.glob("parquet-0001/*"))
    write_night(night, a_night(5, first=100))
    found, reading = stored(night)
    assert found == given(a_night(5, first=100))
    assert sum(not each.spared for each in reading.damage) == 6


def test_bit_flips_in_a_footer_cost_nothing(night: Path) -> None:
    compact(night)
    path = night / "parquet-0001" / "acceleration_wrist.parquet"
    whole = path.read_bytes()
    length = int.from_bytes(whole[-8:-4], "little") + 8
    chance = random.Random(3)
    for _ in range(200):
        content = bytearray(whole)
        content[-chance.randrange(1, length)] ^= 1 << chance.randrange(8)
        found, damage = damaged(night, path, bytes(content))
        assert found == WHOLE
        assert all(each.spared for each in damage)
