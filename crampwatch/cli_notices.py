"""The commands for notices: what became of them, and a test."""

from __future__ import annotations

from typing import Annotated

import typer

from crampwatch import exits

__all__ = ["register"]

TEST_EXAMPLES = (
    "Examples:\n\n  crampwatch notify test\n\n"
    "  CRAMPWATCH_NOTICE_URLS=ntfys://ntfy.sh/TOPIC crampwatch notify test\n\n"
    "The exit status is 0 where every channel took it, 1 where one did not, and 2 where none is "
    "set."
)


def register(app: typer.Typer) -> None:
    """Add the commands to the door."""
    app.command(epilog="Examples:\n\n  crampwatch notices\n\n  crampwatch notices --newest 100")(
        notices
    )
    notify = typer.Typer(
        help="Try whether notices arrive.",
        epilog=TEST_EXAMPLES,
        no_args_is_help=True,
        rich_markup_mode=None,
        subcommand_metavar="{COMMAND} [ARGS]...",
    )

    # With a single command, typer would take it for the group itself.
    @notify.callback()
    def group() -> None: ...

    notify.command(epilog=TEST_EXAMPLES)(test)
    app.add_typer(notify, name="notify")


def notices(
    newest: Annotated[int, typer.Option(help="How many, of all.", min=1, max=10_000)] = 20,
) -> None:
    """List the newest notices, and what became of each."""
    from crampwatch.telling import list_notices

    list_notices(newest)


def test() -> None:
    """Send a test on every channel, and say what came of it."""
    from crampwatch.telling import send_test

    if not send_test():
        raise typer.Exit(exits.NOT_SENT)
