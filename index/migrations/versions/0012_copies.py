"""Parties' requests for copies.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "copy_request",
        *(sa.Column(name, sa.String(length=128), nullable=False) for name in ("request_id", "case_no")),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("requested_at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("request_id", name="pk_copy_request"),
    )


def downgrade() -> None:
    """Refuse: what was handed out is not forgotten."""
    raise NotImplementedError("what was handed out is not forgotten: restore the register from backup")
