"""The commands for studies: nights are simulated, compared with what happened, and learnt from."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Optional

import typer

__all__ = ["register"]

MOST_SEED = 100_000_000
"""Of a training. Other seeds are made of it, five at most of one, and must fit into 32 bits."""

VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,29}")
"""Of a model: it is part of the name of a file."""


def register(app: typer.Typer) -> None:
    """Add the commands to the door."""
    app.command(
        epilog="Examples:\n\n"
        "  crampwatch simulate nights --nights 7 --seed 3\n\n"
        "  crampwatch simulate nights --nights 30 --clean --device pinetime\n\n"
        "  crampwatch simulate hard --nights 30 --life hard --family phenomenological\n\n"
        "  crampwatch simulate again --samples\n\n"
        "A night takes about 4 seconds to make and 1 to 8 MB of disk, by the device: 30 nights "
        "take about two minutes and 150 MB."
    )(simulate)
    app.command(
        epilog="Examples:\n\n  crampwatch evaluate --nights corpus\n\n"
        "  crampwatch evaluate --nights week-1 week-2 > figures.json\n\n"
        "  crampwatch evaluate --nights others --model trained/cramps-own.npz\n\n"
        "  crampwatch evaluate --sleep-epochs epochs_30s.parquet\n\n"
        "Nights without an events.csv are left out and named: nobody knows what happened in them."
    )(evaluate)
    app.command(
        epilog="Examples:\n\n  crampwatch train --sleep-epochs epochs_30s.parquet --out trained\n\n"
        "  crampwatch train --simulate 50 --backgrounds real-nights --jobs 2\n\n"
        "  crampwatch train --mine ~/nights --yes-these-are-mine --out ~/mine\n\n"
        "It takes some minutes. Each person of the sleep epochs, and each family of nights, is "
        "left out in turn, so that the figures are of what the model has not seen."
    )(train)


def simulate(
    out: Annotated[
        Path, typer.Argument(readable=False, metavar="OUT", help="Folder to write the nights into.")
    ],
    nights: Annotated[int, typer.Option(help="How many nights; three of one person each.")] = 1,
    seed: Annotated[
        int, typer.Option(help="Where chance begins; the same gives the same nights.")
    ] = 1,
    device: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            help="One device for everybody: pinetime, bangle, apple, polar, wasts or logger; "
            "drawn for each person without it.",
            show_default=False,
        ),
    ] = None,
    hours: Annotated[
        Optional[float],  # noqa: UP045
        typer.Option(help="Length of each night in hours; drawn without it.", show_default=False),
    ] = None,
    cramps: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(
            help="Cramps in each night, three an hour at the most; drawn without it.",
            show_default=False,
        ),
    ] = None,
    clean: Annotated[bool, typer.Option("--clean", help="No cramps, as --cramps 0.")] = False,
    family: Annotated[
        str,
        typer.Option(
            help="How the nights are made: kinematic, phenomenological, recombination or "
            "submovements."
        ),
    ] = "kinematic",
    life: Annotated[
        str,
        typer.Option(
            help="How nights go: plain, or hard: harmless movements last as long as cramps."
        ),
    ] = "plain",
    backgrounds: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(
            readable=False,
            metavar="DIR",
            help="Folder of real nights that the recombination family is made of.",
            show_default=False,
        ),
    ] = None,
    samples: Annotated[
        bool, typer.Option("--samples", help="Write the sample nights instead.")
    ] = False,
) -> None:
    """Write simulated nights, with their truth."""
    if clean and cramps is not None:
        raise typer.BadParameter("give --clean or --cramps N, not both")
    from simulator.corpus import simulate_corpus
    from simulator.sample_recordings import make

    written = (
        make(out)
        if samples
        else simulate_corpus(
            out,
            nights,
            seed,
            device=device,
            hours=hours,
            cramps=0 if clean else cramps,
            family=family,
            life=life,
            backgrounds=backgrounds,
        )
    )
    for folder in written:
        typer.echo(folder)


def evaluate(
    paths: Annotated[
        Optional[list[Path]],  # noqa: UP045
        typer.Argument(
            readable=False,
            metavar="DIR",
            help="Recordings with an events.csv, or folders of them.",
            show_default=False,
        ),
    ] = None,
    nights: Annotated[
        bool, typer.Option("--nights", help="The folders hold nights; so they do without it.")
    ] = True,
    sleep_epochs: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(
            metavar="FILE",
            help="Epochs of polysomnography (Parquet) to compare sleep and wake with instead.",
            show_default=False,
        ),
    ] = None,
    personal: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(
            metavar="FILE",
            help="Judge with the adjustment to the wearer's answers in this file.",
            show_default=False,
        ),
    ] = None,
    model: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(
            metavar="FILE",
            help="Judge with this model of crampwatch train, not with the shipped one.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Compare what is found in nights with what happened in them.

    Prints figures as JSON.
    """
    if sleep_epochs is not None and not (paths or personal or model):
        from crampwatch.evaluate_sleep import evaluate_sleep

        evaluate_sleep(sleep_epochs)
    elif paths and sleep_epochs is None:
        from crampwatch.evaluate import evaluate_nights

        evaluate_nights(paths, personal, model)
    else:
        raise typer.BadParameter(
            "give either folders of nights, with --personal FILE or --model FILE or without, or "
            "--sleep-epochs FILE"
        )


def train(
    sleep_epochs: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(
            metavar="FILE", help="Epochs of polysomnography (Parquet).", show_default=False
        ),
    ] = None,
    nights: Annotated[
        Optional[list[Path]],  # noqa: UP045
        typer.Option(
            metavar="DIR",
            help="Nights with an events.csv; each folder given is a source of its own.",
            show_default=False,
        ),
    ] = None,
    simulated: Annotated[
        int,
        typer.Option(
            "--simulate",
            min=0,
            help="Nights with cramps, and as many without, of each life in each family.",
        ),
    ] = 0,
    backgrounds: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(
            metavar="DIR", help="Real nights that a family is made of.", show_default=False
        ),
    ] = None,
    mine: Annotated[
        Optional[list[Path]],  # noqa: UP045
        typer.Option(
            metavar="DIR",
            help="Nights of one's own with an events.csv: adjusts the shipped model to the wearer.",
            show_default=False,
        ),
    ] = None,
    these_are_mine: Annotated[
        bool,
        typer.Option(
            "--yes-these-are-mine", help="Whoever slept in the nights of --mine wants this."
        ),
    ] = False,
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder to write the model and its figures into.")
    ] = Path("trained"),
    seed: Annotated[
        int,
        typer.Option(
            min=0, max=MOST_SEED, help="Where chance begins; the same gives the same model."
        ),
    ] = 1,
    jobs: Annotated[int, typer.Option(min=1, help="Processes that measure nights.")] = 1,
    keep: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(
            "--keep-measured",
            metavar="FILE",
            help="Keep what was measured of the nights, for python -m benchmarks.features and "
            "benchmarks.slow_samples.",
            show_default=False,
        ),
    ] = None,
    version: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            "--call-it",
            metavar="VERSION",
            help="Version of the model, such as 'own', which it is where none is given.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Train a model, or adjust one to a person.

    One tells sleep from wake, the other judges awakenings; --mine adjusts the latter.
    """
    if keep is not None and not (nights or simulated):
        raise typer.BadParameter("give --keep-measured with --nights DIR or --simulate N")
    if version is not None and not (nights or simulated):
        raise typer.BadParameter("give --call-it with --nights DIR or --simulate N")
    if version is not None and not VERSION.fullmatch(version):
        raise typer.BadParameter("--call-it takes up to 30 letters, digits, dots, '-' and '_'")
    if mine and not (sleep_epochs or nights or simulated):
        from crampwatch.train_mine import train_mine

        train_mine(mine, out, confirmed=these_are_mine)
    elif mine:
        raise typer.BadParameter("give --mine alone: it adjusts the model that is shipped")
    elif sleep_epochs is not None and not (nights or simulated):
        from crampwatch.train import train_sleep

        train_sleep(sleep_epochs, out, seed)
    elif (nights or simulated) and sleep_epochs is None:
        from crampwatch.train_nights import train_nights

        train_nights(
            nights or [],
            simulated,
            out,
            seed,
            backgrounds=backgrounds,
            jobs=jobs,
            keep=keep,
            version=version,
        )
    else:
        raise typer.BadParameter(
            "give --sleep-epochs FILE, or --nights DIR or --simulate N, or --mine DIR"
        )
