"""Killed in the middle of a disposal: the tombstone stands, and whoever comes next finishes the removal."""

from pathlib import Path

import pytest

from evidence.custody import EventType
from tests.support.retention import bureau, day
from tests.support.storage import run_child

APPROVE = """
import sys
from pathlib import Path
from tests.support.retention import Bureau, day
office = Bureau(Path(sys.argv[1]))
office.now = day("2027-05-03")
office.desk.approve(sys.argv[2], "王", "同意")
"""


@pytest.mark.parametrize("point", ["disposed-unremoved", "removed-underived"])
def test_a_kill_between_tombstone_and_removal_is_made_good(tmp_path: Path, point: str) -> None:
    """Killed before the bytes go, or between them and the derivatives: the next tick leaves nothing behind."""
    with bureau(tmp_path) as office:
        digests = [office.clip(name, (300 + 20 * n, 310 + 20 * n)) for n, name in enumerate(("one", "two"))]
        office.keep(*digests)
        office.now = day("2027-05-03")
        name = office.desk.propose(digests, "档案员", "保存期满").disposal_id
        office.desk.approve(name, "李", "同意")
    assert run_child(APPROVE, str(tmp_path), name, kill_at=point) == -9
    with bureau(tmp_path) as office:
        office.now = day("2027-05-03")
        assert {told.subject for told in office.told(EventType.DISPOSED)} == set(digests)
        first, second = sorted(digests)
        assert office.house.vault.has(first) is (point == "disposed-unremoved")
        assert office.house.vault.has(second)
        assert any(map(office.has_poster, digests))
        office.keeper.tick()
        assert not any(map(office.house.vault.has, digests))
        assert not any(map(office.has_poster, digests))
        assert len(office.told(EventType.DISPOSED)) == 2
        assert office.keeper.tick().asked == 0
