from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks.real_nights import main, without


def test_whoever_is_left_out_has_no_wrist_and_the_rest_is_there(tmp_path: Path) -> None:
    real, left = tmp_path / "real", tmp_path / "left"
    for night in ("p1n2", "p1n3", "p2n1", "p10n1"):
        (real / "wrist_5hz" / night).mkdir(parents=True)
        (real / "wrist_5hz" / night / "recording.json").write_text("{}")
    (real / "heart_24h" / "someone").mkdir(parents=True)
    left.mkdir()
    without("p1", real, left)
    nights = sorted(path.parent.name for path in left.glob("wrist_5hz/*/recording.json"))
    assert nights == ["p10n1", "p2n1"]
    assert (left / "heart_24h" / "someone").is_dir()


def test_a_folder_without_real_nights_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "argv", ["real_nights", "--backgrounds", str(tmp_path)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert f"error: {tmp_path} holds no wrist_5hz" in capsys.readouterr().err
