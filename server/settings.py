"""What the owner can set, by environment variable or by the command, checked in one place."""

from __future__ import annotations

import re
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote, urlsplit

import platformdirs
import tzlocal
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from ingest.errors import SettingsError, StoreError
from ingest.samples import FaultKind
from ingest.zones import is_zone
from server.logs import LogFormat
from server.notify.quiet import QuietHours
from server.wearer_id import is_wearer_id

__all__ = ["DATABASE_NAME", "Settings", "database_url", "is_token", "load_settings"]

ENV_PREFIX = "CRAMPWATCH_"

DATABASE_NAME = "crampwatch.db"

WEARABLES_NAME = "wearables.toml"
RECORDINGS_NAME = "recordings"

MIN_TOKEN_CHARS = 16
"""Shortest token in characters: 80 bits where they are drawn at random."""

_TOKEN = re.compile(r"[!-~]([ -~]*[!-~])?")

_CONTACT = re.compile(r"mailto:[^@\s]+@[^@\s]+\.[^@\s]+|https://[^\s]+")

DEFAULT_PORT = 8321
"""TCP port: above the 1024 that need root, and registered to no service that a home runs."""


def database_url(path: Path) -> str:
    """Write the URL of an SQLite file, whatever characters its path is made of."""
    return f"sqlite:///{quote(str(path), safe=' +/')}"


def _default_data_dir() -> Path:
    return platformdirs.user_data_path("crampwatch", appauthor=False)


def _default_database_url(validated: dict[str, Any]) -> str:
    # Where the folder itself is at fault, that is what is told.
    return database_url(validated.get("data_dir", Path()) / DATABASE_NAME)


def _absolute(path: Path) -> Path:
    return path.expanduser().absolute()


def _database(url: str) -> str:
    from server.database import require_usable

    try:
        require_usable(url)
    except StoreError as error:
        raise ValueError("not the URL of a database") from error
    return url


def _address(host: str) -> str:
    if host != "localhost":
        ip_address(host)
    return host


def _ip_address(text: str) -> str:
    return str(ip_address(text))


def _is_loopback(host: str) -> bool:
    return host == "localhost" or ip_address(host).is_loopback


def _zone(name: str) -> str:
    if not is_zone(name):
        raise ValueError("not a time zone")
    return name


def _wearer(name: str) -> str:
    if not is_wearer_id(name):
        raise ValueError("not the id of a wearer")
    return name


def _local_zone() -> str:
    try:
        name = tzlocal.get_localzone_name()
    except (LookupError, ValueError, OSError):
        name = None
    return name if name and is_zone(name) else "UTC"


def is_token(text: str) -> bool:
    """Tell whether a text can travel in the header of a request: printable ASCII, not padded."""
    return bool(_TOKEN.fullmatch(text))


def _token(token: SecretStr) -> SecretStr:
    if not is_token(token.get_secret_value()):
        raise ValueError("not printable ASCII")
    return token


def _words(value: object) -> object:
    if not isinstance(value, str):
        return value
    words = value.replace(",", " ").split()
    return () if words == ["none"] else tuple(words)


def _urls(value: object) -> object:
    return tuple(value.split()) if isinstance(value, str) else value


def _quiet(value: object) -> object:
    return QuietHours.parse(value) if isinstance(value, str) else value


def _of(schemes: tuple[str, ...], url: str) -> None:
    address = urlsplit(url)
    # Asking for the port checks it.
    if address.scheme not in schemes or not address.hostname or address.port == 0:
        raise ValueError("not such a URL")


def _web(url: SecretStr, settings: ValidationInfo) -> SecretStr:
    _of(("http", "https"), url.get_secret_value())
    if settings.data.get("webhook_secret") is None:
        raise ValueError("nothing to sign it with")
    return url


def _broker(url: SecretStr) -> SecretStr:
    _of(("mqtt", "mqtts"), url.get_secret_value())
    return url


def _contact(url: str) -> str:
    if not _CONTACT.fullmatch(url):
        raise ValueError("no address that push services take")
    return url


class Settings(BaseSettings):
    """Every setting; each is the environment variable CRAMPWATCH_<NAME> as well.

    The descriptions complete the sentence 'it has to be ...' in the error message.
    """

    model_config = SettingsConfigDict(env_prefix=ENV_PREFIX, env_ignore_empty=True, frozen=True)

    data_dir: Annotated[Path, AfterValidator(_absolute)] = Field(
        default_factory=_default_data_dir,
        description="a folder for what crampwatch keeps, made when it is not there",
    )
    database_url: Annotated[str, AfterValidator(_database)] = Field(
        default_factory=_default_database_url,
        # A collector without a store need not load what reads such URLs.
        validate_default=False,
        description=(
            "the URL of an SQLite file, such as sqlite:////home/me/crampwatch.db, with %3F for a "
            "question mark in it, or of a PostgreSQL database, such as "
            "postgresql://me:password@localhost/crampwatch, for which the driver is installed by "
            "pip install 'crampwatch[postgresql]' (to judge without storing, use crampwatch replay "
            "--no-store)"
        ),
    )
    host: Annotated[str, AfterValidator(_address)] = Field(
        default="127.0.0.1",
        description=(
            "an address of this machine, such as 127.0.0.1; one that other machines can reach, "
            "such as 0.0.0.0, only once `crampwatch password` has set a password"
        ),
    )
    port: int = Field(
        default=DEFAULT_PORT,
        ge=0,
        le=65535,
        description="a TCP port from 0 to 65535, where 0 takes any that is free",
    )
    token: Annotated[SecretStr, AfterValidator(_token)] | None = Field(
        default=None,
        min_length=MIN_TOKEN_CHARS,
        description=(
            "a token of a server elsewhere, as `crampwatch tokens add` prints it there: at least "
            f"{MIN_TOKEN_CHARS} letters, digits and signs of ASCII"
        ),
    )
    names: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_words)] = Field(
        default=(),
        description="the names of this machine in your network, with commas, such as pi.local",
    )

    log_format: LogFormat = Field(
        default=LogFormat.TEXT,
        description="text, or json for a line that programs read",
    )
    proxy: Annotated[str, AfterValidator(_ip_address)] | None = Field(
        default=None,
        description=(
            "the IP address from which a proxy of yours asks, such as 127.0.0.1 for one on this "
            "machine"
        ),
    )
    local_login: bool = Field(
        default=True,
        description=(
            "on, to have everybody log in once a password is set, or off, to let in whoever sits "
            "at this machine"
        ),
    )

    timezone: Annotated[str, AfterValidator(_zone)] = Field(
        default_factory=_local_zone,
        description="the wearer's time zone by its IANA name, such as Europe/Berlin",
    )
    wearer: Annotated[str, AfterValidator(_wearer)] | None = Field(
        default=None,
        description=(
            "the id of a wearer, as `crampwatch wearers` lists them: lower-case letters, digits "
            "and hyphens"
        ),
    )
    night_notices: Annotated[tuple[FaultKind, ...], NoDecode, BeforeValidator(_words)] = Field(
        # They lose the rest of the night, and whoever wakes can mend them at once.
        default=(FaultKind.OFF_WRIST, FaultKind.LINK_LOST),
        description=(
            "the faults that a notice at night is for, with commas, such as off_wrist,link_lost, "
            "or none; there are " + ", ".join(FaultKind)
        ),
    )
    notice_command: str | None = Field(
        default=None,
        description="a program that is run for a notice, with its text as the only argument",
    )
    notice_urls: Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(_urls)] = Field(
        default=(),
        description=(
            "addresses that notices are sent to, with spaces between them, each as apprise writes "
            "it, such as ntfys://ntfy.sh/TOPIC"
        ),
    )
    notice_details: bool = Field(
        default=False,
        description="on, to have counts and hours in notices, or off",
    )
    quiet_hours: Annotated[QuietHours, NoDecode, BeforeValidator(_quiet)] = Field(
        # Most people at rest are so by then, and most of those who work are up.
        default=QuietHours.parse("22:00-07:00"),
        description=(
            "the hours in which nobody is told of what can wait, such as 22:00-07:00; the morning "
            "summary comes at their end at the earliest"
        ),
    )
    webhook_secret: SecretStr | None = Field(
        default=None,
        min_length=MIN_TOKEN_CHARS,
        description=(
            f"a secret of at least {MIN_TOKEN_CHARS} characters that the webhook is signed with"
        ),
    )
    webhook_url: Annotated[SecretStr, AfterValidator(_web)] | None = Field(
        default=None,
        description=(
            "an http or https address that takes notices, together with CRAMPWATCH_WEBHOOK_SECRET"
        ),
    )
    push_contact: Annotated[str, AfterValidator(_contact)] | None = Field(
        default=None,
        description=(
            "where those who run push services can reach you, such as mailto:me@example.org; with "
            "it browsers can be told"
        ),
    )
    mqtt_url: Annotated[SecretStr, AfterValidator(_broker)] | None = Field(
        default=None,
        description=(
            "the URL of an MQTT broker, such as mqtt://me:password@homeassistant.local, or "
            "mqtts:// for one that encrypts"
        ),
    )
    adapter_recovery: bool = Field(
        default=False,
        description=(
            "on, to have a Bluetooth adapter that hangs switched off and on at night, or off"
        ),
    )

    @property
    def wearables_file(self) -> Path:
        """What was paired."""
        return self.data_dir / WEARABLES_NAME

    @property
    def recordings_dir(self) -> Path:
        """The recordings of the nights."""
        return self.data_dir / RECORDINGS_NAME

    @property
    def is_here_alone(self) -> bool:
        """Whether nobody beyond this machine can reach what is served."""
        return _is_loopback(self.host) and self.proxy is None


def load_settings(**overrides: object) -> Settings:
    """Read the settings from the environment, with what the command was told on top.

    Parameters
    ----------
    overrides
        Settings by name; None stands for 'not given'.

    Raises
    ------
    SettingsError
        A setting cannot be honoured; one sentence each names the variable and says what it
        has to be.
    """
    given: dict[str, Any] = {name: value for name, value in overrides.items() if value is not None}
    unknown = given.keys() - Settings.model_fields.keys()
    if unknown:
        raise TypeError(f"no such setting: {', '.join(sorted(unknown))}")
    try:
        return Settings(**given)
    except ValidationError as error:
        at_fault = dict.fromkeys(str(problem["loc"][0]) for problem in error.errors())
        raise SettingsError(" ".join(_sentence(name) for name in at_fault)) from error


def _sentence(name: str) -> str:
    # The value is left out: later URLs may carry a password.
    description = Settings.model_fields[name].description
    return f"{ENV_PREFIX}{name.upper()} cannot be used: it has to be {description}."
