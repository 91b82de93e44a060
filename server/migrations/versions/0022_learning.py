"""What was measured on every awakening, and whether nights are judged with the wearer's answers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    with op.batch_alter_table("awakenings") as table:
        # Of what was judged before, nothing is known until it is judged again.
        table.add_column(sa.Column("features", sa.JSON(), nullable=False, server_default="{}"))
    with op.batch_alter_table("wearers") as table:
        table.add_column(
            sa.Column("learns", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    with op.batch_alter_table("awakenings") as table:
        table.alter_column("features", server_default=None)
    with op.batch_alter_table("wearers") as table:
        table.alter_column("learns", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("wearers") as table:
        table.drop_column("learns")
    with op.batch_alter_table("awakenings") as table:
        table.drop_column("features")
