"""What ledger entries carry of each fact, as plain JSON, and how it is read back: the register can be made from them.

An entry holds all that its rows need, so that no other entry has to be looked at; see docs/ledger-format.md.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar, cast

from pydantic import TypeAdapter

from evidence.cases import Case, Step
from evidence.claims import Claims
from evidence.clips import Derivation, Measurement, Sighting
from evidence.custody import EventType, LedgerEntry, joined
from evidence.documents import Document
from evidence.errors import IntegrityError
from evidence.findings import Finding, FindingState, StepState
from evidence.ids import SYSTEM_ACTOR, Digest, StationId
from evidence.notes import Note, note_from_plain
from evidence.people import Assignment, Device, Officer
from evidence.ports import Pickup, PickupState
from evidence.reasons import Claim, claim_from_plain
from evidence.sidecars import moment_of
from evidence.sound import NoSoundOffset, SoundComparison, SoundOffset
from evidence.suggesting import Ground
from evidence.zones import exact_iso, from_iso
from index import schema

T = TypeVar("T")
Plain = dict[str, object]


class Form(Generic[T]):
    """One noun as plain JSON. `read` raises pydantic's ValidationError when the JSON is no such noun."""

    def __init__(self, noun: type[T]) -> None:
        """Build the validator once."""
        self._adapter: TypeAdapter[T] = TypeAdapter(noun)

    def write(self, value: T) -> Plain:
        """Return JSON-ready values."""
        return cast("Plain", self._adapter.dump_python(value, mode="json"))

    def read(self, stored: object) -> T:
        """Return what `write` was given."""
        return self._adapter.validate_python(stored)

    def to_bytes(self, value: T) -> bytes:
        """Return a noun as the bytes of a record."""
        return self._adapter.dump_json(value)

    def from_bytes(self, body: bytes) -> T:
        """Return what `to_bytes` was given."""
        return self._adapter.validate_json(body)


RECORDS: Mapping[str, Form[Any]] = {
    "officers": Form(list[Officer]),
    "devices": Form(list[Device]),
    "assignments": Form(list[Assignment]),
    "cases": Form(list[Case]),
    "steps": Form(list[Step]),
    "documents": Form(list[Document]),
}
"""The rows of imported files, by noun."""

CLAIMS = Form(Claims)
MEASUREMENT = Form(Measurement)
DERIVATION = Form(Derivation)
FINDING = Form(Finding)


# --- entries, read ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """An entry read back, long ones whole. ``number``: of its first part; ``detail``: the map of its event."""

    number: int
    event: str
    at: datetime
    actor: str
    authenticated: str
    subject: str
    reason: str
    detail: Plain


def told_by(entries: Iterable[LedgerEntry]) -> Iterator[Told]:
    """Read entries in order; the parts of a long one become one.

    Raises:
        IntegrityError: an entry is not what the ledger's format says.
    """
    parts: list[Mapping[str, object]] = []
    for entry in entries:
        try:
            body = entry.body
            detail = cast("Plain", body["detail"])
            if "parts" in detail and "text" in detail:
                parts.append(detail)
                if len(parts) < int(str(detail["parts"])):
                    continue
                detail, first = joined(parts), entry.number - len(parts) + 1
                parts = []
            else:
                first = entry.number
            yield _told(first, body, detail)
        except (LookupError, TypeError, ValueError) as error:
            cure = "run `evidock verify --deep`; restore the vault's ledger from a copy"
            raise IntegrityError("cannot be read", subject=f"ledger entry {entry.number}", cure=cure) from error


def _told(number: int, body: Mapping[str, object], detail: Plain) -> Told:
    return Told(
        number,
        str(body["event"]),
        from_iso(str(body["at"])),
        str(body["actor"]),
        str(body["authenticated"]),
        str(body["subject"]),
        str(body["reason"]),
        detail,
    )


def is_whole(told: Told) -> bool:
    """Whether an entry carries what its rows need; those of version 1 name the fact and do not hold it."""
    needed = {
        EventType.RECEIVED: "pickup_key",
        EventType.SEEN_AGAIN: "pickup_key",
        EventType.MEASURED: "measurement",
        EventType.DERIVED: "derivation",
        EventType.LINKED: "linked_at",
        EventType.COMPARED: "with",
        EventType.IMPORTED: "rows_record",
        EventType.DECIDED: "target",
    }
    if told.detail.get("action") in {"doubt", "undoubt", "suggest", "unsuggest"}:
        return True
    return needed.get(EventType(told.event), "") in {"", *told.detail}


def rows_name(digest: str, noun: str) -> str:
    """Return the name, in the vault's folder ``imports``, of the rows that were read from an imported file."""
    return f"{digest}.{noun}_rows.json"


# --- what came --------------------------------------------------------------------------------------------------------


def seen(pickup: Pickup, sighting: Sighting, claims: Claims) -> Plain:
    """Return what an entry tells of a file that was seen at a dock."""
    return {
        "station": sighting.station,
        "root": pickup.root,
        "source_path": sighting.source_path,
        "size_bytes": sighting.size_bytes,
        "mtime_ns": pickup.mtime_ns,
        "pickup_key": pickup.key,
        "received_at": exact_iso(sighting.received_at),
        "sidecar": sighting.sidecar,
        "claims": CLAIMS.write(claims),
    }


def seen_from(told: Told) -> tuple[Pickup, Sighting, Claims]:
    """Return what `seen` told."""
    pickup = pickup_from(told.detail)
    sighting = Sighting(
        Digest(told.subject),
        pickup.size_bytes,
        pickup.station,
        pickup.source_path,
        moment_of(pickup.mtime_ns),
        from_iso(str(told.detail["received_at"])),
        str(told.detail.get("sidecar", "")),
    )
    return pickup, sighting, CLAIMS.read(told.detail["claims"])


def refused(pickup: Pickup, reason: Note | None) -> Plain:
    """Return what an entry tells of a file that could not be sealed."""
    return {
        "stage": "intake",
        "station": pickup.station,
        "root": pickup.root,
        "source_path": pickup.source_path,
        "size_bytes": pickup.size_bytes,
        "mtime_ns": pickup.mtime_ns,
        "pickup_key": pickup.key,
        "reason": reason.as_plain() if reason else None,
    }


def retried(pickup: Pickup, state: PickupState) -> Plain:
    """Return what an entry tells of a file that had failed and is on its way again; ``state``: how far it is now."""
    return {**refused(pickup, None), "state": state.value}


def pickup_from(detail: Mapping[str, object]) -> Pickup:
    """Return the pickup that `seen`, `refused` or `retried` told of."""
    return Pickup(
        str(detail["pickup_key"]),
        StationId(str(detail["station"])),
        str(detail["root"]),
        str(detail["source_path"]),
        int(str(detail["size_bytes"])),
        int(str(detail["mtime_ns"])),
    )


def note_of(stored: object) -> Note | None:
    """Return a note that an entry carries, None when there is none."""
    return note_from_plain(stored) if isinstance(stored, Mapping) else None


def notes_of(stored: object) -> tuple[Note, ...]:
    """Return the notes that an entry carries."""
    return tuple(note_from_plain(one) for one in stored if isinstance(one, Mapping)) if isinstance(stored, list) else ()


def claim_of(stored: object) -> Claim | None:
    """Return the claim that an entry carries, None when there is none: it was made before there was a list."""
    return claim_from_plain(stored) if isinstance(stored, Mapping) else None


def claiming(claim: Claim | None) -> Plain:
    """Return what an entry tells of a claim: nothing when it has none."""
    return {"claim": claim.as_plain()} if claim else {}


def time_of(stored: object) -> datetime | None:
    """Return a time that an entry carries, None when there is none."""
    return from_iso(stored) if isinstance(stored, str) else None


# --- what clips say of each other -------------------------------------------------------------------------------------


def compared(pair: SoundComparison) -> Plain:
    """Return what an entry about the first of two clips tells of their common sound."""
    found = pair.found
    heard = found if isinstance(found, SoundOffset) else None
    return {
        "with": pair.b,
        "offset_s": heard.offset_s if heard else None,
        "error_s": heard.error_s if heard else None,
        "score": heard.score if heard else None,
        "windows": heard.windows if heard else None,
        "drift_ppm": heard.drift_ppm if heard else None,
        "tool": found.tool,
        "refused": found.reason.as_plain() if isinstance(found, NoSoundOffset) else None,
        "refused_in": found.clip if isinstance(found, NoSoundOffset) else "",
    }


def compared_values(digest: str, detail: Mapping[str, object], at: datetime) -> Plain:
    """Return the columns of the comparison that `compared` told of."""
    figures = ("offset_s", "error_s", "score", "windows", "drift_ppm", "tool", "refused_in")
    return {
        "digest_a": digest,
        "digest_b": detail["with"],
        **{name: detail[name] for name in figures},
        "refused": note_of(detail["refused"]),
        "compared_at": at,
    }


# --- links, verdicts, findings: whole rows, so that the newest entry is the row ---------------------------------------


def linked(link: schema.Link) -> Plain:
    """Return what an entry tells of a link as it stands."""
    return {
        "case_no": link.case_no,
        "step_no": link.step_no,
        "by": link.by,
        "overlap": _span(link.overlap_start, link.overlap_end),
        "linked_at": exact_iso(link.linked_at),
        "why": [one.as_plain() for one in link.why],
        "score": link.score,
        **({"basis": link.basis} if link.basis is not None else {}),
    }


def linked_values(digest: str, detail: Mapping[str, object], *, active: bool, human: bool) -> Plain:
    """Return the columns of the link that `linked` told of."""
    overlap = detail["overlap"]
    start, end = overlap if isinstance(overlap, list) else (None, None)
    return {
        "digest": digest,
        "case_no": detail["case_no"],
        "step_no": detail["step_no"],
        "active": active,
        "human": human,
        "by": detail["by"],
        "overlap_start": time_of(start),
        "overlap_end": time_of(end),
        "why": notes_of(detail["why"]),
        "linked_at": time_of(detail["linked_at"]),
        "score": detail.get("score"),
        "basis": detail.get("basis"),
    }


def suggested(row: schema.SuggestionRow) -> Plain:
    """Return what an entry tells of a suggestion as it stands."""
    return {
        "action": "suggest",
        "by": SYSTEM_ACTOR,
        "case_no": row.case_no,
        "step_no": row.step_no,
        "ground": row.ground.value,
        "score": row.score,
        "overlap": _span(row.overlap_start, row.overlap_end),
        "why": [one.as_plain() for one in row.why],
        "suggested_at": exact_iso(row.suggested_at),
    }


def suggested_values(digest: str, detail: Mapping[str, object]) -> Plain:
    """Return the columns of the suggestion that `suggested` told of."""
    start, end = cast("list[object]", detail["overlap"])
    return {
        "digest": digest,
        "case_no": detail["case_no"],
        "step_no": detail["step_no"],
        "ground": Ground(str(detail["ground"])),
        "score": detail["score"],
        "overlap_start": time_of(start),
        "overlap_end": time_of(end),
        "why": notes_of(detail["why"]),
        "suggested_at": time_of(detail["suggested_at"]),
    }


def audited(row: schema.StepRow, waiting: Iterable[str]) -> Plain:
    """Return what an entry tells of a step's verdict."""
    return {
        "case_no": row.case_no,
        "step_no": row.step_no,
        "state": row.state.value,
        "coverage": row.coverage,
        "certain": row.certain,
        "possible": row.possible,
        "why": [one.as_plain() for one in row.why],
        "waiting_for": sorted(waiting),
    }


def audited_values(detail: Mapping[str, object]) -> Plain:
    """Return the columns of a step's verdict that `audited` told of."""
    return {
        "state": StepState(str(detail["state"])),
        "coverage": detail["coverage"],
        "certain": detail.get("certain"),
        "possible": detail.get("possible"),
        "why": notes_of(detail["why"]),
    }


def case_audited(row: schema.CaseRow) -> Plain:
    """Return what an entry tells of the audit of a case's file: when time alone may change what it found."""
    return {"case_no": row.case_no, "next_at": exact_iso(row.next_at) if row.next_at else None}


def found(row: schema.FindingRow, finding: Finding) -> Plain:
    """Return what an entry tells of a finding as it stands."""
    return {
        "owner": row.owner,
        "state": row.state.value,
        "first_found_at": exact_iso(row.first_found_at),
        "changed_at": exact_iso(row.changed_at),
        "claimed_by": row.claimed_by,
        "decided_by": row.decided_by,
        "finding": FINDING.write(finding),
        **claiming(row.claim),
    }


def found_values(told: Told) -> Plain:
    """Return the columns of the finding's life that `found` told of; what it states is in ``finding``."""
    return {
        "owner": told.detail["owner"],
        "state": FindingState(str(told.detail["state"])),
        "first_found_at": time_of(told.detail["first_found_at"]),
        "changed_at": time_of(told.detail["changed_at"]),
        "claimed_by": told.detail["claimed_by"],
        "decided_by": told.detail["decided_by"],
        "reason": told.reason,
        "claim": claim_of(told.detail.get("claim")),
    }


def _span(start: datetime | None, end: datetime | None) -> list[str] | None:
    return [exact_iso(start), exact_iso(end)] if start is not None and end is not None else None
