from __future__ import annotations

from datetime import date, timedelta
from importlib import resources

import pytest
from playwright.sync_api import Browser

from detector.night import Standing
from server.alert_plot import alert_plot
from server.alerts.judge import UsualWeek
from server.alerts.nightly import Answer, AskedEpisode, WearerNight
from server.pages import templates
from tests.browsing import PICTURES

LAST = date(2026, 11, 21)
CRAMPS = [0, 0, 1, 0, 0, 0, 0] * 6 + [0, None, None, 1, 1, 0, 2, 1, 0, 1, 2, 0, 1, 1]


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (320, "dark"), (1280, "light")])
def test_the_weeks_before_an_alert_fit_the_screen(
    browser: Browser, width: int, scheme: str
) -> None:
    yes = AskedEpisode(0.3, Standing.POSSIBLE, Answer.YES)
    nights = [
        WearerNight(LAST - timedelta(days=55 - place), 27_000.0, (yes,) * number)
        for place, number in enumerate(CRAMPS)
        if number is not None
    ]
    macros = templates.get_template("alert_plot.html").module
    drawn = macros.alert_plot_of(alert_plot(nights, LAST, UsualWeek(1.0, 0, 3)), "a")  # type: ignore[attr-defined]
    css = resources.files("server").joinpath("static/style.css").read_text("utf-8")
    page = browser.new_page(
        viewport={"width": width, "height": 500},
        color_scheme="dark" if scheme == "dark" else "light",
        device_scale_factor=2,
    )
    page.set_content(f"<meta charset=utf-8><style>{css}</style><main>{drawn}</main>")
    PICTURES.mkdir(exist_ok=True)
    page.screenshot(path=PICTURES / f"alert-plot-{width}-{scheme}.png")

    assert page.evaluate("document.documentElement.scrollWidth") == width
    bars = page.locator(".bar-week")
    boxes = [bars.nth(place).bounding_box() for place in range(8)]
    heights = [box["height"] for box in boxes if box is not None]
    assert len(heights) == 8
    assert heights[-1] == pytest.approx(6 * heights[0], rel=0.02)
    band = page.locator(".band").bounding_box()
    assert band is not None
    assert band["height"] == pytest.approx(3 * heights[0], rel=0.02)
    # The numbers do not leave the drawing.
    top = page.locator("svg.alert-plot").bounding_box()
    number = page.get_by_text("6", exact=True).bounding_box()
    assert top is not None
    assert number is not None
    assert number["y"] >= top["y"] - 1
    page.close()
