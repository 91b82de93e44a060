"""Nights whose truth is known: where they are, who slept in them, and what happened."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from crampwatch.output import complain
from crampwatch.progress import NightProgress
from detector.evaluate import Truth
from ingest.errors import InputError
from ingest.recording import Event
from ingest.samples import NS_PER_S, RecordingInfo

__all__ = ["UNLABELLED", "Unread", "person_of", "truths_of"]

PERSON = re.compile(r"(.+?)n\d+")
"""Name of a night: person and number, as simulated nights have it."""


UNLABELLED = "has no events.csv, so nobody knows what happened in it; left out."
"""What is said of a night that cannot be known."""


class Unread:
    """The nights that cannot be used: each is named when it is met, and together they are refused.

    Who has a hundred nights mends what is wrong with them in one go, not one error at a time.
    """

    def __init__(self) -> None:
        self._count = 0

    @contextmanager
    def named(self, progress: NightProgress) -> Iterator[None]:
        """Say what is wrong with a night, and go on with what follows."""
        try:
            yield
        except InputError as error:
            with progress.paused():
                complain(error)
            self.add()

    def add(self) -> None:
        """Count one that was named."""
        self._count += 1

    def refuse(self, nights: int) -> None:
        """Refuse so many nights where one of them cannot be used.

        Raises
        ------
        InputError
            As what the others alone tell would mislead.
        """
        if self._count == nights:
            raise InputError("None of the nights can be used. Mend what is named above.")
        if self._count:
            raise InputError(
                f"{self._count} of {nights} nights cannot be used, and the others alone would "
                "mislead. Mend what is named above, or take it out of the folder."
            )


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
