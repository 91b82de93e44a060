from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.orm import Session
from sqlalchemy.pool import PoolProxiedConnection

from server.alerting import _PASTS
from server.app import create_app
from server.elsewhere import Elsewhere
from server.events import Event, EventKind, Events
from server.known_nights import _KNOWN
from server.live import Live
from server.over_time import _USUAL, usual_week
from server.settings import Settings
from server.store import Store
from tests.server.conftest import client_of

if TYPE_CHECKING:
    from tests.server.conftest import NightMaker, StoreOpener

ON_BOTH = True

NIGHT = date(2026, 11, 9)


class Heard(Events):
    def __init__(self) -> None:
        super().__init__("run")
        self.nights: list[tuple[str, str | None]] = []

    def publish(self, wearer: str, kind: EventKind, href: str | None = None) -> None:
        assert kind is EventKind.NIGHT
        self.nights.append((wearer, href))


@pytest.fixture
def beside(store: Store, open_store: StoreOpener) -> Iterator[Store]:
    """The same store, as another program has it open."""
    with open_store() as opened:
        yield opened


@pytest.fixture
def only_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.elsewhere.LOOK_AGAIN_S", 3600.0)


@pytest.mark.usefixtures("only_when_asked")
def test_what_another_program_writes_is_told_once_and_what_this_one_writes_is_not(
    store: Store, beside: Store, make_night: NightMaker
) -> None:
    store.add_wearer("Anna", "Europe/Berlin")
    store.add_wearer("Ben", "Europe/Berlin")
    store.save(make_night(NIGHT, id="before"), "anna")
    heard = Heard()
    with Elsewhere(store, heard) as elsewhere:
        elsewhere.look()
        assert heard.nights == []
        beside.save(make_night(NIGHT + timedelta(days=1), id="replayed"), "anna")
        store.save(make_night(NIGHT + timedelta(days=2), id="own"), "anna")
        beside.save(make_night(NIGHT + timedelta(days=3), id="of ben"), "ben")
        elsewhere.look()
        assert heard.nights == [
            ("anna", "/api/v1/nights/2026-11-10"),
            ("ben", "/api/v1/nights/2026-11-12"),
        ]
        beside.remove("anna", ["replayed"])
        store.remove("anna", ["own"])
        elsewhere.look()
        elsewhere.look()
    assert heard.nights[2:] == [("anna", "/api/v1/nights/2026-11-10")]


@pytest.mark.usefixtures("only_when_asked")
def test_work_of_ours_that_failed_hides_nothing_of_another_program(
    store: Store, beside: Store, make_night: NightMaker
) -> None:
    store.save(make_night(NIGHT, id="before"), "me")
    heard = Heard()

    def failing(session: Session) -> None:
        session.connection().exec_driver_sql("DELETE FROM episodes")
        raise ValueError("it is not to be")

    with Elsewhere(store, heard) as elsewhere:
        with pytest.raises(ValueError, match="it is not to be"):
            store.write(failing)
        beside.remove("me", ["before"])
        elsewhere.look()
    assert heard.nights == [("me", "/api/v1/nights/2026-11-09")]


@pytest.mark.usefixtures("only_when_asked")
def test_what_we_could_not_commit_hides_nothing_of_another_program(
    store: Store, beside: Store, make_night: NightMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialect = store._database.writing.dialect

    def gone(connection: PoolProxiedConnection) -> None:
        dialect.do_rollback(connection)
        raise RuntimeError("the disk went away")

    heard = Heard()
    with Elsewhere(store, heard) as elsewhere:
        store.add_wearer("Anna", "Europe/Berlin")
        with monkeypatch.context() as patched:
            patched.setattr(dialect, "do_commit", gone)
            with pytest.raises(RuntimeError, match="the disk went away"):
                store.save(make_night(NIGHT, id="lost"))
        beside.save(make_night(NIGHT, id="replayed"))
        elsewhere.look()
        store.save(make_night(NIGHT + timedelta(days=1), id="own"))
        elsewhere.look()
    assert heard.nights == [("anna", "/api/v1/nights/2026-11-09")]


@pytest.mark.usefixtures("only_when_asked")
def test_whom_another_program_erased_is_forgotten_and_nobody_else_is(
    store: Store, beside: Store, make_night: NightMaker
) -> None:
    for wearer in ("anna", "ben"):
        store.add_wearer(wearer, "Europe/Berlin", id=wearer)
        store.save(make_night(NIGHT, id=f"of {wearer}"), wearer)
    with Elsewhere(store, Heard()) as elsewhere:
        for wearer in ("anna", "ben"):
            assert usual_week(store, wearer) is None
        kept = [each[store] for each in (_KNOWN, _PASTS, _USUAL)]
        assert [set(each) for each in kept] == [{"anna", "ben"}] * 3
        beside.erase("anna")
        elsewhere.look()
    assert [set(each) for each in kept] == [{"ben"}] * 3


def test_who_listens_to_a_server_hears_of_a_night_that_was_replayed_beside_it(
    settings: Settings,
    beside: Store,
    make_night: NightMaker,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("server.elsewhere.LOOK_AGAIN_S", 0.01)
    live = Live()

    async def next_event(last_id: str | None) -> Event:
        with live.events.listening("me", last_id) as listener:
            return await anext(listener)

    with client_of(create_app(settings, live=live)):
        hello = asyncio.run(next_event(None))
        beside.save(make_night(NIGHT))
        told = asyncio.run(next_event(hello.id))
    assert (told.kind, told.href) == (EventKind.NIGHT, "/api/v1/nights/2026-11-09")
