"""The pipeline's writing side: what came, was measured, was derived, or failed. Each with its ledger entry."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.claims import Claims, OfficerSource
from evidence.clips import ClipState, Derivation, Kind, Measurement, Playable, Sighting
from evidence.clock import ClockVerdict
from evidence.custody import Actor, Authenticated, Entry, EventType
from evidence.documents import DOCUMENT_STATION
from evidence.errors import NotFoundError
from evidence.ids import SYSTEM_ACTOR, Digest
from evidence.notes import Note
from evidence.ports import Pickup, PickupState, Transaction
from index import dialects, journal, ledger, rows, schema
from index.docks import put_dock_record
from index.tx import session_of

BEFORE_ALL_TIMES = -(2**62)
"""Where clips without a recorded time stand in lists: after all others."""

MEASURED = "measured"
DERIVED = "derived"
MACHINE = Actor(SYSTEM_ACTOR, Authenticated.MACHINE)


class IntakeRegister:
    """Implements `evidence.ports.Intakes`."""

    def note_pickup(
        self, tx: Transaction, pickup: Pickup, state: PickupState, reason: Note | None, at: datetime
    ) -> None:
        """Record how far a watched file is; a new failure, and its end, are custody events before it is sealed."""
        session = session_of(tx)
        before = session.get(schema.PickupRow, pickup.key)
        if before is not None and (before.state, before.reason) == (state, reason):
            return
        had_failed = before is not None and before.state is PickupState.FAILED
        _put_pickup(session, pickup, state, reason, at)
        if state is PickupState.FAILED:
            ledger.append(session, Entry(EventType.FAILED, MACHINE, at, detail=journal.refused(pickup, reason)))
        elif had_failed:
            ledger.append(session, Entry(EventType.RETRIED, MACHINE, at, detail=journal.retried(pickup, state)))

    def pickup_state(self, tx: Transaction, key: str) -> PickupState | None:
        row = schema.PickupRow
        return session_of(tx).scalar(sa.select(row.state).where(row.key == key))

    def record_sealed(self, tx: Transaction, pickup: Pickup, sighting: Sighting, claims: Claims, actor: Actor) -> bool:
        session = session_of(tx)
        known = session.get(schema.Original, sighting.digest)
        is_new = known is None or known.disposed_at is not None
        if known is None:
            _put_original(session, sighting)
        else:
            known.disposed_at = None  # bytes that were disposed of and came again are there again
        if _put_sighting(session, pickup.key, sighting):
            _follow_sightings(session, sighting.digest)
            detail = journal.seen(pickup, sighting, claims)
            ledger.append_all(session, list(_sealed_entries(sighting, detail, actor, is_new=is_new)))
        put_claims(session, sighting.digest, claims, inside=False)
        state = PickupState.SEALED if is_new else PickupState.SEEN_AGAIN
        _put_pickup(session, pickup, state, None, sighting.received_at)
        return is_new

    def record_measured(
        self, tx: Transaction, digest: Digest, measured: Measurement, claims: Claims, actor: Actor, at: datetime
    ) -> None:
        session = session_of(tx)
        clip = clip_row(session, digest)
        values = {**rows.measurement_values(digest, measured), "measured_at": at}
        dialects.upsert(session, schema.MeasurementRow, [values])
        put_claims(session, digest, measured.claims.joined(claims), inside=True)
        put_dock_record(session, digest, measured.docking)
        _put_problems(session, digest, MEASURED, measured.problems)
        _settle(session, clip, ClipState.MEASURED)
        detail = {
            "kind": measured.kind.value,
            "media_type": measured.media_type,
            "tool": measured.tool,
            "measurement": journal.MEASUREMENT.write(measured),
            "claims": journal.CLAIMS.write(claims),
        }
        ledger.append(session, Entry(EventType.MEASURED, actor, at, digest, detail=detail))

    def record_derived(
        self, tx: Transaction, digest: Digest, derivation: Derivation, actor: Actor, at: datetime
    ) -> None:
        session = session_of(tx)
        clip = clip_row(session, digest)
        _put_derivation(session, digest, derivation, at)
        put_claims(session, digest, derivation.claims, inside=True)
        _put_problems(session, digest, DERIVED, derivation.problems)
        _settle(session, clip, ClipState.DERIVED)
        clip.failure_stage = clip.failure_reason = None
        session.flush()
        detail = {
            "derivatives": {one.role.value: one.digest for one in derivation.derivatives},
            "playable": derivation.playable.value,
            "tool": derivation.tool,
            "derivation": journal.DERIVATION.write(derivation),
        }
        ledger.append(session, Entry(EventType.DERIVED, actor, at, digest, detail=detail))

    def record_failure(
        self, tx: Transaction, digest: Digest, stage: str, reason: Note, actor: Actor, at: datetime
    ) -> None:
        session = session_of(tx)
        clip = clip_row(session, digest)
        clip.failure_stage, clip.failure_reason = stage, reason
        session.flush()
        detail = {"stage": stage, "reason": ledger.told(reason)}
        ledger.append(session, Entry(EventType.FAILED, actor, at, digest, detail=detail))

    def clear_failure(self, tx: Transaction, digest: Digest, actor: Actor, at: datetime) -> None:
        session = session_of(tx)
        clip = clip_row(session, digest)
        if clip.failure_stage is not None:
            clip.failure_stage = clip.failure_reason = None
            session.flush()
            ledger.append(session, Entry(EventType.RETRIED, actor, at, digest))

    def append(self, tx: Transaction, entry: Entry) -> int:
        return ledger.append(session_of(tx), entry)


def clip_row(session: Session, digest: str) -> schema.Clip:
    """Return the row of a clip.

    Raises:
        NotFoundError: no such original is registered.
    """
    found = session.get(schema.Clip, digest)
    if found is None:
        raise NotFoundError("no clip of that digest", subject=digest, cure="list the clips to see which there are")
    return found


def put_claims(session: Session, digest: Digest, claims: Claims, *, inside: bool) -> None:
    """Add statements about a clip; what was stated before stays, and is kept once."""
    times, names = schema.TimeClaimRow, schema.IdentityClaimRow
    known_times = {rows.time_claim(row) for row in session.scalars(sa.select(times).where(times.digest == digest))}
    known_names = {rows.identity_claim(row) for row in session.scalars(sa.select(names).where(names.digest == digest))}
    session.add_all(
        times(digest=digest, inside=inside, **vars(claim))
        for claim in dict.fromkeys(claims.times)
        if claim not in known_times
    )
    session.add_all(
        names(digest=digest, inside=inside, folded=claim.value.casefold(), **vars(claim))
        for claim in dict.fromkeys(claims.identities)
        if claim not in known_names
    )
    session.flush()


def _put_pickup(session: Session, pickup: Pickup, state: PickupState, reason: Note | None, at: datetime) -> None:
    """Record how far a file is; an earlier state of it that was still settling has become this one."""
    row = schema.PickupRow
    same_file = (row.station == pickup.station, row.root == pickup.root, row.source_path == pickup.source_path)
    session.execute(sa.delete(row).where(row.state == PickupState.SETTLING, *same_file, row.key != pickup.key))
    values = {**vars(pickup), "state": state, "reason": reason, "changed_at": at}
    dialects.upsert(session, schema.PickupRow, [values])
    session.expire_all()


def _put_original(session: Session, sighting: Sighting) -> None:
    session.add(
        schema.Original(digest=sighting.digest, size_bytes=sighting.size_bytes, received_at=sighting.received_at)
    )
    session.flush()
    session.add(schema.Clip(**unjudged(sighting)))
    session.flush()


def unjudged(sighting: Sighting) -> rows.Values:
    """Return the columns of a clip before anything is known but that it came."""
    return {
        "digest": sighting.digest,
        "size_bytes": sighting.size_bytes,
        "kind": Kind.OTHER,
        "state": ClipState.SEALED,
        "playable": Playable.NO,
        "received_at": sighting.received_at,
        "last_received_at": sighting.received_at,
        "station": sighting.station,
        "source_path": sighting.source_path,
        "officer_source": OfficerSource.UNKNOWN,
        "important": False,
        "disagreements": (),
        "sort_us": BEFORE_ALL_TIMES,
        "verdict": ClockVerdict.UNKNOWN,
        "rules": (),
        "has_video": False,
        "has_audio": False,
        "damaged": False,
        "linked": False,
        "filed": sighting.station == DOCUMENT_STATION,
    }


def settled(measured: schema.MeasurementRow, derived: schema.DerivationRow | None) -> rows.Values:
    """Return the columns of a clip that follow from what was measured of it and derived from it."""
    decoded_s = derived.decoded_duration_s if derived else None
    as_is = Playable.ORIGINAL if measured.playable_as_is else Playable.NO
    return {
        "kind": measured.kind,
        "has_video": measured.video is not None,
        "has_audio": measured.audio is not None,
        "damaged": measured.damaged or (derived is not None and derived.damaged),
        "duration_s": measured.declared_duration_s if decoded_s is None else decoded_s,
        "decoded_duration_s": decoded_s,
        "playable": derived.playable if derived else as_is,
    }


def _put_sighting(session: Session, pickup_key: str, sighting: Sighting) -> bool:
    """Keep a sighting once per pick-up; return whether it is new."""
    same = sa.select(schema.SightingRow.sighting_id).where(schema.SightingRow.pickup_key == pickup_key)
    if session.scalar(same) is not None:
        return False
    session.add(schema.SightingRow(pickup_key=pickup_key, **vars(sighting)))
    session.flush()
    return True


def _follow_sightings(session: Session, digest: Digest) -> None:
    """Let the clip stand under its first sighting, whichever order they were recorded in."""
    seen = schema.SightingRow
    ordered = sa.select(seen).where(seen.digest == digest).order_by(seen.received_at, seen.station, seen.source_path)
    all_seen = session.scalars(ordered).all()
    clip = clip_row(session, digest)
    clip.station, clip.source_path = all_seen[0].station, all_seen[0].source_path
    clip.received_at, clip.last_received_at = all_seen[0].received_at, all_seen[-1].received_at
    clip.filed = is_filed(all_seen)
    original = session.get_one(schema.Original, digest)
    original.received_at = clip.received_at
    session.flush()


def is_filed(all_seen: Iterable[schema.SightingRow]) -> bool:
    """Whether a file came only for text records, so that it is no footage."""
    return all(seen.station == DOCUMENT_STATION for seen in all_seen)


def _sealed_entries(sighting: Sighting, detail: Mapping[str, object], actor: Actor, *, is_new: bool) -> Iterable[Entry]:
    at, digest = sighting.received_at, sighting.digest
    if not is_new:
        yield Entry(EventType.SEEN_AGAIN, actor, at, digest, detail=detail)
        return
    yield Entry(EventType.RECEIVED, actor, at, digest, detail=detail)
    yield Entry(EventType.SEALED, actor, at, digest, detail={"algorithm": "SHA-256"})


def _put_problems(session: Session, digest: Digest, stage: str, problems: Collection[Note]) -> None:
    old = sa.delete(schema.ProblemRow).where(schema.ProblemRow.digest == digest, schema.ProblemRow.stage == stage)
    session.execute(old)
    session.add_all(
        schema.ProblemRow(digest=digest, stage=stage, position=position, note=problem)
        for position, problem in enumerate(problems)
    )
    session.flush()


def _settle(session: Session, clip: schema.Clip, reached: ClipState) -> None:
    """Let a clip follow its measurement and derivation; measuring again does not set its state back."""
    session.expire_all()
    measured = session.get_one(schema.MeasurementRow, clip.digest)
    for column, value in settled(measured, session.get(schema.DerivationRow, clip.digest)).items():
        setattr(clip, column, value)
    order = list(ClipState)
    clip.state = max(clip.state, reached, key=order.index)
    session.flush()


def _put_derivation(session: Session, digest: Digest, made: Derivation, at: datetime) -> None:
    values = {
        "digest": digest,
        "playable": made.playable,
        "decoded_duration_s": made.decoded_duration_s,
        "decoded_frames": made.decoded_frames,
        "damaged": made.damaged,
        "tool": made.tool,
        "derived_at": at,
    }
    dialects.upsert(session, schema.DerivationRow, [values])
    dialects.upsert(session, schema.DerivativeRow, [rows.derivative_values(one) for one in made.derivatives])
    session.execute(sa.delete(schema.QualitySpanRow).where(schema.QualitySpanRow.digest == digest))
    session.add_all(
        schema.QualitySpanRow(digest=digest, position=position, **vars(span))
        for position, span in enumerate(made.quality)
    )
    session.flush()
