"""Retention, legal holds, disposals, and what the vault last said of an original's lock.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; every original of before is promised its time by the keeper's sweep."""
    op.add_column("original", sa.Column("disposed_at", sa.BigInteger(), nullable=True))
    gone = sa.text("disposed_at IS NOT NULL")
    op.create_index("ix_original_disposed_at", "original", ["disposed_at"], sqlite_where=gone, postgresql_where=gone)
    create_retention()
    create_hold()
    create_disposal()
    create_vault_lock()
    mark = sa.table("mark", sa.column("name"), sa.column("number"), sa.column("token"))
    head = sa.select(mark.c.number).where(mark.c.name == "ledger_head")
    number = op.get_bind().execute(head).scalar() or 0
    op.bulk_insert(mark, [{"name": "retention_followed", "number": number, "token": ""}])


def create_retention() -> None:
    op.create_table(
        "retention",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("floor", sa.BigInteger(), nullable=False),
        sa.Column("endless", sa.String(length=32), nullable=True),
        sa.Column("schedule_class", sa.String(length=128), nullable=False),
        sa.Column("rule_version", sa.String(length=128), nullable=False),
        sa.Column("cases", sa.JSON(), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("why", sa.JSON(), nullable=False),
        sa.Column("set_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["digest"], ["original.digest"], name="fk_retention_digest_original"),
        sa.PrimaryKeyConstraint("digest", name="pk_retention"),
    )
    op.create_index("ix_retention_until_digest", "retention", ["until", "digest"], unique=False)
    op.create_index("ix_retention_schedule_class", "retention", ["schedule_class"], unique=False)


def create_hold() -> None:
    op.create_table(
        "hold",
        sa.Column("hold_id", sa.String(length=128), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("target", sa.String(length=300), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("set_by", sa.String(length=128), nullable=False),
        sa.Column("set_at", sa.BigInteger(), nullable=False),
        sa.Column("lifted_by", sa.String(length=128), nullable=True),
        sa.Column("lifted_at", sa.BigInteger(), nullable=True),
        sa.Column("lift_reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("hold_id", name="pk_hold"),
    )
    op.create_index("ix_hold_lifted_at", "hold", ["lifted_at"], unique=False)


def create_disposal() -> None:
    op.create_table(
        "disposal",
        sa.Column("disposal_id", sa.String(length=128), nullable=False),
        sa.Column("digests", sa.JSON(), nullable=False),
        sa.Column("rule", sa.String(length=128), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.String(length=128), nullable=False),
        sa.Column("proposed_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        *agreed("first"),
        *agreed("second"),
        sa.Column("executed_at", sa.BigInteger(), nullable=True),
        sa.Column("refused_by", sa.String(length=128), nullable=True),
        sa.Column("refused_at", sa.BigInteger(), nullable=True),
        sa.Column("refuse_reason", sa.Text(), nullable=True),
        sa.Column("spared", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("disposal_id", name="pk_disposal"),
    )
    op.create_index("ix_disposal_state_proposed_at", "disposal", ["state", "proposed_at"], unique=False)


def agreed(which: str) -> tuple[sa.Column[str], sa.Column[int], sa.Column[str]]:
    return (
        sa.Column(f"{which}_by", sa.String(length=128), nullable=True),
        sa.Column(f"{which}_at", sa.BigInteger(), nullable=True),
        sa.Column(f"{which}_reason", sa.Text(), nullable=True),
    )


def create_vault_lock() -> None:
    op.create_table(
        "vault_lock",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.Column("troubled", sa.Boolean(), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.Column("read_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["digest"], ["original.digest"], name="fk_vault_lock_digest_original"),
        sa.PrimaryKeyConstraint("digest", name="pk_vault_lock"),
    )
    op.create_index("ix_vault_lock_troubled", "vault_lock", ["troubled"], unique=False)


def downgrade() -> None:
    """Refuse: promises, holds and tombstones are not forgotten."""
    raise NotImplementedError("promises, holds and tombstones are not forgotten: restore the register from backup")
