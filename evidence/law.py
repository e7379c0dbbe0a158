"""Law as dated data: the nouns of a law pack. The packs themselves are files of ``config/law/``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class Duty(StrEnum):
    """What a procedure demands of audio-visual recording. Source: docs/law-reading.md (modal words)."""

    SIMULTANEOUS = "simultaneous"  # M, MX: recorded at the same time as the step
    ANY_FORM = "any_form"  # MF: one audio-visual object in a suitable form (a photo may do)
    RECORD = "record"  # R: a record of any form, text will do
    ALTERNATIVE = "alternative"  # A: recording is one of several forms
    OPTIONAL = "optional"  # O: recording may be made
    NONE = "none"  # N: text only

    @property
    def requires_footage(self) -> bool:
        """Whether missing footage is a breach."""
        return self in {Duty.SIMULTANEOUS, Duty.ANY_FORM}


@dataclass(frozen=True)
class Coverage:
    """How much footage meets the duty: the bureau's policy, not the regulation's words.

    Attributes:
        min_share: share of the window that continuous video must cover (0–1), or None when a count is asked for.
        min_objects: least number of audio-visual objects, or None when a share is asked for.
        lead_s: seconds before the written start in which footage still belongs to the step; lag_s: after its end.
        edge_tolerance_s: a late start or early stop up to this long is within what minutes on paper can say.
        hole_tolerance_s: a break between two files up to this long is the device changing files.
        set_by: who set these figures; reference: where that is written.
    """

    min_share: float | None
    min_objects: int | None
    lead_s: float
    lag_s: float
    edge_tolerance_s: float
    hole_tolerance_s: float
    set_by: str
    reference: str


@dataclass(frozen=True)
class Rule:
    """One procedure of a pack: a row of its table of steps.

    Attributes:
        names: locale → name ("zh-CN", "en").
        quote: the article's words on recording (Chinese), empty when the article has none.
        exemption_allowed: an approved "unsuitable" reason closes a finding (article 11 only).
        documents: text records the step should have.
        aliases: other words people look for it under ("lien").
    """

    code: str
    names: Mapping[str, str]
    stage: str
    article: str
    quote: str
    duty: Duty
    coverage: Coverage | None
    officers_min: int | None
    exemption_allowed: bool
    documents: tuple[str, ...] = ()
    deadline: str = ""
    deadline_from: str = ""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Thresholds:
    """Policy of the bureau for findings about clips, with who set it.

    Attributes:
        blocked_s: a black or frozen picture at least this long is PICTURE_BLOCKED.
        silent_head_s: silence at the head of a clip up to this long is a pre-record buffer, not a fault.
        upload_grace_h: hours after the hand-in of a camera in which footage may still arrive.
        record_time_s: written times may differ from the footage by this much, in seconds; more is DOC_TIME_MISMATCH.
    """

    blocked_s: float
    silent_head_s: float
    upload_grace_h: float
    set_by: str
    reference: str
    record_time_s: float = 180.0


@dataclass(frozen=True)
class Citation:
    """The article a finding about a clip or device rests on, with its words in Chinese."""

    article: str
    quote: str


@dataclass(frozen=True)
class LawPack:
    """A regulation as data.

    Attributes:
        pack_id: place and instrument; version: of the pack, counted by us.
        in_force_from: first day of force; acts before it are outside the pack. in_force_to: last day, or None.
        citations: kind of finding → article, for findings that no procedure's rule speaks of.
    """

    pack_id: str
    version: str
    names: Mapping[str, str]
    in_force_from: date
    in_force_to: date | None
    rules: Mapping[str, Rule]
    thresholds: Thresholds
    citations: Mapping[str, Citation] = field(default_factory=dict)

    @property
    def rule_version(self) -> str:
        """Pack and version as findings print it."""
        return f"{self.pack_id}@{self.version}"
