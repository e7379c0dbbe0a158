"""Every table of the register as a typed model; relations are followed by explicit, batched queries.

Facts keep to the tables of their source – sightings and claims (claimed), measurements and derivations (measured),
officers to steps (recorded), overrides, exemptions and decisions (decided) – and the judgement over them, the rows of
`Clip`, `Link`, `Finding` and a step's verdict, can be thrown away and made again.
"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from evidence.claims import Anchor, ClaimSource, IdentityKind, OfficerSource, ZoneBasis
from evidence.clips import ClipState, Kind, Playable, QualityKind, Role
from evidence.clock import ClockVerdict, ShiftScope
from evidence.copies import CopyState
from evidence.custody import EventType
from evidence.disposal import DisposalState
from evidence.findings import FindingKind, FindingState, Severity, StepState
from evidence.holds import HoldScope
from evidence.notes import Note
from evidence.ports import PickupState
from evidence.reasons import Claim
from evidence.retention import Endless
from evidence.spans import Span
from evidence.suggesting import Ground
from index.columns import ClaimColumn, NoteColumn, NotesColumn, SpansColumn, Utc, Word

DIGEST = sa.String(64)
NAME = sa.String(128)
PATH = sa.String(4096)
TEXT = sa.Text()
FINDING_ID = sa.String(64)
GONE = sa.text("disposed_at IS NOT NULL")
SUSPECTED = sa.text("suspected_s IS NOT NULL")
IN_PARTS = sa.text("recording IS NOT NULL")
UNNUMBERED = sa.text("provisional AND official_no IS NULL")
UNNUMBERED_SQLITE = sa.text("provisional = 1 AND official_no IS NULL")
FILED, FILED_SQLITE = sa.text("filed"), sa.text("filed = 1")

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Root of the models; its metadata is what migrations are checked against."""

    metadata = sa.MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: Utc, str: TEXT}  # noqa: RUF012 - SQLAlchemy reads it as a plain mapping


# --- claimed: what came, from where, and what it says of itself -------------------------------------------------------


class PickupRow(Base):
    """A watched file on its way into the vault."""

    __tablename__ = "pickup"
    __table_args__ = (
        sa.Index(None, "state", "changed_at"),
        sa.Index(None, "station", "state", "changed_at"),
    )

    key: Mapped[str] = mapped_column(NAME, primary_key=True)
    station: Mapped[str] = mapped_column(NAME)
    root: Mapped[str] = mapped_column(PATH)
    source_path: Mapped[str] = mapped_column(PATH)
    size_bytes: Mapped[int] = mapped_column(sa.BigInteger)
    mtime_ns: Mapped[int] = mapped_column(sa.BigInteger)
    state: Mapped[PickupState] = mapped_column(Word(PickupState))
    reason: Mapped[Note | None] = mapped_column(NoteColumn)
    changed_at: Mapped[datetime]


class Original(Base):
    """The bytes in the vault, once, however often they were seen. ``disposed_at``: gone since, None while kept."""

    __tablename__ = "original"
    __table_args__ = (sa.Index(None, "disposed_at", sqlite_where=GONE, postgresql_where=GONE),)

    digest: Mapped[str] = mapped_column(DIGEST, primary_key=True)
    size_bytes: Mapped[int] = mapped_column(sa.BigInteger)
    received_at: Mapped[datetime]
    disposed_at: Mapped[datetime | None]


class SightingRow(Base):
    """One time an original was seen at a dock. ``sidecar``: digest of its sealed record, empty of an old one."""

    __tablename__ = "sighting"
    __table_args__ = (
        sa.UniqueConstraint("pickup_key"),
        sa.Index(None, "digest", "received_at"),
        sa.Index(None, "station", "source_path"),
    )

    sighting_id: Mapped[int] = mapped_column(sa.Integer, primary_key=True)
    digest: Mapped[str] = mapped_column(DIGEST, sa.ForeignKey("original.digest"))
    pickup_key: Mapped[str] = mapped_column(NAME)
    size_bytes: Mapped[int] = mapped_column(sa.BigInteger)
    station: Mapped[str] = mapped_column(NAME)
    source_path: Mapped[str] = mapped_column(PATH)
    mtime: Mapped[datetime]
    received_at: Mapped[datetime]
    sidecar: Mapped[str] = mapped_column(DIGEST)


class TimeClaimRow(Base):
    """A statement of when an original was recorded. ``inside``: read in the file, not in its path."""

    __tablename__ = "time_claim"
    __table_args__ = (sa.Index(None, "digest"),)

    claim_id: Mapped[int] = mapped_column(sa.Integer, primary_key=True)
    digest: Mapped[str] = mapped_column(DIGEST, sa.ForeignKey("original.digest"))
    inside: Mapped[bool] = mapped_column(sa.Boolean)
    source: Mapped[ClaimSource] = mapped_column(Word(ClaimSource))
    raw: Mapped[str]
    at: Mapped[datetime | None]
    zone: Mapped[ZoneBasis] = mapped_column(Word(ZoneBasis))
    anchor: Mapped[Anchor] = mapped_column(Word(Anchor))
    precision_s: Mapped[float]
    detail: Mapped[str]
    tool: Mapped[str]


class IdentityClaimRow(Base):
    """A statement of which device or officer an original is of. ``folded``: its value without letter case."""

    __tablename__ = "identity_claim"
    __table_args__ = (sa.Index(None, "digest"), sa.Index(None, "kind", "folded"))

    claim_id: Mapped[int] = mapped_column(sa.Integer, primary_key=True)
    digest: Mapped[str] = mapped_column(DIGEST, sa.ForeignKey("original.digest"))
    inside: Mapped[bool] = mapped_column(sa.Boolean)
    kind: Mapped[IdentityKind] = mapped_column(Word(IdentityKind))
    source: Mapped[ClaimSource] = mapped_column(Word(ClaimSource))
    value: Mapped[str]
    folded: Mapped[str]
    placeholder: Mapped[bool] = mapped_column(sa.Boolean)
    detail: Mapped[str]


class DockConnectionRow(Base):
    """What a dock's record says of a connection. ``folded``: the camera as the dock names it, without letter case."""

    __tablename__ = "dock_connection"
    __table_args__ = (sa.Index(None, "folded", "dock_time"),)

    digest: Mapped[str] = mapped_column(DIGEST, sa.ForeignKey("original.digest"), primary_key=True)
    device_id: Mapped[str]
    folded: Mapped[str] = mapped_column(sa.String(300))
    dock_time: Mapped[datetime]
    device_time: Mapped[datetime | None]
    clock_set: Mapped[bool | None] = mapped_column(sa.Boolean)
    precision_s: Mapped[float]
    officer_code: Mapped[str]
    tool: Mapped[str]


class DockFileRow(Base):
    """A file that a dock's record lists. ``leaf``: the last part of its name, without letter case."""

    __tablename__ = "dock_file"
    __table_args__ = (sa.Index(None, "leaf"),)

    digest: Mapped[str] = mapped_column(DIGEST, sa.ForeignKey("original.digest"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    leaf: Mapped[str]
    sequence: Mapped[int | None] = mapped_column(sa.BigInteger)
    officer_code: Mapped[str]
    recorded_at: Mapped[datetime | None]
    digests: Mapped[dict[str, str]] = mapped_column(sa.JSON)


# --- measured: what we computed of the bytes --------------------------------------------------------------------------


class MeasurementRow(Base):
    """What the prober measured."""

    __tablename__ = "measurement"

    digest: Mapped[str] = mapped_column(DIGEST, sa.ForeignKey("original.digest"), primary_key=True)
    kind: Mapped[Kind] = mapped_column(Word(Kind))
    media_type: Mapped[str]
    container: Mapped[str]
    declared_duration_s: Mapped[float | None]
    video: Mapped[dict[str, object] | None] = mapped_column(sa.JSON(none_as_null=True))
    audio: Mapped[dict[str, object] | None] = mapped_column(sa.JSON(none_as_null=True))
    playable_as_is: Mapped[bool] = mapped_column(sa.Boolean)
    damaged: Mapped[bool] = mapped_column(sa.Boolean)
    tool: Mapped[str]
    measured_at: Mapped[datetime]


class DerivationRow(Base):
    """What one decoding pass gave, beside the files it made."""

    __tablename__ = "derivation"

    digest: Mapped[str] = mapped_column(DIGEST, sa.ForeignKey("original.digest"), primary_key=True)
    playable: Mapped[Playable] = mapped_column(Word(Playable))
    decoded_duration_s: Mapped[float | None]
    decoded_frames: Mapped[int | None] = mapped_column(sa.BigInteger)
    damaged: Mapped[bool] = mapped_column(sa.Boolean)
    tool: Mapped[str]
    derived_at: Mapped[datetime]


class DerivativeRow(Base):
    """A file made from an original; making a role again replaces it."""

    __tablename__ = "derivative"

    parent: Mapped[str] = mapped_column(DIGEST, sa.ForeignKey("original.digest"), primary_key=True)
    role: Mapped[Role] = mapped_column(Word(Role), primary_key=True)
    digest: Mapped[str] = mapped_column(DIGEST)
    media_type: Mapped[str]
    size_bytes: Mapped[int] = mapped_column(sa.BigInteger)
    tool: Mapped[str]
    parameters: Mapped[dict[str, str]] = mapped_column(sa.JSON)


class QualitySpanRow(Base):
    """A stretch of media time a detector marked."""

    __tablename__ = "quality_span"

    digest: Mapped[str] = mapped_column(DIGEST, sa.ForeignKey("original.digest"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[QualityKind] = mapped_column(Word(QualityKind))
    start_s: Mapped[float]
    end_s: Mapped[float]


class ProblemRow(Base):
    """What is wrong with an original, by the stage that saw it (``measured`` or ``derived``)."""

    __tablename__ = "problem"

    digest: Mapped[str] = mapped_column(DIGEST, sa.ForeignKey("original.digest"), primary_key=True)
    stage: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    note: Mapped[Note] = mapped_column(NoteColumn)


class SoundMatchRow(Base):
    """What the sound of two clips says of how they lie to each other; ``digest_a`` is the one that comes first.

    Attributes:
        offset_s: beginning of b minus beginning of a; as all figures it is None where ``refused`` says why there is
            none. refused_in: "a" or "b" when the reason lies in one clip, else empty.
    """

    __tablename__ = "sound_match"
    __table_args__ = (sa.Index(None, "digest_b"),)

    digest_a: Mapped[str] = mapped_column(DIGEST, sa.ForeignKey("original.digest"), primary_key=True)
    digest_b: Mapped[str] = mapped_column(DIGEST, sa.ForeignKey("original.digest"), primary_key=True)
    offset_s: Mapped[float | None]
    error_s: Mapped[float | None]
    score: Mapped[float | None]
    windows: Mapped[int | None]
    drift_ppm: Mapped[float | None]
    tool: Mapped[str]
    refused: Mapped[Note | None] = mapped_column(NoteColumn)
    refused_in: Mapped[str] = mapped_column(sa.String(1))
    compared_at: Mapped[datetime]


# --- judged: recomputed whenever a fact changes -----------------------------------------------------------------------


class Clip(Base):
    """The judgement over an original, with the columns lists are sorted and filtered by.

    Attributes:
        sort_us: recorded start in microseconds, or a value before all times: the order of every list.
        reach_start: recorded start less the uncertainty; reach_end: end plus it. None without a believed span.
        reach_class: how wide the reach is, see `index.reach`.
        last_received_at: newest intake of these bytes; the device was docked then.
        docked_at: when it had left its camera at the latest: by the dock's record that lists it, else by its intake.
        stated: what the file's own statements come to (`evidence.clock.Statement`); None before it was measured.
        start_earliest, start_latest: the true start lies between them; None where nothing bounds that side.
        clock_offset_s: what was taken off the camera's clock; suspected_s: shifts that are suspected and were not.
        station, source_path: of the first sighting.
        filed: it came only as a file for a text record, so it is no footage: nothing is linked to it or missed in it.
        recording: digest of the first part of the recording it is a part of; None where it stands alone.
        officer_id: the officer; of several who carried the camera together the first. officers: then all of them.
    """

    __tablename__ = "clip"
    __table_args__ = (
        sa.Index(None, "sort_us", "digest"),
        sa.Index(None, "station", "sort_us", "digest"),
        sa.Index(None, "device_id", "sort_us", "digest"),
        sa.Index(None, "officer_id", "sort_us", "digest"),
        sa.Index(None, "kind", "sort_us", "digest"),
        sa.Index(None, "state", "sort_us", "digest"),
        sa.Index(None, "linked", "sort_us", "digest"),
        sa.Index(None, "failure_stage", "sort_us"),
        sa.Index(None, "station", "last_received_at", "size_bytes"),  # figures of the docks, without the table
        sa.Index(None, "device_id", "last_received_at"),
        sa.Index(None, "device_id", "docked_at"),
        sa.Index("ix_clip_suspected", "digest", sqlite_where=SUSPECTED, postgresql_where=SUSPECTED),
        sa.Index("ix_clip_filed", "digest", sqlite_where=FILED_SQLITE, postgresql_where=FILED),
        sa.Index(None, "device_id", "span_start"),
        sa.Index(None, "reach_class", "reach_start"),
        sa.Index(None, "officer_id", "reach_class", "reach_start"),
        sa.Index(None, "device_id", "reach_class", "reach_start"),
        sa.Index("ix_clip_recording", "recording", sqlite_where=IN_PARTS, postgresql_where=IN_PARTS),
    )

    digest: Mapped[str] = mapped_column(DIGEST, sa.ForeignKey("original.digest"), primary_key=True)
    size_bytes: Mapped[int] = mapped_column(sa.BigInteger)
    kind: Mapped[Kind] = mapped_column(Word(Kind))
    state: Mapped[ClipState] = mapped_column(Word(ClipState))
    playable: Mapped[Playable] = mapped_column(Word(Playable))
    received_at: Mapped[datetime]
    last_received_at: Mapped[datetime]
    station: Mapped[str] = mapped_column(NAME)
    source_path: Mapped[str] = mapped_column(PATH)
    device_id: Mapped[str | None] = mapped_column(NAME)
    officer_id: Mapped[str | None] = mapped_column(NAME)
    officer_source: Mapped[OfficerSource] = mapped_column(Word(OfficerSource))
    officers: Mapped[list[str] | None] = mapped_column(sa.JSON(none_as_null=True))
    sequence: Mapped[int | None] = mapped_column(sa.BigInteger)
    recording: Mapped[str | None] = mapped_column(DIGEST)
    important: Mapped[bool] = mapped_column(sa.Boolean)
    disagreements: Mapped[tuple[Note, ...]] = mapped_column(NotesColumn)
    sort_us: Mapped[int] = mapped_column(sa.BigInteger)
    span_start: Mapped[datetime | None]
    span_end: Mapped[datetime | None]
    uncertainty_s: Mapped[float | None]
    verdict: Mapped[ClockVerdict] = mapped_column(Word(ClockVerdict))
    rules: Mapped[tuple[Note, ...]] = mapped_column(NotesColumn)
    docked_at: Mapped[datetime | None]
    stated: Mapped[dict[str, object] | None] = mapped_column(sa.JSON(none_as_null=True))
    start_earliest: Mapped[datetime | None]
    start_latest: Mapped[datetime | None]
    clock_offset_s: Mapped[float | None]
    suspected_s: Mapped[list[float] | None] = mapped_column(sa.JSON(none_as_null=True))
    reach_start: Mapped[datetime | None]
    reach_end: Mapped[datetime | None]
    reach_class: Mapped[int | None]
    duration_s: Mapped[float | None]
    decoded_duration_s: Mapped[float | None]
    has_video: Mapped[bool] = mapped_column(sa.Boolean)
    has_audio: Mapped[bool] = mapped_column(sa.Boolean)
    damaged: Mapped[bool] = mapped_column(sa.Boolean)
    linked: Mapped[bool] = mapped_column(sa.Boolean)
    filed: Mapped[bool] = mapped_column(sa.Boolean, server_default=sa.false())
    failure_stage: Mapped[str | None] = mapped_column(sa.String(32))
    failure_reason: Mapped[Note | None] = mapped_column(NoteColumn)


class ClipCarrier(Base):
    """An officer who shared a clip's camera with its first; ``sort_us`` as in the clip, for lists of an officer."""

    __tablename__ = "clip_carrier"
    __table_args__ = (sa.Index(None, "officer_id", "sort_us", "digest"),)

    digest: Mapped[str] = mapped_column(DIGEST, sa.ForeignKey("original.digest"), primary_key=True)
    officer_id: Mapped[str] = mapped_column(NAME, primary_key=True)
    sort_us: Mapped[int] = mapped_column(sa.BigInteger)


class Link(Base):
    """A clip on a step. Human and inactive: a person refused the link, and no machine makes it again.

    Attributes:
        score: how well both fit, 0 to 1 (`evidence.scoring`), None where nobody asked.
        basis: the facts on which a person refused a suggestion (`evidence.suggesting`); None of any other link.
    """

    __tablename__ = "link"
    __table_args__ = (sa.Index(None, "case_no", "step_no", "active"),)

    digest: Mapped[str] = mapped_column(DIGEST, sa.ForeignKey("original.digest"), primary_key=True)
    case_no: Mapped[str] = mapped_column(NAME, primary_key=True)
    step_no: Mapped[str] = mapped_column(NAME, primary_key=True)
    active: Mapped[bool] = mapped_column(sa.Boolean)
    human: Mapped[bool] = mapped_column(sa.Boolean)
    by: Mapped[str] = mapped_column(NAME)
    overlap_start: Mapped[datetime | None]
    overlap_end: Mapped[datetime | None]
    why: Mapped[tuple[Note, ...]] = mapped_column(NotesColumn)
    linked_at: Mapped[datetime]
    score: Mapped[float | None]
    basis: Mapped[dict[str, object] | None] = mapped_column(sa.JSON(none_as_null=True))


class SuggestionRow(Base):
    """A clip that may belong to a step and waits for a person, see `evidence.suggesting.Suggestion`."""

    __tablename__ = "suggestion"
    __table_args__ = (sa.Index(None, "case_no", "step_no"), sa.Index(None, "score", "digest"))

    digest: Mapped[str] = mapped_column(DIGEST, sa.ForeignKey("original.digest"), primary_key=True)
    case_no: Mapped[str] = mapped_column(NAME, primary_key=True)
    step_no: Mapped[str] = mapped_column(NAME, primary_key=True)
    ground: Mapped[Ground] = mapped_column(Word(Ground))
    score: Mapped[float]
    overlap_start: Mapped[datetime]
    overlap_end: Mapped[datetime]
    why: Mapped[tuple[Note, ...]] = mapped_column(NotesColumn)
    suggested_at: Mapped[datetime]


class Doubt(Base):
    """A clip that would belong to a step if its time could be believed: named by the audit, never counted."""

    __tablename__ = "doubt"
    __table_args__ = (sa.Index(None, "case_no", "step_no"),)

    digest: Mapped[str] = mapped_column(DIGEST, sa.ForeignKey("original.digest"), primary_key=True)
    case_no: Mapped[str] = mapped_column(NAME, primary_key=True)
    step_no: Mapped[str] = mapped_column(NAME, primary_key=True)


class FindingRow(Base):
    """A finding with its present state. ``owner``: the step, clip or pair of files whose audit states it."""

    __tablename__ = "finding"
    __table_args__ = (
        sa.Index(None, "owner"),
        sa.Index(None, "kind", "state"),
        sa.Index(None, "state", "first_found_at"),
        sa.Index(None, "case_no", "step_no"),
        sa.Index(None, "procedure"),
    )

    finding_id: Mapped[str] = mapped_column(FINDING_ID, primary_key=True)
    owner: Mapped[str] = mapped_column(sa.String(300))
    kind: Mapped[FindingKind] = mapped_column(Word(FindingKind))
    severity: Mapped[Severity] = mapped_column(Word(Severity))
    state: Mapped[FindingState] = mapped_column(Word(FindingState))
    case_no: Mapped[str | None] = mapped_column(NAME)
    step_no: Mapped[str | None] = mapped_column(NAME)
    device_id: Mapped[str | None] = mapped_column(NAME)
    procedure: Mapped[str] = mapped_column(NAME)
    article: Mapped[str] = mapped_column(NAME)
    quote: Mapped[str]
    window_start: Mapped[datetime | None]
    window_end: Mapped[datetime | None]
    uncovered: Mapped[tuple[Span, ...]] = mapped_column(SpansColumn)
    clips: Mapped[list[str]] = mapped_column(sa.JSON)
    what: Mapped[Note] = mapped_column(NoteColumn)
    why: Mapped[Note] = mapped_column(NoteColumn)
    cure: Mapped[Note] = mapped_column(NoteColumn)
    rule_version: Mapped[str] = mapped_column(NAME)
    first_found_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    claimed_by: Mapped[str] = mapped_column(NAME)
    decided_by: Mapped[str] = mapped_column(NAME)
    reason: Mapped[str]
    claim: Mapped[Claim | None] = mapped_column(ClaimColumn)


class FindingClip(Base):
    """Which clips a finding speaks of, for the list of a clip's findings."""

    __tablename__ = "finding_clip"
    __table_args__ = (sa.Index(None, "finding_id"),)

    digest: Mapped[str] = mapped_column(DIGEST, primary_key=True)
    finding_id: Mapped[str] = mapped_column(FINDING_ID, sa.ForeignKey("finding.finding_id"), primary_key=True)


class FindingHistory(Base):
    """One change in the life of a finding."""

    __tablename__ = "finding_history"
    __table_args__ = (sa.Index(None, "finding_id"),)

    history_id: Mapped[int] = mapped_column(sa.Integer, primary_key=True)
    finding_id: Mapped[str] = mapped_column(FINDING_ID, sa.ForeignKey("finding.finding_id"))
    at: Mapped[datetime]
    state: Mapped[FindingState] = mapped_column(Word(FindingState))
    actor: Mapped[str] = mapped_column(NAME)
    reason: Mapped[str]
    claim: Mapped[Claim | None] = mapped_column(ClaimColumn)


# --- recorded: what the agency's records say --------------------------------------------------------------------------


class OfficerRow(Base):
    """A person who records."""

    __tablename__ = "officer"

    officer_id: Mapped[str] = mapped_column(NAME, primary_key=True)
    name: Mapped[str] = mapped_column(NAME)
    unit: Mapped[str] = mapped_column(NAME)
    valid_from: Mapped[datetime | None]
    valid_to: Mapped[datetime | None]
    short_codes: Mapped[list[str]] = mapped_column(sa.JSON)


class DeviceRow(Base):
    """A camera."""

    __tablename__ = "device"

    device_id: Mapped[str] = mapped_column(NAME, primary_key=True)
    model: Mapped[str] = mapped_column(NAME)
    profile: Mapped[str] = mapped_column(NAME)
    unit: Mapped[str] = mapped_column(NAME)
    serial: Mapped[str] = mapped_column(NAME)


class AssignmentRow(Base):
    """Who carried which camera from when, several together too; a later import of the same beginning replaces it."""

    __tablename__ = "assignment"
    __table_args__ = (sa.Index(None, "officer_id", "start"),)

    device_id: Mapped[str] = mapped_column(NAME, primary_key=True)
    start: Mapped[datetime] = mapped_column(primary_key=True)
    officer_id: Mapped[str] = mapped_column(NAME, primary_key=True)
    end: Mapped[datetime | None]


class CaseRow(Base):
    """A case. ``case`` is a reserved word of SQL.

    Attributes:
        case_no: the number it had first, under which everything hangs; official_no: the one it was given later.
        began_at: when it was opened or, before that, begun; lists go by it.
        next_at: when its deadlines have to be looked at again.
    """

    __tablename__ = "case_file"
    __table_args__ = (
        sa.Index(None, "opened_at", "case_no"),
        sa.Index(None, "began_at", "case_no"),
        sa.Index("ix_case_file_unnumbered", "began_at", sqlite_where=UNNUMBERED_SQLITE, postgresql_where=UNNUMBERED),
        sa.Index("ix_case_file_official_no", "official_no", unique=True),
        sa.Index(None, "next_at"),
    )

    case_no: Mapped[str] = mapped_column(NAME, primary_key=True)
    title: Mapped[str]
    matter_type: Mapped[str] = mapped_column(NAME)
    unit: Mapped[str] = mapped_column(NAME)
    opened_at: Mapped[datetime | None]
    concluded_at: Mapped[datetime | None]
    confidentiality: Mapped[str] = mapped_column(NAME)
    provisional: Mapped[bool] = mapped_column(sa.Boolean, server_default=sa.false())
    official_no: Mapped[str | None] = mapped_column(NAME)
    urgent_at: Mapped[datetime | None]
    began_at: Mapped[datetime | None]
    next_at: Mapped[datetime | None]


class StepRow(Base):
    """A procedure step with its verdict.

    Attributes:
        reach_class: how long the window is, see `index.reach`.
    """

    __tablename__ = "step"
    __table_args__ = (
        sa.Index(None, "reach_class", "started_at"),
        sa.Index(None, "state", "started_at"),
    )

    case_no: Mapped[str] = mapped_column(NAME, sa.ForeignKey("case_file.case_no"), primary_key=True)
    step_no: Mapped[str] = mapped_column(NAME, primary_key=True)
    procedure: Mapped[str] = mapped_column(NAME)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    reach_class: Mapped[int]
    place: Mapped[str]
    party: Mapped[str]
    unsuitable_reason: Mapped[str]
    witness: Mapped[str] = mapped_column(TEXT, server_default="")
    due_at: Mapped[datetime | None]
    extended_to: Mapped[datetime | None]
    urgent_reason: Mapped[str] = mapped_column(TEXT, server_default="")
    points: Mapped[int] = mapped_column(server_default="0")
    sittings: Mapped[tuple[Span, ...]] = mapped_column(SpansColumn, server_default="[]")
    state: Mapped[StepState] = mapped_column(Word(StepState))
    coverage: Mapped[float | None]
    certain: Mapped[float | None]
    possible: Mapped[float | None]
    why: Mapped[tuple[Note, ...]] = mapped_column(NotesColumn)


class StepOfficer(Base):
    """An officer of a step, in the record's order."""

    __tablename__ = "step_officer"
    __table_args__ = (
        sa.ForeignKeyConstraint(["case_no", "step_no"], ["step.case_no", "step.step_no"]),
        sa.Index(None, "officer_id"),
    )

    case_no: Mapped[str] = mapped_column(NAME, primary_key=True)
    step_no: Mapped[str] = mapped_column(NAME, primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    officer_id: Mapped[str] = mapped_column(NAME)


class StepWaiting(Base):
    """A camera a step waits for."""

    __tablename__ = "step_waiting"
    __table_args__ = (
        sa.ForeignKeyConstraint(["case_no", "step_no"], ["step.case_no", "step.step_no"]),
        sa.Index(None, "device_id"),
    )

    case_no: Mapped[str] = mapped_column(NAME, primary_key=True)
    step_no: Mapped[str] = mapped_column(NAME, primary_key=True)
    device_id: Mapped[str] = mapped_column(NAME, primary_key=True)


class DocumentRow(Base):
    """A text record of a step, or (``step_no`` empty) of a case as a whole."""

    __tablename__ = "document"

    case_no: Mapped[str] = mapped_column(NAME, primary_key=True)
    step_no: Mapped[str] = mapped_column(NAME, primary_key=True)
    slot: Mapped[str] = mapped_column(NAME, primary_key=True)
    document_no: Mapped[str] = mapped_column(NAME, primary_key=True)
    title: Mapped[str]
    dated_at: Mapped[datetime | None]
    signed_by: Mapped[list[str]] = mapped_column(sa.JSON)


class AttachmentRow(Base):
    """A sealed file that is a text record, or a page of one; what was taken off stays, inactive.

    Attributes:
        title, dated_at, signed_by: what the person says that it shows; kept here, so that no import overwrites it.
        actor, attached_at: of the newest decision.
    """

    __tablename__ = "attachment"
    __table_args__ = (sa.Index(None, "digest"),)

    case_no: Mapped[str] = mapped_column(NAME, primary_key=True)
    step_no: Mapped[str] = mapped_column(NAME, primary_key=True)
    slot: Mapped[str] = mapped_column(NAME, primary_key=True)
    document_no: Mapped[str] = mapped_column(NAME, primary_key=True)
    digest: Mapped[str] = mapped_column(DIGEST, sa.ForeignKey("original.digest"), primary_key=True)
    title: Mapped[str] = mapped_column(sa.Text, server_default="")
    dated_at: Mapped[datetime | None]
    signed_by: Mapped[list[str]] = mapped_column(sa.JSON, server_default="[]")
    active: Mapped[bool] = mapped_column(sa.Boolean, server_default=sa.true())
    actor: Mapped[str] = mapped_column(NAME)
    attached_at: Mapped[datetime]


class ImportBatch(Base):
    """One act of taking a record file in; file and rows lie in the vault. ``ledger_number`` is its entry.

    Attributes:
        new, changed, unchanged: of its rows, how many brought a record, changed one, or said what stood already.
    """

    __tablename__ = "import_batch"

    ledger_number: Mapped[int] = mapped_column(
        sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    record_digest: Mapped[str] = mapped_column(DIGEST)
    rows_record: Mapped[str] = mapped_column(DIGEST)
    noun: Mapped[str] = mapped_column(NAME)
    file_name: Mapped[str]
    zone: Mapped[str] = mapped_column(NAME)
    rows: Mapped[int]
    new: Mapped[int]
    changed: Mapped[int]
    unchanged: Mapped[int]
    imported_at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(NAME)
    authenticated: Mapped[str] = mapped_column(NAME)


class RecordChange(Base):
    """A record that an import brought or changed; what it said before is folded back from here.

    Attributes:
        key: as `evidence.changes.key_of` gives it. columns: name → old and new; empty of a record that is new.
    """

    __tablename__ = "record_change"
    __table_args__ = (sa.Index(None, "noun", "key", "ledger_number"),)

    ledger_number: Mapped[int] = mapped_column(
        sa.BigInteger().with_variant(sa.Integer, "sqlite"),
        sa.ForeignKey("import_batch.ledger_number"),
        primary_key=True,
        autoincrement=False,
    )
    key: Mapped[str] = mapped_column(sa.String(400), primary_key=True)
    noun: Mapped[str] = mapped_column(NAME)
    is_new: Mapped[bool]
    columns: Mapped[dict[str, list[Any]]] = mapped_column(sa.JSON)


# --- decided: what a named person says --------------------------------------------------------------------------------


class ClipOverride(Base):
    """A named person's correction of whose clip it is."""

    __tablename__ = "clip_override"

    digest: Mapped[str] = mapped_column(DIGEST, sa.ForeignKey("original.digest"), primary_key=True)
    officer_id: Mapped[str] = mapped_column(NAME)
    actor: Mapped[str] = mapped_column(NAME)
    reason: Mapped[str]
    decided_at: Mapped[datetime]


class MarkerRow(Base):
    """A moment of a clip that a person marked; it stays when it is withdrawn.

    Attributes:
        marker_id: number of the ledger entry that set it.
        at_s: media time in seconds.
        template: code of the law pack's mark, empty of one in the person's own words, which ``text`` holds.
        number: which of several (sampling points); 0 where the mark is not counted.
    """

    __tablename__ = "marker"
    __table_args__ = (sa.Index(None, "digest", "at_s"),)

    marker_id: Mapped[int] = mapped_column(
        sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    digest: Mapped[str] = mapped_column(DIGEST, sa.ForeignKey("original.digest"))
    at_s: Mapped[float]
    template: Mapped[str] = mapped_column(NAME)
    number: Mapped[int]
    text: Mapped[str]
    note: Mapped[str]
    actor: Mapped[str] = mapped_column(NAME)
    set_at: Mapped[datetime]
    withdrawn_by: Mapped[str] = mapped_column(NAME)
    withdrawn_at: Mapped[datetime | None]
    withdraw_reason: Mapped[str]


class ExemptionRow(Base):
    """A claim that recording was not suitable (article 11), and what was decided. ``approved`` None: not yet."""

    __tablename__ = "exemption"

    case_no: Mapped[str] = mapped_column(NAME, primary_key=True)
    step_no: Mapped[str] = mapped_column(NAME, primary_key=True)
    reason: Mapped[str]
    claimed_by: Mapped[str] = mapped_column(NAME)
    claimed_at: Mapped[datetime]
    approved: Mapped[bool | None] = mapped_column(sa.Boolean)
    decided_by: Mapped[str] = mapped_column(NAME)
    decided_at: Mapped[datetime | None]
    decision_reason: Mapped[str]
    claim: Mapped[Claim | None] = mapped_column(ClaimColumn)


class ClaimFile(Base):
    """A sealed file that a claim rests on; ``ledger_number`` is the entry of the claim.

    Attributes:
        target: what was claimed for, as lists show it: a finding's id, or case and step.
        case_no, step_no: what it is about, empty where it is about no case, or about the case as a whole.
    """

    __tablename__ = "claim_file"
    __table_args__ = (sa.Index(None, "digest"), sa.Index(None, "case_no"))

    ledger_number: Mapped[int] = mapped_column(sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True)
    digest: Mapped[str] = mapped_column(DIGEST, sa.ForeignKey("original.digest"), primary_key=True)
    target: Mapped[str] = mapped_column(sa.String(300))
    case_no: Mapped[str] = mapped_column(NAME)
    step_no: Mapped[str] = mapped_column(NAME)


class AmendmentRow(Base):
    """The times of a step as a named person amended them; the step goes by them while an amendment stands.

    Attributes:
        recorded_start, recorded_end: what the record says, as it was imported last.
    """

    __tablename__ = "amendment"

    case_no: Mapped[str] = mapped_column(NAME, primary_key=True)
    step_no: Mapped[str] = mapped_column(NAME, primary_key=True)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    recorded_start: Mapped[datetime]
    recorded_end: Mapped[datetime]
    actor: Mapped[str] = mapped_column(NAME)
    reason: Mapped[str]
    decided_at: Mapped[datetime]


class SecrecyRow(Base):
    """A class of confidentiality that a named person marked a clip or a case with; "" takes a mark away.

    Attributes:
        scope: ``clip`` or ``case``; target: its digest or number. code: of the class in the law pack.
    """

    __tablename__ = "secrecy"

    scope: Mapped[str] = mapped_column(sa.String(16), primary_key=True)
    target: Mapped[str] = mapped_column(NAME, primary_key=True)
    code: Mapped[str] = mapped_column(NAME)
    actor: Mapped[str] = mapped_column(NAME)
    reason: Mapped[str]
    decided_at: Mapped[datetime]


class CopyRequestRow(Base):
    """A party's request for copies. ``body``: all of it, see `evidence.copies.CopyRequest`."""

    __tablename__ = "copy_request"

    request_id: Mapped[str] = mapped_column(NAME, primary_key=True)
    case_no: Mapped[str] = mapped_column(NAME)
    state: Mapped[CopyState] = mapped_column(Word(CopyState))
    requested_at: Mapped[datetime]
    body: Mapped[dict[str, object]] = mapped_column(sa.JSON)


class ClockDecisionRow(Base):
    """What a named person decided on a shift of a clock; where two hold for one file, the later does.

    Attributes:
        scope: ``clip``, ``device`` or ``unit``; target: its name.
        shift_s: camera's clock minus real time, in seconds.
        since, until: stretch of the camera's own clock it holds for; None is without end.
        files: digests it was decided for; none is every file of the stretch.
        confirmed: it is taken off; else it was refused, and is not proposed again.
    """

    __tablename__ = "clock_decision"
    __table_args__ = (sa.Index(None, "scope", "target"),)

    ledger_number: Mapped[int] = mapped_column(
        sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    scope: Mapped[ShiftScope] = mapped_column(Word(ShiftScope))
    target: Mapped[str] = mapped_column(sa.String(300))
    shift_s: Mapped[int] = mapped_column(sa.BigInteger)
    since: Mapped[datetime | None]
    until: Mapped[datetime | None]
    files: Mapped[list[str]] = mapped_column(sa.JSON)
    confirmed: Mapped[bool] = mapped_column(sa.Boolean)
    actor: Mapped[str] = mapped_column(NAME)
    reason: Mapped[str]
    decided_at: Mapped[datetime]


class DecisionRow(Base):
    """One decision by a named person, as it was sealed; ``ledger_number`` is its entry."""

    __tablename__ = "decision"
    __table_args__ = (sa.Index(None, "target"),)

    ledger_number: Mapped[int] = mapped_column(sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True)
    kind: Mapped[str] = mapped_column(NAME)
    target: Mapped[str] = mapped_column(sa.String(300))
    actor: Mapped[str] = mapped_column(NAME)
    reason: Mapped[str]
    decided_at: Mapped[datetime]
    body: Mapped[dict[str, object]] = mapped_column(sa.JSON)


class TokenRow(Base):
    """An access token, see `evidence.tokens.Token`; of its secret only the digest is kept."""

    __tablename__ = "token"
    __table_args__ = (sa.Index(None, "secret_sha256"),)

    token_id: Mapped[str] = mapped_column(NAME, primary_key=True)
    name: Mapped[str] = mapped_column(NAME)
    secret_sha256: Mapped[str] = mapped_column(DIGEST)
    scopes: Mapped[list[str]] = mapped_column(sa.JSON)
    granted_by: Mapped[str] = mapped_column(NAME)
    granted_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_by: Mapped[str | None] = mapped_column(NAME)
    revoked_at: Mapped[datetime | None]


# --- kept: retention, holds, disposals --------------------------------------------------------------------------------


class RetentionRow(Base):
    """The promise that stands for an original, see `evidence.retention.Retention`.

    Attributes:
        until: its end, None while there is none; floor: kept to this instant at the least.
        cases: case → months behind its conclusion that were promised; steps: the steps it follows, ``CASE/STEP``.
    """

    __tablename__ = "retention"
    __table_args__ = (sa.Index(None, "until", "digest"), sa.Index(None, "schedule_class"))

    digest: Mapped[str] = mapped_column(DIGEST, sa.ForeignKey("original.digest"), primary_key=True)
    until: Mapped[datetime | None]
    floor: Mapped[datetime]
    endless: Mapped[Endless | None] = mapped_column(Word(Endless))
    schedule_class: Mapped[str] = mapped_column(NAME)
    rule_version: Mapped[str] = mapped_column(NAME)
    cases: Mapped[dict[str, int]] = mapped_column(sa.JSON)
    steps: Mapped[list[str]] = mapped_column(sa.JSON)
    why: Mapped[Note] = mapped_column(NoteColumn)
    set_at: Mapped[datetime]


class HoldRow(Base):
    """A legal hold; it stays when it is lifted."""

    __tablename__ = "hold"
    __table_args__ = (sa.Index(None, "lifted_at"),)

    hold_id: Mapped[str] = mapped_column(NAME, primary_key=True)
    scope: Mapped[HoldScope] = mapped_column(Word(HoldScope))
    target: Mapped[str] = mapped_column(sa.String(300))
    reason: Mapped[str]
    set_by: Mapped[str] = mapped_column(NAME)
    set_at: Mapped[datetime]
    lifted_by: Mapped[str | None] = mapped_column(NAME)
    lifted_at: Mapped[datetime | None]
    lift_reason: Mapped[str | None] = mapped_column(TEXT)


class DisposalRow(Base):
    """A disposal and who agreed, see `evidence.disposal.Disposal`. ``spared``: digest → notes why it did not go."""

    __tablename__ = "disposal"
    __table_args__ = (sa.Index(None, "state", "proposed_at"),)

    disposal_id: Mapped[str] = mapped_column(NAME, primary_key=True)
    digests: Mapped[list[str]] = mapped_column(sa.JSON)
    rule: Mapped[str] = mapped_column(NAME)
    reason: Mapped[str]
    proposed_by: Mapped[str] = mapped_column(NAME)
    proposed_at: Mapped[datetime]
    state: Mapped[DisposalState] = mapped_column(Word(DisposalState))
    first_by: Mapped[str | None] = mapped_column(NAME)
    first_at: Mapped[datetime | None]
    first_reason: Mapped[str | None] = mapped_column(TEXT)
    second_by: Mapped[str | None] = mapped_column(NAME)
    second_at: Mapped[datetime | None]
    second_reason: Mapped[str | None] = mapped_column(TEXT)
    executed_at: Mapped[datetime | None]
    refused_by: Mapped[str | None] = mapped_column(NAME)
    refused_at: Mapped[datetime | None]
    refuse_reason: Mapped[str | None] = mapped_column(TEXT)
    spared: Mapped[dict[str, object]] = mapped_column(sa.JSON)


class VaultLockRow(Base):
    """What the vault last said of an original; a cache, asked for again when it is missing.

    Attributes:
        gone: its bytes and derivatives are removed.
        troubled: the vault is not as it should be yet; trouble: what it said when it was asked, empty before that.
    """

    __tablename__ = "vault_lock"
    __table_args__ = (sa.Index(None, "troubled"),)

    digest: Mapped[str] = mapped_column(DIGEST, sa.ForeignKey("original.digest"), primary_key=True)
    until: Mapped[datetime | None]
    held: Mapped[bool] = mapped_column(sa.Boolean)
    gone: Mapped[bool] = mapped_column(sa.Boolean)
    troubled: Mapped[bool] = mapped_column(sa.Boolean)
    trouble: Mapped[str]
    read_at: Mapped[datetime]


# --- custody ----------------------------------------------------------------------------------------------------------


class LedgerRow(Base):
    """A ledger entry; triggers refuse every change and deletion."""

    __tablename__ = "ledger_entry"
    __table_args__ = (sa.Index(None, "subject", "number"),)

    number: Mapped[int] = mapped_column(
        sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    leaf_hash: Mapped[str] = mapped_column(DIGEST)
    canonical: Mapped[bytes] = mapped_column(sa.LargeBinary)
    event: Mapped[EventType] = mapped_column(Word(EventType))
    subject: Mapped[str] = mapped_column(NAME)
    at: Mapped[datetime]


class Mark(Base):
    """Single values of the register: the ledger's head (its lock, too), how much is sealed, the roster's version."""

    __tablename__ = "mark"

    name: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    number: Mapped[int] = mapped_column(sa.BigInteger)
    token: Mapped[str] = mapped_column(DIGEST)
