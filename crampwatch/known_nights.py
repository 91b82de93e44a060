"""Nights whose truth is known: where they are, who slept in them, and what happened."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from detector.evaluate import Truth
from ingest.recording import Event
from ingest.samples import NS_PER_S, RecordingInfo

__all__ = ["person_of", "truths_of"]

PERSON = re.compile(r"(.+?)n\d+")
"""Name of a night: person and number, as simulated nights have it."""


def person_of(path: Path) -> str:
    """Name who slept: by the night's own name, else by the folder that it lies in."""
    named = PERSON.fullmatch(path.name)
    return named[1] if named else path.parent.name


def truths_of(info: RecordingInfo, events: Sequence[Event]) -> list[Truth]:
    """Lay what is written down of a night onto its clock."""
    return [
        Truth(
            onset_ns=info.start_ns + round(event.onset_s * NS_PER_S),
            end_ns=info.start_ns + round((event.onset_s + event.duration_s) * NS_PER_S),
            kind=event.extra.get("phenotype") or event.extra.get("detail") or event.label,
            cramp=event.label == "cramp",
        )
        for event in events
    ]
