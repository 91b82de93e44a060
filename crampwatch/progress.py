"""How far it has come: a replay on a terminal alone, a training in a log as well."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

from crampwatch.output import complain, new_console, one_line
from ingest.samples import NS_PER_S, RecordingInfo

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

__all__ = ["NightProgress", "show_count", "show_step"]

ALMOST = 0.999
"""Most of a night that is shown as read: at 1 the clock beside the bar would stop."""

PARTS_LOGGED = 10
"""Parts of a long count after each of which a log gets a line: enough to see that it goes on."""


def show_step(step: str | None) -> None:
    """Say on standard error what is being done, in a line of its own where that is no terminal.

    Parameters
    ----------
    step
        None where it is done: a terminal shows nothing more of it.
    """
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{step} ..." if step else "\r\x1b[K")
        sys.stderr.flush()
    elif step:
        complain(step)


def show_count(number: int, of: int, what: str) -> None:
    """Say how many of them are done, after every tenth of them where that is no terminal."""
    part, before = (PARTS_LOGGED * each // of for each in (number, number - 1))
    if sys.stderr.isatty() or part > before:
        show_step(f"{number} of {of} {what}")


class NightProgress:
    """A line on standard error with the night being read; silent where that is no terminal.

    Parameters
    ----------
    of
        How many recordings there are.
    """

    def __init__(self, of: int = 1) -> None:
        self._of = of
        self._number = 1
        self._progress: Progress | None = None
        self._task: TaskID | None = None
        self._start_ns = 0

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

            self._progress = Progress(
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                TextColumn("{task.fields[read]}", markup=False),
                TimeElapsedColumn(),
                console=new_console(stderr=True),
                transient=True,
                # Else rich would send what is printed meanwhile, the result, to standard error.
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._task = self._progress.add_task("", total=None, read="")
            self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._progress is not None:
            self._progress.stop()

    def turn(self, number: int) -> None:
        """Say which recording it is the turn of, from 1."""
        self._number = number

    def begin(self, info: RecordingInfo) -> None:
        """Start on the next recording."""
        self._start_ns = info.start_ns
        if self._progress is not None and self._task is not None:
            count = f"{self._number} of {self._of}  " if self._of > 1 else ""
            self._progress.update(
                self._task, description=count + one_line(info.name), completed=0, read=""
            )

    def reached(self, time_ns: int, part: float | None = None) -> None:
        """Say up to which moment of the night samples were read.

        Parameters
        ----------
        part
            Part of the recording that this is, 0 to 1, where it is known.
        """
        if self._progress is not None and self._task is not None:
            minutes = (time_ns - self._start_ns) // (60 * NS_PER_S)
            self._progress.tasks[0].total = None if part is None else 1.0
            self._progress.update(
                self._task,
                completed=min(part or 0.0, ALMOST),
                read=f"{minutes // 60} h {minutes % 60:02d} min read",
            )

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Take the line off the screen while something else is printed."""
        if self._progress is None:
            yield
            return
        self._progress.stop()
        try:
            yield
        finally:
            self._progress.start()
