from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import ServerError
from ingest.samples import NS_PER_S
from server.notice_log import StoredNotice, give_up_overdue, notices, queue_notice
from server.notify.delivery import FIRST_WAIT_S, LONGEST_WAIT_S, deliver, wait_s
from server.store import Store
from tests.server.notify.conftest import Clock, Postbox

ON_BOTH = True

HOUR_NS = 3600 * NS_PER_S


def queued(store: Store, key: str = "alert:1", *, hours: int = 12) -> None:
    now_ns = store.now_ns()
    store.write(
        lambda session: queue_notice(
            session, "anna", "post", key, f"Of {key}", due_ns=now_ns,
            give_up_ns=now_ns + hours * HOUR_NS,
        )
    )  # fmt: skip


def of_anna(store: Store) -> StoredNotice:
    with store.reading() as session:
        return notices(session, "anna")[-1]


def run(store: Store, box: Postbox, *, quiet: bool = False) -> None:
    deliver(store, box, lambda notice: not quiet, Random(1))


def test_a_notice_is_sent_once(dated: Store, clock: Clock) -> None:
    box = Postbox()
    queued(dated)
    for _ in range(3):
        run(dated, box)
        clock.forward(hours=1)
    assert box.texts == ["Of alert:1"]
    assert of_anna(dated).sent_ns == clock.ns() - 3 * HOUR_NS


def test_what_nobody_took_is_tried_again_later_and_says_why(dated: Store, clock: Clock) -> None:
    box = Postbox(problem=ServerError("The server there cannot be reached."))
    queued(dated)
    run(dated, box)
    failed = of_anna(dated)
    assert (failed.tries, failed.sent_ns) == (1, None)
    assert failed.problem == "The server there cannot be reached."
    assert failed.next_try_ns is not None
    wait = (failed.next_try_ns - clock.ns()) / NS_PER_S
    assert FIRST_WAIT_S / 2 <= wait <= FIRST_WAIT_S
    box.problem = None
    run(dated, box)
    assert box.texts == []
    clock.forward(seconds=FIRST_WAIT_S)
    run(dated, box)
    assert box.texts == ["Of alert:1"]
    assert (of_anna(dated).tries, of_anna(dated).problem) == (2, "")


def test_it_is_given_up_after_its_time_and_not_tried_after(dated: Store, clock: Clock) -> None:
    box = Postbox(problem=ServerError("No answer."))
    queued(dated, hours=12)
    until = clock.now + timedelta(hours=13)
    while clock.now < until:
        run(dated, box)
        dated.write(lambda session: give_up_overdue(session, clock.ns()))
        clock.forward(minutes=10)
    given_up = of_anna(dated)
    assert (given_up.next_try_ns, given_up.sent_ns, given_up.problem) == (None, None, "No answer.")
    # Six while the wait doubles up to an hour, then one for each hour or less of the rest.
    assert 15 <= given_up.tries <= 6 + 2 * 12
    box.problem = None
    run(dated, box)
    assert box.texts == []


def test_what_asking_again_would_not_mend_is_given_up_at_once(dated: Store) -> None:
    queued(dated)
    run(dated, Postbox(problem=ServerError("Gone.", final=True)))
    assert (of_anna(dated).tries, of_anna(dated).next_try_ns) == (1, None)


def test_in_quiet_hours_it_waits_and_no_try_is_counted(dated: Store, clock: Clock) -> None:
    box = Postbox()
    queued(dated)
    run(dated, box, quiet=True)
    assert (of_anna(dated).tries, box.texts) == (0, [])
    clock.forward(hours=1)
    run(dated, box)
    assert box.texts == ["Of alert:1"]


class Killed(BaseException):
    """Stands for a power cut in the midst of sending."""


class Dies(Postbox):
    def send(self, notice: StoredNotice) -> None:
        super().send(notice)
        raise Killed


def test_killed_between_sending_and_noting_it_is_sent_again_after_a_wait(
    dated: Store, clock: Clock
) -> None:
    box = Dies()
    queued(dated)
    with pytest.raises(Killed):
        run(dated, box)
    after = of_anna(dated)
    assert (after.tries, after.sent_ns) == (1, None)
    again = Postbox()
    run(dated, again)
    assert again.texts == []
    clock.forward(seconds=FIRST_WAIT_S)
    run(dated, again)
    assert [each.key for each in box.taken + again.taken] == ["alert:1", "alert:1"]
    assert of_anna(dated).sent_ns is not None


def test_two_who_send_at_once_send_it_once(dated: Store) -> None:
    first, second = Postbox(), Postbox()
    queued(dated)

    def meanwhile(notice: StoredNotice) -> bool:
        run(dated, second)
        return True

    deliver(dated, first, meanwhile, Random(1))
    assert (first.texts, second.texts) == ([], ["Of alert:1"])


def test_one_that_fails_holds_up_no_other(dated: Store) -> None:
    class Picky(Postbox):
        def send(self, notice: StoredNotice) -> None:
            if notice.key == "alert:1":
                raise ServerError("Not this one.")
            super().send(notice)

    queued(dated, "alert:1")
    queued(dated, "alert:2")
    box = Picky()
    run(dated, box)
    assert box.texts == ["Of alert:2"]


@given(st.integers(1, 10_000), st.integers())
def test_the_wait_doubles_up_to_an_hour_and_is_never_the_same_for_all(
    tries: int, seed: int
) -> None:
    longest = min(FIRST_WAIT_S * 2 ** (tries - 1), LONGEST_WAIT_S) if tries < 9 else LONGEST_WAIT_S
    assert longest / 2 <= wait_s(tries, Random(seed)) <= longest
    assert len({wait_s(tries, Random(each)) for each in range(5)}) == 5
