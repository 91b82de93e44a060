"""The worked example of docs/new-wearable.md, run as it stands there."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.devices.registry import DECODERS, Decoder
from ingest.errors import DecodeError
from tests.crampwatch.conftest import Command

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "new-wearable.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


@pytest.fixture
def lullaband(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Decoder:
    """The file and the line of the document, in their places."""
    text, line = blocks("python")
    path = tmp_path / "lullaband.py"
    path.write_text(text)
    spec = importlib.util.spec_from_file_location("lullaband", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "lullaband", module)
    spec.loader.exec_module(module)
    added: dict[str, Decoder] = eval(f"{{{line}}}", {"Decoder": Decoder, "lullaband": module})
    assert list(added) == ["lullaband_motion"]
    monkeypatch.setitem(DECODERS, "lullaband_motion", added["lullaband_motion"])
    return added["lullaband_motion"]


@pytest.mark.usefixtures("lullaband")
def test_the_vectors_of_the_example_agree(crampwatch: Command, tmp_path: Path) -> None:
    [vectors] = blocks("json")
    path = tmp_path / "lullaband.json"
    path.write_text(vectors)
    outcome = crampwatch("decode", "--vectors", path)
    assert outcome.status == 0
    flat, cut_off = (json.loads(line) for line in outcome.out.splitlines())
    assert flat["decoded"]["mg"] == [[0, 0, 1000], [10, 0, 990], [0, -10, 1000]]
    assert cut_off["decoded"]["error"].startswith("Lullaband motion: ends after 5 of 10 bytes")


@pytest.mark.usefixtures("lullaband")
@pytest.mark.parametrize(("number", "instead"), [("87", "88"), ("996.7", "996.8"), ("990", "991")])
def test_a_wrong_number_in_the_example_would_be_found(
    crampwatch: Command, tmp_path: Path, number: str, instead: str
) -> None:
    [vectors] = blocks("json")
    assert vectors.count(number) == 1
    path = tmp_path / "lullaband.json"
    path.write_text(vectors.replace(number, instead))
    outcome = crampwatch("decode", "--vectors", path)
    assert outcome.status == 1
    assert f"expected {instead}, decoded " in outcome.out


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=12))
def test_the_example_keeps_the_promise_of_every_decoder(lullaband: Decoder, data: bytes) -> None:
    try:
        frame = lullaband(data)
    except DecodeError:
        assert len(data) != 10 or data[0] > 100
    else:
        assert frame.n == 3


def test_the_example_is_not_in_the_house() -> None:
    assert "lullaband_motion" not in DECODERS


def test_the_names_of_the_document_are_those_of_the_code() -> None:
    paths = set(re.findall(r"`((?:ingest|tests)/[\w/.]+)`", TEXT)) - {"ingest/devices/lullaband.py"}
    assert len(paths) >= 3
    assert [path for path in sorted(paths) if not (ROOT / path).exists()] == []
