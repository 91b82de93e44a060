"""``crampwatch train --sleep-epochs``: train the sleep model, and write down how it does."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from crampwatch.output import complain, say
from crampwatch.progress import show_step
from detector.agreement import (
    LENGTHS,
    Agreement,
    AgreementIntervals,
    Awakenings,
    AwakeningsTogether,
    Interval,
    together,
)
from ingest.errors import RecordingWriteError
from ingest.sleep_epochs import SleepEpochs, read_sleep_epochs

__all__ = [
    "RESULTS",
    "make_folder",
    "train_sleep",
    "write_model_and_figures",
]

RESULTS = "results.md"


def train_sleep(path: Path, out: Path, seed: int) -> None:
    """Validate by leaving each person out, train on all, write the model and the figures.

    Raises
    ------
    InputError
        Where the epochs cannot be used or the model cannot be written.
    """
    people = read_sleep_epochs(path)
    make_folder(out)
    from models.training.sleep import train_sleep_model, validate_sleep_model

    validation = validate_sleep_model(people, seed, show_step)
    show_step("training on everybody")
    model = train_sleep_model(people, seed, validation.wake_from)
    show_step(None)
    kept = validation.intervals_keeping_sleep
    lines = [
        f"## `{model.version.name} {model.version.version}`, seed {seed}",
        "",
        f"{len(people)} people, {sum(map(len, people))} epochs of 30 s, scikit-learn "
        f"{version('scikit-learn')}, numpy {version('numpy')}. Each person is judged by a model "
        "trained on the others, at a threshold chosen on the others. 'At 0.93' is the recall of "
        "wake where the threshold is moved until 0.93 of sleep is called sleep. The 95 % "
        "intervals are by drawing people anew.",
        "",
        *_by_person(people, validation.people, validation.pooled, validation.intervals),
        "",
        "At thresholds that keep 0.93 of sleep on the others: "
        f"{_kept(validation.keeping_sleep.wake_recall, kept.wake_recall)} of wake found, "
        f"{_kept(validation.keeping_sleep.sleep_recall, kept.sleep_recall)} of sleep kept.",
        "",
        *_awakenings(validation.awakenings, validation.awakenings_keeping_sleep),
        "",
        *_awakenings_by_person(people, validation.awakenings),
        "",
        f"Shipped threshold, chosen on all of them: {validation.wake_from:.2f}.",
        "",
        "What the parts are worth, pooled, each line at its own best threshold:",
        "",
        "| | at 0.93 | kappa | AUC |",
        "| --- | --- | --- | --- |",
        *(
            f"| {each.name} | {_figure(each.pooled.wake_recall_fixed)} "
            f"| {_figure(each.pooled.kappa)} | {_figure(each.pooled.auc)} |"
            for each in validation.ablations
        ),
    ]
    artefact = f"{model.version.name}-{model.version.version}.npz"
    write_model_and_figures(out, artefact, model.to_bytes(), lines)
    for line in lines:
        say(line)


def _by_person(
    people: Sequence[SleepEpochs],
    judged: Sequence[tuple[str, float, Agreement]],
    pooled: Agreement,
    intervals: AgreementIntervals,
) -> list[str]:
    rows = [
        "| person | epochs | wake | at 0.93 | threshold | wake found | sleep kept | kappa | AUC |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for person, (subject, threshold, agreement) in zip(people, judged, strict=True):
        rows.append(
            _row(subject, len(person), int(person.wake.sum()), f"{threshold:.2f}", agreement)
        )
    total = sum(map(len, people))
    wake = sum(int(person.wake.sum()) for person in people)
    ends = (
        intervals.wake_recall_fixed,
        None,
        intervals.wake_recall,
        intervals.sleep_recall,
        intervals.kappa,
        intervals.auc,
    )
    return [
        *rows,
        _row("**pooled**", total, wake, "", pooled),
        f"| 95 % interval | | | {' | '.join(map(_ends, ends))} |",
    ]


def _row(name: str, epochs: int, wake: int, threshold: str, agreement: Agreement) -> str:
    figures = (
        _figure(agreement.wake_recall_fixed),
        threshold,
        _figure(agreement.wake_recall),
        _figure(agreement.sleep_recall),
        _figure(agreement.kappa),
        _figure(agreement.auc),
    )
    return f"| {name} | {epochs} | {wake} | {' | '.join(figures)} |"


def _awakenings(
    at_threshold: Sequence[Awakenings], keeping_sleep: Sequence[Awakenings]
) -> list[str]:
    both = [together(at_threshold), together(keeping_sleep)]
    return [
        "Awakenings: runs of wake between the first and the last epoch of sleep. One is found "
        "where any of its epochs is called wake; a claimed one is false where none of its epochs "
        "is wake. With 95 % intervals by drawing people anew:",
        "",
        "| minutes | scored | found | share | found where 0.93 of sleep is kept | share |",
        "| --- | --- | --- | --- | --- | --- |",
        *(
            f"| {name} | {both[0].total.scored[place]} | "
            + " | ".join(_found(each, place) for each in both)
            + " |"
            for place, name in enumerate(LENGTHS)
        ),
        f"| claimed, and of them false | | {' | '.join(map(_false, both))} |",
        "",
        "Of the false ones "
        + " and ".join(str(each.total.false_at_ends) for each in both)
        + " lie at the beginning or the end of the sleep: lying awake, called too long.",
    ]


def _found(awakenings: AwakeningsTogether, place: int) -> str:
    total, interval = awakenings.total, awakenings.found_intervals[place]
    return f"{total.found[place]} | {_share(total.found_shares[place], interval)}"


def _false(awakenings: AwakeningsTogether) -> str:
    total = awakenings.total
    share = _share(total.false_share, awakenings.false_interval)
    return f"{total.false} of {total.claimed} | {share}"


def _share(share: float | None, interval: Interval | None) -> str:
    if share is None or interval is None:
        return _figure(share)
    return f"{share:.2f} ({interval[0]:.2f} to {interval[1]:.2f})"


def _awakenings_by_person(
    people: Sequence[SleepEpochs], awakenings: Sequence[Awakenings]
) -> list[str]:
    return [
        f"| person | {' | '.join(f'{name} min' for name in LENGTHS)} | false of claimed |",
        "| --- " * (len(LENGTHS) + 2) + "|",
        *(
            f"| {person.subject} | "
            + " | ".join(
                f"{found} of {scored}"
                for found, scored in zip(each.found, each.scored, strict=True)
            )
            + f" | {each.false} of {each.claimed} |"
            for person, each in zip(people, awakenings, strict=True)
        ),
    ]


def _kept(share: float | None, interval: Interval | None) -> str:
    return f"{_figure(share)} ({_ends(interval)})" if interval else _figure(share)


def _ends(interval: Interval | None) -> str:
    return "" if interval is None else f"{interval[0]:.3f} to {interval[1]:.3f}"


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def make_folder(out: Path) -> None:
    """Make the folder first: nobody wants to hear after minutes that it cannot be."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(out, error) from error


def write_model_and_figures(out: Path, artefact: str, model: bytes, lines: Sequence[str]) -> None:
    """Write a model, and add its figures to those of the models before it."""
    results = out / RESULTS
    try:
        (out / artefact).write_bytes(model)
        before = results.read_text(encoding="utf-8") if results.exists() else "# Results\n"
        results.write_text("\n".join([before, *lines, ""]), encoding="utf-8")
    except OSError as error:
        raise _unwritable(out, error) from error
    complain(f"wrote {out / artefact} and added the figures to {results}")


def _unwritable(out: Path, error: OSError) -> RecordingWriteError:
    return RecordingWriteError(
        out, f"cannot be written: {error.strerror}", "Name another folder with --out."
    )
