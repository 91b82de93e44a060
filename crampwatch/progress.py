"""How far a replay has come, shown on a terminal and nowhere else."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import TYPE_CHECKING, Self

from ingest.samples import NS_PER_S, RecordingInfo

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

__all__ = ["NightProgress"]


class NightProgress:
    """A line on standard error with the night being read; silent where that is no terminal."""

    def __init__(self) -> None:
        self._progress: Progress | None = None
        self._task: TaskID | None = None
        self._start_ns = 0

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

            self._progress = Progress(
                SpinnerColumn(),
                TextColumn("{task.description}  {task.fields[read]}"),
                TimeElapsedColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self._progress.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._progress is not None:
            self._progress.stop()

    def begin(self, info: RecordingInfo) -> None:
        """Start the line of the next recording."""
        self._start_ns = info.start_ns
        if self._progress is not None:
            if self._task is not None:
                self._progress.remove_task(self._task)
            self._task = self._progress.add_task(info.name, read="")

    def reached(self, time_ns: int) -> None:
        """Say up to which moment of the night samples were read."""
        if self._progress is not None and self._task is not None:
            minutes = (time_ns - self._start_ns) // (60 * NS_PER_S)
            self._progress.update(self._task, read=f"{minutes // 60} h {minutes % 60:02d} min read")
