from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, expect

from detector.night import Episode, ModelVersion, Night, Sleep, Span, Standing
from ingest.samples import NS_PER_S, RecordingInfo
from server.alerting import judge_nights
from server.app import create_app
from server.settings import load_settings
from server.store import Store
from tests.browsing import PICTURES, serving

NEWEST = date(2026, 11, 21)
BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 22, 7, tzinfo=BERLIN)
CRAMPS = (0, 0, 1, 0, 0, 0, 0) * 10 + (1, 0, 1, 1, 0, 1, 0) * 2 + (1, 0, 1, 1, 0, 1)


def judged(night: date, cramps: int) -> Night:
    start = datetime(night.year, night.month, night.day, 23, tzinfo=BERLIN)

    def at(hour: float) -> int:
        return (int(start.timestamp()) + int(hour * 3600)) * NS_PER_S

    episodes = tuple(
        Episode(f"{night}-{number}", at(3 + number), at(3 + number) + 120 * NS_PER_S, 1.0,
                Standing.LIKELY, 14.0, False, {})
        for number in range(cramps)
    )  # fmt: skip
    return Night(
        id=f"recording-{night}",
        info=RecordingInfo(f"night-{night}", at(0), "Europe/Berlin", "PineTime", "left"),
        start_ns=at(0),
        end_ns=at(8),
        recorded=(Span(at(0), at(8)),),
        worn=(Span(at(0), at(8)),),
        sleeps=(Sleep(at(0.2), at(7.8), 7 * 3600.0),),
        awakenings=(),
        episodes=episodes,
        faults=(),
        model=ModelVersion("transparent", "1"),
    )


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    settings = load_settings(data_dir=tmp_path, port=0)
    with Store.open(settings.database_url, home=tmp_path, now=lambda: NOW) as store:
        for ago, cramps in enumerate(reversed(CRAMPS)):
            store.save(judged(NEWEST - timedelta(days=ago), cramps))
        assert judge_nights(store, None) is not None
    store = Store.open(settings.database_url, home=settings.data_dir, now=lambda: NOW)
    with serving(create_app(settings, store=store)) as where:
        yield where


def test_an_alert_is_read_and_acknowledged_in_a_browser(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844}, device_scale_factor=2)
    page.goto(address)
    PICTURES.mkdir(exist_ok=True)
    page.screenshot(path=PICTURES / "alert-390.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert page.locator(".alert h2").inner_text().startswith("More than your usual")
    button = page.get_by_role("button", name="I have seen this")
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    button.click()
    expect(button).to_have_count(0)
    page.screenshot(path=PICTURES / "alert-seen-390.png", full_page=True)
    summary = page.get_by_text("You have seen this. It stays here until it is over.")
    expect(summary).to_be_visible()
    assert not page.locator(".alert svg.alert-plot").is_visible()
    summary.click()
    expect(page.locator(".alert svg.alert-plot")).to_be_visible()
    page.close()
