from __future__ import annotations

import json
import re
import shutil
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from ingest.samples import FaultKind
from server import static_files
from server.bokeh_script import SCRIPTS
from server.decoded import Decoded, DecodedNights, NotShown
from server.picture_words import NOT_SHOWN
from server.places import SAMPLES_NAME, register_place
from server.settings import Settings
from server.store import Store
from tests.server.recordings import START_NS, samples_of, write_recording
from tests.server.test_pages import WORDS_TO_AVOID, plain, read

if TYPE_CHECKING:
    from tests.server.conftest import Client, NightMaker

NIGHT = date(2026, 11, 21)
PICTURE = f"/nights/{NIGHT}/picture"
CURVES = f"/api/v1/nights/{NIGHT}/curves"
START_MS = START_NS // 10**6
END_MS = START_MS + 8 * 3600 * 1000
MOVEMENT, _ = samples_of(900)


def curves(client: Client, start: int = START_MS, end: int = END_MS, **more: object) -> Any:
    asked = "&".join(
        f"{name}={value}" for name, value in {"start": start, "end": end, **more}.items()
    )
    return client.get(f"{CURVES}?{asked}")


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """A quarter of an hour of samples on the disk, and beside it what they are unpacked into."""
    folder = tmp_path_factory.mktemp("annas-disk")
    recording_id = write_recording(folder / "night", 900)
    kept = DecodedNights(folder / "samples")
    assert isinstance(kept.get(recording_id, "Europe/Berlin", lambda: folder / "night"), Decoded)
    return recording_id, folder


@pytest.fixture
def recorded(
    store: Store, settings: Settings, make_night: NightMaker, unpacked: tuple[str, Path]
) -> str:
    """A night with a quarter of an hour of samples."""
    recording_id, folder = unpacked
    faults = ((FaultKind.NO_HEART_RATE, "04:00", "04:10"),)
    store.save(make_night(NIGHT, id=recording_id, possible=1, faults=faults))
    register_place(store, None, recording_id, folder / "night")
    shutil.copytree(folder / "samples", settings.data_dir / SAMPLES_NAME)
    return recording_id


def test_the_whole_night_is_drawn_by_its_extremes(client: Client, recorded: str) -> None:
    found = curves(client, points=500).json()
    assert (found["start"], found["end"]) == (START_MS, END_MS)
    (one,) = found["recordings"]
    assert (one["id"], one["samples"], one["whole"]) == (recorded, len(MOVEMENT), False)
    assert set(one["lines"]) == {"enmo_g", "x_g", "y_g", "z_g", "z_angle_deg", "heart_bpm"}
    for place, name in enumerate(("x_g", "y_g", "z_g")):
        values = one["lines"][name]["values"]
        assert len(values) == len(one["lines"][name]["ms"]) <= 500
        assert (min(values), max(values)) == (
            MOVEMENT.xyz_g[:, place].min(),
            MOVEMENT.xyz_g[:, place].max(),
        )


def test_a_jerk_is_drawn_by_every_sample_of_it(client: Client, recorded: str) -> None:
    start = START_MS + 29_900
    (one,) = curves(client, start, start + 400, points=500).json()["recordings"]
    assert one["whole"]
    line = one["lines"]["x_g"]
    rows = slice(1494, 1516)
    assert line["values"] == MOVEMENT.xyz_g[rows, 0].tolist()
    assert max(line["values"]) > 1.5
    assert [round(start + each) for each in line["ms"]] == (
        MOVEMENT.times_ns[rows] // 10**6
    ).tolist()


def test_who_has_the_lines_already_is_spared_them(client: Client, recorded: str) -> None:
    address = f"{CURVES}?start={START_MS}&end={END_MS}&points=200"
    tag = client.get(address).headers["etag"]
    again = client.get(address, **{"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")
    other = client.get(f"{address}&recording=any", **{"if-none-match": tag})
    assert other.status_code == 304, "the same lines, asked for in another way"


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("", "start: "),
        (f"start={START_MS}", "end: "),
        (f"start={END_MS}&end={START_MS}", "'start' has to be before 'end'"),
        (f"start={START_MS}&end={START_MS}", "'start' has to be before 'end'"),
        (f"start={START_MS - 1}&end={END_MS}", f"both from {START_MS} to {END_MS}"),
        (f"start={START_MS}&end={END_MS + 1}", f"both from {START_MS} to {END_MS}"),
        (f"start={START_MS}&end={START_MS + 99}", "at least"),
        (f"start={START_MS}&end={END_MS}&points=4001", "points: "),
        (f"start={START_MS}&end={END_MS}&points=1", "points: "),
        (f"start={START_MS}&end={END_MS}&points=many", "points: "),
        (f"start={START_MS}&end={2**60}", "end: "),
        (f"start={START_MS}.5&end={END_MS}", "start: "),
        (f"start={START_MS}&end={END_MS}&finely=1", "finely: "),
        (f"start={START_MS}&end={END_MS}&recording={'x' * 65}", "recording: "),
    ],
)
def test_a_range_that_cannot_be_drawn_is_refused(
    client: Client, recorded: str, asked: str, told: str
) -> None:
    refused = client.get(f"{CURVES}?{asked}")
    assert refused.status_code == 422
    assert told in refused.json()["detail"]


def test_a_night_that_is_not_recorded_has_no_picture(client: Client, recorded: str) -> None:
    assert client.get("/nights/2026-11-01/picture").status_code == 404
    assert client.get("/nights/yesterday/picture").status_code == 404
    asked = f"/api/v1/nights/2026-11-01/curves?start={START_MS}&end={END_MS}"
    assert client.get(asked).status_code == 404


def test_nobody_draws_the_night_of_another_wearer(
    store: Store, client: Client, make_night: NightMaker, tmp_path: Path
) -> None:
    for name in ("Anna", "Ben"):
        store.add_wearer(name, "Europe/Berlin")
    recording_id = write_recording(tmp_path / "annas")
    store.save(make_night(NIGHT, id=recording_id), "anna")
    register_place(store, "anna", recording_id, tmp_path / "annas")
    assert curves(client).status_code == 409
    assert curves(client, wearer="ben").status_code == 404
    assert curves(client, wearer="ben", recording=recording_id).status_code == 404
    (one,) = curves(client, wearer="anna").json()["recordings"]
    assert one["samples"] == 180 * 50
    assert client.get(f"{PICTURE}?wearer=ben").status_code == 404
    page = client.get(f"{PICTURE}?wearer=anna")
    assert f"{CURVES}?wearer=anna" in json.loads(data(page.text))["curves"]
    assert f'href="/nights/{NIGHT}?wearer=anna"' in page.text


def data(page: str) -> str:
    (found,) = re.findall(r'<script type="application/json" id="night">(.*?)</script>', page)
    return str(found)


def test_without_samples_the_page_draws_what_is_stored_and_the_lines_say_why(
    store: Store, client: Client, make_night: NightMaker, tmp_path: Path
) -> None:
    store.save(make_night(NIGHT, id="rec-1"))
    (one,) = curves(client).json()["recordings"]
    assert (one["problem"], one["lines"]) == ("elsewhere", {})
    assert one["detail"] == NOT_SHOWN[NotShown.ELSEWHERE]
    drawn = json.loads(data(client.get(PICTURE).text))
    assert [each["name"] for each in drawn["lanes"]] == ["Sleep"]
    assert len(drawn["episodes"]) == 1
    register_place(store, None, "rec-1", tmp_path / "gone")
    answer = curves(client)
    assert answer.json()["recordings"][0]["problem"] == "moved"
    assert str(tmp_path) not in answer.text


def test_no_path_of_this_machine_is_told(client: Client, recorded: str) -> None:
    for address in (PICTURE, f"{PICTURE}?table=minutes", f"/api/v1/recordings/{recorded}"):
        assert "annas-disk" not in client.get(address).text
    assert "annas-disk" not in curves(client).text


def test_the_page_says_in_a_table_what_the_picture_shows(client: Client, recorded: str) -> None:
    told = plain(client.get(PICTURE))
    for part in (
        "23:15–06:20",
        "01:13–01:15 Draw Likely, 78 % 2 min 5 s long, heart rate up by 14 beats a minute",
        "01:47 Draw Possible, 41 % 40 s long, heart rate not measured, no steps seen.",
        "04:00–04:10 Draw No heart rate 10 min long.",
        "Show the night as a table of five minutes",
        "Times are local to Europe/Berlin.",
    ):
        assert part in told
    for word in WORDS_TO_AVOID:
        assert word not in told.lower()


def test_what_is_drawn_is_what_the_night_says(client: Client, recorded: str) -> None:
    drawn = json.loads(data(client.get(PICTURE).text))
    assert (drawn["zone"], drawn["start"], drawn["end"]) == ("Europe/Berlin", START_MS, END_MS)
    detail = client.get(f"/api/v1/nights/{NIGHT}").json()
    assert [each["standing"] for each in drawn["episodes"]] == [
        each["standing"] for each in detail["episodes"]
    ]
    lanes = {each["name"]: each["spans"] for each in drawn["lanes"]}
    four = START_MS + 5 * 3600 * 1000
    assert lanes["No heart rate"] == [[four, four + 600_000]]
    assert lanes["Sleep"][0][0] == START_MS + 900_000


def test_the_table_of_five_minutes_is_that_of_the_samples(client: Client, recorded: str) -> None:
    page = client.get(f"{PICTURE}?table=minutes").text
    rows = re.findall(r'<tr><th scope="row">([\d:]+)</th>(.*?)</tr>', page)
    assert [when for when, _ in rows] == ["23:00", "23:05", "23:10"]
    cells = re.findall(r"<td>(.*?)</td>", rows[0][1])
    first = MOVEMENT.xyz_g[: 300 * 50].astype(float)
    enmo_mg = 1000 * np.maximum(np.sqrt((first**2).sum(axis=1)) - 1, 0)
    assert float(cells[0]) == pytest.approx(enmo_mg.mean(), abs=0.06)
    assert float(cells[1]) == pytest.approx(enmo_mg.max(), abs=0.6)
    assert 60 <= int(cells[3]) <= 70
    assert cells[4] == ""


def test_a_time_of_a_recording_that_is_not_here_has_no_numbers(
    store: Store, client: Client, make_night: NightMaker
) -> None:
    store.save(make_night(NIGHT, id="rec-1"))
    assert NOT_SHOWN[NotShown.ELSEWHERE] in plain(client.get(f"{PICTURE}?table=minutes"))


def test_of_two_wearables_at_once_the_longer_is_drawn_unless_asked(
    store: Store, client: Client, make_night: NightMaker, tmp_path: Path
) -> None:
    for name, hours in (("left", 7.5), ("right", 6.0)):
        store.save(make_night(NIGHT, id=name, name=name, hours=hours))
    ids = [each["id"] for each in curves(client).json()["recordings"]]
    assert ids == ["left"]
    chosen = curves(client, recording="right").json()["recordings"]
    assert [each["id"] for each in chosen] == ["right"]
    page = client.get(PICTURE)
    (link,) = re.findall(r'href="([^"]*recording=[^"]*)"', page.text)
    assert client.get(link).status_code == 200
    assert "Draw left" in plain(client.get(link))


def test_only_files_of_this_server_run_and_only_here_a_style_may_be_made(
    client: Client, recorded: str
) -> None:
    policies = [client.get(PICTURE).headers["content-security-policy"] for _ in range(2)]
    nonces = [re.findall(r"'nonce-([\w-]+)'", each) for each in policies]
    assert [len(each) for each in nonces] == [1, 1]
    assert nonces[0] != nonces[1]
    assert "script-src 'self';" in policies[0]
    assert "unsafe" not in policies[0]
    page = client.get(PICTURE)
    sources = [
        value for tag, name, value in read(page).attributes if (tag, name) == ("script", "src")
    ]
    assert sources[-3:] == [static_files.address("picture.js"), *SCRIPTS]
    assert all(each and each.startswith("/static/") for each in sources)
    assert not [each for each in read(page).attributes if each[1] == "style"]
    for other in ("/", f"/nights/{NIGHT}"):
        assert "nonce" not in client.get(other).headers["content-security-policy"]


def test_the_night_page_leads_to_its_picture(client: Client, recorded: str) -> None:
    assert f'href="{PICTURE}"' in client.get(f"/nights/{NIGHT}").text


def test_what_a_recording_is_called_cannot_end_the_script(
    store: Store, client: Client, make_night: NightMaker
) -> None:
    night = make_night(NIGHT, id="rec-1", timezone="Europe/Berlin", name="</script><i>")
    store.save(night)
    assert "<i>" not in client.get(PICTURE).text
    assert json.loads(data(client.get(f"{PICTURE}?recording=</script>").text))["curves"].endswith(
        "recording=%3C%2Fscript%3E"
    )


@pytest.mark.parametrize("address", SCRIPTS)
def test_the_script_of_bokeh_comes_from_its_package_and_may_be_kept(
    client: Client, address: str
) -> None:
    packed = client.get(address, **{"accept-encoding": "gzip"})
    plain_script = client.get(address, **{"accept-encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain_script.headers
    assert packed.content == plain_script.content
    assert b"Bokeh" in plain_script.content
    for answer in (packed, plain_script):
        assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["vary"] == "Accept-Encoding"
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert int(packed.headers["content-length"]) < len(plain_script.content) / 2


@pytest.mark.parametrize(
    "address",
    [
        "/static/bokeh/0.1/bokeh.min.js",
        SCRIPTS[0].replace("bokeh.min.js", "bokeh.js"),
        SCRIPTS[0].replace("bokeh.min.js", "..%2F..%2F__init__.py"),
    ],
)
def test_nothing_else_of_bokeh_is_served(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


def test_what_is_not_of_bokeh_is_not_kept(client: Client, recorded: str) -> None:
    for address in (PICTURE, "/static/picture.js", f"{CURVES}?start={START_MS}&end={END_MS}"):
        assert client.get(address).headers["cache-control"] == "no-store"
