"""The one place where a generated fleet meets the clock judgement: all that knows both sides' names."""

import importlib
from collections.abc import Iterator, Mapping
from typing import Any

from evidence.ids import DeviceId, Digest
from tests.support.fleet_nouns import CameraFiles, Fleet
from tests.support.fleet_score import NamedReset, NamedShift, Outcome


def judge_camera(camera: CameraFiles) -> Any:  # noqa: ANN401 - its type belongs to the judgement
    """Return what `evidence.clock` says of a camera's files."""
    clock: Any = importlib.import_module("evidence.clock")
    recordings = [
        clock.Recording(
            clip.digest,
            clock.state(
                clip.claims,
                kind=clip.kind,
                duration_s=clip.duration_s,
                received_at=clip.received_at,
                head_s=clip.head_s,
            ),
            clip.received_at,
            clip.sequence,
        )
        for clip in camera.clips
    ]
    return clock.judge_camera(recordings, camera.dockings, docks_set=camera.docks_set)


def outcomes_of(judged: Any) -> Iterator[tuple[Digest, Outcome]]:  # noqa: ANN401 - as above
    """Return what is stated of each clip of a camera."""
    for digest, one in judged.judgements.items():
        start = one.span.start if one.span else None
        yield digest, Outcome(str(one.verdict), start, one.uncertainty_s, one.earliest, one.latest)


def resets_of(judged: Any) -> Iterator[NamedReset]:  # noqa: ANN401 - as above
    """Return the resets that are named between two files."""
    for reset in judged.resets:
        yield NamedReset(reset.before, reset.after)


def proposals_of(fleet: Fleet, judged: Mapping[DeviceId, Any]) -> list[NamedShift]:
    """Return the shifts that are proposed for a fleet: those that the files' own witnesses suggest."""
    clock: Any = importlib.import_module("evidence.clock")
    suspicions = [
        clock.Suspicion(clip.digest, clip.device_id, clip.unit, shift_s, one.span.start)
        for clip in fleet.clips
        if (one := judged[clip.device_id].judgements[clip.digest]).span is not None
        for shift_s in one.suspected_s
    ]
    found = clock.proposals(suspicions)
    return [NamedShift(str(one.scope), one.target, one.shift_s, frozenset(one.files)) for one in found]
