"""Where the samples of a recording lie."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "recording_places",
        sa.Column("recording_id", sa.String(), nullable=False),
        sa.Column("wearer_id", sa.String(), nullable=False),
        sa.Column("path", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recording_id", "wearer_id"],
            ["recordings.id", "recordings.wearer_id"],
            name="fk_recording_places_recording_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("recording_id", name="pk_recording_places"),
    )
    op.create_index("ix_recording_places_wearer_id", "recording_places", ["wearer_id"])


def downgrade() -> None:
    op.drop_table("recording_places")
