"""What every awakening looked like, cramp-like or not."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    with op.batch_alter_table("awakenings") as table:
        # Of what was judged before, nothing is known until it is judged again.
        table.add_column(
            sa.Column("got_up", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        table.add_column(sa.Column("others", sa.JSON(), nullable=False, server_default="{}"))
    with op.batch_alter_table("awakenings") as table:
        table.alter_column("got_up", server_default=None)
        table.alter_column("others", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("awakenings") as table:
        table.drop_column("others")
        table.drop_column("got_up")
