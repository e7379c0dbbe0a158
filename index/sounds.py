"""Which clips are compared by their sound, what came of it, and what it says at a step.

A pair is two clips of different cameras that hang on one step, may have recorded 25 s together, and have sound. Each
clip asks for a few of them; a pair that both have asked for elsewhere waits for nobody, so the work stays bounded.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import sha256

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from evidence.clips import ClipState
from evidence.custody import Actor, Entry, EventType
from evidence.ids import CaseNo, DeviceId, Digest
from evidence.ports import Scope, Transaction
from evidence.secrecy import Effect
from evidence.sound import FAILED, NoSoundOffset, SoundComparison, SoundOffset, SoundQuestion, in_order
from evidence.sound_check import HeardPair, JudgedStart, check_sound
from index import dialects, facts, journal, ledger, schema
from index.batches import batched
from index.columns import to_us
from index.facts import StepKey
from index.secrecy import Classes, stopped
from index.tx import session_of

AT_MOST = 4
"""Comparisons a clip asks for; it may be in more when others ask."""

LEAST_US = 25_000_000
"""How long two clips must have recorded together at best, in microseconds; see docs/media.md, "Common sound"."""

SLACK_S = 60.0
"""How much further than the clocks allow sound is looked for, in seconds: a wrong clock is what it is to find."""

LOOKED_AT = 400
"""Clips on the steps of one clip that are considered for it."""

NAME_DIGITS = 12
"""Digits of the name of an attempt."""

MARK = "sound"
"""Name of the mark that says up to which entry of the ledger new links were seen."""

ENTRIES = 2000
"""Entries of the ledger looked at in one round."""

Clip, Match = schema.Clip, schema.SoundMatchRow


class SoundRegister:
    """Implements `evidence.ports.SoundMatches`."""

    def __init__(self, classes: Classes = ()) -> None:
        """Ask nothing of clips that one of these classes of confidentiality keeps from being processed."""
        self._classes = classes

    def wanted(self, tx: Transaction, digest: Digest) -> Sequence[tuple[Digest, Digest, str]]:
        """Return the pairs a clip asks for: those with the longest common time first, until it has `AT_MOST`."""
        session = session_of(tx)
        clip = session.get(Clip, digest)
        if clip is None:
            return ()
        known = {_other(row, digest): row for row in matches_of(session, [digest])}
        done = sum(1 for row in known.values() if not _has_failed(row))
        fresh = [
            one for one in self._partners(session, clip) if one.digest not in known or _has_failed(known[one.digest])
        ]
        fresh.sort(key=lambda one: (-_common_us(clip, one), one.digest))
        return [
            (*in_order(digest, Digest(one.digest)), _attempt(session, clip, one, known.get(one.digest)))
            for one in fresh[: max(0, AT_MOST - done)]
        ]

    def question(self, tx: Transaction, a: Digest, b: Digest) -> SoundQuestion | None:
        session = session_of(tx)
        one, other, row = session.get(Clip, a), session.get(Clip, b), session.get(Match, (a, b))
        if one is None or other is None or (row is not None and not _has_failed(row)):
            return None
        if b not in {partner.digest for partner in self._partners(session, one, only=b)}:
            return None
        assert one.span_start is not None  # noqa: S101 - partners have a reach, and so a span; told to the type checker
        assert other.span_start is not None  # noqa: S101 - as above
        within_s = (one.uncertainty_s or 0.0) + (other.uncertainty_s or 0.0) + SLACK_S
        expected_s = (other.span_start - one.span_start).total_seconds()
        return SoundQuestion(a, b, expected_s, within_s, f"{other.station}/{other.source_path}")

    def record_compared(self, tx: Transaction, compared: SoundComparison, actor: Actor, at: datetime) -> Scope:
        session = session_of(tx)
        row = session.get(Match, (compared.a, compared.b))
        if row is not None and not _has_failed(row):
            return Scope()
        detail = journal.compared(compared)
        dialects.upsert(session, Match, [journal.compared_values(compared.a, detail, at)])
        session.expire_all()
        ledger.append(session, Entry(EventType.COMPARED, actor, at, compared.a, detail=detail))
        if isinstance(compared.found, NoSoundOffset):
            return Scope()
        return Scope(cases=_cases(session, compared.a, compared.b))

    def _partners(self, session: Session, clip: schema.Clip, only: Digest | None = None) -> Sequence[schema.Clip]:
        """Return the clips that may be compared with one: those that `_partners` finds and nothing keeps secret."""
        found = _partners(session, clip, only)
        secret = stopped(session, [clip.digest, *(one.digest for one in found)], Effect.PROCESSING, self._classes)
        return () if clip.digest in secret else [one for one in found if one.digest not in secret]

    def newly_linked(self, tx: Transaction, limit: int) -> Sequence[Digest]:
        """Return clips that entries since the last call have linked, and remember how far the ledger was read.

        Stops, and goes on from there next time, when ``limit`` clips are found or `ENTRIES` were looked at.
        """
        session, row = session_of(tx), schema.LedgerRow
        seen = session.get(schema.Mark, MARK)
        start = seen.number if seen else 0
        stop = min(start + ENTRIES, ledger.heads(session).size)
        events = row.event.in_((EventType.LINKED, EventType.DECIDED))
        wanted = sa.select(row.number, row.subject).where(row.number >= start, row.number < stop, events)
        found: dict[Digest, None] = {}
        for number, subject in session.execute(wanted.order_by(row.number)):
            if len(found) == limit:
                stop = number
                break
            found[Digest(subject)] = None
        if stop > start:
            dialects.upsert(session, schema.Mark, [{"name": MARK, "number": stop, "token": ""}])
        return list(found)


def offset_of(row: schema.SoundMatchRow) -> SoundOffset | None:
    """Return the offset a row keeps; None when there is none."""
    if row.offset_s is None:
        return None
    figures = (row.error_s or 0.0, row.score or 0.0, row.windows or 0, row.tool, row.drift_ppm or 0.0)
    return SoundOffset(row.offset_s, *figures)


def start_of(clip: schema.Clip) -> JudgedStart:
    """Return when a clip began, as it is judged."""
    return JudgedStart(clip.span_start, clip.uncertainty_s, clip.verdict)


def device_of(clip: schema.Clip) -> DeviceId | None:
    """Return the camera a clip is judged to be of."""
    return DeviceId(clip.device_id) if clip.device_id is not None else None


def heard_at(session: Session, hanging: Mapping[StepKey, Sequence[schema.Clip]]) -> dict[StepKey, list[HeardPair]]:
    """Return the pairs of clips that hang on one step and have common sound, and how their clocks stand to it."""
    together = {key: {clip.digest: clip for clip in clips} for key, clips in hanging.items() if len(clips) > 1}
    rows: dict[str, list[schema.SoundMatchRow]] = defaultdict(list)
    for some in batched(sorted({digest for clips in together.values() for digest in clips})):
        for row in session.scalars(sa.select(Match).where(Match.digest_a.in_(some)).order_by(Match.digest_b)):
            rows[row.digest_a].append(row)
    return {
        key: [pair for a in sorted(clips) for row in rows[a] if (pair := heard_pair(row, clips)) is not None]
        for key, clips in together.items()
    }


def heard_pair(row: schema.SoundMatchRow, clips: Mapping[str, schema.Clip]) -> HeardPair | None:
    """Return what a comparison says of two clips on one step; None when one does not hang there, or it failed."""
    a, b, offset = clips[row.digest_a], clips.get(row.digest_b), offset_of(row)
    if b is None or offset is None:
        return None
    check = check_sound(start_of(a), start_of(b), offset)
    return HeardPair(Digest(a.digest), Digest(b.digest), device_of(a), device_of(b), check)


def matches_of(session: Session, digests: Sequence[str]) -> Iterator[schema.SoundMatchRow]:
    """Yield the comparisons that clips took part in, each once."""
    first = sa.select(Match).where(Match.digest_a.in_(digests)).order_by(Match.digest_a, Match.digest_b)
    yield from session.scalars(first)
    rest = sa.select(Match).where(Match.digest_b.in_(digests), Match.digest_a.not_in(digests))
    yield from session.scalars(rest.order_by(Match.digest_a, Match.digest_b))


def _partners(session: Session, clip: schema.Clip, only: Digest | None = None) -> Sequence[schema.Clip]:
    """Return the clips of other cameras on the steps of a clip that may have heard the same, looked into whole.

    Sought by the links alone, and sifted here: the database would rather walk through all clips of a state.
    """
    if not _can_be_compared(session, clip):
        return ()
    mine, theirs = schema.Link, aliased(schema.Link)
    same = sa.and_(theirs.case_no == mine.case_no, theirs.step_no == mine.step_no, theirs.active)
    beside = sa.select(theirs.digest).join(mine, same).where(mine.digest == clip.digest, mine.active)
    beside = beside.where(theirs.digest == only) if only else beside
    found = facts.clip_rows(session, set(session.scalars(beside.limit(LOOKED_AT))))
    others = [one for one in found if one.device_id != clip.device_id and _can_be_compared(session, one)]
    return [one for one in others if _common_us(clip, one) >= LEAST_US]


def _can_be_compared(session: Session, clip: schema.Clip) -> bool:
    """Whether a clip is kept, has sound, a camera and a time, and all that can be found out about it was."""
    known = clip.device_id is not None and clip.reach_start is not None and clip.reach_end is not None
    if not (known and clip.state is ClipState.REVIEWED and clip.has_audio):
        return False
    return session.get_one(schema.Original, clip.digest).disposed_at is None


def _common_us(one: schema.Clip, other: schema.Clip) -> int:
    """Return how long two reaches have in common, in microseconds."""
    ends = [to_us(clip.reach_end) for clip in (one, other) if clip.reach_end is not None]
    starts = [to_us(clip.reach_start) for clip in (one, other) if clip.reach_start is not None]
    return min(ends) - max(starts)


def _cases(session: Session, a: str, b: str) -> frozenset[CaseNo]:
    """Return the cases with a step that both clips hang on."""
    mine, theirs = schema.Link, aliased(schema.Link)
    same = sa.and_(theirs.case_no == mine.case_no, theirs.step_no == mine.step_no)
    both = (mine.digest == a, theirs.digest == b, mine.active, theirs.active)
    wanted = sa.select(mine.case_no).join(theirs, same).where(*both).distinct()
    return frozenset(CaseNo(case_no) for case_no in session.scalars(wanted))


def _other(row: schema.SoundMatchRow, digest: str) -> str:
    return row.digest_b if row.digest_a == digest else row.digest_a


def _has_failed(row: schema.SoundMatchRow) -> bool:
    return row.refused is not None and row.refused.code == FAILED


def _attempt(session: Session, one: schema.Clip, other: schema.Clip, row: schema.SoundMatchRow | None) -> str:
    """Return a name for all that a comparison is asked by: links, reaches, and the failure that it comes after."""
    mine, theirs = schema.Link, aliased(schema.Link)
    same = sa.and_(theirs.case_no == mine.case_no, theirs.step_no == mine.step_no)
    both = (mine.digest == min(one.digest, other.digest), theirs.digest == max(one.digest, other.digest))
    linked = sa.select(mine.case_no, mine.step_no, mine.linked_at, theirs.linked_at).join(theirs, same)
    linked = linked.where(*both, mine.active, theirs.active).order_by(mine.case_no, mine.step_no)
    reaches = sorted((clip.digest, clip.reach_start, clip.reach_end) for clip in (one, other))
    asked_by = (session.execute(linked).all(), reaches, row and row.compared_at)
    return sha256(repr(asked_by).encode()).hexdigest()[:NAME_DIGITS]
