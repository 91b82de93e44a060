"""Can a classifier tell inserted harmless movement from real movement? It should not.

``python -m benchmarks.inserted_or_real --backgrounds DIR``

Movements are found in the samples alike, with the same rule; those that the truth names are
inserted, the others are real. Both are matched in length and strength before they are compared.
At 50 Hz the real ones are those of the background, given bandwidth as the inserted ones are. At
5 Hz they are those of the recordings themselves. An area under the curve of 0.5 is a coin's. Its
95 % interval is by people, drawn anew with all of their movements; the classifier, which sees each
night by the others, stays as it is.
"""

from __future__ import annotations

import argparse
import math
import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict

from ingest.recording_folder import read
from ingest.samples import NS_PER_S, Acceleration
from models.study.found import INTERVAL, RESAMPLES
from simulator.corpus import night_settings
from simulator.happening import Kind
from simulator.night import simulate

__all__ = ["area_by_people", "draws_of_people"]

Floats = npt.NDArray[np.float64]

MOVING_G = 0.025
"""Standard deviation within a second from which the wrist moves, in g."""
APART = 10
"""Quiet seconds that end a movement."""
LONGEST_S = 60
"""Longest movement that is compared: harmless ones of seconds, not scenes of minutes."""
HARMLESS = {str(kind) for kind in (Kind.AROUSAL, Kind.POSITION_SHIFT, Kind.LARGE_MOVEMENT)}

FEATURES = (
    "seconds moving, share",
    "bursts, a second",
    "strongest second, against mean",
    "turn",
    "farthest turn, against turn",
    "share above 1 Hz",
    "share above 2 Hz",
    "share above 8 Hz",
    "peak of 0.5-2.5 Hz",
    "jerk, against strength",
    "tails of jerk",
    "step at the beginning",
    "step at the end",
    "noise before",
    "noise after",
    "drift after",
    "length of gravity, after against before",
    "strongest second, where",
)


@dataclass(frozen=True, slots=True, eq=False)
class Movement:
    seconds: int
    strength_g: float
    features: Floats
    inserted: bool
    night: str
    person: str


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--backgrounds", type=Path, help="folder of real nights")
    parser.add_argument("--nights", type=int, default=24, help="of each family, three a person")
    parser.add_argument("--seed", type=int, default=5)
    chosen = parser.parse_args()
    named = chosen.backgrounds or os.environ.get("CRAMPWATCH_SHARED_DATA")
    if not named:
        parser.error("name the folder of real nights with --backgrounds; see docs/nights.md")
    shared = Path(named)

    def simulated(family: str, device: str) -> list[Movement]:
        return list(_simulated(family, device, chosen.nights, chosen.seed, shared))

    recombined = simulated("recombination", "apple")
    _compare("recombination, 50 Hz, by night", recombined)
    real = [movement for movement in recombined if not movement.inserted]
    for family in ("kinematic", "phenomenological", "submovements"):
        inserted = [movement for movement in simulated(family, "apple") if movement.inserted]
        _compare(f"{family}, 50 Hz, by night", inserted + real)
    recorded = [movement for night in _recorded(shared) for movement in night]
    for family in ("recombination", "kinematic"):
        inserted = [movement for movement in simulated(family, "wasts") if movement.inserted]
        _compare(f"{family}, 5 Hz, against the recordings", inserted + recorded)


def _simulated(
    family: str, device: str, nights: int, seed: int, shared: Path
) -> Iterator[Movement]:
    for number in range(nights):
        settings, night_seed = night_settings(
            number, seed, device=device, hours=7.0, cramps=0, family=family, backgrounds=shared
        )
        night = simulate(settings, night_seed)
        times_s = (night.acceleration.times_ns - night.info.start_ns) / NS_PER_S
        told = [
            (
                event.onset_s,
                event.onset_s + event.duration_s,
                event.label in HARMLESS and "detail" not in event.extra,
            )
            for event in night.events
            if event.extra["visible"] == "yes"
        ]
        name = settings.name
        yield from _movements(times_s, night.acceleration.xyz_g, told, name, name.split("n")[0])


def _recorded(shared: Path) -> Iterator[Iterator[Movement]]:
    for folder in sorted((shared / "wrist_5hz").iterdir()):
        chunks = [part for part in read(folder).samples() if isinstance(part, Acceleration)]
        times_ns = np.concatenate([chunk.times_ns for chunk in chunks])
        xyz_g = np.concatenate([chunk.xyz_g for chunk in chunks])
        times_s = (times_ns - times_ns[0]) / NS_PER_S
        ends = [(0.0, 1500.0, False), (times_s[-1] - 480.0, times_s[-1], False)]
        yield _movements(times_s, xyz_g, ends, folder.name, folder.name.split("n")[0])


def _movements(
    times_s: Floats,
    xyz_g: npt.NDArray[np.float32],
    told: list[tuple[float, float, bool]],
    night: str,
    person: str,
) -> Iterator[Movement]:
    rate_hz = round(1.0 / float(np.median(np.diff(times_s))))
    even_s = np.arange(times_s[0], times_s[-1], 1.0 / rate_hz)
    # The nearest sample: a line between two would smooth one source more than the other.
    middles_s = (times_s[1:] + times_s[:-1]) / 2.0
    even_g = xyz_g[np.searchsorted(middles_s, even_s)].astype(np.float64)
    seconds = len(even_g) // rate_hz
    by_second = even_g[: seconds * rate_hz].reshape(seconds, rate_hz, 3)
    spread = np.sqrt(by_second.var(axis=1).sum(axis=1))
    moving = np.flatnonzero(spread > MOVING_G)
    for run in np.split(moving, np.flatnonzero(np.diff(moving) > APART) + 1):
        first, last = int(run[0]), int(run[-1]) + 1
        if first < 30 or last > seconds - 60 or last - first > LONGEST_S:
            continue
        # What began in the settling after something else is neither.
        near = [entry for entry in told if entry[0] - 10.0 < last and first < entry[1] + 90.0]
        inserted = bool(near) and near[0][2] and near[0][0] - 10.0 < first < near[0][1] + 10.0
        if near and not inserted:
            continue
        part = spread[first:last]
        yield Movement(
            last - first,
            float(np.sqrt((part**2).mean())),
            _features(even_g, spread, first, last, rate_hz),
            inserted,
            night,
            person,
        )


def _features(even_g: Floats, spread: Floats, first: int, last: int, rate_hz: int) -> Floats:
    def samples(start_s: int, stop_s: int) -> Floats:
        return even_g[start_s * rate_hz : stop_s * rate_hz]

    def turned(one: Floats, other: Floats) -> float:
        cosine = one @ other / (np.linalg.norm(one) * np.linalg.norm(other))
        return float(np.arccos(np.clip(cosine, -1.0, 1.0)))

    part, own = samples(first - 1, last + 1), spread[first:last]
    before, after = samples(first - 4, first - 1).mean(0), samples(last + 1, last + 4).mean(0)
    later = samples(last + 15, last + 20).mean(0)
    power = (np.abs(np.fft.rfft(part - part.mean(0), axis=0)) ** 2).sum(axis=1)
    hz = np.fft.rfftfreq(len(part), 1.0 / rate_hz)
    total = power[hz > 0.3].sum()
    rhythm = power[(hz >= 0.5) & (hz <= 2.4)]
    jerk = np.linalg.norm(np.diff(part, axis=0), axis=1)
    strength = math.sqrt(float((own**2).mean()))
    turn = turned(before, after)
    edge = max(1, rate_hz // 2)
    farthest = max(turned(before, samples(at, at + 1).mean(0)) for at in range(first, last))
    return np.array(
        [
            (own > MOVING_G).mean(),
            (np.diff(np.r_[0, own > MOVING_G]) > 0).sum() / len(own),
            own.max() / strength,
            turn,
            farthest - turn,
            power[hz > 1.0].sum() / total,
            power[hz > 2.0].sum() / total,
            power[hz > 8.0].sum() / total,
            rhythm.max() / rhythm.mean() if len(rhythm) else 0.0,
            math.sqrt(float((jerk**2).mean())) / strength,
            float((jerk**4).mean() / (jerk**2).mean() ** 2),
            jerk[:edge].max() / strength,
            jerk[-edge:].max() / strength,
            np.median(spread[first - 12 : first - 2]),
            np.median(spread[last + 2 : last + 12]),
            turned(after, later),
            np.linalg.norm(after) - np.linalg.norm(before),
            int(own.argmax()) / len(own),
        ]
    )


def _compare(title: str, movements: list[Movement]) -> None:
    pairs = _matched(movements)
    told = np.array([movement.inserted for movement in pairs])
    features = np.stack([movement.features for movement in pairs])
    nights = np.unique([movement.night for movement in pairs], return_inverse=True)[1]
    people = np.array([movement.person for movement in pairs])
    classifier = HistGradientBoostingClassifier(
        max_iter=80, learning_rate=0.06, max_leaf_nodes=8, min_samples_leaf=15, random_state=0
    )
    folds = GroupKFold(5)
    guessed = cross_val_predict(
        classifier, features, told, groups=nights, cv=folds, method="predict_proba"
    )[:, 1]
    drawn = draws_of_people(told, people)
    print(
        f"{title}: AUC {area_by_people(told, guessed, drawn)} on {told.sum()} + {(~told).sum()} "
        f"of {len(np.unique(people[told]))} and {len(np.unique(people[~told]))} people"
    )
    alone = [roc_auc_score(told, column) for column in features.T]
    worst = sorted(range(len(alone)), key=lambda place: -abs(alone[place] - 0.5))[:5]
    print(
        "   "
        + "; ".join(
            f"{FEATURES[place]} {area_by_people(told, features[:, place], drawn)}"
            for place in worst
        )
    )


def draws_of_people(
    told: npt.NDArray[np.bool_], people: npt.NDArray[np.str_]
) -> list[npt.NDArray[np.intp]]:
    """Draw people anew and return the places of their movements, `RESAMPLES` times.

    As many are drawn as there are of those with inserted movements, of those with real ones, and of
    those with both: without either there would be no area.
    """
    rng = np.random.default_rng(1)
    members = {str(one): np.flatnonzero(people == one) for one in np.unique(people)}
    alike = defaultdict(list)
    for own in members.values():
        alike[bool(told[own].any()), bool((~told[own]).any())].append(own)
    return [
        np.concatenate(
            [
                own[place]
                for own in alike.values()
                for place in rng.integers(len(own), size=len(own))
            ]
        )
        for _ in range(RESAMPLES)
    ]


def area_by_people(
    told: npt.NDArray[np.bool_], score: Floats, drawn: list[npt.NDArray[np.intp]]
) -> str:
    """Say the area under the curve with its 95 % interval over such draws."""
    low, high = np.percentile([roc_auc_score(told[rows], score[rows]) for rows in drawn], INTERVAL)
    return f"{roc_auc_score(told, score):.2f} ({low:.2f} to {high:.2f})"


def _matched(movements: list[Movement]) -> list[Movement]:
    """For every inserted movement the real one that is nearest in length and strength, if near."""
    place = {
        id(movement): (math.log(movement.seconds) / 0.4, math.log(movement.strength_g) / 0.3)
        for movement in movements
    }
    free = [movement for movement in movements if not movement.inserted]
    pairs: list[Movement] = []
    for movement in (movement for movement in movements if movement.inserted):
        if not free:
            break
        nearest = min(free, key=lambda other: math.dist(place[id(movement)], place[id(other)]))
        if math.dist(place[id(movement)], place[id(nearest)]) < 1.0:
            free.remove(nearest)
            pairs += [movement, nearest]
    return pairs


if __name__ == "__main__":
    main()
