"""Access tokens; every act of importing with what it changed.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables; what imports of before have changed is told when the home is opened, from its vault."""
    op.drop_table("import_batch")
    create_imports()
    create_token()
    ledger = sa.table("ledger_entry", sa.column("number"), sa.column("event"))
    mark = sa.table("mark", sa.column("name"), sa.column("number"), sa.column("token"))
    imported = sa.select(sa.func.count()).where(ledger.c.event == "accession")
    if number := op.get_bind().execute(imported).scalar():
        op.bulk_insert(mark, [{"name": "imports_untold", "number": number, "token": ""}])


def create_imports() -> None:
    op.create_table(
        "import_batch",
        sa.Column("ledger_number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("record_digest", sa.String(length=64), nullable=False),
        sa.Column("rows_record", sa.String(length=64), nullable=False),
        sa.Column("noun", sa.String(length=128), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("zone", sa.String(length=128), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("new", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("imported_at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=128), nullable=False),
        sa.Column("authenticated", sa.String(length=128), nullable=False),
        sa.PrimaryKeyConstraint("ledger_number", name="pk_import_batch"),
    )
    op.create_table(
        "record_change",
        sa.Column("ledger_number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("key", sa.String(length=400), nullable=False),
        sa.Column("noun", sa.String(length=128), nullable=False),
        sa.Column("is_new", sa.Boolean(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ledger_number"], ["import_batch.ledger_number"], name="fk_record_change_ledger_number_import_batch"
        ),
        sa.PrimaryKeyConstraint("ledger_number", "key", name="pk_record_change"),
    )
    columns = ["noun", "key", "ledger_number"]
    op.create_index("ix_record_change_noun_key_ledger_number", "record_change", columns, unique=False)


def create_token() -> None:
    op.create_table(
        "token",
        sa.Column("token_id", sa.String(length=128), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("secret_sha256", sa.String(length=64), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("granted_by", sa.String(length=128), nullable=False),
        sa.Column("granted_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_by", sa.String(length=128), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("token_id", name="pk_token"),
    )
    op.create_index("ix_token_secret_sha256", "token", ["secret_sha256"], unique=False)


def downgrade() -> None:
    """Refuse: who was let in is not forgotten."""
    raise NotImplementedError("who was let in is not forgotten: restore the register from backup")
