"""Which nights were changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "night_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wearer_id", sa.String(), nullable=False),
        sa.Column("night", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["wearer_id"],
            ["wearers.id"],
            name="fk_night_changes_wearer_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_night_changes"),
        sa.UniqueConstraint("wearer_id", "night", name="uq_night_changes_wearer_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_night_changes_wearer_id_id", "night_changes", ["wearer_id", "id"])


def downgrade() -> None:
    op.drop_table("night_changes")
