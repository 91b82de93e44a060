"""Trials of a habit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.create_table(
        "trials",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("wearer_id", sa.String(), nullable=False),
        sa.Column("habit", sa.String(), nullable=False),
        sa.Column("first_night", sa.Date(), nullable=False),
        sa.Column("pairs", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("stopped", sa.Date(), nullable=True),
        sa.Column("planned_ns", sa.BigInteger(), nullable=False),
        sa.Column("planned_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["wearer_id"], ["wearers.id"], name="fk_trials_wearer_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_trials"),
    )
    op.create_index("ix_trials_wearer_id_first_night", "trials", ["wearer_id", "first_night"])


def downgrade() -> None:
    op.drop_table("trials")
