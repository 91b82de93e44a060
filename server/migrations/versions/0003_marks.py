"""What the wearer marked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "marks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("recording_id", sa.String(), nullable=False),
        sa.Column("night", sa.Date(), nullable=False),
        sa.Column("time_ns", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marks")),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recordings.id"],
            name=op.f("fk_marks_recording_id"),
            ondelete="CASCADE",
        ),
    )
    op.create_index(op.f("ix_marks_night_time_ns"), "marks", ["night", "time_ns"])
    op.create_index(op.f("ix_marks_recording_id"), "marks", ["recording_id"])


def downgrade() -> None:
    op.drop_table("marks")
