"""The forms of a law pack's files: what each key may hold. Read by `config.law_packs`."""

from collections.abc import Mapping
from datetime import date, time
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from evidence.audit_case import DEADLINES
from evidence.deadlines import Term, Unit
from evidence.documents import SIGNERS
from evidence.findings import FindingKind, Severity
from evidence.law import (
    Citation,
    Coverage,
    Deadline,
    Direction,
    DocumentSlot,
    Duty,
    LinkPolicy,
    Moment,
    Necessity,
    Night,
    Rule,
    Thresholds,
)
from evidence.markers import MarkTemplate
from evidence.recordings import GAP_S
from evidence.scoring import LEAST_CERTAIN
from evidence.secrecy import Effect, SecrecyClass

LOCALES = frozenset({"zh-CN", "en"})
FIELDS: Mapping[str, frozenset[str]] = {
    "case": frozenset({"opened_at", "urgent_at", "concluded_at"}),
    "step": frozenset({"started_at", "ended_at", "due_at"}),
    "document": frozenset({"dated_at"}),
}
"""Which moments a case, a step (of any procedure) and a document state."""

Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Hours = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Filled = Annotated[str, Field(min_length=1)]
Code = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]
Stage = Literal["start", "investigate", "review", "serve", "execute", "archive"]


class Form(BaseModel):
    """A table of a pack's file; an unknown key is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SecrecyForm(Form):
    """A class of confidentiality."""

    names: dict[str, Filled]
    rank: Annotated[int, Field(ge=1)]
    aliases: tuple[Filled, ...] = ()
    stops: tuple[Effect, ...] = ()
    call: dict[str, Filled] = {}
    article: Filled
    quote: Filled
    separable: bool = False

    @model_validator(mode="after")
    def has_every_locale(self) -> Self:
        """Refuse words that are missing in a language."""
        for words in (self.names, self.call or self.names):
            if missing := sorted(LOCALES - words.keys()):
                raise ValueError(f"names or call lack {' and '.join(missing)}")
        return self

    def as_class(self, code: str) -> SecrecyClass:
        """Return the class of the core."""
        stops = frozenset(self.stops)
        return SecrecyClass(
            code, self.names, self.rank, self.aliases, stops, self.call, self.article, self.quote, self.separable
        )


class Named(Form):
    """A table that has a name in every language."""

    names: dict[str, Filled]

    @model_validator(mode="after")
    def has_every_locale(self) -> Self:
        """Refuse a name that is missing in a language."""
        missing = sorted(LOCALES - self.names.keys())
        if missing:
            raise ValueError(f"names lack {' and '.join(missing)}")
        return self


# --- pack.toml --------------------------------------------------------------------------------------------------------


class PolicyForm(Form):
    """How coverage is measured where a procedure says nothing else."""

    edge_tolerance_s: Seconds
    hole_tolerance_s: Seconds
    set_by: Filled
    reference: Filled


class TermForm(Form):
    """A length of time as the law counts it; ``rolls_over``: what ends on a day of rest ends after it."""

    amount: Annotated[int, Field(ge=1)]
    unit: Unit
    rolls_over: bool = False

    @model_validator(mode="after")
    def can_be_counted(self) -> Self:
        """Refuse what no term can be."""
        self.as_term()
        return self

    def as_term(self) -> Term:
        """Return the noun."""
        return Term(self.amount, self.unit, rolls_over=self.rolls_over)


class ThresholdsForm(Form):
    """Figures for findings about clips and records."""

    blocked_s: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    silent_head_s: Seconds
    upload_grace_h: Hours
    record_time_s: Annotated[float, Field(ge=60, allow_inf_nan=False)] = 180.0
    upload_within_h: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    documents_within: TermForm | None = None
    recording_gap_s: Seconds = GAP_S
    set_by: Filled
    reference: Filled

    def as_thresholds(self) -> Thresholds:
        """Return the noun."""
        within = self.documents_within
        plain = self.model_dump(exclude={"documents_within"})
        return Thresholds(**plain, documents_within=within.as_term() if within else None)


class NightForm(Form):
    """The hours that are night."""

    begins: time
    ends: time
    set_by: Filled
    reference: Filled

    @model_validator(mode="after")
    def holds_midnight(self) -> Self:
        """Refuse a night that does not begin in the evening and end in the morning."""
        if self.begins <= self.ends:
            raise ValueError("a night begins in the evening and ends in the morning after")
        return self

    def as_night(self) -> Night:
        """Return the noun."""
        return Night(self.begins, self.ends, self.set_by, self.reference)


class LinkingForm(Form):
    """From which score on clips are linked, and suggested."""

    automatic_from: Annotated[float, Field(ge=LEAST_CERTAIN, le=1)]
    suggest_from: Annotated[float, Field(ge=0, le=1)]
    company_share: Annotated[float, Field(ge=0, le=1)]
    set_by: Filled
    reference: Filled

    def as_policy(self) -> LinkPolicy:
        """Return the noun."""
        return LinkPolicy(**self.model_dump())


class CitationForm(Form):
    """An article with its words."""

    article: Filled
    quote: Filled


class PackForm(Named):
    """``pack.toml``."""

    pack_id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9/._-]*$")]
    version: Filled
    in_force_from: date
    in_force_to: date | None = None
    calendars: tuple[Annotated[str, Field(pattern=r"^[a-z0-9-]+$")], ...] = ()
    assessment: str = ""
    policy: PolicyForm
    thresholds: ThresholdsForm
    night: NightForm | None = None
    linking: LinkingForm | None = None
    extensions: dict[Code, bool] = {}
    citations: dict[FindingKind, CitationForm] = {}

    @model_validator(mode="after")
    def has_force(self) -> Self:
        """Refuse a pack that ends before it begins."""
        if self.in_force_to is not None and self.in_force_to < self.in_force_from:
            raise ValueError("in_force_to lies before in_force_from")
        return self


# --- procedures.toml --------------------------------------------------------------------------------------------------


class CoverageForm(Form):
    """How a duty to record is measured."""

    min_share: Annotated[float, Field(gt=0, le=1)] | None = None
    min_objects: Annotated[int, Field(ge=1)] | None = None
    lead_s: Seconds
    lag_s: Seconds
    edge_tolerance_s: Seconds | None = None
    hole_tolerance_s: Seconds | None = None
    set_by: Filled | None = None
    reference: Filled | None = None

    @model_validator(mode="after")
    def measures_one_way(self) -> Self:
        """Refuse both measures, and none."""
        if (self.min_share is None) == (self.min_objects is None):
            raise ValueError("give either min_share or min_objects")
        return self

    def under(self, policy: PolicyForm) -> Coverage:
        """Return the coverage with what it leaves open taken from the pack's policy."""
        own = self.model_dump(exclude_none=True)
        return Coverage(**{"min_share": None, "min_objects": None, **policy.model_dump(), **own})


class ExtensionForm(Form):
    """A duty the bureau may lay on itself beyond the article's words."""

    duty: Duty
    quote: str
    coverage: CoverageForm | None = None


class ProcedureForm(Named):
    """One table of ``procedures.toml``."""

    stage: Stage
    article: Filled
    quote: str
    duty: Duty
    coverage: CoverageForm | None = None
    officers_min: Annotated[int, Field(ge=0)] | None = None
    exemption_allowed: bool = False
    documents: tuple[Filled, ...] = ()
    deadline: str = ""
    deadline_from: str = ""
    aliases: tuple[Filled, ...] = ()
    needs_witness: bool = False
    day_only: bool = False
    per_point: bool = False
    extension: ExtensionForm | None = None

    @model_validator(mode="after")
    def measures_its_duty(self) -> Self:
        """Refuse a duty without its measure or its words, and a measure without a duty."""
        for part in (self, self.extension) if self.extension else (self,):
            if part.duty.requires_footage != (part.coverage is not None):
                raise ValueError("coverage belongs to the duties simultaneous and any_form, and to no other")
            if part.duty.requires_footage and not part.quote:
                raise ValueError("a duty to record needs the article's words as its quote")
        if self.per_point and (self.coverage is None or self.coverage.min_objects is None):
            raise ValueError("per_point multiplies min_objects: give the coverage that")
        return self

    def as_rule(self, code: str, policy: PolicyForm, *, extended: bool) -> Rule:
        """Return the rule, with its extension in the place of the article's own duty where the bureau wants that."""
        source = self.extension if extended and self.extension else self
        return Rule(
            code=code,
            names=self.names,
            stage=self.stage,
            article=self.article,
            quote=source.quote,
            duty=source.duty,
            coverage=source.coverage.under(policy) if source.coverage else None,
            officers_min=self.officers_min,
            exemption_allowed=self.exemption_allowed,
            documents=self.documents,
            deadline=self.deadline,
            deadline_from=self.deadline_from,
            aliases=self.aliases,
            needs_witness=self.needs_witness,
            day_only=self.day_only,
            per_point=self.per_point,
        )


# --- documents.toml ---------------------------------------------------------------------------------------------------


class SlotForm(Form):
    """One table of ``documents.toml``; its key is its Chinese name. Signers ``a|b``: one of the two will do."""

    en: Filled
    aliases: tuple[Filled, ...] = ()
    signers: tuple[Filled, ...] = ()
    necessity: Necessity = Necessity.ALWAYS
    article: str = ""
    quote: str = ""
    signing: CitationForm | None = None

    @model_validator(mode="after")
    def knows_its_signers(self) -> Self:
        """Refuse a role nobody knows, and words without an article."""
        unknown = sorted({role for choice in self.signers for role in choice.split("|")} - set(SIGNERS))
        if unknown:
            raise ValueError(f"signers: {', '.join(unknown)} is no role; the roles are {', '.join(SIGNERS)}")
        if self.quote and not self.article:
            raise ValueError("words without an article: give the article")
        if self.signing and not self.signers:
            raise ValueError("signing without signers: say who must have signed")
        return self

    def as_slot(self, slot: str) -> DocumentSlot:
        """Return the noun."""
        signers = tuple(tuple(choice.split("|")) for choice in self.signers)
        names = {"zh-CN": slot, "en": self.en}
        signing = Citation(self.signing.article, self.signing.quote) if self.signing else None
        return DocumentSlot(slot, names, self.aliases, signers, self.necessity, self.article, self.quote, signing)


# --- deadlines.toml ---------------------------------------------------------------------------------------------------


class DeadlineForm(Named):
    """One table of ``deadlines.toml``."""

    kind: FindingKind
    of: str = ""
    starts: Filled
    term: TermForm | None = None
    met_by: Annotated[tuple[Filled, ...], Field(min_length=1)]
    direction: Direction = Direction.WITHIN
    matters: tuple[Filled, ...] = ()
    without: Code | None = None
    urgent_only: bool = False
    unless_urgent: bool = False
    extension: TermForm | None = None
    warn: TermForm | None = None
    severity: Severity = Severity.BREACH
    article: Filled
    quote: str = ""
    set_by: str = ""
    reference: str = ""

    @model_validator(mode="after")
    def is_a_deadline(self) -> Self:
        """Refuse kinds of finding that are none about time limits."""
        if self.kind not in DEADLINES:
            raise ValueError(f"kind: {self.kind} is none of {', '.join(sorted(DEADLINES))}")
        if not self.of and (self.urgent_only or self.unless_urgent or self.extension):
            raise ValueError("urgent_only, unless_urgent and extension speak of a step: name its procedure with `of`")
        if self.urgent_only and self.unless_urgent:
            raise ValueError("urgent_only and unless_urgent leave nothing: give one of the two")
        if self.warn and not (self.set_by and self.reference):
            raise ValueError("warn is policy: give set_by and reference")
        return self

    def as_deadline(self, code: str) -> Deadline:
        """Return the noun.

        Raises:
            ValueError: a moment is not written as ``WHAT.field``.
        """
        return Deadline(
            code=code,
            names=self.names,
            kind=self.kind,
            of=self.of,
            starts=moment_of(self.starts),
            term=self.term.as_term() if self.term else None,
            met_by=tuple(moment_of(each) for each in self.met_by),
            direction=self.direction,
            urgent_only=self.urgent_only,
            extension=self.extension.as_term() if self.extension else None,
            warn=self.warn.as_term() if self.warn else None,
            severity=self.severity,
            article=self.article,
            quote=self.quote,
            set_by=self.set_by,
            reference=self.reference,
            matters=self.matters,
            unless_urgent=self.unless_urgent,
            without=self.without or "",
        )


def moment_of(text: str) -> Moment:
    """Return the moment that ``case.opened_at``, ``step.ended_at``, ``SEIZE.started_at`` or ``公告.dated_at`` names.

    Raises:
        ValueError: it is not written so.
    """
    of, _, field = text.rpartition(".")
    kind = of if of in {"case", "step"} else "document" if field == "dated_at" else "step"
    if not of or field not in FIELDS[kind]:
        raise ValueError(f"{text}: write WHAT.moment, such as case.opened_at, step.ended_at, SEIZE.started_at")
    return Moment(of, field)


# --- markers.toml -----------------------------------------------------------------------------------------------------


class MarkForm(Named):
    """One table of ``markers.toml``."""

    article: Filled
    quote: str = ""
    procedures: tuple[Code, ...] = ()
    numbered: bool = False

    def as_template(self, code: str) -> MarkTemplate:
        """Return the noun."""
        return MarkTemplate(code, self.names, self.article, self.quote, self.procedures, self.numbered)


# --- amendment-*.toml -------------------------------------------------------------------------------------------------


class AmendmentForm(Form):
    """Which keys of the pack's files change with a version, and from which day on acts are judged by it."""

    version: Filled
    in_force_from: date
    set_by: Filled
    reference: Filled
    pack: dict[str, object] = {}
    procedures: dict[str, dict[str, object]] = {}
    documents: dict[str, dict[str, object]] = {}
    deadlines: dict[str, dict[str, object]] = {}
    markers: dict[str, dict[str, object]] = {}
    reasons: dict[str, dict[str, object]] = {}
