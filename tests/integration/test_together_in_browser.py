from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import numpy as np
import pytest
from playwright.sync_api import Browser, ViewportSize, expect
from sqlalchemy.orm import Session

from server.diary import DiaryEntry, put_entry
from server.diary_kinds import Habit
from server.settings import load_settings
from server.store import Store
from server.trial.plan import Plan
from server.trials import Trial, keep_trial
from tests.browsing import look
from tests.integration.test_morning_page_in_browser import (
    DESKTOP,
    NEWEST,
    NOW,
    PHONE,
    judged,
    served,
)

NIGHTS = 120


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Four months in which stretching goes with fewer cramps, and nothing else with anything."""
    settings = load_settings(data_dir=tmp_path_factory.mktemp("together"), port=0)
    rng = np.random.default_rng(5)
    stretched = rng.random(NIGHTS) < 0.5
    cramp = rng.random(NIGHTS) < np.where(stretched, 0.2, 0.75)

    def keep(session: Session) -> None:
        def put(ago: int, kind: str, **payload: object) -> None:
            day = NEWEST - timedelta(days=ago)
            put_entry(session, "me", DiaryEntry(f"{kind}-{ago}", day, kind, payload, 1, "wearer"))

        for ago in range(NIGHTS):
            done = ["calf_stretches"] * bool(stretched[ago]) + ["fluids"] * (ago % 3 == 0)
            put(ago, "habits", done=done)
            if ago < 60 and ago % 2:
                put(ago, "dialysis")
        began = NEWEST - timedelta(days=8)
        put(8, "medicine", name="Furosemide 40", since=str(began))
        plan = Plan(Habit.CALF_STRETCHES, NEWEST - timedelta(days=NIGHTS - 1), 2, 6)
        keep_trial(session, "me", Trial("over", plan, 1, "wearer"))
        put(9, "factor", factor="exertion", since=str(NEWEST - timedelta(days=45)))

    with Store.open(settings.database_url, home=settings.data_dir, now=lambda: NOW) as store:
        for ago in range(NIGHTS):
            store.save(judged(ago, hours=7.5, likely=int(cramp[ago])))
        store.write(keep)
    yield from served(settings)


@pytest.mark.parametrize(("size", "scheme"), [(PHONE, "dark"), (DESKTOP, "light")])
def test_what_goes_with_what_is_found_from_the_diary(
    browser: Browser, address: str, size: ViewportSize, scheme: str
) -> None:
    page = browser.new_page(viewport=size, color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(f"{address}/diary")
    page.get_by_role("link", name="What goes with what").click()
    section = page.locator("section", has_text="Calf stretches")
    expect(section).to_contain_text("Fewer cramp nights on nights with it.")
    expect(section.get_by_role("img", name="Cramp nights, ratio 0.")).to_be_visible()
    medicine = page.locator("section", has_text="Furosemide 40 since it was started")
    expect(medicine).to_contain_text("It takes 14 counted nights on either side.")
    look(page, f"together-{scheme}")
    page.close()


@pytest.mark.parametrize(("size", "scheme"), [(PHONE, "dark"), (DESKTOP, "light")])
def test_a_trial_is_planned_from_its_power_and_told_each_morning(
    browser: Browser, address: str, size: ViewportSize, scheme: str
) -> None:
    page = browser.new_page(viewport=size, color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(f"{address}/together")
    page.get_by_role("link", name="Try a habit").click()
    expect(page.get_by_role("row", name="12")).to_contain_text("in 100")
    before = page.locator("section", has_text="Calf stretches")
    expect(before.get_by_role("heading", name="As it was done")).to_be_visible()
    expect(before).to_contain_text("The diary tells of 56 of 56 nights;")
    look(page, f"trial-power-{scheme}")
    page.get_by_label("What to try").select_option("Warm foot bath")
    page.get_by_label("12 weeks").check()
    page.get_by_role("button", name="Plan this trial").click()
    expect(page.get_by_text("Trial, Warm foot bath: tonight")).to_be_visible()
    look(page, f"trial-{scheme}")
    page.goto(f"{address}/")
    expect(page.get_by_text("Trial, Warm foot bath: tonight")).to_be_visible()
    page.get_by_role("link", name="The trial").click()
    page.get_by_role("button", name="Stop this trial").click()
    expect(page.get_by_text("It never began.").first).to_be_visible()
    page.close()
