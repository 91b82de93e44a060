"""What people read is in one catalogue, whole and in words that may be said; and who reads what."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from gettext import NullTranslations
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from babel.dates import get_day_names, get_month_names
from babel.messages.catalog import Catalog, Message
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po
from sqlalchemy.orm import Session

from server import language
from server.alert_log import raise_alert
from server.app import create_app
from server.language import CATALOGUES, DOMAIN, LANGUAGES, SOURCE, locale, negotiated, speaking
from server.permissions import Routes
from server.settings import load_settings
from server.store import Store
from tests.test_documentation import ROOT

if TYPE_CHECKING:
    from tests.server.conftest import Client

TRANSLATED = [tag for tag in LANGUAGES if tag != SOURCE]

GERMAN_WORDS_TO_AVOID = (
    "erkennt nierenkrank",
    "diagnos",
    "risikowert",
    "risiko-score",
    "medizinisch geprüft",
    "kaliummangel",
    "setzen sie ihr statin ab",
    "sicher sein",
    "ungefährlich",
    "unbedenklich",
    "keine krämpfe in der letzten nacht",
    "letzte nacht keine krämpfe",
    "heilt",
    "garantiert",
)
"""What no German text may say, as `WORDS_TO_AVOID` has it for the English ones."""

PLACEHOLDER = re.compile(r"%%|%\(\w+\)s")
OPENED, CLOSED = "⟦", "⟧"


def catalogue(tag: str) -> Catalog:
    with (CATALOGUES / tag / "LC_MESSAGES" / f"{DOMAIN}.po").open("rb") as file:
        return read_po(file, tag)


@pytest.fixture(scope="module")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    found = tmp_path_factory.mktemp("extracted") / "crampwatch.pot"
    options = ["--quiet", "extract", f"--mapping-file={ROOT / 'pyproject.toml'}"]
    command: Any = CommandLineInterface()
    command.run(["pybabel", *options, f"--output-file={found}", str(ROOT)])
    with found.open("rb") as file:
        return read_po(file)


def forms(message: Message) -> list[tuple[str, str]]:
    """Each form of a message beside that of its translation."""
    if isinstance(message.id, str):
        return [(message.id, str(message.string))]
    return list(zip(message.id or (), message.string or (), strict=True))


def messages(tag: str) -> list[Message]:
    return [message for message in catalogue(tag) if message.id]


@pytest.mark.parametrize("tag", TRANSLATED)
def test_the_catalogue_has_what_is_marked_in_the_code_and_nothing_else(
    tag: str, extracted: Catalog
) -> None:
    kept = catalogue(tag)
    assert {each.id for each in kept} == {each.id for each in extracted}
    assert not kept.obsolete, "run `make words`"
    assert len(messages(tag)) > 200


@pytest.mark.parametrize("tag", TRANSLATED)
def test_a_catalogue_ends_without_an_empty_line(tag: str) -> None:
    path = CATALOGUES / tag / "LC_MESSAGES" / f"{DOMAIN}.po"
    assert re.search(r"[^\n]\n\Z", path.read_text("utf-8"))


@pytest.mark.parametrize("tag", TRANSLATED)
def test_every_message_is_translated_with_the_same_placeholders(tag: str) -> None:
    assert [each.id for each in messages(tag) if each.fuzzy] == []
    for source, translation in (form for each in messages(tag) for form in forms(each)):
        assert translation, source
        expected = sorted(PLACEHOLDER.findall(source))
        assert sorted(PLACEHOLDER.findall(translation)) == expected, source
        assert source.endswith(".") == translation.endswith("."), source


def test_no_german_text_says_what_may_not_be_said() -> None:
    for message in messages("de"):
        for _source, translation in forms(message):
            said = [word for word in GERMAN_WORDS_TO_AVOID if word in translation.lower()]
            assert not said, translation


@pytest.mark.parametrize(
    ("accepted", "chosen", "spoken"),
    [
        ("", "", "en_GB"),
        ("de", "", "de_DE"),
        ("de-AT,de;q=0.8,en;q=0.5", "", "de_AT"),
        ("en-US,en;q=0.9", "", "en_US"),
        ("fr-FR,fr;q=0.9,de;q=0.4,en;q=0.3", "", "de_DE"),
        ("en;q=0.2, de-CH;q=0.9", "", "de_CH"),
        ("de;q=0, en-IE", "", "en_IE"),
        ("en-US", "de", "de_DE"),
        ("de-AT, en-US", "en", "en_US"),
        ("de-AT", "de", "de_AT"),
        ("de-XX", "", "de_DE"),
        ("zh-Hant-TW, ja", "", "en_GB"),
        ("de;q=zero, *;;=,\N{SNOWMAN}", "", "en_GB"),
        ("de", "../../etc", "de_DE"),
    ],
)
def test_the_language_is_the_one_chosen_or_the_best_liked(
    accepted: str, chosen: str, spoken: str
) -> None:
    assert str(negotiated(accepted, chosen)) == spoken


def test_a_language_is_spoken_only_meanwhile() -> None:
    with speaking(negotiated("de")):
        assert language._("Yes") == "Ja"
        assert language.number(1.25, 1) == "1,2"
    assert language._("Yes") == "Yes"
    assert language.number(1.25, 1) == "1.2"
    assert locale().language == SOURCE


class Read(HTMLParser):
    """What can be read of a page, or heard."""

    ATTRIBUTES = ("alt", "aria-label", "data-label", "placeholder", "title")
    UNREAD = ("script", "style", "code", "pre")

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts = [""]
        self._unread = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.texts[0] += " "
        self._unread += tag in self.UNREAD
        self.texts += [value or "" for name, value in attributes if name in self.ATTRIBUTES]

    def handle_endtag(self, tag: str) -> None:
        self._unread -= tag in self.UNREAD

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self.texts[0] += data


class Marked(NullTranslations):
    """A language in which every message stands between marks."""

    def gettext(self, message: str) -> str:
        return f"{OPENED}{message}{CLOSED}"

    def ngettext(self, one: str, many: str, number: int) -> str:
        return self.gettext(one if number == 1 else many)


NO_LANGUAGE = {
    *get_day_names("abbreviated", locale=negotiated("")).values(),
    *get_month_names("wide", locale=negotiated("")).values(),
    *get_month_names("abbreviated", locale=negotiated("")).values(),
    *get_month_names("abbreviated", "stand-alone", locale=negotiated("")).values(),
    *("h", "min", "s", "x", "y", "z"),
    *(each.name for each in LANGUAGES.values()),
    *("ntfys", "ntfy", "sh", "TOPIC"),
    *("crampwatch", "Europe", "Berlin", "PineTime", "left", "transparent"),
}
"""Words that come from elsewhere or are the same in every language: dates, units, names."""


def unmarked(text: str) -> set[str]:
    """The words of a text that stand between no marks."""
    depth, outside = 0, ""
    for letter in text:
        depth += (letter == OPENED) - (letter == CLOSED)
        outside += letter if not depth else " "
    assert depth == 0, text
    return set(re.findall(r"[^\W\d_]+", outside)) - NO_LANGUAGE


@pytest.fixture
def marked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "_translations", lambda tag: Marked())


PAGES = [
    "/",
    "/nights/2026-11-21",
    "/nights/2026-11-13",
    "/account",
    "/calendar",
    "/diary",
    "/diary/days/2025-11-20",
    "/diary/standing",
    "/guide",
    "/login",
    "/nights/2026-11-21/picture",
    "/nights/2026-11-21/picture?table=minutes",
    "/nights/2026-01-01",
    "/no-such-page",
    "/pairing",
    "/report",
    "/settings",
    "/settings/learning",
    "/together",
    "/trial",
]
"""Every page, or one of each kind."""

NO_PAGES = (
    "/api/",
    "/healthz",
    "/metrics",
    "/readyz",
    "/report/{file}",
    "/service-worker.js",
    "/shared/",
    "/static",
)
"""Where addresses begin that are no page, or that of a report."""


def test_every_page_is_looked_at() -> None:
    routes = Routes(create_app(load_settings()).routes)
    shown = {routes.find("GET", path.partition("?")[0]) for path in PAGES}
    pages = {
        route
        for route in routes
        if route.startswith("GET ") and not route.removeprefix("GET ").startswith(NO_PAGES)
    }
    assert pages - shown == set()


NUMBERS = {
    "first": "2026-11-08",
    "last": "2026-11-21",
    "recorded": 10,
    "confirmed": 2,
    "open": 5,
    "found_nights": 6,
    "usual": {"mean": 1.2, "least": 0, "most": 3},
}
"""What an alert gives."""

SAID = {
    "/episodes/rec-0-1-likely-0/answer": "said=yes&leg=left&muscle=calf&pain=7&helped=walking",
    "/episodes/rec-0-1-likely-1/answer": "said=no",
    "/episodes/rec-4-1-likely-0/answer": "said=yes&leg=both&muscle=other&hurt_min=4,5",
    "/nights/2026-11-21/missed": "time=04:40",
    "/diary/days/2026-11-20": "tick=fluids&tick=swelling&tick=dialysis&systolic_mmhg=142",
    "/diary/days/2026-11-22": "tick=calf_stretches&tick=urine_foamy",
    "/diary/standing/1": "kind=medicine&name=9&of_class=statin&since=2026-10-03",
    "/diary/standing/2": "kind=factor&factor=exertion&since=2026-05-01&until=2026-11-12",
}
"""What is posted by whoever tells of everything, by the address of the form."""


@pytest.fixture
def full(client: Client, store: Store, month: Callable[[], None]) -> Client:
    month()
    for path, body in SAID.items():
        assert client.post(path, body.encode()).status_code == 303, path

    def work(session: Session) -> None:
        for layer, night in (("persistent", 12), ("sudden", 20)):
            raise_alert(session, "me", layer, date(2026, 11, night), NUMBERS, at_ns=1)

    store.write(work)
    return client


@pytest.mark.usefixtures("marked")
def test_no_text_of_a_page_is_without_a_mark(full: Client) -> None:
    for path in PAGES:
        found = Read(full.get(path).text)
        assert OPENED in found.texts[0], path
        assert {word for text in found.texts for word in unmarked(text)} == set(), path


@pytest.mark.usefixtures("marked")
def test_the_page_of_an_empty_store_is_marked(client: Client) -> None:
    texts = Read(client.get("/").text).texts
    assert {word for text in texts for word in unmarked(text)} == set()


def test_text_without_a_mark_is_found() -> None:
    assert unmarked(f"{OPENED}Yes {OPENED}x{CLOSED}{CLOSED} No, Sat 21 Nov") == {"No"}
    assert Read('<b title="One">Two <code>three</code></b> four').texts == [" Two   four", "One"]


def test_no_sentence_of_a_german_page_is_english(full: Client) -> None:
    english = [
        source
        for message in messages("de")
        for source, translation in forms(message)
        if source != translation and len(source) > 12 and "%" not in source
    ]
    for path in PAGES:
        read = " ".join(Read(full.get(path, **{"accept-language": "de"}).text).texts)
        assert [source for source in english if source in read] == [], path
        assert "Crampwatch ist kein Medizinprodukt" in read, path


@pytest.mark.parametrize("tag", LANGUAGES)
def test_no_sentence_runs_into_what_follows_it(full: Client, tag: str) -> None:
    for path in PAGES:
        page = full.get(path, **{"accept-language": tag}).text
        text = re.sub(r"<style>.*?</style>", " ", page, flags=re.DOTALL)
        # Only these stand within a line.
        text = re.sub(r"</?(?:a|b|cite|code|small|span)\b[^>]*>", "", text)
        text = re.sub(r"<[^>]+>", " ", text)
        assert re.findall(r".{20}[a-z)][.?!][A-ZÄÖÜ].{10}", text) == [], path


def test_what_was_told_is_told_again_in_german(full: Client) -> None:
    def read(path: str) -> str:
        text = Read(full.get(path, **{"accept-language": "de"}).text).texts[0]
        return " ".join(text.split())

    front = read("/")
    assert "Linke Wade, Schmerz 7 von 10, geholfen hat: Gehen." in front
    assert "Sie hatten um 04:40 Uhr einen Krampf, der nicht gefunden wurde." in front
    assert "Diese Woche mehr als bei Ihnen üblich seit der Nacht vom Fr. 20. November" in front
    assert (
        "In 10 aufgezeichneten Nächten vom So. 8. November bis Sa. 21. November: 2 Krämpfe, die "
        "Sie angegeben haben, und 5 Mal Aufwachen, das ein Krampf gewesen sein könnte, in 6 "
        "Nächten. Das ist mehr als bei Ihnen üblich: 0 bis 3 Krämpfe pro Woche."
    ) in front
    report = read("/report")
    assert "Medikament: 9, Cholesterintablette (Simvastatin, Atorvastatin), seit 3. Okt." in report
    assert "Bekannt: Schwere Arbeit oder Sport, seit 1. Mai 2026, bis 12. Nov. 2026" in report
    assert "4,5 bis 4,5 min, die Hälfte 4,5 oder mehr (angegeben bei 1 von 3)" in report


def test_a_page_says_which_language_it_is_in_and_what_that_hangs_on(full: Client) -> None:
    for accepted, tag in (("de-DE,de;q=0.9", "de"), ("en-GB", "en"), ("fr", "en")):
        answer = full.get("/", **{"accept-language": accepted})
        assert f'<html lang="{tag}">' in answer.text
        assert answer.headers["content-language"] == tag
        assert {"Accept-Language", "Cookie"} <= set(answer.headers["vary"].split(", "))


def test_the_api_and_the_files_are_the_same_for_all(full: Client) -> None:
    german = full.get("/api/v1/nights/2026-01-01", **{"accept-language": "de"})
    assert german.json()["title"] == "Not Found"
    assert "content-language" not in german.headers
    assert "Accept-Language" not in full.get("/static/style.css").headers.get("vary", "")


def test_times_are_written_in_the_habit_of_the_region(full: Client) -> None:
    def front(accepted: str) -> str:
        return full.get("/", **{"accept-language": accepted}).text.replace("\u202f", " ")

    assert "<b>01:13</b>" in front("en-GB")
    assert "Last night (Sat 21 to Sun 22 Nov)" in front("en-GB")
    assert "<b>1:13 AM</b>" in front("en-US")
    assert "Last night (Sat Nov 21 to Sun Nov 22)" in front("en-US")
    assert "<b>01:13</b>" in front("de-CH")
    assert "Letzte Nacht (Sa. 21. auf So. 22. November)" in front("de")


def test_a_choice_is_kept_in_the_browser_and_leads_back(full: Client) -> None:
    asking = "http://127.0.0.1/nights/2026-11-21?wearer=me"
    chosen = full.ask("POST", "/language?to=de", referer=asking)
    assert (chosen.status_code, chosen.headers["location"]) == (
        303,
        "/nights/2026-11-21?wearer=me",
    )
    kept = chosen.headers["set-cookie"]
    assert "crampwatch-language=de" in kept
    assert "HttpOnly" in kept
    cookie = kept.partition(";")[0]
    page = full.ask("GET", "/", cookie=cookie, accept_language="en-US").text
    assert '<html lang="de">' in page
    assert "Antwort: Es war ein Krampf." in page


@pytest.mark.parametrize(
    "referer", ["", "http://127.0.0.1/answers/1", "http://127.0.0.1//elsewhere.example", "%%"]
)
def test_a_choice_leads_to_the_first_page_where_no_page_can_be_asked_for_again(
    referer: str, client: Client
) -> None:
    answer = client.ask("POST", "/language?to=en", referer=referer)
    assert answer.headers["location"] == "/"


def test_a_language_that_is_none_is_not_kept(client: Client) -> None:
    answer = client.ask("POST", "/language?to=xx")
    assert answer.status_code == 303
    assert "set-cookie" not in answer.headers


def test_the_catalogues_are_in_the_package() -> None:
    assert '"locale/*/LC_MESSAGES/*.po"' in (ROOT / "pyproject.toml").read_text()
    assert [path.name for path in Path(CATALOGUES).glob("*/LC_MESSAGES/*")] == [f"{DOMAIN}.po"]
