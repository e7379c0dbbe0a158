"""Cleaning up docks: a file goes only when everything holds, and nothing but that file goes."""

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

import pytest

from evidence.custody import EventType
from evidence.errors import EvidockError
from evidence.ids import Digest, StationId
from ingest.clean_up import TRY_AGAIN_AFTER
from ingest.pickups import pickup_of
from storage.local_vault import LocalVault
from tests.support.upkeep import SmallHome

ON: dict[str, dict[str, object]] = {"dock": {"clean_up": True, "clean_up_after_h": 24}}


@pytest.fixture(name="home")
def _home(tmp_path: Path) -> Iterator[SmallHome]:
    home = SmallHome(tmp_path / "home", settings=ON)
    yield home
    home.close()


def docked(home: SmallHome) -> list[str]:
    """Return what lies in the dock folder, folders with a slash at their end."""
    dock = home.root / "dock"
    return sorted(str(path.relative_to(dock)) + ("/" if path.is_dir() else "") for path in dock.rglob("*"))


def a_day_later(home: SmallHome) -> None:
    """Have receipts written, let a day pass, look after the home."""
    home.upkeep.tick()
    home.time.pass_(hours=25)
    home.upkeep.tick()


def test_a_safe_file_goes_after_its_time_with_its_empty_folders(home: SmallHome) -> None:
    """Not before the time is up; then the file and the folders it leaves empty go, and the ledger says so once."""
    digest = home.arrive("2026/03/MOV1.mp4", b"footage")
    home.upkeep.tick()
    home.time.pass_(hours=23)
    home.upkeep.tick()
    assert "S1/2026/03/MOV1.mp4" in docked(home)
    home.time.pass_(hours=2)
    home.upkeep.tick()
    home.upkeep.tick()
    assert docked(home) == ["S1/"]
    [told] = home.told(EventType.CLEARED)
    assert (told.subject, told.actor) == (digest, "system")
    assert (told.detail["station"], told.detail["source_path"], told.detail["size_bytes"]) == (
        "S1",
        "2026/03/MOV1.mp4",
        7,
    )
    assert home.place(digest).read_bytes() == b"footage"
    assert len(home.receipts()) == 1


def test_a_file_that_is_docked_again_is_recorded_again(home: SmallHome) -> None:
    """A second copy of the same state goes, too, proved anew, and each removal is an entry of its own."""
    home.arrive("a.mp4", b"footage")
    a_day_later(home)
    home.dock("a.mp4", b"footage")
    home.upkeep.tick()
    assert docked(home) == ["S1/"]
    assert len({str(one.detail["file"]) for one in home.told(EventType.CLEARED)}) == 2


def test_it_is_off_unless_switched_on(tmp_path: Path) -> None:
    """Without the setting nothing is ever removed from a dock."""
    home = SmallHome(tmp_path / "home")
    home.arrive("a.mp4", b"footage")
    a_day_later(home)
    assert docked(home) == ["S1/", "S1/a.mp4"]
    home.close()


def test_what_else_lies_there_stays(home: SmallHome) -> None:
    """Files that were never sealed, newer states of a name, and folders with something in them stay."""
    home.arrive("100/a.mp4", b"footage")
    home.dock("100/unsealed.mp4", b"not yet")
    home.arrive("200/b.mp4", b"older")
    home.dock("200/b.mp4", b"newer state")
    (home.root / "dock" / "S1" / "empty").mkdir()
    a_day_later(home)
    assert docked(home) == ["S1/", "S1/100/", "S1/100/unsealed.mp4", "S1/200/", "S1/200/b.mp4", "S1/empty/"]


def test_a_file_directly_in_the_dock_folder_stays(home: SmallHome) -> None:
    """Only what lies in a station's folder is cleaned up."""
    file = home.root / "dock" / "loose.mp4"
    file.write_bytes(b"footage")
    home.take(pickup_of(StationId("dock"), home.root / "dock", file))
    home.sealer.seal()
    a_day_later(home)
    assert "dock/loose.mp4.receipt.json" in home.receipts()
    assert "loose.mp4" in docked(home)


def test_what_was_taken_in_from_elsewhere_stays(home: SmallHome, tmp_path: Path) -> None:
    """A file outside the home's dock folder is never touched, sealed as it may be."""
    outside = tmp_path / "card"
    outside.mkdir()
    (outside / "a.mp4").write_bytes(b"footage")
    home.take(pickup_of(StationId("S1"), outside, outside / "a.mp4"))
    home.sealer.seal()
    a_day_later(home)
    assert (outside / "a.mp4").is_file()


def test_a_watched_root_inside_the_dock_folder_stays(tmp_path: Path) -> None:
    """A folder that has settings of its own is not the home's own dock."""
    path = str(tmp_path / "home" / "dock" / "S2")
    settings: dict[str, dict[str, object]] = {**ON, "watch": {"roots": [{"station": "S2", "path": path}]}}
    home = SmallHome(tmp_path / "home", settings=settings)
    home.arrive("a.mp4", b"one", "S1")
    home.arrive("a.mp4", b"two", "S2")
    a_day_later(home)
    assert docked(home) == ["S1/", "S2/", "S2/a.mp4"]
    home.close()


def test_links_are_neither_followed_nor_removed(home: SmallHome, tmp_path: Path) -> None:
    """A file that was replaced by a link, and a folder that became one, stay; so does what they lead to."""
    home.arrive("a.mp4", b"footage")
    home.arrive("100/b.mp4", b"more")
    outside = tmp_path / "outside"
    outside.mkdir()
    dock = home.root / "dock" / "S1"
    (dock / "a.mp4").rename(outside / "a.mp4")
    (dock / "a.mp4").symlink_to(outside / "a.mp4")
    (dock / "100").rename(outside / "100")
    (dock / "100").symlink_to(outside / "100")
    a_day_later(home)
    assert (outside / "a.mp4").is_file()
    assert (outside / "100" / "b.mp4").is_file()
    assert (dock / "a.mp4").is_symlink()


@pytest.mark.parametrize(
    "odd",
    ["现场 01/检查.mp4", os.fsdecode(b"\xcf\xd6/\xb3\xa1.mp4"), "a\n%41%FF.mp4"],
    ids=["chinese", "gb18030", "odd"],
)
def test_odd_names_are_cleaned_up_like_others(home: SmallHome, odd: str) -> None:
    """The bytes of a name lead back to the very file."""
    home.arrive(odd, b"footage")
    a_day_later(home)
    assert docked(home) == ["S1/"]


# --- what has to hold -------------------------------------------------------------------------------------------------


def no_receipt(home: SmallHome) -> None:
    """Take the receipt away."""
    for path in (home.root / "receipts").rglob("*.json"):
        path.unlink()


def other_bytes(home: SmallHome) -> None:
    """Change the dock's bytes, and give them the size and time they had."""
    file = home.root / "dock" / "S1" / "a.mp4"
    found = file.stat()
    file.write_bytes(b"FOOTAGE")
    os.utime(file, ns=(found.st_atime_ns, found.st_mtime_ns))


def damaged_original(home: SmallHome) -> None:
    """Change the original's bytes."""
    [digest] = list(home.vault.originals())
    home.damage(digest)


def missing_original(home: SmallHome) -> None:
    """Take the original away."""
    [digest] = list(home.vault.originals())
    home.place(digest).unlink()


def no_lock(home: SmallHome) -> None:
    """Let the retention run out."""
    home.vault.__init__(home.root / "vault", home.root / "work")  # type: ignore[misc] # the same vault, keeping nothing


def damaged_copy(home: SmallHome) -> None:
    """Change the bytes of the second copy."""
    [digest] = list(home.vault.originals())
    home.damage(digest, home.second)


def copy_away(home: SmallHome) -> None:
    """Take the second disk away."""
    assert home.second is not None
    home.second.rename(home.root / "away")


def copy_behind(home: SmallHome) -> None:
    """Set the copied ledger back to before this file."""
    assert home.second is not None
    (home.second / "ledger" / "checkpoint").unlink()


def other_register(home: SmallHome) -> None:
    """Let the register know nothing of the file."""
    import sqlalchemy as sa

    with home.register.transaction() as tx:
        tx.execute(sa.text("delete from pickup"))


@pytest.mark.parametrize(
    "spoil",
    [
        no_receipt,
        other_bytes,
        damaged_original,
        missing_original,
        no_lock,
        damaged_copy,
        copy_away,
        copy_behind,
        other_register,
    ],
)
def test_a_file_stays_when_one_thing_does_not_hold(tmp_path: Path, spoil: Callable[[SmallHome], None]) -> None:
    """Whichever proof fails, the dock's file stays, nothing is recorded, and the reason is said."""
    home = SmallHome(tmp_path / "home", tmp_path / "second", settings=ON)
    home.arrive("a.mp4", b"footage")
    home.upkeep.tick()
    home.time.pass_(hours=25)
    spoil(home)
    home.upkeep.clean_up()
    assert "S1/a.mp4" in docked(home)
    assert home.told(EventType.CLEARED) == []
    home.close()


@pytest.mark.parametrize("spoil", [damaged_original, missing_original, damaged_copy])
def test_damage_that_is_met_is_mended_and_the_file_goes_later(
    tmp_path: Path, spoil: Callable[[SmallHome], None]
) -> None:
    """The reading before a removal heals what it finds; the dock's file stays until a later look finds all whole."""
    home = SmallHome(tmp_path / "home", tmp_path / "second", settings=ON)
    digest = home.arrive("a.mp4", b"footage")
    home.upkeep.tick()
    home.time.pass_(hours=25)
    spoil(home)
    home.upkeep.clean_up()
    assert "S1/a.mp4" in docked(home)
    assert home.place(digest).read_bytes() == home.place(digest, home.second).read_bytes() == b"footage"
    assert len(home.told(EventType.HEALED)) == 1
    home.time.pass_(hours=2)
    home.sealer.seal()
    home.upkeep.tick()
    assert docked(home) == ["S1/"]
    home.close()


def test_with_a_second_copy_that_holds_a_file_goes(tmp_path: Path) -> None:
    """The same home as above, with nothing spoilt."""
    home = SmallHome(tmp_path / "home", tmp_path / "second", settings=ON)
    home.arrive("a.mp4", b"footage")
    a_day_later(home)
    assert docked(home) == ["S1/"]
    home.close()


def test_an_open_file_stays(home: SmallHome) -> None:
    """Somebody who writes to it decides that it is not done, whatever its size and time say."""
    home.arrive("a.mp4", b"footage")
    with (home.root / "dock" / "S1" / "a.mp4").open("ab"):
        a_day_later(home)
        assert "S1/a.mp4" in docked(home)
    home.time.pass_(hours=2)
    home.upkeep.tick()
    assert docked(home) == ["S1/"]


def test_a_file_that_changes_at_the_last_moment_stays(home: SmallHome, monkeypatch: pytest.MonkeyPatch) -> None:
    """Replaced between its last reading and its removal, the new file is left alone."""
    home.arrive("a.mp4", b"footage")
    home.upkeep.tick()
    home.time.pass_(hours=25)
    file = home.root / "dock" / "S1" / "a.mp4"

    def swap(point: str) -> None:
        if point == "clear-recorded":
            file.unlink()
            file.write_bytes(b"another recording")

    monkeypatch.setattr("ingest.clean_up.reached", swap)
    cleared = home.upkeep.clean_up()
    assert cleared.removed == ()
    assert [path for path, _ in cleared.kept] == ["S1/a.mp4"]
    assert file.read_bytes() == b"another recording"


def test_what_stays_is_not_read_again_at_every_round(home: SmallHome, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that could not be proved safe is looked at once an hour, not every ten seconds."""
    home.arrive("a.mp4", b"footage")
    home.upkeep.tick()
    home.time.pass_(hours=25)
    damaged_original(home)
    looks: list[str] = []
    real = LocalVault.open

    def looked(vault: LocalVault, digest: Digest) -> BinaryIO:
        looks.append(digest)
        return real(vault, digest)

    monkeypatch.setattr(LocalVault, "open", looked)
    for _ in range(5):
        home.upkeep.clean_up()
        home.time.pass_(seconds=10)
    assert len(looks) == 1
    home.time.now += TRY_AGAIN_AFTER + timedelta(seconds=1)
    [(path, error)] = home.upkeep.clean_up().kept
    assert path == "S1/a.mp4"
    assert isinstance(error, EvidockError)


def test_a_round_ends_when_its_time_is_up(home: SmallHome) -> None:
    """Many files are cleaned up over several rounds."""
    for number in range(5):
        home.arrive(f"MOV{number}.mp4", b"%d" % number)
    home.upkeep.tick()
    home.time.pass_(hours=25)
    turns = iter([False, False, True])
    cleaner = home.upkeep._clean_up
    assert len(cleaner.round(lambda: next(turns)).removed) == 2
    assert len(cleaner.round(lambda: False).removed) == 3
