"""Ledger entries as people read them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dashboard.texts import Texts, visible
from dashboard.web.entry_detail import detail_of, is_digest
from evidence.custody import Authenticated, EventType, LedgerEntry
from evidence.timekeeping import SUBJECT as CLOCK
from evidence.views import Library
from evidence.zones import from_iso

OF_OTHERS = frozenset({EventType.IMPORTED, EventType.EXPORTED})
"""Events whose subject is the digest of something else than a clip."""


@dataclass(frozen=True)
class Activity:
    """One entry of the ledger, unpacked from its canonical bytes.

    Attributes:
        event: the PREMIS word; ``word`` in the reader's language.
        about: the subject as people read it.
        clip: digest of the clip it is about, empty when it is about none. finding: id of the finding, likewise.
        detail: name and value pairs in the reader's words, printable.
    """

    number: int
    at: datetime
    event: str
    word: str
    actor: str
    authenticated: bool
    machine: bool
    subject: str
    about: str
    clip: str
    finding: str
    reason: str
    detail: tuple[tuple[str, str], ...]
    leaf_hash: str


def read_entry(entry: LedgerEntry, texts: Texts) -> Activity:
    """Unpack a ledger entry for the page."""
    body = json.loads(entry.canonical)
    subject, event = str(body["subject"]), str(body["event"])
    return Activity(
        number=entry.number,
        at=from_iso(body["at"]),
        event=event,
        word=texts.word(EventType(event)) if event in set(EventType) else visible(event),
        actor=str(body["actor"]),
        authenticated=body["authenticated"] not in {Authenticated.UNAUTHENTICATED.value, Authenticated.MACHINE.value},
        machine=body["authenticated"] == Authenticated.MACHINE.value,
        subject=subject,
        about=texts.t("ledger.clock") if subject == CLOCK else visible(subject),
        clip=subject if is_digest(subject) and event not in OF_OTHERS else "",
        finding=subject if event == EventType.FOUND else "",
        reason=visible(str(body["reason"])),
        detail=tuple(detail_of(body["detail"], texts)),
        leaf_hash=entry.leaf.hex(),
    )


def latest(library: Library, texts: Texts, entries: int, count: int) -> Sequence[Activity]:
    """Return the last ``count`` of the ledger's ``entries``, newest first."""
    found = library.ledger(start=max(0, entries - count), limit=count)
    return [read_entry(entry, texts) for entry in reversed(found)]
