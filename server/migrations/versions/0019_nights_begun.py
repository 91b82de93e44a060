"""When each night began of which its collector told while it went on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.create_table(
        "nights_begun",
        sa.Column("wearer_id", sa.String(), nullable=False),
        sa.Column("night", sa.Date(), nullable=False),
        sa.Column("started_ns", sa.BigInteger(), nullable=False),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["wearer_id"],
            ["wearers.id"],
            name="fk_nights_begun_wearer_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("wearer_id", "night", name="pk_nights_begun"),
    )


def downgrade() -> None:
    op.drop_table("nights_begun")
