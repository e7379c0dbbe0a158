"""Judging clips: which time, which device, which officer. Writes the judgement beside the facts, never over them.

First every changed file is read by itself: what its statements come to, and which camera it is of. Then the cameras
are judged, each as far as the change reaches. What is written depends on the facts alone, whatever came first.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import inf

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence import clock
from evidence.claims import Identity
from evidence.clips import ClipState, Kind, QualityKind
from evidence.clock import ClockJudgement, ClockVerdict, Correction, Recording, ShiftScope, Statement
from evidence.clock.camera import History, read_history
from evidence.docking import DockRecord
from evidence.identity import identify
from evidence.ids import DeviceId, Digest, OfficerId
from evidence.notes import Note, note
from evidence.recordings import GAP_S
from evidence.roster import Roster
from evidence.shifted import is_witnessed
from evidence.spans import Span
from index import docks, facts, schema
from index.batches import batched
from index.carriers import keep_shared
from index.columns import to_us
from index.facts import ClipClaims
from index.intakes import BEFORE_ALL_TIMES
from index.journal import Form
from index.reach import reach_class
from index.recordings import Regrouper
from index.tracks import clips_beside
from index.windows import RECORDINGS, Camera, Window

STATEMENT = Form(Statement)

WHOLE_CAMERA = 60
"""From so many changed files of one camera on, all its files are judged instead of the stretches around each."""

HEAD_S = 0.5
"""Silence that begins this early is silence at the head, in seconds."""


@dataclass(frozen=True)
class Standing:
    """Where a clip stands among the files of its device.

    Attributes:
        suspected_s, witnessed: what it may explain of a step elsewhere; where it stands does not depend on them.
    """

    digest: str
    device_id: str | None
    officer_id: str | None
    sequence: int | None
    start: datetime | None
    end: datetime | None
    uncertainty_s: float | None
    verdict: ClockVerdict
    last_received_at: datetime
    officers: tuple[str, ...] = ()
    suspected_s: tuple[float, ...] = field(default=(), compare=False)
    witnessed: bool = field(default=False, compare=False)

    @property
    def span(self) -> Span | None:
        """When it was recorded; None where nothing says so."""
        return Span(self.start, self.end) if self.start is not None and self.end is not None else None


def whose(stood: Standing) -> tuple[str | None, tuple[str, ...]]:
    """Return who a clip counts for, as it stands."""
    return stood.officer_id, stood.officers


@dataclass(frozen=True)
class Judged:
    """A clip's standing before and after it was judged."""

    before: Standing
    after: Standing

    @property
    def moved(self) -> bool:
        """Whether it stands elsewhere now."""
        return self.before != self.after

    @property
    def explains_otherwise(self) -> bool:
        """Whether it may explain another step, or the same one by another shift, than before."""
        before, after = self.before, self.after
        return self.moved or (before.suspected_s, before.witnessed) != (after.suspected_s, after.witnessed)


def standing(clip: schema.Clip) -> Standing:
    """Return where a clip stands."""
    return Standing(
        clip.digest,
        clip.device_id,
        clip.officer_id,
        clip.sequence,
        clip.span_start,
        clip.span_end,
        clip.uncertainty_s,
        clip.verdict,
        clip.last_received_at,
        tuple(clip.officers or ()),
        tuple(clip.suspected_s or ()),
        is_witnessed(clip.rules),
    )


@dataclass
class ClipJudge:
    """Judges clips in one transaction.

    Attributes:
        docks_set: docks that write no record set the clock of a camera that is connected.
        gap_s: the longest break within one recording, in seconds.
    """

    session: Session
    roster: Roster
    docks_set: bool = True
    gap_s: float = GAP_S
    _before: dict[str, Standing] = field(default_factory=dict)
    _changes: dict[DeviceId, list[datetime]] = field(default_factory=lambda: defaultdict(list))

    def judge(self, digests: Collection[str]) -> list[Judged]:
        """Judge clips, and those of the same cameras that lean on them; return all that were looked at."""
        wanted = set(digests) | self._listed(digests)
        self.state(wanted)
        looked_at = set(wanted)
        for device_id, moments in sorted(self._changes.items()):
            camera = self._camera(device_id)
            window = camera.whole() if len(moments) > WHOLE_CAMERA else camera.around(moments)
            looked_at |= self._judge_window(camera, window)
        rows = facts.clip_rows(self.session, looked_at)
        self._judge_alone([clip for clip in rows if clip.device_id is None or not tells_of_clock(clip)])
        self.session.flush()
        judged = [Judged(self._before[clip.digest], standing(clip)) for clip in rows]
        self._regroup([one for one in judged if one.moved or one.after.digest in wanted])
        return judged

    def _regroup(self, judged: Iterable[Judged]) -> None:
        """Put the recordings together again that clips are part of, and those they were."""
        regrouper = Regrouper(self.session, self.gap_s)
        for one in judged:
            for stood in {one.before, one.after}:
                regrouper.note(stood.digest, stood.device_id, stood.span)
        regrouper.regroup()

    def judge_all(self) -> None:
        """Judge every clip whose statements are read, camera by camera; for a register that is made anew."""
        clip = schema.Clip
        cameras = sa.select(clip.device_id).where(clip.device_id.is_not(None)).distinct().order_by(clip.device_id)
        for device_id in list(self.session.scalars(cameras)):
            camera = self._camera(DeviceId(str(device_id)))
            self._judge_window(camera, camera.whole())
            Regrouper(self.session, self.gap_s).whole_camera(str(device_id))
            self.session.expunge_all()
        alone = sa.or_(clip.device_id.is_(None), sa.not_(sa.and_(*RECORDINGS)))
        for some in batched(list(self.session.scalars(sa.select(clip.digest).where(alone).order_by(clip.digest)))):
            self._judge_alone(facts.clip_rows(self.session, some))
            self.session.flush()
            self.session.expunge_all()

    def history(self, device_id: DeviceId) -> tuple[History, list[DockRecord], list[schema.Clip]]:
        """Return how the clock of a whole camera went, by which records of docks, and its measured clips."""
        camera = self._camera(device_id)
        records = list(camera.whole().records)
        clip = schema.Clip
        mine = (clip.device_id == device_id, *RECORDINGS, clip.stated.is_not(None))
        clips = list(self.session.scalars(sa.select(clip).where(*mine).order_by(clip.digest)))
        corrections = self._corrections(device_id, [row.digest for row in clips])
        recordings = [recording_of(row) for row in clips]
        return read_history(recordings, records, corrections, docks_set=self.docks_set), records, clips

    # --- by itself ----------------------------------------------------------------------------------------------------

    def state(self, digests: Collection[str]) -> None:
        """Read what the statements of clips come to, and which camera each is of."""
        for some in batched(sorted(digests)):
            claims = facts.claims_of(self.session, some)
            heads = silent_heads(self.session, some)
            docked = docks.docked_by(self.session, some)
            for clip in facts.clip_rows(self.session, some):
                before, was_docked = self._before.setdefault(clip.digest, standing(clip)), clip.docked_at
                clip.docked_at = min(clip.received_at, docked.get(clip.digest, clip.received_at))
                self._state(clip, claims[clip.digest], heads.get(clip.digest, 0.0))
                self._touch(clip, before, was_docked)
            self.session.flush()
            for record in self._records(some):
                self._changes[self.roster.named(record.device_id)].append(record.dock_time)

    def _state(self, clip: schema.Clip, claims: ClipClaims, head_s: float) -> None:
        stated = clock.state(
            claims.all.times,
            kind=clip.kind,
            duration_s=clip.duration_s,
            received_at=clip.received_at,
            head_s=head_s,
        )
        names = () if clip.filed else claims.all.identities
        whose = identify(names, stated.span.start if stated.span else None, self.roster)
        clip.stated = STATEMENT.write(stated)
        clip.device_id, clip.sequence = whose.device_id, whose.sequence

    def _touch(self, clip: schema.Clip, before: Standing, was_docked: datetime | None) -> None:
        """Remember which cameras a clip changes: the one it is of, and the one it was thought to be of."""
        if not tells_of_clock(clip):
            return
        for device_id in {clip.device_id, before.device_id} - {None}:
            moments = [at for at in (clip.docked_at, was_docked) if at is not None]
            self._changes[DeviceId(str(device_id))] += moments

    def _records(self, digests: Sequence[str]) -> list[schema.DockConnectionRow]:
        row = schema.DockConnectionRow
        return list(self.session.scalars(sa.select(row).where(row.digest.in_(digests)).order_by(row.digest)))

    def _listed(self, digests: Collection[str]) -> set[str]:
        """Return the clips that docks' records, or receivers' logs, among these speak of, or speak of no longer."""
        found = clips_beside(self.session, digests) | docks.clips_passed_over(self.session, digests)
        for some in batched(sorted(digests)):
            for record in self._records(some):
                found.update(*docks.clips_listed(self.session, record.digest).values())
        return found

    # --- with its camera ----------------------------------------------------------------------------------------------

    def _camera(self, device_id: DeviceId) -> Camera:
        known = self.roster.device(device_id)
        names = (str(device_id), known.serial) if known else (str(device_id),)
        return Camera(self.session, device_id, names, self.docks_set, self._corrections(device_id, ()))

    def _judge_window(self, camera: Camera, window: Window) -> set[str]:
        """Judge the files of a camera that lie within a window; return those that were."""
        clip = schema.Clip
        mine = (clip.device_id == camera.device_id, *RECORDINGS)
        arrived = clip.docked_at.between(*window.loaded)
        loaded = self.session.scalars(sa.select(clip).where(*mine, arrived).order_by(clip.digest)).all()
        recordings = [recording_of(row) for row in loaded if row.stated is not None]
        corrections = self._corrections(camera.device_id, [row.digest for row in loaded])
        result = clock.judge_camera(
            recordings, window.records, corrections, docks_set=self.docks_set, arrivals=window.arrivals
        )
        since, until = window.judged
        ends = {digest: placed.stretch.until for digest, placed in result.history.placed.items()}
        judged = [row for row in loaded if since <= ends.get(Digest(row.digest), -inf) <= until]
        self._keep_all(judged, result.judgements)
        return {row.digest for row in judged}

    def _judge_alone(self, clips: Iterable[schema.Clip]) -> None:
        """Judge files of which no camera is known, or that nobody has looked into yet."""
        some = [clip for clip in clips if clip.stated is not None]
        judgements: dict[Digest, ClockJudgement] = {}
        for clip in some:
            corrections = self._corrections(None, [clip.digest])
            judgements |= clock.judge_camera([recording_of(clip)], (), corrections).judgements
        self._keep_all(some, judgements)

    def _corrections(self, device_id: DeviceId | None, digests: Sequence[str]) -> list[Correction]:
        """Return the shifts that people confirmed for a camera, its unit, or single clips; the later decision last."""
        row = schema.ClockDecisionRow
        known = self.roster.device(device_id) if device_id is not None else None
        about = [decided_for(device_id)] if device_id is not None else []
        if known is not None and known.unit:
            about.append(sa.and_(row.scope == ShiftScope.UNIT, row.target == known.unit))
        clips = sa.select(row).where(row.scope == ShiftScope.CLIP)
        found = list(self.session.scalars(sa.select(row).where(sa.or_(*about)))) if about else []
        for some in batched(digests):
            found += self.session.scalars(clips.where(row.target.in_(some)))
        found.sort(key=lambda one: one.ledger_number)
        return [correction_of(one) for one in found]

    # --- keeping ------------------------------------------------------------------------------------------------------

    def _keep_all(self, clips: Sequence[schema.Clip], judgements: Mapping[Digest, ClockJudgement]) -> None:
        for some in batched(clips):
            names = [clip.digest for clip in some]
            claims = facts.claims_of(self.session, names)
            decided = self._decided(names)
            differing = digests_that_differ(self.session, names)
            for clip in some:
                self._before.setdefault(clip.digest, standing(clip))
                judgement = judgements[Digest(clip.digest)]
                stated = () if clip.filed else claims[clip.digest].all.identities
                whose = identify(stated, judgement.start, self.roster, decided=decided.get(clip.digest))
                keep(clip, judgement, whose)
                clip.disagreements = (*clip.disagreements, *differing.get(clip.digest, ()))
            keep_shared(self.session, some)

    def _decided(self, digests: Sequence[str]) -> dict[str, OfficerId]:
        row = schema.ClipOverride
        found = self.session.execute(sa.select(row.digest, row.officer_id).where(row.digest.in_(digests)))
        return {digest: OfficerId(officer_id) for digest, officer_id in found}


def tells_of_clock(clip: schema.Clip) -> bool:
    """Whether a file tells of its camera's clock; `RECORDINGS` as a question to one row."""
    return clip.state is not ClipState.SEALED and clip.kind is not Kind.OTHER


def recording_of(clip: schema.Clip) -> Recording:
    """Return a clip as far as its camera's clock is concerned."""
    stated, docked = STATEMENT.read(clip.stated), docked_at(clip)
    listed = docked < clip.received_at
    return Recording(Digest(clip.digest), stated, docked, clip.sequence, clip.received_at, listed=listed)


def docked_at(clip: schema.Clip) -> datetime:
    """Return when a clip had left its camera at the latest."""
    return clip.docked_at or clip.received_at


def correction_of(row: schema.ClockDecisionRow) -> Correction:
    """Return the confirmed shift a row keeps."""
    digest = Digest(row.target) if row.scope is ShiftScope.CLIP else None
    files = frozenset(Digest(one) for one in row.files)
    return Correction(row.shift_s, row.actor, row.since, row.until, digest, files, refused=not row.confirmed)


def decided_for(device_id: str) -> sa.ColumnElement[bool]:
    """Return the condition that a decision is on a camera, in any letter case: it may have been registered since."""
    row = schema.ClockDecisionRow
    named = sa.func.lower(row.target).in_({device_id.lower(), device_id.casefold()})
    return sa.and_(row.scope == ShiftScope.DEVICE, named)


def silent_heads(session: Session, digests: Sequence[str]) -> dict[str, float]:
    """Return how long clips are silent at their head, in seconds."""
    row = schema.QualitySpanRow
    wanted = sa.select(row.digest, row.end_s).where(row.digest.in_(digests), row.kind == QualityKind.SILENT)
    return dict(session.execute(wanted.where(row.start_s <= HEAD_S)).all())


def keep(clip: schema.Clip, judgement: ClockJudgement, whose: Identity) -> None:
    """Write a judgement into a clip's row; the camera is the one its statements name."""
    clip.officer_id, clip.officer_source = whose.officer_id, whose.officer_source
    clip.officers = list(whose.officers) if len(whose.officers) > 1 else None
    clip.important, clip.disagreements = whose.important, whose.disagreements
    clip.verdict, clip.rules, clip.uncertainty_s = judgement.verdict, judgement.rules, judgement.uncertainty_s
    clip.start_earliest, clip.start_latest = judgement.earliest, judgement.latest
    clip.clock_offset_s, clip.suspected_s = judgement.offset_s, list(judgement.suspected_s) or None
    if clip.state is ClipState.DERIVED:
        clip.state = ClipState.REVIEWED
    span = judgement.span
    clip.span_start, clip.span_end = (span.start, span.end) if span else (None, None)
    clip.sort_us = to_us(span.start) if span else BEFORE_ALL_TIMES
    reach = span.widened(judgement.uncertainty_s or 0.0, judgement.uncertainty_s or 0.0) if span else None
    clip.reach_start, clip.reach_end = (reach.start, reach.end) if reach else (None, None)
    clip.reach_class = reach_class(reach) if reach else None


def digests_that_differ(session: Session, digests: Sequence[str]) -> dict[str, list[Note]]:
    """Return a note for each clip whose bytes are not those that its dock or camera computed a SHA-256 of."""
    said = docks.other_digests(session, digests)
    return {digest: [note("intake.dock_digest_differs", stated=stated)] for digest, stated in said.items()}


def judge_clips(
    session: Session, digests: Collection[str], roster: Roster, *, docks_set: bool = True, gap_s: float = GAP_S
) -> list[Judged]:
    """Judge clips from all that is known of them and their cameras, and keep the judgement in their rows."""
    return ClipJudge(session, roster, docks_set, gap_s).judge(digests)
