from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from ingest.errors import InputError
from server import audit
from server.alert_log import AlertEvent, StoredAlert, alerts, note_step, raise_alert
from server.diary import DiaryEntry, entries, put_entry, remove_entry
from server.kept_tables import AlertStep, Role
from server.notice_log import (
    TOO_LATE,
    StoredNotice,
    begin_try,
    due,
    give_up_overdue,
    note_failed,
    note_sent,
    notices,
    queue_notice,
    troubles,
)
from server.store import Store
from server.tokens import PREFIX, find_token, issue_token, revoke_token, tokens

if TYPE_CHECKING:
    from tests.server.conftest import NightMaker

ON_BOTH = True

NIGHT = date(2026, 11, 21)


@pytest.fixture
def two(store: Store) -> Store:
    for name in ("Anna", "Ben"):
        store.add_wearer(name, "Europe/Berlin")
    return store


# Diary


def entry(name: str = "e1", day: date = NIGHT, **payload: Any) -> DiaryEntry:
    return DiaryEntry(name, day, "drink", payload or {"litres": 1.5}, 5, "anna")


def put(store: Store, wearer: str, each: DiaryEntry) -> None:
    store.write(lambda session: put_entry(session, wearer, each))


def test_a_diary_entry_sent_twice_is_one_and_the_later_stands(two: Store) -> None:
    for litres in (1.5, 2.0):
        put(two, "anna", entry(litres=litres))
    with two.reading() as session:
        assert entries(session, "anna") == (entry(litres=2.0),)
        assert entries(session, "ben") == ()


def test_diary_entries_are_listed_by_day_and_kind(two: Store) -> None:
    for day in (23, 21, 22):
        put(two, "anna", entry(f"e{day}", date(2026, 11, day)))
    with two.reading() as session:
        assert [each.id for each in entries(session, "anna")] == ["e21", "e22", "e23"]
        within = (date(2026, 11, 22), date(2026, 11, 22))
        assert [each.id for each in entries(session, "anna", within)] == ["e22"]
        assert entries(session, "anna", kind="sport") == ()


@pytest.mark.parametrize(
    ("payload", "said"),
    [({"x": float("nan")}, "as JSON"), ({"x": {1}}, "as JSON"), ({"x": "y" * 20_000}, "too long")],
)
def test_a_diary_entry_that_is_no_json_or_a_book_is_refused(
    two: Store, payload: dict[str, Any], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        put(two, "anna", entry(**payload))


def test_nobody_writes_or_removes_anothers_entry(two: Store) -> None:
    put(two, "anna", entry())
    with pytest.raises(InputError, match="its id is taken"):
        put(two, "ben", entry())
    assert two.write(lambda session: remove_entry(session, "ben", "e1")) is False
    assert two.write(lambda session: remove_entry(session, "anna", "e1")) is True
    with two.reading() as session:
        assert entries(session, "anna") == ()


# Alerts


def raised(
    store: Store,
    wearer: str = "anna",
    layer: str = "sudden",
    night: date = NIGHT,
    *,
    nights: int = 4,
    at_ns: int = 10,
) -> StoredAlert:
    return store.write(
        lambda session: raise_alert(session, wearer, layer, night, {"nights": nights}, at_ns=at_ns)
    )


def test_an_alert_is_raised_once_whatever_is_judged_anew(two: Store) -> None:
    first = raised(two)
    assert raised(two, nights=6, at_ns=20) == first
    assert first.numbers == {"nights": 4}
    assert first.events == (AlertEvent(AlertStep.RAISED, 10, "crampwatch", NIGHT),)


def test_alerts_are_told_apart_by_wearer_layer_and_night(two: Store) -> None:
    found = [
        raised(two),
        raised(two, layer="creeping"),
        raised(two, night=date(2026, 11, 22)),
        raised(two, "ben"),
    ]
    assert len({each.id for each in found}) == 4
    with two.reading() as session:
        assert [each.night.day for each in alerts(session, "anna")] == [22, 21, 21]
        assert len(alerts(session, "anna", (NIGHT, NIGHT))) == 2
        assert len(alerts(session, "ben")) == 1


def test_the_life_of_an_alert_is_kept_with_who_and_when(two: Store) -> None:
    alert = raised(two)

    def step(kind: AlertStep, at_ns: int, who: str) -> None:
        two.write(lambda session: note_step(session, "anna", alert.id, kind, at_ns=at_ns, who=who))

    step(AlertStep.SEEN, 20, "anna")
    step(AlertStep.SEEN, 21, "anna")
    step(AlertStep.SEEN, 22, "carl")
    step(AlertStep.ACKNOWLEDGED, 30, "anna")
    step(AlertStep.RAISED, 35, "anna")
    step(AlertStep.CLEARED, 40, "crampwatch")
    with two.reading() as session:
        (kept,) = alerts(session, "anna")
    assert [(each.step.value, each.at_ns, each.who) for each in kept.events] == [
        ("raised", 10, "crampwatch"),
        ("seen", 20, "anna"),
        ("seen", 22, "carl"),
        ("acknowledged", 30, "anna"),
        ("cleared", 40, "crampwatch"),
    ]


def test_nobody_acknowledges_anothers_alert(two: Store) -> None:
    alert = raised(two)
    done = two.write(
        lambda session: note_step(
            session, "ben", alert.id, AlertStep.ACKNOWLEDGED, at_ns=20, who="ben"
        )
    )
    assert done is None
    with two.reading() as session:
        assert len(alerts(session, "anna")[0].events) == 1


def test_an_alert_outlives_the_recording_it_was_raised_for(
    two: Store, make_night: NightMaker
) -> None:
    two.save(make_night(NIGHT), "anna")
    raised(two)
    two.remove("anna", ["rec-1"])
    with two.reading() as session:
        assert len(alerts(session, "anna")) == 1


# Notices


def queued(store: Store, channel: str = "e-mail", *, due_ns: int = 10) -> bool:
    return store.write(
        lambda session: queue_notice(
            session, "anna", channel, "morning:21", "Good", due_ns=due_ns, give_up_ns=1000
        )
    )


def try_once(store: Store, notice: StoredNotice, outcome: Callable[[Session], None]) -> None:
    with store.reading() as session:
        (seen,) = (each for each in notices(session, "anna") if each.id == notice.id)
    assert store.write(lambda session: begin_try(session, seen, next_try_ns=1000))
    assert not store.write(lambda session: begin_try(session, seen, next_try_ns=1001))
    with store.reading() as session:
        assert notice.id not in [each.id for each in due(session, 999)]
    store.write(outcome)


def test_a_notice_is_queued_once_and_sent_once(two: Store) -> None:
    assert [queued(two), queued(two), queued(two, "ntfy", due_ns=30)] == [True, False, True]
    with two.reading() as session:
        assert due(session, 9) == ()
        (notice,) = due(session, 10)
    try_once(two, notice, lambda session: note_failed(session, notice.id, "off", next_try_ns=20))
    with two.reading() as session:
        assert due(session, 19) == ()
        assert [(each.tries, each.problem) for each in due(session, 20)] == [(1, "off")]
    try_once(two, notice, lambda session: note_sent(session, notice.id, at_ns=21))
    assert not queued(two)
    with two.reading() as session:
        assert [each.channel for each in due(session, 99)] == ["ntfy"]
        sent = notices(session, "anna")[0]
        assert notices(session, "ben") == ()
    assert (sent.sent_ns, sent.tries, sent.problem) == (21, 2, "")


def test_a_notice_that_is_given_up_is_not_tried_again_and_shown(two: Store) -> None:
    queued(two)
    with two.reading() as session:
        (notice,) = notices(session, "anna")
    two.write(lambda session: note_failed(session, notice.id, "no such address", next_try_ns=None))
    with two.reading() as session:
        assert due(session, 10**18) == ()
        assert notices(session, "anna")[0].problem == "no such address"


def test_what_is_too_old_to_be_sent_is_given_up_and_says_so(two: Store) -> None:
    queued(two)
    queued(two, "ntfy")
    with two.reading() as session:
        first, _ = notices(session, "anna")
    two.write(lambda session: note_failed(session, first.id, "no answer", next_try_ns=20))
    two.write(lambda session: give_up_overdue(session, 999))
    with two.reading() as session:
        assert len(due(session, 999)) == 2
    two.write(lambda session: give_up_overdue(session, 1000))
    with two.reading() as session:
        assert due(session, 10**18) == ()
        assert [each.problem for each in notices(session, "anna")] == ["no answer", TOO_LATE]


def test_a_channel_is_in_trouble_until_its_next_notice_is_sent(two: Store) -> None:
    def trouble() -> list[str]:
        with two.reading() as session:
            return [each.channel for each in troubles(session, "anna")]

    queued(two)
    queued(two, "ntfy")
    assert trouble() == []
    with two.reading() as session:
        first, second = notices(session, "anna")
    two.write(lambda session: note_failed(session, first.id, "no answer", next_try_ns=None))
    two.write(lambda session: note_sent(session, second.id, at_ns=5))
    assert trouble() == ["e-mail"]
    two.write(
        lambda session: queue_notice(
            session, "anna", "e-mail", "alert:1", "Good", due_ns=6, give_up_ns=9
        )
    )
    assert trouble() == ["e-mail"]
    with two.reading() as session:
        third = notices(session, "anna")[-1]
    two.write(lambda session: note_sent(session, third.id, at_ns=7))
    assert trouble() == []


# Tokens


def test_the_text_of_a_token_is_nowhere_in_the_database(two: Store) -> None:
    token, shown = two.write(
        lambda session: issue_token(
            session, "bed", Role.COLLECTOR, wearer="anna", now_ns=1, scopes={"b", "a"}
        )
    )
    assert shown.startswith(PREFIX)
    assert len(shown) == len(PREFIX) + 43
    with two.reading() as session:
        kept = str(session.execute(text("SELECT * FROM tokens")).all())
        assert shown.removeprefix(PREFIX) not in kept
        assert find_token(session, shown, now_ns=2) == token
        assert tokens(session) == (token,)
    assert (token.role, token.wearer, token.scopes) == (Role.COLLECTOR, "anna", ("a", "b"))


def test_a_token_is_of_no_use_once_it_expired_or_was_revoked(two: Store) -> None:
    token, shown = two.write(
        lambda session: issue_token(
            session, "report", Role.DOCTOR, wearer="anna", now_ns=1, expires_ns=10
        )
    )
    with two.reading() as session:
        assert find_token(session, shown, now_ns=9) == token
        assert find_token(session, shown, now_ns=10) is None
        assert find_token(session, shown + "x", now_ns=9) is None
    assert two.write(lambda session: revoke_token(session, token.id, now_ns=5)) is True
    assert two.write(lambda session: revoke_token(session, "nobody", now_ns=5)) is False
    with two.reading() as session:
        assert find_token(session, shown, now_ns=6) is None
        assert tokens(session)[0].revoked_ns == 5


# Audit


def test_the_audit_log_says_who_did_what_when(two: Store) -> None:
    for wearer, action, at_ns in (("anna", "export", 5), (None, "backup", 6)):
        two.write(
            lambda session, w=wearer, a=action, t=at_ns: audit.note(  # type: ignore[misc]
                session, "owner", a, "store", at_ns=t, wearer=w
            )
        )
    with two.reading() as session:
        assert audit.audited(session) == (
            audit.Audited(1, 5, "owner", "export", "store", "anna"),
            audit.Audited(2, 6, "owner", "backup", "store", None),
        )
