"""The ledger in the register: gap-free under many writers, append-only, and whole or not at all."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from evidence.custody import GENESIS, Entry, EventType
from evidence.errors import IntegrityError, RegisterError
from index import check, ledger, schema
from index.engine import Register, open_engine
from index.migrate import migrate
from tests.support.index import MACHINE, NINE, World, digest_of

WRITERS, EACH = 8, 25


@pytest.fixture(name="register")
def _register(tmp_path: Path) -> Iterator[Register]:
    engine = open_engine(tmp_path / "register.sqlite")
    migrate(engine)
    register = Register(engine)
    yield register
    register.close()


def entry(number: int) -> Entry:
    """Return an entry."""
    return Entry(EventType.CHECKED, MACHINE, NINE, digest_of("a"), detail={"n": number})


def append(register: Register, count: int) -> None:
    """Append entries, each in a transaction of its own."""
    for number in range(count):
        with register.transaction() as tx:
            ledger.append(tx, entry(number))


def test_eight_writers_at_once_leave_no_gap(register: Register) -> None:
    """Writers wait for one another: every entry is there, the chain is whole, nobody was told that it is busy."""
    failures: list[BaseException] = []

    def write() -> None:
        try:
            append(register, EACH)
        except RegisterError as error:
            failures.append(error)

    writers = [threading.Thread(target=write) for _ in range(WRITERS)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert failures == []
    assert check.check_ledger(register) == WRITERS * EACH


def test_many_entries_of_one_transaction_are_numbered_in_order(register: Register) -> None:
    """A batch gets consecutive numbers and links like single entries do."""
    append(register, 2)
    with register.transaction() as tx:
        assert ledger.append_all(tx, [entry(one) for one in range(3)]) == range(2, 5)
        assert len(ledger.append_all(tx, [])) == 0
    assert check.check_ledger(register) == 5


def test_the_newest_entries_are_read_in_order(register: Register) -> None:
    """The last entries of a subject can be asked for; they come in order, and none below the start."""
    append(register, 7)
    with register.transaction() as tx:
        ledger.append(tx, Entry(EventType.CHECKED, MACHINE, NINE, digest_of("b")))
    with register.reading() as session:
        newest = ledger.read(session, subject=digest_of("a"), limit=3, newest=True)
        from_six = ledger.read(session, subject=digest_of("a"), start=6, limit=3, newest=True)
        any_subject = ledger.read(session, limit=2, newest=True)
    assert [[one.number for one in found] for found in (newest, from_six, any_subject)] == [[4, 5, 6], [6], [6, 7]]


def test_what_is_rolled_back_takes_no_number(register: Register) -> None:
    """A transaction that fails after its entry leaves neither entry nor hole."""

    def fail() -> None:
        with register.transaction() as tx:
            ledger.append(tx, entry(0))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with register.reading() as session:
        assert ledger.head(session) == (0, GENESIS)
    append(register, 1)
    assert check.check_ledger(register) == 1


@pytest.mark.parametrize("statement", ["UPDATE ledger_entry SET subject = 'x'", "DELETE FROM ledger_entry"])
def test_the_database_itself_refuses_to_change_an_entry(register: Register, statement: str) -> None:
    """Update and delete are refused by triggers, whoever asks."""
    append(register, 2)
    with pytest.raises(RegisterError, match="append-only"), register.transaction() as tx:
        tx.execute(sa.text(statement))
    assert check.check_ledger(register) == 2


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("UPDATE ledger_entry SET canonical = CAST(replace(canonical, 'fixity', 'access') AS BLOB)", "digest"),
        ("UPDATE ledger_entry SET canonical = 'text' WHERE number = 1", "cannot be read"),
        ("DELETE FROM ledger_entry WHERE number = 1", "missing"),
        ("DELETE FROM ledger_entry WHERE number = 2", "last entries are missing"),
        ("DELETE FROM ledger_entry", "last entries are missing"),
    ],
)
def test_tampering_behind_the_triggers_is_found(register: Register, statement: str, message: str) -> None:
    """Somebody who drops the triggers and alters, takes out or cuts off an entry is found out."""
    append(register, 3)
    with register.transaction() as tx:
        tx.execute(sa.text("DROP TRIGGER ledger_entry_no_update"))
        tx.execute(sa.text("DROP TRIGGER ledger_entry_no_delete"))
        tx.execute(sa.text(statement))
    with pytest.raises(IntegrityError, match=message):
        check.check_ledger(register)


def test_the_reading_engine_cannot_write(register: Register) -> None:
    """A view is a view: an append through it is refused."""
    with pytest.raises(RegisterError, match="readonly"), register.reading() as session:
        ledger.append(session, entry(0))


def test_a_reader_sees_one_state_while_a_writer_works(register: Register) -> None:
    """What is not committed is not seen, and neither waits for the other."""
    with register.transaction() as tx:
        ledger.append(tx, entry(0))
        with register.reading() as session:
            assert ledger.head(session)[0] == 0
    with register.reading() as session:
        assert ledger.head(session)[0] == 1


def test_the_file_is_written_durably(register: Register) -> None:
    """WAL, synchronous FULL, foreign keys, 30 s of patience – on every connection."""
    with register.transaction() as tx:
        asked = {name: tx.scalar(sa.text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous", "busy_timeout")}
        assert asked == {"journal_mode": "wal", "synchronous": 2, "busy_timeout": 30000}
        assert tx.scalar(sa.text("PRAGMA foreign_keys")) == 1


def test_originals_are_listed_with_their_size(tmp_path: Path) -> None:
    """The check of vault against register reads every original once, in order."""
    world = World(tmp_path)
    digests = sorted(world.clip(name, (0, 1)) for name in "abc")
    assert list(check.originals(world.register)) == [(digest, 1000) for digest in digests]
    world.close()


def test_files_of_the_vault_are_listed_as_registered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Derivatives come with their parent and sightings with their pickup, page by page, none lost at a page's edge."""
    monkeypatch.setattr(check, "READ_AT_ONCE", 2)
    world = World(tmp_path)
    digests = {world.clip(name, (0, 1)) for name in "abcde"}
    with world.register.reading() as session:
        rows = session.execute(
            sa.select(schema.DerivativeRow.digest, schema.DerivativeRow.size_bytes, schema.DerivativeRow.parent)
        )
        wanted = sorted(tuple(row) for row in rows)
    assert sorted(check.derivatives(world.register)) == wanted
    assert {parent for _, _, parent in wanted} == digests
    seen = list(check.sightings(world.register))
    assert {sighting.digest for _, sighting in seen} == digests
    assert len({key for key, _ in seen}) == len(seen) == len(digests)
    one = min(digests)
    assert check.known_of(world.register, [one, "0" * 64]) == {one}
    assert check.decisions(world.register) == []
    assert check.imports(world.register) == []
    world.close()
