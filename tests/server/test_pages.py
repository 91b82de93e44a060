from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from html.parser import HTMLParser
from importlib import resources
from io import StringIO
from typing import TYPE_CHECKING

import httpx
import pytest
from fastapi import FastAPI
from rich.console import Console
from sqlalchemy import event

from detector.night import Cue
from ingest.samples import FaultKind
from server import cue_words, words
from server.kind_words import looks_like
from server.store import Store
from server.summary import overview
from server.terminal import render_morning

if TYPE_CHECKING:
    from tests.server.conftest import Client, NightMaker

NIGHT = date(2026, 11, 21)

WORDS_TO_AVOID = [
    "detects",
    "diagnos",
    "disease",
    "risk",
    "medical grade",
    "medical-grade",
    "potassium",
    "statin",
    "safe",
    "no cramps",
]


class Text(HTMLParser):
    """Collects what a reader sees and what a screen reader hears."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.heard: list[str] = []
        self.attributes: list[tuple[str, str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value) for name, value in attrs]
        self.heard += [value or "" for name, value in attrs if name == "aria-label"]

    def handle_data(self, data: str) -> None:
        self.seen.append(data)


def read(answer: httpx.Response) -> Text:
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    text = Text()
    text.feed(answer.text)
    return text


def plain(answer: httpx.Response) -> str:
    return " ".join(" ".join(read(answer).seen).replace("\xa0", " ").split())


def test_the_page_says_what_was_recorded_before_anything_else(
    client: Client, month: Callable[[], None]
) -> None:
    month()
    told = plain(client.get("/"))
    parts = [
        "Last night (Sat 21 to Sun 22 Nov)",
        "Recorded 7 h 40 min, worn 7 h 30 min",
        "Asleep for about 6 h 45 min between 23:15 and 06:20; only that was searched.",
        "We noticed 2 awakenings that looked like cramps, and 1 more that may have been.",
        "01:13 Likely, 78 % Was this a cramp? (01:13) Yes No Not sure",
        "2 min 5 s long, heart rate up by 14 beats a minute, no steps seen.",
        "02:13 Likely, 78 % Was this a cramp? (02:13) Yes No Not sure",
        "heart rate up by 14 beats a minute, got up.",
        "01:47 Possible, 41 % Something woke you at 01:47. Was it a cramp? Yes No Not sure",
        "40 s long, heart rate not measured, no steps seen.",
        "I had one that is not here",
        "A percentage says how sure the detector is",
        "The night at a glance",
        "No heart rate for 1 h 10 min (04:00–05:10).",
        "30 nights",
        "13 of 30 nights recorded: 7 awakenings looked like cramps, 3 more may have been.",
        "Times are local to Europe/Berlin.",
        "Recording: 2026-11-21_left. Device: PineTime. Model: transparent 1.",
        "not a medical device",
        "not the calf",
    ]
    places = [told.index(part) for part in parts]
    assert told.index("Not on a wrist for 10 min (06:30–06:40).") > places[12]
    assert places[:13] == sorted(places[:13])


def test_every_number_on_the_page_is_the_apis(client: Client, month: Callable[[], None]) -> None:
    month()
    night = client.get("/api/v1/nights/2026-11-21").json()
    told = plain(client.get("/nights/2026-11-21"))
    assert words.hours(night["recorded_s"], night["worn_s"]) in told
    assert f"about {words.duration(night['sleeps'][0]['asleep_s'])} between" in told
    assert f"{night['likely']} awakenings" in told
    assert f"{night['possible']} more" in told
    for episode in night["episodes"]:
        percent = round(100 * episode["probability"])
        at = f"{episode['onset'][11:16]} {episode['standing'].capitalize()}, {percent} % "
        card = told.split(at)[1].split("What it was judged by")[0]
        assert f" {words.length(episode['duration_s'])} long" in card
        assert (looks_like(episode["probability"], episode["others"]) or "nothing") in told
        for name, cue in episode["evidence"].items():
            if cue["contribution"]:
                kept = Cue(**cue)
                title, value = cue_words.title(name), cue_words.value(name, kept)
                assert f"{title} {value} {cue_words.leaning(kept)}" in told
        evidence = {name: Cue(**cue) for name, cue in episode["evidence"].items()}
        begun = cue_words.beginning(episode["probability"], evidence)
        assert f"before any sign was weighed, this one stood at {begun}." in told
    for fault in night["faults"]:
        assert f"({fault['start'][11:16]}–{fault['end'][11:16]})" in told
    for recording in night["recordings"]:
        assert recording["name"] in told


@pytest.mark.parametrize(("path", "transactions", "questions"), [("/", 2, 20), ("/diary", 2, 8)])
def test_a_page_asks_little_of_the_store(
    client: Client,
    app: FastAPI,
    month: Callable[[], None],
    path: str,
    transactions: int,
    questions: int,
) -> None:
    month()
    client.get(path)
    asked: list[str] = []
    engine = app.state.context.store._database.engine
    event.listen(engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    client.get(path)
    assert asked.count("BEGIN") <= transactions
    assert len([each for each in asked if each.startswith("SELECT")]) <= questions


def test_the_strip_is_told_to_those_who_cannot_see_it(
    client: Client, month: Callable[[], None]
) -> None:
    month()
    heard = [each.replace("\xa0", " ") for each in read(client.get("/")).heard]
    nights = [each for each in heard if ":" in each]
    assert len(nights) == 30
    assert nights[-1] == "Sat 21 Nov: 2 likely and 1 possible. Recorded 7 h 40 min, worn 7 h 30 min"
    assert nights[-2] == "Fri 20 Nov: not recorded"
    assert nights[-3] == (
        "Thu 19 Nov: none found in the 7 h 5 min searched. Recorded 7 h 30 min, worn 7 h 30 min"
    )


def test_the_timeline_is_told_to_those_who_cannot_see_it(
    client: Client, month: Callable[[], None]
) -> None:
    month()
    found = re.search(r'<desc id="timeline-text">(.*?)</desc>', client.get("/").text)
    assert found
    assert found[1] == (
        "Recorded: 23:00–06:40. Worn: 23:00–06:30. "
        "Sleep: 23:15–00:30, 00:31–01:13, 01:15–01:47, 01:47–02:13, 02:15–06:20. "
        "Cramp-like awakenings: 01:13–01:15 (likely), 01:47–01:47 (possible), "
        "02:13–02:15 (likely). "
        "Not on a wrist: 06:30–06:40. No heart rate: 04:00–05:10."
    )


def test_only_recorded_nights_are_links(client: Client, month: Callable[[], None]) -> None:
    month()
    links = {
        value
        for tag, name, value in read(client.get("/")).attributes
        if tag == "a" and name == "href"
    }
    pages = ("calendar", "diary", "report", "guide", "pairing", "settings", "account")
    of_the_server = {"#pages", *(f"/{page}" for page in pages)}
    assert of_the_server < links
    assert len(links - of_the_server) == 13 + 1
    assert "/nights/2026-11-20" not in links
    for link in links - {"#pages"}:
        assert client.get(str(link)).status_code == 200


@pytest.mark.parametrize(
    ("newest", "told"),
    [
        (NIGHT, False),
        (NIGHT + timedelta(days=1), False),  # a recording of the night that has just begun
        (NIGHT - timedelta(days=1), True),
    ],
)
def test_a_newest_night_that_is_not_last_night_is_said_so(
    store: Store, client: Client, make_night: NightMaker, newest: date, told: bool
) -> None:
    store.save(make_night(newest))
    text = plain(client.get("/"))
    assert ("Last night (Sat 21 Nov) is not recorded here." in text) is told
    heading = plain(client.get(f"/nights/{newest}"))
    assert ("Last night (Sat 21 to Sun 22 Nov)" in heading) is (newest == NIGHT)
    assert "is not recorded here" not in heading


def test_a_night_without_findings_says_in_how_many_hours(
    store: Store, client: Client, make_night: NightMaker
) -> None:
    store.save(make_night(episodes=0))
    told = plain(client.get("/"))
    assert "Nothing cramp-like was found in the 7 h 5 min searched." in told
    assert "What was missing" not in told


def test_a_night_hardly_searched_says_so_before_that_nothing_was_found(
    store: Store, client: Client, make_night: NightMaker
) -> None:
    store.save(make_night(episodes=0, worn_hours=2))
    told = plain(client.get("/"))
    warning = told.index("Only 1 h 35 min could be searched; the rest is unknown.")
    assert told.index("Recorded 7 h 30 min, worn 2 h") < warning
    assert warning < told.index("Nothing cramp-like was found in the 1 h 35 min searched.")


def test_a_night_worn_without_sleep_is_not_called_one_without_findings(
    store: Store, client: Client, make_night: NightMaker
) -> None:
    store.save(replace(make_night(episodes=0), sleeps=(), awakenings=()))
    page = client.get("/")
    told = plain(page)
    assert "No sleep was found in what was recorded." in told
    assert "only sleep can be searched, and none was found" in told
    assert "Nothing can be said about cramps in this night." in told
    assert "Nothing cramp-like" not in told
    assert "Sat 21 Nov: nothing can be said. Recorded" in " ".join(read(page).heard)
    assert "none found. Recorded" not in " ".join(read(page).heard)


def test_every_sleep_of_a_night_is_told(
    store: Store, client: Client, make_night: NightMaker
) -> None:
    night = make_night(episodes=0)
    (sleep,) = night.sleeps
    middle = (sleep.onset_ns + sleep.wake_ns) // 2
    halves = (
        replace(sleep, wake_ns=middle - 1800 * 10**9, asleep_s=9000.0),
        replace(sleep, onset_ns=middle + 1800 * 10**9, asleep_s=9000.0),
    )
    store.save(replace(night, sleeps=halves))
    told = plain(client.get("/"))
    assert "Asleep for about 5 h in 2 sleeps (23:15–02:17, 03:17–06:20)" in told
    assert "found in the 6 h 5 min searched" in told


def test_a_recording_without_any_heart_rate_gets_its_own_advice(
    store: Store, client: Client, make_night: NightMaker
) -> None:
    store.save(make_night(faults=((FaultKind.NO_HEART_RATE, "23:00", "06:30"),)))
    told = plain(client.get("/"))
    assert "No heart rate in all of the 7 h 30 min worn." in told
    assert "if it cannot, nothing is wrong with it." in told
    assert "dry skin" not in told


def test_a_night_beside_the_bed_says_that_nothing_is_known(
    store: Store, client: Client, make_night: NightMaker
) -> None:
    faults = ((FaultKind.OFF_WRIST, "23:00", "06:30"),)
    store.save(make_night(episodes=0, worn_hours=0, faults=faults))
    told = plain(client.get("/"))
    assert "Recorded 7 h 30 min, not worn" in told
    assert "Nothing can be said about cramps in this night." in told
    assert "Not on a wrist in all of the 7 h 30 min recorded." in told
    assert "Nothing cramp-like" not in told


def test_the_hour_that_comes_twice_is_told_with_its_zone(
    store: Store, client: Client, make_night: NightMaker
) -> None:
    store.save(make_night(date(2026, 10, 24), episodes=2, hours=9))
    told = plain(client.get("/"))
    assert "01:13 Likely" in told
    assert "02:13 CEST Likely" in told


def test_an_empty_store_says_how_to_fill_it(client: Client) -> None:
    told = plain(client.get("/"))
    assert "No night is stored here yet." in told
    assert "crampwatch replay" in told
    assert "crampwatch pair crampwatch night" in told


def test_a_night_that_is_not_recorded_is_not_called_a_quiet_one(
    client: Client, month: Callable[[], None]
) -> None:
    month()
    answer = client.get("/nights/2026-11-20")
    assert answer.status_code == 404
    told = plain(answer)
    assert "The night of Fri 20 to Sat 21 Nov 2026 is not recorded here." in told
    assert "That says nothing about how the night was." in told
    assert "‹ Thu 19 Nov Sat 21 Nov ›" in told
    assert "Nothing cramp-like" not in told


@pytest.mark.parametrize(
    "path",
    [
        "/nights/tomorrow",
        "/nights/2026-02-30",
        "/nights/0001-01-01",
        "/nights/9999-12-31",
        "/elsewhere",
    ],
)
def test_a_page_that_is_not_there_is_a_page_in_our_words(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "Not Found There is no such page. The newest night" in plain(answer)


def test_what_a_recording_is_called_cannot_become_part_of_the_page(
    store: Store, client: Client, make_night: NightMaker
) -> None:
    store.save(make_night(name="<script>alert(1)</script>"))
    answer = client.get("/")
    assert "<script>" not in answer.text
    assert "<script>alert(1)</script>" in plain(answer)


def test_nothing_comes_from_elsewhere_and_nothing_breaks_the_policy(
    client: Client, month: Callable[[], None]
) -> None:
    month()
    answer = client.get("/")
    text = read(answer)
    scripts = re.findall(r"<script (.*?)</script>", answer.text)
    assert [each.split("?")[0] for each in scripts] == [
        'src="/static/outbox.js',
        'src="/static/morning.js',
    ]
    assert all(each.endswith("defer>") for each in scripts)
    (style,) = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f" 'sha256-{digest}';" in answer.headers["Content-Security-Policy"]
    assert not [name for _, name, _ in text.attributes if name == "style" or name.startswith("on")]
    sources = [value for _, name, value in text.attributes if name in ("src", "href")]
    assert all(str(source).startswith(("/", "#")) for source in sources)
    files = [str(source) for source in sources if str(source).startswith("/static/")]
    assert "/static/icon.svg" in {each.split("?")[0] for each in files}
    for each in files:
        assert client.get(each).status_code == 200


def test_unique_ids_and_labels_that_lead_somewhere(
    client: Client, month: Callable[[], None]
) -> None:
    month()
    attributes = read(client.get("/")).attributes
    ids = [value for _, name, value in attributes if name == "id"]
    assert len(ids) == len(set(ids))
    labels = " ".join(str(value) for _, name, value in attributes if name == "aria-labelledby")
    assert set(labels.split()) <= set(ids)


@pytest.mark.parametrize(
    "path",
    ["/", "/nights/2026-11-20", "/nights/no", "/api/v1/nights", "/api/v1/no", "/static/style.css"],
)
def test_every_answer_carries_the_strict_headers(client: Client, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'self' 'sha256-")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"


def test_a_simulated_night_says_so_on_the_page_and_in_the_terminal(
    store: Store, client: Client, make_night: NightMaker
) -> None:
    night = make_night()
    told = "Source: crampwatch simulator: a simulation, not a person."
    source = told.removeprefix("Source: ").removesuffix(".")
    store.save(night)
    assert words.SIMULATED not in plain(client.get("/"))
    store.save(replace(night, info=replace(night.info, source=source)))
    page, terminal = plain(client.get("/")), _render(store, NIGHT, width=200)
    assert told in page
    assert told in terminal
    assert words.SIMULATED.startswith("Simulated sample night")
    for text in (page, terminal):
        assert (
            text.index("Night of" if text is terminal else "Last night")
            < text.index(words.SIMULATED)
            < text.index("Recorded 7 h 30 min")
        )


@pytest.mark.parametrize("path", ["/api/v1/broken", "/broken"])
def test_a_mistake_of_ours_is_told_without_its_insides(
    app: FastAPI, client: Client, path: str
) -> None:
    def broken() -> None:
        raise RuntimeError("the inside of crampwatch")

    app.add_api_route(path, broken)
    answer = client.get(path)
    assert answer.status_code == 500
    assert "Crampwatch made a mistake" in answer.text
    assert "inside" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8321", "localhost:8321", "[::1]:8321"])
def test_names_of_this_machine_are_answered(client: Client, host: str) -> None:
    assert client.get("/", host=host).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "192.168.1.10", "[::2]"]
)
def test_any_other_name_is_turned_away(client: Client, host: str) -> None:
    answer = client.get("/", host=host)
    assert answer.status_code == 400
    assert "content-security-policy" in answer.headers


def test_words_to_avoid_are_nowhere(
    store: Store, client: Client, month: Callable[[], None], make_night: NightMaker
) -> None:
    empty = plain(client.get("/"))
    month()
    store.save(make_night(NIGHT - timedelta(days=40), id="off", episodes=0, worn_hours=0))
    paths = [f"/nights/{NIGHT - timedelta(days=ago)}" for ago in (0, 2, 6, 7, 11, 12, 40, 41)]
    answers = [client.get(path) for path in paths] + [client.get("/nights/no")]
    told = [empty, *(each.text for each in answers), *_terminals(store)]
    told += [
        each.read_text("utf-8")
        for each in resources.files("server").joinpath("templates").iterdir()
    ]
    told.append(json.dumps(client.get("/api/v1/openapi.json").json()))
    for text in told:
        for word in WORDS_TO_AVOID:
            assert not re.search(rf"\b{word}", text, re.IGNORECASE), word


# The terminal says the same


def _terminals(store: Store) -> list[str]:
    return [_render(store, NIGHT - timedelta(days=ago)) for ago in (0, 2, 6, 7, 11, 12)]


def _render(store: Store, night: date, **options: object) -> str:
    found = overview(store, "me", night)
    assert found.morning is not None
    out = StringIO()
    Console(file=out, **options).print(  # type: ignore[arg-type]
        render_morning(found.morning, found)
    )
    return out.getvalue()


def test_the_terminal_reads_well_in_a_pipe(store: Store, month: Callable[[], None]) -> None:
    month()
    lines = [line.rstrip() for line in _render(store, NIGHT).splitlines()]
    assert lines[:7] == [
        "Night of Sat 21 to Sun 22 Nov 2026",
        "Recorded 7 h 40 min, worn 7 h 30 min.",
        "Asleep for about 6 h 45 min between 23:15 and 06:20; only that was searched.",
        "",
        "We noticed 2 awakenings that looked like cramps, and 1 more that may have been.",
        "Time   Length     Looks like a cramp  Heart rate    Out of bed",
        "01:13  2 min 5 s  Likely, 78 %        +14 a minute  no steps seen",
    ]
    assert "· · · · 1 · · · · · · · o o · · · 3 ~ · o o ? ~ · 1 o o · 2" in lines
    assert "· not recorded  ~ less than 4 h searched  o none found" in lines
    assert "? may have been one  1-9 looked like a cramp" in lines
    assert max(map(len, lines)) <= 80
    assert "\x1b" not in "".join(lines)
    assert not re.search(r"[\u2500-\u257f]", "".join(lines))


def test_the_terminal_and_the_page_say_the_same(
    store: Store, client: Client, month: Callable[[], None]
) -> None:
    month()
    page = plain(client.get("/"))
    terminal = _render(store, NIGHT, width=200).splitlines()
    for line in (terminal[2], terminal[4]):
        assert line in page
    assert terminal[0] in plain(client.get("/nights/2026-11-21")).replace(
        "Last night (Sat 21 to Sun 22 Nov)", "Night of Sat 21 to Sun 22 Nov 2026"
    )
    assert "No heart rate for 1 h 10 min (04:00–05:10)." in page
    assert any(line.startswith("No heart rate for 1 h 10 min (04:00–05:10).") for line in terminal)


def test_the_time_of_an_episode_is_whole_on_a_terminal_of_any_width(
    store: Store, make_night: NightMaker
) -> None:
    night = date(2026, 10, 24)
    store.save(make_night(night, episodes=2, possible=1, hours=9))
    for width in range(20, 81):
        lines = [line.rstrip() for line in _render(store, night, width=width).splitlines()]
        for time in ("01:13", "01:47", "02:13 CEST"):
            assert any(line.startswith(time) for line in lines), width
        assert "…" not in "".join(lines)
        assert max(map(len, lines)) <= width


def test_a_page_says_which_personal_adjustment_judged(
    store: Store, client: Client, make_night: NightMaker
) -> None:
    store.save(replace(make_night(), personal="0c6f3a91be02"))
    page = plain(client.get("/"))
    assert "Model: transparent 1. Adjusted to you: 0c6f3a91be02." in page
    (recording,) = client.get("/api/v1/recordings").json()["items"]
    assert recording["personal"] == "0c6f3a91be02"
