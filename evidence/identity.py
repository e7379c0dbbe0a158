"""Which device and which officers a clip is of: the judgement over its identity claims and the assignment register.

A camera that several officers carried together is of all of them. One that was handed on is of who had it when the
recording began: assignments end where the next begins, and however unsure the clock, there is one judged start.

Source: docs/devices.md (placeholder codes, shared cameras, hand-out records).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from evidence.claims import ClaimSource, Identity, IdentityClaim, IdentityKind, OfficerSource
from evidence.code_order import settle_order
from evidence.ids import DeviceId, OfficerId
from evidence.notes import Note, note
from evidence.people import Assignment
from evidence.roster import Roster

__all__ = ["Roster", "identify", "speaks_against"]

SHARED = "identity.camera_shared"
"""The note that several officers carried the camera together: it says more than one name, and contradicts none."""

STATED_BY = {
    ClaimSource.FOLDER: OfficerSource.PATH,
    ClaimSource.FILE_NAME: OfficerSource.NAME,
    ClaimSource.SIDECAR: OfficerSource.SIDECAR,
    ClaimSource.MAKER: OfficerSource.SIDECAR,
    ClaimSource.CONTAINER: OfficerSource.SIDECAR,
    ClaimSource.EXIF: OfficerSource.SIDECAR,
}
"""How an officer's source is called by where the code was read; a tag inside the file counts as beside the name."""

ORDER = (*STATED_BY, *(source for source in ClaimSource if source not in STATED_BY))
"""Sources of identity, most believed first. Source: docs/devices.md."""


@dataclass(frozen=True)
class Candidate:
    """An officer that something names, where, and as which code (empty for the register)."""

    officer_id: OfficerId
    source: OfficerSource
    code: str = ""


def identify(
    claims: Sequence[IdentityClaim], at: datetime | None, roster: Roster, *, decided: OfficerId | None = None
) -> Identity:
    """Judge device and officer of a clip.

    Order of belief: a person's decision, the assignment register, the folder path, the file name, a sidecar.

    Args:
        claims: every identity statement about the clip, of any source.
        at: judged start of the recording, UTC; None when no time is believed.
        roster: the bureau's records.
        decided: the officer a named person has set.
    """
    ordered = sorted(dict.fromkeys(claims), key=lambda claim: (ORDER.index(claim.source), claim.value))
    ordered, order_notes = settle_order(ordered, at, roster)
    device_id, device_notes = judge_device(ordered, roster)
    held = assignments_at(device_id, at, roster)
    stated, code_notes = officers_stated(ordered, at, roster)
    chosen, register_notes = choose_officers(held, stated, at, decided)
    officers = tuple(one.officer_id for one in chosen)
    return Identity(
        device_id,
        officers[0] if officers else None,
        chosen[0].source if chosen else OfficerSource.UNKNOWN,
        sequence_of(ordered),
        any(claim.kind is IdentityKind.IMPORTANT for claim in ordered),
        tuple(
            dict.fromkeys(
                (*order_notes, *device_notes, *code_notes, *register_notes, *contradictions(chosen, stated, held))
            )
        ),
        officers,
    )


def speaks_against(disagreements: Sequence[Note]) -> bool:
    """Whether a source names another device or officer than the judged ones; that a camera was shared does not."""
    return any(one.code != SHARED for one in disagreements)


def judge_device(ordered: Sequence[IdentityClaim], roster: Roster) -> tuple[DeviceId | None, list[Note]]:
    """Return the device that the best statement names, and what is to be said about it."""
    named = [claim for claim in ordered if claim.kind is IdentityKind.DEVICE]
    notes = [note("identity.device_placeholder", stated=claim.value) for claim in named if claim.placeholder]
    found = {claim: roster.named(claim.value) for claim in named if not claim.placeholder and claim.value}
    if not found:
        return None, notes
    first = next(iter(found.values()))
    if roster.device(first) is None:
        notes.append(note("identity.device_not_registered", device=first))
    others = dict.fromkeys(other for other in found.values() if other != first)
    notes.extend(note("identity.device_disagrees", device=first, other=other) for other in others)
    return first, notes


def assignments_at(device_id: DeviceId | None, at: datetime | None, roster: Roster) -> tuple[Assignment, ...]:
    """Return who the register says carried the device; without a time, only when one officer ever did."""
    return () if device_id is None else roster.carriers(device_id, at)


def officers_stated(
    ordered: Sequence[IdentityClaim], at: datetime | None, roster: Roster
) -> tuple[list[Candidate], list[Note]]:
    """Return the officers that path, name and sidecar state, best source first, and why a code names nobody."""
    candidates: list[Candidate] = []
    notes: list[Note] = []
    for claim in ordered:
        if claim.kind not in {IdentityKind.OFFICER, IdentityKind.OFFICER_CODE} or not claim.value:
            continue
        found = () if claim.placeholder else persons_named(claim, at, roster)
        if len(found) == 1:
            candidates.append(Candidate(found[0], STATED_BY.get(claim.source, OfficerSource.SIDECAR), claim.value))
        else:
            reason = "placeholder" if claim.placeholder else "ambiguous" if found else "unknown"
            notes.append(note(f"identity.officer_code_{reason}", stated=claim.value))
    return candidates, notes


def persons_named(claim: IdentityClaim, at: datetime | None, roster: Roster) -> tuple[OfficerId, ...]:
    """Return the officers a code or id may mean at that moment; cameras carry either in the same place."""
    by_id = roster.officer(claim.value)
    if by_id is not None:
        return (by_id.officer_id,)
    if claim.kind is IdentityKind.OFFICER:
        return ()
    return tuple(officer.officer_id for officer in roster.officers_by_code(claim.value, at))


def choose_officers(
    held: Sequence[Assignment], stated: Sequence[Candidate], at: datetime | None, decided: OfficerId | None
) -> tuple[list[Candidate], list[Note]]:
    """Choose by the order of belief; return the choice, nobody or one or all who share, and what to say of it."""
    if decided is not None:
        return [Candidate(decided, OfficerSource.DECIDED)], []
    if at is None and len(held) > 1:
        return list(stated[:1]), [note("identity.no_time_for_register")]
    carriers = carriers_in_order(held, stated)
    if not carriers:
        return list(stated[:1]), []
    notes = [note("identity.assignment_without_time", device=held[0].device_id)] if at is None else []
    if len(carriers) > 1:
        notes.append(note(SHARED, device=held[0].device_id, officers=", ".join(carriers)))
    return [Candidate(one, OfficerSource.ASSIGNMENT) for one in carriers], notes


def carriers_in_order(held: Sequence[Assignment], stated: Sequence[Candidate]) -> list[OfficerId]:
    """Return who carried a camera: whom path, name or sidecar state, then whoever had it longest."""
    found = dict.fromkeys(a.officer_id for a in sorted(held, key=lambda a: (a.start, a.officer_id)))
    named = [one.officer_id for one in stated if one.officer_id in found]
    return list(dict.fromkeys((*named, *found)))


def contradictions(chosen: Sequence[Candidate], stated: Sequence[Candidate], held: Sequence[Assignment]) -> list[Note]:
    """Name every source that says another officer than the chosen ones; both are kept."""
    officers = [one.officer_id for one in chosen]
    if not officers:
        return []
    whose = ", ".join(officers)
    notes = [
        note(f"identity.{other.source}_disagrees", officer=whose, other=other.officer_id, stated=other.code)
        for other in stated
        if other.officer_id not in officers
    ]
    carriers = dict.fromkeys(a.officer_id for a in held)
    if chosen[0].source is OfficerSource.DECIDED and carriers and officers[0] not in carriers:
        notes.append(note("identity.register_disagrees", officer=whose, other=", ".join(carriers)))
    return notes


def sequence_of(ordered: Sequence[IdentityClaim]) -> int | None:
    """Return the device's file counter as a number; a letter after it marks a channel or part."""
    digits = (re.match(r"\d+", claim.value) for claim in ordered if claim.kind is IdentityKind.SEQUENCE)
    return next((int(found[0]) for found in digits if found), None)
