"""What else an episode may have been."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    with op.batch_alter_table("episodes") as table:
        # The models before said nothing on it.
        table.add_column(sa.Column("others", sa.JSON(), nullable=False, server_default="{}"))
    with op.batch_alter_table("episodes") as table:
        table.alter_column("others", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("episodes") as table:
        table.drop_column("others")
