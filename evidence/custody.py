"""Custody arithmetic: what a ledger entry is, its canonical bytes, and the hash of its leaf in the ledger's tree."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from evidence.errors import UsageError
from evidence.merkle import leaf_hash
from evidence.tlog import LARGEST_ENTRY_BYTES
from evidence.zones import exact_iso

VERSION = 2


class EventType(StrEnum):
    """PREMIS 3 event words where PREMIS has one. Source: id.loc.gov/vocabulary/preservation/eventType."""

    RECEIVED = "ingestion"
    SEEN_AGAIN = "appraisal"  # the same bytes came again: no new original
    SEALED = "message digest calculation"
    MEASURED = "metadata extraction"
    DERIVED = "normalization"
    LINKED = "linking"
    COMPARED = "comparison"  # two clips by their sound; PREMIS has no word for it
    IMPORTED = "accession"
    VIEWED = "access"
    DECIDED = "decision"
    FAILED = "failure"
    RETRIED = "retry"  # what had failed is tried again
    AUDITED = "validation"  # the verdict over a step has changed
    FOUND = "finding"  # a finding was stated, changed its state, or was resolved
    CHECKED = "fixity check"
    HEALED = "recovery"
    RETAINED = "policy assignment"
    DISPOSED = "deletion"  # the tombstone of an original
    CLEARED = "source removal"  # a dock's file was removed after its sealing was verified
    EXPORTED = "information package creation"
    KEYED = "digital signature generation"  # the log's key was made or changed
    CLOCK_JUMPED = "clock jump"  # this machine's clock was set; PREMIS has no word for it


class Authenticated(StrEnum):
    """How sure the acting person's name is."""

    MACHINE = "machine"
    TOKEN = "token"  # noqa: S105 – a word: it proved itself by the secret of a token that stands
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
    """An entry in its place: number from 0, its bytes, and the hash of its leaf (32 bytes)."""

    number: int
    canonical: bytes
    leaf: bytes

    @property
    def body(self) -> dict[str, object]:
        """What the bytes say.

        Raises:
            ValueError: they are no JSON object.
        """
        said = json.loads(self.canonical)
        if not isinstance(said, dict):
            raise ValueError(f"ledger entry {self.number} is no JSON object")  # noqa: TRY004 - wrong bytes, as bad JSON is
        return said


_write = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


def canonical_json(body: Mapping[str, object]) -> bytes:
    """Return a map as canonical JSON: sorted keys, no white space, UTF-8."""
    return _write(body).encode()


def canonical_bytes(number: int, entry: Entry) -> bytes:
    """Return the entry as canonical JSON: sorted keys, no white space, UTF-8, times in UTC to the microsecond.

    Raises:
        UsageError: it is longer than a log's entry may be, 65,535 bytes; see `in_parts`.

    Source: docs/ledger-format.md; the subset of RFC 8785 that strings, numbers, booleans, lists and maps need.
    """
    body = {
        "v": VERSION,
        "number": number,
        "at": exact_iso(entry.at),
        "event": entry.event.value,
        "actor": entry.actor.name,
        "authenticated": entry.actor.authenticated.value,
        "subject": entry.subject,
        "reason": entry.reason,
        "detail": entry.detail,
    }
    raw = canonical_json(body)
    if len(raw) > LARGEST_ENTRY_BYTES:
        raise UsageError(
            f"an entry of {len(raw)} bytes is more than the ledger takes ({LARGEST_ENTRY_BYTES})",
            subject=entry.subject or entry.event.value,
            cure="say it in fewer words",
        )
    return raw


def place(number: int, entry: Entry) -> LedgerEntry:
    """Give an entry its place."""
    return placed(number, canonical_bytes(number, entry))


def placed(number: int, canonical: bytes) -> LedgerEntry:
    """Return the entry that these bytes are, in its place."""
    return LedgerEntry(number, canonical, leaf_hash(canonical))


PART_BYTES = 16_000
"""Text of a detail in one part; each of its characters may take four bytes, and more when it is quoted."""


def in_parts(entry: Entry) -> tuple[Entry, ...]:
    """Return an entry as it is, or one too long for a single place as several that follow one another.

    Each part carries a slice of the detail's JSON: ``{"part": 0, "parts": 3, "text": …}``; `joined` puts them together.
    """
    text = canonical_json(entry.detail).decode()
    if len(text.encode()) + len(entry.reason.encode()) < LARGEST_ENTRY_BYTES - 2048:
        return (entry,)
    slices = [text[at : at + PART_BYTES] for at in range(0, len(text), PART_BYTES)]
    return tuple(
        replace(entry, detail={"part": part, "parts": len(slices), "text": one}) for part, one in enumerate(slices)
    )


def joined(parts: Sequence[Mapping[str, object]]) -> dict[str, object]:
    """Return the detail that consecutive parts carry.

    Raises:
        ValueError: they are not the parts of one detail, in order.
    """
    if [part.get("part") for part in parts] != list(range(len(parts))) or parts[0].get("parts") != len(parts):
        raise ValueError("a part of a long entry is missing or out of order")
    said = json.loads("".join(str(part["text"]) for part in parts))
    if not isinstance(said, dict):
        raise ValueError("the parts of a long entry hold no JSON object")  # noqa: TRY004 - wrong bytes, as bad JSON is
    return said
