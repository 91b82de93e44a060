"""Whether the usual of a wearer goes with the season, and on which half of the earth."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.add_column("wearers", sa.Column("season", sa.String(length=32), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("wearers") as table:
        table.drop_column("season")
