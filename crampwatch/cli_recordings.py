"""The commands for recordings, and for what is stored of them: from `replay` to `repair`."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Annotated, Optional

import typer

from crampwatch import exits
from ingest.errors import SettingsError

__all__ = ["register"]

OneRecording = Annotated[
    Path, typer.Argument(readable=False, metavar="RECORDING", help="The recording.")
]
Timezone = Annotated[
    Optional[str],  # noqa: UP045  typer reads the annotation at run time
    typer.Option(
        help="The wearer's zone (Europe/Berlin), where the files do not say.",
        show_default=False,
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands to the door."""
    app.command(
        epilog="Examples:\n\n"
        "  crampwatch replay ~/nights/2026-11-20\n\n"
        "  crampwatch replay --json --no-store night.folder > night.jsonl\n\n"
        "  crampwatch replay sleep-accel-1.0.0"
    )(replay)
    app.command(epilog="Examples:\n\n  crampwatch summary\n\n  crampwatch summary 2026-10-23")(
        summary
    )
    app.command(
        epilog="Examples:\n\n  crampwatch remove 2026-10-23\n\n  crampwatch remove --yes clean"
        "\n\nThe recording itself stays where it is; replaying it stores it again."
    )(remove)
    app.command(
        epilog="Examples:\n\n  crampwatch wearers\n\n  crampwatch wearers --add Anna"
        "\n\n  crampwatch wearers --add 'Anna B.' --id anna --timezone Europe/Lisbon"
    )(wearers)
    app.command(epilog="Examples:\n\n  crampwatch recordings\n\n  crampwatch recordings ~/nights")(
        recordings
    )
    app.command(
        epilog="Examples:\n\n  crampwatch export ~/nights/2026-11-20 plain-folder\n\n"
        "  crampwatch export ~/nights/2026-11-20 night.edf --format edf\n\n"
        "  crampwatch export --everything my-nights"
    )(export)
    app.command(
        epilog="Examples:\n\n  crampwatch backup 2026-11-22.db\n\n"
        "  crampwatch backup ~/backups/$(date +%F).db\n\nThe store may be in use meanwhile."
    )(backup)
    app.command(
        epilog="Examples:\n\n  crampwatch restore 2026-11-22.db\n\n"
        "  CRAMPWATCH_DATABASE_URL=postgresql://me@db/nights crampwatch restore 2026-11-22.db"
        "\n\nWhat was stored before is kept beside it."
    )(restore)
    app.command(
        epilog="Examples:\n\n  crampwatch erase anna\n\n  crampwatch erase --yes anna"
        "\n\nIt cannot be undone."
    )(erase)
    app.command(
        "import",
        epilog="Examples:\n\n  crampwatch import plain-folder ~/nights/2026-11-20\n\n"
        "  crampwatch import sleep-accel-1.0.0 ~/nights/sleep-accel",
    )(import_)
    app.command(
        epilog="Examples:\n\n  crampwatch verify ~/nights/2026-11-20\n\n"
        "  crampwatch verify ~/nights\n\nThe exit status is 1 where damage is found."
    )(verify)
    app.command(
        epilog="Examples:\n\n  crampwatch repair ~/nights/2026-11-20\n\n  crampwatch repair ."
    )(repair)


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
    timezone: Timezone = None,
    personal: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(
            metavar="FILE",
            help="Judge with the adjustment to the wearer's answers that `train --mine` made.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Judge recorded nights and store them."""
    from crampwatch.replay import replay_all, sample_nights

    wanted = list(paths or [])
    if samples:
        wanted += sample_nights()
    if not wanted:
        raise typer.BadParameter("name at least one recording, or use --samples", param_hint="PATH")
    failed = replay_all(
        wanted,
        as_json=as_json,
        store_them=not no_store,
        timezone=timezone,
        personal_file=personal,
    )
    if failed:
        raise typer.Exit(exits.BAD_INPUT)


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


def wearers(
    add: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(metavar="NAME", help="Add a wearer of this name.", show_default=False),
    ] = None,
    wearer_id: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--id", help="Id of the new one; made of the name.", show_default=False),
    ] = None,
    timezone: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(help="Zone at home of the new one; this machine's.", show_default=False),
    ] = None,
) -> None:
    """List whose nights are stored, or add a wearer."""
    from crampwatch.wearers import add_wearer, list_wearers

    if add is None:
        if wearer_id or timezone:
            raise typer.BadParameter("give the name of the new wearer: --add NAME")
        list_wearers()
    else:
        add_wearer(add, wearer_id, timezone)


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

        folder = load_settings().recordings_dir
        if not folder.exists():
            typer.echo(f"Nothing is recorded yet in {folder}.")
            return
    if list_recordings(folder):
        raise typer.Exit(exits.BAD_INPUT)


def export(
    recording: Annotated[
        Path,
        typer.Argument(
            readable=False,
            metavar="RECORDING",
            help="The recording; left out with --everything.",
        ),
    ],
    out: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Argument(
            readable=False,
            metavar="OUT",
            help="What to write; it must not be there yet.",
            show_default=False,
        ),
    ] = None,
    everything: Annotated[
        bool,
        typer.Option("--everything", help="Write all that is stored of the wearer instead."),
    ] = False,
    format_: Annotated[
        str, typer.Option("--format", metavar="folder|edf", help="What to write it as.")
    ] = "folder",
) -> None:
    """Write a recording, or all that is stored, for others.

    A recording as a plain folder or as EDF+, which holds the episodes found in it as well; all that
    is stored of a wearer as JSON and CSV.
    """
    if everything:
        from crampwatch.keeping import export_wearer

        if out is not None:
            raise typer.BadParameter("with --everything name only what to write", param_hint="OUT")
        export_wearer(recording)
        return
    if out is None:
        raise typer.BadParameter("name what to write", param_hint="OUT")
    from crampwatch.recordings import ExportFormat, export_recording

    if format_ not in list(ExportFormat):
        raise typer.BadParameter("use folder or edf", param_hint="--format")
    export_recording(recording, out, ExportFormat(format_))


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
    timezone: Timezone = None,
) -> None:
    """Bring recordings of any format into crampwatch's own."""
    from crampwatch.recordings import import_recordings

    if import_recordings(path, out, timezone):
        raise typer.Exit(exits.BAD_INPUT)


def backup(
    out: Annotated[
        Path,
        typer.Argument(
            readable=False, metavar="FILE", help="What to write; it must not be there yet."
        ),
    ],
) -> None:
    """Copy everything that is stored into one file."""
    from crampwatch.keeping import back_up_store

    back_up_store(out)


def restore(
    file: Annotated[
        Path, typer.Argument(readable=False, metavar="FILE", help="What `backup` wrote.")
    ],
) -> None:
    """Put a backup in the place of what is stored."""
    from crampwatch.keeping import restore_store

    restore_store(file)


def erase(
    wearer: Annotated[
        str, typer.Argument(metavar="WEARER", help="The wearer's id, as `wearers` lists it.")
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase everything that is stored of a wearer."""
    from crampwatch.keeping import erase_wearer

    erase_wearer(wearer, confirmed=yes)


def verify(
    paths: Annotated[
        list[Path],
        typer.Argument(readable=False, metavar="RECORDING", help="Recordings, or folders of them."),
    ],
) -> None:
    """Read recordings from end to end and say what is damaged."""
    from crampwatch.recordings import verify_recordings

    if verify_recordings(paths):
        raise typer.Exit(exits.DAMAGED)


def repair(
    recording: OneRecording,
) -> None:
    """Put what can be read of a damaged recording in its place.

    The damaged one is kept beside it.
    """
    from crampwatch.recordings import repair_recording

    repair_recording(recording)


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
