"""Case files as a lawyer writes them: the facts of a case in, every finding about it out. Times are Beijing time.

What a row leaves out is in order: two officers with certificates, every document the procedure asks for, duly signed
and dated at the step's end, and the whole step filmed where that is asked for.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from evidence.audit import Exemption, audit_step
from evidence.audit_case import audit_case
from evidence.case_file import CaseFile, StepFile
from evidence.cases import Case, Step
from evidence.documents import Document
from evidence.findings import Finding, StepState, StepVerdict
from evidence.ids import CaseNo, DeviceId, OfficerId, StepNo
from evidence.law import LawPack, Necessity, Rule
from evidence.matching import Footage, match_clip, may_belong
from evidence.people import within
from evidence.zones import beijing
from tests.support.calendars import beijing_time
from tests.support.case_rows import Row, as_written, rows_of, text, texts, time_or_none, window_of
from tests.support.law_cases import footage_of, moment

FILES = Path(__file__).parents[1] / "law" / "files"
# fmt: off
CASE_KEYS = frozenset({
    "says", "en", "type", "opened", "urgent", "concluded", "now", "certificates", "step", "papers", "states",
    "findings",
})
STEP_KEYS = frozenset({
    "procedure", "at", "officers", "witness", "due", "extended", "urgent", "points", "unsuitable", "claim", "papers",
    "papers_dated", "film", "awaited",
})
# fmt: on
PAPER_KEYS = frozenset({"document", "no", "dated", "signed"})
WHOLE = frozenset({StepState.COVERED, StepState.NO_DUTY})
BARE_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class FileCase:
    """One row of the tables, as written."""

    file: str
    facts: Row

    @property
    def says(self) -> str:
        """What the row is about, in both languages."""
        return f"{self.facts['says']} · {self.facts['en']}"

    @property
    def steps(self) -> list[Row]:
        """The rows of its steps."""
        return rows_of(self.facts, "step")


@dataclass(frozen=True)
class Outcome:
    """What came of a row: how each step stands, and every finding."""

    verdicts: tuple[StepVerdict, ...]
    findings: tuple[Finding, ...]

    @property
    def states(self) -> list[str]:
        """How each step stands."""
        return [verdict.state.value for verdict in self.verdicts]

    @property
    def written(self) -> list[str]:
        """Every finding as the tables write it, in order."""
        return sorted(as_written(finding) for finding in self.findings)


def read_files(folder: Path = FILES) -> Iterator[FileCase]:
    """Read every row of every table, refusing keys nobody knows."""
    for file in sorted(folder.glob("*.toml")):
        for row in tomllib.loads(file.read_text("utf-8"))["case"]:
            case = FileCase(file.stem, row)
            unknown = row.keys() - CASE_KEYS
            for step in case.steps:
                unknown |= step.keys() - STEP_KEYS
                unknown |= {key for paper in rows_of(step, "papers") for key in paper.keys() - PAPER_KEYS}
            assert not unknown, f"{file.name}: {row['says']}: {unknown}"
            yield case


def run_file(case: FileCase, pack: LawPack) -> Outcome:
    """Audit every step of a row and its file, as a review does."""
    files, verdicts = [], []
    for number, row in enumerate(case.steps, 1):
        step = step_of(row, number)
        version = pack.on(beijing(step.started_at).date())
        verdict, linked = audited(row, step, version)
        verdicts.append(verdict)
        files.append(step_file(case, row, step, version.rules.get(step.procedure), version, verdict, linked))
    ordered = tuple(sorted(files, key=lambda own: (own.step.started_at, own.step.step_no)))
    papers = tuple(document_of("", paper) for paper in rows_of(case.facts, "papers"))
    file = CaseFile(case_of(case.facts), ordered, papers)
    about_case = audit_case(file, pack, now_of(case)).findings
    return Outcome(tuple(verdicts), (*(each for one in verdicts for each in one.findings), *about_case))


def case_of(row: Row) -> Case:
    """Return the case of a row."""
    return Case(
        CaseNo("C-1"),
        matter_type=text(row, "type"),
        opened_at=time_or_none(row, "opened"),
        concluded_at=time_or_none(row, "concluded"),
        provisional="urgent" in row,
        urgent_at=time_or_none(row, "urgent"),
    )


def now_of(case: FileCase) -> datetime:
    """Return the moment a row is audited at: where it says none, an hour after the last step, nothing being due."""
    if "now" in case.facts:
        return beijing_time(text(case.facts, "now"))
    return max(window_of(step)[1] for step in case.steps) + BARE_HOUR


def step_of(row: Row, number: int) -> Step:
    """Return a step of a row."""
    started_at, ended_at = window_of(row)
    return Step(
        case_no=CaseNo("C-1"),
        step_no=StepNo(str(number)),
        procedure=text(row, "procedure"),
        started_at=started_at,
        ended_at=ended_at,
        officers=tuple(map(OfficerId, texts(row, "officers", ["P1", "P2"]))),
        unsuitable_reason=text(row, "unsuitable"),
        witness=text(row, "witness"),
        due_at=time_or_none(row, "due"),
        extended_to=time_or_none(row, "extended"),
        urgent_reason=text(row, "urgent"),
        points=int(text(row, "points") or 0),
    )


def audited(row: Row, step: Step, version: LawPack) -> tuple[StepVerdict, list[Footage]]:
    """Return how a step stands, and what hangs on it by hand."""
    rule = version.rules.get(step.procedure)
    clips = film_of(row, step, rule)
    hung = [clip for clip, by_hand in clips if by_hand]
    linked = [*hung, *(clip for clip, by_hand in clips if not by_hand and match_clip(clip, [(step, rule)]))]
    doubtful = [clip for clip, by_hand in clips if not by_hand and may_belong(clip, step, rule)]
    awaited = [DeviceId(device) for device in texts(row, "awaited", [])]
    return audit_step(step, rule, version, linked, awaited, claim_of(row), doubtful), hung


def film_of(row: Row, step: Step, rule: Rule | None) -> list[tuple[Footage, bool]]:
    """Return the clips of a step with whether a person linked them; where nothing is said, all that is asked for."""
    day = beijing(step.started_at).date()
    if "film" in row:
        return [(footage_of(day, clip), clip.get("by_hand") is True) for clip in rows_of(row, "film")]
    if rule is None or not rule.duty.requires_footage or not step.officers:
        return []
    window = f"{clock_of(step.started_at, day)}-{clock_of(step.ended_at, day)}"
    officer = step.officers[0]
    return [
        (footage_of(day, {"video": window, "officer": officer, "camera": f"CAM-{n}"}), False)
        for n in range(max(1, step.points))
    ]


def clock_of(moment_at: datetime, day: date) -> str:
    """Return a moment as a clock that runs on after midnight."""
    seconds = int((moment_at - moment(day, "00:00")).total_seconds())
    return f"{seconds // 3600}:{seconds // 60 % 60}:{seconds % 60}"


def claim_of(row: Row) -> Exemption | None:
    """Return what became of a claim that recording was not suitable."""
    claim = text(row, "claim")
    return Exemption(claim == "approved", "reason", refused=claim == "refused") if claim else None


def step_file(
    case: FileCase,
    row: Row,
    step: Step,
    rule: Rule | None,
    version: LawPack,
    verdict: StepVerdict,
    hung: list[Footage],
) -> StepFile:
    """Return what the file holds of a step."""
    claim = claim_of(row)
    return StepFile(
        step,
        documents_of(row, step, rule, version),
        tuple(officer for officer in step.officers if not is_certified(case.facts, officer, step.started_at)),
        tuple((clip.digest, clip.officer_id) for clip in hung if clip.officer_id and not clip.is_of(step)),
        verdict.state in WHOLE,
        bool(step.unsuitable_reason) if claim is None else not claim.refused,
    )


def is_certified(facts: Row, officer: str, at: datetime) -> bool:
    """Whether an officer held a certificate at a moment; of whom nothing is said did."""
    certificates = facts.get("certificates", {})
    assert isinstance(certificates, dict)
    if officer not in certificates:
        return True
    start, end = certificates[officer].split(" - ")
    return within(at, beijing_time(start), beijing_time(end) + timedelta(days=1))


def documents_of(row: Row, step: Step, rule: Rule | None, version: LawPack) -> tuple[Document, ...]:
    """Return the text records of a step: those of the row, or all that the procedure always asks for."""
    if "papers" in row:
        return tuple(document_of(step.step_no, paper) for paper in rows_of(row, "papers"))
    slots = [version.documents[slot] for slot in (rule.documents if rule else ()) if slot in version.documents]
    dated_at = time_or_none(row, "papers_dated") or step.ended_at
    return tuple(
        Document(CaseNo("C-1"), step.step_no, slot.slot, "", "", dated_at, tuple(choice[0] for choice in slot.signers))
        for slot in slots
        if slot.necessity is Necessity.ALWAYS
    )


def document_of(step_no: str, row: Row) -> Document:
    """Return one text record of a row."""
    signed = tuple(texts(row, "signed", []))
    name, number = text(row, "document"), text(row, "no")
    return Document(CaseNo("C-1"), StepNo(step_no), name, number, "", time_or_none(row, "dated"), signed)
