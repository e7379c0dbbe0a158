"""Records, documents, footage and rosters in any order: the register finds the same about the file of a case."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from config.law_packs import default_pack
from evidence.cases import Case, Step
from evidence.documents import Document
from evidence.findings import FindingKind, FindingState
from evidence.ids import StepNo
from evidence.ports import Scope
from index import schema
from index.decisions import Decisions
from index.library import RegisterLibrary
from index.review import RegisterReviewer
from tests.support.index import ASSIGNMENTS, CASE, DEVICES, LATER, LI, OFFICERS, World, at, step

Arrival = Callable[[World], object]
Found = tuple[str, str, str, str, str, str]

HOUR = 60
SEIZURE = replace(
    step(window=(0, 30), officers=("E1", "E2"), procedure="SEIZE"),
    urgent_reason="正在转移物证",
    unsuitable_reason="人员情绪激动",
)
STEPS: tuple[Step, ...] = (
    SEIZURE,
    step(step_no="2", window=(2 * HOUR, 2 * HOUR + 10), officers=("E1", "E2"), procedure="SVC_LIEN"),
    replace(step(step_no="3", window=(-30, -10), procedure="DECISION"), due_at=at(5 * 24 * HOUR)),
    step(step_no="4", window=(14 * HOUR, 15 * HOUR), officers=("E1", "E2"), procedure="ENF_RESTORE"),
    step(step_no="5", window=(-50, -40), officers=("E1",), procedure="CASE_OPEN_URGENT"),
    step(step_no="6", window=(5 * HOUR, 6 * HOUR), officers=("E1", "E2"), procedure="EVID_PRESERVE"),
)
EXPIRED = (OFFICERS[0], replace(OFFICERS[1], valid_to=at(-24 * HOUR)))


def paper(step_no: str, slot: str, *signed: str, days: float = 0.0, number: str = "") -> Document:
    """Return a text record dated some days after the seizure."""
    return Document(CASE, StepNo(step_no), slot, number, "", at(days * 24 * HOUR), signed)


PAPERS = (
    paper("1", "查封决定书", "party", days=2),
    paper("1", "清单", "officers"),
    paper("2", "送达回证", "server"),
    paper("5", "补报立案审批表", "head", days=1.5),
    paper("6", "先行登记保存证据处理决定书", days=20),
    paper("", "听证通知书", days=3),
)


def hung_by_hand(world: World) -> None:
    """A clip of the other officer's camera is linked by hand to a step whose record does not name that officer."""
    digest = world.clip("stranger", (-45, -42), device="SN-TWO")
    world.put(lambda tx: world.catalogue.put_cases(tx, [CASE_FILE]))
    world.put(lambda tx: world.catalogue.put_steps(tx, [STEPS[4]]))
    world.decide(lambda tx: world.decisions.link(tx, digest, CASE, StepNo("5"), LI, "现场核对", LATER))


CASE_FILE = Case(CASE, "案", matter_type="处罚", opened_at=at(-2 * HOUR), concluded_at=at(10 * 24 * HOUR))
ARRIVALS: tuple[Arrival, ...] = (
    lambda world: world.put(lambda tx: world.catalogue.put_officers(tx, EXPIRED)),
    lambda world: world.put(lambda tx: world.catalogue.put_devices(tx, DEVICES)),
    lambda world: world.put(lambda tx: world.catalogue.put_assignments(tx, ASSIGNMENTS)),
    lambda world: world.put(lambda tx: world.catalogue.put_cases(tx, [CASE_FILE])),
    lambda world: world.put(lambda tx: world.catalogue.put_steps(tx, STEPS[:3])),
    lambda world: world.put(lambda tx: world.catalogue.put_steps(tx, STEPS[3:])),
    lambda world: world.put(lambda tx: world.catalogue.put_documents(tx, PAPERS[:3])),
    lambda world: world.put(lambda tx: world.catalogue.put_documents(tx, PAPERS[3:])),
    lambda world: world.clip("seizure", (0, 20), sequence=1),
    lambda world: world.clip("service", (2 * HOUR, 2 * HOUR + 10), sequence=3),
    hung_by_hand,
)


def outcome(arrivals: list[Arrival]) -> list[Found]:
    """Return what a fresh register finds after these arrivals; what has been resolved is history and left out."""
    pack = default_pack()
    with TemporaryDirectory() as folder:
        world = World(Path(folder))
        world.reviewer, world.decisions = RegisterReviewer(pack), Decisions(pack)
        world.library = RegisterLibrary(world.register, pack)
        for arrive in arrivals:
            arrive(world)
        found = standing(world)
        world.review(Scope(everything=True), at(30 * 24 * HOUR))
        assert standing(world) == found, "a whole review says something else"
        world.close()
        return found


def standing(world: World) -> list[Found]:
    """Return every finding that stands, to the last word."""
    row = schema.FindingRow
    with world.register.reading() as session:
        rows = session.scalars(sa.select(row).where(row.state != FindingState.RESOLVED).order_by(row.finding_id))
        return [
            (r.finding_id, r.kind, r.severity, r.article, str(r.what.as_plain()), str(r.why.as_plain())) for r in rows
        ]


EXPECTED: list[list[Found]] = []
WANTED = {
    FindingKind.OFFICER_LT2,
    FindingKind.OFFICER_NOT_IN_STEP,
    FindingKind.WITNESS_MISSING,
    FindingKind.NIGHT_OR_HOLIDAY,
    FindingKind.EXEMPTION_NOT_ALLOWED,
    FindingKind.DOCUMENT_MISSING,
    FindingKind.SIGNATURE_MISSING,
    FindingKind.CASE_LATE_REPORT,
    FindingKind.RECTIFY_OVERDUE,
    FindingKind.DEADLINE_MISSED,
    FindingKind.SEIZURE_EXPIRING,
}


@settings(max_examples=6, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow])
@given(st.permutations(ARRIVALS))
def test_any_order_of_arrival_gives_the_same_file(arrivals: list[Arrival]) -> None:
    """Roster, cameras, case, steps, documents, footage and a link by hand in any order end in the same findings."""
    if not EXPECTED:
        EXPECTED.append(outcome(list(ARRIVALS)))
        assert {kind for _, kind, *_ in EXPECTED[0]} >= WANTED
    assert outcome(arrivals) == EXPECTED[0]
