"""A judged night as one JSON document: the contract of ``crampwatch replay --json``."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from detector.night import Episode, Night, marked
from ingest.zones import local_time

__all__ = ["iso_time", "night_document"]


def iso_time(time_ns: int, zone: ZoneInfo) -> str:
    """Return an instant as ISO 8601 with the offset of the zone, to the millisecond."""
    return local_time(time_ns, zone).isoformat(timespec="milliseconds")


def night_document(night: Night) -> dict[str, Any]:
    """Return a night as plain JSON types, times in the wearer's zone."""
    zone = night.info.zone

    def at(time_ns: int) -> str:
        return iso_time(time_ns, zone)

    return {
        "recording": night.info.name,
        "start": at(night.start_ns),
        "end": at(night.end_ns),
        "timezone": night.info.timezone,
        "recorded_s": round(night.recorded_s, 3),
        "worn_s": round(night.worn_s, 3),
        "sleep": night.sleep
        and {
            "onset": at(night.sleep.onset_ns),
            "wake": at(night.sleep.wake_ns),
            "asleep_s": night.sleep.asleep_s,
        },
        "awakenings": [
            {"start": at(one.start_ns), "end": at(one.end_ns), "probability": one.probability}
            for one in night.awakenings
        ],
        "episodes": [_episode_document(episode, zone) for episode in night.episodes],
        "faults": [
            {"kind": fault.kind.value, "start": at(fault.start_ns), "end": at(fault.end_ns)}
            for fault in night.faults
        ],
        "model": {"name": night.model.name, "version": night.model.version},
        "personal": night.personal,
        "marks": [
            {"time": at(mark.time_ns), "label": mark.label, "episode": _marked(mark.time_ns, night)}
            for mark in night.marks
        ],
    }


def _marked(mark_ns: int, night: Night) -> str | None:
    """Give the id of the episode that a mark is put down to."""
    place = marked(mark_ns, ((one.onset_ns, one.end_ns) for one in night.episodes))
    return None if place is None else night.episodes[place].id


def _episode_document(episode: Episode, zone: ZoneInfo) -> dict[str, Any]:
    rise = episode.heart_rate_rise_bpm
    return {
        "id": episode.id,
        "onset": iso_time(episode.onset_ns, zone),
        "end": iso_time(episode.end_ns, zone),
        "probability": episode.probability,
        "standing": episode.standing.value,
        "heart_rate_rise_bpm": rise if rise is None else round(rise, 1),
        "got_up": episode.got_up,
        "posture": episode.posture and episode.posture.value,
        "others": dict(episode.others),
        "evidence": {
            name: {"value": cue.value, "unit": cue.unit, "contribution": cue.contribution}
            for name, cue in episode.evidence.items()
        },
    }
