from __future__ import annotations

import dataclasses
import hashlib
from datetime import date
from pathlib import Path

import pytest

from ingest.errors import SettingsError
from simulator.families import FAMILIES
from simulator.life import LIVES
from simulator.night import NightSettings, SimulatedNight, simulate

NIGHT = NightSettings(date=date(2026, 3, 1), hours=2.0, device="bangle", cramps=1)


def digest(night: SimulatedNight) -> str:
    assert night.heart_rate is not None
    parts = (
        night.acceleration.times_ns.tobytes(),
        night.acceleration.xyz_g.tobytes(),
        night.heart_rate.bpm.tobytes(),
        repr((night.events, night.info)).encode(),
    )
    return hashlib.sha256(b"".join(parts)).hexdigest()


def test_the_first_nights_keep_their_bits() -> None:
    told = "12acd2638617bcfecdcdc6d209b7144514464280062345da65acded5ba6e361e"
    assert digest(simulate(NIGHT, 5)) == told


@pytest.mark.parametrize("life", LIVES)
@pytest.mark.parametrize("family", FAMILIES)
def test_the_same_seed_gives_the_same_bits_and_another_does_not(
    stand_in: Path, family: str, life: str
) -> None:
    settings = dataclasses.replace(NIGHT, family=family, life=life, backgrounds=stand_in)
    one = digest(simulate(settings, 5))
    assert digest(simulate(settings, 5)) == one
    assert digest(simulate(settings, 6)) != one


def test_a_night_tells_how_it_was_made() -> None:
    first = simulate(NIGHT, 5).info.source
    assert first == "crampwatch simulator, seed 5: a simulation, not a person"
    hard = simulate(dataclasses.replace(NIGHT, life="hard"), 5).info.source
    assert hard == "crampwatch simulator, hard life, seed 5: a simulation, not a person"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"family": "adams"}, "no family of simulated nights is called 'adams'; choose kinematic"),
        ({"life": "of Brian"}, "no life is called 'of Brian'; choose plain, hard"),
    ],
)
def test_an_unknown_family_or_life_is_told(change: dict[str, str], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        simulate(dataclasses.replace(NIGHT, **change), 1)  # type: ignore[arg-type]
