"""Custody arithmetic: what a ledger entry is, its canonical bytes, and how entries are linked by digest."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from evidence.errors import IntegrityError
from evidence.ids import Digest
from evidence.zones import to_utc_iso

GENESIS = Digest("0" * 64)
"""Previous digest of the first entry."""


class EventType(StrEnum):
    """PREMIS 3 event words where PREMIS has one. Source: id.loc.gov/vocabulary/preservation/eventType."""

    RECEIVED = "ingestion"
    SEEN_AGAIN = "appraisal"  # the same bytes came again: no new original
    SEALED = "message digest calculation"
    MEASURED = "metadata extraction"
    DERIVED = "normalization"
    LINKED = "linking"
    IMPORTED = "accession"
    VIEWED = "access"
    DECIDED = "decision"
    FAILED = "failure"
    CHECKED = "fixity check"


class Authenticated(StrEnum):
    """How sure the acting person's name is."""

    MACHINE = "machine"
    UNAUTHENTICATED = "unauthenticated"  # named on the command line or in a loopback page, without sign-in


@dataclass(frozen=True)
class Actor:
    """Who acts."""

    name: str
    authenticated: Authenticated


@dataclass(frozen=True)
class Entry:
    """What happened, before it has its place in the ledger.

    Attributes:
        subject: digest of the file or record it is about; empty when it is about none.
        reason: why, in the actor's words, empty for the machine.
        detail: JSON-ready values; no floats that must be exact.
    """

    event: EventType
    actor: Actor
    at: datetime
    subject: str = ""
    reason: str = ""
    detail: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class LedgerEntry:
    """An entry in its place: number from 0, digest of the entry before, own digest over the canonical bytes."""

    number: int
    previous: Digest
    digest: Digest
    canonical: bytes


def canonical_bytes(number: int, previous: Digest, entry: Entry) -> bytes:
    """Return the entry as canonical JSON: sorted keys, no white space, UTF-8, times in UTC.

    Source: docs/ledger-format.md; the subset of RFC 8785 that strings, integers, booleans, lists and maps need.
    """
    body = {
        "v": 1,
        "number": number,
        "previous": previous,
        "at": to_utc_iso(entry.at),
        "event": entry.event.value,
        "actor": entry.actor.name,
        "authenticated": entry.actor.authenticated.value,
        "subject": entry.subject,
        "reason": entry.reason,
        "detail": entry.detail,
    }
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def place(number: int, previous: Digest, entry: Entry) -> LedgerEntry:
    """Give an entry its place after the one whose digest is ``previous``."""
    canonical = canonical_bytes(number, previous, entry)
    return LedgerEntry(number, previous, Digest(hashlib.sha256(canonical).hexdigest()), canonical)


def check_chain(entries: Iterable[LedgerEntry]) -> int:
    """Re-derive every link and return how many entries there are.

    Raises:
        IntegrityError: at the first entry whose number, link or digest does not agree with its bytes.
    """
    expected, count = GENESIS, 0
    for entry in entries:
        _check_entry(entry, count, expected)
        expected, count = entry.digest, count + 1
    return count


def _check_entry(entry: LedgerEntry, number: int, previous: Digest) -> None:
    cure = "restore the register from backup and compare; the entries before this one still hold"
    subject = f"ledger entry {number}"
    if hashlib.sha256(entry.canonical).hexdigest() != entry.digest:
        raise IntegrityError("its bytes do not give its digest", subject=subject, cure=cure)
    body = json.loads(entry.canonical)
    if entry.number != number or body["number"] != number:
        raise IntegrityError(f"an entry is missing or out of order (found {entry.number})", subject=subject, cure=cure)
    if entry.previous != previous or body["previous"] != previous:
        raise IntegrityError("it is not linked to the entry before it", subject=subject, cure=cure)
