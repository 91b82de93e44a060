"""Recordings that were sent to be judged here."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "uploads",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("wearer_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("problem", sa.String(), nullable=False),
        sa.Column("remarks", sa.JSON(), nullable=False),
        sa.Column("recording_id", sa.String(), nullable=True),
        sa.Column("received_ns", sa.BigInteger(), nullable=False),
        sa.Column("finished_ns", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["wearer_id"], ["wearers.id"], name="fk_uploads_wearer_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_uploads"),
    )
    op.create_index("ix_uploads_wearer_id_received_ns", "uploads", ["wearer_id", "received_ns"])


def downgrade() -> None:
    op.drop_table("uploads")
