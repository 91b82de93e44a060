"""A whole night by the road that `crampwatch night` takes, with simulated wearables and time."""

from __future__ import annotations

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import httpx
import numpy as np
import pytest

from crampwatch.keepers import Elsewhere, Here, Keeper
from crampwatch.night import Radio
from crampwatch.overnight import Evening, begin_evening, finish_earlier, spend_night
from crampwatch.progress import NightProgress
from crampwatch.replay import judge_recording
from detector.classifier import load_model
from detector.detector import Detector
from detector.night import Night
from detector.personal import Personal, fit_personal
from detector.taps import TAPPED
from ingest.collector.paired import PairedDevice
from ingest.collector.status import NightStatus
from ingest.collector.wearables_file import save_paired
from ingest.discover import find_recordings
from ingest.errors import SettingsError
from ingest.native.layout import look
from ingest.native.night import read
from ingest.samples import NS_PER_S, FaultKind, Mark, Samples
from server import words
from server.client import ServerClient
from server.outbox import Outbox
from server.provisional import provisional_episodes
from server.settings import Settings, load_settings
from server.store import Store
from server.summary import newest
from server.tables import EpisodeState
from server.wearer_id import FIRST
from server.wire import LiveReport
from simulator.wearable import Body, MemoryAir, PolarSense, VirtualClock, run
from tests.detector.script import Script, heart

CRAMP_S = 2160.0
"""Seconds after bedtime at which the cramp of the night begins."""

TAPPED_S = 2300.0
"""Seconds after bedtime at which the wearer marks it."""

Happening = Callable[[PolarSense, VirtualClock], Coroutine[Any, Any, None]]


def a_body() -> Body:
    """Seventy minutes: falling asleep, a cramp with sitting up, asleep again, getting up."""
    script = Script(52).rub(60).still(2100).turn("sitting").rub(90).turn("back").still(1500)
    script.turn("left").still(300).rub(60)
    whole = script.acceleration()
    # After it the wearer taps the watch: three knocks of two samples each.
    for at in (round((TAPPED_S + 0.4 * tap) * 52) for tap in range(3)):
        whole.xyz_g[at : at + 2] += np.array([[0.0, 0.2, -2.0], [0.0, -0.1, 0.9]], np.float32)
    rate = heart(script.seconds, every_s=1.0, rises=((CRAMP_S + 8, 25.0),))
    return Body(whole.xyz_g.astype(np.float64), np.rint(rate.bpm), np.ones(len(rate.bpm), np.bool_))


BODY = a_body()
NIGHT_S = len(BODY.bpm) - 25.0


@dataclass
class Told:
    sentences: list[str] = field(default_factory=list)
    statuses: list[NightStatus] = field(default_factory=list)
    reports: list[tuple[int, LiveReport]] = field(default_factory=list)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(data_dir=tmp_path / "data", port=0, timezone="Europe/Berlin")


class Listening(Here):
    """The store and the page, with an ear for what is reported."""

    def __init__(self, settings: Settings, told: Told, clock: VirtualClock) -> None:
        super().__init__(settings, told.sentences.append)
        self._told = told
        self._clock = clock

    async def report(self, report: LiveReport) -> None:
        self._told.reports.append((self._clock.utc_ns(), report))
        await super().report(report)


def a_night(
    settings: Settings,
    *,
    seconds: float = NIGHT_S,
    keeper: Callable[[Told, VirtualClock], Keeper] | None = None,
    happening: Happening | None = None,
    say: Callable[[str], None] | None = None,
    show: Callable[[NightStatus], None] | None = None,
    personal: Personal | None = None,
) -> tuple[Night | None, Told, Evening]:
    told = Told()

    async def bedtime() -> tuple[Night | None, Evening]:
        air, clock = MemoryAir(), VirtualClock()
        polar = PolarSense(body=BODY, drift_ppm=25)
        await air.place(polar)
        save_paired(settings.wearables_file, [PairedDevice(polar.address, polar.name, "polar")])
        evening = begin_evening(settings, clock.utc_ns(), None)
        evening = Evening(
            evening.paired,
            evening.info,
            evening.folder,
            clock.utc_ns() + round(seconds * NS_PER_S),
        )
        if happening is not None:
            story = asyncio.ensure_future(happening(polar, clock))
            story.add_done_callback(lambda done: done.cancelled() or done.result())
        keeping = keeper(told, clock) if keeper else Listening(settings, told, clock)
        night = await spend_night(
            evening,
            settings,
            keeping,
            radio=Radio(air.host.new_scanner, air.host.new_client, rng=Random(3)),
            clock=clock,
            say=say or told.sentences.append,
            show=show or told.statuses.append,
            personal=personal,
        )
        return night, evening

    night, evening = run(bedtime())
    return night, told, evening


def replayed(folder: Path) -> Night:
    (found,) = find_recordings(folder)
    with NightProgress() as progress:
        return judge_recording(found.open(), load_model(), progress, folder)[0]


def test_a_night_is_recorded_judged_shown_and_kept(settings: Settings) -> None:
    async def trouble(polar: PolarSense, clock: VirtualClock) -> None:
        await asyncio.sleep(900)
        polar.drop()
        await asyncio.sleep(600)
        polar.vanish(noticed_after_s=None)
        await asyncio.sleep(90)
        polar.come_back()
        await asyncio.sleep(200)
        clock.step(-20)

    night, told, evening = a_night(settings, happening=trouble)
    assert night is not None

    (episode,) = night.episodes
    assert abs((episode.onset_ns - evening.info.start_ns) / NS_PER_S - CRAMP_S) < 15
    assert episode.heart_rate_rise_bpm is not None
    (mark,) = night.marks
    assert mark.label == TAPPED
    assert abs((mark.time_ns - evening.info.start_ns) / NS_PER_S - TAPPED_S) < 15
    kinds = {fault.kind for fault in night.faults}
    assert {FaultKind.GAP, FaultKind.LINK_LOST, FaultKind.CLOCK_STEPPED} <= kinds

    # Told while the night goes on, by a clock that was set back by 20 s meanwhile.
    told_ns = next(
        at
        for at, report in told.reports
        if report.night and [each.end_ns for each in report.night.episodes] == [episode.end_ns]
    )
    assert 0 < (told_ns - episode.end_ns) / NS_PER_S + 20 < 90
    told_ids = {each.id for _, one in told.reports if one.night for each in one.night.episodes}
    assert told_ids == {episode.id}
    at = words.clock(episode.onset_ns, evening.zone)
    (said,) = [each for each in told.sentences if "the morning decides" in each]
    assert said == f"At {at} an awakening that may have been a cramp; the morning decides."
    assert any(each.startswith("The page is at http://127.0.0.1:") for each in told.sentences)

    # What was told is confirmed, under the same id.
    with (
        Store.open(settings.database_url, home=settings.data_dir) as store,
        store.reading() as session,
    ):
        (kept,) = provisional_episodes(session, FIRST)
    assert (kept.id, kept.state, kept.became) == (episode.id, EpisodeState.CONFIRMED, episode.id)
    assert kept.started_ns == night.info.start_ns

    # Kept, compacted, and the same to the last bit when it is replayed.
    with Store.open(settings.database_url, home=settings.data_dir) as store:
        found = newest(store, "me")
        assert found is not None
        assert found.morning is not None
        assert [each.id for each in found.morning.episodes] == [episode.id]
    layout = look(evening.folder)
    assert (layout.segments, layout.parquet is not None) == ((), True)
    assert replayed(evening.folder) == night
    marks = [each for each in read(evening.folder).samples() if isinstance(each, Mark)]
    assert marks == [mark]


def test_what_the_wearer_often_said_was_none_is_not_told_at_night_either(
    settings: Settings,
) -> None:
    unlikely = replace(fit_personal([], load_model().version), shift=-9.0)
    night, told, evening = a_night(settings, personal=unlikely)
    assert night is not None
    assert (night.episodes, night.personal) == ((), unlikely.version)
    assert not any("may have been a cramp" in each for each in told.sentences)

    # A night that is finished later is judged alike.
    later: list[Night] = []
    plain = replayed(evening.folder)
    assert [each.features for each in plain.awakenings] == [
        each.features for each in night.awakenings
    ]
    (evening.folder / "segment-0009.arrows").write_bytes(b"")
    tonight = evening.folder.with_name("tonight")
    finish_earlier(settings.recordings_dir, tonight, later.append, told.sentences.append, unlikely)
    assert later == [night]


@pytest.fixture
def killed(settings: Settings, tmp_path: Path) -> tuple[Settings, Path]:
    """What a collector killed after ten minutes has left: the disk as it was at that moment."""
    later = load_settings(data_dir=tmp_path / "later", port=0, timezone=settings.timezone)

    async def kill(polar: PolarSense, clock: VirtualClock) -> None:
        await asyncio.sleep(600)
        shutil.copytree(settings.data_dir, later.data_dir)

    a_night(settings, seconds=700, happening=kill)
    (folder,) = later.recordings_dir.iterdir()
    return later, folder


def test_begun_again_after_a_crash_it_is_one_night(killed: tuple[Settings, Path]) -> None:
    settings, folder = killed
    night, _, evening = a_night(settings, seconds=900)
    assert night is not None
    assert evening.folder == folder
    assert night == replayed(folder)
    assert [each.name for each in settings.recordings_dir.iterdir()] == [folder.name]


def test_a_night_left_unfinished_is_finished_the_next_evening(
    killed: tuple[Settings, Path],
) -> None:
    settings, folder = killed
    kept: list[Night] = []
    said: list[str] = []
    finish_earlier(settings.recordings_dir, folder, kept.append, said.append)
    assert kept == []
    finish_earlier(settings.recordings_dir, folder.with_name("tonight"), kept.append, said.append)
    assert [night.info.name for night in kept] == [folder.name]
    assert kept[0].recorded_s > 580
    assert "was left unfinished" in said[0]
    assert look(folder).segments == ()


def test_off_the_wrist_and_a_lost_link_are_told_at_night_once(settings: Settings) -> None:
    async def leave(polar: PolarSense, clock: VirtualClock) -> None:
        await asyncio.sleep(300)
        polar.vanish(noticed_after_s=None)

    _, told, _ = a_night(settings, seconds=1300, happening=leave)
    notices = [sentence for sentence in told.sentences if sentence.startswith("\a")]
    assert len(notices) == 1
    assert "Wearable not connected (Polar Sense" in notices[0]
    _, before = told.reports[2]
    assert before.faults == ()
    assert before.links[0].last_sample_s is not None
    assert before.links[0].last_sample_s < 3
    _, after = told.reports[-1]
    assert FaultKind.LINK_LOST in {each.kind for each in after.faults}
    assert after.links[0].last_sample_s is not None
    assert after.links[0].last_sample_s > 900


def test_a_night_for_a_server_elsewhere_waits_until_it_is_back(
    settings: Settings, tmp_path: Path
) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("away", request=request)

    outbox = Outbox(tmp_path / "outbox")
    away = ServerClient("http://pi.local", transport=httpx.MockTransport(refuse))
    night, told, _ = a_night(
        settings, seconds=400, keeper=lambda told, _: Elsewhere(away, outbox, told.sentences.append)
    )
    assert night is not None
    assert len(outbox.waiting()) == 1
    assert len([each for each in told.sentences if "does not answer" in each]) == 1
    received: list[str] = []

    def take(request: httpx.Request) -> httpx.Response:
        received.append(request.url.path)
        return httpx.Response(201, json={"saved": "added"})

    back = ServerClient("http://pi.local", transport=httpx.MockTransport(take))
    assert len(outbox.deliver(back).sent) == 1
    assert received == [f"/api/v1/recordings/{night.id}/night"]


def test_a_page_that_cannot_be_served_costs_no_night(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        busy = load_settings(
            data_dir=settings.data_dir, port=taken.getsockname()[1], timezone="Europe/Berlin"
        )
        night, told, _ = a_night(busy, seconds=300)
    assert night is not None
    assert any("recorded without the page" in sentence for sentence in told.sentences)


def test_a_moment_that_cannot_be_shown_costs_no_night(settings: Settings) -> None:
    def log_on_a_full_disk(_: NightStatus) -> None:
        raise OSError(28, "No space left on device")

    night, _, _ = a_night(settings, seconds=300, show=log_on_a_full_disk)
    assert night is not None
    assert night.end_ns - night.start_ns > 280 * NS_PER_S


def test_a_notice_that_cannot_be_said_costs_no_later_report(settings: Settings) -> None:
    async def stays_away(polar: PolarSense, _: VirtualClock) -> None:
        await asyncio.sleep(120)
        polar.vanish()

    def log_on_a_full_disk(_: str) -> None:
        raise OSError(28, "No space left on device")

    night, told, _ = a_night(settings, seconds=1500, happening=stays_away, say=log_on_a_full_disk)
    assert night is not None
    assert len(told.reports) >= 23


def test_an_episode_that_is_not_found_any_more_is_said_and_counted_in_what_is_told(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = Detector.so_far

    def so_far(self: Detector) -> Night:
        night = plain(self)
        is_early = night.end_ns - night.start_ns < (CRAMP_S + 600) * NS_PER_S
        return night if is_early else replace(night, episodes=())

    monkeypatch.setattr(Detector, "so_far", so_far)
    night, told, evening = a_night(settings)
    assert night is not None
    (episode,) = night.episodes
    at = words.clock(episode.onset_ns, evening.zone)
    assert f"The awakening at {at} does not look like a cramp any more." in told.sentences
    with (
        Store.open(settings.database_url, home=settings.data_dir) as store,
        store.reading() as session,
    ):
        (kept,) = provisional_episodes(session, FIRST)
    # The morning had the last word.
    assert (kept.id, kept.state) == (episode.id, EpisodeState.CONFIRMED)
    counts = [(len(one.night.episodes), one.withdrawn) for _, one in told.reports if one.night]
    assert list(dict.fromkeys(counts)) == [(0, 0), (1, 0), (0, 1)]


def test_what_cannot_be_said_of_an_episode_costs_neither_report_nor_night(
    settings: Settings,
) -> None:
    def log_on_a_full_disk(sentence: str) -> None:
        if "the morning decides" in sentence:
            raise OSError(28, "No space left on device")

    night, told, _ = a_night(settings, say=log_on_a_full_disk)
    assert night is not None
    assert [len(one.night.episodes) for _, one in told.reports if one.night][-1] == 1


def test_a_detector_that_fails_in_the_night_judges_all_of_it_in_the_morning(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, calls = Detector.feed, count()

    def feed(self: Detector, samples: Samples) -> tuple[Mark, ...]:
        if next(calls) == 400:
            raise MemoryError
        return plain(self, samples)

    monkeypatch.setattr(Detector, "feed", feed)
    personal = fit_personal([], load_model().version)
    night, _, _ = a_night(settings, seconds=600, personal=personal)
    assert night is not None
    assert night.personal == personal.version
    assert night.end_ns - night.start_ns > 580 * NS_PER_S


def test_a_page_that_ends_badly_costs_no_night(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    @asynccontextmanager
    async def serving(*_: object, **__: object) -> AsyncIterator[None]:
        yield
        raise OSError(24, "Too many open files")

    monkeypatch.setattr("server.app.serving", serving)
    night, _, _ = a_night(settings, seconds=300)
    assert night is not None


def test_an_earlier_night_costs_none_tonight(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, _, evening = a_night(settings, seconds=200)
    # As if it were not compacted yet.
    (evening.folder / "segment-0009.arrows").write_bytes(b"")

    def defect(*_: object) -> None:
        raise ValueError("a defect")

    monkeypatch.setattr("crampwatch.overnight.judge_recording", defect)
    said: list[str] = []
    tonight = evening.folder.with_name("tonight")
    finish_earlier(settings.recordings_dir, tonight, lambda night: None, said.append)
    assert said == [f"The earlier night {evening.folder.name} could not be finished: a defect"]


def test_without_a_wearable_there_is_no_night(settings: Settings) -> None:
    with pytest.raises(SettingsError, match="crampwatch pair"):
        begin_evening(settings, 0, None)


def test_no_night_begins_by_a_clock_that_was_not_set(settings: Settings) -> None:
    address = "A0:9E:1A:00:00:01"
    save_paired(settings.wearables_file, [PairedDevice(address, "Polar Sense", "polar")])
    with pytest.raises(SettingsError, match=r"clock shows 1970-01-01 01:02, .* Set it"):
        begin_evening(settings, 120 * NS_PER_S, None)
    assert not settings.recordings_dir.exists()
