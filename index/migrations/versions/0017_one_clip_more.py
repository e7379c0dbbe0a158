"""Indices that one clip or one step more in a large register needs: footage of an officer by time, clips of a finding.

Revision ID: 0017
Revises: 0016
"""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

INDICES = (
    ("ix_clip_officer_id_reach_class_reach_start", "clip", ["officer_id", "reach_class", "reach_start"]),
    ("ix_clip_device_id_reach_class_reach_start", "clip", ["device_id", "reach_class", "reach_start"]),
    ("ix_finding_clip_finding_id", "finding_clip", ["finding_id"]),
)


def upgrade() -> None:
    """Make the indices."""
    for name, table, columns in INDICES:
        op.create_index(name, table, columns, unique=False)


def downgrade() -> None:
    """Take them away."""
    for name, table, _ in INDICES:
        op.drop_index(name, table_name=table)
