"""What people say and do, and the episodes that are told while a night goes on."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    _create(
        "provisional_episodes",
        _text("id"),
        _text("wearer_id"),
        _ns("started_ns"),
        sa.Column("night", sa.Date(), nullable=False),
        _ns("onset_ns"),
        _ns("end_ns"),
        sa.Column("probability", sa.Double(), nullable=False),
        _word("standing"),
        _word("state"),
        sa.Column("settled", sa.Boolean(), nullable=False),
        _text("became", nullable=True),
        _ns("told_ns"),
        indexes=(("wearer_id", "started_ns"), ("wearer_id", "night")),
    )
    _create(
        "answers",
        _row_id(),
        _text("wearer_id"),
        sa.Column("night", sa.Date(), nullable=False),
        _ns("onset_ns"),
        _ns("end_ns"),
        sa.Column("asked", sa.Boolean(), nullable=False),
        _word("said"),
        _word("leg", nullable=True),
        _word("muscle", nullable=True),
        sa.Column("pain", sa.Integer(), nullable=True),
        _text("helped"),
        sa.Column("hurt_min", sa.Double(), nullable=True),
        _ns("given_ns"),
        _text("given_by"),
        unique=(("wearer_id", "onset_ns"),),
        indexes=(("wearer_id", "night"),),
    )
    _create(
        "diary",
        _text("id"),
        _text("wearer_id"),
        sa.Column("day", sa.Date(), nullable=False),
        _text("kind"),
        sa.Column("payload", sa.JSON(), nullable=False),
        _ns("given_ns"),
        _text("given_by"),
        indexes=(("wearer_id", "day"),),
    )
    _create(
        "alerts",
        _row_id(),
        _text("wearer_id"),
        _text("layer"),
        sa.Column("night", sa.Date(), nullable=False),
        sa.Column("numbers", sa.JSON(), nullable=False),
        unique=(("wearer_id", "layer", "night"), ("id", "wearer_id")),
    )
    op.create_table(
        "alert_events",
        _row_id(),
        sa.Column("alert_id", sa.Integer(), nullable=False),
        _text("wearer_id"),
        _word("step"),
        _ns("at_ns"),
        _text("who"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_events")),
        sa.ForeignKeyConstraint(
            ["alert_id", "wearer_id"],
            ["alerts.id", "alerts.wearer_id"],
            name=op.f("fk_alert_events_alert_id"),
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint("alert_id", "step", "who", name=op.f("uq_alert_events_alert_id")),
    )
    _create(
        "notices",
        _row_id(),
        _text("wearer_id"),
        _text("channel"),
        _text("key"),
        _text("text"),
        sa.Column("tries", sa.Integer(), nullable=False),
        _ns("next_try_ns", nullable=True),
        _ns("sent_ns", nullable=True),
        _text("problem"),
        unique=(("wearer_id", "channel", "key"),),
        indexes=(("next_try_ns",),),
    )
    _create(
        "tokens",
        _text("id"),
        _text("wearer_id", nullable=True),
        _text("name"),
        _text("digest"),
        _word("role"),
        sa.Column("scopes", sa.JSON(), nullable=False),
        _ns("created_ns"),
        _ns("expires_ns", nullable=True),
        _ns("revoked_ns", nullable=True),
        unique=(("digest",),),
        indexes=(("wearer_id",),),
    )
    _create(
        "audit",
        _row_id(),
        _text("wearer_id", nullable=True),
        _ns("at_ns"),
        _text("who"),
        _text("action"),
        _text("what"),
        indexes=(("wearer_id", "at_ns"),),
    )


def _row_id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer(), nullable=False)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=nullable)


def _word(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(32), nullable=nullable)


def _ns(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _create(
    table: str,
    *columns: sa.Column[Any],
    unique: tuple[tuple[str, ...], ...] = (),
    indexes: tuple[tuple[str, ...], ...] = (),
) -> None:
    """Create a table of what is a wearer's, and goes with the wearer."""
    op.create_table(
        table,
        *columns,
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.ForeignKeyConstraint(
            ["wearer_id"], ["wearers.id"], name=op.f(f"fk_{table}_wearer_id"), ondelete="CASCADE"
        ),
        *(sa.UniqueConstraint(*names, name=op.f(f"uq_{table}_{names[0]}")) for names in unique),
    )
    for names in indexes:
        op.create_index(op.f(f"ix_{table}_{'_'.join(names)}"), table, list(names))


def downgrade() -> None:
    raise NotImplementedError("what people said is not thrown away")
