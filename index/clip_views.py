"""Clips as people see them: one batch of statements for a whole list."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.clips import Derivative, Kind, Measurement, Playable, QualitySpan, Role, Sighting
from evidence.ids import CaseNo, DeviceId, Digest, OfficerId, StepNo
from evidence.notes import Note
from evidence.recordings import PartView
from evidence.secrecy import Secrecy
from evidence.sound_views import SoundMatchView
from evidence.views import ClipView, LinkView
from index import facts, rows, schema
from index.batches import batched
from index.carriers import carriers_of
from index.dock_views import Docked, docked
from index.facts import ClipClaims
from index.intakes import MEASURED
from index.recordings import places_of
from index.secrecy import Classes, of_clips
from index.sound_views import sound_matches

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass(frozen=True)
class Beside:
    """All that is known of some clips beside their rows, by digest."""

    claims: Mapping[str, ClipClaims]
    sightings: Mapping[str, list[Sighting]]
    measurements: Mapping[str, schema.MeasurementRow]
    problems: Mapping[str, list[tuple[str, Note]]]
    quality: Mapping[str, list[QualitySpan]]
    derivatives: Mapping[str, list[Derivative]]
    links: Mapping[str, list[LinkView]]
    names: Mapping[str, str]
    disposed: Mapping[str, datetime | None]
    docked: Mapping[str, Docked]
    sounds: Mapping[str, list[SoundMatchView]]
    secrecy: Mapping[str, Secrecy]
    places: Mapping[str, PartView]


def clip_views(session: Session, clips: Sequence[schema.Clip], classes: Classes = ()) -> list[ClipView]:
    """Return clips with all that is known of them, in the order given."""
    views: list[ClipView] = []
    for some in batched(clips):
        beside = _beside(session, some, classes)
        views.extend(_view(clip, beside) for clip in some)
    return views


def links_where(session: Session, *conditions: sa.ColumnElement[bool]) -> list[LinkView]:
    """Return the links in force that meet conditions, in order of case, step and digest."""
    link = schema.Link
    wanted = sa.select(link).where(link.active, *conditions).order_by(link.case_no, link.step_no, link.digest)
    return [link_view(row) for row in session.scalars(wanted)]


def link_view(row: schema.Link) -> LinkView:
    """Return the link a row keeps."""
    return LinkView(
        Digest(row.digest),
        CaseNo(row.case_no),
        StepNo(row.step_no),
        row.human,
        row.by,
        rows.span(row.overlap_start, row.overlap_end),
        row.why,
        row.score,
    )


def collected(pairs: Iterable[tuple[K, V]]) -> dict[K, list[V]]:
    """Return the values of each key, in order."""
    found: dict[K, list[V]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return found


def _beside(session: Session, clips: Sequence[schema.Clip], classes: Classes) -> Beside:
    digests = [clip.digest for clip in clips]
    seen, problem, quality = schema.SightingRow, schema.ProblemRow, schema.QualitySpanRow
    made, measured, person = schema.DerivativeRow, schema.MeasurementRow, schema.OfficerRow
    sightings = sa.select(seen).where(seen.digest.in_(digests))
    problems = sa.select(problem).where(problem.digest.in_(digests)).order_by(problem.stage.desc(), problem.position)
    marked = sa.select(quality).where(quality.digest.in_(digests)).order_by(quality.position)
    derived = sa.select(made).where(made.parent.in_(digests)).order_by(made.role)
    officers = sorted({officer for clip in clips for officer in carriers_of(clip)})
    named = sa.select(person.officer_id, person.name).where(person.officer_id.in_(officers))
    original = schema.Original
    gone = sa.select(original.digest, original.disposed_at)
    gone = gone.where(original.digest.in_(digests), original.disposed_at.is_not(None))
    in_order = sightings.order_by(seen.received_at, seen.station, seen.source_path)
    return Beside(
        claims=facts.claims_of(session, digests),
        sightings=collected((row.digest, rows.sighting(row)) for row in session.scalars(in_order)),
        measurements={
            row.digest: row for row in session.scalars(sa.select(measured).where(measured.digest.in_(digests)))
        },
        problems=collected((row.digest, (row.stage, row.note)) for row in session.scalars(problems)),
        quality=collected((row.digest, rows.quality(row)) for row in session.scalars(marked)),
        derivatives=collected((row.parent, rows.derivative(row)) for row in session.scalars(derived)),
        links=collected((link.digest, link) for link in links_where(session, schema.Link.digest.in_(digests))),
        names=dict(session.execute(named).all()),
        disposed=dict(session.execute(gone).all()),
        docked=docked(session, [clip.digest for clip in clips if clip.kind is Kind.OTHER]),
        sounds=sound_matches(session, digests),
        secrecy=of_clips(session, digests, classes),
        places=places_of(session, clips),
    )


def _view(clip: schema.Clip, beside: Beside) -> ClipView:
    digest = clip.digest
    disposed_at = beside.disposed.get(digest)
    problems = beside.problems.get(digest, [])
    of_dock = beside.docked.get(digest)
    failure = (clip.failure_stage, clip.failure_reason) if clip.failure_stage and clip.failure_reason else None
    return ClipView(
        digest=Digest(digest),
        size_bytes=clip.size_bytes,
        kind=clip.kind,
        state=clip.state,
        playable=Playable.NO if disposed_at else clip.playable,
        received_at=clip.received_at,
        sightings=tuple(beside.sightings.get(digest, ())),
        measurement=_measurement(digest, beside),
        claims=beside.claims[digest].all,
        clock=rows.clock(clip),
        device_id=DeviceId(clip.device_id) if clip.device_id is not None else None,
        officer_id=OfficerId(clip.officer_id) if clip.officer_id is not None else None,
        officer_name=beside.names.get(clip.officer_id or "", ""),
        officers=carriers_of(clip),
        officer_names=tuple(beside.names.get(officer) or officer for officer in carriers_of(clip)),
        officer_source=clip.officer_source,
        sequence=clip.sequence,
        recording=beside.places.get(digest),
        important=clip.important,
        duration_s=clip.duration_s,
        decoded_duration_s=clip.decoded_duration_s,
        problems=tuple(dict.fromkeys(note for _, note in problems)),
        quality=tuple(beside.quality.get(digest, ())),
        derivatives={} if disposed_at else _by_role(beside.derivatives.get(digest, [])),
        links=tuple(beside.links.get(digest, ())),
        failure=failure,
        disagreements=clip.disagreements,
        disposed_at=disposed_at,
        docking=of_dock.record if of_dock else None,
        arrived=of_dock.arrived if of_dock else {},
        sound_matches=tuple(beside.sounds.get(digest, ())),
        secrecy=beside.secrecy.get(digest),
    )


def _measurement(digest: str, beside: Beside) -> Measurement | None:
    row = beside.measurements.get(digest)
    if row is None:
        return None
    problems = tuple(note for stage, note in beside.problems.get(digest, ()) if stage == MEASURED)
    return rows.measurement(row, beside.claims[digest].inside, problems)


def _by_role(derivatives: Iterable[Derivative]) -> dict[Role, Derivative]:
    return {one.role: one for one in derivatives}
