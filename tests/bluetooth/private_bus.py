"""A D-Bus of its own for a test, and a way to know that it has passed on everything."""

from __future__ import annotations

import os
import socket
import struct
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dbus_fast import Message, MessageType

BUS_CONFIG = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_type="signal"/>
    <allow send_requested_reply="true"/>
    <allow receive_type="method_call"/>
    <allow receive_type="signal"/>
    <allow receive_requested_reply="true"/>
    <allow send_destination="org.freedesktop.DBus"/>
    <{bluez} send_destination="org.bluez"/>
  </policy>
</busconfig>
"""

ROUNDS = 8
"""Questions after whose answers nothing is under way: between two of them the daemon reads and
writes some 2 KiB of each connection, and the longest message here has about 10."""

ANSWER_S = 10.0
"""Real seconds that an answer may take; it takes some ten thousandths."""


class Bus:
    """A private bus, and the daemon that runs it."""

    def __init__(self, path: Path, daemon: subprocess.Popen[bytes]):
        self.address = f"unix:path={path}"
        self._daemon = daemon
        self._asking: _Asking | None = _Asking(path)

    def settle(self) -> None:
        """Wait until every message that was sent is there to be read."""
        if self._asking is not None:
            for _ in range(ROUNDS):
                self._asking.ask("org.freedesktop.DBus.Peer", "Ping")

    def kill(self) -> None:
        if self._asking is None:
            return
        self._asking.close()
        self._asking = None
        self._daemon.kill()
        self._daemon.communicate()


class _Asking:
    """A connection that waits for its answers: the daemon takes what came before them first."""

    def __init__(self, path: Path):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(ANSWER_S)
        self._socket.connect(os.fspath(path))
        self._serial = 0
        user = str(os.getuid()).encode().hex().encode()
        self._socket.sendall(b"\0AUTH EXTERNAL " + user + b"\r\n")
        while self._exactly(1) != b"\n":
            pass
        self._socket.sendall(b"BEGIN\r\n")
        self.ask("org.freedesktop.DBus", "Hello")

    def ask(self, interface: str, member: str) -> None:
        self._serial += 1
        question = Message(
            destination="org.freedesktop.DBus",
            path="/org/freedesktop/DBus",
            interface=interface,
            member=member,
            serial=self._serial,
        )
        self._socket.sendall(question._marshall(False))
        while self._next() is not MessageType.METHOD_RETURN:
            pass

    def close(self) -> None:
        self._socket.close()

    def _next(self) -> MessageType:
        kind, body_bytes, field_bytes = struct.unpack("<xBxxIxxxxI", self._exactly(16))
        self._exactly(-(-field_bytes // 8) * 8 + body_bytes)
        return MessageType(kind)

    def _exactly(self, count: int) -> bytes:
        return self._socket.recv(count, socket.MSG_WAITALL)


@contextmanager
def private_bus(*, permitted: bool = True) -> Iterator[Bus]:
    """Run a dbus-daemon.

    Parameters
    ----------
    permitted
        Whether users may talk to bluetoothd.
    """
    # Not below pytest's folder: the path of a socket may have 107 characters.
    with tempfile.TemporaryDirectory(prefix="bus") as folder:
        path, config = Path(folder) / "bus", Path(folder) / "bus.conf"
        config.write_text(BUS_CONFIG.format(socket=path, bluez="allow" if permitted else "deny"))
        daemon = subprocess.Popen(
            ["dbus-daemon", f"--config-file={config}", "--nofork", "--print-address"],
            stdout=subprocess.PIPE,
        )
        # It prints its address when it is ready.
        assert daemon.stdout is not None
        assert daemon.stdout.readline()
        bus = Bus(path, daemon)
        try:
            yield bus
        finally:
            bus.kill()
