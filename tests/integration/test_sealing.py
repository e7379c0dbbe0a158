"""Sealing the ledger: within the second, by many at once, and never over a register or a vault that was rolled back."""

import shutil
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.wiring import House, open_house
from evidence.custody import Actor, Authenticated, Entry, EventType
from evidence.errors import IntegrityError, UsageError
from evidence.merkle import leaf_hash, root_of
from index import ledger
from storage.sealed_entries import sealed_entries

LI = Actor("李", Authenticated.UNAUTHENTICATED)


@pytest.fixture(name="house")
def _house(tmp_path: Path) -> Iterator[House]:
    with open_house(tmp_path / "home") as house:
        yield house


def append(house: House, count: int = 1) -> None:
    """Commit entries; nobody seals them."""
    for _ in range(count):
        with house.register.transaction() as tx:
            ledger.append(tx, Entry(EventType.VIEWED, LI, house.clock()))


def test_a_new_home_begins_with_its_key(house: House) -> None:
    """The first entry introduces the key that signs, is sealed at once, and the key lies beside the tiles."""
    head = house.sealer.head()
    assert (head.size, house.sealer.unsealed()) == (1, 0)
    [first] = sealed_entries(house.log, 1)
    assert (first.body["event"], first.body["detail"]) == (
        "digital signature generation",
        {"old": "", "new": str(house.keys.vkey)},
    )
    assert house.log.read(f"keys/{house.keys.vkey.key_id.hex()}.vkey").decode() == f"{house.keys.vkey}\n"


def test_what_is_sealed_is_what_was_committed(house: House) -> None:
    """Register and vault hold the same bytes in the same order, under one root."""
    append(house, 300)
    head = house.sealer.seal()
    with house.register.reading() as session:
        kept = [one.canonical for one in ledger.entries(session)]
        heads = ledger.heads(session)
    assert [one.canonical for one in sealed_entries(house.log, head.size)] == kept
    assert head.root == root_of(map(leaf_hash, kept))
    assert heads == ledger.Heads(301, 301, head.root.hex())


def test_many_writers_and_two_sealers_leave_no_gap(house: House) -> None:
    """Eight threads append while two seal: in the end everything is sealed once, in order."""
    writers = [threading.Thread(target=append, args=(house, 20)) for _ in range(8)]
    stop = threading.Event()

    def keep_sealing() -> None:
        while not stop.is_set():
            house.sealer.seal_if_due()

    sealers = [threading.Thread(target=keep_sealing) for _ in range(2)]
    for one in (*writers, *sealers):
        one.start()
    for one in writers:
        one.join()
    stop.set()
    for one in sealers:
        one.join()
    head = house.sealer.seal()
    assert [one.body["number"] for one in sealed_entries(house.log, head.size)] == list(range(161))


def test_a_person_is_told_after_sealing(house: House) -> None:
    """An act of a person is in the vault when it returns; one that fails leaves nothing."""
    with house.acting() as tx:
        ledger.append(tx, Entry(EventType.DECIDED, LI, house.clock()))
    assert house.sealer.unsealed() == 0

    def fail() -> None:
        with house.acting() as tx:
            ledger.append(tx, Entry(EventType.DECIDED, LI, house.clock()))
            raise UsageError("no")

    with pytest.raises(UsageError):
        fail()
    assert house.sealer.head().size == 2


def test_cut_off_between_checkpoint_and_note_it_goes_on(house: House) -> None:
    """The checkpoint stands and the register does not know it yet: it is believed when its root is the register's."""
    append(house, 5)
    house.sealer.seal()
    with house.register.transaction() as tx:
        tx.connection().exec_driver_sql("UPDATE mark SET number = 1, token = '' WHERE name = 'ledger_sealed'")
    append(house)
    assert house.sealer.seal().size == 7


def test_a_register_rolled_back_stops_every_act(house: House, tmp_path: Path) -> None:
    """An old copy of the register under a newer vault: nothing is written, and the words say what to do."""
    copy = tmp_path / "old.sqlite"
    with sqlite3.connect(house.home.register) as source, sqlite3.connect(copy) as target:
        source.backup(target)
    append(house, 3)
    house.sealer.seal()
    house.close()
    for file in house.home.root.glob("register.sqlite*"):
        file.unlink()
    shutil.copy(copy, house.home.register)
    with open_house(house.home.root) as again:
        with pytest.raises(IntegrityError, match=r"rolled back.*evidock rebuild"), again.acting():
            pytest.fail("the act began")  # pragma: no cover - it must not
        append(again, 9)  # longer now than what is sealed, and another ledger
        with pytest.raises(IntegrityError, match="not those that are sealed"):
            again.sealer.seal()


def test_a_vault_rolled_back_stops_every_act(house: House, tmp_path: Path) -> None:
    """An old copy of the sealed ledger under a newer register is named as that."""
    shutil.copytree(house.home.vault / "ledger", tmp_path / "ledger")
    append(house, 3)
    house.sealer.seal()
    shutil.rmtree(house.home.vault / "ledger")
    shutil.copytree(tmp_path / "ledger", house.home.vault / "ledger")
    with pytest.raises(IntegrityError, match="rolled back or replaced"):
        house.sealer.seal()
    with pytest.raises(IntegrityError, match="rolled back or replaced"), house.acting():
        pytest.fail("the act began")  # pragma: no cover - it must not


def test_who_watches_is_told_of_each_checkpoint(house: House) -> None:
    """Receipts and others hear of a checkpoint when everything of it is in the vault."""
    told: list[int] = []
    house.sealer.sealed.append(lambda head: told.append(len(list(sealed_entries(house.log, head.size)))))
    append(house, 3)
    house.sealer.seal()
    house.sealer.seal()
    assert told == [4]


def test_a_sealing_between_two_looks_is_no_rollback(house: House) -> None:
    """Whoever acts while another process seals is not told of a rollback that never was."""
    stop = threading.Event()

    def keep_sealing() -> None:
        with open_house(house.home.root) as other:
            while not stop.is_set():
                append(other)
                other.sealer.seal()

    sealing = threading.Thread(target=keep_sealing)
    sealing.start()
    try:
        for _ in range(400):
            house.sealer.require_agreement()
    finally:
        stop.set()
        sealing.join()


def test_a_register_replaced_meanwhile_is_not_sealed_from(house: House, tmp_path: Path) -> None:
    """A command that held the old register open is told, and seals nothing into the ledger of the new one."""
    copy = tmp_path / "copy.sqlite"
    with sqlite3.connect(house.home.register) as source, sqlite3.connect(copy) as target:
        source.backup(target)
    append(house)
    copy.replace(house.home.register)
    with pytest.raises(IntegrityError, match=r"rebuilt meanwhile.*again"):
        house.sealer.seal()
