"""What a file's path, its modification time and its arrival state: statements alone, nobody has judged them yet.

Folder and file name are two sources, since a dock that flattens or renames touches one of them. All text is compared
in NFC and in either case; what is kept is as written.

Source: docs/devices.md (names, folders, placeholder codes; FAT modification times step by 2 s and have no zone).
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from evidence.claims import Anchor, Claims, ClaimSource, IdentityClaim, IdentityKind, TimeClaim, ZoneBasis
from evidence.clips import Sighting
from evidence.notes import Note, note
from evidence.profiles import IDENTITY_OF, DeviceProfile, Group, Part, Pattern
from evidence.zones import BEIJING, to_utc_iso

MTIME_PRECISION_S = 2.0
"""FAT and exFAT cards keep modification times in steps of 2 s."""

DAY_S = 86_400.0
MINUTE_S = 60.0

_COPY_MARK = re.compile(r"(?: ?\(\d{1,3}\)| - (?:副本|copy)(?: ?\(\d{1,3}\))?)(?=\.[^.]*$)", re.IGNORECASE)
"""What Windows adds to the name of a second copy; it hides the recorder's own pattern."""

_OTHER_WAY = {
    IdentityKind.DEVICE: IdentityKind.OFFICER_CODE,
    IdentityKind.OFFICER_CODE: IdentityKind.DEVICE,
}


@dataclass(frozen=True)
class PathReading:
    """What a path states, and what a person should know about the reading.

    Attributes:
        notes: ``intake.codes_either_order`` when device and officer code cannot be told apart.
    """

    claims: Claims
    notes: tuple[Note, ...] = ()


def claims_of_sighting(sighting: Sighting, profiles: Sequence[DeviceProfile]) -> Claims:
    """Return what path, modification time and arrival of a sighting state."""
    return claims_of_path(sighting.source_path, sighting.mtime, sighting.received_at, profiles)


def claims_of_path(
    source_path: str, mtime: datetime, received_at: datetime, profiles: Sequence[DeviceProfile]
) -> Claims:
    """Return what a path below its watched root, the modification time and the arrival state.

    Args:
        source_path: ``/`` between parts.
        mtime: aware, as the file system gave it.
        received_at: aware, by this machine's clock.
        profiles: in the order they are tried (`config.device_profiles`).
    """
    system = Claims(times=(_mtime_claim(mtime), _arrival_claim(received_at)))
    return read_path(source_path, profiles).claims.joined(system)


def read_path(source_path: str, profiles: Sequence[DeviceProfile]) -> PathReading:
    """Read folders and file name by the first profile that knows each; never raises, whatever the path."""
    folder, _, name = unicodedata.normalize("NFC", source_path).rpartition("/")
    claims = Claims()
    notes: tuple[Note, ...] = ()
    for part, text in ((Part.FOLDER, folder), (Part.NAME, _COPY_MARK.sub("", name))):
        found = _first_match(part, text, profiles)
        if found:
            claims = claims.joined(_claims_of_match(*found))
            notes = (*notes, *_notes_of_match(*found))
    return PathReading(claims, notes)


def _first_match(
    part: Part, text: str, profiles: Sequence[DeviceProfile]
) -> tuple[DeviceProfile, Pattern, re.Match[str]] | None:
    for profile in profiles:
        for pattern in profile.patterns:
            match = pattern.regex.search(text) if pattern.part is part else None
            if match:
                return profile, pattern, match
    return None


def _claims_of_match(profile: DeviceProfile, pattern: Pattern, match: re.Match[str]) -> Claims:
    stated = {Group(name): value for name, value in match.groupdict().items() if value is not None}
    source = pattern.part.source
    identities = tuple(_identities(profile, pattern, source, stated.items()))
    return Claims(tuple(_times(profile, source, stated)), identities)


def _identities(
    profile: DeviceProfile, pattern: Pattern, source: ClaimSource, stated: Iterable[tuple[Group, str]]
) -> Iterator[IdentityClaim]:
    for group, value in stated:
        kind = IDENTITY_OF.get(group)
        if kind is None:
            continue
        kinds = (kind, _OTHER_WAY[kind]) if pattern.either_order and kind in _OTHER_WAY else (kind,)
        for each in kinds:
            yield IdentityClaim(each, source, value, profile.is_placeholder(each, value), profile.profile_id)


def _notes_of_match(profile: DeviceProfile, pattern: Pattern, match: re.Match[str]) -> tuple[Note, ...]:
    if not pattern.either_order:
        return ()
    codes = {"first": match[Group.DEVICE.value], "second": match[Group.OFFICER_CODE.value]}
    return (note("intake.codes_either_order", profile=profile.profile_id, **codes),)


def _times(profile: DeviceProfile, source: ClaimSource, stated: dict[Group, str]) -> Iterator[TimeClaim]:
    raw = stated.get(Group.TIME) or " ".join(stated[g] for g in (Group.DATE, Group.CLOCK) if g in stated)
    if raw:
        digits = "".join(filter(str.isdigit, raw))
        at, precision_s = read_digits(digits, profile.zone)
        yield TimeClaim(source, raw, at, profile.zone, Anchor.START, precision_s, profile.profile_id)


def read_digits(digits: str, zone: ZoneBasis) -> tuple[datetime | None, float]:
    """Return the UTC time and its step in seconds of ``yyyyMMdd``, with ``HHmm`` or ``HHmmss`` or without.

    A wall clock (LOCAL) is read as Beijing time. ``240000`` is the midnight at the end of the day (ISO 8601:2000).
    Digits that are no time, 31 February or 25 o'clock, give None.
    """
    precision_s = {8: DAY_S, 12: MINUTE_S}.get(len(digits), 1.0)
    clock = digits[8:].ljust(6, "0")
    ends_day = clock == "240000"
    try:
        local = datetime.strptime(digits[:8] + ("000000" if ends_day else clock), "%Y%m%d%H%M%S")  # noqa: DTZ007 - below
        local += timedelta(days=1 if ends_day else 0)
        return local.replace(tzinfo=BEIJING if zone is ZoneBasis.LOCAL else UTC).astimezone(UTC), precision_s
    except (ValueError, OverflowError):
        return None, precision_s


def _mtime_claim(mtime: datetime) -> TimeClaim:
    return TimeClaim(
        ClaimSource.MTIME, to_utc_iso(mtime), mtime.astimezone(UTC), ZoneBasis.SYSTEM, Anchor.END, MTIME_PRECISION_S
    )


def _arrival_claim(received_at: datetime) -> TimeClaim:
    return TimeClaim(
        ClaimSource.ARRIVAL,
        to_utc_iso(received_at),
        received_at.astimezone(UTC),
        ZoneBasis.SYSTEM,
        Anchor.NOT_AFTER,
    )
