"""The wearers of a store, and the devices that recorded for each of them."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from babel import Locale
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ingest.errors import SettingsError, WearerError
from ingest.zones import is_zone, zone_advice
from server.language import negotiated
from server.tables import DeviceRow, Hemisphere, WearerRow
from server.wearer_id import FIRST, MAX_ID_CHARS, id_of_name, is_wearer_id

__all__ = [
    "FIRST_NAME",
    "MAX_NAME_CHARS",
    "Device",
    "Wearer",
    "add",
    "change",
    "choose_language",
    "choose_learning",
    "choose_season",
    "devices",
    "erase",
    "everybody",
    "home",
    "learns",
    "one",
    "resolve",
    "resolve_or_begin",
    "saw_device",
    "season_of",
    "spoken_to",
]

FIRST_NAME = "Me"
"""What that wearer is called until somebody says otherwise, as in a list of contacts: who sets a
store up is mostly who sleeps."""

MAX_NAME_CHARS = 200
"""Longest name of a wearer in characters: any name of a person."""

_IDS = select(WearerRow.id)


@dataclass(frozen=True, slots=True)
class Wearer:
    """A person whose nights are kept.

    Parameters
    ----------
    id
        What addresses, commands and settings say.
    name
        What is shown.
    timezone
        IANA name of the zone at home. A night is told in the zone of its recording.
    language
        In which notices are written; None where none was chosen.
    """

    id: str
    name: str
    timezone: str
    language: str | None = None

    @property
    def locale(self) -> Locale:
        """The language of notices, and in whose habits."""
        return negotiated("", self.language or "")


@dataclass(frozen=True, slots=True)
class Device:
    """A wearable that recorded for a wearer.

    Parameters
    ----------
    kind, address
        Empty where nobody told them.
    first_seen_ns, last_seen_ns
        UTC nanoseconds of the first and the last that it recorded.
    """

    name: str
    kind: str
    address: str
    first_seen_ns: int
    last_seen_ns: int


def everybody(session: Session) -> tuple[Wearer, ...]:
    """List the wearers by their ids."""
    rows = session.scalars(select(WearerRow).order_by(WearerRow.id))
    return tuple(map(_wearer, rows))


def one(session: Session, wearer_id: str) -> Wearer | None:
    """Give one wearer; None where none has that id."""
    row = session.get(WearerRow, wearer_id)
    return None if row is None else _wearer(row)


def home(session: Session, wearer: str) -> ZoneInfo:
    """Give the zone at home of a wearer; UTC of one who is still to come."""
    row = session.get(WearerRow, wearer)
    return ZoneInfo(row.timezone if row is not None else "UTC")


def resolve(session: Session, asked: str | None) -> str:
    """Give the id of the wearer that is meant.

    Parameters
    ----------
    asked
        An id; None means the only wearer, which in an empty store is the first there will be.

    Raises
    ------
    WearerError
        None is called so, or nobody said whose nights are meant and there are several.
    """
    return _meant(session, asked) or FIRST


def _meant(session: Session, asked: str | None) -> str | None:
    """Give the id of the wearer that is meant; None for the first one, still to come."""
    # Every request asks this: the ids alone, which costs a third of whole wearers.
    ids = session.connection().execute(_IDS).scalars().all()
    if asked is None and len(ids) <= 1:
        return ids[0] if ids else None
    if asked in ids:
        return asked
    if not ids and asked == FIRST:
        return None
    known = everybody(session)
    if asked is None:
        raise WearerError(
            f"Several wearers' nights are kept here: {_listed(known)}. Say whose with "
            "CRAMPWATCH_WEARER."
        )
    raise WearerError(
        f"No wearer has the id '{asked}'. "
        + (f"Here are {_listed(known)}." if known else "No wearer is here yet.")
        + " `crampwatch wearers --add NAME` adds one.",
        nobody=True,
    )


def resolve_or_begin(session: Session, asked: str | None, timezone: str) -> str:
    """Give the id of the wearer that is meant; the first wearer comes with what is told first.

    Parameters
    ----------
    timezone
        Of what is told: the first wearer is taken to be at home there.

    Raises
    ------
    WearerError
        As in `resolve`.
    """
    return _meant(session, asked) or add(session, FIRST_NAME, timezone, id=FIRST).id


def add(session: Session, name: str, timezone: str, *, id: str | None = None) -> Wearer:  # noqa: A002
    """Add a wearer.

    Parameters
    ----------
    id
        Made of the name where none is given.

    Raises
    ------
    SettingsError
        The name or the zone is none, or the id is taken.
    """
    name = _require_name(name)
    chosen = id_of_name(name) if id is None else id
    if not is_wearer_id(chosen):
        wrong = f"'{name}' makes no id" if id is None else f"'{id}' is no id"
        raise SettingsError(
            f"{wrong} for a wearer. Give one of lower-case letters, digits and hyphens, at most "
            f"{MAX_ID_CHARS}: --id anna."
        )
    if not is_zone(timezone):
        raise SettingsError(f"'{timezone}' is no time zone: {zone_advice('')}")
    if session.get(WearerRow, chosen) is not None:
        raise SettingsError(f"There is a wearer '{chosen}' already. Give another id: --id anna-2.")
    session.add(WearerRow(id=chosen, name=name, timezone=timezone))
    session.flush()
    return Wearer(chosen, name, timezone)


def change(session: Session, wearer_id: str, name: str, timezone: str) -> Wearer:
    """Change what a wearer is called, and the zone at home; nights keep that of their recording.

    Raises
    ------
    SettingsError
        The name or the zone is none.
    """
    name = _require_name(name)
    if not is_zone(timezone):
        raise SettingsError(f"'{timezone}' is no time zone: {zone_advice('')}")
    row = session.get_one(WearerRow, wearer_id)
    row.name, row.timezone = name, timezone
    return _wearer(row)


def _require_name(name: str) -> str:
    name = " ".join(name.split())
    if not 0 < len(name) <= MAX_NAME_CHARS:
        raise SettingsError(f"The name of a wearer has 1 to {MAX_NAME_CHARS} characters.")
    return name


def choose_language(session: Session, wearer_id: str, language: str) -> None:
    """Choose the language in which notices of a wearer are written."""
    session.get_one(WearerRow, wearer_id).language = language


def choose_season(session: Session, wearer_id: str, season: Hemisphere | None) -> None:
    """Choose whether what is usual for a wearer goes with the season, and with which."""
    session.get_one(WearerRow, wearer_id).season = season


def season_of(session: Session, wearer_id: str) -> Hemisphere | None:
    """Give the season that the usual of a wearer, who may be still to come, goes with."""
    row = session.get(WearerRow, wearer_id)
    return None if row is None else row.season


def choose_learning(session: Session, wearer_id: str, chosen: bool) -> None:
    """Choose whether the nights of a wearer are judged with the answers given."""
    session.get_one(WearerRow, wearer_id).learns = chosen


def learns(session: Session, wearer_id: str) -> bool:
    """Tell whether the nights of a wearer, who may be still to come, are judged so."""
    row = session.get(WearerRow, wearer_id)
    return row is not None and row.learns


def spoken_to(session: Session, wearer_id: str) -> Locale:
    """Give the language of the notices of a wearer, who may be still to come."""
    found = one(session, wearer_id)
    return negotiated("") if found is None else found.locale


def erase(session: Session, wearer: str) -> None:
    """Erase a wearer, and with that every row of the wearer in every table."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        # What is deleted is overwritten as well.
        connection.exec_driver_sql("PRAGMA secure_delete = ON")
    session.execute(delete(WearerRow).where(WearerRow.id == wearer))


def devices(session: Session, wearer: str) -> tuple[Device, ...]:
    """List the devices of a wearer, the one that recorded last first."""
    found = select(DeviceRow).where(DeviceRow.wearer_id == wearer)
    rows = session.scalars(found.order_by(DeviceRow.last_seen_ns.desc(), DeviceRow.id))
    return tuple(
        Device(row.name, row.kind, row.address, row.first_seen_ns, row.last_seen_ns) for row in rows
    )


def saw_device(
    session: Session,
    wearer: str,
    name: str,
    *,
    start_ns: int,
    end_ns: int,
    kind: str = "",
    address: str = "",
) -> None:
    """Note that a device recorded from one instant to another.

    One that was known by its name alone is completed by what is known now.
    """
    if not name:
        return
    called = select(DeviceRow).where(DeviceRow.wearer_id == wearer, DeviceRow.name == name)
    known = session.scalars(called.order_by(DeviceRow.id)).all()
    same = [each for each in known if not address or each.address in (address, "")]
    row = next((each for each in same if each.address == address), same[0] if same else None)
    if row is None:
        session.add(
            DeviceRow(
                wearer_id=wearer,
                name=name,
                kind=kind,
                address=address,
                first_seen_ns=start_ns,
                last_seen_ns=end_ns,
            )
        )
        return
    row.kind = kind or row.kind
    row.address = address or row.address
    row.first_seen_ns = min(row.first_seen_ns, start_ns)
    row.last_seen_ns = max(row.last_seen_ns, end_ns)


def _wearer(row: WearerRow) -> Wearer:
    return Wearer(row.id, row.name, row.timezone, row.language)


def _listed(known: tuple[Wearer, ...]) -> str:
    return ", ".join(f"{each.id} ({each.name})" for each in known)
