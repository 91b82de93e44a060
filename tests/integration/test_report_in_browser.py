"""The link for the doctor, made, copied, followed and ended in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from server.settings import load_settings
from server.store import Store
from tests.browsing import look
from tests.integration.test_morning_page_in_browser import (
    DESKTOP,
    NOW,
    PHONE,
    SMALL_PHONE,
    judged,
    served,
)


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    settings = load_settings(data_dir=tmp_path, port=0)
    with Store.open(settings.database_url, home=settings.data_dir, now=lambda: NOW) as store:
        for ago in range(14):
            store.save(judged(ago, hours=7.6, likely=int(ago % 3 == 1)))
    yield from served(settings)


def test_a_link_is_made_copied_followed_and_ended_with_the_keyboard(
    browser: Browser, address: str
) -> None:
    context = browser.new_context(
        viewport=DESKTOP, color_scheme="dark", permissions=["clipboard-read", "clipboard-write"]
    )
    page = context.new_page()
    page.goto(f"{address}/report")
    page.get_by_label("Whom it is for").focus()
    page.keyboard.type("Dr Weiss")
    page.keyboard.press("Tab")
    page.keyboard.press("3")
    expect(page.get_by_label("It ends after")).to_have_value("30")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    link = page.get_by_label("Address of the report")
    expect(link).to_be_focused()
    look(page, "report-link-made")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Copy the link")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Copied.")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == link.input_value()
    assert copied.startswith(f"{address}/shared/cw_")
    listed = page.get_by_role("listitem").filter(has_text="For Dr Weiss")
    expect(listed).to_contain_text("Sun 30 Aug 2026 to Sat 21 Nov 2026.")

    doctor = browser.new_page(viewport=PHONE)
    doctor.goto(copied)
    expect(doctor.get_by_text("Whoever has this address can read this until")).to_be_visible()
    listed.get_by_role("button", name="End this link").press("Enter")
    expect(page.get_by_text("Links that still work")).to_be_hidden()
    answer = doctor.reload()
    assert answer is not None
    assert answer.status == 404
    doctor.close()
    context.close()


def test_without_a_script_the_link_can_be_marked_and_copied_by_hand(
    browser: Browser, address: str
) -> None:
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/report")
    page.get_by_role("button", name="Make a link").click()
    expect(page.get_by_role("button", name="Copy the link")).to_be_hidden()
    field = page.get_by_label("Address of the report")
    expect(field).not_to_be_editable()
    assert field.input_value().startswith(f"{address}/shared/cw_")
    page.get_by_role("button", name="End this link").click()
    expect(page.get_by_text("Links that still work")).to_be_hidden()
    context.close()


def test_the_link_is_german_on_a_small_phone(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport=SMALL_PHONE, locale="de-DE", device_scale_factor=2)
    page.goto(f"{address}/report")
    page.get_by_role("button", name="Link anlegen").click()
    expect(page.get_by_role("button", name="Link kopieren")).to_be_visible()
    look(page, "report-link-german")
    page.get_by_role("button", name="Diesen Link beenden").click()
    expect(page.get_by_text("Ein Link für die Arztpraxis")).to_be_visible()
    page.close()


def test_a_link_for_nobody_in_particular_is_told_in_the_language_of_the_page(
    browser: Browser, address: str
) -> None:
    page = browser.new_page(locale="en-GB")
    page.goto(f"{address}/report")
    page.get_by_role("button", name="Make a link").click()
    expect(page.get_by_text("For a doctor: Sun 30 Aug 2026")).to_be_visible()
    page.get_by_role("button", name="Deutsch").click()
    page.goto(f"{address}/report")
    expect(page.get_by_text("Für die Arztpraxis: So. 30. August 2026")).to_be_visible()
    page.close()
