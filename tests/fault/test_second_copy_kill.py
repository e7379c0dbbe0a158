"""SIGKILL while the second copy is made or an original is mended: nothing half under a digest, nothing lost."""

import os
import signal
from pathlib import Path

import pytest

from evidence.custody import EventType
from tests.support.storage import files_below, run_child
from tests.support.upkeep import SmallHome

TICK = """
import sys
from pathlib import Path
from tests.support.upkeep import SmallHome
SmallHome(Path(sys.argv[1]), Path(sys.argv[2]), durable=True).upkeep.tick()
"""

HEAL = """
import sys
from pathlib import Path
from tests.support.upkeep import SmallHome
SmallHome(Path(sys.argv[1]), Path(sys.argv[2]), durable=True).upkeep.mender.heal(sys.argv[3])
"""


@pytest.fixture(name="home")
def _home(tmp_path: Path) -> SmallHome:
    home = SmallHome(tmp_path / "home", tmp_path / "second", durable=True)
    home.close()
    return home


@pytest.mark.parametrize("point", ["second-mid-copy", "second-mid-copy:3", "second-sealed", "second-sealed:2"])
def test_killed_while_copying_the_next_round_completes(home: SmallHome, tmp_path: Path, point: str) -> None:
    """Every file of the copy is whole at every moment; afterwards it is complete and nothing half is left."""
    digests = [home.arrive(f"MOV{number}.mp4", os.urandom(2_500_000)) for number in range(2)]
    home.close()
    places = (str(home.root), str(tmp_path / "second"))
    assert run_child(TICK, *places, kill_at=point) == -signal.SIGKILL
    for digest in digests:
        copy = home.place(digest, home.second)
        assert not copy.exists() or copy.read_bytes() == home.place(digest).read_bytes()
    assert run_child(TICK, *places) == 0
    wanted = [path for path in files_below(home.root / "vault") if path.startswith(("originals", "records", "ledger"))]
    assert [path for path in files_below(tmp_path / "second") if path != "SECOND-COPY"] == wanted


@pytest.mark.parametrize("missing", [False, True])
@pytest.mark.parametrize("point", ["heal-staged", "heal-set-aside", "heal-sealed"])
def test_killed_while_mending_it_is_mended_and_recorded_once(
    home: SmallHome, tmp_path: Path, point: str, missing: bool
) -> None:
    """The damaged bytes are kept, the good ones are in place at the end, and the ledger tells of it."""
    digest = home.arrive("a.mp4", b"footage" * 1000)
    home.upkeep.tick()
    home.close()
    if missing:
        home.place(digest).unlink()
    else:
        home.damage(digest)
    places = (str(home.root), str(tmp_path / "second"))
    assert run_child(HEAL, *places, digest, kill_at=point) == -signal.SIGKILL
    kept = home.root / "vault" / "damaged"
    at_rest = home.place(digest).read_bytes() if home.place(digest).exists() else b""
    assert missing or b"damaged" in {at_rest, *(path.read_bytes() for path in kept.iterdir())}
    assert run_child(HEAL, *places, digest) == 0
    assert run_child(TICK, *places) == 0
    assert run_child(TICK, *places) == 0
    assert home.place(digest).read_bytes() == b"footage" * 1000
    told = home.told(EventType.HEALED)
    assert sorted(str(one.detail["kept"]) for one in told) == sorted(path.name for path in kept.iterdir())
    assert missing or b"damaged" in {path.read_bytes() for path in kept.iterdir()}
