"""What a night costs the process that collects it: its memory by the half hour, and its CPU.

``python -m benchmarks.collector_cost collect --hours 8`` takes the road of ``crampwatch collect``
in virtual time, with ``night`` that of ``crampwatch night`` with its page;
``--seconds-of-real-time 120`` goes at the pace of a real night, for the CPU. The sensor is a
simulation in the same process, kept small: it repeats ten minutes, and forgets what it has sent.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import numpy as np
from rich.console import Console

from crampwatch.keepers import Elsewhere, Here, Keeper
from crampwatch.lean import keep_small
from crampwatch.night import Radio
from crampwatch.overnight import begin_evening, spend_night
from crampwatch.screen import night_screen
from ingest.collector.clock import Clock, SystemClock
from ingest.collector.paired import PairedDevice
from ingest.collector.wearables_file import save_paired
from ingest.samples import NS_PER_S
from server.client import ServerClient
from server.outbox import Outbox
from server.settings import Settings, load_settings
from simulator.wearable import Body, MemoryAir, PolarSense, VirtualClock, run

LOOK_S, REAL_LOOK_S = 1800.0, 30.0
"""Seconds between two looks, of virtual and of real time."""
BODY_S = 600
"""Seconds that the body repeats."""
SETTLING_S = 20.0
"""Seconds before the CPU is counted: connecting is not what a night consists of."""


def memory_mib(field: str = "VmRSS") -> float:
    """Read a figure of this process from Linux."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) / 1024
    raise KeyError(field)


def restless() -> Body:
    """A sleeper who rubs his leg for a minute of every ten: more to judge than any night has."""
    body = Body.asleep(rate_hz=52, seconds=BODY_S)
    rubbing = slice(52 * 300, 52 * 360)
    body.xyz_g[rubbing, 0] += 0.25 * np.sin(np.arange(52 * 60) / 5.5)
    return body


def taken(_: httpx.Request) -> httpx.Response:
    return httpx.Response(201, json={"saved": "added"})


async def spend(
    settings: Settings, road: str, seconds: float, look_s: float, make_clock: Callable[[], Clock]
) -> None:
    """Spend a night, and print what it costs."""
    clock = make_clock()
    with night_screen(Console(file=io.StringIO()), ZoneInfo(settings.timezone)) as screen:
        client = ServerClient("http://pi.local", transport=httpx.MockTransport(taken))
        elsewhere = Elsewhere(client, Outbox(settings.data_dir / "outbox"), screen.say)
        keeper: Keeper = Here(settings, screen.say) if road == "night" else elsewhere
        before = memory_mib()
        air, polar = MemoryAir(), PolarSense(body=restless(), drift_ppm=60)
        await air.place(polar)
        print(
            f"{before:6.1f} MiB before the night; the simulation adds {memory_mib() - before:.1f}"
        )
        save_paired(settings.wearables_file, [PairedDevice(polar.address, polar.name, "polar")])
        evening = begin_evening(settings, clock.utc_ns(), None)
        end_ns = clock.utc_ns() + round(seconds * NS_PER_S)
        looking = asyncio.ensure_future(look(polar, look_s))
        night = await spend_night(
            replace(evening, end_ns=end_ns),
            settings,
            keeper,
            radio=Radio(air.host.new_scanner, air.host.new_client, air.host.connected_devices),
            clock=clock,
            say=screen.say,
            show=screen.show,
        )
        looking.cancel()
    assert night is not None
    print(f"{memory_mib():6.1f} MiB when it is judged, kept and compacted", end=", ")
    print(f"{memory_mib('VmHWM'):.1f} MiB at most; {len(night.awakenings)} awakenings")


async def look(polar: PolarSense, look_s: float) -> None:
    """Print the memory of the process every now and then, and its CPU since it began."""
    loop = asyncio.get_running_loop()
    await asyncio.sleep(SETTLING_S)
    began_s, cpu_s = loop.time(), time.process_time()
    print(" hours  now MiB  at most MiB  CPU %")
    while True:
        await asyncio.sleep(look_s)
        del polar.sent_acc[:]
        passed_s = loop.time() - began_s
        share = (time.process_time() - cpu_s) / passed_s
        now, most = memory_mib(), memory_mib("VmHWM")
        print(f"{passed_s / 3600:6.2f} {now:8.1f} {most:12.1f} {share:6.2%}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("road", choices=("collect", "night"))
    parser.add_argument("--hours", type=float, default=8.0)
    parser.add_argument("--seconds-of-real-time", type=float)
    chosen = parser.parse_args()
    keep_small()
    with tempfile.TemporaryDirectory() as place:
        settings = load_settings(data_dir=Path(place), port=0, timezone="Europe/Berlin")
        if chosen.seconds_of_real_time is None:
            run(spend(settings, chosen.road, chosen.hours * 3600, LOOK_S, VirtualClock))
        else:
            seconds = chosen.seconds_of_real_time
            asyncio.run(spend(settings, chosen.road, seconds, REAL_LOOK_S, SystemClock))


if __name__ == "__main__":
    main()
