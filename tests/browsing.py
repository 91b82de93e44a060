"""What is looked at in a real browser: the browser, and a server beside the test."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from axe_playwright_python.sync_playwright import Axe
from fastapi import FastAPI
from playwright.sync_api import Page

from server.app import Server

PICTURES = Path(__file__).parent / "pictures"

QUIET_BROWSER = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--accept-lang=en-GB",
]
"""Arguments with which Chromium asks nobody but the page, and in English."""


@contextmanager
def serving(app: FastAPI, port: int = 0) -> Iterator[str]:
    listening = threading.Event()
    server = Server(uvicorn.Config(app, port=port, log_level="error"), listening.set)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        assert listening.wait(20)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


WORKER_IS_READY = """() => Promise.race([
  navigator.serviceWorker.ready.then(() => true),
  new Promise((late) => setTimeout(late, 30_000, false)),
])"""


def await_worker(page: Page) -> None:
    """Wait for the service worker of a page. One that cannot start is never ready, nor refused."""
    assert page.evaluate(WORKER_IS_READY), "no service worker was ready within 30 s"


def look(page: Page, name: str) -> None:
    """Take a picture of a page with all that it folds away; hold it to axe and to its width."""
    PICTURES.mkdir(exist_ok=True)
    page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
    page.screenshot(path=PICTURES / f"{name}.png", full_page=True)
    assert Axe().run(page).response["violations"] == []
    size = page.viewport_size
    assert size is not None
    assert page.evaluate("document.documentElement.scrollWidth") == size["width"]
