"""When a notice is given up, and the browsers that are told by web push."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    with op.batch_alter_table("notices") as table:
        table.add_column(sa.Column("give_up_ns", sa.BigInteger(), nullable=True))
    # Nothing sent notices before: whatever waits is given up when it is looked at.
    op.execute("UPDATE notices SET give_up_ns = coalesce(next_try_ns, sent_ns, 0)")
    with op.batch_alter_table("notices") as table:
        table.alter_column("give_up_ns", existing_type=sa.BigInteger(), nullable=False)
    op.create_table(
        "push_subscriptions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wearer_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("endpoint", sa.String(), nullable=False),
        sa.Column("p256dh", sa.String(), nullable=False),
        sa.Column("auth", sa.String(), nullable=False),
        sa.Column("added_ns", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["wearer_id"],
            ["wearers.id"],
            name="fk_push_subscriptions_wearer_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_push_subscriptions"),
        sa.UniqueConstraint("wearer_id", "endpoint", name="uq_push_subscriptions_wearer_id"),
    )


def downgrade() -> None:
    op.drop_table("push_subscriptions")
    with op.batch_alter_table("notices") as table:
        table.drop_column("give_up_ns")
