"""People who log in, and the browsers in which they are logged in."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "people",
        *_of_a_wearer("people"),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("password", sa.String(), nullable=False),
        sa.Column("created_ns", sa.BigInteger(), nullable=False),
    )
    op.create_index(op.f("ix_people_wearer_id"), "people", ["wearer_id"])
    op.create_table(
        "sessions",
        *_of_a_wearer("sessions"),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("created_ns", sa.BigInteger(), nullable=False),
        sa.Column("used_ns", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_sessions_person_id"), ondelete="CASCADE"
        ),
        sa.UniqueConstraint("digest", name=op.f("uq_sessions_digest")),
    )
    op.create_index(op.f("ix_sessions_wearer_id"), "sessions", ["wearer_id"])
    op.create_index(op.f("ix_sessions_person_id"), "sessions", ["person_id"])


def _of_a_wearer(table: str) -> tuple[Any, ...]:
    return (
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("wearer_id", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.ForeignKeyConstraint(
            ["wearer_id"], ["wearers.id"], name=op.f(f"fk_{table}_wearer_id"), ondelete="CASCADE"
        ),
    )


def downgrade() -> None:
    op.drop_table("sessions")
    op.drop_table("people")
