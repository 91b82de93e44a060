from __future__ import annotations

import numpy as np
import pytest

from detector.evaluate import Truth
from detector.features import FEATURE_UNITS
from ingest.samples import NS_PER_S, RecordingInfo
from models.study.table import PART_OF_CRAMP, UNLABELLED, concatenate, measure_night
from tests.detector.script import START_NS, Script, heart

INFO = RecordingInfo("a-night", START_NS, "Europe/Berlin")


def truth(at_s: float, length_s: float, kind: str, *, cramp: bool = False) -> Truth:
    onset_ns = START_NS + round(at_s * NS_PER_S)
    return Truth(onset_ns, onset_ns + round(length_s * NS_PER_S), kind, cramp)


SCRIPT = (
    Script()
    .still(2400)
    .turn("sitting")
    .rub(60)
    .turn("back")
    .still(1800)
    .rub(40)
    .still(150)
    .rub(40)
    .still(1800)
    .rub(30)
    .still(2400)
)
TRUTHS = (
    truth(2400, 64, "rub", cramp=True),
    truth(4264, 230, "sit", cramp=True),
    truth(6290, 30, "drink", cramp=False),
)
TABLE = measure_night(
    INFO, [SCRIPT.acceleration(), heart(SCRIPT.seconds)], TRUTHS, source="here", person="p1"
)


def test_awakenings_are_labelled_by_what_really_happened() -> None:
    assert TABLE.kind.tolist() == ["rub", "sit", PART_OF_CRAMP, "drink"]
    assert TABLE.cramp.tolist() == [True, True, False, False]
    assert TABLE.rows.shape == (4, len(FEATURE_UNITS))
    [night] = TABLE.nights
    assert (night.source, night.person) == ("here", "p1")
    assert [(each.kind, each.onset_s, each.end_s) for each in night.cramps] == [
        ("rub", 2400.0, 2464.0),
        ("sit", 4264.0, 4494.0),
    ]
    assert night.length_s == pytest.approx(SCRIPT.seconds, abs=1)
    assert 0.2 < night.worn_nights < 0.4


def label_unlabelled(*others: Truth) -> list[str]:
    table = measure_night(
        INFO,
        [SCRIPT.acceleration()],
        [*TRUTHS[:2], *others],
        source="here",
        person="p1",
        labelled=False,
    )
    return [str(kind) for kind in table.kind]


def test_of_a_real_background_only_what_was_put_in_has_a_kind() -> None:
    put_in = truth(6290, 30, "drink", cramp=False)
    assert label_unlabelled(put_in)[-1] == "drink"
    assert label_unlabelled()[-1] == UNLABELLED
    twitch = truth(6290, 4, "arousal", cramp=False)
    evening = truth(6000, 1000, "falling_asleep", cramp=False)
    assert label_unlabelled(twitch)[-1] == UNLABELLED
    assert label_unlabelled(evening)[-1] == UNLABELLED


def test_what_took_long_is_not_settled_down_from_for_hours() -> None:
    off_wrist = truth(100, 4000, "off_wrist", cramp=False)
    twitch = truth(6290, 4, "arousal", cramp=False)
    assert label_unlabelled(off_wrist, twitch)[-1] == UNLABELLED


def test_tables_under_each_other_keep_their_nights() -> None:
    both = concatenate([TABLE, TABLE])
    assert both.night.tolist() == [0] * 4 + [1] * 4
    assert len(both.nights) == 2
    assert np.array_equal(both.rows[:4], both.rows[4:], equal_nan=True)


def test_a_night_without_sleep_has_no_rows_and_still_counts() -> None:
    restless = Script().rub(900)
    table = measure_night(INFO, [restless.acceleration()], (), source="here", person="p1")
    assert (len(table), len(table.nights)) == (0, 1)
