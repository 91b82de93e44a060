"""Options that several commands have."""

from __future__ import annotations

import datetime
from typing import Annotated, Optional

import typer

__all__ = ["Until", "Wearer"]

Wearer = Annotated[
    Optional[str],  # noqa: UP045  typer reads the annotation at run time
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
