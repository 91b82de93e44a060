from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import delete
from sqlalchemy.orm import Session

from ingest.errors import StoreError
from server import audit, login_pages, passwords, people
from server.app import create_app
from server.body_limit import MAX_BODY_BYTES
from server.kept_tables import AuditRow, PersonRow, Role, TokenRow
from server.logins import logins
from server.settings import Settings, database_url, load_settings
from server.store import Store
from server.tables import WearerRow
from server.throttle import Throttle
from server.tokens import issue_token, revoke_token
from tests.server.conftest import NOW, client_of

if TYPE_CHECKING:
    from tests.server.conftest import Client, StoreOpener

pytestmark = pytest.mark.usefixtures("cheap_passwords")

PASSWORD = "three quiet words"
AT_HOME = "http://pi.local"
OUR_FORM = {"origin": AT_HOME, "content_type": "application/x-www-form-urlencoded"}
PHONE, STRANGER = "192.168.1.20", "192.168.1.66"


def set_password(store: Store, password: str = PASSWORD) -> None:
    kept = passwords.hash_password(password)
    store.write(lambda session: people.set_owner(session, kept, now_ns=store.now_ns()))


@contextmanager
def reached(
    settings: Settings, *, base_url: str = AT_HOME, address: str = PHONE, **changed: object
) -> Iterator[Client]:
    app = create_app(settings.model_copy(update={"names": ("pi.local",)} | changed))
    with client_of(app, base_url, address) as client:
        yield client


@dataclass(frozen=True, slots=True)
class Served:
    app: FastAPI
    client: Client
    store: Store
    settings: Settings


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One server for most of these tests, asked from elsewhere."""
    home = tmp_path_factory.mktemp("served")
    settings = load_settings(data_dir=home, database_url=database_url(home / "s.db"))
    store = Store.open(settings.database_url, now=lambda: NOW)
    app = create_app(settings.model_copy(update={"names": ("pi.local",)}), store=store)
    with client_of(app, AT_HOME, PHONE) as client:
        yield Served(app, client, store, settings)


@pytest.fixture
def settings(served: Served) -> Settings:
    return served.settings


@pytest.fixture
def store(served: Served) -> Store:
    """Its store, emptied."""

    def clear(session: Session) -> None:
        for table in (WearerRow, PersonRow, TokenRow, AuditRow):
            session.execute(delete(table))

    served.store.write(clear)
    return served.store


@pytest.fixture
def locked(served: Served, store: Store) -> Client:
    """A server whose owner has set a password, and which nobody has tried yet."""
    set_password(store)
    served.app.state.context = replace(served.app.state.context, throttle=Throttle())
    return served.client


def log_in(
    client: Client, password: str = PASSWORD, name: str = "owner", onward: str = "/", **more: str
) -> httpx.Response:
    form = urlencode({"name": name, "password": password, "onward": onward})
    return client.ask("POST", "/login", form.encode(), **(OUR_FORM | more))


def cookie_of(answer: httpx.Response) -> str:
    assert answer.status_code == 303, answer.text
    return answer.headers["set-cookie"].partition(";")[0]


def done(store: Store) -> list[tuple[str, str]]:
    with store.reading() as session:
        return [(each.who, each.action) for each in audit.audited(session)]


# Without a login


@pytest.mark.parametrize("path", ["/", "/nights/2026-11-21", "/account", "/no/such/page"])
def test_a_page_asks_for_the_login_and_tells_nothing(locked: Client, path: str) -> None:
    answer = locked.ask("GET", path)
    assert answer.status_code == 401
    assert "<h1>Log in</h1>" in answer.text
    assert f'name="onward" value="{path}"' in answer.text
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; ")
    assert not re.findall(r"https?:|\*|unsafe|data:", policy)
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("shown", [None, "Bearer wrong", "Bearer ", "Basic d3Jvbmc=", "cw_x"])
def test_the_api_says_what_to_show(locked: Client, shown: str | None) -> None:
    headers = {} if shown is None else {"authorization": shown}
    answer = locked.ask("GET", "/api/v1/nights", **headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="crampwatch"'
    assert answer.headers["content-type"] == "application/problem+json"
    assert "crampwatch tokens add" in answer.json()["detail"]


def test_nothing_of_a_request_is_read_before_it_is_known_who_asks(locked: Client) -> None:
    answer = locked.ask("PUT", "/api/v1/live", b"{not JSON", content_type="application/json")
    assert answer.status_code == 401


def test_whether_the_server_is_up_and_what_pages_look_like_is_told_to_anybody(
    locked: Client,
) -> None:
    assert locked.ask("GET", "/healthz").status_code == 200
    assert locked.ask("GET", "/static/style.css").status_code == 200
    assert locked.ask("GET", "/login").status_code == 200


def test_without_a_password_nobody_elsewhere_gets_in(store: Store, settings: Settings) -> None:
    with reached(settings) as client:
        assert client.ask("GET", "/api/v1/nights").status_code == 401
        page = client.ask("GET", "/login")
        assert log_in(client, "").status_code == 401
    assert "crampwatch password" in page.text


def test_a_name_that_is_not_ours_is_turned_away(locked: Client) -> None:
    answer = locked.ask("GET", "/", host="elsewhere.example")
    assert answer.status_code == 400
    assert answer.json()["type"] == "/api/v1/problems/unknown-host"
    assert "the name elsewhere.example" in answer.json()["detail"]


# On this machine


def test_on_this_machine_no_login_is_needed_until_a_password_is_set(
    store: Store, settings: Settings
) -> None:
    with reached(settings, base_url="http://localhost", address="127.0.0.1") as client:
        assert client.ask("GET", "/api/v1/nights").status_code == 200
        account = client.ask("GET", "/account")
    assert "You are here without a login" in account.text
    set_password(store)
    with reached(settings, base_url="http://localhost", address="127.0.0.1") as client:
        assert client.ask("GET", "/api/v1/nights").status_code == 401


@pytest.mark.parametrize("address", ["127.0.0.1", "127.3.2.1", "::1", "::ffff:127.0.0.1"])
@pytest.mark.parametrize("name", ["localhost", "127.0.0.1:8321", "[::1]:8321"])
def test_a_setting_opens_this_machine_though_there_is_a_password(
    store: Store, settings: Settings, address: str, name: str
) -> None:
    set_password(store)
    with reached(settings, address=address, local_login=False) as client:
        assert client.ask("GET", "/api/v1/nights", host=name).status_code == 200
        assert client.ask("GET", "/api/v1/nights", host="pi.local").status_code == 401


@pytest.mark.parametrize(
    "header",
    ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"],
)
def test_what_comes_through_a_proxy_is_not_of_this_machine(
    settings: Settings, store: Store, header: str
) -> None:
    with reached(settings, base_url="http://127.0.0.1", address="127.0.0.1") as client:
        assert client.ask("GET", "/api/v1/nights").status_code == 200
        answer = client.ask("GET", "/api/v1/nights", **{header: "127.0.0.1"})
    assert answer.status_code == 401


def test_with_a_proxy_everybody_logs_in(store: Store, settings: Settings) -> None:
    changed = {"proxy": "127.0.0.1", "local_login": False}
    with reached(settings, base_url="http://127.0.0.1", address="127.0.0.1", **changed) as client:
        assert client.ask("GET", "/api/v1/nights").status_code == 401


def test_an_elsewhere_that_calls_itself_here_is_not(store: Store, settings: Settings) -> None:
    with reached(settings, base_url="http://127.0.0.1", address=STRANGER) as client:
        assert client.ask("GET", "/api/v1/nights").status_code == 401


# Logging in and out


def test_the_owner_logs_in_and_gets_to_the_page_that_was_asked_for(
    locked: Client, store: Store
) -> None:
    answer = log_in(locked, onward="/nights/2026-11-21?wearer=me")
    assert answer.headers["location"] == "/nights/2026-11-21?wearer=me"
    cookie = cookie_of(answer)
    assert locked.ask("GET", "/", cookie=cookie).status_code == 200
    assert locked.ask("GET", "/api/v1/nights", cookie=cookie).status_code == 200
    assert "You are logged in as owner" in locked.ask("GET", "/account", cookie=cookie).text
    assert done(store) == [("owner", "log in")]


def test_the_cookie_is_for_this_server_alone(locked: Client, store: Store) -> None:
    (morsel,) = SimpleCookie(log_in(locked).headers["set-cookie"]).values()
    assert morsel.key == "crampwatch"
    assert len(morsel.value) == 43
    assert (morsel["httponly"], morsel["samesite"], morsel["path"]) == (True, "lax", "/")
    assert (morsel["secure"], morsel["domain"]) == ("", "")
    assert morsel["max-age"] == str(90 * 24 * 3600)
    with store.reading() as session:
        kept = str(session.connection().exec_driver_sql("SELECT * FROM sessions").all())
    assert morsel.value not in kept


def test_over_https_the_cookie_stays_there(store: Store, settings: Settings) -> None:
    set_password(store)
    with reached(settings, base_url="https://pi.local") as client:
        answer = log_in(client, origin="https://pi.local")
        cookie = cookie_of(answer)
        assert cookie.startswith("__Host-crampwatch=")
        assert "; Secure" in answer.headers["set-cookie"]
        assert client.ask("GET", "/", cookie=cookie).status_code == 200
        # Another server of the same name, or one on the way, can set no such cookie.
        other = cookie.replace("__Host-", "")
        assert client.ask("GET", "/", cookie=other).status_code == 401


@pytest.mark.parametrize(
    ("name", "password"),
    [("owner", "three quiet wordS"), ("owner", ""), ("nobody", PASSWORD), ("", PASSWORD)],
)
def test_what_does_not_fit_is_said_calmly(
    locked: Client, store: Store, name: str, password: str
) -> None:
    answer = log_in(locked, password, name, onward="/nights/2026-11-21")
    assert answer.status_code == 401
    assert "That name and password do not go together. Please try again." in answer.text
    assert 'name="onward" value="/nights/2026-11-21"' in answer.text
    assert "set-cookie" not in answer.headers
    assert done(store) == [("owner" if name == "owner" else "nobody known", "log in, refused")]


@pytest.mark.parametrize(
    "onward", ["//evil.example", "https://evil.example/", "/\\evil.example", "/a\r\nb", ""]
)
def test_a_login_leads_to_no_other_server(locked: Client, onward: str) -> None:
    assert log_in(locked, onward=onward).headers["location"] == "/"


def test_a_form_that_is_none_is_refused(locked: Client) -> None:
    assert locked.ask("POST", "/login", b"x" * 5000, **OUR_FORM).status_code == 413
    assert locked.ask("POST", "/login", b"\xff=%ff&&&==", **OUR_FORM).status_code == 401


def test_logging_in_again_ends_the_login_before(locked: Client) -> None:
    first = cookie_of(log_in(locked))
    second = cookie_of(log_in(locked, cookie=first))
    assert first != second
    assert locked.ask("GET", "/", cookie=first).status_code == 401
    assert locked.ask("GET", "/", cookie=second).status_code == 200


def test_a_secret_from_before_the_login_is_never_taken_over(locked: Client) -> None:
    planted = "crampwatch=" + "A" * 43
    assert cookie_of(log_in(locked, cookie=planted)) != planted
    assert locked.ask("GET", "/", cookie=planted).status_code == 401


def test_logging_out_ends_the_login_and_takes_the_cookie_back(locked: Client, store: Store) -> None:
    cookie = cookie_of(log_in(locked))
    answer = locked.ask("POST", "/logout", cookie=cookie, **OUR_FORM)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert 'crampwatch=""; ' in answer.headers["set-cookie"]
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    assert locked.ask("GET", "/", cookie=cookie).status_code == 401
    assert done(store) == [("owner", "log in"), ("owner", "log out")]


def test_logging_out_everywhere_ends_every_login_of_that_person(
    locked: Client, store: Store
) -> None:
    store.add_wearer("Anna", "Europe/Berlin")
    kept = passwords.hash_password("another few words")
    store.write(lambda s: people.add_person(s, "Ben", kept, wearer="anna", now_ns=1))
    carer = cookie_of(log_in(locked, "another few words", "ben"))
    here, there = cookie_of(log_in(locked)), cookie_of(log_in(locked))
    locked.ask("POST", "/account/log-out-everywhere", cookie=here, **OUR_FORM)
    assert [locked.ask("GET", "/", cookie=c).status_code for c in (here, there)] == [401, 401]
    assert locked.ask("GET", "/", cookie=carer).status_code == 200


def test_another_password_ends_every_login_made_with_the_old_one(
    locked: Client, store: Store
) -> None:
    cookie = cookie_of(log_in(locked))
    set_password(store, "quite another sentence")
    assert locked.ask("GET", "/", cookie=cookie).status_code == 401
    assert log_in(locked).status_code == 401
    assert log_in(locked, "quite another sentence").status_code == 303


def test_whoever_was_removed_is_logged_out(locked: Client, store: Store) -> None:
    store.add_wearer("Anna", "Europe/Berlin")
    kept = passwords.hash_password(PASSWORD)
    store.write(lambda s: people.add_person(s, "Ben", kept, wearer="anna", now_ns=1))
    cookie = cookie_of(log_in(locked, name="Ben "))
    assert locked.ask("GET", "/", cookie=cookie).status_code == 200
    assert store.write(lambda s: people.remove_person(s, "ben"))
    assert locked.ask("GET", "/", cookie=cookie).status_code == 401


@pytest.mark.parametrize(
    ("looks", "lasts"),
    [
        ([timedelta(days=13, hours=23)], True),
        ([timedelta(days=14)], False),
        ([timedelta(days=13 * n) for n in range(1, 7)] + [timedelta(days=89)], True),
        ([timedelta(days=13 * n) for n in range(1, 7)] + [timedelta(days=90)], False),
    ],
)
def test_a_login_ends_when_nobody_uses_it_and_after_a_season_in_any_case(
    open_store: StoreOpener, settings: Settings, looks: list[timedelta], lasts: bool
) -> None:
    now = NOW

    def clock() -> datetime:
        return now

    store = open_store(now=clock)
    set_password(store)
    app = create_app(settings.model_copy(update={"names": ("pi.local",)}), store=store)
    with client_of(app, AT_HOME, PHONE) as client:
        cookie = cookie_of(log_in(client))
        for after in looks:
            now = NOW + after
            answer = client.ask("GET", "/", cookie=cookie)
            # What notes the use is not waited for; this comes after it.
            store.write(lambda session: None)
        assert answer.status_code == (200 if lasts else 401)
        cookie_of(log_in(client))
        with store.reading() as session:
            assert len(logins(session, now_ns=store.now_ns())) == 1 + lasts


# Whoever guesses


def test_whoever_guesses_is_slowed_down_and_told_until_when(locked: Client, store: Store) -> None:
    told = [log_in(locked, f"guess number {n}").status_code for n in range(8)]
    assert told == [401] * 6 + [429] * 2
    answer = log_in(locked)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 60
    assert "That was tried often just now. Please wait a minute, then try again." in answer.text
    assert len(done(store)) == 6


def test_a_password_is_made_anew_where_it_was_kept_in_an_older_way(
    locked: Client, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    from argon2 import profiles

    def kept() -> str:
        with store.reading() as session:
            found = people.find_person(session, "owner")
        assert found is not None
        return found[1]

    before = kept()
    log_in(locked)
    assert kept() == before
    monkeypatch.setattr(passwords, "PROFILE", profiles.PRE_21_2)
    log_in(locked)
    assert kept() != before
    assert passwords.is_password(PASSWORD, kept())


def test_too_many_at_once_are_asked_to_come_again(
    locked: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(login_pages, "MAX_WAITING", 0)
    answer = log_in(locked)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")


# Whoever makes a browser ask


ELSEWHERE = [
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"sec_fetch_site": "cross-site"},
    {"sec_fetch_site": "same-site", "origin": "http://other.pi.local"},
    {},
]


@pytest.mark.parametrize("said", ELSEWHERE)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/logout"),
        ("POST", "/account/log-out-everywhere"),
        ("POST", "/alerts/1/acknowledge"),
        ("POST", "/api/v1/alerts/1/acknowledge"),
        ("DELETE", "/api/v1/answers/1"),
        ("PUT", "/api/v1/missed-cramps"),
    ],
)
def test_a_page_of_elsewhere_changes_nothing_with_the_login_of_who_looks_at_it(
    locked: Client, method: str, path: str, said: dict[str, str]
) -> None:
    cookie = cookie_of(log_in(locked))
    assert locked.ask(method, path, cookie=cookie, **said).status_code == 403
    assert locked.ask("GET", "/", cookie=cookie).status_code == 200


@pytest.mark.parametrize(
    "said", [{"origin": AT_HOME}, {"sec_fetch_site": "same-origin", "origin": "null"}]
)
def test_our_own_page_does(locked: Client, said: dict[str, str]) -> None:
    cookie = cookie_of(log_in(locked))
    assert locked.ask("POST", "/logout", cookie=cookie, **said).status_code == 303
    assert locked.ask("GET", "/", cookie=cookie).status_code == 401


@pytest.mark.parametrize("said", ELSEWHERE[:-1])
def test_nobody_is_logged_in_by_a_page_of_elsewhere(locked: Client, said: dict[str, str]) -> None:
    form = urlencode({"name": "owner", "password": PASSWORD}).encode()
    assert locked.ask("POST", "/login", form, **said).status_code == 403


# Tokens


def token(store: Store, role: Role, *, expires_ns: int | None = None) -> tuple[str, str]:
    made, text = store.write(
        lambda s: issue_token(
            s, "a token", role, wearer=None, now_ns=store.now_ns(), expires_ns=expires_ns
        )
    )
    return made.id, text


@pytest.mark.parametrize("kind", ["Bearer", "bearer"])
def test_a_token_is_as_good_as_its_role(locked: Client, store: Store, kind: str) -> None:
    _, text = token(store, Role.OWNER)
    shown = f"{kind} {text}"
    assert locked.ask("GET", "/api/v1/nights", authorization=shown).status_code == 200
    # A token is shown by no browser: who asks for a change with one is who holds it.
    answer = locked.ask("POST", "/api/v1/alerts/1/seen", authorization=shown)
    assert answer.status_code == 404


def test_a_token_that_was_revoked_or_has_expired_is_none_even_here(
    store: Store, settings: Settings
) -> None:
    token_id, revoked = token(store, Role.OWNER)
    store.write(lambda s: revoke_token(s, token_id, now_ns=store.now_ns()))
    _, expired = token(store, Role.OWNER, expires_ns=store.now_ns())
    with reached(settings, base_url="http://127.0.0.1", address="127.0.0.1") as client:
        for text in (revoked, expired, "cw_never-made"):
            answer = client.ask("GET", "/api/v1/nights", authorization=f"Bearer {text}")
            assert answer.status_code == 401


def test_a_token_may_be_narrowed_to_some_routes(locked: Client, store: Store) -> None:
    only = ["GET /api/v1/nights", "GET /api/v1/live"]
    _, text = store.write(
        lambda s: issue_token(s, "narrow", Role.OWNER, wearer=None, now_ns=1, scopes=only)
    )
    shown = {"authorization": f"Bearer {text}"}
    assert locked.ask("GET", "/api/v1/nights", **shown).status_code == 200
    assert locked.ask("HEAD", "/api/v1/nights", **shown).status_code == 403
    for path in ("/", "/api/v1/recordings", "/api/v1/nights/2026-11-21", "/no/such/page"):
        assert locked.ask("GET", path, **shown).status_code == 403


def test_who_asks_cannot_be_found_out_where_the_store_cannot_be_read(
    locked: Client, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    cookie = cookie_of(log_in(locked))

    def fails() -> None:
        raise StoreError("The disk is gone.")

    monkeypatch.setattr(served.store, "reading", fails)
    answer = locked.ask("GET", "/api/v1/nights", cookie=cookie)
    assert (answer.status_code, answer.json()["detail"]) == (503, "The disk is gone.")
    assert locked.ask("GET", "/", cookie=cookie).status_code == 503
    assert locked.ask("GET", "/healthz", cookie=cookie).status_code == 200


@pytest.mark.parametrize("declared", [True, False])
def test_a_body_that_is_too_large_is_refused(store: Store, locked: Client, declared: bool) -> None:
    _, text = token(store, Role.COLLECTOR)
    content = b" " * (MAX_BODY_BYTES + 1)
    headers = {"content_type": "application/json", "authorization": f"Bearer {text}"}
    if not declared:
        headers["content_length"] = "1"
    answer = locked.ask("PUT", "/api/v1/live", content, **headers)
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "/api/v1/problems/too-large"
