"""The reading side of the register: every call is one consistent view, in a few statements whatever its length."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.clips import ClipState
from evidence.clock import Proposal
from evidence.clock_views import CameraClock, ShiftDecision
from evidence.custody import LedgerEntry
from evidence.documents import DOCUMENT_STATION
from evidence.errors import NotFoundError
from evidence.findings import Severity, StepState
from evidence.ids import CaseNo, Digest, FindingId, StationId
from evidence.law import LawPack
from evidence.markers import MarkView
from evidence.people import Assignment, Device, Officer
from evidence.ports import Pickup, PickupState
from evidence.secrecy import Secrecy
from evidence.suggesting import SuggestionView
from evidence.views import (
    CaseView,
    ClipFilter,
    ClipView,
    ExportView,
    FindingFilter,
    FindingView,
    Life,
    MarkFilter,
    PickupOutcome,
    PickupView,
    StationView,
    StepView,
    SuggestionFilter,
    Totals,
)
from index import facts, ledger, schema
from index.batches import batched
from index.carriers import page_of
from index.case_numbers import NumberKeeper, key_of
from index.case_views import case_views, count, finding_view, history, pickup_view, station_view, step_views, tally
from index.clip_views import clip_views
from index.clock_views import camera_clock, shift_decisions, shift_proposals
from index.engine import Register
from index.exports import exports_of
from index.filters import OPEN_STATES, clip_conditions, escaped, finding_conditions
from index.markers import mark_views
from index.secrecy import known, of_cases, of_clips
from index.suggestion_views import count_suggestions, suggestion_views

Noun = TypeVar("Noun", Officer, Device, Assignment)
Wanted = TypeVar("Wanted", ClipFilter, FindingFilter, SuggestionFilter, MarkFilter)

SHORTEST_PREFIX = 6
FULL_DIGEST = 64
UNFINISHED = (PickupState.SETTLING, PickupState.WAITING, PickupState.FAILED)
GOING = (ClipState.SEALED, ClipState.MEASURED, ClipState.DERIVED)
WAITING = (PickupState.SETTLING, PickupState.WAITING)


GRAVEST_FIRST = sa.case({severity: rank for rank, severity in enumerate(Severity)}, value=schema.FindingRow.severity)


class RegisterLibrary:
    """Implements `evidence.views.Library`."""

    def __init__(self, register: Register, pack: LawPack, *, docks_set: bool = True) -> None:
        """Read through the register's reading engine; names and aliases come from the pack."""
        self._numbers = NumberKeeper()
        self._register = register
        self._pack = pack
        self._classes = known(pack)
        self._docks_set = docks_set

    # --- clips --------------------------------------------------------------------------------------------------------

    def clips(self, wanted: ClipFilter) -> Sequence[ClipView]:
        with self._register.reading() as session:
            found = session.scalars(page_of(_by_key(session, wanted))).all()
            return clip_views(session, found, self._classes)

    def count_clips(self, wanted: ClipFilter) -> int:
        with self._register.reading() as session:
            wanted = _by_key(session, wanted)
            counted = sa.select(sa.func.count()).select_from(schema.Clip).where(*clip_conditions(wanted))
            return session.scalar(counted) or 0

    def clip(self, digest_or_prefix: str) -> ClipView:
        prefix = digest_or_prefix.strip().lower()
        if len(prefix) < SHORTEST_PREFIX or len(prefix) > FULL_DIGEST:
            raise NotFoundError("not a clip's digest", subject=prefix, cure="give at least 6 of its 64 hex digits")
        clip = schema.Clip
        with self._register.reading() as session:
            from_here = sa.select(clip).where(clip.digest >= prefix, clip.digest < prefix + "g")
            found = session.scalars(from_here.order_by(clip.digest).limit(2)).all()
            if len(found) != 1:
                message = "names more than one clip" if found else "no clip of that digest"
                cure = "give more digits" if found else "list the clips to see which there are"
                raise NotFoundError(message, subject=prefix, cure=cure)
            return clip_views(session, found, self._classes)[0]

    def clips_by_digest(self, digests: Sequence[Digest]) -> Mapping[Digest, ClipView]:
        with self._register.reading() as session:
            found = clip_views(session, facts.clip_rows(session, set(digests)), self._classes)
        by_digest = {view.digest: view for view in found}
        return {digest: by_digest[digest] for digest in dict.fromkeys(digests) if digest in by_digest}

    # --- clocks -------------------------------------------------------------------------------------------------------

    def camera_clock(self, name: str) -> CameraClock:
        with self._register.reading() as session:
            return camera_clock(session, name, docks_set=self._docks_set)

    def shift_proposals(self) -> Sequence[Proposal]:
        with self._register.reading() as session:
            return shift_proposals(session)

    def shift_decisions(self) -> Sequence[ShiftDecision]:
        with self._register.reading() as session:
            return shift_decisions(session)

    # --- suggestions --------------------------------------------------------------------------------------------------

    def suggestions(self, wanted: SuggestionFilter) -> Sequence[SuggestionView]:
        with self._register.reading() as session:
            return suggestion_views(session, _by_key(session, wanted))

    def count_suggestions(self, wanted: SuggestionFilter) -> int:
        with self._register.reading() as session:
            return count_suggestions(session, _by_key(session, wanted))

    def marks(self, wanted: MarkFilter) -> Sequence[MarkView]:
        with self._register.reading() as session:
            return mark_views(session, _by_key(session, wanted), self._pack.marks)

    # --- cases and steps ----------------------------------------------------------------------------------------------

    def cases(
        self, *, text: str = "", provisional: bool = False, limit: int = 100, offset: int = 0
    ) -> Sequence[CaseView]:
        row = schema.CaseRow
        wanted = sa.select(row).order_by(row.began_at.desc().nulls_last(), row.case_no.desc())
        if provisional:
            wanted = wanted.where(row.provisional, row.official_no.is_(None))
        if text:
            like = f"%{escaped(text)}%"
            columns = (row.case_no, row.official_no, row.title, row.unit, row.matter_type)
            wanted = wanted.where(sa.or_(*(column.ilike(like, escape="\\") for column in columns)))
        with self._register.reading() as session:
            return case_views(session, session.scalars(wanted.limit(limit).offset(offset)).all(), self._classes)

    def case(self, case_no: str) -> CaseView:
        with self._register.reading() as session:
            found = session.get(schema.CaseRow, key_of(session, case_no))
            if found is None:
                cure = "list the cases to see which there are, or import it"
                raise NotFoundError("no case of that number", subject=case_no, cure=cure)
            return case_views(session, [found], self._classes)[0]

    def key_of(self, number: str) -> CaseNo:
        with self._register.reading() as session:
            return key_of(session, number)

    def official_numbers(self) -> Mapping[str, str]:
        with self._register.reading() as session:
            return self._numbers.current(session)

    def steps(self, *, case_no: str = "", state: StepState | None = None) -> Sequence[StepView]:
        row = schema.StepRow
        wanted = sa.select(row).order_by(row.started_at, row.case_no, row.step_no)
        wanted = wanted.where(row.state == state) if state is not None else wanted
        with self._register.reading() as session:
            wanted = wanted.where(row.case_no == key_of(session, case_no)) if case_no else wanted
            return step_views(session, session.scalars(wanted).all(), self._pack)

    # --- confidentiality ----------------------------------------------------------------------------------------------

    def secrecy_of_clip(self, digest: Digest) -> Secrecy | None:
        with self._register.reading() as session:
            return of_clips(session, [digest], self._classes).get(digest)

    def secrecy_of_case(self, case_no: CaseNo) -> Secrecy | None:
        with self._register.reading() as session:
            key = key_of(session, case_no)
            return of_cases(session, [key], self._classes).get(key)

    def exports_of(self, digest: Digest) -> Sequence[ExportView]:
        with self._register.reading() as session:
            return list(exports_of(session, digest))

    # --- findings -----------------------------------------------------------------------------------------------------

    def findings(self, wanted: FindingFilter) -> Sequence[FindingView]:
        row = schema.FindingRow
        with self._register.reading() as session:
            listed = sa.select(row).where(*finding_conditions(_by_key(session, wanted), self._pack))
            ordered = listed.order_by(GRAVEST_FIRST, row.first_found_at.desc(), row.finding_id)
            found = session.scalars(ordered.limit(wanted.limit).offset(wanted.offset))
            return [finding_view(one) for one in found]

    def finding(self, finding_id: str) -> FindingView:
        with self._register.reading() as session:
            found = session.get(schema.FindingRow, finding_id)
            if found is None:
                cure = "list the findings to see which there are"
                raise NotFoundError("no finding of that id", subject=finding_id, cure=cure)
            return finding_view(found)

    def finding_history(self, finding_id: FindingId) -> Sequence[Life]:
        with self._register.reading() as session:
            return history(session, finding_id)

    # --- docks --------------------------------------------------------------------------------------------------------

    def stations(self) -> Sequence[StationView]:
        clip, pickup = schema.Clip, schema.PickupRow
        sealed = sa.select(
            clip.station, sa.func.count(), sa.func.sum(clip.size_bytes), sa.func.max(clip.last_received_at)
        )
        states = sa.select(pickup.station, pickup.state, sa.func.count()).where(pickup.state.in_(UNFINISHED))
        with self._register.reading() as session:
            files = {row[0]: row for row in session.execute(sealed.group_by(clip.station))}
            open_: dict[str, Counter[PickupState]] = {}
            for station, state, number in session.execute(states.group_by(pickup.station, pickup.state)):
                open_.setdefault(station, Counter())[state] = number
        names = sorted((files.keys() - {DOCUMENT_STATION}) | open_.keys())
        return [station_view(name, files.get(name), open_.get(name, Counter())) for name in names]

    def pickups(self, *, station: str = "", unfinished: bool = True, limit: int = 200) -> Sequence[PickupView]:
        row = schema.PickupRow
        wanted = sa.select(row).order_by(row.changed_at.desc(), row.key).limit(limit)
        wanted = wanted.where(row.station == station) if station else wanted
        wanted = wanted.where(row.state.in_(UNFINISHED)) if unfinished else wanted
        with self._register.reading() as session:
            return [pickup_view(found) for found in session.scalars(wanted)]

    def outcomes(self, keys: Sequence[str]) -> Mapping[str, PickupOutcome]:
        row, seen = schema.PickupRow, schema.SightingRow
        joined = sa.select(row.key, row.state, seen.digest, row.reason).outerjoin(seen, seen.pickup_key == row.key)
        with self._register.reading() as session:
            return {
                key: PickupOutcome(key, state, Digest(digest) if digest else None, reason)
                for some in batched(list(dict.fromkeys(keys)))
                for key, state, digest, reason in session.execute(joined.where(row.key.in_(some)))
            }

    def pickup_counts(self) -> Mapping[str, int]:
        with self._register.reading() as session:
            return tally(session, schema.PickupRow.state)

    def pickups_in(self, state: PickupState) -> Sequence[Pickup]:
        row = schema.PickupRow
        with self._register.reading() as session:
            found = session.scalars(sa.select(row).where(row.state == state).order_by(row.changed_at, row.key))
            return [Pickup(r.key, StationId(r.station), r.root, r.source_path, r.size_bytes, r.mtime_ns) for r in found]

    def unfinished(self) -> int:
        clip, pickup = schema.Clip, schema.PickupRow
        with self._register.reading() as session:
            waiting = count(session, pickup, pickup.state.in_(WAITING))
            going = count(session, clip, clip.state.in_(GOING))
            # two short ranges; asked for at once, the unfailed – nearly all – would be walked through
            failed = count(session, clip, clip.failure_stage.is_not(None), clip.state.in_(GOING))
            return waiting + going - failed

    def totals(self) -> Totals:
        clip, pickup, finding = schema.Clip, schema.PickupRow, schema.FindingRow
        is_open, filed = finding.state.in_(OPEN_STATES), clip.filed == sa.true()
        with self._register.reading() as session:
            return Totals(
                clips=count(session, clip) - count(session, clip, filed),
                size_bytes=session.scalar(sa.select(sa.func.sum(clip.size_bytes))) or 0,
                by_state=_footage(tally(session, clip.state), tally(session, clip.state, filed)),
                by_kind=_footage(tally(session, clip.kind), tally(session, clip.kind, filed)),
                failed=count(session, clip, clip.failure_stage.is_not(None)),
                pickups_waiting=count(session, pickup, pickup.state.in_(WAITING)),
                pickups_failed=count(session, pickup, pickup.state == PickupState.FAILED),
                cases=count(session, schema.CaseRow),
                steps=count(session, schema.StepRow),
                open_findings=tally(session, finding.kind, is_open),
                ledger_entries=ledger.heads(session).size,
            )

    # --- records, ledger, law -----------------------------------------------------------------------------------------

    def officers(self) -> Sequence[Officer]:
        return self._read(facts.officers)

    def devices(self) -> Sequence[Device]:
        return self._read(facts.devices)

    def assignments(self) -> Sequence[Assignment]:
        return self._read(facts.assignments)

    def ledger(
        self, *, subject: str = "", start: int = 0, limit: int = 1000, newest: bool = False
    ) -> Sequence[LedgerEntry]:
        with self._register.reading() as session:
            return ledger.read(session, subject=subject, start=start, limit=limit, newest=newest)

    def pack(self) -> LawPack:
        return self._pack

    def _read(self, load: Callable[[Session], list[Noun]]) -> list[Noun]:
        with self._register.reading() as session:
            return load(session)


def _by_key(session: Session, wanted: Wanted) -> Wanted:
    """Return what is asked for under the number by which the register keeps its case, whichever number was named."""
    return replace(wanted, case_no=key_of(session, wanted.case_no)) if wanted.case_no else wanted


def _footage(every: Mapping[str, int], filed: Mapping[str, int]) -> dict[str, int]:
    """Return figures without the files that came as text records; of those there is an index, of the rest none."""
    left = {word: number - filed.get(word, 0) for word, number in every.items()}
    return {word: number for word, number in left.items() if number}
