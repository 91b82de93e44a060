from __future__ import annotations

import pickle

import pytest

from ingest.errors import (
    CrampwatchError,
    DecodeError,
    InputError,
    RecordingError,
    RecordingWriteError,
    ServerError,
    WearerError,
)


@pytest.mark.parametrize(
    "error",
    [
        InputError("there is no night"),
        RecordingError("a/night.csv", "is empty", "Copy it again.", line=3),
        RecordingWriteError("a/night.csv", "cannot be written", "Make room.", disk_full=True),
        DecodeError("heart rate measurement", "ends after 1 byte of 2", b"\x01"),
        WearerError("nobody is called so", nobody=True),
        ServerError("does not answer", final=True),
    ],
)
def test_an_error_comes_whole_out_of_another_process(error: CrampwatchError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert vars(again) == vars(error)
