from __future__ import annotations

import io
import json
import re
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from argon2 import profiles

from server import audit, passwords, people
from server.store import Store
from tests.crampwatch.conftest import NOW

if TYPE_CHECKING:
    from tests.crampwatch.conftest import Command, Outcome

PASSWORD = "three quiet words"


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "PROFILE", profiles.CHEAPEST)


def typed(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    """Sit at a terminal and type passwords."""
    waiting = list(lines)
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stdin", terminal)
    monkeypatch.setattr("crampwatch.access.getpass", lambda _: waiting.pop(0))


@pytest.fixture
def owned(crampwatch: Command, monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command, of a store with a password and two wearers."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{PASSWORD}\n"))
    assert crampwatch("password", "--stdin").status == 0
    for name in ("Anna", "Ben"):
        assert crampwatch("wearers", "--add", name).status == 0
    return crampwatch


def done(tmp_path: Path) -> list[tuple[str, str, str]]:
    with Store.open(f"sqlite:///{tmp_path}/store/crampwatch.db") as store, store.reading() as s:
        return [(each.who, each.action, each.what) for each in audit.audited(s)]


def test_a_password_is_typed_twice_and_kept_hashed(
    crampwatch: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    typed(monkeypatch, PASSWORD, PASSWORD)
    outcome = crampwatch("password")
    assert outcome.status == 0
    assert "The password is set. Log in as owner" in outcome.out
    assert PASSWORD not in outcome.out + outcome.err
    with Store.open(f"sqlite:///{tmp_path}/store/crampwatch.db") as store, store.reading() as s:
        found = people.find_person(s, "owner")
    assert found is not None
    assert passwords.is_password(PASSWORD, found[1])
    assert done(tmp_path) == [("owner", "set a password", "owner")]


def refused(outcome: Outcome, why: str) -> None:
    assert outcome.status == 2
    assert why in outcome.err
    assert "Traceback" not in outcome.err


def test_a_password_that_cannot_be_used_changes_nothing(
    crampwatch: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    typed(monkeypatch, PASSWORD, "three quiet word")
    refused(crampwatch("password"), "two different passwords. Nothing was changed.")
    typed(monkeypatch, "too short", "too short")
    refused(crampwatch("password"), "A password has 12 to 256 characters")
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    refused(crampwatch("password"), "Give it as one line with --stdin.")
    refused(crampwatch("password", "--stdin"), "A password has 12 to 256 characters")
    refused(crampwatch("password", "carl"), "Nobody logs in as 'carl'. See `crampwatch people")
    assert done(tmp_path) == []


def test_people_are_added_listed_and_removed(
    owned: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    typed(monkeypatch, "a word and another", "a word and another")
    added = owned("people", "add", "Zoë", "--role", "carer", "--wearer", "anna")
    assert added.out == "Zoë may log in as zoe, and read the nights of anna.\n"
    assert owned("people", "list").out.splitlines() == [
        "owner: Owner, owner, for everybody's nights",
        "zoe: Zoë, carer, for the nights of anna",
    ]
    assert owned("people", "remove", "zoe").out == "zoe may log in no more.\n"
    refused(owned("people", "remove", "zoe"), "Nobody logs in as 'zoe'")
    refused(owned("people", "remove", "owner"), "The owner stays.")
    assert done(tmp_path)[1:] == [
        ("owner", "add a person", "zoe"),
        ("owner", "remove a person", "zoe"),
    ]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("Zoë",), "Several wearers' nights are kept here: anna (Anna), ben (Ben)"),
        (("Zoë", "--wearer", "carl"), "No wearer has the id 'carl'"),
        (("安娜", "--wearer", "anna"), "makes no name to log in with"),
        (("Owner", "--wearer", "anna"), "There is a 'owner' already"),
        (("Zoë", "--role", "doctor"), "for a doctor `crampwatch share`"),
        (("Zoë", "--role", "collector"), "for a collector there is `crampwatch tokens add`"),
    ],
)
def test_who_cannot_be_added_is_told(
    owned: Command, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], why: str
) -> None:
    typed(monkeypatch, PASSWORD, PASSWORD)
    refused(owned("people", "add", *arguments), why)


def test_the_owner_comes_first(crampwatch: Command) -> None:
    refused(crampwatch("people", "add", "Ben"), "First set a password of your own")
    assert "no password is set" in crampwatch("people", "list").out


def test_a_token_is_shown_once_and_can_be_revoked(owned: Command, tmp_path: Path) -> None:
    made = owned("tokens", "add", "bedroom-pi", "--wearer", "ben", "--days", 30)
    assert re.fullmatch(r"CRAMPWATCH_TOKEN=cw_[\w-]{43}\n", made.out)
    assert "shown once. It is good for 30 days, for the nights of ben." in made.err
    listed = owned("tokens", "list").out
    found = re.fullmatch(
        r"(\w{12}): bedroom-pi, collector, for the nights of ben, good until [\d-]{10}\n", listed
    )
    assert found
    assert owned("tokens", "revoke", found[1]).status == 0
    assert "revoked 2" in owned("tokens", "list").out
    refused(owned("tokens", "revoke", "none"), "No token has the id 'none'")
    assert done(tmp_path)[1:] == [
        ("owner", "make a token", found[1]),
        ("owner", "revoke a token", found[1]),
    ]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("pi",), "Several wearers' nights are kept here"),
        (("pi", "--role", "doctor"), "for a doctor there is `crampwatch share`"),
        (("pi", "--role", "king"), "No token is for a 'king'"),
        (("pi", "--only", "GET /metrics"), "A token for a 'collector' may not ask for 'GET /met"),
        (("pi", "--role", "owner", "--only", "metrics"), "'metrics' is no address of the server."),
    ],
)
def test_a_token_that_cannot_be_is_refused(
    owned: Command, arguments: tuple[str, ...], why: str
) -> None:
    refused(owned("tokens", "add", *arguments), why)
    assert owned("tokens", "list").out.startswith("There is no token.")


def test_a_token_needs_a_wearer(crampwatch: Command) -> None:
    refused(crampwatch("tokens", "add", "pi"), "There is no wearer yet.")


def test_nights_are_shared_for_some_days(owned: Command) -> None:
    made = owned(
        "share", "--wearer", "anna", "--since", "2026-09-01", "--until", "2026-11-21",
        "--for", "Dr Weiss",
    )  # fmt: skip
    assert re.fullmatch(r"/shared/cw_[\w-]{43}\n", made.out)
    assert "reads the nights of 2026-09-01 to 2026-11-21 for 14 days" in made.err
    assert ": Dr Weiss, doctor, for the nights of anna, good until" in owned("tokens", "list").out


def test_a_single_day_is_named_as_one(owned: Command) -> None:
    made = owned("tokens", "add", "once", "--wearer", "ben", "--days", 1)
    assert "It is good for 1 day, for the nights of ben." in made.err
    assert "for 1 day. It is shown once" in owned("share", "--wearer", "anna", "--days", 1).err


@pytest.mark.parametrize("since", ["2026-11-22", "2025-11-20"])
def test_nights_out_of_order_or_too_many_are_not_shared(owned: Command, since: str) -> None:
    arguments = ("--wearer", "anna", "--since", since, "--until", "2026-11-21")
    refused(owned("share", *arguments), "cannot be shared: give --since before --until")


def test_sessions_are_listed_and_ended(owned: Command, tmp_path: Path) -> None:
    from server.logins import begin_login

    assert owned("sessions", "list").out == "Nobody is logged in.\n"
    with Store.open(f"sqlite:///{tmp_path}/store/crampwatch.db") as store:
        with store.reading() as session:
            found = people.find_person(session, "owner")
        assert found is not None
        for _ in range(2):
            store.write(lambda s: begin_login(s, found[0], now_ns=store.now_ns()))
    assert len(owned("sessions", "list").out.splitlines()) == 2
    assert owned("sessions", "end", "--person", "zoe").out == "0 browsers were logged out.\n"
    assert owned("sessions", "end").out == "2 browsers were logged out.\n"
    assert owned("sessions", "list").out == "Nobody is logged in.\n"


def test_the_log_is_listed_with_what_is_sought_of_it(
    owned: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{PASSWORD}\n"))
    assert owned("people", "add", "Cleo", "--wearer", "anna", "--stdin").status == 0
    everything = owned("audit").out.splitlines()
    at = f"{NOW:%Y-%m-%d %H:%M:%S} UTC"
    assert everything == [
        f"{at}  owner: set a password, owner",
        f"{at}  owner: add a person, cleo, of anna",
    ]
    assert owned("audit", "--newest", 1).out.splitlines() == everything[1:]
    assert owned("audit", "--wearer", "anna").out.splitlines() == everything[1:]
    assert owned("audit", "--action", "set a password").out.splitlines() == everything[:1]
    assert owned("audit", "--since", f"{NOW:%Y-%m-%d}").out.splitlines() == everything
    assert owned("audit", "--until", f"{NOW:%Y-%m-%d}").out.splitlines() == everything
    nothing = "Nothing of that was noted.\n"
    assert owned("audit", "--who", "cleo").out == nothing
    assert owned("audit", "--since", f"{NOW + timedelta(days=1):%Y-%m-%d}").out == nothing
    assert owned("audit", "--until", f"{NOW - timedelta(days=1):%Y-%m-%d}").out == nothing
    assert owned("audit", "--until", "9999-12-31", "--since", "0001-01-01").status == 0


def test_the_log_as_json_is_an_object_a_line(owned: Command) -> None:
    (line,) = owned("audit", "--json").out.splitlines()
    assert json.loads(line) == {
        "id": 1, "at": f"{NOW:%Y-%m-%dT%H:%M:%S}+00:00", "who": "owner",
        "action": "set a password", "what": "owner", "wearer": None,
    }  # fmt: skip
    outcome = owned("audit", "--json", "--who", "nobody")
    assert (outcome.status, outcome.out) == (0, "")


def test_where_nothing_is_stored_nothing_was_noted(crampwatch: Command, tmp_path: Path) -> None:
    assert crampwatch("audit").out == "Nothing of that was noted.\n"
    assert not (tmp_path / "store").exists()
