"""Auditing steps, clips and counters: loads what the core's audit asks for, keeps what it says."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.audit import ClipFacts, Exemption, SequencePoint, audit_clip, audit_sequence, audit_step, cameras_awaited
from evidence.cases import Step
from evidence.clips import ClipState, QualitySpan
from evidence.custody import Actor, Entry, EventType
from evidence.findings import Finding, StepState, StepVerdict
from evidence.ids import CaseNo, DeviceId, Digest, OfficerId, StationId
from evidence.law import LawPack
from evidence.matching import BELIEVED, Footage
from evidence.notes import Note
from evidence.roster import Roster
from evidence.shifted import Stray
from evidence.sound_check import HeardPair
from index import facts, journal, ledger, rows, schema
from index.batches import batched
from index.carriers import carriers_of
from index.facts import Docked, Docking, StepKey, step_key
from index.judging import Judged, Standing, standing
from index.papers import attached
from index.reconcile import EXEMPTIONS, RECORD, Audited, clip_owner, sequence_owner, step_owner
from index.sounds import heard_at
from index.strays import Strays

STEPS_AT_ONCE = 200
WHOLE_DEVICE = 50
"""From so many moved clips of one device on, its whole count is audited instead of the neighbours of each."""


@dataclass(frozen=True)
class Auditor:
    """Audits in one transaction.

    Attributes:
        now: trusted time; waiting for cameras ends by it.
        settling: docks that are being written to.
        actor: who let the review run.
        entries: what the ledger is told of the steps at hand.
        changed_cases: cases with a step that stands otherwise than before.
    """

    session: Session
    pack: LawPack
    roster: Roster
    now: datetime
    actor: Actor
    settling: Collection[StationId] = ()
    entries: list[Entry] = field(default_factory=list)
    changed_cases: set[CaseNo] = field(default_factory=set)

    # --- steps --------------------------------------------------------------------------------------------------------

    def steps(self, keys: Collection[StepKey]) -> Iterator[Audited]:
        """Audit steps, keep their verdicts, and yield what is found."""
        docked, docking = Docked(self.session), Docking(self.session, self.settling)
        for some in batched(sorted(keys), STEPS_AT_ONCE):
            found = facts.steps_by_key(self.session, some)
            hung = self._hung(some)
            claimed, waiting = self._exemptions(some), facts.waited(self.session, some)
            for row, step in zip(found, facts.nouns_of(self.session, found), strict=True):
                key = step_key(row.case_no, row.step_no)
                claim = claimed.get(key)
                prolonged = docking if row.state is StepState.WAITING_UPLOAD else ()
                verdict = self._verdict(step, hung[key], docked, prolonged, claim)
                self._keep(row, verdict, waiting.get(key, set()))
                yield audited_step(step, verdict, claim)
            self.session.flush()
            ledger.append_all(self.session, self.entries)
            self.entries.clear()

    def _verdict(
        self,
        step: Step,
        hung: "Hung",
        docked: Mapping[DeviceId, datetime],
        docking: Collection[DeviceId],
        claim: schema.ExemptionRow | None,
    ) -> StepVerdict:
        """Audit a step; while a dock is read waiting goes on, but what was found before is not taken back for it."""
        pack = self.pack.at(step.started_at)
        awaited = cameras_awaited(step, self.roster, docked, self.now, pack.thresholds.upload_grace_h, docking)
        return verdict_of(step, pack, hung, awaited, exemption_of(claim), Strays(self.session, self.roster).of)

    def _hung(self, keys: Sequence[StepKey]) -> "defaultdict[StepKey, Hung]":
        """Return the footage that hangs on steps, by a link or in doubt, in order of digest."""
        hung: defaultdict[StepKey, Hung] = defaultdict(Hung)
        clip, link, doubt = schema.Clip, schema.Link, schema.Doubt
        linked = sa.select(link.case_no, link.step_no, clip).join(clip, clip.digest == link.digest)
        linked = linked.where(facts.among(link, keys), link.active)
        hanging: defaultdict[StepKey, list[schema.Clip]] = defaultdict(list)
        for case_no, step_no, row in sorted(self.session.execute(linked), key=by_digest):
            hanging[step_key(case_no, step_no)].append(row)
            hung[step_key(case_no, step_no)].add_linked(facts.footage_of(row))
        doubted = sa.select(doubt.case_no, doubt.step_no, clip).join(clip, clip.digest == doubt.digest)
        doubted = doubted.where(facts.among(doubt, keys))
        for case_no, step_no, row in sorted(self.session.execute(doubted), key=by_digest):
            hung[step_key(case_no, step_no)].add_doubtful(facts.footage_of(row))
        for key, pairs in heard_at(self.session, hanging).items():
            hung[key].heard = tuple(pairs)
        return hung

    def _exemptions(self, keys: Sequence[StepKey]) -> dict[StepKey, schema.ExemptionRow]:
        row = schema.ExemptionRow
        found = self.session.scalars(sa.select(row).where(facts.among(row, keys)))
        return {step_key(one.case_no, one.step_no): one for one in found}

    def _keep(self, row: schema.StepRow, verdict: StepVerdict, known: set[DeviceId]) -> None:
        waiting = schema.StepWaiting
        mine = (waiting.case_no == row.case_no, waiting.step_no == row.step_no)
        before = journal.audited(row, known)
        row.state, row.coverage, row.why = verdict.state, verdict.coverage, verdict.why
        row.certain, row.possible = verdict.certain, verdict.possible
        after = journal.audited(row, set(verdict.waiting_for))
        if after != before:
            if after["state"] != before["state"]:
                self.changed_cases.add(CaseNo(row.case_no))
            self.entries.append(Entry(EventType.AUDITED, self.actor, self.now, detail=after))
        for device_id in sorted(known - set(verdict.waiting_for)):
            self.session.execute(sa.delete(waiting).where(*mine, waiting.device_id == device_id))
        self.session.add_all(
            waiting(case_no=row.case_no, step_no=row.step_no, device_id=device_id)
            for device_id in sorted(set(verdict.waiting_for) - known)
        )

    # --- clips --------------------------------------------------------------------------------------------------------

    def clips(self, digests: Collection[str]) -> Iterator[Audited]:
        """Audit measured clips, each by itself, and yield what is found."""
        for some in batched(sorted(digests)):
            quality = self._quality(some)
            problems = self._problems(some)
            clips = facts.clip_rows(self.session, some)
            papers = attached(self.session, [one.digest for one in clips if one.damaged or not one.linked])
            for clip in clips:
                if clip.state is not ClipState.SEALED:
                    known = tuple(quality[clip.digest]), tuple(problems[clip.digest])
                    stated = clip_facts(clip, *known, attached=clip.digest in papers)
                    yield Audited(clip_owner(clip.digest), audit_clip(stated, self.pack))

    def _quality(self, digests: Sequence[str]) -> dict[str, list[QualitySpan]]:
        row = schema.QualitySpanRow
        found: dict[str, list[QualitySpan]] = defaultdict(list)
        wanted = sa.select(row).where(row.digest.in_(digests)).order_by(row.digest, row.position)
        for one in self.session.scalars(wanted):
            found[one.digest].append(rows.quality(one))
        return found

    def _problems(self, digests: Sequence[str]) -> dict[str, list[Note]]:
        row = schema.ProblemRow
        found: dict[str, list[Note]] = defaultdict(list)
        wanted = sa.select(row).where(row.digest.in_(digests)).order_by(row.digest, row.stage.desc(), row.position)
        for one in self.session.scalars(wanted):
            found[one.digest].append(one.note)
        return found

    # --- counters -----------------------------------------------------------------------------------------------------

    def sequences(self, judged: Iterable[Judged], devices: Collection[str]) -> Iterator[Audited]:
        """Audit the counters of whole devices, and the neighbours of the clips that moved on others."""
        moved: dict[str, list[Standing]] = defaultdict(list)
        for one in judged:
            if one.moved:
                for stood in (one.before, one.after):
                    if stood.device_id is not None:
                        moved[stood.device_id].append(stood)
        whole = {device for device, places in moved.items() if len(places) > WHOLE_DEVICE} | set(devices)
        for device in sorted(whole):
            yield from self._whole_count(DeviceId(device))
        for device in sorted(moved.keys() - whole):
            yield from self._neighbours(DeviceId(device), moved[device])

    def _whole_count(self, device: DeviceId) -> Iterator[Audited]:
        wanted = sa.select(schema.Clip).where(*counted(device)).order_by(*COUNT_ORDER)
        points = [point(clip) for clip in self.session.scalars(wanted)]
        found: dict[str, list[Finding]] = defaultdict(list)
        for finding in audit_sequence(device, points, self.pack):
            found[finding.clips[0]].append(finding)
        gone = sa.select(schema.Clip.digest).where(schema.Clip.device_id == device)
        for digest in self.session.scalars(gone):
            yield Audited(sequence_owner(digest), found.get(digest, ()))

    def _neighbours(self, device: DeviceId, places: Iterable[Standing]) -> Iterator[Audited]:
        """Audit what follows each moved file, and what follows the file before its old and its new place."""
        concerned: dict[str, schema.Clip | None] = {}
        for place in places:
            concerned[place.digest] = self.session.get(schema.Clip, place.digest)
            before = self._beside(device, place, forward=False)
            if before is not None:
                concerned[before.digest] = before
        for digest, clip in concerned.items():
            yield Audited(sequence_owner(digest), self._jump_after(clip))

    def _jump_after(self, clip: schema.Clip | None) -> Sequence[Finding]:
        if clip is None or not takes_part(clip) or clip.device_id is None:
            return ()
        device = DeviceId(clip.device_id)
        after = self._beside(device, standing(clip), forward=True)
        return audit_sequence(device, [point(clip), point(after)], self.pack) if after else ()

    def _beside(self, device: DeviceId, here: Standing, *, forward: bool) -> schema.Clip | None:
        """Return the file of a device next to a place in its count; None at the ends, or when the place is no place."""
        if here.start is None or here.sequence is None:
            return None
        clip = schema.Clip
        there = sa.tuple_(clip.span_start, clip.sequence, clip.digest)
        place = sa.tuple_(
            sa.bindparam(None, here.start, clip.span_start.type),
            sa.bindparam(None, here.sequence, clip.sequence.type),
            sa.bindparam(None, here.digest, clip.digest.type),
        )
        side, order = (there > place, COUNT_ORDER) if forward else (there < place, [c.desc() for c in COUNT_ORDER])
        # the plain bound on the time is what the index can use
        bound = clip.span_start >= here.start if forward else clip.span_start <= here.start
        return self.session.scalar(sa.select(clip).where(*counted(device), bound, side).order_by(*order).limit(1))


def by_digest(found: Sequence[Any]) -> str:
    """Return what clips of steps are put in order by; asked to do so, SQLite would walk through all clips instead."""
    return str(found[2].digest)


@dataclass
class Hung:
    """The footage of a step."""

    linked: tuple[Footage, ...] = ()
    doubtful: tuple[Footage, ...] = ()
    heard: tuple[HeardPair, ...] = ()

    def add_linked(self, footage: Footage | None) -> None:
        """Add a linked clip, if it states a time."""
        self.linked += (footage,) if footage else ()

    def add_doubtful(self, footage: Footage | None) -> None:
        """Add a clip of doubtful time."""
        self.doubtful += (footage,) if footage else ()


def verdict_of(
    step: Step,
    pack: LawPack,
    hung: Hung,
    awaited: Sequence[DeviceId],
    exemption: Exemption | None,
    strays_of: Callable[[Step], Sequence[Stray]],
) -> StepVerdict:
    """Audit a step by the version of the pack that holds for it; strays are looked for where something is missing."""
    known = (step, pack.rules.get(step.procedure), pack, hung.linked, awaited, exemption, hung.doubtful)
    verdict = audit_step(*known, heard=hung.heard)
    if not verdict.findings:
        return verdict
    return audit_step(*known, strays=strays_of(step), heard=hung.heard)


def exemption_of(claim: schema.ExemptionRow | None) -> Exemption | None:
    """Return a kept exemption as the audit reads it."""
    if claim is None:
        return None
    return Exemption(approved=claim.approved is True, reason=claim.reason, refused=claim.approved is False)


def audited_step(step: Step, verdict: StepVerdict, claim: schema.ExemptionRow | None) -> Audited:
    """Return a step's verdict for reconciling; a claim that only the record makes has the record as its claimant."""
    recorded = Audited(
        step_owner(step.case_no, step.step_no),
        verdict.findings,
        EXEMPTIONS.get(verdict.state),
        waiting=bool(verdict.waiting_for),
        claimed_by=RECORD,
        reason=step.unsuitable_reason,
    )
    if claim is None:
        return recorded
    return replace(
        recorded,
        refused=claim.approved is False,
        claimed_by=claim.claimed_by,
        decided_by=claim.decided_by,
        reason=claim.decision_reason or claim.reason,
        claim=claim.claim,
    )


COUNT_ORDER = [schema.Clip.span_start, schema.Clip.sequence, schema.Clip.digest]


def counted(device: str) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the conditions under which a clip takes part in a device's count."""
    clip = schema.Clip
    return (clip.device_id == device, clip.sequence.is_not(None), clip.verdict.in_(sorted(BELIEVED)))


def takes_part(clip: schema.Clip) -> bool:
    """Whether a clip takes part in its device's count."""
    return clip.sequence is not None and clip.span_start is not None and clip.verdict in BELIEVED


def point(clip: schema.Clip) -> SequencePoint:
    """Return a counted clip as the audit reads it.

    Raises:
        ValueError: the clip does not take part in a count.
    """
    if clip.sequence is None or clip.span_start is None or clip.span_end is None:
        raise ValueError(f"{clip.digest} has no place in a count")
    return SequencePoint(Digest(clip.digest), clip.sequence, clip.span_start, clip.span_end)


def clip_facts(
    clip: schema.Clip, quality: tuple[QualitySpan, ...], problems: tuple[Note, ...], *, attached: bool
) -> ClipFacts:
    """Return all the audit asks of a clip; ``attached``: it is a file of a text record."""
    return ClipFacts(
        digest=Digest(clip.digest),
        kind=clip.kind,
        clock=rows.clock(clip),
        device_id=DeviceId(clip.device_id) if clip.device_id is not None else None,
        officer_id=OfficerId(clip.officer_id) if clip.officer_id is not None else None,
        officer_source=clip.officer_source,
        has_audio=clip.has_audio,
        duration_s=clip.duration_s,
        docked_at=clip.docked_at,
        damaged=clip.damaged,
        problems=problems,
        quality=quality,
        linked=clip.linked,
        analysed=clip.state in {ClipState.DERIVED, ClipState.REVIEWED},
        filed=clip.filed,
        attached=attached,
        officers=carriers_of(clip),
    )
