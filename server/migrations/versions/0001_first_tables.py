"""The first tables: models, recordings, coverage, episodes, awakenings, faults."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "models",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_models")),
        sa.UniqueConstraint("name", "version", name=op.f("uq_models_name")),
    )
    op.create_table(
        "recordings",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("wrist", sa.String(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("start_ns", sa.BigInteger(), nullable=False),
        sa.Column("end_ns", sa.BigInteger(), nullable=False),
        sa.Column("night", sa.Date(), nullable=False),
        sa.Column("recorded_s", sa.Double(), nullable=False),
        sa.Column("worn_s", sa.Double(), nullable=False),
        sa.Column("sleep_onset_ns", sa.BigInteger(), nullable=True),
        sa.Column("sleep_wake_ns", sa.BigInteger(), nullable=True),
        sa.Column("asleep_s", sa.Double(), nullable=True),
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("judgement", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recordings")),
        sa.ForeignKeyConstraint(["model_id"], ["models.id"], name=op.f("fk_recordings_model_id")),
    )
    op.create_index(op.f("ix_recordings_night"), "recordings", ["night"])
    op.create_index(op.f("ix_recordings_model_id"), "recordings", ["model_id"])

    _create_table_within_recording(
        "coverage",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("start_ns", sa.BigInteger(), nullable=False),
        sa.Column("end_ns", sa.BigInteger(), nullable=False),
        by_night="kind",
    )
    _create_table_within_recording(
        "episodes",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("onset_ns", sa.BigInteger(), nullable=False),
        sa.Column("end_ns", sa.BigInteger(), nullable=False),
        sa.Column("probability", sa.Double(), nullable=False),
        sa.Column("standing", sa.String(32), nullable=False),
        sa.Column("heart_rate_rise_bpm", sa.Double(), nullable=True),
        sa.Column("got_up", sa.Boolean(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        by_night="onset_ns",
    )
    _create_table_within_recording(
        "awakenings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("start_ns", sa.BigInteger(), nullable=False),
        sa.Column("end_ns", sa.BigInteger(), nullable=False),
        sa.Column("probability", sa.Double(), nullable=False),
        by_night="start_ns",
    )
    _create_table_within_recording(
        "faults",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("start_ns", sa.BigInteger(), nullable=False),
        sa.Column("end_ns", sa.BigInteger(), nullable=False),
        by_night="start_ns",
    )


def _create_table_within_recording(name: str, *columns: sa.Column[object], by_night: str) -> None:
    op.create_table(
        name,
        *columns,
        sa.Column("recording_id", sa.String(), nullable=False),
        sa.Column("night", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recordings.id"],
            name=op.f(f"fk_{name}_recording_id"),
            ondelete="CASCADE",
        ),
    )
    op.create_index(op.f(f"ix_{name}_night_{by_night}"), name, ["night", by_night])
    op.create_index(op.f(f"ix_{name}_recording_id"), name, ["recording_id"])


def downgrade() -> None:
    raise NotImplementedError("there is nothing before the first tables")
