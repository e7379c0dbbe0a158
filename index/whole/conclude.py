"""The whole review: parts read, judged by workers, and written, while the next are read."""

import gc
import multiprocessing
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.audit_sequence import SequencePoint, jump_finding
from evidence.custody import Actor
from evidence.findings import FindingKind
from evidence.ids import DeviceId, Digest, StationId
from evidence.law import LawPack
from evidence.matching import BELIEVED
from evidence.roster import Roster
from index import schema
from index.auditing import Auditor
from index.case_files import CaseAuditor
from index.facts import Docking, StepKey, step_key, waited
from index.linking import Linker
from index.papers import all_attached
from index.reconcile import Audited, Reconciler, sequence_owner
from index.stored import has_rows, table_of
from index.strays import refusals, units_of
from index.whole.cases import review_files
from index.whole.filed import SHORT_CLASSES
from index.whole.parts import Files, Knowledge, Outcome, Stretch
from index.whole.sink import WRITTEN, Sink
from index.whole.source import CLIPS_AT_ONCE, Source
from index.whole.stretches import StretchReview

PROCESSES = 2
IN_FLIGHT = 3
"""Parts that are read and not written yet; each is held in memory."""

SMALL_ROWS = 10_000
"""A table of no more loses its indices while it is filled."""

FEW_CLIPS = 20_000
"""A register of fewer is reviewed by this process alone: starting others takes longer."""

KEPT = (schema.Link, schema.Doubt, schema.SuggestionRow, schema.FindingRow)
"""Tables of which nothing is there before the first review."""

Review = Callable[[Stretch | Files], Future[Outcome]]
"""Has a part reviewed, by whoever is free."""

_known: list[Knowledge] = []
"""What a worker process was started with."""


def _begin_worker(known: Knowledge) -> None:
    gc.disable()  # parts hold no cycles, and looking for some among their many objects takes a fifth of the time
    _known[:] = [known]


def _reviewed(part: Stretch | Files) -> Outcome:
    """Review a part in a worker, which knows what it was started with."""
    (known,) = _known
    return _review(known, part)


def _review(known: Knowledge, part: Stretch | Files) -> Outcome:
    return StretchReview(known, part).run() if isinstance(part, Stretch) else review_files(known, part)


@dataclass(frozen=True)
class WholeReview:
    """Links and audits everything in one transaction, on the clocks as they were judged before.

    Attributes:
        now: trusted time. settling: docks that are being written to.
        processes: workers; 0 lets the size of the register decide. clips_at_once: that begin in one stretch.
    """

    session: Session
    pack: LawPack
    roster: Roster
    actor: Actor
    now: datetime
    settling: Collection[StationId] = ()
    processes: int = 0
    clips_at_once: int = CLIPS_AT_ONCE

    def run(self) -> None:
        """Bring links, verdicts and findings up to date; the same again changes nothing."""
        session, actor, now = self.session, self.actor, self.now
        alone = self._alone()
        linker = Linker(session, self.pack, actor, now, self.roster)
        linker.match(alone)
        session.flush()
        session.expunge_all()
        afresh = not any(has_rows(session, model) for model in KEPT)
        source, reconciler = Source(session, self.pack, afresh), Reconciler(session, actor, now)
        sink, single = Sink(session, reconciler), self._single()
        with uncollected(), unindexed(session) if afresh else nullcontext(), self._workers() as review:
            drain(review, self._stretches(source, single), sink)
            self._one_by_one(single, alone, reconciler)
            drain(review, source.files(), sink)
        linker.match(sink.alone, moved=False)
        reconciler.reconcile(list(self._jumps()))
        session.flush()
        session.expunge_all()

    def _stretches(self, source: Source, single: Collection[StepKey]) -> Iterator[Stretch]:
        for since_us, until_us in source.bounds(self.clips_at_once):
            yield source.stretch(since_us, until_us, single)

    @contextmanager
    def _workers(self) -> Iterator[Review]:
        """Start the workers; of a small register this process is the only one."""
        known = self._knowledge()
        if not self.processes and self._few():
            with ThreadPoolExecutor(1) as one:
                yield lambda part: one.submit(_review, known, part)
            return
        spawn = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(self.processes or PROCESSES, spawn, _begin_worker, (known,)) as workers:
            yield lambda part: workers.submit(_reviewed, part)

    def _few(self) -> bool:
        clip = table_of(schema.Clip)
        return (self.session.scalar(sa.select(sa.func.count()).select_from(clip)) or 0) < FEW_CLIPS

    # --- one by one ---------------------------------------------------------------------------------------------------

    def _alone(self) -> set[str]:
        """Return the clips that reach far, or nowhere."""
        clip = schema.Clip
        far = sa.or_(clip.reach_class.is_(None), clip.reach_class >= SHORT_CLASSES)
        return set(self.session.scalars(sa.select(clip.digest).where(far)))

    def _single(self) -> set[StepKey]:
        """Return the steps that last long, and those on which people have hung clips, of whatever time."""
        step, link = schema.StepRow, schema.Link
        long = sa.select(step.case_no, step.step_no).where(step.reach_class >= SHORT_CLASSES)
        human = sa.select(link.case_no, link.step_no).where(link.human, link.active)
        return {step_key(*key) for wanted in (long, human) for key in self.session.execute(wanted)}

    def _one_by_one(self, single: set[StepKey], alone: set[str], reconciler: Reconciler) -> None:
        auditor = Auditor(self.session, self.pack, self.roster, self.now, self.actor, self.settling)
        reconciler.reconcile(list(auditor.steps(single)))
        reconciler.reconcile(list(auditor.clips(alone)))
        self.session.flush()
        self.session.expunge_all()

    # --- what is known ------------------------------------------------------------------------------------------------

    def _knowledge(self) -> Knowledge:
        session = self.session
        cases = CaseAuditor(session, self.pack, self.roster, self.now, self.actor)
        waiting, docked = waited(session), self._docked()
        docking = Docking(session, self.settling) if waiting else ()
        known = Knowledge(
            self.pack,
            self.roster,
            self.actor,
            self.now,
            docked,
            frozenset(device for device in docked if device in docking),
            refusals(session),
            units_of(session),
            dict(cases.strangers()),
            dict(cases.claims()),
            {step_key(row.case_no, row.step_no): row for row in session.scalars(sa.select(schema.ExemptionRow))},
            all_attached(session),
            waiting,
        )
        session.expunge_all()
        return known

    def _docked(self) -> dict[DeviceId, datetime]:
        clip = schema.Clip
        wanted = sa.select(clip.device_id, sa.func.max(clip.last_received_at)).where(clip.device_id.is_not(None))
        return {DeviceId(str(device)): at for device, at in self.session.execute(wanted.group_by(clip.device_id))}

    # --- counters -----------------------------------------------------------------------------------------------------

    def _jumps(self) -> Iterator[Audited]:
        """Yield the jumps of the cameras' counters, and what was one and is none any more."""
        found: dict[str, Audited] = {}
        for before, device_id, *places in self.session.execute(jumps()):
            sequence, start, end, after, next_sequence, next_start, next_end = places
            points = (
                SequencePoint(Digest(before), sequence, start, end),
                SequencePoint(Digest(after), next_sequence, next_start, next_end),
            )
            owner = sequence_owner(before)
            found[owner] = Audited(owner, (jump_finding(DeviceId(device_id), *points, self.pack),))
        row = schema.FindingRow
        kept = self.session.scalars(sa.select(row.owner).where(row.kind == FindingKind.SEQ_JUMP).distinct())
        yield from found.values()
        yield from (Audited(owner, ()) for owner in kept if owner not in found)


def jumps() -> sa.Select[Any]:
    """Return the question for files of a camera between which others are missing, see `evidence.audit_sequence`."""
    clip = schema.Clip
    order = (clip.span_start, clip.sequence, clip.digest)
    kept = (clip.sequence, clip.span_start, clip.span_end)

    def following(column: Any) -> sa.Label[Any]:  # noqa: ANN401 - a column of any type
        after = sa.func.lead(column).over(partition_by=clip.device_id, order_by=order)
        return sa.type_coerce(after, column.type).label(f"next_{column.key}")

    counted = (clip.device_id.is_not(None), clip.sequence.is_not(None), clip.verdict.in_(sorted(BELIEVED)))
    pairs = sa.select(clip.digest, clip.device_id, *kept, following(clip.digest), *map(following, kept))
    found = pairs.where(*counted).subquery()
    return sa.select(found).where(found.c.next_sequence > found.c.sequence + 1).order_by(found.c.digest)


def drain(review: Review, parts: Iterable[Stretch | Files], sink: Sink) -> None:
    """Have parts judged and write what comes of them, in order; a few are under way at once."""
    under_way: deque[Future[Outcome]] = deque()
    for part in parts:
        under_way.append(review(part))
        if len(under_way) >= IN_FLIGHT:
            sink.write(under_way.popleft().result())
    while under_way:
        sink.write(under_way.popleft().result())


@contextmanager
def uncollected() -> Iterator[None]:
    """Leave garbage where it is for as long as many objects come and go; see `_begin_worker`."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def is_small(session: Session, model: type[schema.Base]) -> bool:
    """Whether a table holds next to nothing, so that its indices are made anew in no time."""
    some = sa.select(sa.literal(1)).select_from(table_of(model)).limit(SMALL_ROWS + 1).subquery()
    return (session.scalar(sa.select(sa.func.count()).select_from(some)) or 0) <= SMALL_ROWS


@contextmanager
def unindexed(session: Session) -> Iterator[None]:
    """Fill empty tables without their indices, which are made faster when the rows are there."""
    small = [model for model in WRITTEN if is_small(session, model)]
    dropped = [index for model in small for index in sorted(table_of(model).indexes, key=str)]
    for index in dropped:
        index.drop(session.connection())
    yield
    session.flush()
    for index in dropped:
        index.create(session.connection())
