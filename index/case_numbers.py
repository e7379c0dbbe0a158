"""Which case a number means: the one it was given first, or the one that has it as its official number."""

from collections.abc import Collection, Mapping
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.ids import CaseNo
from index import schema
from index.batches import batched

CASE_NUMBERS = "case_numbers"


class NumberKeeper:
    """Keeps the official numbers in memory and reads them again when one was given, whichever process gave it."""

    def __init__(self) -> None:
        """Begin with nothing read."""
        self._kept: tuple[str, Mapping[str, str]] | None = None

    def current(self, session: Session) -> Mapping[str, str]:
        """Return the official number of each case that has one beside its first, as this transaction sees it."""
        token = session.scalar(sa.select(schema.Mark.token).where(schema.Mark.name == CASE_NUMBERS)) or ""
        kept = self._kept
        if kept is None or kept[0] != token:
            kept = self._kept = (token, official_numbers(session))
        return kept[1]


def official_numbers(session: Session) -> Mapping[str, str]:
    """Return the official number of each case that has one beside its first."""
    row = schema.CaseRow
    wanted = sa.select(row.case_no, row.official_no).where(row.official_no.is_not(None))
    return {case_no: str(official_no) for case_no, official_no in session.execute(wanted)}


def renew_numbers(session: Session) -> None:
    """Give the numbers a new token, so that every process that keeps them in memory reads them again."""
    row = schema.Mark
    session.execute(sa.update(row).where(row.name == CASE_NUMBERS).values(token=uuid4().hex))


def keys_of(session: Session, numbers: Collection[str]) -> dict[str, CaseNo]:
    """Return the first number of each case, by any of its numbers; one that names no case stands for itself."""
    row = schema.CaseRow
    found = {number: CaseNo(number) for number in numbers}
    for some in batched(sorted(found)):
        wanted = sa.select(row.official_no, row.case_no).where(row.official_no.in_(some))
        found |= {str(official_no): CaseNo(case_no) for official_no, case_no in session.execute(wanted)}
    return found


def key_of(session: Session, number: str) -> CaseNo:
    """Return the first number of the case that a number names; one that names no case stands for itself."""
    return keys_of(session, [number])[number]
