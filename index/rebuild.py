"""The register made again: from the ledger's entries and the imported rows in the vault, and from nothing else.

Everything is written in one transaction on an empty, migrated register; the caller commits it only when the entries
have given the root that was signed. Clips are judged at the end, each once: that judgement is a function of the facts.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.clips import ClipState
from evidence.custody import EventType, LedgerEntry
from evidence.errors import IntegrityError
from evidence.merkle import CompactRange
from evidence.notes import Note
from evidence.recordings import GAP_S
from evidence.roster import Roster
from index import facts, journal, ledger, rows, schema
from index.batches import batched
from index.imports import ImportRegister, batch_of, put_import
from index.intakes import is_filed, settled, unjudged
from index.journal import Told, told_by
from index.judging import ClipJudge
from index.projection import Projection, Values
from index.retention_projection import KeptProjection

AT_ONCE = 500
REPORT_EVERY = 4096

Failures = Mapping[str, tuple[str, Note] | None]
"""Clips by digest: the stage that gave up last, and why; None when it is tried again."""

RowsOf = Callable[[str, str], bytes]
"""Returns the bytes of a record of the vault, by folder and name; raises NotFoundError."""


@dataclass(frozen=True)
class Rebuilt:
    """What a rebuilding made. ``root``: of the tree over the entries, 32 bytes."""

    entries: int
    clips: int
    root: bytes


def rebuild(
    session: Session,
    entries: Iterable[LedgerEntry],
    record: RowsOf,
    report: Callable[[int], None] = lambda _done: None,
    *,
    docks_set: bool = True,
    gap_s: float = GAP_S,
) -> Rebuilt:
    """Write every table from entries, in order from the first.

    Args:
        session: an open transaction on an empty, migrated register.
        entries: of the ledger, from number 0.
        record: reads the vault's records.
        report: told how many entries and clips are done.
        docks_set: docks that write no record set the clock of a camera that is connected.
        gap_s: the longest break within one recording, in seconds.

    Raises:
        IntegrityError: an entry or a record is not what it must be.
    """
    tree = CompactRange()
    kept = KeptProjection()
    projection = Projection(session, Importer(session, record).put, kept.extra)
    for told in told_by(_kept(session, entries, tree, report)):
        if not journal.is_whole(told):
            cure = "keep the register of this home and back it up: its first entries name facts and do not hold them"
            raise IntegrityError("was made before version 2", subject=f"ledger entry {told.number}", cure=cure)
        projection.take(told)
    projection.write()
    kept.finish(session)
    roster = Roster(facts.officers(session), facts.devices(session), facts.assignments(session))
    judge = ClipJudge(session, roster, docks_set, gap_s)
    clips = make_clips(judge, projection.failures, lambda done: report(tree.size + done))
    return Rebuilt(tree.size, clips, tree.root())


def _kept(
    session: Session, entries: Iterable[LedgerEntry], tree: CompactRange, report: Callable[[int], None]
) -> Iterator[LedgerEntry]:
    """Pass entries on, and write them into the ledger's own table page by page."""
    page: list[Values] = []
    for entry in entries:
        if entry.number != tree.size:
            raise IntegrityError(f"an entry is missing (found {entry.number})", subject=f"ledger entry {tree.size}")
        tree.append(entry.leaf)
        page.append(_ledger_row(entry))
        if len(page) >= REPORT_EVERY:
            session.execute(sa.insert(schema.LedgerRow), page)
            page = []
            report(tree.size)
        yield entry
    if page:
        session.execute(sa.insert(schema.LedgerRow), page)
        head = {"number": tree.size, "token": page[-1]["leaf_hash"]}
        session.execute(sa.update(schema.Mark).where(schema.Mark.name == ledger.HEAD).values(**head))


def _ledger_row(entry: LedgerEntry) -> Values:
    body = entry.body
    return {
        "number": entry.number,
        "leaf_hash": entry.leaf.hex(),
        "canonical": entry.canonical,
        "event": EventType(str(body["event"])),
        "subject": body["subject"],
        "at": journal.time_of(body["at"]),
    }


@dataclass(frozen=True)
class Importer:
    """Puts the rows of imported files again."""

    session: Session
    record: RowsOf

    def put(self, told: Told) -> None:
        """Put the rows that an entry of an import names."""
        noun, digest = str(told.detail["noun"]), str(told.detail["rows_record"])
        body = self.record("imports", journal.rows_name(digest, noun))
        if sha256(body).hexdigest() != digest:
            cure = "restore it from a copy of the vault"
            raise IntegrityError("imported rows are not those that were sealed", subject=digest, cure=cure)
        taken = ImportRegister().take(self.session, noun, journal.RECORDS[noun].from_bytes(body))
        put_import(self.session, told.number, batch_of(told), taken.diff, told.actor, told.authenticated, told.at)


def make_clips(judge: ClipJudge, failures: Failures, report: Callable[[int], None]) -> int:
    """Write and judge the clip of every original; return how many."""
    session = judge.session
    digests = list(session.scalars(sa.select(schema.Original.digest).order_by(schema.Original.digest)))
    done = 0
    for some in batched(digests, AT_ONCE):
        session.execute(sa.insert(schema.Clip), list(_clips(session, some, failures)))
        judge.state(some)
        session.expunge_all()
        done += len(some)
        report(done)
    judge.judge_all()
    return done


def _clips(session: Session, digests: Sequence[str], failures: Failures) -> Iterator[Values]:
    """Yield the columns of clips that facts alone decide, before they are judged."""
    seen = _sightings(session, digests)
    measured = _by_digest(session, schema.MeasurementRow, digests)
    derived = _by_digest(session, schema.DerivationRow, digests)
    link = schema.Link
    linked = set(session.scalars(sa.select(link.digest).where(link.digest.in_(digests), link.active)))
    for digest in digests:
        values = unjudged(rows.sighting(seen[digest][0]))
        values |= {"received_at": seen[digest][0].received_at, "last_received_at": seen[digest][-1].received_at}
        if digest in measured:
            values |= settled(measured[digest], derived.get(digest))
            values["state"] = ClipState.DERIVED if digest in derived else ClipState.MEASURED
        values["linked"] = digest in linked
        values["filed"] = is_filed(seen[digest])
        values["failure_stage"], values["failure_reason"] = failures.get(digest) or (None, None)
        yield values


def _sightings(session: Session, digests: Sequence[str]) -> dict[str, list[schema.SightingRow]]:
    row = schema.SightingRow
    wanted = sa.select(row).where(row.digest.in_(digests))
    found: dict[str, list[schema.SightingRow]] = {}
    for one in session.scalars(wanted.order_by(row.digest, row.received_at, row.station, row.source_path)):
        found.setdefault(one.digest, []).append(one)
    firsts = {digest: all_seen[0].received_at for digest, all_seen in found.items()}
    original = schema.Original
    for kept in session.scalars(sa.select(original).where(original.digest.in_(digests))):
        if kept.received_at != firsts[kept.digest]:
            kept.received_at = firsts[kept.digest]
    session.flush()
    return found


def _by_digest(session: Session, model: type[Any], digests: Sequence[str]) -> dict[str, Any]:
    return {row.digest: row for row in session.scalars(sa.select(model).where(model.digest.in_(digests)))}
