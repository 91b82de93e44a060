"""How long the picture of a night takes to open, phase by phase, and what the server needs for it.

    python -m benchmarks.night_picture
    python -m benchmarks.night_picture --hours 9 --rounds 10

A simulated night at 50 Hz is stored and served by the commands themselves, in a folder of its own.
The first look unpacks the samples; every later one finds them unpacked. The browser is Debian's
Chromium, and is left out where there is none.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
from playwright.sync_api import BrowserContext, sync_playwright


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--hours", type=float, default=9.0)
    parser.add_argument("--rounds", type=int, default=10)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        settings = {"CRAMPWATCH_DATA_DIR": f"{place}/data", "CRAMPWATCH_PORT": "0"}
        environment = os.environ | settings
        simulated = ["simulate", f"{place}/nights", "--hours", str(options.hours)]
        _run([*simulated, "--device", "apple", "--seed", "3"], environment)
        _run(["replay", f"{place}/nights"], environment)
        with _served(environment) as (address, process):
            print(f"the server before: {_memory(process)}")
            picture = _ask(address, options.rounds)
            _look(picture, options.rounds)
            print(f"the server after: {_memory(process)}")


def _run(arguments: list[str], environment: dict[str, str]) -> None:
    command = [sys.executable, "-m", "crampwatch", *arguments]
    subprocess.run(command, env=environment, check=True, capture_output=True)


@contextmanager
def _served(environment: dict[str, str]) -> Iterator[tuple[str, int]]:
    command = [sys.executable, "-m", "crampwatch", "serve"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        found = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
        assert found is not None
        yield found[0], process.pid
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


def _ask(address: str, rounds: int) -> str:
    """Time what the server answers, and give the address of the picture."""
    with httpx.Client(base_url=address, timeout=60) as client:
        night = client.get("/api/v1/nights").json()["items"][0]["night"]
        page = f"/nights/{night}/picture"
        drawn = json.loads(re.findall(r'id="night">(.*?)</script>', client.get(page).text)[0])

        def lines(start: int, end: int) -> httpx.Response:
            asked = {"start": start, "end": end, "points": 2000}
            return client.get(drawn["curves"], params=asked).raise_for_status()

        start, end = drawn["start"], drawn["end"]
        began_s = time.perf_counter()
        (one,) = lines(start, end).json()["recordings"]
        unpacked_s = time.perf_counter() - began_s
        print(f"{one['samples']:,} samples, unpacked with the first look in {unpacked_s:.2f} s")
        middle = (start + end) // 2
        _tell("the page", rounds, lambda: client.get(page))
        _tell("lines of the whole night", rounds, lambda: lines(start, end))
        _tell("lines of an hour", rounds, lambda: lines(middle, middle + 3_600_000))
        _tell("lines of 20 s, every sample", rounds, lambda: lines(middle, middle + 20_000))
        return f"{address}{page}"


def _look(picture: str, rounds: int) -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        print("no browser here: sudo apt-get install chromium")
        return
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--headless", "--no-sandbox", "--disable-gpu"]
        )
        _open(browser.new_context(), picture)
        fresh = [_open(browser.new_context(), picture) for _ in range(rounds)]
        context = browser.new_context()
        _open(context, picture)
        again = [_open(context, picture) for _ in range(rounds)]
        for what, took in (("by a browser that never saw it", fresh), ("again", again)):
            wall_ms, cpu_ms = zip(*took, strict=True)
            print(f"opened {what}: {_figures(wall_ms)}; CPU of the page: {_figures(cpu_ms)}")
        browser.close()


def _open(context: BrowserContext, picture: str) -> tuple[float, float]:
    """Give the milliseconds until the lines are on the screen, and the CPU time of the page."""
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    began_s = time.perf_counter()
    page.goto(picture)
    page.wait_for_selector("body[data-drawn]")
    wall_ms = 1000 * (time.perf_counter() - began_s)
    metrics = session.send("Performance.getMetrics")["metrics"]
    (cpu_s,) = (each["value"] for each in metrics if each["name"] == "TaskDuration")
    page.close()
    return wall_ms, 1000 * cpu_s


def _tell(what: str, rounds: int, work: Callable[[], object]) -> None:
    took_ms = []
    for _ in range(rounds):
        began_s = time.perf_counter()
        work()
        took_ms.append(1000 * (time.perf_counter() - began_s))
    print(f"{what}: {_figures(took_ms)}")


def _figures(took_ms: Sequence[float]) -> str:
    return f"{min(took_ms):.0f} ms at best, {statistics.median(took_ms):.0f} ms usually"


def _memory(process: int) -> str:
    status = Path(f"/proc/{process}/status").read_text()
    now, most = (int(re.findall(rf"{name}:\s+(\d+)", status)[0]) for name in ("VmRSS", "VmHWM"))
    return f"{now // 1024} MiB, {most // 1024} MiB at most"


if __name__ == "__main__":
    main()
