"""The morning of somebody whose browser speaks German, and of somebody who chooses it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from server.settings import load_settings
from server.store import Store
from tests.browsing import PICTURES, await_worker
from tests.integration.test_answers_in_browser import Site
from tests.integration.test_morning_page_in_browser import (
    NOW,
    PHONE,
    SMALL_PHONE,
    judged,
    served,
)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("german")
    settings = load_settings(data_dir=folder, port=0)
    with Store.open(settings.database_url, home=folder, now=lambda: NOW) as store:
        store.save(judged(0, hours=7.7, likely=1, possible=1))
        for ago in (1, 2, 4, 5, 9):
            store.save(judged(ago, hours=8, likely=ago % 2))
    yield from served(settings)


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=PHONE, device_scale_factor=2, locale="de-DE")
    yield context
    context.close()


def picture(page: Page, name: str) -> None:
    PICTURES.mkdir(exist_ok=True)
    page.screenshot(path=PICTURES / f"german-{name}.png", full_page=True)


def test_a_morning_in_german(phone: BrowserContext, address: str) -> None:
    page = phone.new_page()
    page.goto(address)
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.locator("h1")).to_have_text("Letzte Nacht (Sa. 21. auf So. 22. November)")
    likely = page.locator(".episode").filter(has_text="Wahrscheinlich")
    likely.get_by_role("button", name="Ja").click()
    likely.get_by_role("radio", name="Links").check()
    likely.get_by_role("radio", name="Wade").check()
    likely.get_by_role("radio", name="7").check()
    likely.get_by_label("Wie lange tat es weh, in Minuten?").fill("4")
    likely.get_by_role("checkbox", name="Dehnen").check()
    likely.get_by_role("checkbox", name="Wärme").check()
    picture(page, "morning-asked")
    likely.get_by_role("button", name="Speichern").click()
    expect(likely.locator(".said")).to_contain_text(
        "Linke Wade, Schmerz 7 von 10, tat 4\xa0min lang weh, geholfen hat: Dehnen, Wärme."
    )
    page.get_by_text("Ich hatte einen, der hier fehlt").click()
    page.get_by_label("Wann war das? Ungefähr genügt.").fill("14:00")
    page.get_by_role("button", name="Hinzufügen").click()
    expect(page.locator("#refusal")).to_contain_text("14:00 Uhr liegt nicht in dieser Nacht")
    picture(page, "morning-answered")
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    page.set_viewport_size(SMALL_PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") == SMALL_PHONE["width"]


def test_german_is_chosen_on_the_page_itself(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport=PHONE, locale="en-US")
    page = context.new_page()
    page.goto(f"{address}/nights/2026-11-20")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("button", name="Deutsch").click()
    expect(page).to_have_url(f"{address}/nights/2026-11-20")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    page.goto(address)
    expect(page.get_by_role("button", name="English")).to_have_attribute("lang", "en")
    expect(page.locator("h1")).to_contain_text("Letzte Nacht")
    context.close()


PAGES = ["/", "/calendar", "/diary", "/guide", "/report", "/settings", "/together", "/trial"]


def test_axe_finds_nothing_on_the_german_pages_and_they_fit_a_small_phone(
    phone: BrowserContext, address: str
) -> None:
    page = phone.new_page()
    for path in PAGES:
        page.set_viewport_size(PHONE)
        page.goto(address + path)
        picture(page, path.strip("/") or "front")
        assert Axe().run(page).response["violations"] == [], path
        page.set_viewport_size(SMALL_PHONE)
        assert page.evaluate("document.documentElement.scrollWidth") == SMALL_PHONE["width"], path


def test_the_night_is_drawn_with_german_words(phone: BrowserContext, address: str) -> None:
    page = phone.new_page()
    page.goto(f"{address}/nights/2026-11-21/picture")
    expect(page.locator("#shown")).to_have_text("Gezeigt: 22:00 bis 07:00.")
    expect(page.locator("#not-drawn")).to_contain_text(
        "Zu night-2026-11-21 gibt es keine Bewegung zu zeichnen. Die Messwerte liegen nicht auf"
    )
    picture(page, "night")


def test_out_of_reach_the_front_page_is_in_the_language_that_was_chosen_last(
    browser: Browser, tmp_path: Path
) -> None:
    settings = load_settings(data_dir=tmp_path, port=0)
    with Store.open(settings.database_url, home=tmp_path, now=lambda: NOW) as store:
        store.save(judged(0, hours=7.7, likely=1))
    site = Site(settings)
    context = browser.new_context(viewport=PHONE, locale="en-GB")
    page = context.new_page()
    page.goto(site.address)
    await_worker(page)
    page.reload()
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    page.goto(f"{site.address}/guide")
    page.get_by_role("button", name="Deutsch").click()
    page.wait_for_function(
        "caches.match('/').then((kept) => kept.headers.get('content-language') === 'de')"
    )
    site.stop()
    page.goto(site.address)
    expect(page.locator(".from-phone")).to_have_text(
        "Crampwatch ist gerade nicht erreichbar. So hat dieses Telefon die Seite zuletzt gesehen."
    )
    expect(page.locator("h1")).to_contain_text("Letzte Nacht")
    context.close()
