"""Channels that people added; a browser is one of them, told of everything as before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

EVERYTHING = '["morning", "alert", "fault"]'


def upgrade() -> None:
    op.create_table(
        "channels",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wearer_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=True),
        sa.Column("shown", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("p256dh", sa.String(), nullable=True),
        sa.Column("auth", sa.String(), nullable=True),
        sa.Column("wanted", sa.JSON(), nullable=False),
        sa.Column("agreed", sa.JSON(), nullable=False),
        sa.Column("added_ns", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["wearer_id"], ["wearers.id"], name="fk_channels_wearer_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name="fk_channels_person_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_channels"),
    )
    op.create_index("ix_channels_wearer_id", "channels", ["wearer_id"])
    op.create_index("ix_channels_person_id", "channels", ["person_id"])
    op.execute(
        "INSERT INTO channels (id, wearer_id, shown, url, p256dh, auth, wanted, agreed, added_ns) "
        f"SELECT id, wearer_id, name, endpoint, p256dh, auth, '{EVERYTHING}', '[]', added_ns "
        "FROM push_subscriptions"
    )
    if op.get_bind().dialect.name == "postgresql":
        # The ids were given by hand.
        op.execute(
            "SELECT setval(pg_get_serial_sequence('channels', 'id'), "
            "coalesce((SELECT max(id) FROM channels), 0) + 1, false)"
        )
    op.drop_table("push_subscriptions")


def downgrade() -> None:
    op.create_table(
        "push_subscriptions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wearer_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("endpoint", sa.String(), nullable=False),
        sa.Column("p256dh", sa.String(), nullable=False),
        sa.Column("auth", sa.String(), nullable=False),
        sa.Column("added_ns", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["wearer_id"],
            ["wearers.id"],
            name="fk_push_subscriptions_wearer_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_push_subscriptions"),
        sa.UniqueConstraint("wearer_id", "endpoint", name="uq_push_subscriptions_wearer_id"),
    )
    op.drop_table("channels")
