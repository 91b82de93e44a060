"""``crampwatch replay``: from paths to judged and stored nights, one after the other."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from crampwatch.progress import NightProgress
from detector.classifier import Model, load_model
from detector.detector import Detector
from detector.document import night_document
from detector.night import Night, Standing
from ingest.discover import find_recordings
from ingest.errors import InputError, SampleError
from ingest.recording import Recording, SampleStream
from ingest.samples import Acceleration

if TYPE_CHECKING:
    from server.store import Store

__all__ = ["judge_recording", "replay_all"]


def replay_all(
    paths: Sequence[Path], *, as_json: bool, store_them: bool, timezone: str | None
) -> int:
    """Replay every recording under the paths and return how many could not be.

    What is wrong with one is said on standard error and keeps no other from being stored.

    Raises
    ------
    StoreError
        When the database cannot be used.
    """
    failed = 0
    with ExitStack() as stack:
        store = _open_store(stack) if store_them else None
        progress = stack.enter_context(NightProgress())
        model = load_model()
        for path in paths:
            try:
                found = find_recordings(path, timezone=timezone)
            except InputError as error:
                _complain(error)
                failed += 1
                continue
            for candidate in found:
                try:
                    night, samples = judge_recording(candidate.open(), model, progress)
                except InputError as error:
                    _complain(error)
                    failed += 1
                    continue
                for damage in samples.damage:
                    _complain(damage)
                if store is None:
                    outcome = "not stored"
                else:
                    try:
                        outcome = _save(store, night)
                    except InputError as error:
                        _complain(error)
                        failed += 1
                        continue
                typer.echo(
                    json.dumps(night_document(night), allow_nan=False)
                    if as_json
                    else _sentence(night, samples.repeated_times, outcome)
                )
    return failed


def judge_recording(
    recording: Recording, model: Model, progress: NightProgress
) -> tuple[Night, SampleStream]:
    """Run one recording through the detector.

    Returns
    -------
    Night, SampleStream
        The night, and the samples read, which say what of them was left out.

    Raises
    ------
    InputError
        Where the recording cannot be read or judged.
    """
    detector = Detector(recording.info, model)
    samples = recording.samples()
    progress.begin(recording.info)
    try:
        for chunk in samples:
            detector.feed(chunk)
            if isinstance(chunk, Acceleration) and len(chunk):
                progress.reached(int(chunk.times_ns[-1]))
        return detector.finish(), samples
    except SampleError as error:
        raise InputError(f"{recording.info.name}: {error}") from error


def _open_store(stack: ExitStack) -> Store:
    from server.settings import load_settings
    from server.store import Store

    settings = load_settings()
    opened = Store.open(settings.database_url, home=settings.data_dir, say=_complain)
    return stack.enter_context(opened)


def _save(store: Store, night: Night) -> str:
    saved = store.save(night)
    if saved.overlaps:
        first, *others = saved.overlaps
        more = f" and {len(others)} more" if others else ""
        _complain(
            f"{night.info.name}: overlaps with {first}{more}, already stored for this night, and "
            "all are told as one night. If that is another person, use another "
            "CRAMPWATCH_DATA_DIR or --no-store; "
            f"`crampwatch remove {shlex.quote(first)}` takes it out."
        )
    return saved.saved


def _sentence(night: Night, repeated: int, outcome: str) -> str:
    from server import words
    from server.spans import searched, seconds

    standings = [episode.standing for episode in night.episodes]
    parts = [
        words.hours(night.recorded_s, night.worn_s) + ".",
        words.finding(
            standings.count(Standing.LIKELY),
            standings.count(Standing.POSSIBLE),
            seconds(searched(night)),
        ),
    ]
    if repeated:
        parts.append(f"{repeated} samples repeated a time and were left out.")
    return f"{night.info.name} ({outcome}): {' '.join(parts)}"


def _complain(problem: object) -> None:
    typer.echo(f"crampwatch: {problem}", err=True)
