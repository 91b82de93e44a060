"""``crampwatch night`` and ``collect``: the wiring of one night, from bedtime to morning."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random

from detector.detector import Detector
from detector.faults import add_recorded
from detector.night import Night
from detector.personal import Personal
from detector.provisional import Change, Provisional
from ingest.collector.bluetooth import ClientFactory, Recover, ScannerFactory
from ingest.collector.clock import Clock
from ingest.collector.faults import OpenFault
from ingest.collector.night import collect_night
from ingest.collector.paired import PairedDevice
from ingest.collector.radio import ConnectedDevices
from ingest.collector.status import LinkStatus, NightStatus
from ingest.devices.conversation import StreamKind
from ingest.errors import SampleError
from ingest.native.layout import is_begun
from ingest.native.night import describe, read, read_faults
from ingest.samples import NS_PER_S, FaultKind, Mark, RecordingInfo, Samples
from server.wire import FaultReport, LinkReport, LiveReport

__all__ = ["NightWatch", "Radio", "continued", "watch_night"]

log = logging.getLogger(__name__)

MINUTE_NS = 60 * NS_PER_S
BEHIND_NS = 4 * NS_PER_S
"""Nanoseconds after a full minute at which the night so far is judged: the detector sees whole
minutes, and the last samples of one are on the disk within 4 s. With the stillness that is waited
for (`detector.provisional.STILL_NS`) what ended is known within 90 s."""

ONGOING_NS = 120 * NS_PER_S
"""Nanoseconds before now within which a fault that the detector found last still goes on: it sees
whole minutes."""

Judge = Callable[[Callable[[], Night]], Awaitable[Night]]
"""Runs the detector without holding up the radio."""


@dataclass(frozen=True, slots=True)
class Radio:
    """What a night needs of Bluetooth.

    Parameters
    ----------
    scanner, client
        Make a scan and a connection.
    connected_devices, recover
        For `ingest.collector.radio.Radio`, where the system has a way.
    rng
        For the rests between attempts; one with a seed makes a simulated night the same again.
    """

    scanner: ScannerFactory
    client: ClientFactory
    connected_devices: ConnectedDevices | None = None
    recover: Recover | None = None
    rng: Random | None = None


@dataclass(frozen=True, slots=True)
class NightWatch:
    """Who follows a night while it goes on.

    Parameters
    ----------
    report
        Takes what is known once a minute; may take its time, the radio does not wait for it.
    status
        Takes a picture of the links twice a second.
    faults
        Takes the faults that go on, those that the detector sees among them, once a minute.
    episodes
        Takes what changes of the episodes that are told, before the report of the same minute,
        and what the finished night decides of them; with the recording that they are of.
    """

    report: Callable[[LiveReport], Awaitable[None]]
    status: Callable[[NightStatus], None]
    faults: Callable[[list[OpenFault], int], None]
    episodes: Callable[[tuple[Change, ...], RecordingInfo], Awaitable[None]]


def continued(folder: Path, info: RecordingInfo) -> RecordingInfo:
    """Give what a recording that is there says of itself, or else what is known of a new one."""
    if is_begun(folder):
        return describe(folder).description.info
    return info


async def watch_night(
    paired: list[PairedDevice],
    folder: Path,
    info: RecordingInfo,
    *,
    radio: Radio,
    clock: Clock,
    until: Awaitable[object],
    watch: NightWatch,
    personal: Personal | None = None,
    judge: Judge = asyncio.to_thread,
) -> Night | None:
    """Collect and judge a night until it is over.

    Parameters
    ----------
    personal
        Adjusts the judging to the wearer's answers.

    Returns
    -------
    Night or None
        Judged from every sample of the recording, those of an earlier part included; None where
        there was not one second to judge.

    Raises
    ------
    SettingsError
        If the wearables do not make a night.
    RecordingError
        If the folder is another recording, or cannot be written.
    """
    info = continued(folder, info)
    detector = Detector(info, personal=personal)
    tonight = Provisional()
    last: list[NightStatus] = []

    def on_status(status: NightStatus) -> None:
        last[:] = [status]
        try:
            watch.status(status)
        except Exception:
            # The night is not for those who look at it.
            log.exception("the moment could not be shown; the night goes on")

    cut_off: list[Exception] = []

    def feed(samples: Samples) -> tuple[Mark, ...]:
        try:
            return detector.feed(samples)
        except Exception as error:
            cut_off.append(error)
            raise

    following = asyncio.ensure_future(_follow(detector, tonight, info, clock, last, watch, judge))
    try:
        await collect_night(
            paired,
            folder,
            info,
            scanner=radio.scanner,
            client=radio.client,
            clock=clock,
            until=until,
            on_samples=feed,
            on_status=on_status,
            rng=radio.rng,
            connected_devices=radio.connected_devices,
            recover=radio.recover,
        )
    finally:
        following.cancel()
        await asyncio.wait({following})
    try:
        # A detector that failed has heard a part of the night; all of it is in the recording.
        night = await judge(partial(_replayed, folder, personal) if cut_off else detector.finish)
    except SampleError as error:
        log.warning("%s: %s", folder, error)
        return None
    try:
        await watch.episodes(tonight.finish(night), info)
    except Exception:
        # The night is still to be kept, and by it who keeps episodes learns the same.
        log.exception("what became of the episodes of the night could not be told")
    return add_recorded(night, read_faults(folder))


def _replayed(folder: Path, personal: Personal | None) -> Night:
    recording = read(folder)
    detector = Detector(recording.info, personal=personal)
    for samples in recording.samples():
        detector.feed(samples)
    return detector.finish()


async def _follow(
    detector: Detector,
    tonight: Provisional,
    info: RecordingInfo,
    clock: Clock,
    last: list[NightStatus],
    watch: NightWatch,
    judge: Judge,
) -> None:
    while True:
        # By the night's own clock, as the minutes of the detector are.
        await asyncio.sleep(_until_judged_s(last[0].now_ns if last else clock.utc_ns()))
        try:
            await _tell_minute(detector, tonight, info, last, watch, judge)
        except Exception:
            # What fails in one minute may work in the next, and who follows hears of faults by it.
            log.exception("the night so far could not be reported; it goes on")


async def _tell_minute(
    detector: Detector,
    tonight: Provisional,
    info: RecordingInfo,
    last: list[NightStatus],
    watch: NightWatch,
    judge: Judge,
) -> None:
    try:
        night, changes = tonight.follow(await judge(detector.snapshot().so_far))
    except SampleError:
        # Nothing has come yet, or not a whole minute of it.
        night, changes = None, ()
    if changes:
        try:
            await watch.episodes(changes, info)
        except Exception:
            # The report of this minute has the same episodes.
            log.exception("an episode could not be told; the night goes on")
    if not last:
        return
    status = last[0]
    faults = [*status.faults, *_seen(night, status.now_ns)]
    report = LiveReport(
        info.start_ns,
        info.timezone,
        tuple(_link_report(each, status.now_ns) for each in status.links),
        night,
        tuple(FaultReport(each.kind, each.source, each.start_ns) for each in faults),
        status.adapter_resets,
        len(tonight.withdrawn),
    )
    try:
        watch.faults(faults, status.now_ns)
    finally:
        await watch.report(report)


def _until_judged_s(now_ns: int) -> float:
    """Seconds to the next full minute and a little; half a minute at least."""
    remaining_ns = MINUTE_NS - (now_ns - BEHIND_NS) % MINUTE_NS
    # A moment too early would be followed by the same minute again.
    return (remaining_ns if remaining_ns >= MINUTE_NS // 2 else remaining_ns + MINUTE_NS) / NS_PER_S


def _seen(night: Night | None, now_ns: int) -> list[OpenFault]:
    """Faults that the detector saw last, and that therefore go on."""
    return [
        OpenFault(fault.kind, "", fault.start_ns)
        for fault in (night.faults if night else ())
        if fault.kind is not FaultKind.GAP and now_ns - fault.end_ns <= ONGOING_NS
    ]


def _link_report(link: LinkStatus, now_ns: int) -> LinkReport:
    rates = [each.rate_hz for each in link.streams if each.kind is StreamKind.ACCELERATION]
    last_ns = max((each.last_ns for each in link.streams if each.last_ns is not None), default=None)
    return LinkReport(
        link.name,
        link.state.value,
        link.battery_percent,
        next(iter(rates), None),
        # The last sample may be timed a moment ahead of when it came.
        None if last_ns is None else max(0, now_ns - last_ns) / NS_PER_S,
    )
