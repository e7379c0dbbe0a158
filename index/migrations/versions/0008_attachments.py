"""What people say of the files they attach, and which originals came for text records alone.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

FILED, FILED_SQLITE = sa.text("filed"), sa.text("filed = 1")


def upgrade() -> None:
    """Add the columns; nothing was attached before this version."""
    op.add_column("attachment", sa.Column("title", sa.Text(), server_default="", nullable=False))
    op.add_column("attachment", sa.Column("dated_at", sa.BigInteger(), nullable=True))
    op.add_column("attachment", sa.Column("signed_by", sa.JSON(), server_default="[]", nullable=False))
    op.add_column("attachment", sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column("clip", sa.Column("filed", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_index("ix_clip_filed", "clip", ["digest"], sqlite_where=FILED_SQLITE, postgresql_where=FILED)


def downgrade() -> None:
    """Refuse: which files are text records is not forgotten."""
    raise NotImplementedError("which files are text records is not forgotten: restore the register from backup")
