"""Names whose two codes may stand in either order: the register tells which is the camera and which the officer.

Source: docs/devices.md (families A and B differ only in the order, and padded codes are of equal length).
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from evidence.claims import IdentityClaim, IdentityKind
from evidence.notes import Note, note
from evidence.roster import Roster

Place = tuple[str, str]
"""Source and profile of the statements read from one name or folder."""


def settle_order(
    claims: Sequence[IdentityClaim], at: datetime | None, roster: Roster
) -> tuple[list[IdentityClaim], list[Note]]:
    """Keep one reading of every pair of codes that was read both ways; where nothing tells, keep none and say so."""
    codes = codes_read_both_ways(claims)
    device_code = {place: device_among(pair, at, roster) for place, pair in codes.items()}
    notes = [
        note("identity.codes_either_order", first=pair[0], second=pair[1])
        for place, pair in codes.items()
        if device_code[place] is None
    ]
    return [claim for claim in claims if holds(claim, codes, device_code)], notes


def codes_read_both_ways(claims: Sequence[IdentityClaim]) -> dict[Place, tuple[str, str]]:
    """Return the pairs of codes that are claimed to be both a device and an officer, by where they were read."""
    read: dict[Place, dict[IdentityKind, set[str]]] = defaultdict(lambda: defaultdict(set))
    for claim in claims:
        read[place_of(claim)][claim.kind].add(claim.value)
    both = {place: kinds[IdentityKind.DEVICE] & kinds[IdentityKind.OFFICER_CODE] for place, kinds in read.items()}
    pairs = {place: sorted(values) for place, values in both.items()}
    return {place: (values[0], values[1]) for place, values in pairs.items() if len(values) == 2}  # noqa: PLR2004 - a pair


def place_of(claim: IdentityClaim) -> Place:
    """Return where a statement was read."""
    return claim.source.value, claim.detail


def device_among(pair: tuple[str, str], at: datetime | None, roster: Roster) -> str | None:
    """Return which of two codes is the camera: the one registered, or the one beside an officer's code."""
    cameras = [code for code in pair if roster.device(code) is not None]
    if len(cameras) == 1:
        return cameras[0]
    others = [code for code in pair if roster.officer(code) is None and not roster.officers_by_code(code, at)]
    return others[0] if len(others) == 1 else None


def holds(claim: IdentityClaim, codes: dict[Place, tuple[str, str]], device_code: dict[Place, str | None]) -> bool:
    """Whether a statement is of the reading that was kept."""
    place = place_of(claim)
    if claim.value not in codes.get(place, ()):
        return True
    return device_code[place] is not None and (claim.kind is IdentityKind.DEVICE) == (claim.value == device_code[place])
