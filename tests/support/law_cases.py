"""Law cases as a lawyer writes them: facts of a step and its footage in, findings out. Times are Beijing time."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from evidence.audit import Exemption, audit_step
from evidence.cases import Step
from evidence.claims import OfficerSource
from evidence.clips import Kind
from evidence.clock import ClockVerdict
from evidence.findings import Finding, StepVerdict
from evidence.ids import CaseNo, DeviceId, Digest, OfficerId, StepNo
from evidence.law import LawPack
from evidence.matching import Footage, match_clip, may_belong
from evidence.shifted import Stray
from evidence.spans import Span
from evidence.zones import BEIJING, beijing

FOLDER = Path(__file__).parents[1] / "law" / "cases"
USUAL_DAY = date(2026, 3, 2)
# fmt: off
KNOWN_KEYS = frozenset({
    "says", "day", "procedure", "step", "footage", "strays", "linked", "awaited", "unsuitable", "exemption",
    "state", "coverage", "findings", "remarks",
})
KNOWN_FOOTAGE = frozenset({
    "video", "audio", "photo", "other", "camera", "officer", "clock", "uncertainty_s", "by_hand", "picture",
    "officers",
})
# fmt: on
KNOWN_STRAY = frozenset({"video", "camera", "arrived", "witnessed", "suspected_s", "refused_s"})


@dataclass(frozen=True)
class LawCase:
    """One row of the case table. ``facts`` holds it as written."""

    file: str
    says: str
    facts: Mapping[str, object]

    def text(self, key: str) -> str:
        """Return a text of the row, empty where it has none."""
        return str(self.facts.get(key, ""))

    def texts(self, key: str) -> list[str]:
        """Return a list of texts of the row."""
        values = self.facts.get(key, [])
        assert isinstance(values, list)
        return [str(value) for value in values]

    @property
    def day(self) -> date:
        """The Beijing day of the step."""
        day = self.facts.get("day", USUAL_DAY)
        assert isinstance(day, date)
        return day

    @property
    def footage(self) -> list[Mapping[str, object]]:
        """The rows of footage."""
        return self.rows("footage")

    def rows(self, key: str) -> list[Mapping[str, object]]:
        """Return a list of tables of the row."""
        rows = self.facts.get(key, [])
        assert isinstance(rows, list)
        return rows


@dataclass(frozen=True)
class Outcome:
    """What came of a case: the verdict, and how many clips the machine linked."""

    verdict: StepVerdict
    linked: int


def read_cases() -> Iterator[LawCase]:
    """Read every case of every table, refusing keys nobody knows."""
    for file in sorted(FOLDER.glob("*.toml")):
        for row in tomllib.loads(file.read_text("utf-8"))["case"]:
            unknown = row.keys() - KNOWN_KEYS or {k for f in row.get("footage", []) for k in f.keys() - KNOWN_FOOTAGE}
            unknown |= {k for stray in row.get("strays", []) for k in stray.keys() - KNOWN_STRAY}
            assert not unknown, f"{file.name}: {row['says']}: {unknown}"
            yield LawCase(file.stem, row["says"], row)


def moment(day: date, clock: str) -> datetime:
    """Return the UTC time of ``HH:MM`` or ``HH:MM:SS`` Beijing time; ``24:20`` is twenty past midnight."""
    hour, minute, second = [*map(int, clock.split(":")), 0][:3]
    start = datetime(day.year, day.month, day.day, tzinfo=BEIJING)
    return (start + timedelta(hours=hour, minutes=minute, seconds=second)).astimezone(UTC)


def span(day: date, written: str) -> Span:
    """Return the span of ``10:00-10:30``, or the instant of ``10:00``."""
    start, _, end = written.partition("-")
    return Span(moment(day, start), moment(day, end or start))


def step_of(case: LawCase) -> Step:
    """Return the step of a case; officers P1 and P2 take part."""
    window = span(case.day, case.text("step"))
    return Step(
        case_no=CaseNo("C-1"),
        step_no=StepNo("1"),
        procedure=case.text("procedure"),
        started_at=window.start,
        ended_at=window.end,
        officers=(OfficerId("P1"), OfficerId("P2")),
        unsuitable_reason=case.text("unsuitable"),
    )


def footage_of(day: date, row: Mapping[str, object]) -> Footage:
    """Return one clip of a case."""
    kind = next(kind for kind in Kind if kind.value in row)
    return Footage(
        digest=Digest(sha256(repr(sorted(row.items())).encode()).hexdigest()),
        kind=kind,
        span=span(day, str(row[kind.value])),
        uncertainty_s=float(str(row.get("uncertainty_s", 0))),
        verdict=ClockVerdict(str(row.get("clock", "trusted"))),
        device_id=DeviceId(str(row.get("camera", "CAM-1"))),
        officer_id=OfficerId(str(row.get("officer", [*carriers_of(row), "P1"][0]))),
        has_video=kind is Kind.VIDEO and row.get("picture", True) is True,
        has_audio=kind in {Kind.VIDEO, Kind.AUDIO},
        officer_source=OfficerSource.ASSIGNMENT,
        officers=carriers_of(row),
    )


def carriers_of(row: Mapping[str, object]) -> tuple[OfficerId, ...]:
    """Return who carried the camera of a clip together; empty where the row names one officer or none."""
    officers = row.get("officers", [])
    assert isinstance(officers, list)
    return tuple(OfficerId(one) for one in officers)


def stray_of(day: date, row: Mapping[str, object]) -> Stray:
    """Return a clip of the step's officers that hangs nowhere; it came by the next noon where nothing is said."""
    return Stray(
        digest=Digest(sha256(repr(sorted(row.items())).encode()).hexdigest()),
        device_id=DeviceId(str(row.get("camera", "CAM-1"))),
        span=span(day, str(row["video"])),
        received_at=moment(day, str(row.get("arrived", "36:00"))),
        witnessed=row.get("witnessed") is True,
        suspected_s=seconds_of(row, "suspected_s"),
        refused_s=seconds_of(row, "refused_s"),
    )


def seconds_of(row: Mapping[str, object], key: str) -> tuple[float, ...]:
    """Return a list of shifts."""
    values = row.get(key, [])
    assert isinstance(values, list)
    return tuple(float(value) for value in values)


def run_case(case: LawCase, pack: LawPack) -> Outcome:
    """Match the footage to the step and audit it, as a review does."""
    step = step_of(case)
    rule = pack.rules.get(step.procedure)
    clips = [(footage_of(case.day, row), row.get("by_hand", False)) for row in case.footage]
    by_machine = [clip for clip, by_hand in clips if not by_hand and match_clip(clip, [(step, rule)])]
    linked = [*by_machine, *(clip for clip, by_hand in clips if by_hand)]
    doubtful = [clip for clip, by_hand in clips if not by_hand and may_belong(clip, step, rule)]
    strays = [stray_of(case.day, row) for row in case.rows("strays")]
    awaited = [DeviceId(device) for device in case.texts("awaited")]
    verdict = audit_step(step, rule, pack, linked, awaited, exemption_of(case), doubtful, strays)
    return Outcome(verdict, len(by_machine))


def exemption_of(case: LawCase) -> Exemption | None:
    """Return the claim of a case with what was decided."""
    decision = case.text("exemption")
    if not decision:
        return None
    return Exemption(decision == "approved", "reason", refused=decision == "refused")


def as_written(finding: Finding) -> str:
    """Return a finding as the table writes it: kind, severity, and each uncovered stretch."""
    stretches = " ".join(f"{beijing(part.start):%H:%M:%S}-{beijing(part.end):%H:%M:%S}" for part in finding.uncovered)
    return f"{finding.kind} {finding.severity} {stretches}".rstrip()
