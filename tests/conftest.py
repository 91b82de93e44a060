from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pytest
from hypothesis import settings

# How long an example takes says how busy the machine is. The same examples every time; others are
# looked for with `pytest --hypothesis-profile=exploring`.
settings.register_profile("crampwatch", deadline=None, derandomize=True)
settings.register_profile("exploring", deadline=None, derandomize=False)
settings.load_profile("crampwatch")

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.bluetooth.private_bus import Bus

MakeBus: TypeAlias = "Callable[..., Bus]"


@pytest.fixture(scope="session")
def reference_vectors() -> Path:
    root = Path(__file__).parents[1]
    named = os.environ.get("CRAMPWATCH_SHARED_REFERENCE")
    folder = Path(named) if named else root.parent / "shared" / "reference"
    path = folder / "ble_vectors.json"
    if not path.is_file():
        pytest.skip(
            f"reference vectors not here: no {path}; set CRAMPWATCH_SHARED_REFERENCE to its folder"
        )
    return path


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, which asks nobody but the page."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no browser here: sudo apt-get install chromium, and the page is looked at")
    from playwright.sync_api import sync_playwright

    from tests.browsing import QUIET_BROWSER

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=QUIET_BROWSER)
        yield launched
        launched.close()


@pytest.fixture
def make_bus(monkeypatch: pytest.MonkeyPatch) -> Iterator[MakeBus]:
    """A D-Bus in the place of the system's, without a bluetoothd on it."""
    if shutil.which("dbus-daemon") is None:
        pytest.skip("no dbus-daemon here, so BlueZ is not tried: install Debian's package dbus")
    from bleak.backends.bluezdbus.version import BlueZFeatures

    from tests.bluetooth.private_bus import private_bus

    # bleak asks bluetoothctl for its version once, which would be another machine's business here.
    monkeypatch.setattr(BlueZFeatures, "checked_bluez_version", True)
    with ExitStack() as stack:

        def make(*, permitted: bool = True) -> Bus:
            bus = stack.enter_context(private_bus(permitted=permitted))
            monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address)
            return bus

        yield make
