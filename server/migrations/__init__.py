"""Every change the tables went through, for alembic; `server.migrate` runs them.

A new one is a file in `versions/` named by its number; `server.migrate.HEAD` names the last.
"""
