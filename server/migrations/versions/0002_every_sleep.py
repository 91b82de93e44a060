"""Every sleep of a recording, and what of it was searched.

Until now a recording had one sleep, awakenings were looked for within it alone, and a sleep across
noon was torn between two nights.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "sleeps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("onset_ns", sa.BigInteger(), nullable=False),
        sa.Column("wake_ns", sa.BigInteger(), nullable=False),
        sa.Column("asleep_s", sa.Double(), nullable=False),
        sa.Column("recording_id", sa.String(), nullable=False),
        sa.Column("night", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sleeps")),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recordings.id"],
            name=op.f("fk_sleeps_recording_id"),
            ondelete="CASCADE",
        ),
    )
    op.create_index(op.f("ix_sleeps_night_onset_ns"), "sleeps", ["night", "onset_ns"])
    op.create_index(op.f("ix_sleeps_recording_id"), "sleeps", ["recording_id"])
    op.execute(
        "INSERT INTO sleeps (recording_id, night, onset_ns, wake_ns, asleep_s) "
        "SELECT id, night, sleep_onset_ns, sleep_wake_ns, coalesce(asleep_s, 0) FROM recordings "
        "WHERE sleep_onset_ns IS NOT NULL AND sleep_wake_ns IS NOT NULL"
    )
    _mend_torn_sleeps()
    op.execute(
        "INSERT INTO coverage (recording_id, night, kind, start_ns, end_ns) "
        "SELECT worn.recording_id, worn.night, 'searched', "
        "CASE WHEN worn.start_ns < onset_ns THEN onset_ns ELSE worn.start_ns END, "
        "CASE WHEN worn.end_ns > wake_ns THEN wake_ns ELSE worn.end_ns END "
        "FROM coverage AS worn JOIN sleeps ON sleeps.recording_id = worn.recording_id "
        "WHERE worn.kind = 'worn' AND worn.start_ns < wake_ns AND onset_ns < worn.end_ns"
    )
    with op.batch_alter_table("recordings") as recordings:
        for name in ("sleep_onset_ns", "sleep_wake_ns", "asleep_s"):
            recordings.drop_column(name)


def _mend_torn_sleeps() -> None:
    """Give what lies in a sleep to the night in which it began."""
    metadata = sa.MetaData()
    connection = op.get_bind()
    metadata.reflect(connection)
    sleeps = metadata.tables["sleeps"]
    for name in ("coverage", "faults", "awakenings", "episodes"):
        table = metadata.tables[name]
        start = table.c.onset_ns if name == "episodes" else table.c.start_ns
        torn = sa.select(table, sleeps.c.night.label("its_night"), sleeps.c.wake_ns).where(
            table.c.recording_id == sleeps.c.recording_id,
            table.c.night != sleeps.c.night,
            start >= sleeps.c.onset_ns,
            start < sleeps.c.wake_ns,
        )
        for row in connection.execute(torn).mappings().fetchall():
            changed = {"night": row["its_night"]}
            if name in ("coverage", "faults") and row["end_ns"] > row["wake_ns"]:
                # What goes on after the sleep stays in the night it was in.
                rest = {key: row[key] for key in ("recording_id", "night", "kind", "end_ns")}
                connection.execute(table.insert().values(start_ns=row["wake_ns"], **rest))
                changed["end_ns"] = row["wake_ns"]
            connection.execute(table.update().where(table.c.id == row["id"]).values(changed))


def downgrade() -> None:
    raise NotImplementedError("one sleep cannot be told for several")
