from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingest.errors import RecordingError
from ingest.sleep_epochs import read_sleep_epochs


def columns(**other: Any) -> dict[str, Any]:
    two = {
        "subject": ["b", "b", "b", "a", "a"],
        "t_s": [0, 30, 90, 30, 60],
        "stage": [0, 1, 5, 0, 2],
        "count": [9.5, 0.0, 0.25, 3.0, 0.0],
        "hr_feature": [0.5, float("nan"), 0.25, 0.5, None],
    }
    return two | other


def written(folder: Path, **other: Any) -> Path:
    path = folder / "epochs.parquet"
    held = {name: values for name, values in columns(**other).items() if values is not None}
    pq.write_table(pa.table(held), path)
    return path


def test_people_are_read_by_name_with_their_gaps(tmp_path: Path) -> None:
    first, second = read_sleep_epochs(written(tmp_path))
    assert (first.subject, second.subject) == ("a", "b")
    assert first.epoch.tolist() == [1, 2]
    assert second.epoch.tolist() == [0, 1, 3]
    assert second.wake.tolist() == [True, False, False]
    line = second.on_line(second.count)
    np.testing.assert_array_equal(line, [9.5, 0.0, np.nan, 0.25])
    assert np.isnan(second.heart).tolist() == [False, True, False]


def test_the_same_epochs_have_the_same_digest_whoever_they_are_of(tmp_path: Path) -> None:
    as_they_are = [person.digest for person in read_sleep_epochs(written(tmp_path))]
    renamed = read_sleep_epochs(written(tmp_path, subject=[7, 7, 7, 8, 8]))
    assert sorted(person.digest for person in renamed) == sorted(as_they_are)
    changed = read_sleep_epochs(written(tmp_path, count=[9.5, 0.0, 0.25, 3.0, 0.5]))
    assert [person.digest == was for person, was in zip(changed, as_they_are, strict=True)] == [
        False,
        True,
    ]


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ({"stage": None}, "has no column stage"),
        ({"stage": None, "count": None}, "no column stage and no column count"),
        ({"stage": [0, 1, 6, 0, 2]}, "subject b: a stage is not one of 0 to 5"),
        ({"stage": [0, 1, -1, 0, 2]}, "a stage is not one of 0 to 5"),
        ({"stage": [1, 1, 1, 2, 2]}, "holds sleep and nothing else"),
        ({"stage": [0, 0, 0, 0, 0]}, "holds wake and nothing else"),
        ({"count": [9.5, 0.0, float("nan"), 3.0, 0.0]}, "holds no number in row 3 of count"),
        ({"count": [9.5, 0.0, None, 3.0, 0.0]}, "holds no number in row 3 of count"),
        ({"count": [9.5, 0.0, -1.0, 3.0, 0.0]}, "a count is negative"),
        ({"count": list("abcde")}, "something else than numbers in count"),
        ({"hr_feature": [0.5, float("inf"), 0, 0, 0]}, "no number in row 2 of hr_feature"),
        ({"t_s": [0, 30, 30, 30, 60]}, "does not rise in steps of 30 s"),
        ({"t_s": [0, 30, 75, 30, 60]}, "does not rise in steps of 30 s"),
        ({"t_s": [-30, 0, 30, 30, 60]}, "does not lie within 0 and 259200 s"),
        ({"t_s": [0, 30, 1_700_000_010, 30, 60]}, "does not lie within 0 and 259200 s"),
        ({"subject": ["b", None, "b", "a", "a"]}, "rows without a subject"),
    ],
)
def test_what_cannot_be_used_is_refused_with_a_sentence(
    tmp_path: Path, damage: dict[str, Any], said: str
) -> None:
    path = written(tmp_path, **damage)
    with pytest.raises(RecordingError) as refused:
        read_sleep_epochs(path)
    assert said in str(refused.value)
    assert str(path) in str(refused.value)
    assert refused.value.advice.endswith(".")


def test_a_file_without_rows_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "empty.parquet"
    pq.write_table(pa.table({name: pa.array([], pa.int64()) for name in columns()}), path)
    with pytest.raises(RecordingError, match="holds no epochs"):
        read_sleep_epochs(path)


def test_what_is_no_parquet_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="is not there"):
        read_sleep_epochs(tmp_path / "nothing.parquet")
    with pytest.raises(RecordingError, match="is no file"):
        read_sleep_epochs(tmp_path)
    (tmp_path / "text.parquet").write_text("subject,t_s,stage")
    with pytest.raises(RecordingError, match="cannot be read as Parquet"):
        read_sleep_epochs(tmp_path / "text.parquet")
