"""Receipts in the folder: for sealed files alone, at the path the dock knows, whatever the names are."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from evidence.errors import IntakeError
from evidence.ids import StationId
from evidence.receipts import check_receipt
from ingest.pickups import pickup_of, to_text
from ingest.receipts import ReceiptFolder
from storage.signing import verify_ed25519
from tests.support.upkeep import SmallHome


@pytest.fixture(name="home")
def _home(tmp_path: Path) -> Iterator[SmallHome]:
    home = SmallHome(tmp_path / "home")
    yield home
    home.close()


def test_a_receipt_comes_only_after_the_ledger_is_sealed(home: SmallHome) -> None:
    """A file that is sealed and recorded has none before a signed checkpoint covers its entry; then it has."""
    digest = home.take(home.dock("100/MOV1.mp4", b"footage"))
    home.upkeep.tick()
    assert home.receipts() == {}
    home.sealer.seal()
    home.upkeep.tick()
    [(path, receipt)] = home.receipts().items()
    assert path == "S1/100/MOV1.mp4.receipt.json"
    assert receipt.digest == digest
    head = check_receipt(receipt, home.keys.vkeys, verify_ed25519)
    assert head == home.sealer.seal()


def test_receipts_of_one_sealing_share_its_checkpoint(home: SmallHome) -> None:
    """What was sealed together stands on one checkpoint, and every receipt holds."""
    for number in range(70):
        home.take(home.dock(f"MOV{number}.mp4", b"%d" % number))
    home.sealer.seal()
    home.upkeep.tick()
    receipts = list(home.receipts().values())
    assert len(receipts) == 70
    assert len({receipt.proof.checkpoint for receipt in receipts}) == 1
    for receipt in receipts:
        check_receipt(receipt, home.keys.vkeys, verify_ed25519)


def test_the_same_bytes_from_another_dock_get_a_receipt_of_their_own(home: SmallHome) -> None:
    """Each dock may free its card: the second file is no new original, and has its own entry and receipt."""
    home.arrive("a.mp4", b"same", "S1")
    home.arrive("a.mp4", b"same", "S2")
    home.upkeep.tick()
    first, second = home.receipts()["S1/a.mp4.receipt.json"], home.receipts()["S2/a.mp4.receipt.json"]
    assert first.digest == second.digest
    assert first.entry.number < second.entry.number


def test_writing_again_changes_nothing(home: SmallHome) -> None:
    """A pass over what has receipts already leaves the files as they are; a removed one is written again."""
    home.arrive("a.mp4", b"one")
    home.arrive("b.mp4", b"two")
    home.upkeep.tick()
    folder = home.root / "receipts" / "S1"
    before = {path.name: (path.stat().st_ino, path.read_bytes()) for path in folder.iterdir()}
    (folder / "b.mp4.receipt.json").unlink()
    home.upkeep.register.set_mark("receipts", 0)
    home.opened_upkeep().tick()
    after = {path.name: (path.stat().st_ino, path.read_bytes()) for path in folder.iterdir()}
    assert after["a.mp4.receipt.json"] == before["a.mp4.receipt.json"]
    assert after.keys() == before.keys()


def test_no_receipts_when_they_are_switched_off(tmp_path: Path) -> None:
    """With ``dock.receipts`` off nothing is written."""
    home = SmallHome(tmp_path / "home", settings={"dock": {"receipts": False}})
    home.arrive("a.mp4", b"one")
    home.upkeep.tick()
    assert home.receipts() == {}
    home.close()


ODD_NAMES = [
    "plain.mp4",
    "现场/检查 01.mp4",
    "a\nb\t.mp4",
    "-rf *?.mp4",
    "x.receipt.json",
    "nul%00 50%25.mp4",
    "b" * 255,
    "长" * 85,
    os.fsdecode(b"\xcf\xd6\xb3\xa1/\xbc\xec\xb2\xe9.mp4"),
    os.fsdecode(b"mixed-\xe4\xb8\xad-\xff.mp4"),
]


@pytest.mark.parametrize("name", ODD_NAMES, ids=[f"name{n}" for n in range(len(ODD_NAMES))])
def test_every_name_a_dock_can_write_has_a_receipt_that_can_be_found(home: SmallHome, name: str) -> None:
    """Odd, long and undecodable names: the receipt lies below the dock's own folder name, and is found again."""
    pickup = home.dock(name, b"footage")
    home.take(pickup)
    home.sealer.seal()
    home.upkeep.tick()
    assert len(home.receipts()) == 1
    found = home.upkeep.folder.find(pickup.station, pickup.source_path, pickup.key)
    assert found is not None
    assert found.source_path == to_text(name)
    if len(os.fsencode(name)) < 240:
        assert (home.root / "receipts" / "S1" / f"{name}.receipt.json").is_file()


def test_another_state_of_a_file_has_a_receipt_beside_the_first(home: SmallHome) -> None:
    """A counter that began anew: same name, other bytes. Neither receipt takes the other's place."""
    first = home.dock("MOV1.mp4", b"old")
    home.take(first)
    second = home.dock("MOV1.mp4", b"new footage")
    home.take(second)
    home.sealer.seal()
    home.upkeep.tick()
    assert set(home.receipts()) == {"S1/MOV1.mp4.receipt.json", f"S1/MOV1.mp4.{second.key[:8]}.receipt.json"}
    for pickup in (first, second):
        found = home.upkeep.folder.find(pickup.station, pickup.source_path, pickup.key)
        assert found is not None
        assert found.pickup_key == pickup.key


def test_a_folder_and_a_file_of_one_name_both_have_receipts(home: SmallHome) -> None:
    """A dock file whose folder is called like another's receipt does not stop either."""
    home.arrive("a", b"file")
    home.arrive("a.receipt.json/b", b"below")
    home.upkeep.tick()
    assert {receipt.source_path for receipt in home.receipts().values()} == {"a", "a.receipt.json/b"}


@pytest.mark.parametrize("station", ["..", ".", "a/b", ""])
def test_no_receipt_leaves_its_folder(home: SmallHome, station: str) -> None:
    """A station or path that would lead out of the folder gets a receipt under its key instead."""
    home.arrive("a.mp4", b"one")
    home.upkeep.tick()
    [receipt] = home.receipts().values()
    before = set(home.root.rglob("*"))
    key = "ef" * 32
    written = home.upkeep.folder.write(replace(receipt, station=StationId(station), pickup_key=key))
    assert written == home.root / "receipts" / f"{key}.receipt.json"
    assert set(home.root.rglob("*")) - before == {written}


def test_a_planted_link_is_not_followed(home: SmallHome, tmp_path: Path) -> None:
    """Whoever may write into the folder of receipts cannot have a file elsewhere written or replaced."""
    victim, elsewhere = tmp_path / "victim", tmp_path / "elsewhere"
    victim.write_text("mine")
    elsewhere.mkdir()
    (home.root / "receipts" / "S1").mkdir()
    (home.root / "receipts" / "S1" / "a.mp4.receipt.json").symlink_to(victim)
    (home.root / "receipts" / "S2").symlink_to(elsewhere)
    home.arrive("a.mp4", b"one", "S1")
    home.arrive("a.mp4", b"two", "S2")
    home.upkeep.tick()
    assert victim.read_text() == "mine"
    assert list(elsewhere.iterdir()) == []
    assert len([path for path in home.receipts() if not path.startswith("S2")]) == 2


def test_a_folder_that_cannot_be_written_is_reported_and_tried_again(home: SmallHome) -> None:
    """The writer says what refused; once it can write, every receipt comes."""
    home.arrive("a.mp4", b"one")
    folder = home.root / "receipts"
    folder.rmdir()
    folder.write_text("a file in the way")
    with pytest.raises(IntakeError, match="cannot be written"):
        home.upkeep.receipts.round(lambda: False)
    folder.unlink()
    assert home.upkeep.receipts.round(lambda: False) == 1


def test_writing_stops_when_its_time_is_up_and_goes_on_later(home: SmallHome) -> None:
    """A round that is told to stop goes on at the next one; in the end every file has its receipt."""
    for number in range(130):
        home.take(home.dock(f"MOV{number}.mp4", b"%d" % number))
    home.sealer.seal()
    turns = iter([False, True, False, False, True])
    written = [home.upkeep.receipts.round(lambda: next(turns)) for _ in range(2)]
    assert written[0] == 64
    assert sum(written) == len(home.receipts()) == 130


def test_a_receipt_is_found_by_the_state_of_a_file_alone(home: SmallHome) -> None:
    """A file that was changed after its receipt was written is another one: no receipt is found for it."""
    home.arrive("a.mp4", b"one")
    home.upkeep.tick()
    file = home.root / "dock" / "S1" / "a.mp4"
    file.write_bytes(b"more than one")
    pickup = pickup_of(StationId("S1"), home.root / "dock" / "S1", file)
    assert home.upkeep.folder.find(pickup.station, pickup.source_path, pickup.key) is None
    assert ReceiptFolder(home.root / "nowhere").find(pickup.station, pickup.source_path, pickup.key) is None
