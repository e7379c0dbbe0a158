"""Requests for copies in the register: each act is a decision whose entry carries the whole request as it stands."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.copies import CopyRequest, CopyState, OnCase
from evidence.errors import NotFoundError
from evidence.ids import CaseNo, Digest, StepNo
from evidence.notes import note
from evidence.ports import Scope, Transaction
from index import dialects, schema
from index.case_numbers import key_of
from index.decisions import Act, Decided, record
from index.journal import Form, Told
from index.papers import attachments_of
from index.tx import session_of

REQUEST, APPROVE, REFUSE = "request_copies", "approve_copies", "refuse_copies"
PREPARE, HAND_OVER = "prepare_copies", "hand_over_copies"
VERBS = (REQUEST, APPROVE, REFUSE, PREPARE, HAND_OVER)
EVERY = 1_000_000
_FORM = Form(CopyRequest)


def begin(tx: Transaction, request: CopyRequest, act: Act) -> Decided:
    """Record a new request.

    Raises:
        NotFoundError: no such case, or a step or clip that does not belong to it.
    """
    session = session_of(tx)
    request = replace(request, case_no=key_of(session, request.case_no))
    there = on_case(session, request.case_no)
    if strange := set(request.clips) - {one.digest for one in there}:
        cure, told = "name clips of the case: evidock clips --case", note("copies.no_clip", digest=min(strange)[:12])
        raise NotFoundError(f"does not hang on case {request.case_no}", subject=min(strange), cure=cure, reason=told)
    step = schema.StepRow
    known = set(session.scalars(sa.select(step.step_no).where(step.case_no == request.case_no)))
    if unknown := set(request.steps) - known:
        cure, told = "see the steps of the case: evidock steps", note("copies.no_step", step_no=min(unknown))
        raise NotFoundError(f"is no step of case {request.case_no}", subject=min(unknown), cure=cure, reason=told)
    return _write(session, request, act)


def on_case(session: Session, case_no: str) -> list[OnCase]:
    """Return what belongs to a case: footage that hangs on it, then files attached to its text records.

    Raises:
        NotFoundError: no such case.
    """
    case_no = key_of(session, case_no)
    if session.get(schema.CaseRow, case_no) is None:
        told = note("copies.no_case", case_no=case_no)
        raise NotFoundError("no case of that number", subject=case_no, cure="list the cases", reason=told)
    link = schema.Link
    hanging = sa.select(link.digest, link.step_no).where(link.case_no == case_no, link.active)
    footage = _steps_of((str(digest), str(step)) for digest, step in session.execute(hanging))
    attached = [one for some in attachments_of(session, [case_no]).values() for one in some if one.active]
    records = _steps_of((one.digest, one.step_no) for one in attached)
    return [
        *(OnCase(Digest(digest), steps) for digest, steps in footage.items()),
        *(OnCase(Digest(digest), steps, is_record=True) for digest, steps in records.items() if digest not in footage),
    ]


def _steps_of(pairs: Iterable[tuple[str, str]]) -> dict[str, frozenset[StepNo]]:
    """Return the steps of each digest, in order of digest; what belongs to the whole case has none."""
    found: dict[str, set[StepNo]] = defaultdict(set)
    for digest, step_no in sorted(pairs):
        found[digest] |= {StepNo(step_no)} if step_no else set()
    return {digest: frozenset(steps) for digest, steps in found.items()}


def move(tx: Transaction, request_id: str, change: Callable[[CopyRequest], CopyRequest], act: Act) -> Decided:
    """Record what becomes of a request. Raises NotFoundError, and what ``change`` raises."""
    session = session_of(tx)
    return _write(session, change(copy_request(session, request_id)), act)


def _write(session: Session, request: CopyRequest, act: Act) -> Decided:
    plain = _FORM.write(request)
    _put(session, request)
    about = {"case_no": request.case_no, "request_id": request.request_id, "copies": plain}
    return record(session, act, request.request_id, Scope(cases=frozenset({CaseNo(request.case_no)})), about)


def _put(session: Session, request: CopyRequest) -> None:
    values = {
        "request_id": request.request_id,
        "case_no": request.case_no,
        "state": request.state,
        "requested_at": request.requested.at,
        "body": _FORM.write(request),
    }
    dialects.upsert(session, schema.CopyRequestRow, [values])
    session.expire_all()


def take_in(session: Session, told: Told) -> None:
    """Do again what an entry says of a request."""
    _put(session, _FORM.read(told.detail["copies"]))


def copy_request(session: Session, request_id: str) -> CopyRequest:
    """Return a request.

    Raises:
        NotFoundError: there is none of that id.
    """
    found = session.get(schema.CopyRequestRow, request_id)
    if found is None:
        cure, told = "`evidock copies list` shows them", note("copies.no_request", request_id=request_id)
        raise NotFoundError("no request of that id", subject=request_id, cure=cure, reason=told)
    return _FORM.read(found.body)


@dataclass(frozen=True)
class CopyFilter:
    """Which requests are asked for. ``states``: None is any; ``case_no``: empty is any."""

    states: frozenset[CopyState] | None = None
    case_no: str = ""
    limit: int = EVERY
    offset: int = 0


def copy_requests(session: Session, wanted: CopyFilter) -> Sequence[CopyRequest]:
    """Return requests, the newest first."""
    row = schema.CopyRequestRow
    listed = sa.select(row).order_by(row.requested_at.desc(), row.request_id)
    if wanted.states is not None:
        listed = listed.where(row.state.in_(wanted.states))
    if wanted.case_no:
        listed = listed.where(row.case_no == key_of(session, wanted.case_no))
    found = session.scalars(listed.limit(wanted.limit).offset(wanted.offset))
    return [_FORM.read(one.body) for one in found]


def count_requests(session: Session) -> Mapping[CopyState, int]:
    """Return how many requests are in each state; a state without any is absent."""
    row = schema.CopyRequestRow
    counted = sa.select(row.state, sa.func.count()).group_by(row.state)
    return {CopyState(state): int(count) for state, count in session.execute(counted)}
