"""Cases that were begun under a provisional number.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what they are told by; no case of before has it."""
    op.add_column("case_file", sa.Column("provisional", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("case_file", sa.Column("official_no", sa.String(length=128), nullable=True))
    op.add_column("case_file", sa.Column("urgent_at", sa.BigInteger(), nullable=True))
    op.add_column("case_file", sa.Column("began_at", sa.BigInteger(), nullable=True))
    case = sa.table("case_file", sa.column("began_at"), sa.column("opened_at"))
    op.execute(sa.update(case).values(began_at=case.c.opened_at))
    op.create_index("ix_case_file_began_at_case_no", "case_file", ["began_at", "case_no"], unique=False)
    op.create_index("ix_case_file_official_no", "case_file", ["official_no"], unique=True)
    op.create_index(
        "ix_case_file_unnumbered",
        "case_file",
        ["began_at"],
        unique=False,
        sqlite_where=sa.text("provisional = 1 AND official_no IS NULL"),
        postgresql_where=sa.text("provisional AND official_no IS NULL"),
    )
    op.bulk_insert(
        sa.table("mark", sa.column("name"), sa.column("number"), sa.column("token")),
        [{"name": "case_numbers", "number": 0, "token": ""}],
    )


def downgrade() -> None:
    """Refuse: a case keeps both of its numbers."""
    raise NotImplementedError("a case keeps both of its numbers: restore the register from backup")
