from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from urllib.parse import urlsplit

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from crampwatch.progress import NightProgress
from crampwatch.replay import judge_recording, sample_nights
from detector.classifier import load_model
from ingest.discover import find_recordings
from ingest.samples import Acceleration
from server.app import create_app
from server.places import register_place
from server.settings import load_settings
from server.store import Store
from tests.browsing import PICTURES, serving

NOW = datetime(2026, 11, 22, 7, tzinfo=UTC)
NIGHT = "2026-10-23"
NIGHT_AWAY = "2026-10-26"
"""A night of which only what was found is here."""

PHONE: ViewportSize = {"width": 390, "height": 844}
SMALL_PHONE: ViewportSize = {"width": 320, "height": 640}
DESKTOP: ViewportSize = {"width": 1280, "height": 900}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    settings = load_settings(data_dir=tmp_path_factory.mktemp("picture"), port=0)
    model = load_model()
    with Store.open(settings.database_url, home=settings.data_dir, now=lambda: NOW) as store:
        for folder in sample_nights():
            if folder.name == "clean":
                continue
            (found,) = find_recordings(folder)
            night, _ = judge_recording(found.open(), model, NightProgress())
            store.save(night)
            if folder.name == "two-cramps":
                register_place(store, None, night.id, found.path)
    store = Store.open(settings.database_url, home=settings.data_dir, now=lambda: NOW)
    with serving(create_app(settings, store=store)) as where:
        yield where


class Visit:
    """A picture that is looked at, with all that its page asked for and complained of."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.context = context
        self.page: Page = context.new_page()
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self._address = address
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("requestfailed", lambda request: self.complaints.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self, night: str = NIGHT) -> None:
        self.page.goto(f"{self._address}/nights/{night}/picture")
        self.page.wait_for_selector("body[data-drawn]")

    def drawn(self) -> tuple[int, int]:
        """Give what is on the screen, in milliseconds from the start of the picture."""
        start, end = (self.page.get_attribute("body", "data-drawn") or "").split()
        return int(start), int(end)

    def drawn_anew(self, before: tuple[int, int]) -> tuple[int, int]:
        """Wait until something else is on the screen."""
        old = f"{before[0]} {before[1]}"
        self.page.wait_for_selector(f"body[data-drawn]:not([data-drawn='{old}'])")
        return self.drawn()

    def settled(self) -> tuple[int, int]:
        """Wait until what a gesture has ended with is on the screen."""
        start, end = self.page.evaluate(
            """() => {
              const { start, end } = Bokeh.documents[0].get_model_by_name("lanes").x_range;
              return [Math.round(start), Math.round(end)];
            }"""
        )
        self.page.wait_for_selector(f"body[data-drawn='{start} {end}']")
        return start, end

    def press(self, key: str) -> tuple[int, int]:
        before = self.drawn()
        self.page.keyboard.press(key)
        return self.drawn_anew(before)


@pytest.fixture
def visit(browser: Browser, address: str, request: pytest.FixtureRequest) -> Iterator[Visit]:
    size, scheme = getattr(request, "param", (DESKTOP, "light"))
    context = browser.new_context(
        viewport=size,
        color_scheme="dark" if scheme == "dark" else "light",
        device_scale_factor=2,
        has_touch=size != DESKTOP,
    )
    context.set_default_timeout(20_000)
    yield Visit(context, address)
    context.close()


@pytest.mark.parametrize(
    "visit",
    [
        pytest.param((PHONE, "light"), id="phone-light"),
        pytest.param((PHONE, "dark"), id="phone-dark"),
        pytest.param((SMALL_PHONE, "dark"), id="small-phone-dark"),
        pytest.param((DESKTOP, "dark"), id="desktop-dark"),
    ],
    indirect=True,
)
def test_a_night_in_a_picture(visit: Visit, request: pytest.FixtureRequest) -> None:
    visit.open()
    PICTURES.mkdir(exist_ok=True)
    look = request.node.callspec.id
    visit.page.screenshot(path=PICTURES / f"picture-{look}.png", full_page=True)
    before = visit.drawn()
    visit.page.get_by_role("button", name=re.compile("^Draw 0")).first.click()
    visit.drawn_anew(before)
    visit.page.screenshot(path=PICTURES / f"picture-{look}-closer.png")

    assert visit.complaints == []
    assert {urlsplit(url).hostname for url in visit.asked} == {"127.0.0.1"}
    assert visit.page.evaluate("document.documentElement.scrollWidth") == visit.page.evaluate(
        "document.documentElement.clientWidth"
    )
    canvases = visit.page.locator("#picture canvas")
    assert canvases.count() >= 5
    assert "The least and the most of each moment." in visit.page.inner_text("#shown")


def test_the_keyboard_looks_closer_goes_along_and_comes_back(visit: Visit) -> None:
    visit.open()
    whole = visit.drawn()
    visit.page.focus("#picture")
    start, end = visit.press("+")
    assert end - start == pytest.approx((whole[1] - whole[0]) / 2, abs=2)
    later = visit.press("ArrowRight")
    assert later[0] == pytest.approx(start + (end - start) / 2, abs=2)
    assert visit.press("ArrowLeft") == (start, end)
    # What was seen once is not asked for again.
    asked = len(visit.asked)
    assert visit.press("-") == whole
    assert visit.press("+") == (start, end)
    assert len(visit.asked) == asked
    # At the end of the night there is no more to see.
    for _ in range(3):
        visit.page.keyboard.press("ArrowRight")
    visit.page.wait_for_selector(f"body[data-drawn$=' {whole[1]}']")
    assert visit.press("Home") == whole
    assert visit.complaints == []


def test_every_control_is_reached_by_tab_and_says_what_it_does(visit: Visit) -> None:
    visit.open()
    names = []
    for _ in range(7):
        visit.page.keyboard.press("Tab")
        names.append(
            visit.page.evaluate(
                "document.activeElement.innerText.trim() || document.activeElement.id"
            )
        )
    assert names == ["Menu", "Closer", "Wider", "Earlier", "Later", "Whole night", "picture"]
    visit.page.get_by_role("button", name="Closer").focus()
    before = visit.drawn()
    visit.page.keyboard.press("Enter")
    start, end = visit.drawn_anew(before)
    assert end - start < before[1] - before[0]
    shown = visit.page.get_by_role("status")
    assert shown.inner_text().startswith("Shown: ")
    assert visit.page.locator("#picture").get_attribute("aria-describedby") == "shown picture-keys"


def test_the_wheel_looks_closer_at_what_is_under_it(visit: Visit) -> None:
    visit.open()
    before = visit.drawn()
    box = visit.page.locator("#picture").bounding_box()
    assert box is not None
    visit.page.mouse.move(box["x"] + 0.75 * box["width"], box["y"] + 200)
    visit.page.mouse.wheel(0, -400)
    start, end = visit.drawn_anew(before)
    assert end - start < before[1] - before[0]
    middle = 0.75 * before[1]
    assert start < middle < end
    assert (start + end) / 2 > before[1] / 2
    assert visit.complaints == []


def test_what_the_pointer_is_over_is_told_in_numbers(visit: Visit) -> None:
    visit.open()
    assert visit.page.inner_text("#pointed") == ""
    before = visit.drawn()
    visit.page.get_by_role("button", name=re.compile("^Draw 0")).first.click()
    visit.drawn_anew(before)
    for _ in range(5):
        start, end = visit.press("+")
    box = visit.page.locator("#picture").bounding_box()
    assert box is not None
    visit.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 250)
    told = visit.page.locator("#pointed")
    expect(told).to_contain_text("Along x, y and z (g): ")
    PICTURES.mkdir(exist_ok=True)
    visit.page.screenshot(path=PICTURES / "picture-pointed.png")
    drawn = visit.page.evaluate(
        """() => ["x_g", "y_g", "z_g"].map(
          (name) => [...Bokeh.documents[0].get_model_by_name(name).data.v])"""
    )
    times = visit.page.evaluate("[...Bokeh.documents[0].get_model_by_name('x_g').data.t]")
    middle = (start + end) / 2
    near = (end - start) / 20
    said = re.search(r"z \(g\): (\S+) (\S+) (\S+)", told.inner_text())
    assert said is not None
    assert said.groups() in {
        tuple(f"{each:.2f}" for each in xyz_g)
        for time, *xyz_g in zip(times, *drawn, strict=True)
        if abs(time - middle) < near
    }
    visit.page.mouse.move(1, 1)
    expect(told).to_have_text("")
    assert visit.complaints == []


@pytest.mark.parametrize("visit", [(PHONE, "light")], indirect=True, ids=["phone"])
def test_two_fingers_look_closer_and_one_goes_along(visit: Visit) -> None:
    visit.open()
    before = visit.drawn()
    visit.page.locator("#picture").scroll_into_view_if_needed()
    box = visit.page.locator("#picture").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + 200
    touch = visit.context.new_cdp_session(visit.page)

    def fingers(kind: str, *places: float) -> None:
        points = [{"x": place, "y": y, "id": number} for number, place in enumerate(places)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    fingers("touchStart", x - 20, x + 20)
    for apart in range(20, 120, 10):
        fingers("touchMove", x - apart, x + apart)
    fingers("touchEnd")
    visit.drawn_anew(before)
    pinched = visit.settled()
    assert pinched[1] - pinched[0] < 0.8 * (before[1] - before[0])

    fingers("touchStart", x)
    for by in range(0, 60, 6):
        fingers("touchMove", x - by)
    fingers("touchEnd")
    visit.drawn_anew(pinched)
    dragged = visit.settled()
    assert dragged[0] > pinched[0]
    assert dragged[1] - dragged[0] == pytest.approx(pinched[1] - pinched[0], abs=2)
    assert visit.complaints == []


def test_a_jerk_at_full_rate_is_the_samples_of_the_recording(visit: Visit) -> None:
    (path,) = (each for each in sample_nights() if each.name == "two-cramps")
    (found,) = find_recordings(path)
    chunks = [each for each in found.open().samples() if isinstance(each, Acceleration)]
    times_ns = np.concatenate([each.times_ns for each in chunks])
    xyz_g = np.concatenate([each.xyz_g for each in chunks])

    visit.open()
    before = visit.drawn()
    visit.page.get_by_role("button", name=re.compile("^Draw 0")).first.click()
    start, end = visit.drawn_anew(before)
    for _ in range(5):
        start, end = visit.press("+")
    PICTURES.mkdir(exist_ok=True)
    visit.page.screenshot(path=PICTURES / "picture-desktop-light-samples.png")
    assert end - start < 10_000
    origin_ms = json.loads(visit.page.inner_text("#night"))["start"]
    for place, name in enumerate(("x_g", "y_g", "z_g")):
        shown = visit.page.evaluate(
            """name => {
              const { data } = Bokeh.documents[0].get_model_by_name(name);
              return [...data.t].map((t, place) => [t, data.v[place]]).filter(([t]) => t === t);
            }""",
            name,
        )
        times_ms = times_ns / 1e6 - origin_ms
        there = (times_ms >= start) & (times_ms <= end)
        inside = [(t, v) for t, v in shown if start <= t <= end]
        assert len(inside) == there.sum() > 20
        assert [t for t, _ in inside] == pytest.approx(times_ms[there].tolist(), abs=0.01)
        assert [v for _, v in inside] == xyz_g[there, place].tolist()
    assert "Every sample." in visit.page.inner_text("#shown")


def test_times_are_those_of_the_wearer(visit: Visit) -> None:
    visit.open()
    told = visit.page.inner_text("#shown")
    found = re.match(r"Shown: (\d\d):00 to (\d\d):00\. ", told)
    assert found is not None
    axis = visit.page.evaluate(
        """() => {
          const axis = Bokeh.documents[0].get_model_by_name("lanes").above[0];
          return [...axis.major_label_overrides].map(([place, label]) => [place, label]);
        }"""
    )
    origin = json.loads(visit.page.inner_text("#night"))["start"] / 1000
    for place, label in axis:
        # Berlin in summer time.
        local = datetime.fromtimestamp(origin + place / 1000, UTC) + timedelta(hours=2)
        assert f"{local:%H:%M}" == label
    assert all(later > earlier for (earlier, _), (later, _) in pairwise(axis))


def test_a_night_without_samples_is_drawn_as_far_as_it_is_known(visit: Visit) -> None:
    visit.open(NIGHT_AWAY)
    PICTURES.mkdir(exist_ok=True)
    visit.page.screenshot(path=PICTURES / "picture-without-samples.png")
    assert "faults has no movement to draw. Its samples are not on this machine" in (
        visit.page.inner_text("#not-drawn")
    )
    assert visit.page.inner_text("#shown").count("sample") == 0
    box = visit.page.locator("#picture").bounding_box()
    assert box is not None
    # The lanes of sleep, awakenings and faults, and no empty panels below them.
    assert 150 < box["height"] < 300
    assert visit.complaints == []


def test_without_scripts_the_tables_say_it(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/nights/{NIGHT}/picture")
    assert page.locator("#no-script").is_visible()
    assert not page.locator("#controls").is_visible()
    assert not page.locator("main").get_by_role("button").first.is_visible()
    assert "Likely, " in page.inner_text("table")
    page.get_by_role("link", name="Show the night as a table of five minutes").click()
    expect(page.locator("table.numbers tbody tr").nth(60)).to_be_visible()
    page.screenshot(path=PICTURES / "picture-table-phone.png")
    context.close()


@pytest.mark.parametrize("locale", ["en-GB", "en-US", "de-DE"])
def test_no_time_is_written_over_the_next(browser: Browser, address: str, locale: str) -> None:
    """A clock of twelve hours writes longer ones."""
    context = browser.new_context(viewport={"width": 900, "height": 900}, locale=locale)
    visit = Visit(context, address)
    visit.open()
    widest, apart = visit.page.evaluate(
        """() => {
          const lanes = Bokeh.documents[0].get_model_by_name("lanes");
          const [axis] = lanes.above;
          const pen = document.createElement("canvas").getContext("2d");
          pen.font = `${axis.major_label_text_font_size} ${axis.major_label_text_font}`;
          const widths = [...axis.major_label_overrides.values()].map(
            (label) => pen.measureText(label).width,
          );
          const [one, other] = axis.ticker.ticks;
          const { start, end } = lanes.x_range;
          return [Math.max(...widths), ((other - one) / (end - start)) * lanes.inner_width];
        }"""
    )
    assert 0 < widest < apart
    context.close()
