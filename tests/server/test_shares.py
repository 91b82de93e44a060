from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.orm import Session

from ingest.samples import NS_PER_S
from server.app import create_app
from server.diary import DiaryEntry, put_entry
from server.kept_tables import Role
from server.report.facts import read_report
from server.settings import Settings
from server.shares import end, share, standing
from server.store import Store
from server.tokens import issue_token
from tests.server.conftest import client_of

if TYPE_CHECKING:
    from tests.server.conftest import Client, NightMaker

FIRST, LAST = date(2026, 11, 10), date(2026, 11, 21)
TWO_WEEKS_NS = 14 * 24 * 3600 * NS_PER_S


@pytest.fixture
def elsewhere(settings: Settings, store: Store) -> Iterator[Client]:
    app = create_app(settings.model_copy(update={"names": ("pi.local",)}))
    with client_of(app, "http://pi.local", "203.0.113.7") as client:
        yield client


def shared(store: Store, last: date = LAST, *, lasts_ns: int = TWO_WEEKS_NS) -> str:
    now_ns = store.now_ns()
    return store.write(
        lambda session: share(
            session,
            "me",
            FIRST,
            last,
            name="Dr Weiss",
            who="owner",
            now_ns=now_ns,
            expires_ns=now_ns + lasts_ns,
        )
    )


def test_whoever_has_the_address_reads_of_these_nights_and_no_others(
    store: Store, elsewhere: Client, month: Callable[[], None]
) -> None:
    month()
    path = shared(store, date(2026, 11, 19))
    page = elsewhere.get(path)
    assert page.status_code == 200
    assert "<h1>Cramp-like awakenings</h1>" in page.text
    words = " ".join(re.sub(r"<[^>]+>", " ", page.text).replace("\N{NO-BREAK SPACE}", " ").split())
    assert "Nights of Tue 10 Nov 2026 to Thu 19 Nov 2026, 10 nights." in words
    assert "8 of 10 nights recorded, 6 of them valid" in words
    assert "can read this until Sun 6 Dec 2026" in words
    nights = elsewhere.get(f"{path}/nights.csv").text.splitlines()[1:]
    assert [each.split(",")[0] for each in nights] == [f"2026-11-{day}" for day in range(10, 20)]
    awakenings = elsewhere.get(f"{path}/awakenings.csv").text.splitlines()[1:]
    assert {each.split(",")[0] for each in awakenings} <= {each.split(",")[0] for each in nights}


@pytest.mark.parametrize("name", ["report.pdf", "nights.csv"])
def test_the_files_of_a_share_are_there_as_long_as_it_is(
    store: Store, elsewhere: Client, make_night: NightMaker, name: str
) -> None:
    store.save(make_night())
    assert elsewhere.get(f"{shared(store)}/{name}").status_code == 200
    assert elsewhere.get(f"{shared(store, lasts_ns=0)}/{name}").status_code == 404
    assert elsewhere.get(f"{shared(store)}/crampwatch.db").status_code == 404


def test_the_page_leads_nowhere_and_loads_nothing_from_elsewhere(
    store: Store, elsewhere: Client, make_night: NightMaker
) -> None:
    store.save(make_night())
    path = shared(store)
    page = elsewhere.get(path)
    loaded = re.findall(r'(?:href|src|action)="([^"]+)"', page.text)
    assert loaded
    assert all(each.startswith(("/static/", "/language?", f"{path}/")) for each in loaded)
    assert page.headers["referrer-policy"] == "same-origin"
    assert page.headers["cache-control"] == "no-store"


def test_an_address_is_good_until_it_expires_or_is_revoked(
    store: Store, elsewhere: Client, make_night: NightMaker
) -> None:
    store.save(make_night())
    assert elsewhere.get(shared(store, lasts_ns=0)).status_code == 404
    path = shared(store)
    assert elsewhere.get(path).status_code == 200
    with store.reading() as session:
        (listed,) = standing(session, "me", now_ns=store.now_ns())
    now_ns = store.now_ns()
    assert store.write(lambda s: end(s, "me", listed.id, who="owner", now_ns=now_ns))
    assert elsewhere.get(path).status_code == 404
    assert not store.write(lambda s: end(s, "me", listed.id, who="owner", now_ns=now_ns))


@pytest.mark.parametrize("role", [Role.OWNER, Role.CARER, Role.COLLECTOR])
def test_no_other_token_is_an_address(
    store: Store, elsewhere: Client, make_night: NightMaker, role: Role
) -> None:
    store.save(make_night())
    _, text = store.write(lambda s: issue_token(s, "other", role, wearer="me", now_ns=1))
    assert elsewhere.get(f"/shared/{text}").status_code == 404
    assert elsewhere.get("/shared/none").status_code == 404


def test_the_secret_of_an_address_opens_nothing_else(
    store: Store, elsewhere: Client, make_night: NightMaker
) -> None:
    store.save(make_night())
    secret = shared(store).removeprefix("/shared/")
    for path in ("/", "/api/v1/nights", "/account"):
        shown = {"authorization": f"Bearer {secret}"}
        assert elsewhere.ask("GET", path, **shown).status_code == 403


def test_a_share_tells_of_its_own_nights_only(
    store: Store, elsewhere: Client, make_night: NightMaker
) -> None:
    for ago in range(120):
        store.save(make_night(LAST - timedelta(days=ago), id=f"rec-{ago}", episodes=int(ago > 60)))
    told: list[tuple[str, int, dict[str, str]]] = [
        ("medicine", 50, {"name": "Furosemide", "until": str(LAST - timedelta(days=20))}),
        ("medicine", 50, {"name": "Amlodipine", "since": str(LAST - timedelta(days=50))}),
    ]

    def work(session: Session) -> None:
        for kind, ago, payload in told:
            day = LAST - timedelta(days=ago)
            entry = DiaryEntry(f"d-{payload['name']}", day, kind, payload, 1, "wearer")
            put_entry(session, "me", entry)
        for ago in range(100):
            day = LAST - timedelta(days=ago)
            done = ["calf_stretches"] if ago > 40 else []
            put_entry(session, "me", DiaryEntry(f"h-{ago}", day, "habits", {"done": done}, 1, "w"))

    store.write(work)
    with store.reading() as session:
        whole = read_report(store, session, "me", FIRST, LAST, LAST)
        alone = read_report(store, session, "me", FIRST, LAST, LAST, alone=True)
    assert [each.about for each in whole.together.found] == [
        "calf_stretches",
        "Amlodipine",
        "Furosemide",
    ]
    assert whole.usual is not None
    assert [each.about for each in alone.together.found] == ["Amlodipine"]
    assert (alone.together.first, alone.together.last) == (FIRST, LAST)
    assert alone.usual is None
    page = " ".join(re.sub(r"<[^>]+>", " ", elsewhere.get(shared(store)).text).split())
    assert "Amlodipine since it was started 0 of 12 0 of 0 not known Too early to tell." in page
    assert "Compared by 12 counted nights from Tue 10 Nov 2026 to Sat 21 Nov 2026" in page
    assert "What is usual is not known from these nights alone." in page
    assert "Furosemide" not in page
