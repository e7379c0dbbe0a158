"""Systematic shifts: a clock set to another zone, day or year, or reset; suspected with evidence, decided by people.

A shift is the camera's clock minus real time, in seconds: a clock on Xinjiang time (UTC+6) read as Beijing time has
−7200. Source: docs/devices.md (clocks), docs/law-reading.md (records written in Xinjiang time).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import inf

from evidence.ids import CaseNo, DeviceId, Digest, StepNo

HOUR_S = 3600.0
DAY_S = 86_400.0

ZONES_S = (2 * HOUR_S, 6 * HOUR_S, 8 * HOUR_S)
"""Between Beijing time and Xinjiang custom (2 h), Urumqi's zone read as UTC (6 h), Beijing time read as UTC (8 h)."""

SYSTEMATIC_S = tuple(sign * shift_s for shift_s in (*ZONES_S, DAY_S, 365 * DAY_S, 366 * DAY_S) for sign in (-1.0, 1.0))
"""Every shift that a setting, rather than a drifting crystal, makes."""

NEAR_S = 180.0
"""A measured shift this close to a systematic one is that one, and drift, in seconds."""


class ShiftScope(StrEnum):
    """What a shift is suspected of, or was decided for."""

    CLIP = "clip"
    DEVICE = "device"
    UNIT = "unit"


def systematic(shift_s: float) -> float | None:
    """Return the systematic shift that a measured one comes to, None when it is none."""
    nearest = min(SYSTEMATIC_S, key=lambda known: abs(known - shift_s))
    return nearest if abs(nearest - shift_s) <= NEAR_S else None


def is_same(one_s: float, other_s: float) -> bool:
    """Whether two shifts, systematic ones as `systematic` gives them, are one shift and drift."""
    return abs(one_s - other_s) <= NEAR_S


@dataclass(frozen=True)
class Suspicion:
    """One file that a shift would explain.

    Attributes:
        shift_s: camera's clock minus real time.
        shown: start by the camera's own clock, UTC.
        case_no, step_no: the step it would then show; None when a witness or another statement suggests the shift.
        of_record: the camera's clock was seen to be right, so that the step's record is off instead.
    """

    digest: Digest
    device_id: DeviceId | None
    unit: str
    shift_s: float
    shown: datetime
    case_no: CaseNo | None = None
    step_no: StepNo | None = None
    of_record: bool = False


@dataclass(frozen=True)
class Shift:
    """A shift that a person decides on.

    Attributes:
        scope: what it is decided for; target: its digest, device or unit.
        shift_s: camera's clock minus real time, in seconds.
        since, until: stretch of the camera's own clock it holds for, UTC, both included; None is without end.
        files: the files that were looked at; none is every file of the stretch.
    """

    scope: ShiftScope
    target: str
    shift_s: float
    since: datetime | None = None
    until: datetime | None = None
    files: tuple[Digest, ...] = ()


@dataclass(frozen=True)
class Proposal:
    """A shift that would explain files of one clip, camera or unit; a person confirms or refuses it in one act.

    Attributes:
        target: digest, device or unit.
        files: the files it would explain, in order of the camera's clock.
        steps: the steps they would then show.
        since, until: first and last of their starts by the camera's own clock, UTC.
        witnessed: how many of them a dock, a satellite or another statement in the file speaks for.
        devices: cameras they are of.
        of_record: the cameras' clocks were seen to be right: the records' times are off, and no clip is to be moved.
    """

    scope: ShiftScope
    target: str
    shift_s: float
    files: tuple[Digest, ...]
    steps: tuple[tuple[CaseNo, StepNo], ...]
    since: datetime
    until: datetime
    witnessed: int
    devices: tuple[DeviceId, ...]
    of_record: bool = False

    @property
    def shift(self) -> Shift:
        """What a person decides on."""
        return Shift(self.scope, self.target, self.shift_s, self.since, self.until, self.files)


DEVICE_FILES = 2
"""From so many files on the same shift is proposed for the camera, not for each file."""

UNIT_DEVICES = 2
"""From so many cameras on it is proposed for the unit as well."""


def proposals(suspicions: Iterable[Suspicion]) -> tuple[Proposal, ...]:
    """Gather suspicions into proposals: for the widest scope that shares a shift first, then for what it is made of."""
    by_device: dict[str, list[Suspicion]] = defaultdict(list)
    by_unit: dict[tuple[str, float], list[Suspicion]] = defaultdict(list)
    for one in suspicions:
        by_device[one.device_id or one.digest].append(one)
        key_s = systematic(one.shift_s)
        if one.unit and key_s is not None:
            by_unit[one.unit, key_s].append(one)
    found = [proposal(ShiftScope.UNIT, unit, shift_s, some) for (unit, shift_s), some in by_unit.items() if wide(some)]
    for mine in by_device.values():
        for shift_s, some in alike(mine):
            found += of_camera(shift_s, some)
    return tuple(sorted(found, key=lambda one: (RANK[one.scope], -len(one.files), one.target, one.shift_s)))


def of_camera(shift_s: float, some: Sequence[Suspicion]) -> list[Proposal]:
    """Return what is proposed of one camera's files on one shift: one act for all, or for a single file."""
    files = sorted({one.digest for one in some})
    device_id = some[0].device_id
    if len(files) >= DEVICE_FILES and device_id is not None:
        return [proposal(ShiftScope.DEVICE, device_id, shift_s, some)]
    of_each = ([one for one in some if one.digest == digest] for digest in files)
    return [proposal(ShiftScope.CLIP, mine[0].digest, shift_s, mine) for mine in of_each]


def alike(some: Iterable[Suspicion]) -> list[tuple[float, list[Suspicion]]]:
    """Gather the suspicions of one camera by shift: systematic ones, and what a hand set as far as it drifted since.

    The middle one stands for those that a hand set: all lie within `NEAR_S` of it, and a machine takes off the rest.
    """
    groups: dict[float, list[Suspicion]] = defaultdict(list)
    first_s = -inf
    for one in sorted(some, key=lambda one: one.shift_s):
        known_s = systematic(one.shift_s)
        if known_s is None and not is_same(first_s, one.shift_s):
            first_s = one.shift_s
        groups[first_s if known_s is None else known_s].append(one)
    return [
        (key_s if systematic(key_s) is not None else mine[(len(mine) - 1) // 2].shift_s, mine)
        for key_s, mine in groups.items()
    ]


RANK: Mapping[ShiftScope, int] = {ShiftScope.UNIT: 0, ShiftScope.DEVICE: 1, ShiftScope.CLIP: 2}


def wide(some: Sequence[Suspicion]) -> bool:
    """Whether a shift is shared by several cameras of a unit."""
    return len({one.device_id for one in some if one.device_id is not None}) >= UNIT_DEVICES


def proposal(scope: ShiftScope, target: str, shift_s: float, some: Collection[Suspicion]) -> Proposal:
    """Return the proposal that suspicions of one shift come to."""
    ordered = sorted(some, key=lambda one: (one.shown, one.digest))
    steps = {(one.case_no, one.step_no) for one in some if one.case_no is not None and one.step_no is not None}
    return Proposal(
        scope,
        target,
        shift_s,
        tuple(dict.fromkeys(one.digest for one in ordered)),
        tuple(sorted(steps)),
        ordered[0].shown,
        ordered[-1].shown,
        len({one.digest for one in some if one.case_no is None}),
        tuple(sorted({one.device_id for one in some if one.device_id is not None})),
        of_record=all(one.of_record for one in some),
    )
