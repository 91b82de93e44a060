"""Which nights were changed, noted by the database itself with every row that says anything of one.

Each change of a night has a number that no other ever has, so that whoever keeps what a night came
to can tell whether that still holds, whichever program wrote and in whatever way.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import (
    Column,
    Connection,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    func,
    select,
)
from sqlalchemy.orm import Session

from server.kept_tables import METADATA, AnswerRow
from server.tables import CoverageRow, EpisodeRow, MarkRow, RecordingRow, WearerRow

__all__ = [
    "CHANGES",
    "changed_nights",
    "changes_after",
    "last_change",
    "make",
    "newest_change",
    "unwatch",
    "watch",
]

WATCHED = tuple(
    each.__tablename__ for each in (RecordingRow, CoverageRow, EpisodeRow, MarkRow, AnswerRow)
)
"""Tables whose rows say what a night counts."""

CHANGES = Table(
    "night_changes",
    # Not with the tables that are copied and exported: a copy notes what is written into it.
    MetaData(naming_convention=METADATA.naming_convention),
    Column("id", Integer, primary_key=True),
    Column(
        "wearer_id",
        String,
        ForeignKey(WearerRow.__table__.c.id, ondelete="CASCADE"),
        nullable=False,
    ),
    Column("night", Date, nullable=False),
    UniqueConstraint("wearer_id", "night"),
    Index(None, "wearer_id", "id"),
    # Otherwise the number of what was erased would be given again.
    sqlite_autoincrement=True,
)
"""The last change of each night. The numbers rise: those who write do so one at a time."""

_NOTE = """
DELETE FROM night_changes WHERE wearer_id = {row}.wearer_id AND night = {row}.night;
INSERT INTO night_changes (wearer_id, night)
SELECT id, {row}.night FROM wearers WHERE id = {row}.wearer_id;
"""
"""Of a wearer who is being erased nothing is noted."""

_EVENTS = {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}

_FUNCTION = f"""
CREATE OR REPLACE FUNCTION note_night_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
IF TG_OP <> 'INSERT' THEN {_NOTE.format(row="OLD")} END IF;
IF TG_OP <> 'DELETE' THEN {_NOTE.format(row="NEW")} END IF;
RETURN NULL;
END $$
"""

_NOT_NOTED = f"""
INSERT INTO night_changes (wearer_id, night)
SELECT wearer_id, night FROM
({" UNION ".join(f"SELECT wearer_id, night FROM {table}" for table in WATCHED)}) AS nights
WHERE NOT EXISTS (SELECT 1 FROM night_changes AS noted
WHERE noted.wearer_id = nights.wearer_id AND noted.night = nights.night)
"""


def make(connection: Connection) -> None:
    """Make the table of changes in a new store, and have it written."""
    CHANGES.create(connection)
    watch(connection)


def watch(connection: Connection) -> None:
    """Have every change noted from now on, and note each night that is not noted yet."""
    on_sqlite = connection.dialect.name == "sqlite"
    if not on_sqlite:
        connection.exec_driver_sql(_FUNCTION)
    for table in WATCHED:
        for event, rows in _EVENTS.items():
            name = f"note_night_change_{table}_{event.lower()}"
            notes = "".join(_NOTE.format(row=row) for row in rows)
            does = f"BEGIN {notes} END" if on_sqlite else "EXECUTE FUNCTION note_night_change()"
            connection.exec_driver_sql(
                f"CREATE TRIGGER {name} AFTER {event} ON {table} FOR EACH ROW {does}"
            )
    connection.exec_driver_sql(_NOT_NOTED)


def unwatch(connection: Connection) -> None:
    """Have nothing noted, as while tables are rebuilt."""
    where = "" if connection.dialect.name == "sqlite" else " ON {table}"
    for table in WATCHED:
        for event in _EVENTS:
            name = f"note_night_change_{table}_{event.lower()}"
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}" + where.format(table=table))


def last_change(session: Session, wearer: str) -> int | None:
    """Give the number of the last change of any night of a wearer; None where there is none."""
    found = select(func.max(CHANGES.c.id)).where(CHANGES.c.wearer_id == wearer)
    last: int | None = session.scalar(found)
    return last


def changed_nights(session: Session, wearer: str) -> dict[date, int]:
    """Give the number of the last change of each night of a wearer."""
    found = select(CHANGES.c.night, CHANGES.c.id).where(CHANGES.c.wearer_id == wearer)
    return dict(session.execute(found).all())


def newest_change(connection: Connection) -> int:
    """Give the number of the last change of any wearer's night; 0 where there is none."""
    number: int | None = connection.exec_driver_sql("SELECT max(id) FROM night_changes").scalar()
    return number or 0


def changes_after(session: Session, number: int) -> list[tuple[int, str, date]]:
    """Give what was changed after a change: the number, the wearer and the night, by the number."""
    found = select(CHANGES.c.id, CHANGES.c.wearer_id, CHANGES.c.night)
    rows = session.execute(found.where(CHANGES.c.id > number).order_by(CHANGES.c.id))
    return [(number, wearer, night) for number, wearer, night in rows]
