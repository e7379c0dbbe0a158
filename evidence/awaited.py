"""Which cameras of a step may still bring footage."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from evidence.cases import Step
from evidence.ids import DeviceId
from evidence.people import Assignment
from evidence.roster import Roster


def cameras_awaited(
    step: Step,
    roster: Roster,
    docked: Mapping[DeviceId, datetime],
    now: datetime,
    grace_h: float,
    docking: Collection[DeviceId] = (),
) -> tuple[DeviceId, ...]:
    """Return the cameras that officers of the step carried during it and that have not docked since it ended.

    A camera is waited for while it is handed out, after hand-in as long as the grace lasts, and while its dock is still
    being read: the file that covers the step may be the last one.

    Args:
        step: the recorded step.
        roster: the bureau's records.
        docked: when the last file of each device was received, UTC.
        now: trusted time, UTC.
        grace_h: hours after hand-in in which footage may still arrive.
        docking: devices last seen at a dock from which files are still on their way.
    """
    carried = (held for officer in step.officers for held in roster.cameras_of(officer, step.window))
    waited = (
        held.device_id
        for held in carried
        if held.device_id in docking
        or (not has_docked(docked.get(held.device_id), step) and may_still_dock(held, now, grace_h))
    )
    return tuple(sorted(set(waited)))


def has_docked(last: datetime | None, step: Step) -> bool:
    """Whether a file was received after the step ended."""
    return last is not None and last > step.ended_at


def may_still_dock(held: Assignment, now: datetime, grace_h: float) -> bool:
    """Whether the camera is still handed out, or was handed in no longer ago than the grace."""
    return held.end is None or now < held.end + timedelta(hours=grace_h)
