"""The one writer of a store: what waits to be written shares a transaction, and its flush to disk.

To flush a disk takes milliseconds, to write a row microseconds. So whatever arrives while the disk
is being flushed is written together and flushed once; a single piece of work waits for nobody.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import groupby
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any, TypeAlias, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session

__all__ = ["MOST_TOGETHER", "Around", "Observer", "Together", "Work", "Writer"]

Piece = TypeVar("Piece")
T = TypeVar("T")

Work: TypeAlias = Callable[[Session], T]
"""What is done in a transaction. It may be done twice, of which only the second time counts, so it
changes nothing but the session's database."""

Observer: TypeAlias = Callable[[int, float], None]
"""Told of a commit: how many pieces of work it was of, and how many seconds it took."""

Around: TypeAlias = Callable[[Connection], AbstractContextManager[None]]

MOST_TOGETHER = 256
"""Pieces of work in one transaction at the most: some tens of milliseconds of them, so that the
first does not wait for a crowd behind it."""


Together: TypeAlias = Callable[[Session, Sequence[Piece]], Sequence[T]]
"""Work on several pieces at once, which costs less than each for itself; gives a result for each,
in their order. Called with one alone it has to do the same."""


@dataclass(frozen=True, slots=True)
class _Job:
    """Work on a piece, to be done together with that on the pieces next to it."""

    work: Together[Any, Any]
    piece: Any
    future: Future[Any]


_Queue: TypeAlias = "SimpleQueue[_Job | None]"


class _WorkError(Exception):
    """Some work failed, and for which reason."""

    def __init__(self, reason: BaseException) -> None:
        super().__init__()
        self.reason = reason


class Writer:
    """Writes in a thread of its own, which begins with the first piece of work.

    Parameters
    ----------
    engine
        Whose transactions hold off every other writer from their beginning on.
    errors
        Turns what the database complains of into errors with advice.

    Attributes
    ----------
    on_commit
        Told of every commit, in the thread of the writer.
    around
        Entered when a transaction begins; left when it is to be committed, which it may do itself.
    """

    def __init__(self, engine: Engine, errors: Callable[[], AbstractContextManager[None]]) -> None:
        self._engine = engine
        self._errors = errors
        self.on_commit: Observer | None = None
        self.around: Around | None = None
        self._lock = Lock()
        self._running: tuple[Thread, _Queue] | None = None

    def submit(self, work: Work[T]) -> Future[T]:
        """Have some work done; it is on the disk when the future has its result.

        Work that fails leaves nothing behind, and fails no other that shared its transaction.
        """
        return self.submit_piece(lambda session, _: [work(session)], None)

    def submit_piece(self, work: Together[Piece, T], piece: Piece) -> Future[T]:
        """Have work done on a piece as `submit` does, at once with others next to it."""
        future: Future[T] = Future()
        with self._lock:
            if self._running is None:
                queue: _Queue = SimpleQueue()
                thread = Thread(
                    target=self._run, args=(queue,), name="crampwatch-writer", daemon=True
                )
                self._running = thread, queue
                thread.start()
            self._running[1].put(_Job(work, piece, future))
        return future

    @property
    def waiting(self) -> int:
        """How many pieces of work wait, as far as can be told while others come and go."""
        with self._lock:
            return 0 if self._running is None else self._running[1].qsize()

    def close(self) -> None:
        """Finish what was submitted, and end; work submitted later begins anew."""
        with self._lock:
            running, self._running = self._running, None
        if running is not None:
            thread, queue = running
            queue.put(None)
            thread.join()

    def _run(self, queue: _Queue) -> None:
        job = queue.get()
        while job is not None:
            jobs = [job]
            while len(jobs) < MOST_TOGETHER and not queue.empty():
                job = queue.get()
                if job is None:
                    break
                jobs.append(job)
            # Whoever no longer waits for it has it not done; from here on it cannot be called off.
            self._do([each for each in jobs if each.future.set_running_or_notify_cancel()])
            job = queue.get() if job is not None else None

    def _do(self, jobs: list[_Job]) -> None:
        try:
            results = self._together(jobs)
        except _WorkError as failed:
            if len(jobs) == 1:
                jobs[0].future.set_exception(failed.reason)
                return
            # Each is done for itself, and only the one that failed fails again.
            for job in jobs:
                self._do([job])
        except BaseException as error:
            # It was no work that failed, but the transaction: waiting its turn again and again
            # would help none of them.
            for job in jobs:
                job.future.set_exception(error)
        else:
            for job, result in zip(jobs, results, strict=True):
                job.future.set_result(result)

    def _together(self, jobs: list[_Job]) -> list[Any]:
        results: list[Any] = []
        began_s = time.perf_counter()
        around = self.around or nullcontext
        with self._errors(), self._engine.begin() as connection, around(connection):
            for work, group in groupby(jobs, key=lambda job: job.work):
                pieces = [job.piece for job in group]
                try:
                    # Each with its own session, so that nothing of one waits there for the next.
                    with self._errors(), Session(connection, expire_on_commit=False) as session:
                        results += work(session, pieces)
                        session.commit()
                except BaseException as error:
                    raise _WorkError(error) from error
        if self.on_commit is not None:
            self.on_commit(len(jobs), time.perf_counter() - began_s)
        return results
