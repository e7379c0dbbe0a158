"""What a worker is given and what it hands back: rows as they are stored, so that little is made twice."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from evidence.custody import Actor
from evidence.ids import DeviceId, OfficerId
from evidence.law import LawPack
from evidence.roster import Roster
from index.case_files import Strangers
from index.facts import StepKey
from index.reconcile import Audited
from index.stored import Stored
from index.strays import Refusals
from index.whole.entries import Unnumbered

CLIP_COLUMNS = (
    *("digest", "kind", "state", "device_id", "officer_id", "officer_source", "received_at", "docked_at"),
    *("span_start", "span_end", "uncertainty_s", "verdict", "rules", "suspected_s", "reach_class", "reach_start"),
    *("reach_end", "duration_s", "has_video", "has_audio", "damaged", "linked", "filed", "disagreements", "station"),
    *("source_path", "officers"),
)
LINK_COLUMNS = (
    *("digest", "case_no", "step_no", "active", "human", "by", "overlap_start", "overlap_end", "why", "linked_at"),
    *("score", "basis"),
)
SUGGESTION_COLUMNS = (
    *("digest", "case_no", "step_no", "ground", "score", "overlap_start", "overlap_end", "why", "suggested_at"),
)
VERDICT_COLUMNS = ("state", "coverage", "certain", "possible", "why")
SOUND_COLUMNS = ("digest_a", "digest_b", "offset_s", "error_s", "score", "windows", "drift_ppm", "tool")


@dataclass(frozen=True)
class Knowledge:
    """What every part is judged by.

    Attributes:
        docked: when the last file of each camera was received; docking: cameras whose files are still on their way.
        strangers, claims: of all cases, see `index.case_files`. exemptions: what people claimed and decided, by step.
        attached: originals that are files of text records. units: of cameras. afresh: nothing is kept yet.
    """

    pack: LawPack
    roster: Roster
    actor: Actor
    at: datetime
    docked: Mapping[DeviceId, datetime]
    docking: Collection[DeviceId]
    refused: Refusals
    units: Mapping[str, str]
    strangers: Strangers
    claims: Mapping[StepKey, bool]
    exemptions: Mapping[StepKey, Any]
    attached: Collection[str]
    waiting: Mapping[StepKey, set[DeviceId]]


@dataclass(frozen=True)
class Kept:
    """What is kept of a part. ``findings``: their stored rows by owner."""

    links: list[Stored] = field(default_factory=list)
    doubts: list[Stored] = field(default_factory=list)
    suggestions: list[Stored] = field(default_factory=list)
    findings: Mapping[str, list[Stored]] = field(default_factory=dict)


@dataclass(frozen=True)
class Stretch:
    """A stretch of time with what may touch it.

    Attributes:
        since_us, until_us: clips and steps that begin in it, the end left out, are its own; the others lie beside it.
        clips, steps: in order of their names. single: steps that are audited one by one, not here.
        quality, problems, sounds: of the clips.
    """

    since_us: int
    until_us: int
    clips: list[Stored]
    steps: list[Stored]
    officers: Mapping[tuple[str, str], tuple[OfficerId, ...]]
    single: Collection[tuple[str, str]]
    quality: list[Stored]
    problems: list[Stored]
    sounds: list[Stored]
    kept: Kept


@dataclass(frozen=True)
class Files:
    """Some cases with their steps in the order they began, their text records and the files of these."""

    cases: list[Stored]
    steps: list[Stored]
    officers: Mapping[tuple[str, str], tuple[OfficerId, ...]]
    documents: list[Stored]
    attachments: list[Stored]
    kept: Kept


@dataclass
class Outcome:
    """What is to be written.

    Attributes:
        links: new rows; relinked: rows that take the place of others. linked: digest and whether a step holds it.
        alone: clips whose suggestions a stretch cannot tell. suggested, resuggested, unsuggested: as with links.
        doubts, undoubts: new rows, and rows that go. verdicts, waiting, arrived, dates: likewise of steps and cases.
        findings, finding_clips, histories: new rows. changed: what has to be held against kept findings one by one.
    """

    entries: list[Unnumbered] = field(default_factory=list)
    links: list[Stored] = field(default_factory=list)
    relinked: list[Stored] = field(default_factory=list)
    linked: list[tuple[str, bool]] = field(default_factory=list)
    alone: list[str] = field(default_factory=list)
    suggested: list[Stored] = field(default_factory=list)
    resuggested: list[Stored] = field(default_factory=list)
    unsuggested: list[Stored] = field(default_factory=list)
    doubts: list[Stored] = field(default_factory=list)
    undoubts: list[Stored] = field(default_factory=list)
    verdicts: list[dict[str, object]] = field(default_factory=list)
    waiting: list[Stored] = field(default_factory=list)
    arrived: list[Stored] = field(default_factory=list)
    dates: list[tuple[str, datetime | None]] = field(default_factory=list)
    findings: list[Stored] = field(default_factory=list)
    finding_clips: list[Stored] = field(default_factory=list)
    histories: list[Stored] = field(default_factory=list)
    changed: list[Audited] = field(default_factory=list)
