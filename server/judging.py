"""Judges the recordings that were sent, one after the other, each in a process of its own.

To judge a night takes seconds of a whole core, and what reads a file from elsewhere may be led
astray by it. A process can be stopped at any time, has limits of its own, and takes nothing from
the answers to others. What was not judged when the server stopped is judged when it starts.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any, Self

from detector.classifier import load_model
from ingest.errors import CrampwatchError, InputError, StoreError
from server import uploads
from server.announce import tell_of_night
from server.events import EventKind
from server.learning import learnt
from server.live import Live
from server.store import Store
from server.uploads import WHOLE, Received, Upload
from server.wire import parse_night

__all__ = ["JUDGE", "PART", "Judging"]

JUDGE = (sys.executable, "-m", "crampwatch.judge_upload")
"""The command that judges one: the file, its name, a zone, and a folder to unpack it in. It says
how far it is, and then the night or what is wrong, each as a line of JSON."""

PART = ".part"
"""Ending of a file that arrives."""

TOLD_PART = 0.05
"""Part of a recording after which listeners are told how far it is."""

LOOK_AGAIN_S = 60.0
"""Seconds after which is looked again, though nobody told of anything: a wearer may be erased."""

DEFECT = (
    "It could not be judged: it took too much memory or time, or crampwatch made a mistake. The "
    "log of the server says more."
)

LATER = "What was sent is judged later (%s); /readyz says what is wrong with the store."
"""The text of an error may name a wearer or a night, which no log does."""

_LOG = logging.getLogger(__name__)


class Judging:
    """Judges in a thread of its own, from `start` to `close`.

    Parameters
    ----------
    folder
        Where the files are.
    timezone
        IANA name of the zone in which the first wearer is taken to be at home.
    judge
        The command, for tests.
    """

    def __init__(
        self,
        store: Store,
        live: Live,
        folder: Path,
        *,
        timezone: str,
        judge: Sequence[str] = JUDGE,
    ) -> None:
        self.folder = folder
        self.timezone = timezone
        self._store = store
        self._live = live
        self._judge = tuple(judge)
        self._news = Event()
        self._closing = False
        self._lock = Lock()
        self._arriving = Lock()
        self._under_way: tuple[str, subprocess.Popen[bytes]] | None = None
        self._parts: dict[str, float] = {}
        self._thread: Thread | None = None

    def start(self) -> None:
        """Begin with what was left, and go on with what comes."""
        if self.folder.is_dir():
            for path in self.folder.iterdir():
                # Of an upload or a judgement that a stop cut off.
                if path.is_dir():
                    shutil.rmtree(path, ignore_errors=True)
                elif path.suffix == PART:
                    path.unlink(missing_ok=True)
        try:
            with self._store.reading() as session:
                left = uploads.waiting(session)
        except StoreError as error:
            # The page says so to whoever asks for it.
            _LOG.warning(LATER, type(error).__name__)
        else:
            if left:
                self._begin()

    def take(self, part: Path, sent: Upload) -> Received:
        """Take a file that has arrived whole, under its name, and judge it in its turn.

        Raises
        ------
        InputError
            Its id is that of another wearer's.
        StoreError
            The store cannot be written.
        OSError
            The file cannot be.
        """
        with self._arriving:
            part.replace(self.path(sent))
            flush_folder(self.folder)
            received = self._store.write(lambda session: uploads.receive(session, sent))
        self._begin()
        return received

    def close(self) -> None:
        """Stop at once; what is under way is begun anew the next time."""
        self._closing = True
        self._news.set()
        self.stop(None)
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def stop(self, upload_id: str | None) -> None:
        """Stop judging one that was taken out; None means any."""
        with self._lock:
            if self._under_way is not None and upload_id in (None, self._under_way[0]):
                self._under_way[1].kill()
        self._news.set()

    def part(self, upload_id: str) -> float:
        """Say which part of a recording was judged, 0 to 1."""
        return self._parts.get(upload_id, 0.0)

    def path(self, upload: Upload) -> Path:
        """Say where the file of one is."""
        return self.folder / upload.file_name

    def _begin(self) -> None:
        """Look for what is new; most servers are never sent anything, and have no thread for it."""
        with self._lock:
            self._news.set()
            if self._thread is None and not self._closing:
                self._thread = Thread(target=self._run, name="crampwatch-judging", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while not self._closing:
            self._news.clear()
            try:
                with self._store.reading() as session:
                    left = uploads.waiting(session)
                if not left:
                    self._tidy_up()
                    self._news.wait(LOOK_AGAIN_S)
                    continue
                self._one(left[0])
            except StoreError as error:
                _LOG.warning(LATER, type(error).__name__)
                self._news.wait(LOOK_AGAIN_S)

    def _one(self, upload: Upload) -> None:
        self._parts[upload.id] = 0.0
        try:
            outcome = self._outcome(upload)
            if outcome is None or self._closing:
                return
            self._keep(upload, outcome)
        except StoreError:
            raise
        except CrampwatchError as error:
            self._fail(upload, str(error))
        except Exception:
            _LOG.exception("A recording that was sent could not be judged.")
            self._fail(upload, DEFECT)
        finally:
            self._parts.pop(upload.id, None)
        self._live.events.publish(upload.wearer, EventKind.UPLOAD, f"/api/v1/uploads/{upload.id}")

    def _fail(self, upload: Upload, problem: str) -> None:
        at_ns = self._store.now_ns()
        self._store.write(lambda session: uploads.fail(session, upload.id, problem, at_ns=at_ns))

    def _keep(self, upload: Upload, outcome: dict[str, Any]) -> None:
        """Keep the night that was found.

        Raises
        ------
        InputError
            There is none, or it cannot be kept.
        """
        if "problem" in outcome:
            raise InputError(str(outcome["problem"]))
        night = parse_night(json.dumps(outcome["night"]).encode())
        with self._store.reading() as session:
            if uploads.upload(session, upload.wearer, upload.id) is None:
                return
        self._store.save(night, upload.wearer)
        remarks = tuple(map(str, outcome.get("remarks", ())))
        at_ns = self._store.now_ns()
        self._store.write(
            lambda session: uploads.finish(session, upload.id, night.id, remarks, at_ns=at_ns)
        )
        tell_of_night(self._store, self._live, upload.wearer, night)

    def _outcome(self, upload: Upload) -> dict[str, Any] | None:
        """Have one judged; None where that was stopped.

        Raises
        ------
        InputError
            It could not be judged, and the log says why.
        """
        path = self.path(upload)
        if not path.exists():
            raise InputError("Its file is not on the server any more. Send it again.")
        told = 0.0
        with self._process(upload, path) as process:
            for line in process.stdout or ():
                said = json.loads(line)
                if "part" not in said:
                    return dict(said)
                self._parts[upload.id] = float(said["part"])
                if self._parts[upload.id] - told >= TOLD_PART:
                    told = self._parts[upload.id]
                    href = f"/api/v1/uploads/{upload.id}"
                    self._live.events.publish(upload.wearer, EventKind.UPLOAD, href)
        with self._store.reading() as session:
            if self._closing or uploads.upload(session, upload.wearer, upload.id) is None:
                return None
        _LOG.error("A recording could not be judged (exit status %s).", process.returncode)
        raise InputError(DEFECT)

    @contextmanager
    def _process(self, upload: Upload, path: Path) -> Iterator[subprocess.Popen[bytes]]:
        with tempfile.TemporaryDirectory(dir=self.folder, prefix="unpacked-") as room:
            command = [*self._judge, str(path), upload.name, upload.timezone, room]
            with tempfile.TemporaryFile(dir=room) as told:
                told.write(self._adjustment(upload.wearer))
                told.seek(0)
                process = subprocess.Popen(command, stdin=told, stdout=subprocess.PIPE, cwd=room)
            with self._lock:
                self._under_way = upload.id, process
            try:
                if self._closing:
                    process.kill()
                yield process
            finally:
                process.kill()
                with self._lock:
                    self._under_way = None
                if process.stdout is not None:
                    process.stdout.close()
                process.wait()

    def _adjustment(self, wearer: str) -> bytes:
        """Give what the wearer's answers teach, as JSON; nothing where that was not chosen."""
        with self._store.reading() as session:
            personal = learnt(session, wearer, load_model())
        return b"" if personal is None else personal.to_json().encode()

    def _tidy_up(self) -> None:
        """Remove the files that nobody waits for any more."""
        with self._arriving, self._store.reading() as session:
            wanted = {each.file_name for each in uploads.waiting(session)}
            for path in self.folder.glob(f"*{WHOLE}"):
                if path.name not in wanted:
                    path.unlink(missing_ok=True)


def flush_folder(folder: Path) -> None:
    """Have the names in a folder outlast a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
