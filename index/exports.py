"""Where originals went, by the ledger: case files, and copies for parties."""

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.custody import EventType, LedgerEntry
from evidence.ids import Digest
from evidence.views import ExportView
from index.journal import told_by
from index.schema import LedgerRow


def exports_of(session: Session, digest: Digest) -> Iterator[ExportView]:
    """Yield the exports that name an original, oldest first; a house makes few, so all are read."""
    wanted = sa.select(LedgerRow.number, LedgerRow.canonical, LedgerRow.leaf_hash)
    rows = session.execute(wanted.where(LedgerRow.event == EventType.EXPORTED).order_by(LedgerRow.number))
    for told in told_by(LedgerEntry(number, canonical, bytes.fromhex(leaf)) for number, canonical, leaf in rows):
        originals = told.detail.get("originals")
        if isinstance(originals, list) and digest in originals:
            case_no, is_copy = str(told.detail.get("case_no", "")), "request_id" in told.detail
            yield ExportView(told.number, told.at, told.actor, case_no, is_copy)
