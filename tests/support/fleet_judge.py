"""The one place where a generated fleet meets the clock judgement: all that knows both sides' names."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from evidence import clock
from evidence.cases import Step
from evidence.clock import CameraJudgement, ClockJudgement
from evidence.docking import DockedFile
from evidence.ids import DeviceId, Digest, OfficerId
from evidence.shifted import REACH, Stray, explained_by, is_witnessed
from evidence.spans import Span
from tests.support.fleet_nouns import CameraFiles, Fleet, FleetClip
from tests.support.fleet_score import NamedReset, NamedShift, Outcome

NAMES_RECUR = timedelta(days=20)
"""A record this much older that lists a clip's name means another file of that name."""


def judge_camera(camera: CameraFiles) -> CameraJudgement:
    """Return what `evidence.clock` says of a camera's files."""
    return clock.judge_camera(recordings_of(camera), camera.dockings, docks_set=camera.docks_set)


def recordings_of(camera: CameraFiles) -> list[clock.Recording]:
    """Return the files of a camera as the register hands them to the judgement: docked when first listed."""
    listed: dict[str, list[datetime]] = defaultdict(list)
    for record in camera.dockings:
        for file in record.files:
            for name in names_of(file):
                listed[name].append(record.dock_time)
    docked = {clip.digest: docked_at(clip, listed) for clip in camera.clips}
    return [
        clock.Recording(
            clip.digest,
            clock.state(
                clip.claims,
                kind=clip.kind,
                duration_s=clip.duration_s,
                received_at=clip.received_at,
                head_s=clip.head_s,
            ),
            docked[clip.digest],
            clip.sequence,
            clip.received_at,
            listed=docked[clip.digest] < clip.received_at,
        )
        for clip in camera.clips
    ]


def docked_at(clip: FleetClip, listed: Mapping[str, Sequence[datetime]]) -> datetime:
    """Return when the first record was made that lists a clip, else when it came in; names recur after a while."""
    named = (at for at in listed.get(clip.source_path, ()) if at > clip.received_at - NAMES_RECUR)
    return min((*listed.get(clip.digest, ()), *named, clip.received_at))


def names_of(file: DockedFile) -> Iterator[str]:
    """Yield what a dock's record calls a file: its SHA-256 where it knows one, and its name."""
    yield from (value for algorithm, value in file.digests if algorithm == "sha256")
    yield file.name


def outcomes_of(judged: CameraJudgement) -> Iterator[tuple[Digest, Outcome]]:
    """Return what is stated of each clip of a camera."""
    for digest, one in judged.judgements.items():
        start = one.span.start if one.span else None
        yield digest, Outcome(str(one.verdict), start, one.uncertainty_s, one.earliest, one.latest, one.offset_s)


def resets_of(judged: CameraJudgement) -> Iterator[NamedReset]:
    """Return the resets that are named between two files."""
    for reset in judged.resets:
        yield NamedReset(reset.before, reset.after)


def proposals_of(fleet: Fleet, judged: Mapping[DeviceId, CameraJudgement]) -> list[NamedShift]:
    """Return the shifts that are proposed for a fleet: by the files' own witnesses, and by steps without footage."""
    of = {clip.digest: judged[clip.device_id].judgements[clip.digest] for clip in fleet.clips}
    suspicions = [
        clock.Suspicion(clip.digest, clip.device_id, clip.unit, shift_s, shown_of(judged[clip.device_id], clip.digest))
        for clip in fleet.clips
        for shift_s in of[clip.digest].suspected_s
    ]
    found = clock.proposals([*suspicions, *by_steps(fleet, of)])
    return [NamedShift(str(one.scope), one.target, one.shift_s, frozenset(one.files)) for one in found]


def shown_of(judged: CameraJudgement, digest: Digest) -> datetime:
    """Return what a camera's clock showed at the start of a clip with a suspected shift, as the register does."""
    span, reading = judged.judgements[digest].span, judged.history.placed[digest].file.reading
    return span.start if span is not None else datetime.fromtimestamp(reading or 0.0, UTC)


def by_steps(fleet: Fleet, of: Mapping[Digest, ClockJudgement]) -> Iterator[clock.Suspicion]:
    """Yield what the steps without footage suggest of the footage without steps, as the audit does."""
    clips: dict[OfficerId, list[FleetClip]] = defaultdict(list)
    steps: dict[OfficerId, list[Step]] = defaultdict(list)
    for clip in fleet.clips:
        clips[clip.officer_id].append(clip)
    for step in fleet.steps:
        for officer in step.officers:
            steps[officer].append(step)
    spans = {digest: one.span for digest, one in of.items() if one.span is not None}
    loose = {
        officer: [c for c in mine if c.digest in spans and not hangs(spans[c.digest], steps[officer])]
        for officer, mine in clips.items()
    }
    units = {clip.digest: (clip.device_id, clip.unit) for clip in fleet.clips}
    for step in fleet.steps:
        mine = [clip for officer in step.officers for clip in clips[officer] if clip.digest in spans]
        if any(spans[clip.digest].overlaps(step.window) for clip in mine):
            continue
        near = step.window.widened(REACH.total_seconds(), REACH.total_seconds())
        strays = [
            Stray(
                clip.digest,
                clip.device_id,
                spans[clip.digest],
                clip.received_at,
                is_witnessed(of[clip.digest].rules),
                of[clip.digest].suspected_s,
            )
            for officer in step.officers
            for clip in loose.get(officer, ())
            if spans[clip.digest].overlaps(near)
        ]
        way = explained_by(step, strays)
        for digest in way.clips if way is not None else ():
            device, unit = units[digest]
            shown = spans[digest].start
            yield clock.Suspicion(digest, device, unit, way.shift_s, shown, step.case_no, step.step_no, way.of_record)  # type: ignore[union-attr] # clips come from it


def hangs(span: Span, steps: Sequence[Step]) -> bool:
    """Whether a clip shows one of the steps."""
    return any(span.overlaps(step.window) for step in steps)
