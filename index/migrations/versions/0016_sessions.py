"""Cameras that several officers carry together, and files that are one recording.

Revision ID: 0016
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and tables; the next review of everything fills them."""
    op.add_column("clip", sa.Column("officers", sa.JSON(), nullable=True))
    op.add_column("clip", sa.Column("recording", sa.String(length=64), nullable=True))
    in_parts = sa.text("recording IS NOT NULL")
    op.create_index(
        "ix_clip_recording", "clip", ["recording"], unique=False, sqlite_where=in_parts, postgresql_where=in_parts
    )
    op.create_table(
        "clip_carrier",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("officer_id", sa.String(length=128), nullable=False),
        sa.Column("sort_us", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["digest"], ["original.digest"], name="fk_clip_carrier_digest_original"),
        sa.PrimaryKeyConstraint("digest", "officer_id", name="pk_clip_carrier"),
    )
    shared = ["officer_id", "sort_us", "digest"]
    op.create_index("ix_clip_carrier_officer_id_sort_us_digest", "clip_carrier", shared, unique=False)
    _make_assignments_anew()


def _make_assignments_anew() -> None:
    """Let the key of an assignment hold the officer; SQLite changes no key of a table that is there."""
    columns = 'device_id, start, officer_id, "end"'
    op.execute(f"CREATE TABLE assignment_kept AS SELECT {columns} FROM assignment")  # noqa: S608 - our own names
    op.drop_table("assignment")
    op.create_table(
        "assignment",
        sa.Column("device_id", sa.String(length=128), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("officer_id", sa.String(length=128), nullable=False),
        sa.Column("end", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("device_id", "start", "officer_id", name="pk_assignment"),
    )
    op.create_index("ix_assignment_officer_id_start", "assignment", ["officer_id", "start"], unique=False)
    op.execute(f"INSERT INTO assignment ({columns}) SELECT {columns} FROM assignment_kept")  # noqa: S608
    op.drop_table("assignment_kept")


def downgrade() -> None:
    """Refuse: who shared a camera is not forgotten."""
    raise NotImplementedError("who shared a camera is not forgotten: restore the register from backup")
