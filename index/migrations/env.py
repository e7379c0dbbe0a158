"""Alembic's entry: runs the versions on a connection it is handed, and sees our own tables only."""

from alembic import context
from sqlalchemy import Connection

from index.migrate import COMPARE

connection: Connection = context.config.attributes["connection"]
context.configure(connection=connection, **COMPARE)
with context.begin_transaction():
    context.run_migrations()
