"""Options that several commands have."""

from __future__ import annotations

import datetime
from typing import Annotated, Any, Optional

import typer

__all__ = ["MaybeText", "Until", "Wearer", "text_option"]

MaybeText = Optional[str]  # noqa: UP045  typer reads the annotation at run time

Wearer = Annotated[
    MaybeText,
    typer.Option(
        metavar="ID",
        help="Whose nights; those of CRAMPWATCH_WEARER or of the only wearer without it.",
        show_default=False,
    ),
]
Until = Annotated[
    Optional[datetime.datetime],  # noqa: UP045
    typer.Option(
        formats=["%Y-%m-%d"], help="Last night; last night without it.", show_default=False
    ),
]


def text_option(metavar: str, help: str) -> Any:  # noqa: A002  as typer calls it
    """Make an option that may be left out, and says nothing of a default."""
    return typer.Option(metavar=metavar, help=help, show_default=False)
