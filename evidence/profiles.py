"""Device profiles: how a family of recorders writes device, officer, counter and time into names and folders.

The profiles themselves are files of ``config/devices/``. Every claim they give is `claimed`: a name is easily changed.

Source: docs/devices.md (names, folders, IDs).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from evidence.claims import ClaimSource, IdentityKind, ZoneBasis


class Group(StrEnum):
    """What a named group of a pattern means; the group carries this very name."""

    DEVICE = "device"
    OFFICER_CODE = "officer_code"
    SEQUENCE = "sequence"  # the device's file counter, digits alone
    IMPORTANT = "important"  # present when the wearer marked the file
    TIME = "time"  # date and clock in one: yyyyMMddHHmmss, marks between digits are skipped
    DATE = "date"  # yyyyMMdd
    CLOCK = "clock"  # HHmmss or HHmm


IDENTITY_OF = {
    Group.DEVICE: IdentityKind.DEVICE,
    Group.OFFICER_CODE: IdentityKind.OFFICER_CODE,
    Group.SEQUENCE: IdentityKind.SEQUENCE,
    Group.IMPORTANT: IdentityKind.IMPORTANT,
}
"""Which identity a group states; the groups not named here state times."""


class Part(StrEnum):
    """Which part of a source path a pattern reads."""

    NAME = "name"  # the file's own name
    FOLDER = "folder"  # the folders above it, ``/`` between them, none at the ends

    @property
    def source(self) -> ClaimSource:
        """Where a statement read from this part comes from."""
        return ClaimSource.FILE_NAME if self is Part.NAME else ClaimSource.FOLDER


@dataclass(frozen=True)
class Pattern:
    """One way a family writes names.

    Attributes:
        regex: searched in the NFC form of the part, in either case; its named groups are of `Group`.
        either_order: device and officer code cannot be told apart here, so each is claimed as both.
        examples: texts the pattern reads; checked when the profile is loaded.
    """

    part: Part
    regex: re.Pattern[str]
    either_order: bool = False
    examples: tuple[str, ...] = ()

    @property
    def groups(self) -> frozenset[Group]:
        """What this pattern can state."""
        return frozenset(Group(name) for name in self.regex.groupindex)


@dataclass(frozen=True)
class DeviceProfile:
    """How one family of recorders, or one dock program, names its files.

    Attributes:
        profile_id: as a device record names it (column ``profile``).
        names: locale → name ("zh-CN", "en").
        priority: profiles are tried in rising order; the first whose pattern reads a part is believed for that part.
        zone: what the zone of a time in the name rests on: LOCAL (wall clock) or UTC_BY_FORMAT.
        placeholders: codes that devices carry when nobody set them.
        sources: where the facts of this profile were found.
    """

    profile_id: str
    names: Mapping[str, str]
    priority: int
    patterns: tuple[Pattern, ...]
    zone: ZoneBasis = ZoneBasis.LOCAL
    placeholders: Mapping[IdentityKind, frozenset[str]] | None = None
    sources: tuple[str, ...] = ()

    @property
    def identity_parts(self) -> frozenset[Part]:
        """Where this family writes identities: in the name, in the folders, in both or nowhere."""
        carriers = {Group.DEVICE, Group.OFFICER_CODE}
        return frozenset(pattern.part for pattern in self.patterns if pattern.groups & carriers)

    def is_placeholder(self, kind: IdentityKind, code: str) -> bool:
        """Whether a code is one that nobody set."""
        return code in (self.placeholders or {}).get(kind, frozenset())
