"""Clocks of cameras: what docks read of them, how far each start is sure, and what people decided.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; clips of before are judged again at the next review of everything."""
    op.add_column("clip", sa.Column("docked_at", sa.BigInteger(), nullable=True))
    op.add_column("clip", sa.Column("stated", sa.JSON(), nullable=True))
    op.add_column("clip", sa.Column("start_earliest", sa.BigInteger(), nullable=True))
    op.add_column("clip", sa.Column("start_latest", sa.BigInteger(), nullable=True))
    op.add_column("clip", sa.Column("clock_offset_s", sa.Double(), nullable=True))
    op.add_column("clip", sa.Column("suspected_s", sa.JSON(), nullable=True))
    op.create_index("ix_clip_device_id_docked_at", "clip", ["device_id", "docked_at"], unique=False)
    op.create_index("ix_sighting_station_source_path", "sighting", ["station", "source_path"], unique=False)
    suspected = sa.text("suspected_s IS NOT NULL")
    op.create_index("ix_clip_suspected", "clip", ["digest"], sqlite_where=suspected, postgresql_where=suspected)
    create_docks()
    op.create_table(
        "clock_decision",
        sa.Column("ledger_number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("target", sa.String(length=300), nullable=False),
        sa.Column("shift_s", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=True),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("actor", sa.String(length=128), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("ledger_number", name="pk_clock_decision"),
    )
    op.create_index("ix_clock_decision_scope_target", "clock_decision", ["scope", "target"], unique=False)


def create_docks() -> None:
    op.create_table(
        "dock_connection",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("device_id", sa.Text(), nullable=False),
        sa.Column("folded", sa.String(length=300), nullable=False),
        sa.Column("dock_time", sa.BigInteger(), nullable=False),
        sa.Column("device_time", sa.BigInteger(), nullable=True),
        sa.Column("clock_set", sa.Boolean(), nullable=True),
        sa.Column("precision_s", sa.Double(), nullable=False),
        sa.Column("officer_code", sa.Text(), nullable=False),
        sa.Column("tool", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["digest"], ["original.digest"], name="fk_dock_connection_digest_original"),
        sa.PrimaryKeyConstraint("digest", name="pk_dock_connection"),
    )
    op.create_index("ix_dock_connection_folded_dock_time", "dock_connection", ["folded", "dock_time"], unique=False)
    op.create_table(
        "dock_file",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("leaf", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=True),
        sa.Column("officer_code", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=True),
        sa.Column("digests", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["digest"], ["original.digest"], name="fk_dock_file_digest_original"),
        sa.PrimaryKeyConstraint("digest", "position", name="pk_dock_file"),
    )
    op.create_index("ix_dock_file_leaf", "dock_file", ["leaf"], unique=False)


def downgrade() -> None:
    """Refuse: what docks said and people decided is not forgotten."""
    raise NotImplementedError("what docks said and people decided is not forgotten: restore the register from backup")
