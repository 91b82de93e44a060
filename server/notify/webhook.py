"""A webhook: notices as JSON to an address of the owner's, signed so that they can be trusted.

The signature is HMAC-SHA256 over the time of sending, a full stop and the body, as Stripe and the
Standard Webhooks do it; docs/notices.md shows how to check it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

import httpx
from sqlalchemy.orm import Session

from ingest.errors import ServerError
from ingest.samples import NS_PER_S
from server.language import N_
from server.notice_log import StoredNotice
from server.notify.kinds import kind_of, title
from server.notify.sender import SEND_WITHIN_S

__all__ = ["ID_HEADER", "SIGNATURE_HEADER", "TIMESTAMP_HEADER", "Webhook", "signature", "taken"]

NAME = "webhook"

ANSWERED = N_("The server there answered")

ID_HEADER = "Crampwatch-Id"
TIMESTAMP_HEADER = "Crampwatch-Timestamp"
SIGNATURE_HEADER = "Crampwatch-Signature"


class Webhook:
    """An address that takes notices.

    Parameters
    ----------
    secret
        What both sides know.
    now_ns
        The time, in UTC nanoseconds.
    """

    def __init__(self, url: str, secret: str, now_ns: Callable[[], int]) -> None:
        self._url = url
        self._secret = secret
        self._now_ns = now_ns

    def channels(self, session: Session | None, wearer: str) -> Mapping[str, str]:
        """Give this one, whosever notices they are."""
        return {NAME: f"Webhook ({urlsplit(self._url).hostname})"}

    def takes(self, channel: str) -> bool:
        """Tell whether it is this one."""
        return channel == NAME

    def send(self, notice: StoredNotice) -> None:
        """Send a notice."""
        kind = kind_of(notice.key)
        message = {
            "id": f"{notice.wearer}:{notice.key}",
            "wearer": notice.wearer,
            "kind": kind,
            "title": title(kind),
            "text": notice.text,
        }
        body = json.dumps(message, ensure_ascii=False).encode()
        timestamp = str(self._now_ns() // NS_PER_S)
        headers = {
            "Content-Type": "application/json",
            ID_HEADER: message["id"],
            TIMESTAMP_HEADER: timestamp,
            SIGNATURE_HEADER: f"v1={signature(self._secret, timestamp, body)}",
        }
        taken(lambda: httpx.post(self._url, content=body, headers=headers, timeout=SEND_WITHIN_S))


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Sign a body that is sent at a time, given in seconds since 1970; hexadecimal."""
    signed = timestamp.encode() + b"." + body
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def taken(ask: Callable[[], httpx.Response]) -> int:
    """Ask a server to take something, and give the status with which it did.

    Raises
    ------
    ServerError
        It did not. Its own words are left out: they may repeat what was sent.
    """
    try:
        status = ask().status_code
    except httpx.TimeoutException as error:
        raise ServerError(N_("The server there did not answer in time.")) from error
    except httpx.HTTPError as error:
        raise ServerError(N_("The server there cannot be reached.")) from error
    if not 200 <= status < 300:
        answered = f"{status} {httpx.codes.get_reason_phrase(status)}".strip()
        raise ServerError(f"{ANSWERED}: {answered}.")
    return status
