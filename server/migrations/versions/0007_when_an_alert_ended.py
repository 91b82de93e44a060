"""Which night was the newest at each step in the life of an alert."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    with op.batch_alter_table("alert_events") as table:
        table.add_column(sa.Column("night", sa.Date(), nullable=True))
    # What raised alerts before was no product: the night of the alert is the best that is known.
    op.execute(
        "UPDATE alert_events SET night = "
        "(SELECT alerts.night FROM alerts WHERE alerts.id = alert_events.alert_id)"
    )
    with op.batch_alter_table("alert_events") as table:
        table.alter_column("night", existing_type=sa.Date(), nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("alert_events") as table:
        table.drop_column("night")
