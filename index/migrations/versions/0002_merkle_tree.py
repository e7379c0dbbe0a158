"""The ledger becomes the leaves of a Merkle tree; sightings name their sidecar.

Revision ID: 0002
Revises: 0001
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

from evidence.merkle import leaf_hash
from index.dialects import append_only_statements, drop_append_only_statements

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

PAGE = 1000


def upgrade() -> None:
    """Give every entry the hash of its leaf; its bytes stay what they were."""
    op.add_column("sighting", sa.Column("sidecar", sa.String(length=64), nullable=False, server_default=""))
    with op.batch_alter_table("sighting") as sighting:
        sighting.alter_column("sidecar", server_default=None)
    bind = op.get_bind()
    for statement in drop_append_only_statements(bind.dialect.name, "ledger_entry"):
        op.execute(statement)
    op.execute("CREATE TABLE ledger_before AS SELECT number, canonical, event, subject, at FROM ledger_entry")
    op.drop_table("ledger_entry")
    create_ledger_entry()
    table = sa.table("ledger_entry", *(sa.column(name) for name in (*COPIED, "leaf_hash")))
    last: dict[str, Any] = {"number": -1, "leaf_hash": "0" * 64}
    for page in pages(bind):
        op.bulk_insert(table, page)
        last = page[-1]
    op.drop_table("ledger_before")
    for statement in append_only_statements(bind.dialect.name, "ledger_entry"):
        op.execute(statement)
    mark = sa.table("mark", sa.column("name"), sa.column("number"), sa.column("token"))
    head = {"number": last["number"] + 1, "token": last["leaf_hash"]}
    op.execute(sa.update(mark).where(mark.c.name == "ledger_head").values(**head))
    op.bulk_insert(mark, [{"name": "ledger_sealed", "number": 0, "token": ""}])


COPIED = ("number", "canonical", "event", "subject", "at")


def pages(bind: sa.Connection) -> Iterator[list[dict[str, Any]]]:
    """Yield the old entries in order, with their leaf hash."""
    old = sa.table("ledger_before", *(sa.column(name) for name in COPIED))
    after = -1
    while True:
        wanted = sa.select(old).where(old.c.number > after).order_by(old.c.number).limit(PAGE)
        page = [leaf_of(row) for row in bind.execute(wanted).mappings()]
        if not page:
            return
        yield page
        after = page[-1]["number"]


def leaf_of(row: sa.RowMapping) -> dict[str, Any]:
    """Return an entry's new row; its time is what its bytes say, not what was finer in the column."""
    canonical = bytes(row["canonical"])
    at = datetime.fromisoformat(json.loads(canonical)["at"])
    at_us = (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    return {**row, "at": at_us, "leaf_hash": leaf_hash(canonical).hex()}


def create_ledger_entry() -> None:
    op.create_table(
        "ledger_entry",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("leaf_hash", sa.String(length=64), nullable=False),
        sa.Column("canonical", sa.LargeBinary(), nullable=False),
        sa.Column("event", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=128), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_ledger_entry"),
    )
    op.create_index("ix_ledger_entry_subject_number", "ledger_entry", ["subject", "number"], unique=False)


def downgrade() -> None:
    """Refuse: an older program would write entries that are no leaves."""
    raise NotImplementedError("the ledger's tree is not taken apart again: restore the register from backup")
