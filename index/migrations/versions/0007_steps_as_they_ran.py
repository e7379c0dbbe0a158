"""How steps really ran: sittings of those that were broken off, amended times, how sure their coverage is.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what is told of steps from now on."""
    op.add_column("step", sa.Column("sittings", sa.JSON(), server_default="[]", nullable=False))
    op.add_column("step", sa.Column("certain", sa.Double(), nullable=True))
    op.add_column("step", sa.Column("possible", sa.Double(), nullable=True))
    op.create_table(
        "amendment",
        *(sa.Column(name, sa.String(length=128), nullable=False) for name in ("case_no", "step_no")),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("started_at", "ended_at")),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("recorded_start", "recorded_end")),
        sa.Column("actor", sa.String(length=128), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("case_no", "step_no", name="pk_amendment"),
    )


def downgrade() -> None:
    """Refuse: what people amended is not forgotten."""
    raise NotImplementedError("what people amended is not forgotten: restore the register from backup")
