"""``crampwatch train --mine``: adjust the shipped model to one person, by what they wrote down."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from crampwatch.known_nights import Unread, truths_of
from crampwatch.output import complain, say
from crampwatch.progress import NightProgress
from crampwatch.replay import feed_recording, judging, remarks
from crampwatch.train import make_folder
from detector.answered import AnsweredNight, answered_night, asked_about, report_change
from detector.classifier import Model, load_model, log_odds_of, probability_of
from detector.personal import Personal, fit_personal
from ingest.discover import FoundRecording, find_recordings
from ingest.errors import InputError, RecordingWriteError, SettingsError

__all__ = ["FILE", "train_mine"]

FILE = "personal.json"

CONSENT = (
    "An adjustment learns how somebody moves and when they wake. Add --yes-these-are-mine if these "
    "nights are your own, or of somebody who asked you to do this. The file stays on this computer."
)
UNANSWERED = "has no events.csv, so nobody said what happened in it; left out."
NOTHING = (
    "There is no night to learn from. Put an events.csv into the folder of each, with the columns "
    "onset_s, duration_s and label; where there was no cramp, it has no line with one."
)


def train_mine(folders: Sequence[Path], out: Path, *, confirmed: bool) -> None:
    """Fit the adjustment to every answered night, write it, and tell what it changes.

    Parameters
    ----------
    folders
        Nights of one person.
    confirmed
        Whether that person wants it.

    Raises
    ------
    SettingsError
        Where nobody said so.
    InputError
        Where a night cannot be read or judged, none is answered, or the file cannot be written.
    """
    if not confirmed:
        raise SettingsError(CONSENT)
    found = [each for folder in folders for each in find_recordings(folder)]
    make_folder(out)
    model = load_model()
    nights: list[AnsweredNight] = []
    unread = Unread()
    with NightProgress(len(found)) as progress:
        for number, candidate in enumerate(found, start=1):
            progress.turn(number)
            with unread.named(progress):
                night = _answered(candidate, model, progress)
                if night is None:
                    with progress.paused():
                        complain(f"{candidate.path}: {UNANSWERED}")
                else:
                    nights.append(night)
    unread.refuse(len(found))
    if not nights:
        raise InputError(NOTHING)
    answers = [answer for night in nights for answer in night.answers]
    file = out / FILE
    _write(fit_personal(answers, model.version), file)
    say(report_change(nights, model).in_words())
    say(f"Use it: crampwatch replay --personal {file} NIGHTS")


def _answered(
    candidate: FoundRecording, model: Model, progress: NightProgress
) -> AnsweredNight | None:
    from models.study.table import PART_OF_CRAMP, label_night

    recording = candidate.open()
    if not (recording.labelled or recording.events):
        return None
    with judging(candidate.path):
        detector, samples = feed_recording(recording, model, progress)
        measured = detector.measured()
    with progress.paused():
        for remark in remarks(candidate.path, recording, samples):
            complain(remark)
    truths = truths_of(recording.info, recording.events)
    told = label_night(recording.info, measured, truths, source="", person="")
    log_odds = log_odds_of(model, measured.features)
    return answered_night(
        measured.features,
        log_odds,
        [
            None if kind == PART_OF_CRAMP else cramp
            for cramp, kind in zip(told.cramp.tolist(), told.kind.tolist(), strict=True)
        ],
        asked_about(model, list(map(probability_of, log_odds))),
        cramps=sum(truth.cramp for truth in truths),
    )


def _write(personal: Personal, file: Path) -> None:
    try:
        file.write_text(personal.to_json(), encoding="utf-8")
    except OSError as error:
        raise RecordingWriteError(
            file, f"cannot be written: {error.strerror}", "Name another folder with --out."
        ) from error
    complain(f"wrote {file}")
