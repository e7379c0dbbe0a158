"""What people claim of findings and steps: the reason as it was taken from the list, and the files it rests on."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.errors import NotFoundError
from evidence.ids import Digest
from evidence.views import ClaimedFile
from index import dialects, journal, schema
from index.batches import batched

Values = dict[str, Any]


def require_sealed(session: Session, files: Sequence[Digest]) -> None:
    """Refuse a claim that rests on a file nobody sealed.

    Raises:
        NotFoundError: names the first of them.
    """
    for digest in files:
        if session.get(schema.Clip, digest) is None:
            raise NotFoundError("no such file was sealed", subject=digest, cure="attach the file itself: --attach FILE")


def keep_files(session: Session, number: int, about: Mapping[str, object]) -> None:
    """Keep which files the claim of a ledger entry rests on."""
    dialects.upsert(session, schema.ClaimFile, claim_files(number, about))


def claim_files(number: int, detail: Mapping[str, object]) -> list[Values]:
    """Return the rows of the files that a claim rests on, from what its decision says."""
    claim = journal.claim_of(detail.get("claim"))
    target = str(detail.get("finding_id") or f"{detail.get('case_no')}/{detail.get('step_no')}")
    place = {name: str(detail.get(name) or "") for name in ("case_no", "step_no")}
    files = claim.files if claim else ()
    return [{"ledger_number": number, "digest": one, "target": target, **place} for one in files]


def claimed_with(session: Session, digests: Sequence[str]) -> set[str]:
    """Return those of these originals that a claim rests on."""
    row = schema.ClaimFile
    return {
        digest
        for some in batched(digests)
        for digest in session.scalars(sa.select(row.digest).where(row.digest.in_(some)))
    }


def shown_in(session: Session, case_no: str) -> list[ClaimedFile]:
    """Return the files that claims in a case rest on, in the order of the claims."""
    row, made = schema.ClaimFile, schema.DecisionRow
    wanted = sa.select(row, made).join(made, made.ledger_number == row.ledger_number).where(row.case_no == case_no)
    return [
        ClaimedFile(Digest(file.digest), file.target, file.step_no, claim, told.actor, told.decided_at)
        for file, told in session.execute(wanted.order_by(row.ledger_number, row.digest))
        if (claim := journal.claim_of(told.body.get("claim"))) is not None
    ]
