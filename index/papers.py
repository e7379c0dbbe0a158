"""Attached files as the register holds them."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.attachments import Attachment
from index import rows, schema
from index.batches import batched
from index.claim_files import claimed_with
from index.facts import StepKey, step_key


def attachments_of(session: Session, case_nos: Collection[str]) -> Mapping[StepKey, list[Attachment]]:
    """Return the files attached in cases, by step, in the order they were; those that were taken off are among them."""
    row = schema.AttachmentRow
    order = (row.case_no, row.step_no, row.slot, row.document_no, row.attached_at, row.digest)
    found: dict[StepKey, list[Attachment]] = defaultdict(list)
    for some in batched(sorted(case_nos)):
        for one in session.scalars(sa.select(row).where(row.case_no.in_(some)).order_by(*order)):
            found[step_key(one.case_no, one.step_no)].append(rows.attachment(one))
    return found


def attached(session: Session, digests: Sequence[str]) -> set[str]:
    """Return those of these originals that are attached to a text record, or that a claim rests on."""
    row = schema.AttachmentRow
    papers = {
        digest
        for some in batched(digests)
        for digest in session.scalars(sa.select(row.digest).where(row.digest.in_(some), row.active))
    }
    return papers | claimed_with(session, digests)


def all_attached(session: Session) -> frozenset[str]:
    """Return every original that is attached to a text record, or that a claim rests on."""
    row, claim = schema.AttachmentRow, schema.ClaimFile
    papers = session.scalars(sa.select(row.digest).where(row.active))
    return frozenset(papers) | frozenset(session.scalars(sa.select(claim.digest)))


def places_of(session: Session, digest: str) -> list[Attachment]:
    """Return the text records that an original is attached to now, in the order it was."""
    row = schema.AttachmentRow
    standing = (
        sa.select(row).where(row.digest == digest, row.active).order_by(row.attached_at, row.case_no, row.step_no)
    )
    return [rows.attachment(one) for one in session.scalars(standing)]
