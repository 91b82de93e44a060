from __future__ import annotations

import math

import pytest

from detector.evaluate import Tally, Truth, match_onsets, score_nights, upper_rate
from detector.night import Episode, ModelVersion, Night, Span, Standing
from ingest.samples import NS_PER_S, RecordingInfo


def at(seconds: float) -> int:
    return round(seconds * NS_PER_S)


def episode(onset_s: float, standing: Standing = Standing.LIKELY) -> Episode:
    return Episode(str(onset_s), at(onset_s), at(onset_s + 60), 0.5, standing, None, False, {})


def night(*episodes: Episode, hours: float = 8) -> Night:
    worn = (Span(0, at(hours * 3600)),)
    info = RecordingInfo("n", 0, "UTC")
    return Night("n", info, 0, 1, worn, worn, (), (), episodes, (), ModelVersion("m", "1"))


def truth(onset_s: float, kind: str, *, cramp: bool = False, length_s: float = 60) -> Truth:
    return Truth(at(onset_s), at(onset_s + length_s), kind, cramp)


def test_onsets_are_paired_one_to_one_the_closest_first() -> None:
    assert match_onsets([at(0), at(100), at(1000)], [at(90), at(110), at(1121)]) == [(0, 1), (1, 0)]
    assert match_onsets([at(0), at(100)], [at(90)]) == [(1, 0)]
    assert match_onsets([at(0)], [at(120)]) == [(0, 0)]
    assert match_onsets([at(0)], [at(120.001)]) == []


def test_two_episodes_over_one_cramp_are_one_hit_and_one_false_alarm() -> None:
    nights = [(night(episode(1000), episode(1100)), [truth(1010, "rub", cramp=True, length_s=200)])]
    score = score_nights(nights, [Standing.LIKELY])
    assert score.cramps == {"rub": Tally(1, 1)}
    assert score.false_alarms == {"nothing": 1}
    assert score.false_alarms_a_night == 1.0


def test_a_false_alarm_is_put_down_to_what_lasted_longest_around_it() -> None:
    happened = [truth(900, "bathroom", length_s=300), truth(1010, "arousal", length_s=5)]
    score = score_nights([(night(episode(1000)), happened)], [Standing.LIKELY])
    assert score.false_alarms == {"bathroom": 1}


def test_only_the_standings_asked_for_count() -> None:
    nights = [(night(episode(1000, Standing.POSSIBLE)), [truth(1000, "sit", cramp=True)])]
    assert score_nights(nights, [Standing.LIKELY]).cramps == {"sit": Tally(0, 1)}
    both = score_nights(nights, [Standing.LIKELY, Standing.POSSIBLE])
    assert both.cramps == {"sit": Tally(1, 1)}


def test_nights_are_counted_by_wear() -> None:
    score = score_nights([(night(episode(5), hours=4), []), (night(hours=12), [])], list(Standing))
    assert score.worn_nights == 2.0
    assert score.false_alarms_a_night == 0.5


@pytest.mark.parametrize(
    ("count", "nights", "limit"), [(0, 31, 0.119), (0, 100, 0.0369), (3, 1, 8.767), (10, 1, 18.39)]
)
def test_the_upper_limit_is_the_one_of_the_tables(count: int, nights: float, limit: float) -> None:
    assert upper_rate(count, nights) == pytest.approx(limit, rel=0.01)


def test_without_wear_there_is_no_rate() -> None:
    assert math.isnan(upper_rate(0, 0))
    assert math.isnan(score_nights([], list(Standing)).false_alarms_a_night)
