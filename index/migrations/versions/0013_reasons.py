"""Reasons of the closed list that people claim, and the sealed files they rest on.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and make the table; what was claimed before keeps its words."""
    for table in ("finding", "finding_history", "exemption"):
        op.add_column(table, sa.Column("claim", sa.JSON(none_as_null=True), nullable=True))
    op.create_table(
        "claim_file",
        sa.Column("ledger_number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("target", sa.String(length=300), nullable=False),
        *(sa.Column(name, sa.String(length=128), nullable=False) for name in ("case_no", "step_no")),
        sa.ForeignKeyConstraint(["digest"], ["original.digest"], name="fk_claim_file_digest_original"),
        sa.PrimaryKeyConstraint("ledger_number", "digest", name="pk_claim_file"),
    )
    op.create_index("ix_claim_file_digest", "claim_file", ["digest"])
    op.create_index("ix_claim_file_case_no", "claim_file", ["case_no"])


def downgrade() -> None:
    """Refuse: what people claimed is not forgotten."""
    raise NotImplementedError("what people claimed is not forgotten: restore the register from backup")
