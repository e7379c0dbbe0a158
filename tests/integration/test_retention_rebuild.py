"""A register made again from the ledger says the same of retention, holds, disposals and tombstones, bit by bit."""

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from evidence.claims import Claims
from evidence.custody import EventType
from evidence.holds import HoldScope
from evidence.ids import Digest
from index import schema
from index.agreement import disagreements
from index.engine import Register, open_engine
from index.journal import Told, told_by
from index.ledger import entries
from index.migrate import migrate
from index.projection import Projection
from index.retention_projection import KeptProjection
from tests.support.index import CASE, LI, MACHINE, ONE, digest_of, pickup, sighting, step
from tests.support.rebuilding import Records, differences
from tests.support.retention import Bureau, bureau, day
from tests.support.storage import seal

OURS = {"retention", "hold", "disposal", "original"}


@pytest.fixture(name="office")
def _office(tmp_path: Path) -> Iterator[Bureau]:
    with bureau(tmp_path) as office:
        yield office


def lively(office: Bureau) -> list[Digest]:
    """Let everything happen once: promises made and extended, holds laid and lifted, disposals of every end."""
    office.steps(step(), step("2026-002", "7", procedure="SEIZE", window=(60, 90)))
    office.case(CASE, "处罚")
    office.case("2026-002", "检查", day("2026-11-03"))
    windows = {"check": (0, 30), "seizure": (60, 90), "old": (200, 210), "held": (220, 230), "kept": (240, 250)}
    clips = [office.clip(name, window) for name, window in windows.items()]
    office.keep(*clips)
    office.decide(lambda tx: office.decisions.unlink(tx, clips[0], CASE, ONE, LI, "误关联", office.now))
    office.keep(*clips)
    first = office.desk.place(HoldScope.CASE, CASE, "李", "诉讼")
    office.now = day("2027-05-03")
    name = office.desk.propose(clips[2:4], "档案员", "期满").disposal_id
    office.desk.approve(name, "李", "同意")
    office.desk.place(HoldScope.CLIP, clips[3], "王", "投诉")
    office.desk.approve(name, "王", "同意")
    office.desk.refuse(office.desk.propose(clips[4:], "", "期满", by_rule=True).disposal_id, "王", "保留")
    office.desk.lift(first.hold_id, "王", "撤诉")
    office.case(CASE, "处罚", day("2027-02-01"))
    office.keep(*clips)
    return clips


def made_again(office: Bureau, folder: Path) -> Register:
    """Make an empty register and write what the ledger tells."""
    register = Register(open_engine(folder / "again.sqlite"))
    migrate(register.engine)
    kept = KeptProjection()
    with office.register.reading() as session, register.transaction() as tx:
        projection = Projection(tx, lambda _told: None, kept.extra)
        for told in told_by(entries(session)):
            if told.event != "validation":  # of steps, whose import this register was not given
                projection.take(told)
        projection.write()
        kept.finish(tx)
    return register


def test_the_ledger_gives_every_cell_again(office: Bureau, tmp_path: Path) -> None:
    """Row by row and column by column the tables are equal, as the database holds them."""
    clips = lively(office)
    again = made_again(office, tmp_path)
    with office.register.engine.connect() as ours, again.engine.connect() as theirs:
        found = [one for one in disagreements(ours, theirs) if one.table in OURS]
    assert found == []
    assert len(office.rows(schema.RetentionRow)) == len(clips)
    again.close()


def disposed(office: Bureau, name: str, *, by: str) -> Told:
    """Dispose of a clip on a day; return its tombstone."""
    office.now = day(by)
    office.keep(digest_of(name))
    disposal = office.desk.propose([digest_of(name)], "档案员", "期满").disposal_id
    office.desk.approve(disposal, "李", "同意")
    office.desk.approve(disposal, "王", "同意")
    return office.told(EventType.DISPOSED, digest_of(name))[-1]


def docked_again(office: Bureau, name: str, received: datetime) -> None:
    """Seal and record its bytes once more, at a time that the machine at the dock says."""
    sealed = seal(office.house.vault, name.encode())
    os.utime(office.house.vault.locate(sealed.digest), (received.timestamp(), received.timestamp()))
    again = replace(pickup(name), key=f"key-{name}-{received}")
    with office.transaction() as tx:
        assert office.catalogue.record_sealed(tx, again, sighting(name, received), Claims(), MACHINE)


@pytest.mark.parametrize("minutes", [-1, 0, 1])
def test_an_original_that_came_again_lives_whatever_the_clocks_say(
    office: Bureau, tmp_path: Path, minutes: int
) -> None:
    """Received after its tombstone in the ledger, before it by its dock's clock: it is there in both registers."""
    office.clip("old", (200, 210))
    tombstone = disposed(office, "old", by="2027-05-03")
    docked_again(office, "old", tombstone.at + timedelta(minutes=minutes))
    assert [one for one in differences(office, Records(), tmp_path / "again.sqlite") if one.table in OURS] == []
    assert [row["disposed_at"] for row in office.rows(schema.Original)] == [None]


def test_an_original_that_came_again_can_be_disposed_of_again(office: Bureau, tmp_path: Path) -> None:
    """The newest tombstone is the one that stands, in both registers."""
    office.clip("old", (200, 210))
    first = disposed(office, "old", by="2027-05-03")
    docked_again(office, "old", first.at - timedelta(minutes=1))
    second = disposed(office, "old", by="2028-05-03")
    assert [one for one in differences(office, Records(), tmp_path / "again.sqlite") if one.table in OURS] == []
    assert [row["disposed_at"] for row in office.rows(schema.Original)] == [second.at]


def test_a_changed_cell_is_seen(office: Bureau, tmp_path: Path) -> None:
    """The comparison sees what an administrator might change: an end, a lifted hold, an approver, a tombstone."""
    lively(office)
    again = made_again(office, tmp_path)
    changes = (
        "UPDATE retention SET floor = floor + 1 WHERE digest = (SELECT min(digest) FROM retention)",
        "UPDATE hold SET lifted_by = 'x' WHERE hold_id = (SELECT min(hold_id) FROM hold)",
        "UPDATE disposal SET second_by = 'x' WHERE state = 'executed'",
        "UPDATE original SET disposed_at = NULL WHERE disposed_at IS NOT NULL",
    )
    with office.register.engine.begin() as connection:
        for change in changes:
            connection.execute(sa.text(change))
    with office.register.engine.connect() as ours, again.engine.connect() as theirs:
        found = {(one.table, one.column) for one in disagreements(ours, theirs) if one.table in OURS}
    again.close()
    assert found == {
        ("retention", "floor"),
        ("hold", "lifted_by"),
        ("disposal", "second_by"),
        ("original", "disposed_at"),
    }
