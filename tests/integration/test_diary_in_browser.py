from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from server.settings import load_settings
from server.store import Store
from tests.browsing import look
from tests.integration.test_morning_page_in_browser import (
    NOW,
    PHONE,
    SMALL_PHONE,
    judged,
    served,
)

FINGER = 44
"""CSS pixels of what a tired thumb has to hit."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    settings = load_settings(data_dir=tmp_path_factory.mktemp("diary"), port=0)
    with Store.open(settings.database_url, home=settings.data_dir, now=lambda: NOW) as store:
        for ago in range(20):
            if ago % 9 != 5:
                store.save(judged(ago, hours=2.5 if ago % 9 == 4 else 7.6, likely=ago % 4 == 1))
        store.save(judged(0, hours=7.6, likely=1, possible=1))
    yield from served(settings)


def test_a_day_is_told_in_one_screen_of_ticks_without_a_script(
    browser: Browser, address: str
) -> None:
    context = browser.new_context(
        viewport=PHONE, color_scheme="dark", java_script_enabled=False, device_scale_factor=2
    )
    page = context.new_page()
    page.goto(f"{address}/diary")
    # Ticks and button are on one screen, and large enough.
    ticks = page.locator(".diary .radios label")
    for place in range(ticks.count()):
        box = ticks.nth(place).bounding_box()
        assert box is not None
        assert box["height"] >= FINGER
    for name in ("Calf stretches", "Dialysis"):
        expect(page.get_by_text(name, exact=True)).to_be_in_viewport(ratio=1)
    keep = page.get_by_role("button", name="Keep this day")
    expect(keep).to_be_in_viewport(ratio=1)
    page.get_by_label("Calf stretches").check()
    page.get_by_label("Very tired").check()
    keep.click()
    expect(page.get_by_text("Kept. Tick or untick")).to_be_visible()
    expect(page.get_by_label("Calf stretches")).to_be_checked()
    page.get_by_role("link", name="What holds for longer").click()
    page.get_by_text("Add a medicine").click()
    page.get_by_label("Its name").fill("Furosemide 40")
    page.get_by_role("button", name="Keep this").first.click()
    expect(page.get_by_text("Furosemide 40, no dates told")).to_be_visible()
    context.close()


def test_what_the_keyboard_comes_to_is_not_behind_the_button_that_stays(
    browser: Browser, address: str
) -> None:
    page = browser.new_page(viewport=SMALL_PHONE)
    page.goto(f"{address}/diary")
    hidden = page.evaluate(
        """() => [...document.querySelectorAll(".diary input, .diary summary")].filter((each) => {
          if (!each.checkVisibility()) return false;
          each.focus();
          const { bottom } = each.getBoundingClientRect();
          return bottom > document.querySelector(".keep").getBoundingClientRect().top;
        }).length"""
    )
    assert hidden == 0
    page.close()


@pytest.mark.parametrize("path", ["diary", "diary/standing", "calendar"])
def test_the_pages_are_looked_at_in_the_dark_on_a_phone(
    browser: Browser, address: str, path: str
) -> None:
    page = browser.new_page(viewport=PHONE, color_scheme="dark", device_scale_factor=2)
    page.goto(f"{address}/{path}")
    look(page, path.replace("/", "-"))
    page.close()
