"""The button that sends a test, and the worker that shows a notice, in a real browser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from server.app import create_app
from server.settings import load_settings
from tests.browsing import PICTURES, await_worker, serving
from tests.server.notify.conftest import Elsewhere
from tests.server.notify.conftest import elsewhere as elsewhere

SHOWN = """async () => {
  const worker = await navigator.serviceWorker.ready;
  for (let look = 0; look < 50; look += 1) {
    const shown = await worker.getNotifications();
    if (shown.length) return shown.map((each) => [each.title, each.body, each.tag]);
    await new Promise((again) => setTimeout(again, 40));
  }
  return [];
}"""
"""What is shown within two seconds."""
LOOKS, DELIVERIES = 300, 15
"""How often is looked before it is given up; and how often the browser is made to believe that it
was told: where the machine is busy it loses a notice now and then, which has hung a whole run."""


@pytest.fixture
def address(tmp_path: Path, elsewhere: Elsewhere) -> Iterator[str]:
    settings = load_settings(
        data_dir=tmp_path,
        port=0,
        webhook_url=f"{elsewhere.url}/hook",
        webhook_secret="a secret of enough letters",
        push_contact="mailto:me@example.org",
    )
    with serving(create_app(settings)) as where:
        yield where


def test_a_test_is_sent_and_a_notice_is_shown(
    browser: Browser, address: str, elsewhere: Elsewhere
) -> None:
    viewport: Any = {"width": 390, "height": 844}
    context = browser.new_context(viewport=viewport, permissions=["notifications"])
    page = context.new_page()
    problems: list[object] = []
    page.on("console", lambda message: problems.append(message.text))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(f"{address}/settings")
    page.get_by_role("button", name="Send a test").click()
    page.wait_for_url(f"{address}/settings")
    for _ in range(LOOKS):
        if page.get_by_text("Last: sent on").is_visible():
            break
        page.reload()
    assert page.get_by_text("Last: sent on").is_visible()
    assert elsewhere.asked[0].json()["kind"] == "test"
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert page.get_by_role("button", name="Tell this browser").is_visible()
    PICTURES.mkdir(exist_ok=True)
    page.screenshot(path=PICTURES / "settings-390.png", full_page=True)

    # No push service is asked: the browser itself is made to believe that one has told it.
    tools = context.new_cdp_session(page)
    registered: list[str] = []
    tools.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: registered.extend(each["registrationId"] for each in event["registrations"]),
    )
    tools.send("ServiceWorker.enable")
    await_worker(page)
    for _ in range(LOOKS):
        if registered:
            break
        page.wait_for_timeout(20)
    pushed = {"title": "crampwatch: Last night", "text": "It is there.", "tag": "morning:1"}
    shown: list[list[str]] = []
    for _ in range(DELIVERIES):
        tools.send(
            "ServiceWorker.deliverPushMessage",
            {"origin": address, "registrationId": registered[-1], "data": json.dumps(pushed)},
        )
        if shown := page.evaluate(SHOWN):
            break
    assert shown == [["crampwatch: Last night", "It is there.", "morning:1"]]
    assert problems == []
    context.close()
