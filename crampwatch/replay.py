"""``crampwatch replay``: from paths to judged and stored nights, one after the other."""

from __future__ import annotations

import json
import shlex
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from crampwatch.output import complain, say
from crampwatch.progress import NightProgress
from detector.classifier import Model, load_model
from detector.detector import Detector
from detector.document import night_document
from detector.faults import add_recorded
from detector.night import Night, Standing, marked
from ingest.discover import FoundRecording, find_recordings
from ingest.errors import InputError, SampleError, WearerError
from ingest.recording import Recording, SampleStream
from ingest.samples import Acceleration

if TYPE_CHECKING:
    from detector.personal import Personal
    from server.store import Store

__all__ = [
    "Kept",
    "feed_recording",
    "judge_recording",
    "judging",
    "personal_of",
    "remarks",
    "repeated",
    "replay_all",
    "sample_nights",
]

ADVICE = "Give a night, or at least some minutes of one, with times in seconds."


def replay_all(
    paths: Sequence[Path],
    *,
    as_json: bool,
    store_them: bool,
    timezone: str | None,
    personal_file: Path | None = None,
) -> int:
    """Replay every recording under the paths and return how many could not be.

    What is wrong with one is said on standard error and keeps no other from being stored.

    Parameters
    ----------
    personal_file
        Adjustment to the wearer's answers, that the nights are judged with. Without one that is
        what the answers in the store teach, where the wearer chose so.

    Raises
    ------
    ModelError
        Where it cannot be used.
    StoreError
        When the database cannot be used.
    """
    found = _find(paths, timezone)
    named = _named(found)
    failed = 0
    with ExitStack() as stack:
        store = _opened_store(stack) if store_them else None
        progress = stack.enter_context(NightProgress(len(found)))
        model = load_model()
        personal = personal_of(personal_file, model)
        if personal is None and store is not None:
            personal = store.adjustment(model)
        for number, candidate in enumerate(found, start=1):
            progress.turn(number)
            try:
                if isinstance(candidate, InputError):
                    raise candidate
                recording = candidate.open()
                night, samples = judge_recording(
                    recording, model, progress, candidate.path, personal
                )
            except InputError as error:
                with progress.paused():
                    complain(error)
                failed += 1
                continue
            with progress.paused():
                for remark in remarks(candidate.path, recording, samples):
                    complain(remark)
                try:
                    outcome = store.save(night, candidate.path) if store else "not stored"
                except InputError as error:
                    complain(error)
                    failed += 1
                    continue
                say(
                    json.dumps(
                        {"path": str(candidate.path), **night_document(night)}, allow_nan=False
                    )
                    if as_json
                    else _sentence(night, named[number - 1], outcome)
                )
        # Once, as of the newest: what an alert would have said of nights long ago helps nobody.
        alert = store.alert() if store and failed < len(found) else None
    if alert is not None and not as_json:
        say(f"{alert} `crampwatch serve` shows it.")
    return failed


def sample_nights() -> list[Path]:
    """Return the folders of the sample nights that are installed with crampwatch."""
    root = Path(str(resources.files("sample_recordings")))
    return sorted(path.parent for path in root.glob("*/recording.json"))


def personal_of(file: Path | None, model: Model) -> Personal | None:
    """Read the adjustment to the wearer's answers, where one is named.

    Raises
    ------
    ModelError
        Where it cannot be read, or is of another model.
    """
    if file is None:
        return None
    from detector.personal import read_personal

    personal = read_personal(file)
    personal.require(model.version)
    return personal


def _find(paths: Sequence[Path], timezone: str | None) -> list[FoundRecording | InputError]:
    """Find what is under the paths, in their order, with what is wrong where nothing is."""
    found: list[FoundRecording | InputError] = []
    for path in paths:
        try:
            found += find_recordings(path, timezone=timezone)
        except InputError as error:
            found.append(error)
    return found


def judge_recording(
    recording: Recording,
    model: Model,
    progress: NightProgress,
    path: Path | None = None,
    personal: Personal | None = None,
) -> tuple[Night, SampleStream]:
    """Run one recording through the detector.

    Parameters
    ----------
    path
        Where it is, for messages; without it they name the recording.

    Returns
    -------
    Night, SampleStream
        The night, and the samples read, which say what of them was left out.

    Raises
    ------
    InputError
        Where the recording cannot be read or judged.
    """
    with judging(path or recording.info.name):
        detector, samples = feed_recording(recording, model, progress, personal)
        return add_recorded(detector.finish(), recording.faults()), samples


def feed_recording(
    recording: Recording,
    model: Model,
    progress: NightProgress,
    personal: Personal | None = None,
) -> tuple[Detector, SampleStream]:
    """Feed one recording to a detector of its own."""
    detector = Detector(recording.info, model, personal)
    samples = recording.samples()
    progress.begin(recording.info)
    for chunk in samples:
        detector.feed(chunk)
        if isinstance(chunk, Acceleration) and len(chunk):
            progress.reached(int(chunk.times_ns[-1]), samples.part_read)
    return detector, samples


@contextmanager
def judging(place: Path | str) -> Iterator[None]:
    """Name the recording where its samples cannot be judged.

    Raises
    ------
    InputError
        In place of what the detector says of the samples.
    """
    try:
        yield
    except SampleError as error:
        problem = str(error)
        # Some say themselves what to do, as a sentence.
        advice = "" if problem.endswith(".") else f". {ADVICE}"
        raise InputError(f"{place}: cannot be judged: {problem}{advice}") from error


def remarks(path: Path, recording: Recording, samples: SampleStream) -> Iterator[str]:
    """Say what was odd about a recording that was read to its end, and what was left out."""
    yield from recording.remarks
    for remark in samples.remarks:
        yield f"{path}: {remark}."
    for damage in samples.damage:
        yield str(damage)
    if samples.repeated_times:
        yield repeated(path, samples.repeated_times)


def repeated(path: Path, count: int) -> str:
    """Say how many samples were left out because they repeat a time."""
    samples = "1 sample" if count == 1 else f"{count} samples"
    return f"{path}: left out {samples} with a time that was there already."


def _opened_store(stack: ExitStack) -> Kept:
    """Open the store of the settings, for the nights of their wearer."""
    from server.settings import load_settings
    from server.store import Store

    settings = load_settings()
    store = Store.open(settings.database_url, home=settings.data_dir, say=complain)
    return Kept(stack.enter_context(store), settings.wearer)


@dataclass(frozen=True, slots=True)
class Kept:
    """A store that is open, and whose nights are saved there."""

    store: Store
    wearer: str | None

    def adjustment(self, model: Model) -> Personal | None:
        """Learn from the answers that are kept; whose is said when a night is saved."""
        from server.learning import learnt
        from server.wearers import resolve

        with self.store.reading() as session, suppress(WearerError):
            return learnt(session, resolve(session, self.wearer), model)
        return None

    def save(self, night: Night, path: Path) -> str:
        """Save a night and where its recording lies, and say in a word what came of it."""
        from server.places import register_place

        outcome = _save(self.store, self.wearer, night)
        register_place(self.store, self.wearer, night.id, path)
        return outcome

    def alert(self) -> str | None:
        """Judge the nights for alerts; the line of the one that is raised."""
        from server.alert_words import in_short
        from server.alerting import judge_nights, numbers_of

        raised = judge_nights(self.store, self.wearer)
        return None if raised is None else in_short(numbers_of(raised))


def _save(store: Store, wearer: str | None, night: Night) -> str:
    saved = store.save(night, wearer)
    if saved.overlaps:
        first, *others = saved.overlaps
        more = f" and {len(others)} more" if others else ""
        complain(
            f"{night.info.name}: overlaps with {first}{more}, already stored for this night, and "
            "all are told as one night. If that is another person, `crampwatch "
            "wearers --add NAME` and CRAMPWATCH_WEARER keep the two apart; "
            f"`crampwatch remove {shlex.quote(first)}` takes it out."
        )
    return saved.saved


def _named(found: Sequence[FoundRecording | InputError]) -> list[str]:
    """Call each by its own name, and by its whole path where others are called alike."""
    paths = [None if isinstance(each, InputError) else each.path for each in found]
    alike = Counter(path.name for path in set(paths) if path)
    return [str(path) if path and alike[path.name] > 1 else "" for path in paths]


def _sentence(night: Night, named: str, outcome: str) -> str:
    from server import words
    from server.spans import searched, seconds

    standings = [episode.standing for episode in night.episodes]
    hours = words.hours(night.recorded_s, night.worn_s)
    finding = words.finding(
        standings.count(Standing.LIKELY),
        standings.count(Standing.POSSIBLE),
        seconds(searched(night)),
    )
    zone, onsets = night.info.zone, [(one.onset_ns, one.end_ns) for one in night.episodes]
    told = [f"{named or night.info.name} ({outcome}): {hours}. {finding}"]
    for mark in night.marks:
        place = marked(mark.time_ns, onsets)
        onset_ns = None if place is None else onsets[place][0]
        told.append(words.marked(mark.time_ns, onset_ns, zone))
    return " ".join(told)
