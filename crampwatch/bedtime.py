"""When a night begins and ends: its folder, its zone, and what ends it."""

from __future__ import annotations

import asyncio
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Any
from zoneinfo import ZoneInfo

from ingest.collector.clock import Clock
from ingest.errors import SettingsError
from ingest.samples import NS_PER_S
from server.nights import local_time, night_of

__all__ = ["NightOverError", "end_at", "ending", "night_folder", "parse_until"]

LONGEST_NS = 18 * 3600 * NS_PER_S
"""Nanoseconds (18 h) a night may be told to last: a service that is started again right after its
end is not to record the whole day."""

LOOK_S = 5.0
"""Seconds between two looks at the clock for the end of the night: nobody minds the few more."""

USUAL: dict[signal.Signals, Callable[[int, FrameType | None], Any] | signal.Handlers] = {
    signal.SIGINT: signal.default_int_handler,
    signal.SIGTERM: signal.SIG_DFL,
    signal.SIGHUP: signal.SIG_IGN,
}
"""What the signals that end a night do once it is ending. A terminal that is closed says so more
than once, and the night is still to be judged and kept."""


class NightOverError(SettingsError):
    """The night was to end by now."""


def night_folder(recordings: Path, now_ns: int, zone: ZoneInfo) -> Path:
    """Name the recording of a night by the date it began on; begun again, it is the same one."""
    return recordings / night_of(now_ns, zone).isoformat()


def parse_until(text: str, now_ns: int, zone: ZoneInfo) -> int:
    """Give the next moment, in UTC nanoseconds, at which the local clock shows a time.

    Raises
    ------
    SettingsError
        If it is no time of day.
    NightOverError
        If it is just over.
    """
    match = re.fullmatch(r"(\d{1,2}):(\d{2})", text)
    if match is None or int(match[1]) > 23 or int(match[2]) > 59:
        raise SettingsError(f"'{text}' is no time of day. Write it as 08:00.")
    now = local_time(now_ns, zone)
    wanted = now.replace(hour=int(match[1]), minute=int(match[2]), second=0, microsecond=0)
    if wanted <= now:
        # By the calendar, as a day in which the clock changes has not 24 h.
        day = now.date() + timedelta(days=1)
        wanted = datetime.combine(day, wanted.time(), zone)
    end_ns = int(wanted.timestamp()) * NS_PER_S
    if end_ns - now_ns > LONGEST_NS:
        hours = LONGEST_NS // NS_PER_S // 3600
        raise NightOverError(
            f"It is past {text} already, and the next is more than {hours} h away. "
            "Begin in the evening, or leave the end out."
        )
    return end_ns


async def end_at(end_ns: int | None, clock: Clock) -> None:
    """Wait until the host's clock shows a moment; for ever where there is none."""
    while end_ns is None or clock.utc_ns() < end_ns:
        await asyncio.sleep(LOOK_S)


@contextmanager
def ending(end_ns: int | None, clock: Clock) -> Iterator[asyncio.Future[None]]:
    """Give what is done when the night is over: by its time, a signal, or a closed terminal.

    A second Ctrl-C or SIGTERM ends the command at once, as everywhere, whatever the night is at.
    Under `nohup` a closed terminal ends nothing.
    """
    loop = asyncio.get_running_loop()
    over = asyncio.ensure_future(end_at(end_ns, clock))
    before = {each: signal.getsignal(each) for each in USUAL}
    if before[signal.SIGHUP] is signal.SIG_IGN:
        del before[signal.SIGHUP]

    def end(*_: object) -> None:
        # Here and not in the loop: one that hangs would never come to it, nor to a second signal.
        for each in before:
            signal.signal(each, USUAL[each])
        loop.call_soon_threadsafe(over.cancel)

    async def told() -> None:
        await asyncio.wait({over})

    done = asyncio.ensure_future(told())
    try:
        for each in before:
            signal.signal(each, end)
        yield done
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
        over.cancel()
        done.cancel()
