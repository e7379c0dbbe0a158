"""The clock of one camera as people see it, and its documented JSON (docs/interfaces.md)."""

from dataclasses import dataclass
from datetime import datetime

from evidence.clock import ClockJudgement, Proposal, ShiftScope
from evidence.ids import DeviceId, Digest
from evidence.zones import to_utc_iso


@dataclass(frozen=True)
class ClockReading:
    """What a dock said of a camera's clock.

    Attributes:
        at: the dock's time, UTC.
        offset_s: camera's clock minus dock's clock; None when the dock did not read it.
        clock_set: the dock set the clock afterwards; None when it does not say.
    """

    at: datetime
    offset_s: float | None
    precision_s: float
    clock_set: bool | None
    tool: str


@dataclass(frozen=True)
class ClockFile:
    """A file of a camera, in the order they were made.

    Attributes:
        shown: start by the camera's own clock, UTC; None when nothing shows it.
        offset: bounds of the camera's clock minus real time at its start, a confirmed shift beside; None when nothing
            witnesses it.
        decided_s: the shift a person confirmed for it.
    """

    digest: Digest
    sequence: int | None
    shown: datetime | None
    received_at: datetime
    clock: ClockJudgement
    offset: tuple[float, float] | None
    decided_s: float


@dataclass(frozen=True)
class ShiftDecision:
    """What a person decided on a shift; fields as in `evidence.clock.Correction`."""

    scope: ShiftScope
    target: str
    shift_s: float
    since: datetime | None
    until: datetime | None
    confirmed: bool
    actor: str
    reason: str
    decided_at: datetime


@dataclass(frozen=True)
class CameraClock:
    """The history of a camera's clock.

    Attributes:
        resets: jumps that are located, each by the last file before and the first after; None at a docking.
    """

    device_id: DeviceId
    unit: str
    readings: tuple[ClockReading, ...]
    files: tuple[ClockFile, ...]
    resets: tuple[tuple[Digest | None, Digest | None], ...]
    decisions: tuple[ShiftDecision, ...]


def camera_clock_json(clock: CameraClock) -> dict[str, object]:
    """Return the documented JSON of a camera's clock."""
    return {
        "device_id": clock.device_id,
        "unit": clock.unit,
        "readings": [
            {
                "at": to_utc_iso(one.at),
                "offset_s": one.offset_s,
                "precision_s": one.precision_s,
                "clock_set": one.clock_set,
                "tool": one.tool,
            }
            for one in clock.readings
        ],
        "files": [clock_file_json(one) for one in clock.files],
        "resets": [{"before": before, "after": after} for before, after in clock.resets],
        "decisions": [shift_decision_json(one) for one in clock.decisions],
    }


def clock_file_json(file: ClockFile) -> dict[str, object]:
    """Return the documented JSON of one file of a camera's clock."""
    return {
        "sha256": file.digest,
        "sequence": file.sequence,
        "shown": to_utc_iso(file.shown) if file.shown else None,
        "recorded_start": to_utc_iso(file.clock.span.start) if file.clock.span else None,
        "earliest": to_utc_iso(file.clock.earliest) if file.clock.earliest else None,
        "latest": to_utc_iso(file.clock.latest) if file.clock.latest else None,
        "clock": file.clock.verdict.value,
        "offset_low_s": round(file.offset[0], 3) if file.offset else None,
        "offset_high_s": round(file.offset[1], 3) if file.offset else None,
        "confirmed_s": file.decided_s,
    }


def shift_decision_json(decision: ShiftDecision) -> dict[str, object]:
    """Return the documented JSON of a decision on a shift."""
    return {
        "scope": decision.scope.value,
        "target": decision.target,
        "shift_s": decision.shift_s,
        "since": to_utc_iso(decision.since) if decision.since else None,
        "until": to_utc_iso(decision.until) if decision.until else None,
        "confirmed": decision.confirmed,
        "actor": decision.actor,
        "reason": decision.reason,
        "decided_at": to_utc_iso(decision.decided_at),
    }


def proposal_json(proposal: Proposal) -> dict[str, object]:
    """Return the documented JSON of a shift that waits for a person."""
    return {
        "scope": proposal.scope.value,
        "target": proposal.target,
        "shift_s": proposal.shift_s,
        "of_record": proposal.of_record,
        "files": list(proposal.files),
        "steps": [{"case_no": case_no, "step_no": step_no} for case_no, step_no in proposal.steps],
        "devices": list(proposal.devices),
        "witnessed": proposal.witnessed,
        "since": to_utc_iso(proposal.since),
        "until": to_utc_iso(proposal.until),
    }
