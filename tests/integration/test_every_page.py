from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from ingest.samples import NS_PER_S
from server.alerting import judge_nights
from server.app import create_app
from server.permissions import PERMISSIONS
from server.settings import load_settings
from server.shares import share
from server.store import Store
from server.wearer_id import FIRST
from tests.browsing import PICTURES, QUIET_BROWSER, serving
from tests.integration.test_morning_page_in_browser import (
    DESKTOP,
    NEWEST,
    NOW,
    PHONE,
    SMALL_PHONE,
    Visit,
    judged,
)

NO_PAGES = (
    "GET /api/",
    "GET /static",
    "GET /healthz",
    "GET /readyz",
    "GET /metrics",
    "GET /service-worker.js",
    "GET /report/{file}",
    "GET /shared/{secret}/{file}",
)
"""What is read by programs, or saved."""

SLACK = 20
"""Steps of the Tab key besides: through a picture, and through the parts of a date or a time."""

SHARED = NEWEST - timedelta(days=83), NEWEST
NOW_NS = int(NOW.timestamp()) * NS_PER_S


@pytest.fixture(scope="module")
def addresses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Every page by a short name, of a wearer whose cramps have become more."""
    home = tmp_path_factory.mktemp("every-page")
    settings = load_settings(data_dir=home, port=0)
    store = Store.open(settings.database_url, home=home, now=lambda: NOW)
    for ago in range(84):
        likely = 1 if ago < 21 else int(ago % 9 == 0)
        store.save(judged(ago, hours=7.7, likely=likely, possible=int(ago == 0)))
    assert judge_nights(store, None) is not None
    path = store.write(
        lambda session: share(
            session,
            FIRST,
            *SHARED,
            name="doctor",
            who="owner",
            now_ns=NOW_NS,
            expires_ns=2 * NOW_NS,
        )
    )
    filled = {"night": str(NEWEST), "day": str(NEWEST), "secret": path.rpartition("/")[2]}
    app = create_app(settings, store=store)
    with serving(app) as site:
        yield {
            shown.strip("/").replace("/", "-") or "newest": site + shown.format(**filled)
            for route, _, shown in (route.partition(" ") for route in PERMISSIONS)
            if route == "GET" and not f"GET {shown}".startswith(NO_PAGES)
        }


@pytest.fixture
def visit(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Visit]:
    size, scheme = request.param
    context = browser.new_context(
        viewport=size, color_scheme=scheme, reduced_motion="reduce", locale="en-GB"
    )
    yield Visit(context.new_page())
    context.close()


@pytest.mark.parametrize(
    "visit",
    [
        pytest.param((PHONE, "light"), id="phone-light"),
        pytest.param((SMALL_PHONE, "dark"), id="small-phone-dark"),
        pytest.param((DESKTOP, "dark"), id="desktop-dark"),
    ],
    indirect=True,
)
def test_every_page_is_whole(
    visit: Visit, addresses: dict[str, str], request: pytest.FixtureRequest
) -> None:
    PICTURES.mkdir(exist_ok=True)
    wrong: dict[str, list[str]] = {}
    for name, address in addresses.items():
        answer = visit.page.goto(address)
        assert answer is not None
        visit.page.screenshot(
            path=PICTURES / f"every-{name}-{request.node.callspec.id}.png", full_page=True
        )
        # What axe itself does to a page is no fault of it.
        found = [*visit.complaints, *problems(visit.page)]
        if answer.status != 200:
            found.append(f"status {answer.status}")
        if visit.width_overflow() > 0:
            found.append(f"{visit.width_overflow()} px too wide")
        if left := unreached(visit.page):
            found.append(f"out of reach of the keyboard, or unseen when reached: {left}")
        wrong[name] = found
        visit.complaints.clear()
    assert {name: found for name, found in wrong.items() if found} == {}
    assert {urlsplit(url).hostname for url in visit.asked} == {"127.0.0.1"}


def test_every_page_fits_a_phone_whose_letters_are_twice_as_large(
    browser: Browser, addresses: dict[str, str]
) -> None:
    executable = shutil.which("chromium")
    large = browser.browser_type.launch(
        executable_path=executable, args=[*QUIET_BROWSER, "--blink-settings=defaultFontSize=32"]
    )
    visit = Visit(large.new_page(viewport=PHONE, locale="de-DE"))
    wrong = dict[str, int]()
    for name, address in addresses.items():
        visit.page.goto(address)
        unfold(visit.page)
        if visit.width_overflow() > 0:
            wrong[name] = visit.width_overflow()
    large.close()
    assert wrong == {}


def unfold(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")


def problems(page: Page) -> list[str]:
    unfold(page)
    told = Axe().run(page).response["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in told]


def unreached(page: Page) -> list[str]:
    """Go through a page with the Tab key, and give what it does not come to."""
    waiting = page.evaluate(
        """() => {
          const kinds = "a[href], button, input:not([type=hidden]), select, textarea, summary";
          const asked = [...document.querySelectorAll(kinds)].filter(
            (each) => each.checkVisibility() && each.tabIndex >= 0 && !each.disabled);
          // Of radio buttons of a name the Tab key comes to one; arrow keys do the rest.
          const group = (each) => each.type === "radio" ? each.name : each;
          globalThis.unreached = new Map(asked.map((each) => [group(each), each]));
          document.addEventListener("focusin", ({ target }) => {
            if (getComputedStyle(target).outlineStyle !== "none") unreached.delete(group(target));
          });
          return unreached.size;
        }"""
    )
    for _ in range(waiting + SLACK):
        page.keyboard.press("Tab")
    left: list[str] = page.evaluate("[...unreached.values()].map((each) => each.outerHTML)")
    return left
