"""What clips say of each other by their sound.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; clips of before are compared as the ledger's links are followed from the beginning."""
    op.create_table(
        "sound_match",
        sa.Column("digest_a", sa.String(length=64), nullable=False),
        sa.Column("digest_b", sa.String(length=64), nullable=False),
        sa.Column("offset_s", sa.Double(), nullable=True),
        sa.Column("error_s", sa.Double(), nullable=True),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("windows", sa.Integer(), nullable=True),
        sa.Column("drift_ppm", sa.Double(), nullable=True),
        sa.Column("tool", sa.Text(), nullable=False),
        sa.Column("refused", sa.JSON(), nullable=True),
        sa.Column("refused_in", sa.String(length=1), nullable=False),
        sa.Column("compared_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["digest_a"], ["original.digest"], name="fk_sound_match_digest_a_original"),
        sa.ForeignKeyConstraint(["digest_b"], ["original.digest"], name="fk_sound_match_digest_b_original"),
        sa.PrimaryKeyConstraint("digest_a", "digest_b", name="pk_sound_match"),
    )
    op.create_index("ix_sound_match_digest_b", "sound_match", ["digest_b"], unique=False)


def downgrade() -> None:
    """Refuse: what was heard is not forgotten."""
    raise NotImplementedError("what was heard is not forgotten: restore the register from backup")
