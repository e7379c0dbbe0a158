"""Legal holds over a real register and vault: laid, reaching what comes later, lifted, and never lifted by mistake."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from evidence.custody import EventType
from evidence.errors import LockedError, NotFoundError, UsageError
from evidence.holds import HoldScope
from index import holds, schema
from tests.support.index import CASE, LI, ONE, step
from tests.support.retention import Bureau, bureau, day


@pytest.fixture(name="office")
def _office(tmp_path: Path) -> Iterator[Bureau]:
    with bureau(tmp_path) as office:
        office.steps(step(), step(step_no="2", procedure="SEIZE", window=(60, 90)))
        office.case(CASE, "检查")
        yield office


@pytest.mark.parametrize(
    ("scope", "target", "held"),
    [
        (HoldScope.CASE, CASE, ["check", "seizure"]),
        (HoldScope.STEP, f"{CASE}/1", ["check"]),
        (HoldScope.STEP, f"{CASE}/2", ["seizure"]),
        (HoldScope.CLIP, "alone", ["alone"]),
    ],
)
def test_a_hold_reaches_what_it_is_laid_on(office: Bureau, scope: HoldScope, target: str, held: list[str]) -> None:
    """A hold on a case, step or clip is in the vault when it is laid, and on nothing else."""
    clips = {"check": office.clip("check", (0, 30)), "seizure": office.clip("seizure", (60, 90))}
    clips["alone"] = office.clip("alone", (300, 310))
    hold = office.desk.place(scope, clips.get(target, target), "李", "行政复议")
    assert [name for name, digest in clips.items() if office.lock(digest).held] == held
    assert (hold.set_by, hold.reason, hold.active) == ("李", "行政复议", True)
    lifted = office.desk.lift(hold.hold_id, "王", "复议终结")
    assert [name for name, digest in clips.items() if office.lock(digest).held] == []
    assert (lifted.lifted_by, lifted.lift_reason, lifted.lifted_at) == ("王", "复议终结", office.now)


def test_footage_linked_later_is_held_too(office: Bureau) -> None:
    """A hold on a case covers a clip that docks a day later, once the keeper has looked."""
    office.desk.place(HoldScope.CASE, CASE, "李", "诉讼")
    digest = office.clip("late", (5, 25))
    office.keep(digest)
    assert office.lock(digest).held


def test_a_hold_is_followed_when_the_desk_was_cut_off(office: Bureau) -> None:
    """Laid in the register, the vault not told yet: the next tick reads it in the ledger."""
    digest = office.clip("check", (0, 30))
    office.keep(digest)
    office.keeper.tick()
    office.decide(lambda tx: holds.place(tx, HoldScope.CASE, CASE, LI, "诉讼", office.now), office.now)
    assert not office.lock(digest).held
    office.keeper._sweep = lambda: office.keeper.bring_up_to_date([])  # type: ignore[method-assign] # the other way in
    office.keeper.tick()
    assert office.lock(digest).held


def test_an_unlinking_frees_nothing_from_a_hold(office: Bureau) -> None:
    """Taken off the step, the clip stays under the hold that was laid on it."""
    digest = office.clip("check", (0, 30))
    office.desk.place(HoldScope.STEP, f"{CASE}/1", "李", "诉讼")
    office.decide(lambda tx: office.decisions.unlink(tx, digest, CASE, ONE, LI, "误关联", office.now))
    office.keep(digest)
    assert office.lock(digest).held


def test_of_two_holds_one_stays(office: Bureau) -> None:
    """Lifting one hold frees nothing that another covers."""
    digest = office.clip("check", (0, 30))
    first = office.desk.place(HoldScope.CASE, CASE, "李", "诉讼")
    office.desk.place(HoldScope.CLIP, digest[:12], "李", "投诉")
    office.desk.lift(first.hold_id, "王", "撤诉")
    assert office.lock(digest).held


def test_a_hold_that_is_not_ours_is_never_lifted(office: Bureau) -> None:
    """A hold somebody set in the vault itself stays, whatever the register says."""
    digest = office.clip("check", (0, 30))
    office.house.vault.hold(digest, on=True)
    office.keep(digest)
    office.keeper.tick()
    assert office.lock(digest).held


def test_a_held_original_cannot_be_removed(office: Bureau) -> None:
    """The vault itself refuses, long after every period."""
    digest = office.clip("alone", (300, 310))
    office.desk.place(HoldScope.CLIP, digest, "李", "投诉")
    with pytest.raises(LockedError, match="hold"):
        office.house.vault.dispose(digest, day("2099-01-01"))
    assert office.house.vault.has(digest)


@pytest.mark.parametrize(
    ("scope", "target", "error"),
    [
        (HoldScope.CASE, "no-such", NotFoundError),
        (HoldScope.STEP, f"{CASE}/99", NotFoundError),
        (HoldScope.STEP, "没有斜线", UsageError),
        (HoldScope.CLIP, "ffffff", NotFoundError),
    ],
)
def test_nothing_is_held_that_is_not_there(
    office: Bureau, scope: HoldScope, target: str, error: type[Exception]
) -> None:
    """A hold on a mistyped name would hold nothing, silently: it is refused."""
    with pytest.raises(error):
        office.desk.place(scope, target, "李", "诉讼")
    assert office.rows(schema.HoldRow) == []


def test_a_hold_needs_a_person_and_a_reason(office: Bureau) -> None:
    """Neither the program nor nobody lays a hold; nothing is written."""
    with pytest.raises(UsageError, match="reason"):
        office.desk.place(HoldScope.CASE, CASE, "李", " ")
    with pytest.raises(UsageError, match="program itself"):
        office.desk.place(HoldScope.CASE, CASE, "system", "诉讼")
    assert office.told(EventType.DECIDED) == []


def test_a_hold_is_lifted_once(office: Bureau) -> None:
    """A second lifting, and one of a hold that is not there, are refused."""
    hold = office.desk.place(HoldScope.CASE, CASE, "李", "诉讼")
    office.desk.lift(hold.hold_id, "王", "撤诉")
    with pytest.raises(UsageError, match="already"):
        office.desk.lift(hold.hold_id, "王", "撤诉")
    with pytest.raises(NotFoundError):
        office.desk.lift("00000000", "王", "撤诉")


def test_holds_can_be_read_back_from_ledger_and_vault(office: Bureau) -> None:
    """The newest entry of each hold is its row; each decision is sealed, and says the same."""
    first = office.desk.place(HoldScope.CASE, CASE, "李", "诉讼")
    office.now = day("2026-12-01")
    office.desk.place(HoldScope.STEP, f"{CASE}/1", "李", "投诉")
    office.desk.lift(first.hold_id, "王", "撤诉")
    told = office.told(EventType.DECIDED)
    projected = {str(row["hold_id"]): row for row in map(holds.project_hold, told)}
    assert list(projected.values()) == sorted(
        office.rows(schema.HoldRow), key=lambda row: list(projected).index(str(row["hold_id"]))
    )
    sealed = [json.loads(body) for _, body in office.house.vault.records("decisions")]
    assert [one["decision"] for one in sealed] == ["hold", "hold", "lift_hold"]
    assert [one["hold"] for one in sealed] == [one.detail["hold"] for one in told]
