"""What `evidock verify` asks of the register: is the ledger whole, and which originals does it know."""

from collections.abc import Iterator

import sqlalchemy as sa

from evidence.ids import Digest
from index import ledger, schema
from index.engine import Register

READ_AT_ONCE = 1000


def check_ledger(register: Register) -> int:
    """Re-derive the whole ledger and return how many entries there are.

    Raises:
        IntegrityError: an entry was altered, is missing, or was cut off the end.
    """
    with register.reading() as session:
        return ledger.check(session)


def originals(register: Register) -> Iterator[tuple[Digest, int]]:
    """Iterate over digest and size in bytes of every registered original, in order of digest.

    Each page is a view of its own, so that a check of many hours holds no old state of the database open.
    """
    row, last = schema.Original, ""
    while True:
        wanted = sa.select(row.digest, row.size_bytes).where(row.digest > last).order_by(row.digest).limit(READ_AT_ONCE)
        with register.reading() as session:
            page = session.execute(wanted).all()
        if not page:
            return
        yield from ((Digest(digest), size) for digest, size in page)
        last = page[-1][0]
