"""E-mail, ntfy, Telegram and the rest, each by an address that apprise understands."""

from __future__ import annotations

import hashlib
import logging
import re
import threading
from collections.abc import Mapping
from typing import Self
from urllib.parse import unquote

import apprise
from apprise.plugins.ntfy import NotifyNtfy
from sqlalchemy.orm import Session

from ingest.errors import InputError, ServerError, SettingsError
from server.language import N_
from server.notice_log import StoredNotice
from server.notify.kinds import kind_of, title
from server.notify.sender import SEND_WITHIN_S

__all__ = ["ByURL", "Service", "without_secrets"]

DIGEST_CHARS = 4
"""Letters of the digest by which two channels of a kind are told apart: too few to try guesses of
a password against."""

FAILED = N_("It failed")

LEAST_SECRET_CHARS = 3
"""Letters from which a part of an address is struck out of what is shown."""

_OURS = apprise.AppriseAsset(
    app_id="crampwatch",
    app_desc="crampwatch",
    app_url="",
    # A phone would load the pictures of apprise from elsewhere.
    image_url_mask="",
    image_url_logo="",
    image_path_mask="",
)

_APPRISE = logging.getLogger("apprise")
_PART = re.compile(r"[/:@?&=#, ]+")
_PLAIN_HOST = re.compile(r"localhost|[a-z0-9-]+(\.[a-z0-9-]+)+")
_HOST = re.compile(r"^[^:]+://(?:[^@/]*@)?([^:/?]+)")


class Service:
    """What apprise knows an address as.

    Parameters
    ----------
    url
        With whatever secrets are in it.
    """

    def __init__(self, url: str, known: apprise.NotifyBase) -> None:
        self._url = url
        self._known = known

    @classmethod
    def at(cls, url: str) -> Self:
        """Look at an address.

        Raises
        ------
        InputError
            If apprise does not know such addresses.
        """
        with _Heard():
            known = apprise.Apprise.instantiate(
                _in_time(url), asset=_OURS, suppress_exceptions=True
            )
        if not isinstance(known, apprise.NotifyBase):
            # The rest of the address is left out: it may carry a password.
            kind, found, _ = url.partition("://")
            which = f" that begins with {kind}://" if found else ""
            raise InputError(
                f"An address{which} cannot be used: it has to be one that apprise knows, such as "
                "ntfys://ntfy.sh/TOPIC or mailtos://me:password@example.org."
            )
        if isinstance(known, NotifyNtfy) and not known.topics:
            raise InputError(
                "An address of ntfy has to name a topic, which apprise does not ask for: write "
                "ntfys://ntfy.sh/TOPIC."
            )
        return cls(url, known)

    @property
    def digest(self) -> str:
        """By which two of a kind are told apart."""
        return hashlib.sha256(self._url.encode()).hexdigest()[:DIGEST_CHARS]

    @property
    def shown(self) -> str:
        """Its kind, with the machine where that is no secret."""
        host = _plain_host(self._url)
        at = f" at {host}" if host else ""
        return f"{self._known.service_name}{at} ({self.digest})"

    @property
    def is_encrypted(self) -> bool:
        """Whether what is sent there is encrypted on its way."""
        kinds = self._known.secure_protocol or ()
        scheme = self._url.partition("://")[0].lower()
        return scheme in ((kinds,) if isinstance(kinds, str) else kinds)

    @property
    def machines(self) -> tuple[str, ...]:
        """The machines that it names, by name or address; what may be a secret is none of them."""
        host = (self._known.host or "").strip("[]").lower()
        # With some services a token or a topic may stand in the place of a machine.
        templates: tuple[str, ...] = self._known.templates
        certain = all("{host}" in each for each in templates)
        named = [host] if certain or _PLAIN_HOST.fullmatch(host) or ":" in host else []
        mail: str | None = getattr(self._known, "smtp_host", None)
        return (*named, mail) if mail else tuple(named)

    def send(self, notice: StoredNotice) -> None:
        """Send a notice.

        Raises
        ------
        ServerError
            Nobody took it, or nobody can tell.
        """
        heading = f"crampwatch: {title(kind_of(notice.key))}"
        with _Heard() as heard:
            try:
                sent = self._known.notify(body=notice.text, title=heading)
            except Exception as error:
                # What a hundred services raise is not known, and its words may name the address.
                raise ServerError(f"{FAILED}: {type(error).__name__}.") from None
        if not sent:
            problem = without_secrets(" ".join(heard.told), self._url)
            raise ServerError(problem or N_("It was not taken, and nobody said why."))


class ByURL:
    """One address of the settings.

    Parameters
    ----------
    url
        With whatever secrets are in it.

    Raises
    ------
    SettingsError
        If apprise does not know such addresses.
    """

    def __init__(self, url: str) -> None:
        try:
            self._service = Service.at(url)
        except InputError as error:
            raise SettingsError(f"CRAMPWATCH_NOTICE_URLS: {error}") from None
        self._name = f"{url.partition(':')[0].lower()}-{self._service.digest}"

    def channels(self, session: Session | None, wearer: str) -> Mapping[str, str]:
        """Give this one, whosever notices they are."""
        return {self._name: self._service.shown}

    def takes(self, channel: str) -> bool:
        """Tell whether it is this one."""
        return channel == self._name

    def send(self, notice: StoredNotice) -> None:
        """Send a notice."""
        self._service.send(notice)


def without_secrets(text: str, url: str) -> str:
    """Strike out of a text every part of an address but its kind and a plain name of a machine."""
    kind, _, rest = url.partition("://")
    open_parts = {kind, _plain_host(url)}
    parts = {part for each in (rest, unquote(rest)) for part in _PART.split(each)}
    for part in sorted(parts - open_parts, key=len, reverse=True):
        if len(part) >= LEAST_SECRET_CHARS and not part.isdigit():
            text = text.replace(part, "***")
    return text


def _plain_host(url: str) -> str:
    """Give the machine that an address names; empty where a secret may stand in its place."""
    host = _HOST.match(url)
    return host[1] if host and _PLAIN_HOST.fullmatch(host[1]) else ""


def _in_time(url: str) -> str:
    """Limit how long an address may take, unless it says so itself."""
    if "cto=" in url or "rto=" in url:
        return url
    limit = SEND_WITHIN_S / 2
    return f"{url}{'&' if '?' in url else '?'}cto={limit:g}&rto={limit:g}"


class _Heard(logging.Handler):
    """What apprise logs of a failure in this thread; nothing of it goes elsewhere.

    Its log names addresses, and gives the reason of a failure only as a detail for developers.
    """

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []
        self._thread = threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        told = record.getMessage()
        if record.thread == self._thread and (
            record.levelno >= logging.WARNING or "Exception: " in told
        ):
            self.told.append(told)

    def __enter__(self) -> _Heard:
        _APPRISE.propagate = False
        _APPRISE.setLevel(logging.DEBUG)
        _APPRISE.addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        _APPRISE.removeHandler(self)
