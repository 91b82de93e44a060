"""Web push (RFC 8030): notices to browsers, encrypted to each and signed by this server."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import http_ece
import httpx
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from py_vapid import Vapid02
from sqlalchemy.orm import Session

from ingest.errors import ServerError, SettingsError
from ingest.samples import NS_PER_S
from server.language import N_
from server.notice_log import StoredNotice
from server.notify.channels import BROWSER, Channel, PushKeys, channel_named, heard_on, remove
from server.notify.kinds import GIVEN_UP_AFTER_NS, Kind, kind_of, title
from server.notify.reach import reach_of
from server.notify.sender import SEND_WITHIN_S
from server.notify.webhook import taken
from server.store import Store

__all__ = ["KEY_NAME", "WebPush", "application_key"]

KEY_NAME = "web-push-key.pem"
"""File in the data folder: by it a browser knows that a notice is from the server it asked."""

VALID_FOR_S = 12 * 3600
"""Seconds a signature holds; push services take 24 h at the most, and clocks differ."""

GONE = (404, 410)
"""Answers of a push service that a browser does not want notices any more."""


class WebPush:
    """Every browser that asked.

    Parameters
    ----------
    contact
        ``mailto:`` or ``https:`` address of the owner, for those who run the push services.
    """

    def __init__(self, store: Store, key: Vapid02, contact: str) -> None:
        self._store = store
        self._key = key
        self._contact = contact

    @property
    def public_key(self) -> str:
        """What a browser has to be given to ask: base64url."""
        return _base64url(
            self._key.public_key.public_bytes(
                serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
            )
        )

    def channels(self, session: Session, wearer: str) -> Mapping[str, str]:
        """Give the browsers that are told of a wearer."""
        return heard_on(session, wearer, BROWSER)

    def takes(self, channel: str) -> bool:
        """Tell whether it is a browser."""
        return channel.startswith(BROWSER)

    def send(self, notice: StoredNotice) -> None:
        """Send a notice."""
        kind = kind_of(notice.key)
        with self._store.reading() as session:
            to = channel_named(session, notice.wearer, notice.channel)
        if to is None or to.keys is None or not to.hears(kind):
            raise ServerError(N_("This browser is not told of that any more."), final=True)
        message = {"title": f"crampwatch: {title(kind)}", "text": notice.text, "tag": notice.key}
        try:
            body = http_ece.encrypt(
                json.dumps(message, ensure_ascii=False).encode(),
                private_key=ec.generate_private_key(ec.SECP256R1()),
                dh=_bytes(to.keys.p256dh),
                auth_secret=_bytes(to.keys.auth),
                version="aes128gcm",
            )
        except ValueError as error:
            raise ServerError(N_("The keys of this browser cannot be used."), final=True) from error
        headers = self._signed(to.keys) | {
            "Content-Encoding": "aes128gcm",
            "TTL": str(GIVEN_UP_AFTER_NS[kind] // NS_PER_S),
            "Urgency": "high" if kind is Kind.FAULT else "normal",
        }
        self._post(to, body, headers)

    def _signed(self, keys: PushKeys) -> dict[str, str]:
        address = urlsplit(keys.endpoint)
        claims = {
            "aud": f"{address.scheme}://{address.netloc}",
            "exp": self._store.now_ns() // NS_PER_S + VALID_FOR_S,
            "sub": self._contact,
        }
        return dict(self._key.sign(claims))

    def _post(self, to: Channel, body: bytes, headers: Mapping[str, str]) -> None:
        def ask() -> httpx.Response:
            answer = httpx.post(to.url, content=body, headers=dict(headers), timeout=SEND_WITHIN_S)
            if answer.status_code in GONE:
                self._store.write(lambda session: remove(session, to))
                raise ServerError(N_("This browser does not want notices any more."), final=True)
            return answer

        with reach_of(to.person):
            taken(ask)


def application_key(path: Path) -> Vapid02:
    """Read the key of this server, made with the first use for its owner alone.

    Raises
    ------
    SettingsError
        It cannot be read or written.
    """
    try:
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write(path, ec.generate_private_key(ec.SECP256R1()))
        return Vapid02.from_pem(path.read_bytes())
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"The key for web push in {path} cannot be used. Remove it to have a new one made; "
            "every browser then has to be asked again."
        ) from error


def _write(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    aside = path.with_suffix(".part")
    with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:  # noqa: PTH123
        file.write(pem)
    aside.replace(path)


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
