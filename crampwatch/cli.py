"""The command line. Each command imports what it needs when it runs, so that help is instant."""

from __future__ import annotations

import datetime
import os
import sys
from pathlib import Path
from typing import Annotated, Any, Optional

import typer
from typer.core import TyperGroup

from crampwatch import cli_night
from crampwatch.output import complain, take_any_text
from ingest.errors import CrampwatchError, SettingsError

__all__ = ["app", "main"]

EXIT_DISAGREES = 1
"""Exit status where what was checked is not as expected."""
EXIT_DAMAGED = 1
"""Exit status of `verify` where damage was found."""
EXIT_BAD_INPUT = 2
"""Exit status where something handed in could not be used."""
EXIT_INTERRUPTED = 130
"""Exit status after Ctrl-C, as shells expect it."""
EXIT_NOT_READ = 141
"""Exit status where whoever read the output has gone, as shells expect it: work may be undone."""


class Commands(TyperGroup):
    """Ends every command in a sentence and a status, whatever stops it.

    Typer itself would end Ctrl-C without a word and a reader that has gone as if it were a fault.
    """

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]
        """Run the command that was named."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except CrampwatchError as error:
            complain(error)
            raise typer.Exit(EXIT_BAD_INPUT) from error
        except KeyboardInterrupt as stop:
            complain("stopped")
            raise typer.Exit(EXIT_INTERRUPTED) from stop
        except BrokenPipeError as gone:
            # What is still to be written at the end goes nowhere, without a complaint.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(EXIT_NOT_READ) from gone
        return result


app = typer.Typer(
    name="crampwatch",
    cls=Commands,
    help="Finds cramp-like awakenings in a night of wrist movement and heart rate.",
    epilog="Not a medical device. It never says what causes a cramp; ask a doctor.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


cli_night.register(app)


def main() -> None:
    """Run the command."""
    take_any_text()
    app()


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"crampwatch {version('crampwatch')}")
        raise typer.Exit


@app.callback()
def crampwatch(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """Find cramp-like awakenings in a night of wrist movement and heart rate."""


@app.command(
    epilog="Examples:\n\n"
    "  crampwatch replay ~/nights/2026-11-20\n\n"
    "  crampwatch replay --json --no-store night.folder > night.jsonl\n\n"
    "  crampwatch replay sleep-accel-1.0.0"
)
def replay(
    paths: Annotated[
        Optional[list[Path]],  # noqa: UP045  typer reads the annotation at run time
        typer.Argument(
            readable=False,
            metavar="PATH",
            help="Recording folders, folders of them, or a published set (sleep-accel, BIDSleep).",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one line of JSON a recording, nothing else.")
    ] = False,
    no_store: Annotated[
        bool, typer.Option("--no-store", help="Judge only; leave the stored nights alone.")
    ] = False,
    samples: Annotated[
        bool, typer.Option("--samples", help="Replay the sample nights that come with crampwatch.")
    ] = False,
    timezone: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            help="The wearer's zone (Europe/Berlin), where the files do not say.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Judge recorded nights and store them."""
    from crampwatch.replay import replay_all

    wanted = list(paths or [])
    if samples:
        wanted += sample_nights()
    if not wanted:
        raise typer.BadParameter("name at least one recording, or use --samples", param_hint="PATH")
    failed = replay_all(wanted, as_json=as_json, store_them=not no_store, timezone=timezone)
    if failed:
        raise typer.Exit(EXIT_BAD_INPUT)


@app.command(epilog="Examples:\n\n  crampwatch summary\n\n  crampwatch summary 2026-10-23")
def summary(
    date: Annotated[
        Optional[str],  # noqa: UP045
        typer.Argument(
            metavar="DATE",
            help="The date the night began (2026-10-23); the newest stored night without it.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Print the summary of a stored night."""
    from crampwatch.summary import print_summary

    print_summary(None if date is None else _parse_date(date))


@app.command(
    epilog="Examples:\n\n  crampwatch remove 2026-10-23\n\n  crampwatch remove --yes clean"
    "\n\nThe recording itself stays where it is; replaying it stores it again."
)
def remove(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help="A recording by its name, or a night by the date it began."
        ),
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Take a recording, or all of a night, out of the store."""
    from crampwatch.remove import remove_recordings

    remove_recordings(name, confirmed=yes)


@app.command(epilog="Examples:\n\n  crampwatch recordings\n\n  crampwatch recordings ~/nights")
def recordings(
    folder: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Argument(
            readable=False,
            metavar="DIR",
            help="Where to look; the folder that crampwatch records into without it.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """List recordings: night, length, format, state."""
    from crampwatch.recordings import list_recordings

    if folder is None:
        from server.settings import load_settings

        folder = load_settings().data_dir / "recordings"
        if not folder.exists():
            typer.echo(f"Nothing is recorded yet in {folder}.")
            return
    if list_recordings(folder):
        raise typer.Exit(EXIT_BAD_INPUT)


@app.command(
    epilog="Examples:\n\n  crampwatch export ~/nights/2026-11-20 plain-folder\n\n"
    "  crampwatch export ~/nights/2026-11-20 night.edf --format edf"
)
def export(
    recording: Annotated[
        Path, typer.Argument(readable=False, metavar="RECORDING", help="The recording.")
    ],
    out: Annotated[
        Path,
        typer.Argument(
            readable=False, metavar="OUT", help="What to write; it must not be there yet."
        ),
    ],
    format_: Annotated[
        str, typer.Option("--format", metavar="folder|edf", help="What to write it as.")
    ] = "folder",
) -> None:
    """Write a recording as a plain folder or as EDF+.

    EDF+ holds the episodes found in it as well.
    """
    from crampwatch.recordings import ExportFormat, export_recording

    if format_ not in list(ExportFormat):
        raise typer.BadParameter("use folder or edf", param_hint="--format")
    export_recording(recording, out, ExportFormat(format_))


@app.command(
    "import",
    epilog="Examples:\n\n  crampwatch import plain-folder ~/nights/2026-11-20\n\n"
    "  crampwatch import sleep-accel-1.0.0 ~/nights/sleep-accel",
)
def import_(
    path: Annotated[
        Path,
        typer.Argument(readable=False, metavar="PATH", help="A recording, or a folder of them."),
    ],
    out: Annotated[
        Path,
        typer.Argument(
            readable=False,
            metavar="OUT",
            help="The new recording, or the folder for them if there are more.",
        ),
    ],
    timezone: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            help="The wearer's zone (Europe/Berlin), where the files do not say.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Bring recordings of any format into crampwatch's own."""
    from crampwatch.recordings import import_recordings

    if import_recordings(path, out, timezone):
        raise typer.Exit(EXIT_BAD_INPUT)


@app.command(
    epilog="Examples:\n\n  crampwatch verify ~/nights/2026-11-20\n\n  crampwatch verify ~/nights"
    "\n\nThe exit status is 1 where damage is found."
)
def verify(
    paths: Annotated[
        list[Path],
        typer.Argument(readable=False, metavar="RECORDING", help="Recordings, or folders of them."),
    ],
) -> None:
    """Read recordings from end to end and say what is damaged."""
    from crampwatch.recordings import verify_recordings

    if verify_recordings(paths):
        raise typer.Exit(EXIT_DAMAGED)


@app.command(epilog="Examples:\n\n  crampwatch repair ~/nights/2026-11-20\n\n  crampwatch repair .")
def repair(
    recording: Annotated[
        Path, typer.Argument(readable=False, metavar="RECORDING", help="The recording.")
    ],
) -> None:
    """Put what can be read of a damaged recording in its place.

    The damaged one is kept beside it.
    """
    from crampwatch.recordings import repair_recording

    repair_recording(recording)


@app.command(epilog="Examples:\n\n  crampwatch serve\n\n  crampwatch serve --port 9000")
def serve(
    host: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            help="Address to listen on; loopback unless CRAMPWATCH_TOKEN is set.",
            show_default=False,
        ),
    ] = None,
    port: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(help="Port to listen on; 0 takes any free one.", show_default=False),
    ] = None,
) -> None:
    """Serve the morning page on this machine."""
    from server.app import serve as run_server
    from server.settings import load_settings

    try:
        run_server(load_settings(host=host, port=port), typer.echo)
    except SettingsError as error:
        # Whoever gave no variable would not know what it has to do with the command.
        message = str(error).replace("CRAMPWATCH_PORT", "--port (or CRAMPWATCH_PORT)")
        raise SettingsError(
            message.replace("CRAMPWATCH_HOST", "--host (or CRAMPWATCH_HOST)")
        ) from error


@app.command(
    epilog="Examples:\n\n"
    "  crampwatch simulate nights --nights 7 --seed 3\n\n"
    "  crampwatch simulate nights --nights 30 --clean --device pinetime\n\n"
    "  crampwatch simulate again --samples\n\n"
    "A night takes about 4 seconds to make and 1 to 8 MB of disk, by the device: 30 nights take "
    "about two minutes and 150 MB."
)
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
        typer.Option(help="Cramps in each night; drawn without it.", show_default=False),
    ] = None,
    clean: Annotated[bool, typer.Option("--clean", help="No cramps, as --cramps 0.")] = False,
    samples: Annotated[
        bool, typer.Option("--samples", help="Write the sample nights instead.")
    ] = False,
) -> None:
    """Write simulated nights, with their truth."""
    from simulator.corpus import simulate_corpus
    from simulator.sample_recordings import make

    written = (
        make(out)
        if samples
        else simulate_corpus(
            out, nights, seed, device=device, hours=hours, cramps=0 if clean else cramps
        )
    )
    for folder in written:
        typer.echo(folder)


@app.command(
    epilog="Examples:\n\n  crampwatch evaluate --nights corpus\n\n"
    "  crampwatch evaluate --nights week-1 week-2 > figures.json\n\n"
    "Nights without an events.csv are left out and named: nobody knows what happened in them."
)
def evaluate(
    paths: Annotated[
        list[Path],
        typer.Argument(
            readable=False, metavar="DIR", help="Recordings with an events.csv, or folders of them."
        ),
    ],
    nights: Annotated[
        bool, typer.Option("--nights", help="The folders hold nights; so they do without it.")
    ] = True,
) -> None:
    """Compare what is found in nights with what happened in them.

    Prints figures as JSON.
    """
    from crampwatch.evaluate import evaluate_nights

    evaluate_nights(paths)


@app.command(
    epilog="Examples:\n\n  crampwatch decode --vectors vectors.json\n\n"
    "  crampwatch decode hrs_2a37 0048\n\n"
    "With --vectors the exit status is 0 where all frames agree, 1 where one does not, and 2 where "
    "the file cannot be used."
)
def decode(
    kind: Annotated[
        Optional[str],  # noqa: UP045
        typer.Argument(
            metavar="KIND", help="What kind of frame it is: hrs_2a37.", show_default=False
        ),
    ] = None,
    digits: Annotated[
        Optional[str],  # noqa: UP045
        typer.Argument(metavar="HEX", help="Its bytes in hexadecimal.", show_default=False),
    ] = None,
    vectors: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(
            metavar="FILE",
            help="Check every frame of a file against what it expects.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Decode what a wearable sent, and check it.

    Prints a line of JSON for each frame: what it decoded to, and with --vectors whether that
    agrees and how it differs.
    """
    from crampwatch.decode import check_vectors, decode_frame

    if vectors is not None and kind is None:
        if not check_vectors(vectors):
            raise typer.Exit(EXIT_DISAGREES)
    elif vectors is None and kind is not None and digits is not None:
        decode_frame(kind, digits)
    else:
        raise typer.BadParameter("give either KIND and HEX, or --vectors FILE")


def sample_nights() -> list[Path]:
    """Return the folders of the sample nights that are installed with crampwatch."""
    from importlib import resources

    root = Path(str(resources.files("sample_recordings")))
    return sorted(path.parent for path in root.glob("*/recording.json"))


def _parse_date(text: str) -> datetime.date:
    from server.nights import FIRST_NIGHT, LAST_NIGHT

    try:
        date = datetime.date.fromisoformat(text)
    except ValueError as error:
        raise SettingsError(f"'{text}' is not a date. Write it as 2026-10-23.") from error
    if not FIRST_NIGHT <= date <= LAST_NIGHT:
        raise SettingsError(
            f"No night of {date} can be stored. Give a date from {FIRST_NIGHT} to {LAST_NIGHT}."
        )
    return date
