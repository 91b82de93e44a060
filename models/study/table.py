"""Awakenings of known nights with their features: what a model is trained and read on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detector.detector import Detector, Measured
from detector.evaluate import NIGHT_H, NOTHING, Truth, match_onsets, put_down_to
from detector.features import FEATURE_UNITS
from detector.night import Span, seconds_in
from ingest.samples import NS_PER_S, RecordingInfo, Samples
from models.study.rhythm import rhythmic_s

__all__ = [
    "PART_OF_CRAMP",
    "SILENT",
    "UNLABELLED",
    "KnownCramp",
    "KnownNight",
    "Table",
    "concatenate",
    "label_night",
    "measure_night",
]

PART_OF_CRAMP = "part of a cramp"
"""Kind of an awakening within a cramp whose onset belongs to another: neither right nor wrong."""
UNLABELLED = "unlabelled"
"""Kind of an awakening of a real background, of which nobody wrote down what it was. No cramp was
reported, so a model may learn from it; but it is no false alarm that a rate could be read from."""
REPLAYED = ("falling_asleep", "final_waking")
"""Kinds that are wholly movement of the real background, if there is one: its evening and its
morning as they were."""
SETTLING_SHARE, SETTLING_NS = 2, 400 * NS_PER_S
"""What was put into a night is over, with settling down, after twice as long again as it took, and
at the latest after 400 s: the simulator lets nobody settle for longer than either."""
SILENT = "silent"
"""Phenotype that a wrist cannot see."""


@dataclass(frozen=True, slots=True)
class KnownCramp:
    """A cramp that really happened, in seconds from the start of the acceleration."""

    onset_s: float
    end_s: float
    kind: str


@dataclass(frozen=True, slots=True)
class KnownNight:
    """A night of which it is known what happened in it.

    Parameters
    ----------
    source
        Where it comes from: a generator and its settings, a study.
    family
        Sources of one family are alike in how they came to be, and are left out together.
    person
        Who slept, within the source.
    worn_nights
        Hours of wear over eight.
    length_s
        From the first to the last sample of acceleration.
    cramps
        By time, with those that no awakening was found for.
    """

    source: str
    family: str
    person: str
    name: str
    device: str
    worn_nights: float
    length_s: float
    cramps: tuple[KnownCramp, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Awakenings, a row each.

    Parameters
    ----------
    rows : float64, shape (n, features)
        In the order of `detector.features.FEATURE_UNITS`; NaN where the data did not tell.
    rhythmic_s : float64, shape (n,)
        For a baseline: see `models.study.rhythm`.
    cramp : bool, shape (n,)
    kind : str, shape (n,)
        Phenotype of a cramp; else what happened, ``nothing`` where nobody wrote anything down.
    onset_s, end_s : float64, shape (n,)
        From the start of the acceleration.
    night : int, shape (n,)
        Index into `nights`.
    """

    rows: npt.NDArray[np.float64]
    rhythmic_s: npt.NDArray[np.float64]
    cramp: npt.NDArray[np.bool_]
    kind: npt.NDArray[np.str_]
    onset_s: npt.NDArray[np.float64]
    end_s: npt.NDArray[np.float64]
    night: npt.NDArray[np.intp]
    nights: tuple[KnownNight, ...]

    def __len__(self) -> int:
        return len(self.rows)

    def of_nights(self, chosen: npt.NDArray[np.bool_]) -> tuple[Table, npt.NDArray[np.bool_]]:
        """Return the table of some nights, and which rows of this one are theirs."""
        rows = chosen[self.night]
        place = np.cumsum(chosen) - 1
        return Table(
            rows=self.rows[rows],
            rhythmic_s=self.rhythmic_s[rows],
            cramp=self.cramp[rows],
            kind=self.kind[rows],
            onset_s=self.onset_s[rows],
            end_s=self.end_s[rows],
            night=place[self.night[rows]],
            nights=tuple(
                night for night, one in zip(self.nights, chosen.tolist(), strict=True) if one
            ),
        ), rows

    def of_source(self, source: str) -> tuple[Table, npt.NDArray[np.bool_]]:
        """Return the table of one source, and which rows of this one are its."""
        return self.of_nights(np.array([night.source == source for night in self.nights]))

    @property
    def harmless(self) -> npt.NDArray[np.bool_]:
        """Awakenings that are known to have been no cramp."""
        return ~(self.cramp | np.isin(self.kind, (PART_OF_CRAMP, UNLABELLED)))

    @property
    def sources(self) -> list[str]:
        """Where the nights come from, each once."""
        return sorted({night.source for night in self.nights})

    @property
    def worn_nights(self) -> npt.NDArray[np.float64]:
        """Of each night, hours of wear over eight."""
        return np.array([night.worn_nights for night in self.nights])

    @property
    def clean(self) -> npt.NDArray[np.bool_]:
        """Nights without a cramp."""
        return np.array([not night.cramps for night in self.nights])

    @property
    def visible(self) -> npt.NDArray[np.intp]:
        """Cramps of each night that a wrist can see."""
        return np.array([sum(one.kind != SILENT for one in night.cramps) for night in self.nights])


def measure_night(
    info: RecordingInfo,
    samples: Iterable[Samples],
    truths: Sequence[Truth],
    *,
    source: str,
    person: str,
    family: str | None = None,
    labelled: bool = True,
) -> Table:
    """Measure every awakening of one night and say what it was; see `label_night`.

    Raises
    ------
    SampleError
        When there is no acceleration to judge.
    """
    detector = Detector(info)
    for each in samples:
        detector.feed(each)
    return label_night(
        info,
        detector.measured(),
        truths,
        source=source,
        person=person,
        family=family,
        labelled=labelled,
    )


def label_night(
    info: RecordingInfo,
    measured: Measured,
    truths: Sequence[Truth],
    *,
    source: str,
    person: str,
    family: str | None = None,
    labelled: bool = True,
) -> Table:
    """Say of every awakening of a measured night what it was.

    Parameters
    ----------
    family
        Of the source; itself where none is given.
    labelled
        Whether everything that happened was written down; where not, what nobody wrote down, and
        what is more of the background than of what was put into it, is `UNLABELLED`.
    """
    spans = measured.awakenings
    cramps = [truth for truth in truths if truth.cramp]
    of_cramp = dict(
        match_onsets([span.start_ns for span in spans], [each.onset_ns for each in cramps])
    )
    kinds = [
        cramps[of_cramp[number]].kind if number in of_cramp else _kind(span, truths, labelled)
        for number, span in enumerate(spans)
    ]

    def seconds(instant_ns: int) -> float:
        return (instant_ns - measured.start_ns) / NS_PER_S

    known = KnownNight(
        source=source,
        family=family or source,
        person=person,
        name=info.name,
        device=info.device,
        worn_nights=seconds_in(measured.worn) / 3600 / NIGHT_H,
        length_s=seconds(measured.end_ns),
        cramps=tuple(
            KnownCramp(seconds(each.onset_ns), seconds(each.end_ns), each.kind) for each in cramps
        ),
    )
    return Table(
        rows=np.array(
            [[features[name] for name in FEATURE_UNITS] for features in measured.features]
        ).reshape(-1, len(FEATURE_UNITS)),
        rhythmic_s=np.array([rhythmic_s(cells_g) for cells_g in measured.cells_g]),
        cramp=np.array([number in of_cramp for number in range(len(spans))], np.bool_),
        kind=np.array(kinds, np.str_),
        onset_s=np.array([seconds(span.start_ns) for span in spans]),
        end_s=np.array([seconds(span.end_ns) for span in spans]),
        night=np.zeros(len(spans), np.intp),
        nights=(known,),
    )


def concatenate(tables: Sequence[Table]) -> Table:
    """Lay tables under each other."""
    offsets = np.cumsum([0, *(len(table.nights) for table in tables)])
    return Table(
        rows=np.concatenate([table.rows for table in tables]),
        rhythmic_s=np.concatenate([table.rhythmic_s for table in tables]),
        cramp=np.concatenate([table.cramp for table in tables]),
        kind=np.concatenate([table.kind for table in tables]),
        onset_s=np.concatenate([table.onset_s for table in tables]),
        end_s=np.concatenate([table.end_s for table in tables]),
        night=np.concatenate(
            [table.night + offset for table, offset in zip(tables, offsets[:-1], strict=True)]
        ),
        nights=tuple(night for table in tables for night in table.nights),
    )


def _kind(span: Span, truths: Sequence[Truth], labelled: bool) -> str:
    if any(
        truth.cramp and truth.onset_ns < span.end_ns and truth.end_ns > span.start_ns
        for truth in truths
    ):
        return PART_OF_CRAMP
    written = [each for each in truths if not each.cramp]
    kind = put_down_to(span.start_ns, span.end_ns, written)
    if not labelled and (kind == NOTHING or not _written_down(span, written)):
        return UNLABELLED
    return kind


def _written_down(span: Span, written: Sequence[Truth]) -> bool:
    """Whether half of an awakening of a real background is what was put into it, or its end."""
    covered_ns = sum(
        max(
            min(span.end_ns, _settled_ns(each)) - max(span.start_ns, each.onset_ns),
            0,
        )
        for each in written
        if each.kind not in REPLAYED
    )
    return 2 * covered_ns >= span.end_ns - span.start_ns


def _settled_ns(truth: Truth) -> int:
    settling_ns = min(SETTLING_SHARE * (truth.end_ns - truth.onset_ns), SETTLING_NS)
    return truth.end_ns + settling_ns
