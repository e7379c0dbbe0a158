"""The keeper over a real register and a real local vault: promise first, lock second, both again after a failure."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from evidence.custody import EventType
from evidence.errors import StorageError
from evidence.ids import Digest, StepNo
from evidence.ports import Lock
from evidence.retention import Endless, last_day
from index import schema
from index.retention import project_retention
from tests.support.index import CASE, LI, ONE, step
from tests.support.retention import Bureau, bureau, day


@pytest.fixture(name="office")
def _office(tmp_path: Path) -> Iterator[Bureau]:
    with bureau(tmp_path) as office:
        yield office


def test_unlinked_footage_is_promised_six_months_and_locked(office: Bureau) -> None:
    """A clip that hangs on no step is kept six calendar months from its intake, in register, ledger and vault."""
    digest = office.clip("alone", (0, 10))
    office.keep(digest)
    promise = office.kept(digest)
    assert promise.until is not None
    assert (promise.schedule_class, last_day(promise.until)) == ("unlinked", "2027-05-02")
    assert office.lock(digest) == Lock(promise.until, held=False)
    (told,) = office.told(EventType.RETAINED, digest)
    assert told.detail["schedule"] == "unlinked"


def test_looking_again_changes_nothing(office: Bureau) -> None:
    """The same facts give no second entry, and the vault is not asked again."""
    digest = office.clip("alone", (0, 10))
    office.keep(digest)
    assert office.keeper.bring_up_to_date([digest]).asked == 0
    office.keeper.tick()
    office.keeper.tick()
    assert len(office.told(EventType.RETAINED, digest)) == 1


def test_linked_footage_follows_its_case(office: Bureau) -> None:
    """While the case is open there is no end; concluded, the period of its class runs from the conclusion."""
    office.steps(step())
    office.case(CASE, "检查")
    digest = office.clip("check", (0, 30))
    office.keep(digest)
    assert (office.kept(digest).until, office.kept(digest).endless) == (None, Endless.OPEN_CASE)
    assert office.lock(digest).until == office.kept(digest).floor
    office.now = day("2027-03-01")
    office.case(CASE, "检查", day("2027-02-15"))
    until = office.kept(digest).until
    assert until is not None
    assert last_day(until) == "2029-02-15"
    assert office.lock(digest).until == until


def test_an_appealable_act_keeps_five_years(office: Bureau) -> None:
    """A penalty case is kept five years behind its conclusion; the longest class wins."""
    office.steps(step())
    office.case(CASE, "处罚", day("2026-11-03"))
    digest = office.clip("penalty", (0, 30))
    office.keep(digest)
    until = office.kept(digest).until
    assert until is not None
    assert (office.kept(digest).schedule_class, last_day(until)) == ("appealable", "2031-11-03")


def test_an_unlinking_shortens_nothing(office: Bureau) -> None:
    """Taken off its step by a person, the clip goes on following the case it was promised to follow."""
    office.steps(step())
    office.case(CASE, "处罚")
    digest = office.clip("penalty", (0, 30))
    office.keep(digest)
    office.decide(lambda tx: office.decisions.unlink(tx, digest, CASE, ONE, LI, "误关联", office.now))
    office.keep(digest)
    assert office.kept(digest).endless is Endless.OPEN_CASE
    office.case(CASE, "处罚", day("2026-11-03"))
    office.keep(digest)
    until = office.kept(digest).until
    assert until is not None
    assert last_day(until) == "2031-11-03"


def test_what_nobody_can_place_is_kept(office: Bureau) -> None:
    """Footage on a disputed clock is unclassified: no end, although the floor is locked, and the lock is renewed."""
    digest = office.clip("doubtful", (0, 10), disputed=True)
    office.keep(digest)
    assert (office.kept(digest).endless, office.kept(digest).schedule_class) == (Endless.UNCLASSIFIED, "unclassified")
    first = office.lock(digest).until
    assert first is not None
    assert first > office.now + timedelta(days=360)
    office.now = day("2027-06-01")
    office.keep(digest)
    renewed = office.lock(digest).until
    assert renewed is not None
    assert renewed > first


def test_a_case_of_an_unknown_matter_is_kept(office: Bureau) -> None:
    """A matter type that the schedule does not name classifies nothing, concluded or not."""
    office.steps(step())
    office.case(CASE, "协调", day("2026-11-03"))
    digest = office.clip("check", (0, 30))
    office.keep(digest)
    assert office.kept(digest).endless is Endless.UNCLASSIFIED


def test_a_procedure_makes_a_case_appealable(office: Bureau) -> None:
    """An inspection in which something was seized is kept as an appealable act is."""
    office.steps(step(), step(step_no="2", procedure="SEIZE", window=(40, 60)))
    office.case(CASE, "检查", day("2026-11-03"))
    digest = office.clip("check", (0, 30))
    office.keep(digest)
    assert office.kept(digest).schedule_class == "appealable"


def test_a_refusing_vault_leaves_the_promise_and_is_asked_again(
    office: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The promise stands in register and ledger, the trouble is noted, and the next tick brings the lock."""
    digest = office.clip("alone", (0, 10))

    def refuse(_digest: Digest, _until: datetime) -> Lock:
        raise StorageError("the share is gone", subject=_digest)

    with monkeypatch.context() as patched:
        patched.setattr(office.house.vault, "retain", refuse)
        assert office.keeper.bring_up_to_date([digest]).refused == 1
    until = office.kept(digest).until
    assert until is not None
    assert (office.lock(digest).until or office.now) < until
    (row,) = office.rows(schema.VaultLockRow)
    assert (row["troubled"], "share is gone" in str(row["trouble"])) == (True, True)
    office.keeper.tick()
    assert office.lock(digest).until == until
    (row,) = office.rows(schema.VaultLockRow)
    assert row["troubled"] is False


def test_the_ledger_is_followed(office: Bureau) -> None:
    """A link that came with a record imported later reaches the promise by the ledger alone."""
    digest = office.clip("check", (0, 30))
    office.keeper.tick()
    assert office.kept(digest).schedule_class == "unlinked"
    office.steps(step())
    office.keeper._sweep = lambda: office.keeper.bring_up_to_date([])  # type: ignore[method-assign] # the other way in
    office.keeper.tick()
    assert office.kept(digest).endless is not None


def test_the_sweep_finds_what_nothing_told_of(office: Bureau) -> None:
    """A case concluded without a word to the keeper is found when its turn comes."""
    office.steps(step())
    office.case(CASE, "检查")
    digest = office.clip("check", (0, 30))
    office.keeper.tick()
    with office.transaction() as tx:
        row = tx.get_one(schema.CaseRow, CASE)
        row.concluded_at = day("2026-11-02")
    office.keeper.tick()
    office.keeper.tick()
    assert office.kept(digest).until is not None


def test_every_row_can_be_read_back_from_the_ledger(office: Bureau) -> None:
    """The newest entry of each original is its row, column by column."""
    office.steps(step(), step("2026-002", "7", procedure="SEIZE", window=(50, 70)))
    office.case(CASE, "处罚")
    digests = [office.clip("a", (0, 30)), office.clip("b", (50, 70)), office.clip("c", (200, 210), disputed=True)]
    office.keep(*digests)
    office.case(CASE, "处罚", day("2026-11-03"))
    office.keep(*digests)
    projected = {told.subject: project_retention(told) for told in office.told(EventType.RETAINED)}
    rows = {str(row["digest"]): row for row in office.rows(schema.RetentionRow)}
    assert set(rows) == set(digests)
    assert projected == rows


def test_a_step_of_a_case_nobody_recorded_is_an_open_case(office: Bureau) -> None:
    """A bare case row, made because a step came first, keeps its footage."""
    office.put(lambda tx: office.catalogue.put_steps(tx, [step("2026-009", StepNo("1"))]))
    digest = office.clip("check", (0, 30))
    office.keep(digest)
    assert office.kept(digest).endless is not None
