"""What the file of a case holds beside footage: text records with their files, and more of what records state of steps.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; cases of before are audited at the next review of everything."""
    op.add_column("step", sa.Column("witness", sa.Text(), server_default="", nullable=False))
    op.add_column("step", sa.Column("due_at", sa.BigInteger(), nullable=True))
    op.add_column("step", sa.Column("extended_to", sa.BigInteger(), nullable=True))
    op.add_column("step", sa.Column("urgent_reason", sa.Text(), server_default="", nullable=False))
    op.add_column("step", sa.Column("points", sa.Integer(), server_default="0", nullable=False))
    op.add_column("case_file", sa.Column("next_at", sa.BigInteger(), nullable=True))
    op.create_index("ix_case_file_next_at", "case_file", ["next_at"], unique=False)
    op.create_table(
        "document",
        *(sa.Column(name, sa.String(length=128), nullable=False) for name in ("case_no", "step_no", "slot")),
        sa.Column("document_no", sa.String(length=128), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("dated_at", sa.BigInteger(), nullable=True),
        sa.Column("signed_by", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("case_no", "step_no", "slot", "document_no", name="pk_document"),
    )
    op.create_table(
        "attachment",
        *(sa.Column(name, sa.String(length=128), nullable=False) for name in ("case_no", "step_no", "slot")),
        sa.Column("document_no", sa.String(length=128), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("actor", sa.String(length=128), nullable=False),
        sa.Column("attached_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["digest"], ["original.digest"], name="fk_attachment_digest_original"),
        sa.PrimaryKeyConstraint("case_no", "step_no", "slot", "document_no", "digest", name="pk_attachment"),
    )
    op.create_index("ix_attachment_digest", "attachment", ["digest"], unique=False)


def downgrade() -> None:
    """Refuse: what the file of a case holds is not forgotten."""
    raise NotImplementedError("what the file of a case holds is not forgotten: restore the register from backup")
