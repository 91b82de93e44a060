"""No number of a channel that was removed is given to another."""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    _rebuild(autoincrement=True)


def downgrade() -> None:
    _rebuild(autoincrement=False)


def _rebuild(*, autoincrement: bool) -> None:
    """Rebuild the table where that is what it takes; PostgreSQL never gave a number again."""
    if op.get_bind().dialect.name == "sqlite":
        kept = {"sqlite_autoincrement": autoincrement}
        with op.batch_alter_table("channels", recreate="always", table_kwargs=kept):
            pass
