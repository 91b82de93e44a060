"""A real MQTT broker for the tests, on a free port of loopback."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["mosquitto", "running_broker"]

DEBIAN = "/usr/sbin/mosquitto"
"""Where Debian puts it, out of the way of the path of those who are not root."""


def mosquitto() -> str | None:
    """Give the command; None where there is none."""
    return shutil.which("mosquitto") or shutil.which(DEBIAN)


@contextmanager
def running_broker(*, password: tuple[str, str] | None = None) -> Iterator[int]:
    """Run a broker meanwhile; gives its port."""
    command = mosquitto()
    assert command is not None
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = int(listener.getsockname()[1])
    with tempfile.TemporaryDirectory(prefix="crampwatch-mqtt-") as folder:
        lines = [f"listener {port} 127.0.0.1", "persistence false", "log_dest stderr"]
        if password is None:
            lines.append("allow_anonymous true")
        else:
            passwords = Path(folder, "passwords")
            made = ["mosquitto_passwd", "-b", "-c", str(passwords), *password]
            subprocess.run(made, check=True, capture_output=True, timeout=30)
            # Started by root, it becomes a user of its own.
            passwords.chmod(0o644)
            Path(folder).chmod(0o755)
            lines.append(f"password_file {passwords}")
        config = Path(folder, "mosquitto.conf")
        config.write_text("\n".join(lines) + "\n")
        started = [command, "-c", str(config)]
        with subprocess.Popen(started, stderr=subprocess.PIPE, text=True) as process:
            assert process.stderr is not None
            try:
                for line in process.stderr:
                    if "running" in line:
                        break
                assert process.poll() is None
                yield port
            finally:
                process.terminate()
                process.stderr.close()
