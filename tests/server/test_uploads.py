from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from queue import Queue
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from fastapi import FastAPI

from detector.classifier import load_model
from detector.personal import fit_personal
from server.app import create_app
from server.context import Context
from server.events import EventKind
from server.settings import Settings
from server.store import Store
from server.upload_routes import MOST_WAITING
from server.wire import dump_night

if TYPE_CHECKING:
    from tests.server.conftest import Client, NightMaker

from tests.server.conftest import client_of

JUDGE = """
import json, sys, time
text = open(sys.argv[1]).read()
def say(**said): print(json.dumps(said), flush=True)
say(part=0.5)
if text == "for ever": time.sleep(1000)
if text == "a crash": sys.exit(3)
if text == "taught": say(problem=sys.stdin.read())
elif text == "nonsense": print("nonsense", flush=True)
elif text.startswith("{"): say(night=json.loads(text), remarks=["odd: " + sys.argv[3]])
else: say(problem=sys.argv[2] + ": " + text)
"""
"""Judges as it is told by the file: the server has to live with whatever a judge does."""

ZIP = "?name=night.zip"


class Told:
    """What listeners were told, to be waited for."""

    def __init__(self, app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
        self.queue: Queue[tuple[EventKind, str | None]] = Queue()
        context: Context = app.state.context
        publish = context.live.events.publish

        def listen(wearer: str, kind: EventKind, href: str | None = None) -> None:
            publish(wearer, kind, href)
            self.queue.put((kind, href))

        monkeypatch.setattr(context.live.events, "publish", listen)

    def wait_for(self, client: Client, upload_id: str, wearer: str = "me") -> dict[str, Any]:
        """Wait until one is judged."""
        while True:
            kind, _ = self.queue.get(timeout=120)
            if kind is EventKind.UPLOAD:
                path = f"/api/v1/uploads/{upload_id}?wearer={wearer}"
                found: dict[str, Any] = client.get(path).json()
                if found["state"] != "waiting":
                    return found


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    judge = (sys.executable, "-I", "-S", "-c", JUDGE)
    return create_app(settings, judge=judge)


@pytest.fixture
def told(client: Client, app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> Told:
    return Told(app, monkeypatch)


@pytest.fixture
def folder(settings: Settings) -> Path:
    return settings.data_dir / "uploads"


def left_of(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir()) if folder.is_dir() else []


def test_a_recording_that_is_sent_becomes_a_night(
    client: Client, told: Told, make_night: NightMaker
) -> None:
    night = make_night()
    body = dump_night(night)
    answer = client.put(f"/api/v1/uploads/one{ZIP}&timezone=Europe/Berlin", body)
    assert answer.status_code == 202
    assert answer.headers["location"] == "/api/v1/uploads/one"
    sent = answer.json()
    assert (sent["state"], sent["recording_id"]) == ("waiting", None)
    assert sent["sha256"] == hashlib.sha256(body).hexdigest()
    assert sent["bytes"] == len(body)
    done = told.wait_for(client, "one")
    assert (done["state"], done["part"], done["recording_id"]) == ("done", 1.0, night.id)
    assert done["remarks"] == ["odd: Europe/Berlin"]
    assert done["problem"] is None
    assert client.get("/api/v1/nights").json()["items"][0]["likely"] == 1
    assert [each["id"] for each in client.get("/api/v1/uploads").json()["items"]] == ["one"]


def test_a_recording_is_judged_with_what_the_answers_teach(
    client: Client, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.put(f"/api/v1/uploads/one{ZIP}", b"taught")
    assert told.wait_for(client, "one")["problem"] is None
    personal = fit_personal([], load_model().version)
    monkeypatch.setattr("server.judging.learnt", lambda *_: personal)
    client.put(f"/api/v1/uploads/two{ZIP}", b"taught")
    assert told.wait_for(client, "two")["problem"] == personal.to_json()


def test_the_same_recording_twice_is_one(
    client: Client, told: Told, make_night: NightMaker
) -> None:
    body = dump_night(make_night())
    client.put(f"/api/v1/uploads/one{ZIP}", body)
    done = told.wait_for(client, "one")
    again = client.put(f"/api/v1/uploads/one{ZIP}", body)
    assert again.status_code == 200
    assert again.json() == done
    client.put(f"/api/v1/uploads/two{ZIP}", body)
    told.wait_for(client, "two")
    assert client.get("/api/v1/recordings").json()["total"] == 1
    other = client.put(f"/api/v1/uploads/one{ZIP}", b"another")
    assert other.status_code == 409
    assert other.json()["type"] == "/api/v1/problems/not-in-this-state"


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"holds no recording", "night.zip: holds no recording"),
        (b"a crash", "It could not be judged: it took too much memory or time"),
        (b"nonsense", "It could not be judged: it took too much memory or time"),
        (b"{}", "not a judged night"),
    ],
)
@pytest.mark.filterwarnings("default")
def test_what_cannot_be_judged_says_why_and_may_be_sent_again(
    client: Client, told: Told, body: bytes, problem: str
) -> None:
    client.put(f"/api/v1/uploads/one{ZIP}", body)
    failed = told.wait_for(client, "one")
    assert failed["state"] == "failed"
    assert problem in failed["problem"]
    again = client.put(f"/api/v1/uploads/one{ZIP}", body)
    assert (again.status_code, again.json()["state"]) == (202, "waiting")
    assert told.wait_for(client, "one")["state"] == "failed"


def test_one_that_is_taken_out_is_stopped_and_the_next_has_its_turn(
    client: Client, told: Told, make_night: NightMaker
) -> None:
    client.put(f"/api/v1/uploads/long{ZIP}", b"for ever")
    while told.queue.get(timeout=120) != (EventKind.UPLOAD, "/api/v1/uploads/long"):
        pass
    assert client.get("/api/v1/uploads/long").json()["part"] == 0.5
    client.put(f"/api/v1/uploads/next{ZIP}", dump_night(make_night()))
    assert client.get("/api/v1/uploads/next").json()["state"] == "waiting"
    assert client.delete("/api/v1/uploads/long").status_code == 204
    assert told.wait_for(client, "next")["state"] == "done"
    assert client.get("/api/v1/uploads/long").status_code == 404
    assert client.delete("/api/v1/uploads/long").status_code == 404


def test_what_was_not_judged_when_the_server_stopped_is_judged_when_it_starts(
    settings: Settings, folder: Path, make_night: NightMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = (sys.executable, "-I", "-S", "-c", "import time; time.sleep(1000)")
    with client_of(create_app(settings, judge=waits)) as client:
        body = dump_night(make_night())
        assert client.put(f"/api/v1/uploads/one{ZIP}", body).status_code == 202
    (folder / "cut-off.part").write_bytes(b"half of a night")
    assert len(left_of(folder)) == 2
    app = create_app(settings, judge=(sys.executable, "-I", "-S", "-c", JUDGE))
    with client_of(app) as client:
        # It may be done before anybody listens.
        told = Told(app, monkeypatch)
        found = client.get("/api/v1/uploads/one").json()
        if found["state"] == "waiting":
            found = told.wait_for(client, "one")
        assert found["state"] == "done"
        app.state.context.judging._tidy_up()
        assert left_of(folder) == []


def test_a_wearer_has_recordings_of_its_own(
    store: Store, client: Client, told: Told, make_night: NightMaker
) -> None:
    for name in ("Anna", "Ben"):
        store.add_wearer(name, "Europe/Berlin")
    body = dump_night(make_night())
    assert client.put(f"/api/v1/uploads/one{ZIP}", body).status_code == 409
    assert client.put(f"/api/v1/uploads/one{ZIP}&wearer=ben", body).status_code == 202
    assert told.wait_for(client, "one", "ben")["state"] == "done"
    assert client.get("/api/v1/uploads/one?wearer=anna").status_code == 404
    assert client.get("/api/v1/uploads?wearer=anna").json()["items"] == []
    assert client.delete("/api/v1/uploads/one?wearer=anna").status_code == 404
    taken = client.put(f"/api/v1/uploads/one{ZIP}&wearer=anna", body)
    assert taken.status_code == 422
    assert client.get("/api/v1/nights?wearer=anna").json()["total"] == 0
    assert client.get("/api/v1/nights?wearer=ben").json()["total"] == 1
    # Ben's night is none of Anna's, whoever sends it.
    client.put(f"/api/v1/uploads/two{ZIP}&wearer=anna", body)
    failed = told.wait_for(client, "two", "anna")
    assert "a night of another wearer" in failed["problem"]


def test_only_so_many_wait(settings: Settings) -> None:
    waits = (sys.executable, "-I", "-S", "-c", "import time; time.sleep(1000)")
    with client_of(create_app(settings, judge=waits)) as other:
        for number in range(MOST_WAITING):
            answer = other.put(f"/api/v1/uploads/{number}{ZIP}", b"%d" % number)
            assert answer.status_code == 202
        full = other.put(f"/api/v1/uploads/more{ZIP}", b"more")
    assert (full.status_code, full.headers["retry-after"]) == (429, "60")
    assert full.json()["type"] == "/api/v1/problems/busy"


def test_a_disk_that_is_full_takes_nothing(
    client: Client, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.upload_routes.KEPT_FREE_BYTES", 2**63)
    answer = client.put(f"/api/v1/uploads/one{ZIP}", b"night")
    assert answer.status_code == 507
    assert answer.json()["type"] == "/api/v1/problems/disk-full"

    def full(_: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr("server.upload_routes.KEPT_FREE_BYTES", 0)
    monkeypatch.setattr("server.upload_routes._flush", full)
    assert client.put(f"/api/v1/uploads/one{ZIP}", b"night").status_code == 507
    assert left_of(folder) == []
    assert client.get("/api/v1/uploads").json()["items"] == []


def test_a_folder_that_cannot_be_written_is_a_problem(client: Client, folder: Path) -> None:
    folder.write_text("in the way")
    answer = client.put(f"/api/v1/uploads/one{ZIP}", b"night")
    assert answer.status_code == 503
    assert "CRAMPWATCH_DATA_DIR" in answer.json()["detail"]


def test_one_that_is_too_large_is_refused_and_nothing_stays(
    client: Client, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As if the client had lied about the length.
    monkeypatch.setattr("server.body_limit.UPLOADS", "/elsewhere/")
    body = b" " * (8 * 1024**2 + 1)
    answer = client.put(f"/api/v1/uploads/one{ZIP}", body, **{"content-length": "1"})
    assert answer.status_code == 413
    assert left_of(folder) == []
    assert client.get("/api/v1/uploads").json()["items"] == []


def test_more_than_other_bodies_may_be_is_taken(client: Client, told: Told) -> None:
    body = b"x" * (9 * 1024**2)
    assert client.put(f"/api/v1/uploads/one{ZIP}", body).status_code == 202
    assert told.wait_for(client, "one")["bytes"] == len(body)


def test_a_name_that_leads_elsewhere_is_refused(client: Client) -> None:
    for name in ("../night.zip", "/etc/passwd", ".hidden", "", "a%00b", "x" * 101):
        answer = client.put(f"/api/v1/uploads/one?name={name}", b"night")
        assert answer.status_code == 422, name
    assert client.put("/api/v1/uploads/one", b"night").status_code == 422
    detail = client.put("/api/v1/uploads/one?name=.hidden", b"night").json()["detail"]
    assert detail == (
        "name: The name of the file has to begin with a letter or a digit and may hold letters, "
        "digits, spaces and .,()+-_ up to 100 bytes; send it as night.zip."
    )


@pytest.mark.parametrize("name", ["My night (2).zip", "Nacht für Jörg, links.zip"])
def test_a_name_may_be_as_people_write_it(client: Client, told: Told, name: str) -> None:
    assert client.put(f"/api/v1/uploads/one?name={quote(name)}", b"odd").status_code == 202
    done = told.wait_for(client, "one")
    assert (done["name"], done["problem"]) == (name, f"{name}: odd")


@pytest.fixture(autouse=True)
def no_process_is_left() -> Iterator[None]:
    yield
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
