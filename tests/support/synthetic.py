"""What tests ask of made clips, and a rehearsal of the demo by the core alone: no register, no pipeline."""

import json
import subprocess
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from config.device_profiles import default_profiles
from config.law_packs import default_pack
from dashboard.demo.footage import make_file
from dashboard.demo.people import CAMERAS, OFFICERS
from dashboard.demo.world import Drop, World, subject_of
from evidence.audit import ClipFacts, SequencePoint, audit_clip, audit_sequence, audit_step, cameras_awaited
from evidence.audit_case import audit_case
from evidence.case_file import CaseFile, StepFile
from evidence.cases import Case
from evidence.claims import Claims, Identity
from evidence.clips import Kind, Measurement, QualityKind, QualitySpan, Sighting
from evidence.clock import ClockJudgement, judge
from evidence.findings import Finding, FindingKind, StepState
from evidence.identity import identify
from evidence.ids import DeviceId, Digest
from evidence.matching import BELIEVED, Footage, match_clip, may_belong
from evidence.roster import Roster
from evidence.shifted import Stray
from ingest.claims import claims_of_sighting
from transcode.probe import FfprobeProber
from transcode.runner import Runner
from transcode.synthetic import ClipSpec

NEVER = datetime(9000, 1, 1, tzinfo=UTC)
"""No footage arrives later than this."""


@dataclass(frozen=True)
class Probed:
    """What ffprobe says of a file."""

    form: str
    codecs: tuple[str, ...]
    duration_s: float
    creation_time: str


def ffprobe(path: Path) -> Probed:
    """Ask ffprobe for format, codecs, length and the container's time."""
    command = ["ffprobe", "-v", "error", "-show_format", "-show_streams", "-of", "json", str(path)]
    said = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    form = said["format"]
    codecs = tuple(stream["codec_name"] for stream in said["streams"])
    return Probed(form["format_name"], codecs, float(form["duration"]), form.get("tags", {}).get("creation_time", ""))


def detections(path: Path) -> dict[str, list[float]]:
    """Return where ffmpeg's detectors see black and frozen pictures and silence begin, in seconds."""
    command = ["ffmpeg", "-hide_banner", "-nostdin", "-i", str(path)]
    command += ["-vf", "blackdetect,freezedetect", "-af", "silencedetect", "-f", "null", "-"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stderr
    words = said.replace(": ", ":").split()
    marks = {"black": "black_start:", "frozen": "lavfi.freezedetect.freeze_start:", "silent": "silence_start:"}
    return {
        name: [float(word.removeprefix(mark)) for word in words if word.startswith(mark)]
        for name, mark in marks.items()
    }


def make_all(world: World, folder: Path) -> dict[str, Path]:
    """Make every file of the world on two threads; return ``station/path`` → file."""
    runner = Runner()
    with ThreadPoolExecutor(2) as pool:
        made = pool.map(lambda drop: make_file(drop, folder, runner), world.drops)
        return {drop.subject: path for drop, path in zip(world.drops, made, strict=True)}


@dataclass(frozen=True)
class Seen:
    """A clip as the core sees it after measuring and judging."""

    digest: Digest
    measured: Measurement
    clock: ClockJudgement
    whose: Identity
    duration_s: float | None
    quality: tuple[QualitySpan, ...]
    damaged: bool

    @property
    def footage(self) -> Footage | None:
        """What matching needs of it; None while no time is stated."""
        if self.clock.span is None:
            return None
        return Footage(
            self.digest,
            self.measured.kind,
            self.clock.span,
            self.clock.uncertainty_s or 0.0,
            self.clock.verdict,
            self.whose.device_id,
            self.whose.officer_id,
            self.measured.video is not None,
            self.measured.audio is not None,
            self.whose.officer_source,
        )


@dataclass(frozen=True)
class Rehearsed:
    """What came out: findings by kind and subject, the state of each step, the clips."""

    found: frozenset[tuple[FindingKind, str]]
    states: Mapping[tuple[str, str], StepState]
    seen: Mapping[str, Seen]


def rehearse(world: World, files: Mapping[str, Path], now: datetime) -> Rehearsed:
    """Measure, judge, identify, match and audit the made files, with the quality that their specs ask for."""
    pack = default_pack()
    roster = Roster(OFFICERS, [camera.device for camera in CAMERAS], world.assignments)
    seen = _seen(world, files, roster, now)
    clips = [(one, footage) for one in seen.values() if (footage := one.footage)]
    stepped = [(step, pack.rules.get(step.procedure)) for step in world.steps]
    docked = {one.whose.device_id: now for one in seen.values() if one.whose.device_id}
    links = {(m.case_no, m.step_no, m.digest) for _, footage in clips for m in match_clip(footage, stepped)}
    hung = {digest for _, _, digest in links}
    findings: list[Finding] = []
    states: dict[tuple[str, str], StepState] = {}
    for step, rule in stepped:
        linked = [f for _, f in clips if (step.case_no, step.step_no, f.digest) in links]
        doubtful = [f for _, f in clips if may_belong(f, step, rule)]
        awaited = cameras_awaited(step, roster, docked, now, pack.thresholds.upload_grace_h)
        strays = [_stray(one) for one, f in clips if f.digest not in hung and f.officer_id in step.officers]
        verdict = audit_step(step, rule, pack, linked, awaited, None, doubtful, strays)
        states[step.case_no, step.step_no] = verdict.state
        findings += verdict.findings
    for case in world.cases:
        findings += audit_case(_file_of(case, world, states), pack, now).findings
    for subject, one in seen.items():
        facts = _facts(one, linked=one.digest in hung)
        findings += audit_clip(replace(facts, docked_at=_docked_at(subject, one, world, now)), pack)
    for device_id, points in _sequences(clips).items():
        findings += audit_sequence(device_id, points, pack)
    subjects = {one.digest: subject for subject, one in reversed(list(seen.items()))}
    return Rehearsed(frozenset((f.kind, subject_of(f, subjects)) for f in findings), states, seen)


def _docked_at(subject: str, one: Seen, world: World, now: datetime) -> datetime:
    """Return when a file's camera was docked: its dock's record says so, else it came when its file did."""
    known = {camera.device_id for camera in CAMERAS}
    told = [drop.docked_at for drop in world.drops if drop.subject == subject and one.whose.device_id in known]
    return told[0] if told else now


def _file_of(case: Case, world: World, states: Mapping[tuple[str, str], StepState]) -> CaseFile:
    """Return the file of a case: its steps with their documents, and whether their recording is whole."""
    whole = {StepState.COVERED, StepState.NO_DUTY}
    return CaseFile(
        case,
        tuple(
            StepFile(
                step,
                tuple(one for one in world.documents if (one.case_no, one.step_no) == (case.case_no, step.step_no)),
                whole=states[step.case_no, step.step_no] in whole,
                claimed=bool(step.unsuitable_reason),
            )
            for step in sorted(world.steps, key=lambda one: one.started_at)
            if step.case_no == case.case_no
        ),
    )


def _stray(one: Seen) -> Stray:
    """Return a clip that hangs nowhere; nothing here reads its camera's clock."""
    assert one.clock.span is not None
    return Stray(one.digest, one.whose.device_id, one.clock.span, NEVER, suspected_s=one.clock.suspected_s)


def _seen(world: World, files: Mapping[str, Path], roster: Roster, now: datetime) -> dict[str, Seen]:
    """Return each clip under its first subject, the claims of all its sightings together."""
    prober, profiles = FfprobeProber(Runner()), default_profiles()
    by_digest: dict[Digest, list[Drop]] = defaultdict(list)
    for drop in world.drops:
        by_digest[Digest(sha256(files[drop.subject].read_bytes()).hexdigest())].append(drop)
    seen = {}
    for digest, drops in by_digest.items():
        measured = prober.measure(files[drops[0].subject])
        claims = measured.claims
        for drop in drops:
            sighting = Sighting(digest, 0, drop.station, drop.source_path, drop.mtime, now)
            claims = claims.joined(claims_of_sighting(sighting, profiles))
        seen[drops[0].subject] = _judged(digest, drops[0], measured, claims, roster, now)
    return seen


def _judged(digest: Digest, drop: Drop, measured: Measurement, claims: Claims, roster: Roster, now: datetime) -> Seen:
    spec = drop.content if isinstance(drop.content, ClipSpec) else None
    share = spec.keep_share if spec else 1.0
    duration_s = None if measured.declared_duration_s is None else measured.declared_duration_s * share
    clock = judge(claims.times, kind=measured.kind, duration_s=duration_s, received_at=now)
    whose = identify(claims.identities, clock.start, roster)
    return Seen(digest, measured, clock, whose, duration_s, _quality(spec), measured.damaged or share < 1)


def _quality(spec: ClipSpec | None) -> tuple[QualitySpan, ...]:
    spans = []
    if spec and spec.black:
        spans.append(QualitySpan(QualityKind.BLACK, *spec.black))
    if spec and spec.frozen_tail_s:
        spans.append(QualitySpan(QualityKind.FROZEN, spec.duration_s - spec.frozen_tail_s, spec.duration_s))
    return tuple(spans)


def _facts(one: Seen, *, linked: bool) -> ClipFacts:
    return ClipFacts(
        one.digest,
        one.measured.kind,
        one.clock,
        one.whose.device_id,
        one.whose.officer_id,
        one.whose.officer_source,
        one.measured.audio is not None,
        one.duration_s,
        one.damaged,
        one.measured.problems,
        one.quality,
        linked,
        analysed=one.measured.kind is not Kind.OTHER,
    )


def _sequences(clips: Sequence[tuple[Seen, Footage]]) -> dict[DeviceId, list[SequencePoint]]:
    points: dict[DeviceId, list[SequencePoint]] = defaultdict(list)
    for one, footage in clips:
        if one.whose.device_id and one.whose.sequence is not None and footage.verdict in BELIEVED:
            point = SequencePoint(one.digest, one.whose.sequence, footage.span.start, footage.span.end)
            points[one.whose.device_id].append(point)
    return points
