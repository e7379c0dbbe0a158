"""Classes of confidentiality that people mark clips and cases with.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "secrecy",
        sa.Column("scope", sa.String(length=16), nullable=False),
        *(sa.Column(name, sa.String(length=128), nullable=False) for name in ("target", "code", "actor")),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "target", name="pk_secrecy"),
    )


def downgrade() -> None:
    """Refuse: what is secret is not forgotten."""
    raise NotImplementedError("what is secret is not forgotten: restore the register from backup")
