"""Clocks of generated cameras as pages get them: the fleet's files, judged and put together without a register."""

from collections.abc import Iterable

from evidence.clock import Proposal, Recording, Suspicion, judge_camera, proposals, state
from evidence.clock_views import CameraClock, ClockFile, ClockReading, ShiftDecision
from evidence.ids import DeviceId
from tests.support.fleet_nouns import Fleet, FleetClip


def clock_of(fleet: Fleet, device_id: DeviceId, decisions: tuple[ShiftDecision, ...] = ()) -> CameraClock:
    """Return the history of one camera of a fleet."""
    clips = [clip for clip in fleet.clips if clip.device_id == device_id]
    records = [one.record for one in fleet.dock_records if one.record.device_id == device_id]
    judged = judge_camera([recording_of(clip) for clip in clips], records, docks_set=fleet.station_of[device_id].sets)
    by_digest = {clip.digest: clip for clip in clips}
    files = []
    for digest, placed in judged.history.placed.items():
        clip = by_digest[digest]
        stated = placed.file.recording.statement
        shown = stated.unbelieved_start or (stated.span.start if stated.span else None)
        offset = placed.offset if placed.seen else None
        files.append(ClockFile(digest, clip.sequence, shown, clip.received_at, judged.judgements[digest], offset, 0.0))
    readings = [ClockReading(one.dock_time, one.offset_s, one.precision_s, one.clock_set, one.tool) for one in records]
    resets = tuple((reset.before, reset.after) for reset in judged.resets)
    return CameraClock(device_id, clips[0].unit, tuple(readings), tuple(files), resets, decisions)


def recording_of(clip: FleetClip) -> Recording:
    """Return a clip as the judgement takes it."""
    stated = state(
        clip.claims, kind=clip.kind, duration_s=clip.duration_s, received_at=clip.received_at, head_s=clip.head_s
    )
    return Recording(clip.digest, stated, clip.received_at, clip.sequence)


def proposals_over(fleet: Fleet, devices: Iterable[DeviceId]) -> tuple[Proposal, ...]:
    """Return the shifts that the files' own witnesses suggest for some cameras."""
    found = []
    for device_id in devices:
        clock = clock_of(fleet, device_id)
        found += [
            Suspicion(file.digest, device_id, clock.unit, shift_s, file.clock.span.start)
            for file in clock.files
            if file.clock.span is not None
            for shift_s in file.clock.suspected_s
        ]
    return proposals(found)
