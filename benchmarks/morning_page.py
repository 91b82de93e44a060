"""How soon the questions of the morning can be answered on a slow phone with a slow connection.

``python -m benchmarks.morning_page``

The store holds a month; nothing is kept on the phone yet. The connection is the 3G of WebPageTest,
the processor four times slower than this one, both by Chromium's own means.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from server.settings import load_settings
from server.store import Store
from tests.browsing import QUIET_BROWSER
from tests.integration.test_answers_in_browser import Site
from tests.integration.test_morning_page_in_browser import NOW, PHONE, judged

ROUND_TRIP_MS = 300
"""Milliseconds of one on 3G."""
DOWN_BYTES_S, UP_BYTES_S = 1_600_000 / 8, 768_000 / 8
"""Bytes a second of 3G: 1.6 and 0.768 Mbit/s."""
SLOWER = 4
"""How many times slower the processor is made."""
NIGHTS = 30

TIMES = """() => {
  const page = performance.getEntriesByType('navigation')[0];
  const paint = performance.getEntriesByName('first-contentful-paint')[0];
  return [paint.startTime, page.domContentLoadedEventEnd];
}"""
"""Milliseconds until the page is seen, whose forms work from then on, and until its script runs."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visits", type=int, default=15)
    chosen = parser.parse_args()
    chromium = shutil.which("chromium")
    if chromium is None:
        parser.error("no browser here: sudo apt-get install chromium")
    with _served() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=QUIET_BROWSER)
        visits = [_visit(browser, address) for _ in range(chosen.visits)]
        browser.close()
    for name, times_ms in zip(("seen", "script runs"), zip(*visits, strict=True), strict=True):
        least, middle, most = min(times_ms), statistics.median(times_ms), max(times_ms)
        print(f"{name}: {least:.0f} ms, median {middle:.0f} ms, at most {most:.0f} ms")


@contextmanager
def _served() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(data_dir=Path(folder), port=0)
        with Store.open(settings.database_url, home=Path(folder), now=lambda: NOW) as store:
            for ago in range(NIGHTS):
                store.save(judged(ago, hours=7.7, likely=int(ago % 5 == 0), possible=1))
        site = Site(settings)
        yield site.address
        site.stop()


def _visit(browser: Browser, address: str) -> tuple[float, float]:
    context = browser.new_context(viewport=PHONE, service_workers="block")
    page = context.new_page()
    throttle = context.new_cdp_session(page)
    throttle.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    throttle.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": ROUND_TRIP_MS,
            "downloadThroughput": DOWN_BYTES_S,
            "uploadThroughput": UP_BYTES_S,
        },
    )
    page.goto(address, wait_until="load")
    page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length > 0")
    seen_ms, runs_ms = page.evaluate(TIMES)
    context.close()
    return seen_ms, runs_ms


if __name__ == "__main__":
    main()
