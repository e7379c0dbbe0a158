"""Links with a score, suggestions that wait for a person, and marks on footage.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; links of before get their score at the next review of their clip."""
    op.add_column("link", sa.Column("score", sa.Double(), nullable=True))
    op.add_column("link", sa.Column("basis", sa.JSON(), nullable=True))
    op.create_table(
        "suggestion",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("case_no", sa.String(length=128), nullable=False),
        sa.Column("step_no", sa.String(length=128), nullable=False),
        sa.Column("ground", sa.String(length=32), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("overlap_start", sa.BigInteger(), nullable=False),
        sa.Column("overlap_end", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.JSON(), nullable=False),
        sa.Column("suggested_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["digest"], ["original.digest"], name="fk_suggestion_digest_original"),
        sa.PrimaryKeyConstraint("digest", "case_no", "step_no", name="pk_suggestion"),
    )
    op.create_index("ix_suggestion_case_no_step_no", "suggestion", ["case_no", "step_no"], unique=False)
    op.create_index("ix_suggestion_score_digest", "suggestion", ["score", "digest"], unique=False)
    op.create_table(
        "marker",
        sa.Column("marker_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("at_s", sa.Double(), nullable=False),
        sa.Column("template", sa.String(length=128), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(length=128), nullable=False),
        sa.Column("set_at", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn_by", sa.String(length=128), nullable=False),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=True),
        sa.Column("withdraw_reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["digest"], ["original.digest"], name="fk_marker_digest_original"),
        sa.PrimaryKeyConstraint("marker_id", name="pk_marker"),
    )
    op.create_index("ix_marker_digest_at_s", "marker", ["digest", "at_s"], unique=False)


def downgrade() -> None:
    """Refuse: what people refused and marked is not forgotten."""
    raise NotImplementedError("what people refused and marked is not forgotten: restore the register from backup")
