"""Which nights go on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "nights_going_on",
        sa.Column("wearer_id", sa.String(), nullable=False),
        sa.Column("started_ns", sa.BigInteger(), nullable=False),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.Column("heard_ns", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["wearer_id"],
            ["wearers.id"],
            name="fk_nights_going_on_wearer_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("wearer_id", name="pk_nights_going_on"),
    )


def downgrade() -> None:
    op.drop_table("nights_going_on")
