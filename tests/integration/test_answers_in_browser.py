from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from detector.night import Night
from ingest.samples import NS_PER_S
from server.app import create_app
from server.live import Live
from server.settings import Settings, load_settings
from server.store import Store
from server.wire import LiveReport
from tests.browsing import PICTURES, await_worker, serving
from tests.integration.test_morning_page_in_browser import (
    DESKTOP,
    NEWEST,
    NOW,
    PHONE,
    judged,
)

MAX_BYTES = 150 * 1024
"""Of a first visit over the wire, by the promise of the project."""
FINGER = 44
"""CSS pixels of what a tired thumb has to hit."""


class Site:
    """The server of a store, which can go out of reach and come back at the same address."""

    def __init__(self, settings: Settings, live: Live | None = None) -> None:
        self._settings = settings
        self._live = live
        self._port = 0
        self.start()

    def start(self) -> None:
        store = Store.open(
            self._settings.database_url, home=self._settings.data_dir, now=lambda: NOW
        )
        app = create_app(self._settings, store=store, live=self._live)
        self._running = ExitStack()
        self.address = self._running.enter_context(serving(app, self._port))
        self._port = urlsplit(self.address).port or 0

    def stop(self) -> None:
        self._running.close()

    def answers(self) -> list[dict[str, Any]]:
        found = httpx.get(f"{self.address}/api/v1/answers").json()["items"]
        return sorted(found, key=lambda each: str(each["onset"]))


def night(**kinds: Any) -> Night:
    """Last night, its wearable asleep beside nobody: what is said of it is not still to come."""
    return judged(0, hours=7.7, **kinds)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    settings = load_settings(data_dir=tmp_path, port=0)
    with Store.open(settings.database_url, home=tmp_path, now=lambda: NOW) as store:
        store.save(night(likely=1, possible=1))
        for ago in (1, 2, 4, 5, 9):
            store.save(judged(ago, hours=8, likely=ago % 2))
    running = Site(settings)
    yield running
    running.stop()


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=PHONE, device_scale_factor=2, locale="en-GB")
    yield context
    context.close()


def picture(page: Page, name: str, *, full_page: bool = True) -> None:
    PICTURES.mkdir(exist_ok=True)
    page.screenshot(path=PICTURES / f"answers-{name}.png", full_page=full_page)


def card(page: Page, time: str) -> Locator:
    return page.locator(".episode").filter(has=page.locator(".when b", has_text=time))


def tell_more(cramp: Locator) -> None:
    cramp.get_by_role("radio", name="Left").check()
    cramp.get_by_role("radio", name="Calf").check()
    cramp.get_by_role("radio", name="7").check()
    cramp.get_by_label("How long did it hurt, in minutes?").fill("4")
    cramp.get_by_role("checkbox", name="Stretching").check()
    cramp.get_by_role("button", name="Keep this").click()


TOLD = "Left calf, pain 7 of 10, hurt for 4 min, helped: stretching."


def plain(of: Locator) -> str:
    return of.inner_text().replace("\xa0", " ")


def test_two_episodes_are_answered_on_the_first_screen_of_a_phone(
    phone: BrowserContext, site: Site
) -> None:
    page = phone.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(site.address)
    picture(page, "phone-first-screen", full_page=False)
    for time in ("01:14", "02:32"):
        for name in ("Yes", "No", "Not sure"):
            box = card(page, time).get_by_role("button", name=name, exact=True).bounding_box()
            assert box is not None
            assert min(box["width"], box["height"]) >= FINGER
            assert box["y"] + box["height"] < PHONE["height"]
    page.evaluate("window.same = true")

    card(page, "01:14").get_by_role("button", name="Yes").click()
    expect(card(page, "01:14").locator(".said")).to_be_focused()
    picture(page, "phone-tell-more")
    targets = page.locator(".question button, .question summary, .radios label, .field input")
    boxes = [each.bounding_box() for each in targets.all() if each.is_visible()]
    assert len(boxes) > 30
    assert all(box is not None and min(box["width"], box["height"]) >= FINGER for box in boxes)
    tell_more(card(page, "01:14"))
    expect(card(page, "01:14").locator(".said")).to_contain_text("pain 7 of 10")
    assert TOLD in plain(card(page, "01:14"))
    card(page, "02:32").get_by_role("button", name="No", exact=True).click()
    expect(card(page, "02:32").locator(".said")).to_have_text("Answer: it was not a cramp.")
    picture(page, "phone-answered")
    assert [(each["said"], each["pain"]) for each in site.answers()] == [("yes", 7), ("no", None)]

    card(page, "02:32").get_by_text("Change this answer").click()
    card(page, "02:32").get_by_role("button", name="Not sure").click()
    expect(card(page, "02:32").locator(".said")).to_have_text("Answer: not sure.")
    card(page, "01:14").get_by_text("Change this answer").click()
    card(page, "01:14").get_by_role("button", name="Take it back").click()
    expect(card(page, "01:14").get_by_role("button", name="Yes")).to_be_focused()
    assert [each["said"] for each in site.answers()] == ["unsure"]
    assert page.evaluate("window.same")
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert complaints == []


def test_a_missed_cramp_is_added_and_a_slip_of_the_finger_is_refused(
    phone: BrowserContext, site: Site
) -> None:
    page = phone.new_page()
    page.goto(site.address)
    page.get_by_text("I had one that is not here").click()
    page.get_by_label("When was it?").fill("16:40")
    page.get_by_role("button", name="Add it").click()
    expect(page.locator("#refusal")).to_be_focused()
    assert "Did you mean 04:40?" in plain(page.locator("#refusal"))
    picture(page, "phone-refused", full_page=False)
    expect(page.get_by_label("When was it?")).to_have_value("16:40")
    page.get_by_label("When was it?").fill("04:40")
    page.get_by_role("button", name="Add it").click()
    expect(card(page, "04:40").locator(".said")).to_be_focused()
    tell_more(card(page, "04:40"))
    expect(card(page, "04:40").locator(".said")).to_contain_text("pain 7 of 10")
    picture(page, "phone-missed")
    assert [each["onset"] for each in site.answers()] == ["2026-11-22T04:40:00+01:00"]
    card(page, "04:40").get_by_role("button", name="Take this back").click()
    expect(card(page, "04:40")).to_have_count(0)
    assert site.answers() == []


def test_answers_given_out_of_reach_are_kept_and_sent_once_when_it_is_back(
    phone: BrowserContext, site: Site
) -> None:
    page = phone.new_page()
    page.goto(site.address)
    await_worker(page)
    page.reload()
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    site.stop()

    first, second = card(page, "01:14"), card(page, "02:32")
    first.get_by_role("button", name="Yes").click()
    kept = "Kept on this phone, sent when crampwatch can be reached."
    expect(first.locator(".kept")).to_contain_text(kept)
    tell_more(first)
    second.get_by_role("button", name="No", exact=True).click()
    expect(second.locator(".kept")).to_contain_text(kept)
    page.get_by_text("I had one that is not here").click()
    page.get_by_label("When was it?").fill("04:40")
    page.get_by_role("button", name="Add it").click()
    expect(page.locator(".missed .kept")).to_contain_text(kept)
    page.get_by_label("When was it?").fill("05:10")
    page.get_by_role("button", name="Add it").click()
    expect(page.locator(".missed .kept")).to_have_count(2)
    page.locator(".missed .kept").filter(has_text="05:10").get_by_role("button").click()
    expect(page.locator(".missed .kept")).to_have_count(1)
    picture(page, "phone-kept")

    # The phone is put away, and looked at again before the server is back.
    page.reload()
    expect(page.locator(".from-phone")).to_be_visible()
    expect(page.locator(".kept")).to_have_count(3)
    picture(page, "phone-out-of-reach", full_page=False)
    second.get_by_role("button", name="Not sure").click()
    expect(second.locator(".kept b")).to_have_text("Not sure.")
    assert page.evaluate("outbox.all().then((words) => words.length)") == 3

    site.start()
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator(".kept")).to_have_count(0)
    expect(page.locator(".from-phone")).not_to_be_visible()
    expect(card(page, "04:40").locator(".said")).to_be_visible()
    assert TOLD in plain(first)
    expect(second.locator(".said")).to_have_text("Answer: not sure.")
    said = [(each["said"], each["pain"], each["asked"]) for each in site.answers()]
    assert said == [("yes", 7, True), ("unsure", None, True), ("yes", None, False)]
    assert page.evaluate("outbox.all()") == []


def test_the_page_is_whole_without_a_script(browser: Browser, site: Site) -> None:
    context = browser.new_context(viewport=PHONE, java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(site.address)
    card(page, "01:14").get_by_role("button", name="Yes").click()
    assert page.url.split("#")[0] == f"{site.address}/"
    assert page.url.split("#")[1] == card(page, "01:14").get_attribute("id")
    tell_more(card(page, "01:14"))
    assert TOLD in plain(card(page, "01:14"))
    page.get_by_text("I had one that is not here").click()
    page.get_by_label("When was it?").fill("04:40")
    page.get_by_role("button", name="Add it").click()
    assert "Told by you" in plain(card(page, "04:40"))
    assert [each["pain"] for each in site.answers()] == [7, None]
    context.close()


def test_the_keyboard_alone_is_enough(browser: Browser, site: Site) -> None:
    context = browser.new_context(viewport=DESKTOP, color_scheme="dark", locale="en-GB")
    page = context.new_page()
    page.goto(site.address)

    def tab_to(name: str) -> None:
        for _ in range(40):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.innerText").strip().startswith(name):
                return
        pytest.fail(f"no Tab leads to {name}")

    tab_to("Yes")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(card(page, "01:14").locator(".said")).to_be_focused()
    tab_to("Tell more, if you like")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    ring = "getComputedStyle(document.activeElement.nextElementSibling).outlineStyle"
    assert page.evaluate(ring) == "solid"
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    tab_to("Keep this")
    page.keyboard.press("Enter")
    expect(card(page, "01:14").locator(".said")).to_contain_text("Right calf.")
    picture(page, "desktop-dark")
    (kept,) = site.answers()
    assert (kept["said"], kept["leg"], kept["muscle"]) == ("yes", "right", "calf")
    context.close()


def test_a_first_visit_weighs_little(phone: BrowserContext, site: Site) -> None:
    page = phone.new_page()
    connection = phone.new_cdp_session(page)
    connection.send("Network.enable")
    sizes: list[float] = []
    connection.on("Network.loadingFinished", lambda told: sizes.append(told["encodedDataLength"]))
    page.goto(site.address, wait_until="networkidle")
    assert len(sizes) >= 4
    assert 10_000 < sum(sizes) < MAX_BYTES


def test_the_page_can_be_installed(phone: BrowserContext, site: Site) -> None:
    page = phone.new_page()
    page.goto(site.address)
    await_worker(page)
    connection = phone.new_cdp_session(page)
    manifest = connection.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert manifest["url"].split("?")[0].endswith("/static/manifest.webmanifest")
    found = connection.send("Page.getInstallabilityErrors")["installabilityErrors"]
    # A private window, as every context of a test is, installs nothing.
    assert {each["errorId"] for each in found} <= {"in-incognito"}


def test_what_is_gone_meanwhile_is_said_so(phone: BrowserContext, site: Site) -> None:
    page = phone.new_page()
    page.goto(site.address)
    change = "(form) => form.setAttribute('action', '/episodes/gone/answer')"
    page.locator(".question form").first.evaluate(change)
    card(page, "01:14").get_by_role("button", name="Yes").click()
    expect(page.locator("main > .notice[role=alert]")).to_contain_text("could not be taken")
    assert card(page, "02:32").is_visible()


def test_the_night_that_goes_on_is_looked_at_again_without_taking_anything_away(
    phone: BrowserContext, tmp_path: Path
) -> None:
    settings = load_settings(data_dir=tmp_path, port=0)
    with Store.open(settings.database_url, home=tmp_path, now=lambda: NOW) as store:
        store.save(night(likely=1))
    live = Live(lambda: NOW + timedelta(hours=17))
    started_ns = int((NOW + timedelta(hours=16)).timestamp()) * NS_PER_S
    live.tell(LiveReport(started_ns, "Europe/Berlin", (), None))
    site = Site(settings, live)
    try:
        page = phone.new_page()
        page.goto(site.address)
        assert page.locator("main").get_attribute("data-look-again-s") == "60"
        assert page.locator("head meta[http-equiv=refresh]").count() == 0
        page.get_by_text("I had one that is not here").click()
        page.get_by_label("When was it?").fill("04:40")
        live.tell(LiveReport(started_ns, "Europe/Berlin", (), judged(-1, hours=4, possible=1)))
        page.evaluate("lookAgain()")
        expect(page.locator(".tonight")).to_contain_text("So far 1 awakening")
        expect(page.get_by_label("When was it?")).to_have_value("04:40")
    finally:
        site.stop()


# What axe finds


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(browser: Browser, tmp_path: Path, scheme: str) -> None:
    settings = load_settings(data_dir=tmp_path, port=0)
    put_back = judged(28, hours=8, likely=1)
    live = Live(lambda: NOW + timedelta(days=1))
    with Store.open(settings.database_url, home=tmp_path, now=lambda: NOW) as store:
        store.save(night(likely=1, possible=1))
        store.save(put_back)
    started_ns = int((NOW + timedelta(hours=16)).timestamp()) * NS_PER_S
    going_on = replace(judged(-1, hours=4, possible=1), start_ns=started_ns)
    site = Site(settings, live)
    context = browser.new_context(
        viewport=PHONE,
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
        locale="en-GB",
    )
    page = context.new_page()
    found: dict[str, list[str]] = {}
    # In the dark only the colours are others.
    rules = {"runOnly": ["color-contrast"]} if scheme == "dark" else {}

    def look(name: str) -> None:
        page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
        told = Axe().run(page, options=rules).response["violations"]
        found[name] = [f"{each['id']}: {each['nodes'][0]['html']}" for each in told]

    try:
        page.goto(site.address)
        look("unanswered")
        card(page, "01:14").get_by_role("button", name="Yes").click()
        expect(card(page, "01:14").locator(".said")).to_be_focused()
        look("answered")
        page.get_by_label("When was it?").fill("16:40")
        page.get_by_role("button", name="Add it").click()
        expect(page.locator("#refusal")).to_be_focused()
        look("refused")
        for name, path in {
            "the hour twice": f"/nights/{put_back.info.name.removeprefix('night-')}",
            "not recorded": f"/nights/{NEWEST - timedelta(days=3)}",
            "no such page": "/nights/no",
            "nobody": "/?wearer=nobody",
            "being told": "/settings",
        }.items():
            page.goto(f"{site.address}{path}")
            look(name)
        live.tell(LiveReport(started_ns, "Europe/Berlin", (), going_on))
        page.goto(site.address)
        look("tonight")
        page.route("**/answer", lambda route: route.abort())
        card(page, "02:32").get_by_role("button", name="Yes").click()
        expect(card(page, "02:32").locator(".kept")).to_be_visible()
        look("kept")
        page.set_content("<img src=x>")
        assert "image-alt" in {each["id"] for each in Axe().run(page).response["violations"]}
    finally:
        context.close()
        site.stop()
    assert {name: problems for name, problems in found.items() if problems} == {}
    assert len(found) == 10
