from __future__ import annotations

from typing import TYPE_CHECKING

from server import wearers
from server.alert_log import raise_alert
from server.app import create_app
from server.language import negotiated, speaking
from server.notify.kinds import Kind, title
from server.notify.reach import INSIDE
from server.notify.status_words import reason
from server.notify.ways import Ways
from server.settings import load_settings
from server.store import Store
from tests.server.conftest import client_of
from tests.server.notify.conftest import Clock, Postbox
from tests.server.notify.test_notifier import NIGHT, NUMBERS, local, tell

if TYPE_CHECKING:
    from server.notice_log import StoredNotice
    from tests.server.conftest import NightMaker


def speak(store: Store, language: str) -> None:
    store.write(lambda session: wearers.choose_language(session, "anna", language))


def test_each_wearers_notices_are_in_the_language_of_that_wearer(
    dated: Store, clock: Clock, make_night: NightMaker
) -> None:
    dated.add_wearer("Ben", "Europe/Berlin")
    speak(dated, "de")
    teller = tell(dated, clock, notice_details=True)
    local(clock, "08:00")
    dated.save(make_night(NIGHT, id="anna-1", episodes=1), "anna")
    dated.save(make_night(NIGHT, id="ben-1", episodes=1), "ben")
    german, english = teller.run()
    assert german == (
        "Anna: 1 Mal sah ein Aufwachen nach einem Krampf aus. "
        "Aufgezeichnet 7 h 30 min, getragen 7 h 30 min."
    )
    assert english.startswith("Ben: We noticed 1 awakening that looked like a cramp.")


def test_why_a_notice_failed_is_told_in_the_language_of_the_page() -> None:
    told = (
        ("The server there answered: 401 Unauthorized.", "Der Server dort hat geantwortet: 401 "),
        ("The broker refuses: Not authorized.", "Der Broker lehnt ab: Not authorized."),
        ("It failed: TypeError.", "Es ist gescheitert: TypeError."),
        (INSIDE, "Diese Adresse führt"),
        ("The broker does not answer.", "Der Broker antwortet nicht."),
        ("Failed to send ***: no route", "Failed to send ***: no route"),
        (": odd", ": odd"),
        ("", ""),
    )
    for english, german in told:
        with speaking(negotiated("de")):
            assert reason(english).startswith(german)
        assert reason(english) == english


def test_an_alert_is_told_in_german_with_german_dates(dated: Store, clock: Clock) -> None:
    speak(dated, "de")
    teller = tell(dated, clock, notice_details=True)
    local(clock, "08:00")
    dated.write(
        lambda session: raise_alert(session, "anna", "persistent", NIGHT, NUMBERS, at_ns=clock.ns())
    )
    (told,) = teller.run()
    assert told.startswith(
        "Drei von sieben Nächten oder mehr. In 7 aufgezeichneten Nächten vom So. 15. November bis "
        "Sa. 21. November: 4 Krämpfe, die Sie angegeben haben, in 4 Nächten."
    )


class Titles(Postbox):
    """A way of sending that writes down what stands above."""

    def send(self, notice: StoredNotice) -> None:
        super().send(notice)
        self.headings = [*getattr(self, "headings", []), title(Kind.TEST)]


def test_what_stands_above_a_notice_is_in_the_same_language(dated: Store, clock: Clock) -> None:
    speak(dated, "de")
    teller = tell(dated, clock)
    teller.box = box = Titles()
    teller.notifier = type(teller.notifier)(
        dated, teller.live, load_settings(), Ways([box]), teller.notifier._random
    )
    assert teller.notifier.test("anna", "post", None)
    assert teller.run() == ["Das ist ein Test von crampwatch: Mitteilungen kommen hier an."]
    assert box.headings == ["Ein Test"]


def test_the_owner_chooses_the_language_on_the_page(dated: Store) -> None:
    app = create_app(load_settings(), store=dated, make_ways=lambda store, live: Ways([]))
    with client_of(app) as client:
        assert 'value="en" checked' in client.get("/settings").text
        kept = client.post("/settings/language", b"language=de")
        assert (kept.status_code, kept.headers["location"]) == (303, "/settings")
        assert 'value="de" checked' in client.get("/settings").text
        client.post("/settings/language", b"language=xx")
        assert 'value="de" checked' in client.get("/settings").text
        with dated.reading() as session:
            assert str(wearers.spoken_to(session, "anna")) == "de_DE"
