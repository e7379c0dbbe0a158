"""Requests for copies in the register: each act is a decision whose entry carries the whole request as it stands."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.copies import CopyRequest
from evidence.errors import NotFoundError
from evidence.ids import CaseNo
from evidence.ports import Scope, Transaction
from index import dialects, schema
from index.case_numbers import key_of
from index.decisions import Act, Decided, record
from index.journal import Form, Told
from index.tx import session_of

REQUEST, APPROVE, REFUSE = "request_copies", "approve_copies", "refuse_copies"
PREPARE, HAND_OVER = "prepare_copies", "hand_over_copies"
VERBS = (REQUEST, APPROVE, REFUSE, PREPARE, HAND_OVER)
_FORM = Form(CopyRequest)


def begin(tx: Transaction, request: CopyRequest, act: Act) -> Decided:
    """Record a new request.

    Raises:
        NotFoundError: no such case, or a clip that does not hang on it.
    """
    session, link = session_of(tx), schema.Link
    request = replace(request, case_no=key_of(session, request.case_no))
    if session.get(schema.CaseRow, request.case_no) is None:
        raise NotFoundError("no case of that number", subject=request.case_no, cure="list the cases")
    hanging = set(session.scalars(sa.select(link.digest).where(link.case_no == request.case_no, link.active)))
    if strange := set(request.clips) - hanging:
        cure = "name clips of the case: evidock clips --case"
        raise NotFoundError(f"does not hang on case {request.case_no}", subject=min(strange), cure=cure)
    return _write(session, request, act)


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
        raise NotFoundError("no request of that id", subject=request_id, cure="`evidock copies list` shows them")
    return _FORM.read(found.body)


def copy_requests(session: Session, *, open_only: bool = False) -> Sequence[CopyRequest]:
    """Return requests, the newest first."""
    row = schema.CopyRequestRow
    found = session.scalars(sa.select(row).order_by(row.requested_at.desc(), row.request_id))
    read = [_FORM.read(one.body) for one in found]
    return [one for one in read if not (open_only and one.state.is_closed)]
