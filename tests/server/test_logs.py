from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest
from fastapi import FastAPI

from ingest.errors import InputError
from ingest.samples import NS_PER_S
from server import alerting, logs
from server.logs import LogFormat
from server.store import Store
from server.wire import LinkReport, LiveReport, dump_live, dump_night

if TYPE_CHECKING:
    from tests.server.conftest import Client, NightMaker

NIGHT = date(2025, 3, 8)


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Iterator[io.StringIO]:
    """All that `crampwatch serve` would say in JSON."""
    caplog.set_level(logging.INFO, "server")
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logs._FORMATTERS[LogFormat.JSON])
    logging.getLogger().addHandler(handler)
    yield written
    logging.getLogger().removeHandler(handler)


def lines(log: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_a_whole_night_leaves_nothing_of_itself_in_the_log(
    client: Client,
    log: io.StringIO,
    make_night: NightMaker,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    night = make_night(NIGHT, id="secretid", name="Annas Nacht", episodes=2, possible=1)
    (first, *_) = night.episodes
    episode = (
        f'{{"started_ns":{night.start_ns},"timezone":"Europe/Berlin","onset_ns":{first.onset_ns},'
        f'"end_ns":{first.end_ns},"probability":0.777,"standing":"likely"}}'
    ).encode()
    link = LinkReport("PineTime", "streaming", battery_percent=63)
    live = LiveReport(night.start_ns, "Europe/Berlin", (link,), night)
    answer = b'{"said":"yes","leg":"left","pain":9,"helped":"stretching"}'
    missed = f'{{"time_ns":{first.onset_ns + 60 * NS_PER_S},"pain":8}}'.encode()
    damaged = dump_night(replace(night, start_ns=night.end_ns + 1))
    monkeypatch.setattr(alerting, "judge_nights", refuse)
    answers = [
        client.put("/api/v1/live", dump_live(live)),
        client.put("/api/v1/provisional-episodes/secretid-1", episode),
        client.put("/api/v1/provisional-episodes/secretid-1", episode.replace(b"0.777", b"7.77")),
        client.put("/api/v1/recordings/secretid/night", dump_night(night)),
        client.put("/api/v1/recordings/secretid/night", damaged),
        client.get("/"),
        client.get(f"/nights/{NIGHT}"),
        client.get("/api/v1/episodes?wearer=anna"),
        client.put(f"/api/v1/episodes/{first.id}/answer", answer),
        client.put("/api/v1/missed-cramps", missed),
    ]
    assert [each.status_code for each in answers] == [
        204, 201, 422, 201, 422, 200, 200, 404, 200, 200,
    ]  # fmt: skip
    requests = [each for each in lines(log) if each["message"] == "request"]
    assert [each["status"] for each in requests] == [each.status_code for each in answers]
    judged = [each for each in lines(log) if each["logger"] == "server.alerting"]
    assert len(judged) == 3
    # But when, and how long it took: numbers that mean nothing of a night.
    told = json.dumps([each | {"time": "", "took_ms": ""} for each in lines(log)])
    for secret in (
        "secretid", "Anna", "Nacht", "anna", "PineTime", 'left', "2025", "03-08", "Berlin",
        "0.78", "0.41", "0.777", "7.77", "likely\"", "possible\"", "stretching", "pain", "63",
        str(first.onset_ns), str(night.start_ns),
    ):  # fmt: skip
        assert secret not in told, secret


def refuse(store: Store, asked: str | None) -> None:
    raise InputError("An episode of Anna has the probability 0.777.")


@pytest.mark.parametrize("kind", LogFormat)
def test_of_an_exception_nobody_expected_its_type_and_place_are_told_and_not_its_text(
    kind: LogFormat,
) -> None:
    def defect() -> None:
        raise ValueError("Anna had 3 of 0.78")

    try:
        defect()
    except ValueError:
        record = logging.LogRecord(
            "uvicorn.error", logging.ERROR, __file__, 1, "Exception in ASGI application\n", (),
            sys.exc_info(),
        )  # fmt: skip
    written = logs._FORMATTERS[kind].format(record)
    assert "Anna" not in written
    assert "0.78" not in written
    assert "Exception in ASGI application" in written
    assert "ValueError" in written
    assert f"{__file__}:" in written
    assert "defect" in written
    assert ("\n" in written) is (kind is LogFormat.TEXT)


def test_a_line_of_json_has_its_time_in_utc_and_fields_of_its_own() -> None:
    record = logging.LogRecord("server", logging.INFO, "", 1, "%s came", ("one",), None)
    record.created = 1_795_298_400.25
    record.__dict__.update(logs.fields(route="/nights/{night}", status=200))
    assert json.loads(logs._FORMATTERS[LogFormat.JSON].format(record)) == {
        "time": "2026-11-21T22:00:00.250+00:00",
        "level": "info",
        "logger": "server",
        "message": "one came",
        "route": "/nights/{night}",
        "status": 200,
    }


def test_only_the_first_line_of_what_a_library_says_is_told() -> None:
    said = "Task exception was never retrieved\nfuture: <Task exception=ValueError('Anna')>"
    record = logging.LogRecord("asyncio", logging.ERROR, "", 1, said, (), None)
    written = logs._FORMATTERS[LogFormat.TEXT].format(record)
    assert written == "ERROR: Task exception was never retrieved"


def test_a_complaint_of_the_database_does_not_quote_what_was_to_be_written(
    store: Store, app: FastAPI
) -> None:
    from sqlalchemy import text
    from sqlalchemy.exc import OperationalError

    with store.reading() as session, pytest.raises(OperationalError) as caught:
        session.execute(text("SELECT :it FROM nowhere"), {"it": "Anna"})
    assert "Anna" not in str(caught.value)
