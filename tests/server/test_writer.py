from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from threading import Event
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from ingest.errors import InputError, StoreError
from server import wearers
from server.store import Store

ON_BOTH = True


def adding(number: int) -> Callable[[Session], str]:
    def work(session: Session) -> str:
        return wearers.add(session, f"w{number}", "UTC").id

    return work


def refused(session: Session) -> None:
    wearers.add(session, "gone again", "UTC")
    raise InputError("no")


def known(store: Store) -> set[str]:
    with store.reading() as session:
        return {each.id for each in wearers.everybody(session)}


@pytest.fixture
def commits(store: Store) -> list[None]:
    seen: list[None] = []
    event.listen(store._database.engine, "commit", lambda _: seen.append(None))
    return seen


def held_back(store: Store, *works: Callable[[Session], Any]) -> list[Future[Any]]:
    """Submit some work while the writer is busy, so that all of it waits."""
    with busy_writer(store):
        return [store.submit(work) for work in works]


@contextmanager
def busy_writer(store: Store) -> Iterator[None]:
    """Keep the writer busy meanwhile."""
    busy, free = Event(), Event()

    def wait(_: Session) -> None:
        busy.set()
        assert free.wait(20)

    first = store.submit(wait)
    assert busy.wait(20)
    yield
    free.set()
    first.result(20)


def test_what_waits_is_committed_together(store: Store, commits: list[None]) -> None:
    waiting = held_back(store, *(adding(number) for number in range(20)))
    assert [each.result(20) for each in waiting] == [f"w{number}" for number in range(20)]
    assert len(commits) == 2
    assert len(known(store)) == 20


def test_work_that_fails_leaves_nothing_and_fails_no_other(
    store: Store, commits: list[None]
) -> None:
    one, bad, other = held_back(store, adding(1), refused, adding(2))
    assert (one.result(20), other.result(20)) == ("w1", "w2")
    with pytest.raises(InputError, match="no"):
        bad.result(20)
    assert known(store) == {"w1", "w2"}


def test_a_complaint_of_the_database_comes_with_advice_and_to_its_own_work_alone(
    store: Store,
) -> None:
    good, bad = held_back(
        store, adding(1), lambda session: session.execute(text("SELECT * FROM nothing"))
    )
    assert good.result(20) == "w1"
    with pytest.raises(StoreError, match="nothing"):
        bad.result(20)


def test_later_work_sees_what_earlier_work_of_the_same_commit_wrote(store: Store) -> None:
    def count(session: Session) -> int:
        return len(wearers.everybody(session))

    assert [each.result(20) for each in held_back(store, adding(1), count)] == ["w1", 1]


def test_closing_finishes_what_was_submitted(store: Store) -> None:
    waiting = [store.submit(adding(number)) for number in range(50)]
    store.close()
    assert all(each.done() for each in waiting)
    assert store.submit(adding(50)).result(20) == "w50"
    assert len(known(store)) == 51


def test_work_that_nobody_waits_for_any_more_is_not_done(store: Store) -> None:
    busy, free = Event(), Event()

    def wait(_: Session) -> None:
        busy.set()
        assert free.wait(20)

    store.submit(wait)
    assert busy.wait(20)
    gone, kept = store.submit(adding(1)), store.submit(adding(2))
    assert gone.cancel()
    free.set()
    assert kept.result(20) == "w2"
    assert known(store) == {"w2"}
    assert store.submit(adding(3)).result(20) == "w3"


def test_where_no_transaction_can_begin_all_that_wait_fail_at_once(store: Store) -> None:
    begun: list[None] = []

    def refuse(_: object) -> None:
        begun.append(None)
        if len(begun) > 1:
            raise OperationalError("BEGIN", None, Exception("locked"))

    event.listen(store._database.engine, "begin", refuse)
    waiting = held_back(store, *(adding(number) for number in range(9)))
    for each in waiting:
        with pytest.raises(StoreError, match="locked"):
            each.result(20)
    assert len(begun) == 2
    event.remove(store._database.engine, "begin", refuse)
    assert store.submit(adding(9)).result(20) == "w9"


def test_pieces_of_the_same_work_are_done_at_once_and_each_has_its_result(
    store: Store,
) -> None:
    done: list[list[int]] = []

    def double(session: Session, pieces: Sequence[int]) -> list[int]:
        done.append(list(pieces))
        return [2 * each for each in pieces]

    with busy_writer(store):
        first = [store.submit_piece(double, number) for number in range(3)]
        other = store.submit(lambda session: "other")
        last = store.submit_piece(double, 3)
    assert [each.result(20) for each in (*first, last)] == [0, 2, 4, 6]
    assert other.result(20) == "other"
    assert done == [[0, 1, 2], [3]]


def test_a_piece_that_fails_is_done_alone_and_fails_no_other(store: Store) -> None:
    def halve(session: Session, pieces: Sequence[int]) -> list[float]:
        for each in pieces:
            adding(each)(session)
        return [1 / each for each in pieces]

    with busy_writer(store):
        jobs = [store.submit_piece(halve, number) for number in (2, 0, 4)]
    assert [jobs[0].result(20), jobs[2].result(20)] == [0.5, 0.25]
    with pytest.raises(ZeroDivisionError):
        jobs[1].result(20)
    assert known(store) == {"w2", "w4"}
