"""The register's first tables.

Revision ID: 0001
Revises: none
"""

import sqlalchemy as sa
from alembic import op

from index.dialects import append_only_statements

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    "original",
    "pickup",
    "sighting",
    "time_claim",
    "identity_claim",
    "measurement",
    "derivation",
    "derivative",
    "quality_span",
    "problem",
    "officer",
    "device",
    "assignment",
    "case_file",
    "step",
    "step_officer",
    "step_waiting",
    "import_batch",
    "clip",
    "link",
    "doubt",
    "finding",
    "finding_clip",
    "finding_history",
    "clip_override",
    "exemption",
    "decision",
    "ledger_entry",
    "mark",
)


def upgrade() -> None:
    create_claimed()
    create_measured()
    create_recorded()
    create_judged()
    create_decided()
    create_custody()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def create_claimed() -> None:
    """Create the tables of what came, and what it says of itself."""
    create_original()
    create_pickup()
    create_sighting()
    create_time_claim()
    create_identity_claim()


def create_original() -> None:
    op.create_table(
        "original",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_original"),
    )


def create_pickup() -> None:
    op.create_table(
        "pickup",
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("station", sa.String(length=128), nullable=False),
        sa.Column("root", sa.String(length=4096), nullable=False),
        sa.Column("source_path", sa.String(length=4096), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("mtime_ns", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_pickup"),
    )
    op.create_index("ix_pickup_state_changed_at", "pickup", ["state", "changed_at"], unique=False)
    op.create_index("ix_pickup_station_state_changed_at", "pickup", ["station", "state", "changed_at"], unique=False)


def create_sighting() -> None:
    op.create_table(
        "sighting",
        sa.Column("sighting_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("pickup_key", sa.String(length=128), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("station", sa.String(length=128), nullable=False),
        sa.Column("source_path", sa.String(length=4096), nullable=False),
        sa.Column("mtime", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["digest"], ["original.digest"], name="fk_sighting_digest"),
        sa.PrimaryKeyConstraint("sighting_id", name="pk_sighting"),
        sa.UniqueConstraint("pickup_key", name="uq_sighting_pickup_key"),
    )
    op.create_index("ix_sighting_digest_received_at", "sighting", ["digest", "received_at"], unique=False)


def create_time_claim() -> None:
    op.create_table(
        "time_claim",
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("inside", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=True),
        sa.Column("zone", sa.String(length=32), nullable=False),
        sa.Column("anchor", sa.String(length=32), nullable=False),
        sa.Column("precision_s", sa.Double(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("tool", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["digest"], ["original.digest"], name="fk_time_claim_digest"),
        sa.PrimaryKeyConstraint("claim_id", name="pk_time_claim"),
    )
    op.create_index("ix_time_claim_digest", "time_claim", ["digest"], unique=False)


def create_identity_claim() -> None:
    op.create_table(
        "identity_claim",
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("inside", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("placeholder", sa.Boolean(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["digest"], ["original.digest"], name="fk_identity_claim_digest"),
        sa.PrimaryKeyConstraint("claim_id", name="pk_identity_claim"),
    )
    op.create_index("ix_identity_claim_digest", "identity_claim", ["digest"], unique=False)
    op.create_index("ix_identity_claim_kind_folded", "identity_claim", ["kind", "folded"], unique=False)


def create_measured() -> None:
    """Create the tables of what was computed of the bytes."""
    create_measurement()
    create_derivation()
    create_derivative()
    create_quality_span()
    create_problem()


def create_measurement() -> None:
    op.create_table(
        "measurement",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("container", sa.Text(), nullable=False),
        sa.Column("declared_duration_s", sa.Double(), nullable=True),
        sa.Column("video", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("audio", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("playable_as_is", sa.Boolean(), nullable=False),
        sa.Column("damaged", sa.Boolean(), nullable=False),
        sa.Column("tool", sa.Text(), nullable=False),
        sa.Column("measured_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["digest"], ["original.digest"], name="fk_measurement_digest"),
        sa.PrimaryKeyConstraint("digest", name="pk_measurement"),
    )


def create_derivation() -> None:
    op.create_table(
        "derivation",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("playable", sa.String(length=32), nullable=False),
        sa.Column("decoded_duration_s", sa.Double(), nullable=True),
        sa.Column("decoded_frames", sa.BigInteger(), nullable=True),
        sa.Column("damaged", sa.Boolean(), nullable=False),
        sa.Column("tool", sa.Text(), nullable=False),
        sa.Column("derived_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["digest"], ["original.digest"], name="fk_derivation_digest"),
        sa.PrimaryKeyConstraint("digest", name="pk_derivation"),
    )


def create_derivative() -> None:
    op.create_table(
        "derivative",
        sa.Column("parent", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("tool", sa.Text(), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["parent"], ["original.digest"], name="fk_derivative_parent"),
        sa.PrimaryKeyConstraint("parent", "role", name="pk_derivative"),
    )


def create_quality_span() -> None:
    op.create_table(
        "quality_span",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("start_s", sa.Double(), nullable=False),
        sa.Column("end_s", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["digest"], ["original.digest"], name="fk_quality_span_digest"),
        sa.PrimaryKeyConstraint("digest", "position", name="pk_quality_span"),
    )


def create_problem() -> None:
    op.create_table(
        "problem",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("stage", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("note", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(["digest"], ["original.digest"], name="fk_problem_digest"),
        sa.PrimaryKeyConstraint("digest", "stage", "position", name="pk_problem"),
    )


def create_recorded() -> None:
    """Create the tables of what the agency's records say."""
    create_officer()
    create_device()
    create_assignment()
    create_case_file()
    create_step()
    create_step_officer()
    create_step_waiting()
    create_import_batch()


def create_officer() -> None:
    op.create_table(
        "officer",
        sa.Column("officer_id", sa.String(length=128), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("unit", sa.String(length=128), nullable=False),
        sa.Column("valid_from", sa.BigInteger(), nullable=True),
        sa.Column("valid_to", sa.BigInteger(), nullable=True),
        sa.Column("short_codes", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("officer_id", name="pk_officer"),
    )


def create_device() -> None:
    op.create_table(
        "device",
        sa.Column("device_id", sa.String(length=128), nullable=False),
        sa.Column("model", sa.String(length=128), nullable=False),
        sa.Column("profile", sa.String(length=128), nullable=False),
        sa.Column("unit", sa.String(length=128), nullable=False),
        sa.Column("serial", sa.String(length=128), nullable=False),
        sa.PrimaryKeyConstraint("device_id", name="pk_device"),
    )


def create_assignment() -> None:
    op.create_table(
        "assignment",
        sa.Column("device_id", sa.String(length=128), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("officer_id", sa.String(length=128), nullable=False),
        sa.Column("end", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("device_id", "start", name="pk_assignment"),
    )
    op.create_index("ix_assignment_officer_id_start", "assignment", ["officer_id", "start"], unique=False)


def create_case_file() -> None:
    op.create_table(
        "case_file",
        sa.Column("case_no", sa.String(length=128), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("matter_type", sa.String(length=128), nullable=False),
        sa.Column("unit", sa.String(length=128), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=True),
        sa.Column("concluded_at", sa.BigInteger(), nullable=True),
        sa.Column("confidentiality", sa.String(length=128), nullable=False),
        sa.PrimaryKeyConstraint("case_no", name="pk_case_file"),
    )
    op.create_index("ix_case_file_opened_at_case_no", "case_file", ["opened_at", "case_no"], unique=False)


def create_step() -> None:
    op.create_table(
        "step",
        sa.Column("case_no", sa.String(length=128), nullable=False),
        sa.Column("step_no", sa.String(length=128), nullable=False),
        sa.Column("procedure", sa.String(length=128), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=False),
        sa.Column("reach_class", sa.Integer(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("unsuitable_reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("coverage", sa.Double(), nullable=True),
        sa.Column("why", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["case_no"], ["case_file.case_no"], name="fk_step_case_no"),
        sa.PrimaryKeyConstraint("case_no", "step_no", name="pk_step"),
    )
    op.create_index("ix_step_reach_class_started_at", "step", ["reach_class", "started_at"], unique=False)
    op.create_index("ix_step_state_started_at", "step", ["state", "started_at"], unique=False)


def create_step_officer() -> None:
    op.create_table(
        "step_officer",
        sa.Column("case_no", sa.String(length=128), nullable=False),
        sa.Column("step_no", sa.String(length=128), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("officer_id", sa.String(length=128), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_no", "step_no"], ["step.case_no", "step.step_no"], name="fk_step_officer_case_no_step_no"
        ),
        sa.PrimaryKeyConstraint("case_no", "step_no", "position", name="pk_step_officer"),
    )
    op.create_index("ix_step_officer_officer_id", "step_officer", ["officer_id"], unique=False)


def create_step_waiting() -> None:
    op.create_table(
        "step_waiting",
        sa.Column("case_no", sa.String(length=128), nullable=False),
        sa.Column("step_no", sa.String(length=128), nullable=False),
        sa.Column("device_id", sa.String(length=128), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_no", "step_no"], ["step.case_no", "step.step_no"], name="fk_step_waiting_case_no_step_no"
        ),
        sa.PrimaryKeyConstraint("case_no", "step_no", "device_id", name="pk_step_waiting"),
    )
    op.create_index("ix_step_waiting_device_id", "step_waiting", ["device_id"], unique=False)


def create_import_batch() -> None:
    op.create_table(
        "import_batch",
        sa.Column("record_digest", sa.String(length=64), nullable=False),
        sa.Column("noun", sa.String(length=128), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("imported_at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=128), nullable=False),
        sa.PrimaryKeyConstraint("record_digest", "noun", name="pk_import_batch"),
    )


def create_judged() -> None:
    """Create the tables of what is recomputed whenever a fact changes."""
    create_clip()
    create_link()
    create_doubt()
    create_finding()
    create_finding_clip()
    create_finding_history()


def create_clip() -> None:
    op.create_table(
        "clip",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("playable", sa.String(length=32), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("last_received_at", sa.BigInteger(), nullable=False),
        sa.Column("station", sa.String(length=128), nullable=False),
        sa.Column("source_path", sa.String(length=4096), nullable=False),
        sa.Column("device_id", sa.String(length=128), nullable=True),
        sa.Column("officer_id", sa.String(length=128), nullable=True),
        sa.Column("officer_source", sa.String(length=32), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=True),
        sa.Column("important", sa.Boolean(), nullable=False),
        sa.Column("disagreements", sa.JSON(), nullable=False),
        sa.Column("sort_us", sa.BigInteger(), nullable=False),
        sa.Column("span_start", sa.BigInteger(), nullable=True),
        sa.Column("span_end", sa.BigInteger(), nullable=True),
        sa.Column("uncertainty_s", sa.Double(), nullable=True),
        sa.Column("verdict", sa.String(length=32), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("reach_start", sa.BigInteger(), nullable=True),
        sa.Column("reach_end", sa.BigInteger(), nullable=True),
        sa.Column("reach_class", sa.Integer(), nullable=True),
        sa.Column("duration_s", sa.Double(), nullable=True),
        sa.Column("decoded_duration_s", sa.Double(), nullable=True),
        sa.Column("has_video", sa.Boolean(), nullable=False),
        sa.Column("has_audio", sa.Boolean(), nullable=False),
        sa.Column("damaged", sa.Boolean(), nullable=False),
        sa.Column("linked", sa.Boolean(), nullable=False),
        sa.Column("failure_stage", sa.String(length=32), nullable=True),
        sa.Column("failure_reason", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(["digest"], ["original.digest"], name="fk_clip_digest"),
        sa.PrimaryKeyConstraint("digest", name="pk_clip"),
    )
    op.create_index("ix_clip_device_id_last_received_at", "clip", ["device_id", "last_received_at"], unique=False)
    op.create_index("ix_clip_device_id_sort_us_digest", "clip", ["device_id", "sort_us", "digest"], unique=False)
    op.create_index("ix_clip_device_id_span_start", "clip", ["device_id", "span_start"], unique=False)
    op.create_index("ix_clip_failure_stage_sort_us", "clip", ["failure_stage", "sort_us"], unique=False)
    op.create_index("ix_clip_kind_sort_us_digest", "clip", ["kind", "sort_us", "digest"], unique=False)
    op.create_index("ix_clip_linked_sort_us_digest", "clip", ["linked", "sort_us", "digest"], unique=False)
    op.create_index("ix_clip_officer_id_sort_us_digest", "clip", ["officer_id", "sort_us", "digest"], unique=False)
    op.create_index("ix_clip_reach_class_reach_start", "clip", ["reach_class", "reach_start"], unique=False)
    op.create_index("ix_clip_sort_us_digest", "clip", ["sort_us", "digest"], unique=False)
    op.create_index("ix_clip_state_sort_us_digest", "clip", ["state", "sort_us", "digest"], unique=False)
    op.create_index(
        "ix_clip_station_last_received_at_size_bytes",
        "clip",
        ["station", "last_received_at", "size_bytes"],
        unique=False,
    )
    op.create_index("ix_clip_station_sort_us_digest", "clip", ["station", "sort_us", "digest"], unique=False)


def create_link() -> None:
    op.create_table(
        "link",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("case_no", sa.String(length=128), nullable=False),
        sa.Column("step_no", sa.String(length=128), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("human", sa.Boolean(), nullable=False),
        sa.Column("by", sa.String(length=128), nullable=False),
        sa.Column("overlap_start", sa.BigInteger(), nullable=True),
        sa.Column("overlap_end", sa.BigInteger(), nullable=True),
        sa.Column("why", sa.JSON(), nullable=False),
        sa.Column("linked_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["digest"], ["original.digest"], name="fk_link_digest"),
        sa.PrimaryKeyConstraint("digest", "case_no", "step_no", name="pk_link"),
    )
    op.create_index("ix_link_case_no_step_no_active", "link", ["case_no", "step_no", "active"], unique=False)


def create_doubt() -> None:
    op.create_table(
        "doubt",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("case_no", sa.String(length=128), nullable=False),
        sa.Column("step_no", sa.String(length=128), nullable=False),
        sa.ForeignKeyConstraint(["digest"], ["original.digest"], name="fk_doubt_digest"),
        sa.PrimaryKeyConstraint("digest", "case_no", "step_no", name="pk_doubt"),
    )
    op.create_index("ix_doubt_case_no_step_no", "doubt", ["case_no", "step_no"], unique=False)


def create_finding() -> None:
    op.create_table(
        "finding",
        sa.Column("finding_id", sa.String(length=64), nullable=False),
        sa.Column("owner", sa.String(length=300), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("severity", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("case_no", sa.String(length=128), nullable=True),
        sa.Column("step_no", sa.String(length=128), nullable=True),
        sa.Column("device_id", sa.String(length=128), nullable=True),
        sa.Column("procedure", sa.String(length=128), nullable=False),
        sa.Column("article", sa.String(length=128), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("window_start", sa.BigInteger(), nullable=True),
        sa.Column("window_end", sa.BigInteger(), nullable=True),
        sa.Column("uncovered", sa.JSON(), nullable=False),
        sa.Column("clips", sa.JSON(), nullable=False),
        sa.Column("what", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("why", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("cure", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("rule_version", sa.String(length=128), nullable=False),
        sa.Column("first_found_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("claimed_by", sa.String(length=128), nullable=False),
        sa.Column("decided_by", sa.String(length=128), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("finding_id", name="pk_finding"),
    )
    op.create_index("ix_finding_case_no_step_no", "finding", ["case_no", "step_no"], unique=False)
    op.create_index("ix_finding_kind_state", "finding", ["kind", "state"], unique=False)
    op.create_index("ix_finding_owner", "finding", ["owner"], unique=False)
    op.create_index("ix_finding_procedure", "finding", ["procedure"], unique=False)
    op.create_index("ix_finding_state_first_found_at", "finding", ["state", "first_found_at"], unique=False)


def create_finding_clip() -> None:
    op.create_table(
        "finding_clip",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("finding_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["finding_id"], ["finding.finding_id"], name="fk_finding_clip_finding_id"),
        sa.PrimaryKeyConstraint("digest", "finding_id", name="pk_finding_clip"),
    )


def create_finding_history() -> None:
    op.create_table(
        "finding_history",
        sa.Column("history_id", sa.Integer(), nullable=False),
        sa.Column("finding_id", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("actor", sa.String(length=128), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["finding_id"], ["finding.finding_id"], name="fk_finding_history_finding_id"),
        sa.PrimaryKeyConstraint("history_id", name="pk_finding_history"),
    )
    op.create_index("ix_finding_history_finding_id", "finding_history", ["finding_id"], unique=False)


def create_decided() -> None:
    """Create the tables of what named persons say."""
    create_clip_override()
    create_exemption()
    create_decision()


def create_clip_override() -> None:
    op.create_table(
        "clip_override",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("officer_id", sa.String(length=128), nullable=False),
        sa.Column("actor", sa.String(length=128), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["digest"], ["original.digest"], name="fk_clip_override_digest"),
        sa.PrimaryKeyConstraint("digest", name="pk_clip_override"),
    )


def create_exemption() -> None:
    op.create_table(
        "exemption",
        sa.Column("case_no", sa.String(length=128), nullable=False),
        sa.Column("step_no", sa.String(length=128), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("claimed_by", sa.String(length=128), nullable=False),
        sa.Column("claimed_at", sa.BigInteger(), nullable=False),
        sa.Column("approved", sa.Boolean(), nullable=True),
        sa.Column("decided_by", sa.String(length=128), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("case_no", "step_no", name="pk_exemption"),
    )


def create_decision() -> None:
    op.create_table(
        "decision",
        sa.Column("ledger_number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=128), nullable=False),
        sa.Column("target", sa.String(length=300), nullable=False),
        sa.Column("actor", sa.String(length=128), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("ledger_number", name="pk_decision"),
    )
    op.create_index("ix_decision_target", "decision", ["target"], unique=False)


def create_custody() -> None:
    """Create the tables of the ledger, which refuses change."""
    create_ledger_entry()
    create_mark()
    mark = sa.table("mark", sa.column("name"), sa.column("number"), sa.column("token"))
    op.bulk_insert(
        mark, [{"name": "ledger_head", "number": 0, "token": "0" * 64}, {"name": "roster", "number": 0, "token": ""}]
    )
    for statement in append_only_statements(op.get_bind().dialect.name, "ledger_entry"):
        op.execute(statement)


def create_ledger_entry() -> None:
    op.create_table(
        "ledger_entry",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("canonical", sa.LargeBinary(), nullable=False),
        sa.Column("event", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=128), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_ledger_entry"),
        sa.UniqueConstraint("digest", name="uq_ledger_entry_digest"),
    )
    op.create_index("ix_ledger_entry_subject_number", "ledger_entry", ["subject", "number"], unique=False)


def create_mark() -> None:
    op.create_table(
        "mark",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_mark"),
    )
