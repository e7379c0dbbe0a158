"""The one way to a finding: judge clocks and identities, link, audit, reconcile – for a scope, and for no more than it.

A new clip touches its own candidates: the steps near it in time, what hung on them before, its two neighbours in the
device's count, and the steps that waited for its camera.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.audit import cameras_awaited
from evidence.cases import Step
from evidence.custody import Actor
from evidence.ids import CaseNo, DeviceId, OfficerId, StationId
from evidence.law import LawPack
from evidence.ports import Scope, Transaction
from evidence.roster import Roster
from index import facts, schema
from index.auditing import Auditor
from index.batches import batched
from index.case_files import CaseAuditor, cases_due
from index.facts import Docked, Docking, RosterKeeper, StepKey, step_key, waited
from index.judging import Judged, judge_clips, whose
from index.linking import Linker
from index.reconcile import Reconciler
from index.stored import table_of
from index.strays import Strays
from index.tx import session_of
from index.whole import WholeReview

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)

CLIP_ALONE_MS, CASE_ALONE_MS = 1.0, 20.0
"""About what one clip and one case of many cost row by row: a guess of the right order, not a figure of a bench."""

CLIP_AMONG_ALL_MS, STEP_AMONG_ALL_MS = 0.15, 0.5
"""About what each clip and each step of the register costs set-wise: rather more than `evidock bench law` shows."""

LARGE_MS = 10_000.0
"""A scope that costs less row by row is reviewed so, however small the register is."""


class RegisterReviewer:
    """Implements `evidence.ports.Reviewer` over the register's rows; one may serve many threads."""

    def __init__(
        self, pack: LawPack, settling: Callable[[], Collection[StationId]] = tuple, *, docks_set: bool = True
    ) -> None:
        """Take the law pack in force, who knows which docks are being written to, and whether docks set clocks."""
        self._pack = pack
        self._docks_set = docks_set
        self._gap_s = pack.thresholds.recording_gap_s
        self._settling = settling
        self._roster = RosterKeeper()

    def review(self, tx: Transaction, scope: Scope, actor: Actor, at: datetime) -> None:
        """Bring identity, links, step states and findings of the scope up to date; the same again changes nothing."""
        session = session_of(tx)
        roster = self._roster.current(session)
        digests = _clips_in(session, scope)
        judged = judge_clips(session, digests, roster, docks_set=self._docks_set, gap_s=self._gap_s)
        if scope.everything:
            self._conclude_everything(session, actor, at)
            return
        digests |= {one.after.digest for one in judged if one.moved}
        self._conclude(session, scope, digests, judged, actor, at)

    def conclude(self, tx: Transaction, scope: Scope, actor: Actor, at: datetime) -> None:
        """Link, audit and reconcile on the clocks as they were judged before; for a scope of whose clips none moved."""
        session = session_of(tx)
        if scope.everything:
            self._conclude_everything(session, actor, at)
            return
        self._conclude(session, scope, _clips_in(session, scope), (), actor, at)

    def _conclude(
        self, session: Session, scope: Scope, digests: set[str], judged: Sequence[Judged], actor: Actor, at: datetime
    ) -> None:
        if is_sooner_at_once(session, len(digests), len(scope.cases)):
            self._conclude_everything(session, actor, at)
            return
        roster = self._roster.current(session)
        steps = _steps_in(session, scope)
        linker = Linker(session, self._pack, actor, at, roster)
        nearby = linker.near(steps)
        touched = linker.match(digests)
        near = touched.near - steps  # there clips of nobody known are tied by the footage that came or moved
        touched.join(linker.match(nearby - digests, moved=False))
        linker.match(linker.suggester.unnamed_near(near) - digests - nearby, moved=False)
        to_audit = steps | touched.steps | _steps_waiting(session, judged, scope.devices, roster)
        to_audit |= Strays(session, roster).steps_near(
            {one.after.digest for one in judged if one.explains_otherwise} | touched.clips
        )
        auditor = Auditor(session, self._pack, roster, at, actor, self._settling())
        reconciler = Reconciler(session, actor, at)
        reconciler.reconcile(list(auditor.steps(to_audit)))
        cases = set(scope.cases) | auditor.changed_cases | _cases_renamed(session, judged)
        reconciler.reconcile(list(CaseAuditor(session, self._pack, roster, at, actor).cases(cases)))
        reconciler.reconcile(list(auditor.clips(digests | touched.clips)))
        reconciler.reconcile(list(auditor.sequences(judged, scope.devices)))

    def _conclude_everything(self, session: Session, actor: Actor, at: datetime) -> None:
        session.flush()
        roster = self._roster.current(session)
        WholeReview(session, self._pack, roster, actor, at, frozenset(self._settling())).run()

    def settle(self, tx: Transaction, station: StationId, actor: Actor, at: datetime) -> None:
        """Review what waited for a dock, once nothing of it is on its way any more."""
        if not Docking(session_of(tx), self._settling()).is_busy(station):
            scope = self.due(tx, at)
            if scope != Scope():
                self.review(tx, scope, actor, at)

    def due(self, tx: Transaction, at: datetime) -> Scope:
        """Return the cases with a step whose waiting for a camera has ended, or a deadline has, by this time."""
        session = session_of(tx)
        roster, docked = self._roster.current(session), Docked(session)
        docking = Docking(session, self._settling())
        known = waited(session)
        found = facts.steps_by_key(session, known.keys())
        grace_h = self._pack.thresholds.upload_grace_h

        def awaited(step: Step) -> set[DeviceId]:
            return set(cameras_awaited(step, roster, docked, at, grace_h, docking))

        steps = facts.nouns_of(session, found)
        changed = {step.case_no for step in steps if awaited(step) != known[step.case_no, step.step_no]}
        return Scope(cases=frozenset(changed | cases_due(session, at)))


def is_sooner_at_once(session: Session, clips: int, cases: int) -> bool:
    """Whether so many clips and cases are sooner reviewed with all the others than one by one: a large import."""
    alone_ms = clips * CLIP_ALONE_MS + cases * CASE_ALONE_MS
    if alone_ms < LARGE_MS:
        return False
    all_clips, all_steps = (
        session.scalar(sa.select(sa.func.count()).select_from(table_of(model))) or 0
        for model in (schema.Clip, schema.StepRow)
    )
    return all_clips * CLIP_AMONG_ALL_MS + all_steps * STEP_AMONG_ALL_MS < alone_ms


def _clips_in(session: Session, scope: Scope) -> set[str]:
    clip = schema.Clip
    if scope.everything:
        return set(session.scalars(sa.select(clip.digest)))
    found: set[str] = set(scope.clips)
    for some in batched(sorted(scope.devices)):
        found.update(session.scalars(sa.select(clip.digest).where(clip.device_id.in_(some))))
    return found


def _cases_renamed(session: Session, judged: Sequence[Judged]) -> set[CaseNo]:
    """Return the cases with a step on which people hung a clip whose officer is another than before."""
    link = schema.Link
    renamed = sorted(one.after.digest for one in judged if whose(one.before) != whose(one.after))
    return {
        CaseNo(case_no)
        for some in batched(renamed)
        for case_no in session.scalars(sa.select(link.case_no).where(link.digest.in_(some), link.active, link.human))
    }


def _steps_in(session: Session, scope: Scope) -> set[StepKey]:
    row = schema.StepRow
    wanted = sa.select(row.case_no, row.step_no)
    return {
        step_key(*key)
        for some in batched(sorted(scope.cases))
        for key in session.execute(wanted.where(row.case_no.in_(some)))
    }


def _steps_waiting(
    session: Session, judged: Sequence[Judged], devices: Collection[DeviceId], roster: Roster
) -> set[StepKey]:
    """Return the steps that waited for a camera a clip came from, and those that must wait again."""
    row = schema.StepWaiting
    came = {each for one in judged for each in (one.before.device_id, one.after.device_id) if each is not None}
    found = {
        step_key(*key)
        for some in batched(sorted(came | set(devices)))
        for key in session.execute(sa.select(row.case_no, row.step_no).where(row.device_id.in_(some)))
    }
    left: dict[str, datetime] = {}
    for one in judged:
        device, until = one.before.device_id, one.before.last_received_at
        if device is not None and device != one.after.device_id:
            left[device] = max(until, left.get(device, until))
    for device, until in sorted(left.items()):
        found |= _steps_bereft(session, DeviceId(device), until, roster)
    return found


def _steps_bereft(session: Session, device: DeviceId, until: datetime, roster: Roster) -> set[StepKey]:
    """Return the steps that a device was thought to have docked after, by a clip that is not its own after all."""
    since = facts.last_docked(session, device) or BEGINNING
    carriers = sorted({OfficerId(one.officer_id) for one in roster.carriers(device, None)})
    step, worker = schema.StepRow, schema.StepOfficer
    joined = sa.and_(worker.case_no == step.case_no, worker.step_no == step.step_no)
    ended = (step.ended_at >= since, step.ended_at < until)
    wanted = sa.select(step.case_no, step.step_no).join(worker, joined).where(*ended, worker.officer_id.in_(carriers))
    return {step_key(*key) for key in session.execute(wanted)}
