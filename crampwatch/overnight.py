"""A night from bedtime to morning: what came before it, what it needs, and its end."""

from __future__ import annotations

import asyncio
import logging
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from crampwatch.bedtime import ending, night_folder, parse_until
from crampwatch.keepers import Keeper, Say
from crampwatch.night import NightWatch, Radio, watch_night
from crampwatch.progress import NightProgress
from crampwatch.replay import judge_recording
from detector.classifier import load_model
from detector.night import Night
from detector.personal import Personal
from detector.provisional import Change
from ingest.collector.clock import Clock
from ingest.collector.faults import OpenFault
from ingest.collector.paired import PairedDevice, require_one_night
from ingest.collector.status import NightStatus
from ingest.collector.wearables_file import load_paired
from ingest.discover import NATIVE, find_recordings
from ingest.errors import CrampwatchError, RecordingError, SettingsError
from ingest.native.compact import compact
from ingest.native.layout import look
from ingest.recording_json import FIRST_YEAR
from ingest.samples import RecordingInfo
from server import words
from server.nights import local_time
from server.notices import NightNotices, sentence
from server.settings import Settings

__all__ = ["Evening", "begin_evening", "finish_earlier", "spend_night"]

log = logging.getLogger(__name__)

COMMAND_S = 30.0
"""Seconds that the owner's command for a notice may take."""


@dataclass(frozen=True, slots=True)
class Evening:
    """A night that is about to begin.

    Parameters
    ----------
    folder
        Of its recording.
    end_ns
        UTC nanoseconds at which it ends by itself; None where somebody ends it.
    """

    paired: list[PairedDevice]
    info: RecordingInfo
    folder: Path
    end_ns: int | None

    @property
    def zone(self) -> ZoneInfo:
        """The wearer's zone."""
        return self.info.zone


def begin_evening(settings: Settings, now_ns: int, until: str | None) -> Evening:
    """Look what is paired, and name the night.

    Parameters
    ----------
    now_ns
        UTC nanoseconds.
    until
        Local time at which the night ends by itself.

    Raises
    ------
    SettingsError
        If what is paired makes no night, the clock is not set, or `until` is no time of day.
    """
    paired = load_paired(settings.wearables_file)
    require_one_night(paired)
    zone = ZoneInfo(settings.timezone)
    _require_set_clock(local_time(now_ns, zone))
    folder = night_folder(settings.recordings_dir, now_ns, zone)
    info = RecordingInfo(
        folder.name,
        now_ns,
        settings.timezone,
        device=", ".join(each.name for each in paired),
        source="crampwatch night",
    )
    return Evening(paired, info, folder, parse_until(until, now_ns, zone) if until else None)


def _require_set_clock(now: datetime) -> None:
    # A small computer without a battery for its clock shows 1970 until it hears the time.
    if now.year < FIRST_YEAR:
        raise SettingsError(
            f"This machine's clock shows {now:%Y-%m-%d %H:%M}, and by it no night could be told "
            "from another. Set it (`timedatectl` shows whether it is), then begin again."
        )


def finish_earlier(
    recordings: Path,
    tonight: Path,
    keep: Callable[[Night], None],
    say: Say,
    personal: Personal | None = None,
) -> None:
    """Judge, keep and compact the nights that a crash or an empty battery left unfinished."""
    if not recordings.is_dir():
        return
    try:
        found = find_recordings(recordings)
    except RecordingError:
        return
    model = load_model()
    for each in found:
        if each.format != NATIVE or each.path == tonight:
            continue
        try:
            if not look(each.path).segments:
                continue
            with NightProgress() as progress:
                night, _ = judge_recording(each.open(), model, progress, each.path, personal)
            keep(night)
            compact(each.path)
        except Exception as error:
            # Whatever is wrong with it, it would keep every later night from beginning.
            if not isinstance(error, CrampwatchError):
                log.exception("%s", each.path)
            say(f"The earlier night {each.path.name} could not be finished: {error}")
        else:
            say(f"The earlier night {each.path.name} was left unfinished; it is judged now.")


async def spend_night(
    evening: Evening,
    settings: Settings,
    keeper: Keeper,
    *,
    radio: Radio,
    clock: Clock,
    say: Say,
    show: Callable[[NightStatus], None],
    personal: Personal | None = None,
) -> Night | None:
    """Record, judge and keep a night.

    Parameters
    ----------
    personal
        Adjusts the judging to the wearer's answers.
    say, show
        Where the night is followed: sentences that stay, and the moment.

    Returns
    -------
    Night or None
        None where not one second came that could be judged.

    Raises
    ------
    RecordingError
        If the recording cannot be written.
    """
    notices = NightNotices(settings.night_notices)

    def on_faults(faults: list[OpenFault], now_ns: int) -> None:
        for fault in notices.due(faults, now_ns):
            told = sentence(fault, evening.zone)
            say(f"\a{told}")
            if settings.notice_command:
                _run(settings.notice_command, told)

    async def on_episodes(changes: tuple[Change, ...], info: RecordingInfo) -> None:
        for change in changes:
            if told := words.at_night(change, evening.zone):
                say(told)
        await keeper.tell(changes, info)

    with ending(evening.end_ns, clock) as over:
        async with keeper.beside():
            night = await watch_night(
                evening.paired,
                evening.folder,
                evening.info,
                radio=radio,
                clock=clock,
                until=over,
                watch=NightWatch(keeper.report, show, on_faults, on_episodes),
                personal=personal,
            )
    if night is None:
        say("Not one second of acceleration came; nothing can be said of this night.")
        return None
    try:
        keeper.keep(night)
        compact(evening.folder)
    except CrampwatchError as error:
        say(
            f"{error} The recording is safe in {evening.folder}: "
            f"`crampwatch replay {evening.folder}` judges it again."
        )
    return night


def _run(command: str, told: str) -> None:
    """Run the owner's command with a notice as its last argument, and do not wait for it."""

    async def run() -> None:
        try:
            await asyncio.to_thread(
                subprocess.run, [command, told], check=True, timeout=COMMAND_S, capture_output=True
            )
        except (OSError, subprocess.SubprocessError) as error:
            log.warning("CRAMPWATCH_NOTICE_COMMAND failed: %s", error)

    task = asyncio.ensure_future(run())
    _RUNNING.add(task)
    task.add_done_callback(_RUNNING.discard)


_RUNNING: set[asyncio.Task[None]] = set()
"""Commands under way: a task that nobody holds may be collected before it ends."""
