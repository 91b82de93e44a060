from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from crampwatch.progress import NightProgress
from crampwatch.replay import judge_recording, sample_nights
from detector.classifier import load_model
from detector.night import Awakening, Cue, Episode, ModelVersion, Night, Sleep, Span, Standing
from ingest.discover import find_recordings
from ingest.samples import NS_PER_S, Fault, FaultKind, RecordingInfo
from server.app import create_app
from server.live import Live
from server.settings import Settings, load_settings
from server.store import Store
from server.wire import LinkReport, LiveReport
from tests.browsing import PICTURES, serving

NEWEST = date(2026, 11, 21)
BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 22, 7, tzinfo=BERLIN)

PHONE: ViewportSize = {"width": 390, "height": 844}
SMALL_PHONE: ViewportSize = {"width": 320, "height": 640}
README: ViewportSize = {"width": 760, "height": 900}
DESKTOP: ViewportSize = {"width": 1280, "height": 900}


def judged(ago: int, *, hours: float, likely: int = 0, possible: int = 0) -> Night:
    night = NEWEST - timedelta(days=ago)
    start = datetime(night.year, night.month, night.day, 22, 50, tzinfo=BERLIN)

    def at(hour: float) -> int:
        return (int(start.timestamp()) + int(hour * 3600)) * NS_PER_S

    standings = [Standing.LIKELY] * likely + [Standing.POSSIBLE] * possible
    episodes = tuple(
        Episode(
            id=f"{ago}-{number}",
            onset_ns=at(2.4 + 1.3 * number),
            end_ns=at(2.4 + 1.3 * number) + (140 - 45 * number) * NS_PER_S,
            probability=0.86 - 0.17 * number,
            standing=standing,
            heart_rate_rise_bpm=17.0 - 6 * number,
            got_up=number == 0,
            evidence={
                "heart_rose": Cue(17.0 - 6 * number, "bpm", 1.6),
                "long_enough": Cue(88.0, "s", 1.4),
                "out_of_rest": Cue(640.0, "s", 0.8),
                "restless": Cue(3.0, "1", -0.2),
                "off_wrist": Cue(0.0, "1", 0.0),
            },
        )
        for number, standing in enumerate(standings)
    )
    faults = (
        (
            Fault(at(4.5), at(5.2), FaultKind.NO_HEART_RATE),
            Fault(at(hours - 0.2), at(hours), FaultKind.OFF_WRIST),
        )
        if ago == 0
        else ()
    )
    worn_until = at(hours - 0.2) if faults else at(hours)
    return Night(
        id=f"recording-{ago}",
        info=RecordingInfo(f"night-{night}", at(0), "Europe/Berlin", "PineTime", "left"),
        start_ns=at(0),
        end_ns=at(hours),
        recorded=(Span(at(0), at(hours)),),
        worn=(Span(at(0), worn_until),),
        sleeps=(Sleep(at(0.4), at(hours - 0.3), (hours - 1) * 3600),),
        awakenings=tuple(Awakening(e.onset_ns, e.end_ns, e.probability) for e in episodes),
        episodes=episodes,
        faults=faults,
        model=ModelVersion("transparent", "1"),
    )


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("store")
    settings = load_settings(data_dir=folder, database_url=f"sqlite:///{folder}/nights.db", port=0)
    with Store.open(settings.database_url, now=lambda: NOW) as store:
        store.save(judged(0, hours=7.7, likely=2, possible=1))
        for ago, likely, possible, hours in [
            (1, 0, 0, 7.9),
            (2, 0, 0, 8.2),
            (4, 1, 0, 7.1),
            (5, 0, 1, 6.9),
            (6, 0, 0, 2.5),
            (9, 0, 0, 8.0),
            (10, 3, 0, 7.5),
            (11, 0, 0, 7.2),
            (18, 0, 0, 7.7),
        ]:
            store.save(judged(ago, hours=hours, likely=likely, possible=possible))
    yield from served(settings)


@pytest.fixture(scope="module")
def samples_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    settings = load_settings(data_dir=tmp_path_factory.mktemp("samples"), port=0)
    model = load_model()
    with Store.open(settings.database_url, home=settings.data_dir, now=lambda: NOW) as store:
        for folder in sample_nights():
            (found,) = find_recordings(folder)
            night, _ = judge_recording(found.open(), model, NightProgress())
            store.save(night)
    yield from served(settings)


@pytest.fixture(scope="module")
def tonight_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    settings = load_settings(data_dir=tmp_path_factory.mktemp("tonight"), port=0)
    with Store.open(settings.database_url, home=settings.data_dir, now=lambda: NOW) as store:
        store.save(judged(0, hours=7.7, likely=1))
    started = datetime(2026, 11, 22, 22, 50, tzinfo=BERLIN)
    links = (
        LinkReport("InfiniTime 3C:4D", "streaming", 81, 9.9),
        LinkReport("Polar H10 0A3BA92B", "backing_off"),
    )
    live = Live(lambda: started + timedelta(hours=4))
    live.tell(
        LiveReport(
            int(started.timestamp()) * NS_PER_S,
            "Europe/Berlin",
            links,
            judged(-1, hours=4, possible=1),
        )
    )
    yield from served(settings, live)


def served(settings: Settings, live: Live | None = None) -> Iterator[str]:
    store = Store.open(settings.database_url, home=settings.data_dir, now=lambda: NOW)
    with serving(create_app(settings, store=store, live=live)) as where:
        yield where


class Visit:
    """A page, with all that it asked for and complained of."""

    def __init__(self, page: Page):
        self.page = page
        self.asked: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("requestfailed", lambda request: self.complaints.append(request.url))
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def width_overflow(self) -> int:
        overflow = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        return int(overflow)


@pytest.fixture
def visit(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Visit]:
    size, scheme = request.param
    context = browser.new_context(
        viewport=size, color_scheme=scheme, device_scale_factor=2, locale="en-GB"
    )
    yield Visit(context.new_page())
    context.close()


EVERY_LOOK = pytest.mark.parametrize(
    "visit",
    [
        pytest.param((PHONE, "light"), id="phone-light"),
        pytest.param((PHONE, "dark"), id="phone-dark"),
        pytest.param((SMALL_PHONE, "light"), id="small-phone-light"),
        pytest.param((DESKTOP, "light"), id="desktop-light"),
        pytest.param((DESKTOP, "dark"), id="desktop-dark"),
    ],
    indirect=True,
)
AS_IN_THE_README = pytest.mark.parametrize(
    "visit", [pytest.param((README, "light"), id="readme")], indirect=True
)
ON_A_PHONE = pytest.mark.parametrize(
    "visit", [pytest.param((PHONE, "light"), id="phone-light")], indirect=True
)


@EVERY_LOOK
def test_the_morning_page(visit: Visit, address: str, request: pytest.FixtureRequest) -> None:
    page = visit.page
    page.goto(address)
    PICTURES.mkdir(exist_ok=True)
    look = request.node.callspec.id
    page.screenshot(path=PICTURES / f"morning-{look}.png", full_page=True)

    text = page.inner_text("main").replace("\xa0", " ")
    assert "Recorded 7 h 42 min, worn 7 h 30 min" in text
    assert "We noticed 2 awakenings that looked like cramps, and 1 more" in text
    assert "Likely, 86 %" in text
    assert visit.complaints == []
    assert {urlsplit(url).hostname for url in visit.asked} == {"127.0.0.1"}
    assert {urlsplit(url).path for url in visit.asked} >= {"/", "/static/morning.js"}
    assert visit.width_overflow() == 0


@EVERY_LOOK
def test_tonight_comes_first(
    visit: Visit, tonight_address: str, request: pytest.FixtureRequest
) -> None:
    page = visit.page
    page.goto(tonight_address)
    PICTURES.mkdir(exist_ok=True)
    page.screenshot(path=PICTURES / f"tonight-{request.node.callspec.id}.png")
    box = page.get_by_role("region", name="Tonight")
    assert box.inner_text().replace("\xa0", " ").split("\n") == [
        "Tonight is being recorded since 22:50.",
        "",
        "InfiniTime 3C:4D: recording, battery 81 %",
        "Polar H10 0A3BA92B: out of reach, being tried again",
        "",
        "So far 1 awakening that may have been a cramp; the morning decides.",
    ]
    place, heading = box.bounding_box(), page.locator("h1").bounding_box()
    assert place is not None
    assert heading is not None
    assert place["y"] + place["height"] < heading["y"]
    assert visit.width_overflow() == 0
    assert visit.complaints == []


@pytest.mark.parametrize(
    "visit", [(PHONE, "light"), (PHONE, "dark")], indirect=True, ids=["light", "dark"]
)
def test_the_page_follows_the_colours_of_the_system(
    visit: Visit, address: str, request: pytest.FixtureRequest
) -> None:
    visit.page.goto(address)
    paper = visit.page.evaluate("getComputedStyle(document.body).backgroundColor")
    dark = "dark" in request.node.callspec.id
    assert paper == ("rgb(20, 24, 28)" if dark else "rgb(251, 249, 245)")


@ON_A_PHONE
def test_what_was_found_is_on_the_first_screen_of_a_phone(visit: Visit, address: str) -> None:
    visit.page.goto(address)
    for part in (".hours", ".finding", ".episode:first-child"):
        box = visit.page.locator(part).bounding_box()
        assert box is not None
        assert box["y"] + box["height"] < PHONE["height"]
    size = visit.page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)")
    assert size >= 20


@ON_A_PHONE
def test_everything_to_tap_is_large_enough(visit: Visit, address: str) -> None:
    visit.page.goto(address)
    # The menu, the nights, what each was judged by, the picture, one more cramp, another night.
    assert visit.page.locator("main :is(a, summary):visible").count() == 1 + 10 + 3 + 1 + 1 + 1
    targets = [each.bounding_box() for each in visit.page.locator(":is(a, summary):visible").all()]
    for box in targets:
        assert box is not None
        # WCAG 2.2, target size: 24 by 24 pixels.
        assert min(box["width"], box["height"]) >= 24


@ON_A_PHONE
def test_the_evidence_opens_without_a_script(visit: Visit, address: str) -> None:
    page = visit.page
    page.goto(address)
    evidence = page.locator(".episode table").first
    assert not evidence.is_visible()
    page.get_by_text("What it was judged by").first.click()
    assert evidence.is_visible()
    assert "Heart rate rose" in evidence.inner_text()
    page.screenshot(path=PICTURES / "evidence-phone-light.png")
    assert visit.width_overflow() == 0


@ON_A_PHONE
def test_two_taps_from_the_first_screen_are_enough_for_the_diary(
    visit: Visit, address: str
) -> None:
    page = visit.page
    page.goto(address)
    menu = page.get_by_role("link", name="Menu")
    expect(menu).to_be_in_viewport(ratio=1)
    menu.click()
    diary = page.get_by_role("navigation", name="Menu").get_by_role("link", name="Diary")
    expect(diary).to_be_in_viewport(ratio=1)
    diary.click()
    expect(page.get_by_role("button", name="Keep this day")).to_be_in_viewport(ratio=1)


@ON_A_PHONE
def test_the_strip_leads_to_another_night_and_back(visit: Visit, address: str) -> None:
    page = visit.page
    page.goto(address)
    page.get_by_label("Tue 17 Nov: 1 likely").click()
    expect(page).to_have_url(f"{address}/nights/2026-11-17")
    finding = page.locator(".finding")
    expect(finding).to_contain_text("1 awakening that looked like a cramp.")
    page.get_by_role("link", name="Thu 19 Nov ›").click()
    expect(finding).to_contain_text("Nothing cramp-like was found in the 7 h 30 min searched.")
    page.screenshot(path=PICTURES / "none-found-phone-light.png", full_page=True)
    assert visit.complaints == []


@ON_A_PHONE
def test_not_recorded_and_none_found_differ_by_shape_and_by_name(
    visit: Visit, address: str
) -> None:
    page = visit.page
    page.goto(address)
    missing = page.get_by_role("img", name="Wed 18 Nov: not recorded")
    quiet = page.get_by_role("link", name="Thu 19 Nov: none found")
    assert missing.locator(".mark-missing").count() == 1
    assert quiet.locator(".mark-night").count() == 1
    dashes = "element => getComputedStyle(element).strokeDasharray"
    assert missing.locator(".mark-missing").evaluate(dashes) != "none"
    assert quiet.locator(".mark-night").evaluate(dashes) == "none"


@AS_IN_THE_README
def test_the_sample_night_that_the_readme_shows(visit: Visit, samples_address: str) -> None:
    visit.page.goto(f"{samples_address}/nights/2026-10-23")
    PICTURES.mkdir(exist_ok=True)
    visit.page.screenshot(path=PICTURES / "readme.png", full_page=True, scale="css")
    text = visit.page.inner_text("main").replace("\xa0", " ")
    assert "Simulated sample night" in text
    assert "We noticed 2 awakenings that looked like cramps" in text
    assert visit.complaints == []
