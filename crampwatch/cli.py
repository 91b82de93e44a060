"""The command line. Each command imports what it needs when it runs, so that help is instant."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Any, Optional

import typer
from typer.core import TyperGroup

from crampwatch import (
    cli_access,
    cli_alerts,
    cli_night,
    cli_notices,
    cli_recordings,
    cli_report,
    cli_studies,
    exits,
)
from crampwatch.output import complain, take_any_text
from ingest.errors import CrampwatchError, SettingsError

__all__ = ["app", "main"]


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
            raise typer.Exit(exits.BAD_INPUT) from error
        except KeyboardInterrupt as stop:
            complain("stopped")
            raise typer.Exit(exits.INTERRUPTED) from stop
        except BrokenPipeError as gone:
            # What is still to be written at the end goes nowhere, without a complaint.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(exits.NOT_READ) from gone
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
cli_recordings.register(app)
cli_alerts.register(app)
cli_notices.register(app)
cli_access.register(app)
cli_report.register(app)


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


@app.command(epilog="Examples:\n\n  crampwatch serve\n\n  crampwatch serve --port 9000")
def serve(
    host: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            help="Address to listen on; loopback unless a password is set.",
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


# Here, so that the help lists them after `serve`.
cli_studies.register(app)


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
            raise typer.Exit(exits.DISAGREES)
    elif vectors is None and kind is not None and digits is not None:
        decode_frame(kind, digits)
    else:
        raise typer.BadParameter("give either KIND and HEX, or --vectors FILE")
