"""A small world for pages: a register held in memory, real media made by ffmpeg, and a server on loopback."""

import hashlib
import json
import shutil
import socket
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from dashboard.handed_in import Stated
from dashboard.web.services import Disk, Progress, WebServices
from evidence.cases import Case, Step
from evidence.claims import (
    Anchor,
    Claims,
    ClaimSource,
    IdentityClaim,
    IdentityKind,
    OfficerSource,
    TimeClaim,
    ZoneBasis,
)
from evidence.clips import (
    AudioStream,
    ClipState,
    Derivative,
    Kind,
    Measurement,
    Playable,
    QualityKind,
    QualitySpan,
    Role,
    Sighting,
    VideoStream,
)
from evidence.clock import ClockJudgement, ClockVerdict, Proposal, Shift
from evidence.clock_views import CameraClock, ClockFile, ClockReading, ShiftDecision
from evidence.custody import Actor, Authenticated, Entry, EventType, LedgerEntry, place
from evidence.errors import NotFoundError, UsageError
from evidence.findings import Finding, FindingKind, FindingState, Severity, StepState
from evidence.ids import CaseNo, DeviceId, Digest, FindingId, OfficerId, StationId, StepNo
from evidence.law import Coverage, Duty, LawPack, Rule, Thresholds
from evidence.markers import Mark, MarkTemplate, MarkView, MarkWish, mark_view
from evidence.notes import Note, Parameter, note
from evidence.people import Assignment, Device, Officer
from evidence.ports import Pickup, PickupState
from evidence.secrecy import Marked, Secrecy
from evidence.spans import Span
from evidence.suggesting import Pair, SuggestionView
from evidence.views import (
    CaseView,
    ClipFilter,
    ClipView,
    ExportView,
    FindingFilter,
    FindingView,
    Life,
    LinkView,
    MarkFilter,
    PickupOutcome,
    PickupView,
    StationView,
    StepView,
    SuggestionFilter,
    Totals,
)
from tests.support.reasons import REASONS
from tests.support.secrecy import CLASSES

DAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # 09:00 in Beijing
HOSTILE = "D1/<script>alert(1)</script>\u202egpj.\udcff\"'&.mp4"
QUOTE = "进行现场检查（勘验）、抽样的，应同时进行音像记录，不适宜音像记录的除外。"
CASE = CaseNo("环罚〔2026〕17号")
MACHINE = Actor("system", Authenticated.MACHINE)


def digest_of(text: str) -> Digest:
    """Return a digest for something that has only a name."""
    return Digest(hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest())


def minutes(start: float, end: float) -> Span:
    """Return the stretch between two minutes after nine in the morning, Beijing time."""
    return Span(DAY + timedelta(minutes=start), DAY + timedelta(minutes=end))


@dataclass
class World:
    """Everything the pages can ask for, held in memory; implements `evidence.views.Library`."""

    clip_rows: list[ClipView] = field(default_factory=list)
    step_rows: list[StepView] = field(default_factory=list)
    case_rows: list[Case] = field(default_factory=list)
    finding_rows: list[FindingView] = field(default_factory=list)
    entries: list[LedgerEntry] = field(default_factory=list)
    pickup_rows: list[PickupView] = field(default_factory=list)
    under_way: list[Progress] = field(default_factory=list)
    files: dict[Digest, Path] = field(default_factory=dict)
    decided: list[tuple[object, ...]] = field(default_factory=list)
    shifts: list[Proposal] = field(default_factory=list)
    suggested: list[SuggestionView] = field(default_factory=list)
    mark_rows: list[Mark] = field(default_factory=list)

    def log(
        self,
        event: EventType,
        subject: str = "",
        actor: Actor = MACHINE,
        reason: str = "",
        detail: Mapping[str, object] | None = None,
    ) -> None:
        """Append a ledger entry."""
        at = DAY + timedelta(hours=8, seconds=len(self.entries))
        self.entries.append(place(len(self.entries), Entry(event, actor, at, subject, reason, detail or {})))

    # --- Library ---------------------------------------------------------------------------------------------------

    def _chosen(self, wanted: ClipFilter) -> list[ClipView]:
        tests: Sequence[Callable[[ClipView], bool]] = (
            lambda c: wanted.station in {None, c.station},
            lambda c: wanted.device_id in {None, c.device_id},
            lambda c: wanted.officer_id in {None, c.officer_id},
            lambda c: wanted.kind in {None, c.kind},
            lambda c: wanted.linked is None or bool(c.links) is wanted.linked,
            lambda c: wanted.failed is None or (c.failure is not None) is wanted.failed,
            lambda c: wanted.case_no is None or any(link.case_no == wanted.case_no for link in c.links),
            lambda c: wanted.text in c.source_path,
        )
        return [clip for clip in self.clip_rows if all(test(clip) for test in tests)]

    def clips(self, wanted: ClipFilter) -> Sequence[ClipView]:
        return self._chosen(wanted)[wanted.offset : wanted.offset + wanted.limit]

    def count_clips(self, wanted: ClipFilter) -> int:
        return len(self._chosen(wanted))

    def clip(self, digest_or_prefix: str) -> ClipView:
        found = [clip for clip in self.clip_rows if clip.digest.startswith(digest_or_prefix)]
        if len(found) != 1:
            raise NotFoundError("no clip of that digest", subject=digest_or_prefix, cure="see the list of clips")
        return found[0]

    def suggestions(self, wanted: SuggestionFilter) -> Sequence[SuggestionView]:
        mine = [one for one in self.suggested if wanted.case_no in {None, one.suggestion.case_no}]
        mine = [one for one in mine if wanted.digest in {None, one.suggestion.digest}]
        return mine[wanted.offset : wanted.offset + wanted.limit]

    def count_suggestions(self, wanted: SuggestionFilter) -> int:
        return len(self.suggestions(replace(wanted, limit=10_000, offset=0)))

    def marks(self, wanted: MarkFilter) -> Sequence[MarkView]:
        mine = {clip.digest for clip in self._chosen(ClipFilter(case_no=wanted.case_no))}
        clocks = {clip.digest: clip.clock for clip in self.clip_rows}
        return [
            mark_view(one, clocks[one.digest], PACK.marks)
            for one in sorted(self.mark_rows, key=lambda one: one.at_s)
            if one.digest in mine and wanted.digest in {None, one.digest}
            if wanted.withdrawn or one.withdrawn_at is None
        ]

    def camera_clock(self, name: str) -> CameraClock:
        """Return a camera's clock that a dock read once, 40 s behind, with the files of that camera."""
        mine = [clip for clip in self.clip_rows if clip.device_id == name]
        if not mine:
            raise NotFoundError("no footage and no dock's record of that camera", subject=name)
        reading = ClockReading(DAY + timedelta(hours=9), -40.0, 1.0, clock_set=True, tool="DockSoft 4.2")
        files = tuple(
            ClockFile(
                clip.digest,
                clip.sequence,
                clip.clock.start,
                clip.received_at,
                clip.clock,
                (-41.0, -38.0) if clip.clock.span else None,
                0.0,
            )
            for clip in mine
        )
        return CameraClock(DeviceId(name), "执法大队", (reading,), files, (), ())

    def shift_proposals(self) -> Sequence[Proposal]:
        """List the shift that was put here."""
        return self.shifts

    def shift_decisions(self) -> Sequence[ShiftDecision]:
        """List no decisions."""
        return ()

    def clips_by_digest(self, digests: Sequence[Digest]) -> Mapping[Digest, ClipView]:
        return {clip.digest: clip for clip in self.clip_rows if clip.digest in digests}

    def cases(
        self, *, text: str = "", provisional: bool = False, limit: int = 100, offset: int = 0
    ) -> Sequence[CaseView]:
        rows = [case for case in self.case_rows if text in case.case_no + case.official_no + case.title]
        rows = [case for case in rows if case.is_provisional or not provisional]
        return [self.case(row.case_no) for row in rows[offset : offset + limit]]

    def case(self, case_no: str) -> CaseView:
        case = next((row for row in self.case_rows if case_no in {row.case_no, row.official_no}), None)
        if case is None:
            raise NotFoundError("no case of that number", subject=case_no, cure="see the list of cases")
        steps = self.steps(case_no=case.case_no)
        states = [step.state for step in steps]
        counted = {state: states.count(state) for state in states}
        return CaseView(case, len(steps), counted, sum(len(step.findings) for step in steps))

    def key_of(self, number: str) -> CaseNo:
        return next((row.case_no for row in self.case_rows if row.official_no == number), CaseNo(number))

    def official_numbers(self) -> Mapping[str, str]:
        return {row.case_no: row.official_no for row in self.case_rows if row.official_no}

    def secrecy_of_clip(self, digest: Digest) -> Secrecy | None:
        return self.clip(digest).secrecy

    def secrecy_of_case(self, case_no: CaseNo) -> Secrecy | None:
        return self.case(case_no).secrecy

    def exports_of(self, digest: Digest) -> Sequence[ExportView]:
        del digest
        return []

    def steps(self, *, case_no: str = "", state: StepState | None = None) -> Sequence[StepView]:
        return [s for s in self.step_rows if case_no in {"", s.step.case_no} and state in {None, s.state}]

    def findings(self, wanted: FindingFilter) -> Sequence[FindingView]:
        aliased = {code for code, rule in self.pack().rules.items() if wanted.alias in rule.aliases}
        tests: Sequence[Callable[[FindingView], bool]] = (
            lambda v: wanted.kind in {None, v.finding.kind},
            lambda v: wanted.severity in {None, v.finding.severity},
            lambda v: wanted.case_no in {None, v.finding.case_no},
            lambda v: not wanted.alias or v.finding.procedure in aliased,
            lambda v: wanted.digest is None or wanted.digest in v.finding.clips,
        )
        rows = [row for row in self.finding_rows if all(test(row) for test in tests)]
        return rows[wanted.offset : wanted.offset + wanted.limit]

    def finding(self, finding_id: str) -> FindingView:
        found = next((row for row in self.finding_rows if row.finding.finding_id == finding_id), None)
        if found is None:
            raise NotFoundError("no finding of that number", subject=finding_id, cure="see the list of findings")
        return found

    def finding_history(self, finding_id: FindingId) -> Sequence[Life]:
        view = self.finding(finding_id)
        opened = Life(view.first_found_at, FindingState.OPEN, "system", "")
        if view.claim is None:
            return [opened]
        return [opened, Life(view.changed_at, view.state, view.claimed_by, view.reason, view.claim)]

    def stations(self) -> Sequence[StationView]:
        names = sorted({clip.station for clip in self.clip_rows})
        rows = {name: [clip for clip in self.clip_rows if clip.station == name] for name in names}
        return [
            StationView(name, len(found), sum(c.size_bytes for c in found), 1, 0, max(c.received_at for c in found))
            for name, found in rows.items()
        ]

    def pickups(self, *, station: str = "", unfinished: bool = True, limit: int = 200) -> Sequence[PickupView]:
        del unfinished
        return [row for row in self.pickup_rows if station in {"", row.station}][:limit]

    def outcomes(self, keys: Sequence[str]) -> Mapping[str, PickupOutcome]:
        del keys
        return {}

    def pickup_counts(self) -> Mapping[str, int]:
        return Counter(row.state.value for row in self.pickup_rows)

    def pickups_in(self, state: PickupState) -> Sequence[Pickup]:
        del state
        return []

    def unfinished(self) -> int:
        return len(self.under_way)

    def totals(self) -> Totals:
        return Totals(
            clips=len(self.clip_rows),
            size_bytes=sum(clip.size_bytes for clip in self.clip_rows),
            by_state={s.value: sum(clip.state is s for clip in self.clip_rows) for s in ClipState},
            by_kind={k.value: sum(clip.kind is k for clip in self.clip_rows) for k in Kind},
            failed=sum(clip.failure is not None for clip in self.clip_rows),
            pickups_waiting=len(self.pickup_rows),
            pickups_failed=0,
            cases=len(self.case_rows),
            steps=len(self.step_rows),
            open_findings={
                k.value: n for k in FindingKind if (n := sum(row.finding.kind is k for row in self.finding_rows))
            },
            ledger_entries=len(self.entries),
        )

    def officers(self) -> Sequence[Officer]:
        return OFFICERS

    def devices(self) -> Sequence[Device]:
        return [Device(DeviceId(f"DEV-{n}"), "BWC", "gat947") for n in (1, 2, 3)]

    def assignments(self) -> Sequence[Assignment]:
        return []

    def ledger(
        self, *, subject: str = "", start: int = 0, limit: int = 1000, newest: bool = False
    ) -> Sequence[LedgerEntry]:
        found = [e for e in self.entries if not subject or json.loads(e.canonical)["subject"] == subject]
        wanted = [entry for entry in found if entry.number >= start]
        return wanted[-limit:] if newest else wanted[:limit]

    def pack(self) -> LawPack:
        return PACK

    # --- what people and pages do ----------------------------------------------------------------------------------

    def locate(self, digest: Digest) -> Path:
        """Return where a file lies."""
        if digest not in self.files:
            raise NotFoundError("no such file", subject=digest)
        return self.files[digest]

    def record_view(self, digest: Digest, actor: str) -> None:
        """Append a VIEWED entry."""
        self.log(EventType.VIEWED, digest, Actor(actor, Authenticated.UNAUTHENTICATED))

    def link(self, digest: Digest, case_no: CaseNo, step_no: StepNo, actor: str, reason: str) -> None:
        """Remember that a link was asked for."""
        if not any((row.step.case_no, row.step.step_no) == (case_no, step_no) for row in self.step_rows):
            raise NotFoundError("no step of that number", subject=f"{case_no}/{step_no}")
        self.decided.append(("link", digest, case_no, step_no, actor, reason))

    def link_recording(self, digest: Digest, case_no: CaseNo, step_no: StepNo, actor: str, reason: str) -> None:
        """Remember that a link of a whole recording was asked for."""
        self.decided.append(("link_recording", digest, case_no, step_no, actor, reason))

    def unlink(self, digest: Digest, case_no: CaseNo, step_no: StepNo, actor: str, reason: str) -> None:
        """Remember that a link was taken off."""
        self.decided.append(("unlink", digest, case_no, step_no, actor, reason))

    def explain(self, finding_id: FindingId, actor: str, stated: Stated) -> None:
        """Remember an explanation, with the files as they arrived."""
        self.decided.append(("explain", finding_id, actor, stated.code, stated.note, _read(stated)))

    def exempt(self, case_no: CaseNo, step_no: StepNo, actor: str, stated: Stated) -> None:
        """Remember a claimed exemption, with the files as they arrived."""
        self.decided.append(("exempt", case_no, step_no, actor, stated.code, stated.note, _read(stated)))

    def approve(self, finding_id: FindingId, actor: str, reason: str, *, granted: bool) -> None:
        """Refuse: nothing here is claimed."""
        del actor, reason, granted
        raise UsageError("nothing is claimed", subject=finding_id, cure="explain it first")

    def decide_shift(self, shift: Shift, actor: str, reason: str, *, confirm: bool) -> None:
        """Remember what was decided on a shift."""
        self.decided.append(("confirm_shift" if confirm else "refuse_shift", shift, actor, reason))

    def decide_suggestions(self, pairs: Sequence[Pair], actor: str, reason: str, *, confirm: bool) -> None:
        """Remember what was decided on suggestions; one that does not wait is refused."""
        known = {(one.suggestion.digest, one.suggestion.step_no) for one in self.suggested}
        if not pairs or any((pair.digest, pair.step_no) not in known for pair in pairs):
            raise NotFoundError("no suggestion waits there", subject="?")
        self.decided.append(("confirm_link" if confirm else "refuse_link", tuple(pairs), actor, reason))

    def mark(self, wish: MarkWish, actor: str) -> int:
        """Keep a mark."""
        number = len(self.mark_rows) + 1
        plain = (wish.digest, wish.at_s, wish.template, wish.number, wish.text, wish.note)
        self.mark_rows.append(Mark(number, *plain, actor, DAY + timedelta(hours=9)))
        return number

    def withdraw_mark(self, marker_id: int, actor: str, reason: str) -> None:
        """Withdraw a mark that is kept."""
        [row] = [one for one in self.mark_rows if one.marker_id == marker_id]
        self.mark_rows.remove(row)
        when = DAY + timedelta(hours=10)
        self.mark_rows.append(replace(row, withdrawn_by=actor, withdrawn_at=when, withdraw_reason=reason))

    def classify(self, scope: Marked, target: str, word: str, actor: str, reason: str) -> None:
        """Remember what was marked."""
        self.decided.append(("classify", scope, target, word, actor, reason))

    def services(self) -> WebServices:
        """Return the services of this world."""
        return WebServices(
            library=self,
            originals=self.locate,
            derivatives=self.locate,
            record_view=self.record_view,
            progress=lambda: list(self.under_way),
            disk=lambda: Disk(500_000_000_000, 130_000_000_000),
            link=self.link,
            link_recording=self.link_recording,
            unlink=self.unlink,
            explain=self.explain,
            exempt=self.exempt,
            approve=self.approve,
            decide_shift=self.decide_shift,
            decide_suggestions=self.decide_suggestions,
            mark=self.mark,
            withdraw_mark=self.withdraw_mark,
            classify=self.classify,
            actor="值班员",
            clock=lambda: DAY + timedelta(hours=9),
            version="0.1.0",
        )


def _read(stated: Stated) -> tuple[tuple[str, bytes], ...]:
    return tuple((one.name, one.content.read()) for one in stated.files)


OFFICERS = (
    Officer(OfficerId("E001"), "陈静"),
    Officer(OfficerId("E002"), "买买提·艾力"),
    Officer(OfficerId("E003"), "李建国"),
)


def _rule(code: str, names: tuple[str, str], article: str, duty: Duty, *aliases: str, exempt: bool = False) -> Rule:
    covered = Coverage(0.9, None, 120, 60, 60, 10, "bureau policy", "test") if duty is Duty.SIMULTANEOUS else None
    zh, en = names
    quote = QUOTE if covered else ""
    return Rule(code, {"zh-CN": zh, "en": en}, "investigate", article, quote, duty, covered, 2, exempt, aliases=aliases)


PACK = LawPack(
    "test",
    "1",
    {"zh-CN": "试行办法", "en": "trial rules"},
    date(2019, 8, 1),
    None,
    {
        rule.code: rule
        for rule in (
            _rule("SITE_CHECK", ("现场检查", "site check"), "11", Duty.SIMULTANEOUS, exempt=True),
            _rule("SAMPLING", ("抽样", "sampling"), "11", Duty.SIMULTANEOUS, exempt=True),
            _rule("SEIZE", ("查封、扣押", "sealing / seizure"), "13", Duty.SIMULTANEOUS, "lien"),
            _rule("SVC_LIEN", ("留置送达", "service by leaving"), "23", Duty.SIMULTANEOUS, "lien"),
            _rule("DECISION", ("行政执法决定", "decision"), "19", Duty.NONE),
        )
    },
    Thresholds(10, 30, 48, "bureau policy", "test"),
    marks={
        one.code: one
        for one in (
            MarkTemplate("ID_SHOWN", {"zh-CN": "出示执法证件", "en": "ID shown"}, "8", QUOTE, ("SITE_CHECK", "SEIZE")),
            MarkTemplate(
                "SAMPLING_POINT",
                {"zh-CN": "采样点", "en": "sampling point"},
                "11",
                QUOTE,
                ("SITE_CHECK",),
                numbered=True,
            ),
            MarkTemplate("SEAL", {"zh-CN": "封条张贴", "en": "seal attached"}, "13", QUOTE, ("SEIZE",), numbered=True),
            MarkTemplate("END", {"zh-CN": "执法结束", "en": "act ends"}, "4", ""),
        )
    },
    secrecy=CLASSES,
    reasons=REASONS,
)


def build_world(media: "Media | None" = None) -> World:
    """Return a world with one busy case, one quiet one, and clips of every sort."""
    world = World()
    world.case_rows = [
        Case(CASE, "某化工有限公司废水超标排放案", "处罚", "执法大队", DAY - timedelta(days=3)),
        Case(CaseNo("2026/检-004"), "双随机现场检查", "检查", "监测站", DAY - timedelta(days=30)),
    ]
    _add_clips(world, media)
    _add_steps(world)
    _add_log(world)
    return world


def _add_clips(world: World, media: "Media | None") -> None:
    def add(name: str, when: Span | None, **changes: object) -> None:
        row = replace(_clip(name, when, media), **changes)  # type: ignore[arg-type]
        world.clip_rows.append(row)
        if media:
            world.files |= {
                row.digest: media.clip,
                **{made.digest: media.made[r] for r, made in row.derivatives.items()},
            }

    black = (QualitySpan(QualityKind.BLACK, 2.0, 3.0), QualitySpan(QualityKind.SILENT, 4.0, 6.0))
    other = {"officer_id": OfficerId("E002"), "officer_name": "买买提·艾力", "device_id": DeviceId("DEV-2")}
    add("DEV-1/20261123/DSJ_E00001_20261123090200_0001.mp4", minutes(2, 22), quality=black)
    add("DEV-1/20261123/DSJ_E00001_20261123092200_0002.mp4", minutes(22, 31))
    add("DEV-2/20261123/090000.mp4", minutes(-1, 14), **other)
    add("DEV-2/20261123/IMG_0007.jpg", minutes(41, 41), kind=Kind.PHOTO, duration_s=None, **other)
    add("DEV-2/20261123/143000.mp4", minutes(330, 352), clock=_clock(minutes(330, 352), ClockVerdict.DISPUTED), **other)
    nobody = {"officer_id": None, "officer_name": "", "officer_source": OfficerSource.UNKNOWN, "links": ()}
    add("旧机/MOV00012.avi", None, playable=Playable.NO, device_id=None, derivatives={}, **nobody)
    add(HOSTILE, minutes(90, 92), links=(), problems=(note("media.truncated"),))


def _clock(when: Span | None, verdict: ClockVerdict) -> ClockJudgement:
    if when is None:
        return ClockJudgement(ClockVerdict.UNKNOWN, None, None, (note("clock.nothing_states_time"),))
    return ClockJudgement(verdict, when, 5.0, (note("clock.from.file_name"), note("clock.agrees.container")))


def _clip(name: str, when: Span | None, media: "Media | None") -> ClipView:
    digest = digest_of(name)
    received = DAY + timedelta(hours=8)
    made: dict[Role, Derivative] = {
        role: Derivative(
            digest_of(f"{name} {role}"), digest, role, MEDIA_TYPES[role], 20_480, "ffmpeg 5.1.9", {"width": "160"}
        )
        for role in (media.made if media else MEDIA_TYPES)
        if role is not Role.PROXY
    }
    claims = Claims(
        (
            TimeClaim(
                ClaimSource.FILE_NAME, "20261123090200", when.start if when else None, ZoneBasis.LOCAL, Anchor.START
            ),
            TimeClaim(ClaimSource.ARRIVAL, received.isoformat(), received, ZoneBasis.SYSTEM, Anchor.NOT_AFTER),
        ),
        (
            IdentityClaim(IdentityKind.OFFICER_CODE, ClaimSource.FILE_NAME, "E00001"),
            IdentityClaim(IdentityKind.OFFICER_CODE, ClaimSource.CONTAINER, "000000", placeholder=True),
        ),
    )
    link = LinkView(digest, CASE, StepNo("1"), False, "system", when, (Note("link.officer_by_assignment", SAID),))
    return ClipView(
        digest=digest,
        size_bytes=media.clip.stat().st_size if media else 48_123_456,
        kind=Kind.VIDEO,
        state=ClipState.REVIEWED,
        playable=Playable.ORIGINAL,
        received_at=received,
        sightings=(Sighting(digest, 48_123_456, StationId("一号站"), name, received, received),),
        measurement=Measurement(
            Kind.VIDEO,
            "video/mp4",
            "mov,mp4,m4a",
            6.0,
            VideoStream("h264", "Main", "yuv420p", 640, 360, rate="25/1"),
            AudioStream("aac", 48000, 1),
            playable_as_is=True,
            tool="ffprobe 5.1.9",
        ),
        claims=claims,
        clock=_clock(when, ClockVerdict.TRUSTED),
        device_id=DeviceId("DEV-1"),
        officer_id=OfficerId("E001"),
        officer_name="陈静",
        officer_source=OfficerSource.ASSIGNMENT,
        sequence=1,
        important=False,
        duration_s=6.0,
        decoded_duration_s=6.0,
        problems=(),
        quality=(),
        derivatives=made,
        links=(link,) if when else (),
        failure=None,
    )


MEDIA_TYPES = {
    Role.PROXY: "video/mp4",
    Role.POSTER: "image/jpeg",
    Role.SPRITE: "image/jpeg",
    Role.CUES: "text/vtt",
    Role.WAVEFORM: "application/json",
}


def _add_steps(world: World) -> None:
    first = [link for clip in world.clip_rows for link in clip.links]
    late = _finding(world, FindingKind.EARLY_STOP, Severity.BREACH, "1", "SITE_CHECK", (minutes(31, 40),))
    none = _finding(world, FindingKind.NO_AV, Severity.BREACH, "3", "SVC_LIEN", (minutes(400, 412),))
    jump = _finding(world, FindingKind.SEQ_JUMP, Severity.NOTICE, "", "", ())
    world.finding_rows = [late, none, jump]
    world.step_rows = [
        _step("1", "SITE_CHECK", minutes(0, 40), StepState.PARTLY_COVERED, 0.775, tuple(first), (late,)),
        _step("2", "SAMPLING", minutes(331, 350), StepState.COVERED, 0.99, tuple(first[4:5]), ()),
        _step("3", "SVC_LIEN", minutes(400, 412), StepState.MISSING, 0.0, (), (none,)),
        _step("4", "DECISION", minutes(420, 450), StepState.NO_DUTY, None, (), ()),
        _step("5", "SEIZE", minutes(60 * 26, 60 * 27), StepState.WAITING_UPLOAD, None, (), ()),
    ]


SAID: Mapping[str, Parameter] = {
    "start_at": DAY + timedelta(minutes=31),
    "end_at": DAY + timedelta(minutes=40),
    "missing_s": 540.0,
    "covered_pct": 77.5,
    "allowance_s": 65.0,
    "lead_s": 120.0,
    "lag_s": 60.0,
    "min_pct": 90.0,
    "set_by": "县局",
    "reference": "音像记录管理办法",
    "device": "DEV-1",
    "officer": "陈静",
    "before": 1,
    "after": 4,
    "missing": 2,
}
"""Everything the sentences of the findings here name."""


def _finding(
    world: World, kind: FindingKind, severity: Severity, step: str, code: str, uncovered: tuple[Span, ...]
) -> FindingView:
    finding = Finding(
        finding_id=FindingId(digest_of(kind.value)[:16]),
        kind=kind,
        severity=severity,
        what=Note(f"finding.{kind.value.lower()}.what", SAID),
        why=Note(f"finding.{kind.value.lower()}.{'why_share' if kind is FindingKind.NO_AV else 'why'}", SAID),
        cure=note(f"finding.{kind.value.lower()}.cure"),
        rule_version="test@1",
        case_no=CASE if step else None,
        step_no=StepNo(step) if step else None,
        procedure=code,
        article=PACK.rules[code].article if code else "",
        quote=QUOTE if code else "",
        window=minutes(0, 40) if step == "1" else uncovered[0] if uncovered else None,
        uncovered=uncovered,
        clips=(world.clip_rows[0].digest,),
        device_id=None if step else DeviceId("DEV-1"),
    )
    return FindingView(finding, FindingState.OPEN, DAY + timedelta(hours=8), DAY + timedelta(hours=8))


def _step(
    number: str,
    code: str,
    when: Span,
    state: StepState,
    coverage: float | None,
    links: tuple[LinkView, ...],
    findings: tuple[FindingView, ...],
) -> StepView:
    rule = PACK.rules[code]
    officers = (OfficerId("E001"), OfficerId("E002" if number == "1" else "E003"))
    step = Step(CASE, StepNo(number), code, when.start, when.end, "某化工有限公司厂区", officers)
    waiting = (DeviceId("DEV-3"),) if state is StepState.WAITING_UPLOAD else ()
    return StepView(step, rule.names, rule.article, rule.quote, state, coverage, waiting, links, findings)


def _add_log(world: World) -> None:
    for clip in world.clip_rows:
        for event in (EventType.RECEIVED, EventType.SEALED, EventType.MEASURED, EventType.DERIVED, EventType.LINKED):
            world.log(event, clip.digest)
    station = StationId("二号站")
    stages = (("seal", 0.42, None), ("derive", 0.87, world.clip_rows[0].digest))
    world.under_way = [
        Progress(f"key-{stage}", station, f"DEV-3/20261123/{stage}.mp4", digest, stage, share, DAY + timedelta(hours=9))
        for stage, share, digest in stages
    ]
    changed = DAY + timedelta(hours=9)
    world.pickup_rows = [
        PickupView(station, "DEV-3/0001.part.mp4", 1_048_576, PickupState.SETTLING, None, changed),
        PickupView(station, "DEV-3/0000.mp4", 0, PickupState.FAILED, note("intake.empty"), changed),
    ]


@dataclass(frozen=True)
class Media:
    """A real clip and what was derived from it."""

    clip: Path
    made: Mapping[Role, Path]


def make_media(folder: Path) -> Media:
    """Make six seconds of moving picture and tone, with stills, cues and levels, by ffmpeg."""
    clip, poster, sprite = folder / "clip.mp4", folder / "poster.jpg", folder / "sprite.jpg"
    run_ffmpeg(
        "-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25:duration=6",
        "-f", "lavfi", "-i", "sine=frequency=440:duration=6",
        "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "25",
        "-c:a", "aac", "-movflags", "+faststart", str(clip),
    )  # fmt: skip
    run_ffmpeg("-i", str(clip), "-frames:v", "1", "-vf", "scale=320:-2", str(poster))
    run_ffmpeg("-i", str(clip), "-vf", "fps=1,scale=160:90,tile=3x2", "-frames:v", "1", str(sprite))
    cues, levels = folder / "cues.vtt", folder / "levels.json"
    lines = [
        f"00:00:0{n}.000 --> 00:00:0{n + 1}.000\nsprite.jpg#xywh={n % 3 * 160},{n // 3 * 90},160,90" for n in range(6)
    ]
    cues.write_text("WEBVTT\n\n" + "\n\n".join(lines) + "\n", "utf-8")
    levels.write_text(json.dumps([round(0.2 + 0.7 * abs((n % 20) - 10) / 10, 2) for n in range(60)]), "utf-8")
    return Media(clip, {Role.POSTER: poster, Role.SPRITE: sprite, Role.CUES: cues, Role.WAVEFORM: levels})


def run_ffmpeg(*arguments: str) -> None:
    """Run ffmpeg; it must succeed."""
    program = shutil.which("ffmpeg") or "ffmpeg"
    subprocess.run([program, "-v", "error", "-nostdin", "-y", *arguments], check=True, timeout=60)


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """Serve an app on a free port of loopback; yields its address without a slash at the end."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(timeout=20)
