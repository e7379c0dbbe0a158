"""A case that was begun under a provisional number is the same case in whatever order its records and acts come."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from evidence.cases import Case
from evidence.documents import Document
from evidence.errors import EvidockError
from evidence.findings import FindingState
from evidence.ids import CaseNo, StepNo
from evidence.ports import Scope
from index import rows, schema
from index.decisions import Act
from index.numbering import NUMBER_CASE, number_case
from tests.support.index import ASSIGNMENTS, DEVICES, LATER, LI, OFFICERS, World, at, step
from tests.support.rebuilding import Records, differences

FIRST, OFFICIAL = CaseNo("临-执法大队-20261102-1"), CaseNo("新环罚〔2026〕17号")
Happening = Callable[[World, Records], object]


def recorded(noun: str, *records: object) -> Happening:
    """Return the import of some records."""
    return lambda world, files: files.imported(world, noun, records)


def numbered(world: World, _files: Records) -> None:
    """A person gives the number, where the case is known by then and has none."""
    act = Act(NUMBER_CASE, LI, "已立案", LATER)
    try:
        world.decide(lambda tx: number_case(tx, FIRST, OFFICIAL, None, act))
    except EvidockError:
        return


BEGUN = recorded("cases", Case(FIRST, unit="执法大队", provisional=True, urgent_at=at(-10)))
NUMBERED = recorded("cases", Case(FIRST, title="夜间偷排", opened_at=at(600), provisional=True, official_no=OFFICIAL))
RECORDS: tuple[Happening, ...] = (
    BEGUN,
    NUMBERED,
    recorded("cases", Case(OFFICIAL, matter_type="处罚", concluded_at=at(9000))),
    recorded("steps", step(FIRST)),
    recorded("steps", step(OFFICIAL, "2", window=(40, 60), officers=("E1", "E2"), procedure="SEIZE")),
    recorded("documents", Document(OFFICIAL, StepNo("2"), "查封(扣押)决定书", "1", "决定书", at(70))),
    recorded("documents", Document(FIRST, StepNo(""), "结案报告", "N2", "报告", LATER)),
    lambda world, _files: world.clip("first", (-1, 31)),
    lambda world, _files: world.clip("second", (45, 61)),
    lambda world, _files: world.clip("doubtful", (41, 50), disputed=True),
    numbered,
)


def told(world: World) -> tuple[object, ...]:
    """Return what stands of the case, whoever told it first: records, links, findings that are not resolved."""
    link, finding = schema.Link, schema.FindingRow
    with world.register.reading() as session:
        cases = [rows.case(row) for row in session.scalars(sa.select(schema.CaseRow))]
        steps = session.execute(
            sa.select(schema.StepRow.case_no, schema.StepRow.step_no, schema.StepRow.state, schema.StepRow.coverage)
        ).all()
        papers = [rows.document(row) for row in session.scalars(sa.select(schema.DocumentRow))]
        links = session.execute(sa.select(link.digest, link.case_no, link.step_no).where(link.active)).all()
        open_ = sa.select(finding.finding_id, finding.case_no).where(finding.state != FindingState.RESOLVED)
        found = session.execute(open_).all()
        asked = session.execute(sa.select(schema.SuggestionRow.digest, schema.SuggestionRow.case_no)).all()
        doubts = session.execute(sa.select(schema.Doubt.digest, schema.Doubt.case_no)).all()
    return (
        cases,
        sorted(map(tuple, steps)),
        sorted(papers, key=lambda one: (one.step_no, one.slot)),
        *(sorted(map(tuple, some)) for some in (links, found, asked, doubts)),
    )


def lived(folder: Path, happenings: list[Happening]) -> tuple[World, Records]:
    """Return a world in which things happened in this order, after its people and cameras came."""
    world, files = World(folder), Records()
    for noun, some in (("officers", OFFICERS), ("devices", DEVICES), ("assignments", ASSIGNMENTS)):
        files.imported(world, noun, some)
    for happens in happenings:
        happens(world, files)
    world.review(Scope(everything=True))  # imports come at nine, when cameras are still awaited
    return world, files


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow], phases=[Phase.generate])
@given(st.permutations(RECORDS))
def test_one_case_in_whatever_order_its_numbers_come(happenings: list[Happening]) -> None:
    """Records under either number end on one case, and the register made again from the ledger is the same."""
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        world, files = lived(Path(one), happenings)
        expected, _ = lived(Path(other), list(RECORDS))
        assert told(world) == told(expected)
        assert [case.case_no for case in told(world)[0]] == [FIRST]  # type: ignore[attr-defined] # the cases
        assert differences(world, files, Path(one, "again.sqlite")) == []
        world.close()
        expected.close()
