from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from ingest.errors import InputError, ServerError
from server import audit, people
from server.alert_log import raise_alert
from server.app import create_app
from server.kept_tables import Role
from server.live import Live
from server.logins import begin_login
from server.notice_log import StoredNotice, notices
from server.notify.addresses import Addresses
from server.notify.by_url import Service
from server.notify.channels import (
    CHOICES,
    MOST_CHANNELS,
    Channel,
    PushKeys,
    add_address,
    add_browser,
    agree,
    channel,
    channels,
    choose,
    remove,
)
from server.notify.kinds import Kind
from server.notify.notifier import Notifier
from server.notify.ways import Ways
from server.settings import load_settings
from server.store import Store
from server.tokens import issue_token
from tests.server.conftest import client_of
from tests.server.notify.conftest import Clock, Elsewhere
from tests.server.notify.test_notifier import NIGHT, NUMBERS
from tests.server.notify.test_settings_page import BROWSER, plain

if TYPE_CHECKING:
    import httpx

    from tests.server.conftest import Client, NightMaker

ON_BOTH = True

URL = "ntfys://ntfy.sh/a-secret-topic"
TO_BEN = "ntfy at ntfy.sh"


@pytest.fixture
def two(dated: Store) -> Store:
    """A store of Anna and Carl, with Ben who cares for Anna and Dora who cares for Carl."""
    dated.add_wearer("Carl", "Europe/Berlin")
    dated.write(lambda session: people.set_owner(session, "kept", now_ns=1))
    for name, wearer in (("Ben", "anna"), ("Dora", "carl"), ("Eve", "anna")):
        dated.write(
            lambda session, name=name, wearer=wearer: people.add_person(  # type: ignore[misc]
                session, name, "kept", wearer=wearer, now_ns=1
            )
        )
    return dated


def added(store: Store, person: str | None, wearer: str = "anna", url: str = URL) -> Channel:
    return store.write(
        lambda session: add_address(session, wearer, person, TO_BEN, url, CHOICES, added_ns=1)
    )


def now(store: Store, found: Channel) -> Channel:
    with store.reading() as session:
        again = channel(session, found.wearer, found.id)
    assert again is not None
    return again


# What is told on a channel


def test_the_owner_is_told_of_what_is_wanted_and_of_all_that_is_not_to_choose(two: Store) -> None:
    found = added(two, None)
    assert all(found.hears(kind) for kind in Kind)
    two.write(lambda session: choose(session, found, {Kind.ALERT}))
    heard = {kind for kind in Kind if now(two, found).hears(kind)}
    assert heard == {Kind.ALERT, Kind.TRIAL, Kind.TEST}
    two.write(lambda session: choose(session, found, ()))
    assert not any(now(two, found).hears(kind) for kind in Kind)


def test_another_is_told_of_nothing_before_the_wearer_agrees(two: Store) -> None:
    found = added(two, "ben")
    assert not any(found.hears(kind) for kind in Kind)
    two.write(lambda session: agree(session, found, {Kind.FAULT}))
    heard = {kind for kind in Kind if now(two, found).hears(kind)}
    assert heard == {Kind.FAULT, Kind.MENDED, Kind.TEST}
    two.write(lambda session: agree(session, found, ()))
    assert not any(now(two, found).hears(kind) for kind in Kind)


def test_a_browser_that_comes_again_keeps_what_was_agreed(two: Store) -> None:
    def told(auth: str) -> Channel:
        keys = PushKeys("https://push.test/ben", "p", auth)
        return two.write(
            lambda session: add_browser(session, "anna", "ben", "Phone", keys, added_ns=1)
        )

    first = told("a")
    two.write(lambda session: agree(session, first, {Kind.ALERT}))
    again = told("b")
    assert (again.id, again.agreed) == (first.id, frozenset({Kind.ALERT}))
    assert again.keys is not None
    assert again.keys.auth == "b"


def test_one_browser_of_two_people_is_two_channels(two: Store) -> None:
    keys = PushKeys("https://push.test/shared", "p", "a")
    for person in (None, "ben"):
        two.write(
            lambda session, person=person: add_browser(  # type: ignore[misc]
                session, "anna", person, "Phone", keys, added_ns=1
            )
        )
    with two.reading() as session:
        assert [(each.person, bool(each.told)) for each in channels(session, "anna")] == [
            (None, True),
            ("ben", False),
        ]


def test_no_channel_has_the_name_of_one_that_was_removed(two: Store) -> None:
    before = added(two, "ben")
    two.write(lambda session: remove(session, before))
    of_eve = added(two, "eve")
    two.write(lambda session: people.remove_person(session, "eve"))
    assert len({before.name, of_eve.name, added(two, None).name}) == 3


def test_nobody_fills_the_store_with_channels(two: Store) -> None:
    for number in range(MOST_CHANNELS):
        added(two, "ben", url=f"{URL}-{number}")
    with pytest.raises(InputError, match="There are 10 channels already"):
        added(two, "ben")
    assert added(two, "eve").person == "eve"


def test_who_is_removed_takes_the_channels_along(two: Store) -> None:
    added(two, "ben")
    mine = added(two, None)
    two.write(lambda session: people.remove_person(session, "ben"))
    with two.reading() as session:
        assert channels(session, "anna") == (mine,)


# What goes out


@dataclass
class Sent:
    """What is sent to addresses, in the place of the services themselves."""

    taken: list[tuple[str, str]] = field(default_factory=list)

    def to(self, url: str) -> list[str]:
        return [text for where, text in self.taken if where == url]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    sent = Sent()

    def send(self: Service, notice: StoredNotice) -> None:
        sent.taken.append((self._url, f"{notice.wearer} {notice.key.partition(':')[0]}"))

    monkeypatch.setattr(Service, "send", send)
    return sent


def notifier(store: Store, clock: Clock) -> Notifier:
    live = Live(clock, lambda: clock.now.timestamp())
    return Notifier(store, live, load_settings(), Ways([Addresses(store)]))


def tell(store: Store, clock: Clock) -> None:
    teller = notifier(store, clock)
    teller.look()
    teller.send()


def news(store: Store, make_night: NightMaker, wearer: str) -> None:
    store.save(make_night(NIGHT, id=f"of {wearer}"), wearer)
    store.write(lambda session: raise_alert(session, wearer, "persistent", NIGHT, NUMBERS, at_ns=1))


def test_notices_of_one_wearer_never_reach_anothers_channel(
    two: Store, clock: Clock, make_night: NightMaker, sent: Sent
) -> None:
    for person, wearer in (("ben", "anna"), (None, "anna"), ("dora", "carl"), (None, "carl")):
        found = added(two, person, wearer, f"ntfys://ntfy.sh/{person}-{wearer}")
        two.write(lambda session, found=found: agree(session, found, CHOICES))  # type: ignore[misc]
    for wearer in ("anna", "carl"):
        news(two, make_night, wearer)
    two.write(
        lambda session: raise_alert(session, "anna", "sudden", NIGHT, NUMBERS, at_ns=two.now_ns())
    )
    tell(two, clock)
    for person in ("ben", None):
        assert sent.to(f"ntfys://ntfy.sh/{person}-anna") == ["anna alert", "anna morning"]
    for person in ("dora", None):
        assert sent.to(f"ntfys://ntfy.sh/{person}-carl") == ["carl morning"]


def test_what_was_agreed_is_told_and_nothing_else(
    two: Store, clock: Clock, make_night: NightMaker, sent: Sent
) -> None:
    news(two, make_night, "anna")
    found = added(two, "ben")
    tell(two, clock)
    assert sent.taken == []
    two.write(lambda session: agree(session, found, {Kind.MORNING}))
    tell(two, clock)
    assert sent.to(URL) == ["anna morning"]


def test_who_is_agreed_to_no_more_is_not_told_of_what_waits(
    two: Store, clock: Clock, make_night: NightMaker, sent: Sent
) -> None:
    news(two, make_night, "anna")
    found = added(two, "ben")
    two.write(lambda session: agree(session, found, CHOICES))
    teller = notifier(two, clock)
    teller.look()
    two.write(lambda session: agree(session, found, ()))
    teller.send()
    assert sent.taken == []
    with two.reading() as session:
        (told,) = notices(session, "anna")
    assert (told.problem, told.next_try_ns) == (
        "This address is not told of that any more.",
        None,
    )


def test_a_channel_that_is_gone_takes_nothing(two: Store) -> None:
    found = added(two, None)
    notice = StoredNotice(1, "anna", found.name, "test:1", "", 0, 0, 1, None, "")
    two.write(lambda session: remove(session, found))
    with pytest.raises(ServerError, match="not told of that any more"):
        Addresses(two).send(notice)


# The page


@dataclass
class House:
    """The server as each of the people asks it."""

    client: Client
    by: dict[str, dict[str, str]]

    def get(self, who: str, path: str = "/settings") -> httpx.Response:
        return self.client.ask("GET", path, **self.by[who])

    def post(self, who: str, path: str, **fields: str | list[str]) -> httpx.Response:
        body = urlencode(fields, doseq=True).encode()
        return self.client.ask("POST", path, body, **self.by[who])


@pytest.fixture
def house(two: Store, sent: Sent) -> Iterator[House]:
    def logged_in(session: object) -> dict[str, dict[str, str]]:
        by = {}
        for person in ("owner", "ben", "eve", "dora"):
            found = people.find_person(session, person)  # type: ignore[arg-type]
            assert found is not None
            _, secret = begin_login(session, found[0], now_ns=two.now_ns())  # type: ignore[arg-type]
            by[person] = {"cookie": f"crampwatch={secret}", "origin": "http://pi.local"}
        _, text = issue_token(
            session,  # type: ignore[arg-type]
            "script",
            Role.CARER,
            wearer="anna",
            now_ns=two.now_ns(),
        )
        return by | {"token": {"authorization": f"Bearer {text}"}}

    by = two.write(logged_in)
    settings = load_settings(names="pi.local", push_contact="mailto:me@example.org")
    app = create_app(settings, store=two)
    with client_of(app, "http://pi.local", "192.168.1.20") as client:
        yield House(client, by)


def test_a_carer_asks_and_is_told_once_the_wearer_agrees(
    house: House, two: Store, sent: Sent
) -> None:
    assert "You have no channel here" in plain(house.get("ben"))
    answer = house.post("ben", "/settings/channels", url=URL, kind=["alert", "morning"])
    assert (answer.status_code, answer.headers["location"]) == (303, "/settings")
    waits = plain(house.get("ben"))
    assert "Nothing is told here yet: the wearer's word comes first" in waits
    assert "Send a test" not in waits
    assert house.post("ben", "/settings/test?channel=address-1").status_code == 404

    asks = plain(house.get("owner", "/settings?wearer=anna"))
    assert f"{TO_BEN} (" in asks
    assert "Ben asks to be told here of the morning summary and alerts." in asks
    house.post("owner", "/settings/channels/1?wearer=anna", kind=["alert", "fault"])
    assert "Told here of alerts." in plain(house.get("ben"))
    assert house.post("ben", "/settings/test?channel=address-1").status_code == 303
    with two.reading() as session:
        assert [(each.who, each.action, each.what) for each in audit.audited(session)] == [
            ("ben", "add a channel", "address-1"),
            ("owner", "decide what a channel is told", "address-1"),
        ]


def test_nobody_agrees_in_the_place_of_the_wearer(house: House, two: Store) -> None:
    house.post("ben", "/settings/channels", url=URL, kind=["alert"])
    house.post("ben", "/settings/channels/1", kind=["alert", "fault"])
    with two.reading() as session:
        (found,) = channels(session, "anna")
    assert (found.wanted, found.agreed) == (frozenset({Kind.ALERT, Kind.FAULT}), frozenset())
    for who in ("eve", "dora", "token"):
        assert house.post(who, "/settings/channels/1", kind=["alert"]).status_code == 404
        assert house.post(who, "/settings/channels/1/forget").status_code == 404
        assert house.post(who, "/settings/test?channel=address-1").status_code == 404
        assert TO_BEN not in plain(house.get(who))
    assert house.post("ben", "/settings/channels/1/forget").status_code == 303
    with two.reading() as session:
        assert channels(session, "anna") == ()


def test_a_carer_sees_nothing_of_the_owners_channels(house: House) -> None:
    house.post("owner", "/settings/channels?wearer=anna", url=URL, kind=["alert"])
    house.post("owner", "/settings/test?wearer=anna&channel=address-1")
    assert "Told here of alerts." in plain(house.get("owner", "/settings?wearer=anna"))
    page = plain(house.get("ben"))
    assert TO_BEN not in page
    assert "What was told" not in page
    assert TO_BEN not in plain(house.get("owner", "/settings?wearer=carl"))


def test_a_browser_of_a_carer_waits_for_the_wearer_too(house: House, two: Store) -> None:
    body = json.dumps(BROWSER).encode()
    by = house.by["ben"] | {"content_type": "application/json"}
    answer = house.client.ask("PUT", "/api/v1/push-subscriptions", body, **by)
    assert answer.json() == {"id": 1}
    assert house.client.ask("PUT", "/api/v1/push-subscriptions", body, **by).json() == {"id": 1}
    with two.reading() as session:
        (found,) = channels(session, "anna")
    assert (found.person, found.told) == ("ben", frozenset())
    asks = plain(house.get("owner", "/settings?wearer=anna"))
    everything = "the morning summary, alerts and faults in the night"
    assert f"Ben asks to be told here of {everything}." in asks
    refused = house.client.ask("DELETE", "/api/v1/push-subscriptions/1", **house.by["eve"])
    assert refused.status_code == 404
    gone = house.client.ask("DELETE", "/api/v1/push-subscriptions/1", **house.by["ben"])
    assert gone.status_code == 204
    with two.reading() as session:
        assert [(each.who, each.action, each.what) for each in audit.audited(session)] == [
            ("ben", "add a channel", "push-1"),
            ("ben", "remove a channel", "push-1"),
        ]


def test_a_token_is_nobody_in_particular(house: House) -> None:
    answer = house.post("token", "/settings/channels", url=URL, kind=["alert"])
    assert answer.status_code == 403
    assert "A token has no channels. Log in." in plain(answer)


def test_an_address_that_is_added_twice_is_told_once(house: House, two: Store) -> None:
    for kinds in (["alert", "fault"], ["alert"]):
        path = "/settings/channels?wearer=anna"
        assert house.post("owner", path, url=URL, kind=kinds).status_code == 303
    with two.reading() as session:
        (only,) = channels(session, "anna")
    assert only.wanted == {Kind.ALERT}


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("", "Give an address"),
        ("ntfys://" + "x" * 2048, "Give an address"),
        ("ntfys://ntfy.sh/secret ntfys://ntfy.sh/another", "Give an address"),
        ("carrier-pigeon://secret", "An address that begins with carrier-pigeon:// cannot be used"),
        ("json://127.0.0.1:8321/secret", "can be read on its way"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_in_place(
    house: House, address: str, why: str
) -> None:
    answer = house.post("ben", "/settings/channels", url=address, kind=["fault"])
    assert answer.status_code == 422
    assert why in plain(answer)
    assert "secret" not in unescape(answer.text)
    assert 'value="fault" checked' in answer.text
    assert 'value="alert" checked' not in answer.text


@pytest.mark.parametrize(
    "address",
    [
        "ntfys://192.168.178.2/topic",
        "jsons://[::1]/",
        "gotifys://nas.example.org/token",
        "mailtos://me:pw@example.org?smtp=10.0.0.2",
    ],
)
def test_only_the_owner_adds_an_address_at_home(
    house: House, two: Store, names: dict[str, str], address: str
) -> None:
    names["nas.example.org"] = "192.168.178.3"
    refused = house.post("ben", "/settings/channels", url=address, kind=["alert"])
    assert refused.status_code == 422
    assert "only the owner may add such" in plain(refused)
    with two.reading() as session:
        assert channels(session, "anna") == ()
    mine = house.post("owner", "/settings/channels?wearer=anna", url=address, kind=["alert"])
    assert mine.status_code == 303


def test_only_the_owner_has_a_push_service_at_home(house: House, names: dict[str, str]) -> None:
    names["push.example.org"] = "127.0.0.1"
    body = json.dumps(BROWSER).encode()
    for who, status in (("ben", 422), ("owner", 200)):
        by = house.by[who] | {"content_type": "application/json"}
        path = f"/api/v1/push-subscriptions{'' if who == 'ben' else '?wearer=anna'}"
        assert house.client.ask("PUT", path, body, **by).status_code == status


def test_a_carers_address_that_leads_home_by_now_is_told_nothing(
    two: Store, elsewhere: Elsewhere
) -> None:
    url = f"{elsewhere.url.replace('http', 'json')}/"
    for person in ("ben", None):
        found = added(two, person, url=url)
        two.write(lambda session, found=found: agree(session, found, CHOICES))  # type: ignore[misc]
    test = StoredNotice(1, "anna", "address-1", "test:1", "A test", 0, 0, 1, None, "")
    with pytest.raises(ServerError, match="leads to this machine or into its network"):
        Addresses(two).send(test)
    assert elsewhere.asked == []
    Addresses(two).send(replace(test, channel="address-2"))
    assert len(elsewhere.asked) == 1


def test_no_page_shows_the_secret_of_an_address(house: House) -> None:
    house.post("owner", "/settings/channels?wearer=anna", url=URL, kind=["alert"])
    house.post(
        "owner",
        "/settings/channels?wearer=anna",
        url="tgram://123456789:abcdefg_hijklmnop/12315544/",
    )
    page = house.get("owner", "/settings?wearer=anna").text
    assert "Telegram (" in page
    for secret in ("a-secret-topic", "123456789", "abcdefg"):
        assert secret not in page
