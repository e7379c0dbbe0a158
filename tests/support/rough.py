"""A generated bureau made rough: what life does to records, written straight into a register that was filled.

For tests of reviews that must agree on it; what is written need not be what intake and judging would write.
"""

from datetime import timedelta
from random import Random

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.claims import OfficerSource
from evidence.clips import Kind, QualityKind
from evidence.clock import ClockVerdict
from evidence.law import LawPack
from evidence.notes import note
from evidence.reasons import Claim
from evidence.spans import Span
from index import schema
from index.reach import reach_class
from tests.bench.law import NOW

STATIONS = ("dock-east", "dock-west")
BASIS = {
    "officer": "P0",
    "device": "C0",
    "verdict": "trusted",
    "start_at": "2024-01-01T00:00:00Z",
    "uncertainty_s": 2.0,
    "step_start_at": "2024-01-01T00:00:00Z",
    "step_end_at": "2024-01-01T01:00:00Z",
    "step_officers": "P0, P1",
    "place": "",
}
"""Facts on which a person refused something that has changed since."""


def roughen(session: Session, rng: Random, pack: LawPack, *, cameras: bool = True) -> None:
    """Change clips and steps, hang some by people, attach some to records; the same seed does the same.

    ``cameras``: some clips lose theirs; once counts were audited, only a judgement may take a camera away.
    """
    clips = list(session.scalars(sa.select(schema.Clip).order_by(schema.Clip.digest)))
    row = schema.StepRow
    steps = list(session.scalars(sa.select(row).order_by(row.case_no, row.step_no)))
    for step in steps:
        _roughen_step(step, rng)
    for clip in clips:
        clip.station = rng.choice(STATIONS)
        _roughen_clip(session, clip, rng, rng.choice(steps), cameras)
    for clip in rng.sample(clips, len(clips) // 8):
        _hang(session, clip, rng.choice(steps), rng)
    for clip in rng.sample(clips, len(clips) // 10):
        _attach(session, clip, rng.choice(steps), rng, pack)
    for step in rng.sample(steps, len(steps) // 3):
        _exempt(session, step, rng)
    session.flush()
    session.expunge_all()


def _exempt(session: Session, step: schema.StepRow, rng: Random) -> None:
    """Let a person claim that recording was not suitable; another may have decided."""
    approved = rng.choice((None, True, False))
    exemption = schema.ExemptionRow(
        case_no=step.case_no,
        step_no=step.step_no,
        reason="涉密场所",
        claimed_by=rng.choice(("officer", "colleague")),
        claimed_at=NOW,
        approved=approved,
        decided_by="" if approved is None else "head",
        decided_at=None if approved is None else NOW,
        decision_reason="",
        claim=rng.choice((None, Claim("secret_place", {"zh-CN": "涉密场所"}, "note"))),
    )
    session.merge(exemption)


def _roughen_step(step: schema.StepRow, rng: Random) -> None:
    match rng.randrange(6):
        case 0:
            step.place = f"{step.case_no}号厂区"
        case 1:
            step.ended_at += timedelta(hours=rng.choice((5, 30, 200)))
        case 2:
            step.unsuitable_reason = "涉及国家秘密"
        case _:
            return
    step.reach_class = reach_class(Span(step.started_at, step.ended_at))


def _roughen_clip(
    session: Session,
    clip: schema.Clip,
    rng: Random,
    step: schema.StepRow,
    cameras: bool,
) -> None:
    """Do nothing, mostly, or one of many things."""
    match rng.randrange(18):
        case 0 | 1 | 2:
            clip.officer_id, clip.officer_source, clip.officers = None, OfficerSource.UNKNOWN, None
            session.execute(sa.delete(schema.ClipCarrier).where(schema.ClipCarrier.digest == clip.digest))
            if rng.random() < 0.4 and cameras:
                clip.device_id = None
        case 3:
            clip.officer_source, clip.suspected_s = OfficerSource.ASSIGNMENT, [7200.0]
        case 4:
            clip.source_path = f"{step.place or step.party}/{clip.source_path}"
        case 5:
            clip.filed, clip.kind = True, Kind.OTHER
        case 6 | 7 | 8 | 9:
            _roughen_time(clip, rng)
        case 10 | 11:
            _mar(session, clip)
        case 12 | 13 if clip.officer_id is not None:
            _share(session, clip, rng)


def _share(session: Session, clip: schema.Clip, rng: Random) -> None:
    """Let others have carried the camera, too."""
    known = sorted(session.scalars(sa.select(schema.OfficerRow.officer_id)))
    others = [one for one in rng.sample(known, min(2, len(known))) if one != clip.officer_id]
    session.execute(sa.delete(schema.ClipCarrier).where(schema.ClipCarrier.digest == clip.digest))
    clip.officers = [str(clip.officer_id), *others] if others else None
    for one in others:
        session.merge(schema.ClipCarrier(digest=clip.digest, officer_id=one, sort_us=clip.sort_us))


def _roughen_time(clip: schema.Clip, rng: Random) -> None:
    match rng.randrange(4):
        case 0:
            clip.verdict = rng.choice((ClockVerdict.DISPUTED, ClockVerdict.UNKNOWN))
        case 1:
            _lengthen(clip, timedelta(hours=rng.choice((3, 20, 300))))
        case 2:
            clip.verdict = ClockVerdict.UNKNOWN
            clip.span_start = clip.span_end = clip.reach_start = clip.reach_end = clip.reach_class = None
        case 3:
            _doubt(clip, 3000.0)


def _mar(session: Session, clip: schema.Clip) -> None:
    """Damage a clip, blacken it, and let sources disagree about it."""
    clip.damaged, clip.disagreements = True, (note("identity.disagrees"),)
    session.merge(schema.ProblemRow(digest=clip.digest, stage="measured", position=90, note=note("media.truncated")))
    black = {"kind": QualityKind.BLACK, "start_s": 0.0, "end_s": 900.0}
    session.merge(schema.QualitySpanRow(digest=clip.digest, position=90, **black))


def _lengthen(clip: schema.Clip, by: timedelta) -> None:
    if clip.span_end is None or clip.reach_end is None or clip.reach_start is None:
        return
    clip.span_end, clip.reach_end = clip.span_end + by, clip.reach_end + by
    clip.reach_class = reach_class(Span(clip.reach_start, clip.reach_end))


def _doubt(clip: schema.Clip, uncertainty_s: float) -> None:
    if clip.span_start is None or clip.span_end is None:
        return
    reach = Span(clip.span_start, clip.span_end).widened(uncertainty_s, uncertainty_s)
    clip.uncertainty_s, clip.reach_start, clip.reach_end = uncertainty_s, reach.start, reach.end
    clip.reach_class = reach_class(reach)


def _hang(session: Session, clip: schema.Clip, step: schema.StepRow, rng: Random) -> None:
    """Let a person link, unlink or refuse."""
    active = rng.random() < 0.5
    link = schema.Link(
        digest=clip.digest,
        case_no=step.case_no,
        step_no=step.step_no,
        active=active,
        human=True,
        by="officer",
        why=(),
        linked_at=NOW,
        basis=None if active or rng.random() < 0.3 else BASIS,
    )
    session.merge(link)


def _attach(session: Session, clip: schema.Clip, step: schema.StepRow, rng: Random, pack: LawPack) -> None:
    attachment = schema.AttachmentRow(
        case_no=step.case_no,
        step_no=rng.choice(("", step.step_no)),
        slot=rng.choice(sorted(pack.documents)),
        document_no="",
        digest=clip.digest,
        title="",
        signed_by=[],
        active=rng.random() < 0.8,
        actor="officer",
        attached_at=NOW,
    )
    session.merge(attachment)
