from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from ingest.errors import SettingsError, StoreError
from server import people
from server.app import _addresses, serve
from server.settings import Settings, database_url, load_settings
from server.sqlite import database_file, warning
from server.store import Store

PROGRAM = """
import sys
from server import people
from server.app import serve
from server.settings import load_settings
settings = load_settings(database_url=sys.argv[1], data_dir=sys.argv[2], port=0)
serve(settings, lambda text: print(text, flush=True))
print("stopped", flush=True)
"""


def start(url: str) -> tuple[subprocess.Popen[str], str]:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, url, str(database_file(url).parent)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    announced = process.stdout.readline().split()
    # Read here, or it may lie in the buffer that `communicate` passes over.
    if told := warning():
        assert process.stdout.readline() == f"{told}\n"
    return process, announced[announced.index("at") + 1]


def test_who_listens_is_let_go_when_the_server_stops(url: str) -> None:
    process, address = start(url)
    heard = []
    with httpx.stream("GET", f"{address}api/v1/events", timeout=60) as answer:
        # A stream that is torn down instead ends with an error.
        for line in answer.iter_lines():
            heard.append(line)
            if line.startswith("id: "):
                process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert heard[0] == "event: hello"
    assert (out, err, process.returncode) == ("stopped\n", "", 0)


def test_the_real_server_answers_where_it_says_until_ctrl_c(
    url: str, month: Callable[[], None]
) -> None:
    month()
    process, address = start(url)
    assert address.startswith("http://127.0.0.1:")
    with httpx.Client(base_url=address) as client:
        page = client.get("/")
        assert page.status_code == 200
        assert "We noticed 2 awakenings" in page.text
        assert "server" not in page.headers
        assert client.get("/api/v1/nights").json()["total"] == 13
        # The connection is kept alive, as a browser keeps it, while the server stops.
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert (out, err, process.returncode) == ("stopped\n", "", 0)


STILLED = """
import gc, os, sys
from server.app import serve
from server.settings import load_settings

def leave(text):
    known = gc.get_freeze_count()
    os._exit(0 if known > 10 * len(gc.get_objects()) else 1)

serve(load_settings(database_url=sys.argv[1], data_dir=sys.argv[2], port=0), leave)
"""


def test_what_is_there_when_it_starts_is_not_looked_through_for_rubbish(url: str) -> None:
    folder = str(database_file(url).parent)
    done = subprocess.run([sys.executable, "-c", STILLED, url, folder], timeout=60)
    assert done.returncode == 0


def test_being_ended_from_outside_closes_the_store_too(url: str) -> None:
    process, _ = start(url)
    process.terminate()
    _, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (-signal.SIGTERM, "")
    path = Path(url.removeprefix("sqlite:///"))
    assert list(path.parent.iterdir()) == [path]


def test_a_port_in_use_is_told_with_advice_and_opens_no_store(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        busy = load_settings(**(settings.model_dump() | {"port": port}))
        with pytest.raises(SettingsError) as caught:
            serve(busy, announce=pytest.fail)
    assert str(caught.value) == (
        f"Port {port} of 127.0.0.1 is in use, perhaps by another crampwatch. "
        "Set CRAMPWATCH_PORT to another one, or to 0 for any that is free."
    )
    assert not settings.data_dir.exists()


def test_a_store_that_cannot_be_opened_ends_serving_before_it_began(tmp_path: Path) -> None:
    letter = tmp_path / "letter"
    letter.write_text("a letter to my sister")
    settings = load_settings(database_url=database_url(letter), data_dir=tmp_path, port=0)
    with pytest.raises(StoreError, match="It is not a database"):
        serve(settings, announce=pytest.fail)


@pytest.mark.parametrize(
    ("host", "names", "where"),
    [
        ("127.0.0.1", (), "http://127.0.0.1:{port}/"),
        ("::1", (), "http://[::1]:{port}/"),
        (
            "0.0.0.0",
            ("nas.local", "*.home", "192.168.1.10"),
            "http://127.0.0.1:{port}/ on this machine, and for others http://nas.local:{port}/ and "
            "http://192.168.1.10:{port}/",
        ),
        (
            "::",
            (),
            "http://[::1]:{port}/ on this machine, and for others by a name of it that is in "
            "CRAMPWATCH_NAMES,",
        ),
    ],
)
def test_it_says_an_address_that_can_be_opened(
    settings: Settings, host: str, names: tuple[str, ...], where: str
) -> None:
    changed = settings.model_copy(update={"host": host, "names": names})
    with socket.create_server(("127.0.0.1", 0)) as listener:
        assert _addresses(changed, listener) == where.format(port=listener.getsockname()[1])


@pytest.mark.parametrize("changed", [{"host": "0.0.0.0"}, {"proxy": "127.0.0.1"}])
def test_before_a_password_is_set_no_socket_is_opened_that_others_can_reach(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, changed: dict[str, str]
) -> None:
    def opened(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr("server.app.socket.create_server", opened)
    open_to_others = load_settings(**(settings.model_dump() | changed))
    with pytest.raises(SettingsError, match=r"no password is set\. Set one with `crampwatch passw"):
        serve(open_to_others, announce=pytest.fail)
    assert not settings.data_dir.exists()
    with Store.open(settings.database_url, home=settings.data_dir) as store:
        store.write(lambda session: people.set_owner(session, "kept", now_ns=1))
    with pytest.raises(AssertionError, match="a socket was opened"):
        serve(open_to_others, announce=pytest.fail)
