"""Wearers and their devices.

Until now a store had the nights of one nameless person; they become those of the first wearer.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

FIRST_ID, FIRST_NAME = "me", "Me"
"""As `server.wearers` had them at this revision."""

BY_NIGHT = {
    "sleeps": "onset_ns",
    "coverage": "kind",
    "episodes": "onset_ns",
    "awakenings": "start_ns",
    "marks": "time_ns",
    "faults": "start_ns",
}
"""What the rows of a recording are ordered by within a night."""


def upgrade() -> None:
    op.create_table(
        "wearers",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wearers")),
    )
    # At home is where the newest recording was made.
    op.execute(
        f"INSERT INTO wearers (id, name, timezone) SELECT '{FIRST_ID}', '{FIRST_NAME}', timezone "
        "FROM recordings ORDER BY start_ns DESC LIMIT 1"
    )
    _give_recordings_their_wearer()
    for table, order in BY_NIGHT.items():
        _give_findings_their_wearer(table, order)
    _create_devices()


def _give_recordings_their_wearer() -> None:
    op.drop_index(op.f("ix_recordings_night"), "recordings")
    op.add_column("recordings", sa.Column("wearer_id", sa.String(), nullable=True))
    op.execute(f"UPDATE recordings SET wearer_id = '{FIRST_ID}'")
    with op.batch_alter_table("recordings") as recordings:
        recordings.alter_column("wearer_id", existing_type=sa.String(), nullable=False)
        recordings.create_foreign_key(
            op.f("fk_recordings_wearer_id"), "wearers", ["wearer_id"], ["id"], ondelete="CASCADE"
        )
        recordings.create_unique_constraint(op.f("uq_recordings_id"), ["id", "wearer_id"])
    op.create_index(op.f("ix_recordings_wearer_id_night"), "recordings", ["wearer_id", "night"])


def _give_findings_their_wearer(table: str, order: str) -> None:
    op.drop_index(op.f(f"ix_{table}_night_{order}"), table)
    op.add_column(table, sa.Column("wearer_id", sa.String(), nullable=True))
    op.execute(f"UPDATE {table} SET wearer_id = '{FIRST_ID}'")
    name = op.f(f"fk_{table}_recording_id")
    with op.batch_alter_table(table) as rows:
        rows.alter_column("wearer_id", existing_type=sa.String(), nullable=False)
        rows.drop_constraint(name, type_="foreignkey")
        rows.create_foreign_key(
            name,
            "recordings",
            ["recording_id", "wearer_id"],
            ["id", "wearer_id"],
            ondelete="CASCADE",
        )
    op.create_index(
        op.f(f"ix_{table}_wearer_id_night_{order}"), table, ["wearer_id", "night", order]
    )


def _create_devices() -> None:
    op.create_table(
        "devices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wearer_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("first_seen_ns", sa.BigInteger(), nullable=False),
        sa.Column("last_seen_ns", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_devices")),
        sa.ForeignKeyConstraint(
            ["wearer_id"], ["wearers.id"], name=op.f("fk_devices_wearer_id"), ondelete="CASCADE"
        ),
        sa.UniqueConstraint("wearer_id", "name", "address", name=op.f("uq_devices_wearer_id")),
    )
    op.execute(
        "INSERT INTO devices (wearer_id, name, kind, address, first_seen_ns, last_seen_ns) "
        "SELECT wearer_id, device, '', '', min(start_ns), max(end_ns) FROM recordings "
        "WHERE device <> '' GROUP BY wearer_id, device ORDER BY device"
    )


def downgrade() -> None:
    raise NotImplementedError("the nights of several wearers cannot be told as one's")
