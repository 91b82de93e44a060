"""A judged night on its way from a collector to a server elsewhere, as JSON and back, unchanged."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Any

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError

from detector.night import Awakening, Episode, Night, Sleep, Span
from ingest.errors import InputError
from ingest.samples import MAX_LABEL_CHARS, MAX_RECORDING_S, NS_PER_S, FaultKind
from ingest.zones import is_zone, zone_advice
from server.spans import without

__all__ = [
    "LATEST_NS",
    "PROBLEM_JSON",
    "FaultReport",
    "Instant",
    "LinkReport",
    "LiveReport",
    "NightMessage",
    "Saved",
    "Text",
    "WholeText",
    "ZoneName",
    "dump_live",
    "dump_night",
    "is_whole",
    "parse_night",
    "plainly",
]

PROBLEM_JSON = "application/problem+json"
"""Media type of every refusal by a server of ours (RFC 9457), and of none by what stands before."""

LATEST_NS = 2**63 - 1
"""Latest instant that the store can keep, in UTC nanoseconds: the year 2262."""

EPISODE_ID = re.compile(r"(?!\.{1,2}$)[ -.0-~]{1,64}")
"""What an address can end with, so that an episode can be read and answered."""

Instant = Annotated[int, Field(ge=0, le=LATEST_NS)]
"""UTC nanoseconds."""


class Saved(StrEnum):
    """What saving a night changed."""

    ADDED = "added"
    REPLACED = "replaced"
    """The recording was there, judged otherwise or of other nights."""
    UPDATED = "updated"
    """The recording was there, judged the same; what is known of it beside that has changed."""
    UNCHANGED = "unchanged"


def _require_zone(timezone: str) -> str:
    if not is_zone(timezone):
        raise ValueError(f"{timezone!r} is no time zone: {zone_advice('')}")
    return timezone


def is_whole(text: str) -> bool:
    """Tell whether a text has no half of a character, which JSON can name and nothing can write."""
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def _require_whole(text: str) -> str:
    if not is_whole(text):
        raise ValueError("a text cannot hold half of a character")
    return text


def _require_text(text: str) -> str:
    if "\0" in text:
        raise ValueError("a text cannot hold the character NUL")
    return _require_whole(text)


Text = Annotated[str, AfterValidator(_require_text)]
"""What every database can keep."""

WholeText = Annotated[str, AfterValidator(_require_whole)]
"""What can be written down, with whatever a wearable has in its name."""

ZoneName = Annotated[str, AfterValidator(_require_zone)]
"""IANA name of the wearer's zone."""


def _require_sound(night: Night) -> Night:
    """Refuse a night that the store or the page could not make sense of.

    Raises
    ------
    ValueError
        With what is wrong.
    """
    _require_zone(night.info.timezone)
    if not 0 <= night.start_ns <= night.end_ns <= LATEST_NS:
        raise ValueError("a night ends after it starts, and both are UTC nanoseconds since 1970")
    if night.end_ns - night.start_ns > MAX_RECORDING_S * NS_PER_S:
        raise ValueError(f"a recording lasts {MAX_RECORDING_S // 3600} h at most")
    within = Span(night.start_ns, night.end_ns)
    for what, spans in _spans(night).items():
        if not all(within.start_ns <= a <= b <= within.end_ns for a, b in spans):
            raise ValueError(f"{what} have to lie within the night, each ending after it starts")
        # Two faults may go on at once.
        if what != "faults" and any(a[1] > b[0] for a, b in pairwise(spans)):
            raise ValueError(f"{what} have to come by time, each ending before the next starts")
    if without(night.worn, night.recorded):
        raise ValueError("worn spans have to lie within recorded ones")
    if len({each.id for each in night.episodes}) < len(night.episodes):
        raise ValueError("no two episodes may have the same id")
    if not 0 <= night.info.start_ns <= LATEST_NS:
        raise ValueError("a recording starts at UTC nanoseconds since 1970")
    # Who is asleep throughout is so for this very quotient, which the detector takes as well.
    if not all(0 <= each.asleep_s <= _lasts_s(each) for each in night.sleeps):
        raise ValueError("who sleeps is asleep for some of it, and for no longer than it lasts")
    if not all(0 <= mark.time_ns <= LATEST_NS for mark in night.marks):
        raise ValueError("marks have UTC nanoseconds since 1970")
    if any(len(mark.label) > MAX_LABEL_CHARS for mark in night.marks):
        raise ValueError(f"the label of a mark has {MAX_LABEL_CHARS} characters at most")
    for text in _texts(night):
        _require_text(text)
    if not all(EPISODE_ID.fullmatch(each.id) for each in night.episodes):
        raise ValueError("the id of an episode has 1 to 64 characters of ASCII without a slash")
    if not all(0 <= p <= 1 for p in _probabilities(night)):
        raise ValueError("a probability is a number from 0 to 1")
    if not all(math.isfinite(number) for number in _numbers(night)):
        raise ValueError("every number has to be finite")
    return night


def _lasts_s(sleep: Sleep) -> float:
    return (sleep.wake_ns - sleep.onset_ns) / NS_PER_S


def _spans(night: Night) -> dict[str, list[tuple[int, int]]]:
    return {
        "recorded spans": [(each.start_ns, each.end_ns) for each in night.recorded],
        "worn spans": [(each.start_ns, each.end_ns) for each in night.worn],
        "sleeps": [(each.onset_ns, each.wake_ns) for each in night.sleeps],
        "awakenings": [(each.start_ns, each.end_ns) for each in night.awakenings],
        "episodes": [(each.onset_ns, each.end_ns) for each in night.episodes],
        "faults": [(each.start_ns, each.end_ns) for each in night.faults],
    }


def _texts(night: Night) -> Iterable[str]:
    yield from (night.id, night.info.wrist or "", night.personal or "")
    yield from (night.model.name, night.model.version)
    for awakening in night.awakenings:
        yield from (*awakening.features, *awakening.others)
    for episode in night.episodes:
        yield from (episode.id, *episode.evidence, *episode.others)
        yield from (cue.unit for cue in episode.evidence.values())


def _probabilities(night: Night) -> Iterable[float]:
    judged: tuple[Awakening | Episode, ...] = (*night.awakenings, *night.episodes)
    for each in judged:
        yield each.probability
        yield from each.others.values()


def _numbers(night: Night) -> Iterable[float]:
    yield from (each.asleep_s for each in night.sleeps)
    for awakening in night.awakenings:
        yield from (value or 0.0 for value in awakening.features.values())
    for episode in night.episodes:
        yield episode.heart_rate_rise_bpm or 0.0
        for cue in episode.evidence.values():
            yield cue.value or 0.0
            yield cue.contribution


NightMessage = Annotated[Night, AfterValidator(_require_sound)]
"""A night as it comes in: checked, because what is stored is shown for years."""


@dataclass(frozen=True, slots=True)
class LinkReport:
    """How one wearable is doing.

    Parameters
    ----------
    device
        Its name.
    state
        A word of `ingest.collector`, such as ``streaming``.
    battery_percent, rate_hz
        None where it is not known or it sends no acceleration.
    last_sample_s
        How old its last sample was, in seconds; None before there is one.
    """

    device: WholeText
    state: WholeText
    battery_percent: Annotated[int, Field(ge=0, le=100)] | None = None
    rate_hz: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    last_sample_s: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None


@dataclass(frozen=True, slots=True)
class FaultReport:
    """A fault that goes on.

    Parameters
    ----------
    source
        What it concerns: the name of a wearable or of a stream; empty for the whole night.
    start_ns
        UTC nanoseconds.
    """

    kind: FaultKind
    source: WholeText
    start_ns: Instant


@dataclass(frozen=True, slots=True)
class LiveReport:
    """What is known of a night that goes on.

    Parameters
    ----------
    started_ns
        Start of the recording in UTC nanoseconds, as its `ingest.samples.RecordingInfo` has it:
        by this the finished night is known as the same.
    timezone
        IANA name of the wearer's zone.
    night
        Judged so far, provisionally; None before the first minute is whole. An episode of it keeps
        its id from one report to the next.
    faults
        Those that go on.
    adapter_resets
        How often the Bluetooth adapter of the collector was reset.
    withdrawn
        How many episodes were told earlier tonight and are not found any more.
    """

    started_ns: Instant
    timezone: ZoneName
    links: tuple[LinkReport, ...] = ()
    night: NightMessage | None = None
    faults: tuple[FaultReport, ...] = ()
    adapter_resets: Annotated[int, Field(ge=0)] = 0
    withdrawn: Annotated[int, Field(ge=0)] = 0


_NIGHT: TypeAdapter[Night] = TypeAdapter(NightMessage)
_LIVE: TypeAdapter[LiveReport] = TypeAdapter(LiveReport)


def dump_night(night: Night) -> bytes:
    """Write a night down."""
    return _NIGHT.dump_json(night)


def dump_live(report: LiveReport) -> bytes:
    """Write down what is known of a night that goes on."""
    return _LIVE.dump_json(report)


def parse_night(data: bytes) -> Night:
    """Read a night that `dump_night` wrote.

    Raises
    ------
    InputError
        If it is not one.
    """
    try:
        return _NIGHT.validate_json(data)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise InputError(f"not a judged night: {place or 'it'}: {plainly(first)}") from error


def plainly(error: Mapping[str, Any]) -> str:
    """Tell one error of a validation; pydantic puts 'Value error, ' before what our checks say."""
    match error["type"]:
        case "value_error":
            return str(error["ctx"]["error"])
        case "json_invalid":
            return f"What was sent is no JSON: {error['ctx']['error']}"
        case "dataclass_type":
            return "It has to be a JSON object, with Content-Type: application/json"
    return str(error["msg"])
