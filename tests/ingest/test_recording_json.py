from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import RecordingError, SettingsError
from ingest.recording_json import format_info, parse_info, read_info
from ingest.samples import NS_PER_S, RecordingInfo
from ingest.zones import require_zone

PATH = Path("recording.json")
Text = Callable[..., str]


def fault(text: str) -> RecordingError:
    with pytest.raises(RecordingError) as caught:
        parse_info(PATH, text, "night")
    return caught.value


@pytest.mark.parametrize("key", ["start", "timezone", "device", "wrist", "source"])
def test_every_key_is_needed(recording_json: Text, key: str) -> None:
    found = json.loads(recording_json())
    del found[key]
    error = fault(json.dumps(found))
    assert error.problem == f"has no {key}"
    assert error.advice.startswith("It has to be a JSON object with these five keys: {")
    example = error.advice.split(": ", 1)[1]
    assert parse_info(PATH, example, "night").timezone == "Europe/Berlin"


@pytest.mark.parametrize(
    ("changes", "problem", "advice"),
    [
        ({"start": "2026-10-24T22:30:00"}, "without an offset from UTC", "+02:00"),
        ({"start": "last night"}, "not a date and time", "ISO 8601"),
        ({"start": "1970-01-01T00:00:00Z"}, "has a start in the year 1970", "clock"),
        ({"start": "1999-12-31T23:59:59Z"}, "has a start in the year 1999", "clock"),
        ({"start": 5}, "has a start that is not text", "quotes"),
        ({"timezone": None}, "has a timezone that is not text", "quotes"),
        ({"timezone": "Europe/Berln"}, "unknown time zone 'Europe/Berln'", "Europe/Berlin?"),
        ({"timezone": "berlin"}, "unknown time zone 'berlin'", "Europe/Berlin?"),
        ({"timezone": "New York"}, "unknown time zone 'New York'", "America/New_York?"),
        ({"timezone": "../etc/passwd"}, "unknown time zone", "IANA"),
        ({"timezone": "Europe"}, "unknown time zone", "IANA"),
        ({"timezone": ""}, "unknown time zone", "IANA"),
        ({"wrist": "Left"}, "has the wrist 'Left'", "null where nobody said"),
        ({"wrist": ["left"]}, "has a wrist that is neither text", "null where nobody said"),
        ({"timezone": "Moon"}, "unknown time zone 'Moon'", "such as Europe/Berlin."),
        ({"timezone": "Europe/Munich"}, "unknown time zone", "such as Europe/Berlin."),
        ({"timezone": "CEST"}, "unknown time zone 'CEST'", "such as Europe/Berlin."),
        ({"timezone": "GMT+1"}, "unknown time zone 'GMT+1'", "such as Europe/Berlin."),
        ({"timezone": "x" * 9999}, "unknown time zone 'xxx", "such as Europe/Berlin."),
        ({"start": "x" * 9999}, "xxx...', not a date and time", "ISO 8601"),
    ],
)
def test_says_what_is_wrong_with_a_value(
    recording_json: Text, changes: dict[str, object], problem: str, advice: str
) -> None:
    error = fault(recording_json(**changes))
    assert problem in error.problem
    assert advice in error.advice
    assert str(error).startswith("recording.json: ")


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("", None, "is empty"),
        ("{\n'start': 1}", 2, "is not JSON"),
        ("[]", None, "is not a JSON object"),
        ('{"start": ' + "1" * 5000 + "}", None, "has a number of too many digits"),
        ("[" * 100_000, None, "is nested too deeply"),
    ],
)
def test_says_where_it_is_not_json(text: str, line: int | None, problem: str) -> None:
    error = fault(text)
    assert error.problem.startswith(problem)
    assert error.line == line


def test_refuses_bytes_that_are_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "recording.json"
    path.write_bytes(b'{"start": "\xff"}')
    with pytest.raises(RecordingError, match=r"is not text in UTF-8\. Save it as UTF-8\."):
        read_info(path, "night")


def test_takes_a_byte_order_mark(tmp_path: Path, recording_json: Text) -> None:
    path = tmp_path / "recording.json"
    path.write_text("\ufeff" + recording_json(), encoding="utf-8")
    assert read_info(path, "night")[0].device == "a wristband"


def test_a_large_file_is_not_read(tmp_path: Path, recording_json: Text) -> None:
    path = tmp_path / "recording.json"
    path.write_text(recording_json() + " " * 1024 * 1024)
    with pytest.raises(RecordingError, match="is larger than 1024 KiB"):
        read_info(path, "night")


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "recording.json"
    os.mkfifo(path)
    with pytest.raises(RecordingError, match="is a pipe or a device, not a file"):
        read_info(path, "night")


def test_what_is_not_unicode_is_made_so(recording_json: Text) -> None:
    text = recording_json(device="a \ud800 band", source="\udcff")
    info = parse_info(PATH, text, "night")
    assert (info.device, info.source) == ("a \ufffd band", "\ufffd")
    assert parse_info(PATH, format_info(info), "night") == info


@pytest.mark.parametrize(
    ("start", "remarked"),
    [
        ("2026-10-24T22:30:00+02:00", False),
        ("2026-10-25T02:30:00+02:00", False),
        ("2026-10-25T02:30:00+01:00", False),
        ("2026-10-24T20:30:00Z", False),
        ("2026-10-24T21:30:00+01:00", True),
        ("2026-10-24T16:30:00-04:00", True),
    ],
)
def test_an_offset_that_is_not_the_zones_is_remarked(
    tmp_path: Path, recording_json: Text, start: str, remarked: bool
) -> None:
    path = tmp_path / "recording.json"
    path.write_text(recording_json(start=start))
    remark = (
        f"{path}: the offset of its start is not that of Europe/Berlin. The start was taken as "
        "2026-10-24T22:30:00+02:00; correct the offset or the time zone if that is wrong."
    )
    assert read_info(path, "night")[1] == ((remark,) if remarked else ())


@pytest.mark.parametrize(
    ("start", "utc"),
    [
        ("2026-10-25T02:30:00+02:00", "2026-10-25T00:30:00+00:00"),
        ("2026-10-25T02:30:00+01:00", "2026-10-25T01:30:00+00:00"),
        ("2026-03-29T00:30:00Z", "2026-03-29T00:30:00+00:00"),
    ],
)
def test_the_offset_decides_in_the_hour_that_comes_twice(
    recording_json: Text, start: str, utc: str
) -> None:
    info = parse_info(PATH, recording_json(start=start), "night")
    assert info.start_ns == int(datetime.fromisoformat(utc).timestamp()) * NS_PER_S


@given(
    start_ns=st.integers(NS_PER_S * 946_771_200, NS_PER_S * 86_400 * 365 * 200),  # from 2000-01-02
    zone=st.sampled_from(["Europe/Berlin", "America/St_Johns", "Asia/Kathmandu", "UTC"]),
    wrist=st.sampled_from(["left", "right", None]),
    device=st.text(st.characters(codec="utf-8"), max_size=9),
)
def test_what_is_written_reads_back(
    start_ns: int, zone: str, wrist: str | None, device: str
) -> None:
    info = RecordingInfo("night", start_ns, zone, device, wrist, "source")
    assert parse_info(PATH, format_info(info), "night") == info


def test_a_wrong_zone_given_as_a_setting_names_the_right_one() -> None:
    require_zone("Europe/Berlin")
    for machine in ("localtime", "posixrules", "right/Europe/Berlin", "posix/Europe/Berlin"):
        with pytest.raises(SettingsError, match="IANA"):
            require_zone(machine)
    with pytest.raises(SettingsError, match="did you mean Australia/Sydney"):
        require_zone("Sidney")
