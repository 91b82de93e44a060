"""Run by alembic, on the connection that `server.migrate` hands over."""

from __future__ import annotations

from alembic import context

from server.kept_tables import METADATA
from server.migrate import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=VERSION_TABLE,
    render_as_batch=True,
    # SQLite can roll a table back; alembic takes it for granted that it cannot.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
