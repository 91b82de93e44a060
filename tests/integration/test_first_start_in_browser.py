from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, expect

from server.app import create_app
from server.settings import load_settings
from server.store import Store
from tests.browsing import serving
from tests.integration.test_morning_page_in_browser import NOW, PHONE, judged


def test_from_the_first_start_to_the_first_morning(browser: Browser, tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path, port=0)
    store = Store.open(settings.database_url, home=tmp_path, now=lambda: NOW)
    page = browser.new_page(viewport=PHONE, locale="en-GB")
    with serving(create_app(settings, store=store)) as address:
        page.goto(address)
        expect(page.locator(".finding")).to_have_text("No night is stored here yet.")
        page.get_by_role("link", name="which ones, and how").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Pair a wearable")
        expect(page.get_by_role("heading", name="PineTime with InfiniTime")).to_be_visible()
        page.get_by_role("link", name="The newest night").click()
        store.save(judged(0, hours=7.7, likely=1))
        page.get_by_role("link", name="look again").click()
        expect(page.locator(".finding")).to_contain_text("1 awakening")
    page.close()
