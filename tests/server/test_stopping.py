from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue

import httpx
import pytest

from ingest.errors import StoreError
from server.app import serve
from server.provisional import provisional_episodes
from server.settings import load_settings
from server.store import Store

POSTERS = 8
BEFORE = 40
"""Posts that are acknowledged before the server is stopped."""

NIGHT_NS = 1_763_762_400 * 10**9

PROGRAM = """
import sys
import server.app
from server.settings import load_settings
server.app.PATIENCE_S = float(sys.argv[3])
settings = load_settings(
    database_url=sys.argv[1], data_dir=sys.argv[2], port=0, log_format="json"
)
server.app.serve(settings, lambda text: None)
"""


def start(url: str, home: Path, patience_s: float) -> tuple[subprocess.Popen[str], int]:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, url, str(home), str(patience_s)],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr
    told = json.loads(process.stderr.readline())["message"]
    return process, int(told.split("127.0.0.1:")[1].split("/")[0])


def ended(process: subprocess.Popen[str]) -> list[str]:
    """Wait for the end, and give what was logged about it."""
    _, written = process.communicate(timeout=30)
    assert process.returncode == -signal.SIGTERM
    told = [json.loads(line) for line in written.splitlines()]
    return [each["message"] for each in told if each["message"] != "request"]


@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
def test_every_post_acknowledged_is_stored_when_the_server_is_stopped_among_them(
    url: str, home: Path
) -> None:
    process, port = start(url, home, 20)
    acknowledged: SimpleQueue[str] = SimpleQueue()

    def post(poster: int) -> list[str]:
        """Post until the server no longer answers; gives what was acknowledged."""
        kept = []
        with (
            httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client,
            suppress(httpx.TransportError),
        ):
            for number in range(100_000):
                name = f"{poster}-{number}"
                onset_ns = NIGHT_NS + number * 10**9
                answer = client.put(
                    f"/api/v1/provisional-episodes/{name}",
                    json={
                        "started_ns": NIGHT_NS,
                        "timezone": "Europe/Berlin",
                        "onset_ns": onset_ns,
                        "end_ns": onset_ns + 10**9,
                        "probability": 0.5,
                        "standing": "possible",
                    },
                )
                assert answer.status_code == 201
                kept.append(name)
                acknowledged.put(name)
        return kept

    with ThreadPoolExecutor(POSTERS) as pool:
        posting = [pool.submit(post, poster) for poster in range(POSTERS)]
        for _ in range(BEFORE):
            acknowledged.get(timeout=30)
        process.terminate()
        kept = {name for each in posting for name in each.result(30)}
    assert ended(process)[-1] == "Stopped: what was taken is stored, and the store is closed."
    assert len(kept) >= BEFORE
    with Store.open(url, home=home) as store, store.reading() as session:
        stored = {each.id for each in provisional_episodes(session, "me")}
    assert kept - stored == set()
    # What was stored and could not be acknowledged any more is at most one of each poster.
    assert len(stored - kept) <= POSTERS


def test_whoever_never_ends_a_request_is_not_waited_for_longer_than_is_said(
    url: str, home: Path
) -> None:
    process, port = start(url, home, 0.2)
    with socket.create_connection(("127.0.0.1", port), timeout=30) as slow:
        slow.sendall(
            b"PUT /api/v1/provisional-episodes/slow HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            b"Content-Type: application/json\r\nContent-Length: 500\r\n\r\n{"
        )
        # Answered on another connection: what came before it has been read as well.
        assert httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200
        process.terminate()
        told = ended(process)
        answer = slow.recv(4096)
    assert told[-1] == "Stopped: what was taken is stored, and the store is closed."
    assert not answer.startswith(b"HTTP/1.1 2")
    with Store.open(url, home=home) as store, store.reading() as session:
        assert provisional_episodes(session, "me") == ()


def test_a_second_server_of_one_database_says_so_and_stops_and_the_first_goes_on(
    url: str, home: Path
) -> None:
    process, port = start(url, home, 5)
    settings = load_settings(database_url=url, data_dir=home, port=0)
    with pytest.raises(StoreError, match="Another crampwatch serves the database"):
        serve(settings, announce=pytest.fail)
    assert httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == 200
    process.terminate()
    ended(process)
