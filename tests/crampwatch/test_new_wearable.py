"""The worked example of docs/new-wearable.md, run as it stands there."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.collector.night import collect_night
from ingest.collector.paired import PairedDevice
from ingest.collector.status import NightStatus
from ingest.devices.conversation import StreamKind
from ingest.devices.decoder import Decoder
from ingest.devices.registry import decoders
from ingest.devices.wearables import WEARABLES, Wearable, recognise
from ingest.errors import DecodeError
from ingest.native.night import read
from ingest.samples import Acceleration, RecordingInfo
from simulator.wearable import run
from tests.crampwatch.conftest import Command
from tests.ingest.collector.fake_air import Air, Device
from tests.ingest.collector.loop_clock import BEDTIME_NS, LoopClock

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "new-wearable.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


@pytest.fixture
def lullaband(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Decoder:
    """The file and the line of the document, in their places."""
    text, wearable = blocks("python")
    path = tmp_path / "lullaband.py"
    path.write_text(text)
    spec = importlib.util.spec_from_file_location("lullaband", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "lullaband", module)
    spec.loader.exec_module(module)
    names = {
        "Wearable": Wearable,
        "StreamKind": StreamKind,
        "Decoder": Decoder,
        "lullaband": module,
    }
    told: dict[str, Wearable] = eval(f"{{{wearable}}}", names)
    assert list(told) == ["lullaband"]
    monkeypatch.setitem(WEARABLES, "lullaband", told["lullaband"])
    return decoders()["lullaband_motion"]


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


@pytest.mark.usefixtures("lullaband")
def test_a_night_of_the_example_is_recorded(tmp_path: Path) -> None:
    wearable = WEARABLES["lullaband"]
    [service] = wearable.services
    assert recognise(None, [service]) == recognise("Lullaband 7", []) == "lullaband"
    motion, switch = service.replace("-0000-", "-0001-", 1), service.replace("-0000-", "-0002-", 1)
    [frame, _] = (bytes.fromhex(each["hex"]) for each in json.loads(blocks("json")[0])["vectors"])
    written: list[bytes] = []

    async def night() -> NightStatus:
        band = Device("AA:01", "Lullaband 7", [motion, switch], [service])
        band.on_write = lambda uuid, data: written.append(data)
        air = Air([band])

        async def tell() -> None:
            for _ in range(1000):
                await asyncio.sleep(3 / 25)
                if written == [b"\1"]:
                    band.notify(motion, frame)

        return await collect_night(
            [PairedDevice(band.address, band.name, "lullaband")],
            tmp_path / "night",
            RecordingInfo("night", BEDTIME_NS, "Europe/Berlin"),
            scanner=air.scanner,
            client=air.client,
            clock=LoopClock(),
            until=tell(),
        )

    [link] = run(night()).links
    assert (link.connections, link.battery_percent, link.decode_errors) == (1, 87, 0)
    assert written == [b"\1", b"\0"]
    [stream] = link.streams
    assert stream.rate_hz == pytest.approx(25, abs=0.3)
    parts = [each for each in read(tmp_path / "night").samples() if isinstance(each, Acceleration)]
    xyz_g = np.concatenate([each.xyz_g for each in parts])
    assert len(xyz_g) == stream.samples > 2900
    assert xyz_g[:3].tolist() == pytest.approx(
        np.array([[0, 0, 1], [0.01, 0, 0.99], [0, -0.01, 1]])
    )


def test_the_example_is_not_in_the_house() -> None:
    assert "lullaband_motion" not in decoders()
    assert "lullaband" not in WEARABLES


def test_the_names_of_the_document_are_those_of_the_code() -> None:
    paths = set(re.findall(r"`((?:ingest|tests)/[\w/.]+)`", TEXT)) - {"ingest/devices/lullaband.py"}
    assert len(paths) >= 3
    assert [path for path in sorted(paths) if not (ROOT / path).exists()] == []
