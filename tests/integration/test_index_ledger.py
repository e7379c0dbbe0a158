"""The ledger in the register: gap-free under many writers, append-only, and whole or not at all."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from evidence.custody import Entry, EventType, canonical_json, in_parts, joined
from evidence.errors import RegisterError, UsageError
from evidence.merkle import leaf_hash, root_of
from index import check, ledger
from index.engine import Register, open_engine
from index.journal import told_by
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


def numbers(register: Register) -> list[int]:
    """Return the numbers of all entries, after seeing that each row's leaf hash is that of its bytes."""
    with register.reading() as session:
        found = list(ledger.entries(session))
        assert ledger.heads(session).size == len(found)
    assert [one.leaf for one in found] == [leaf_hash(one.canonical) for one in found]
    assert [one.body["number"] for one in found] == [one.number for one in found]
    return [one.number for one in found]


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
    assert numbers(register) == list(range(WRITERS * EACH))


def test_many_entries_of_one_transaction_are_numbered_in_order(register: Register) -> None:
    """A batch gets consecutive numbers and links like single entries do."""
    append(register, 2)
    with register.transaction() as tx:
        assert ledger.append_all(tx, [entry(one) for one in range(3)]) == range(2, 5)
        assert len(ledger.append_all(tx, [])) == 0
    assert numbers(register) == [0, 1, 2, 3, 4]


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
        assert ledger.heads(session).size == 0
    append(register, 1)
    assert numbers(register) == [0]


@pytest.mark.parametrize("statement", ["UPDATE ledger_entry SET subject = 'x'", "DELETE FROM ledger_entry"])
def test_the_database_itself_refuses_to_change_an_entry(register: Register, statement: str) -> None:
    """Update and delete are refused by triggers, whoever asks."""
    append(register, 2)
    with pytest.raises(RegisterError, match="append-only"), register.transaction() as tx:
        tx.execute(sa.text(statement))
    assert numbers(register) == [0, 1]


def test_the_tree_is_that_of_the_entries_bytes(register: Register) -> None:
    """The root over the first entries is the RFC 9162 root over their bytes, whatever the rows say of their hashes."""
    append(register, 5)
    with register.reading() as session:
        bodies = [one.canonical for one in ledger.entries(session)]
        assert ledger.tree_of(session, 3).root() == root_of(map(leaf_hash, bodies[:3]))
        assert ledger.tree_of(session).root() == root_of(map(leaf_hash, bodies))


def test_what_is_noted_as_sealed_never_becomes_less(register: Register) -> None:
    """The note of how far the ledger is sealed moves forward only."""
    append(register, 3)
    for size in (2, 1):
        with register.transaction() as session:
            ledger.note_sealed(session, size, bytes([size]) * 32)
    with register.reading() as session:
        assert ledger.heads(session) == ledger.Heads(3, 2, "02" * 32)


def test_a_long_detail_takes_several_places(register: Register) -> None:
    """What does not fit into one entry follows in the next ones, in one piece, and is read as one."""
    long = {"clips": [digest_of(str(one)) for one in range(2000)], "name": "案" * 9000}
    with register.transaction() as tx:
        first = ledger.append(tx, Entry(EventType.FOUND, MACHINE, NINE, "f", reason="r", detail=long))
        ledger.append(tx, entry(1))
    with register.reading() as session:
        told = list(told_by(ledger.entries(session)))
        assert max(len(one.canonical) for one in ledger.entries(session)) <= 65_535
    assert [(one.number, one.detail) for one in told] == [(first, long), (len(numbers(register)) - 1, {"n": 1})]


def test_parts_out_of_order_are_refused() -> None:
    """Parts are put together in their order and in full, or not at all."""
    parts = [one.detail for one in in_parts(Entry(EventType.FOUND, MACHINE, NINE, detail={"x": "y" * 80_000}))]
    assert canonical_json(joined(parts)) == canonical_json({"x": "y" * 80_000})
    for wrong in (parts[1:], parts[::-1], parts[:-1]):
        with pytest.raises(ValueError, match="missing or out of order"):
            joined(wrong)


def test_an_endless_reason_is_refused(register: Register) -> None:
    """A reason that fits into no entry is refused with what to do, and nothing is written."""
    with pytest.raises(UsageError, match="fewer words"), register.transaction() as tx:
        ledger.append(tx, Entry(EventType.DECIDED, MACHINE, NINE, reason="x" * 70_000))
    assert numbers(register) == []


def test_the_reading_engine_cannot_write(register: Register) -> None:
    """A view is a view: an append through it is refused."""
    with pytest.raises(RegisterError, match="readonly"), register.reading() as session:
        ledger.append(session, entry(0))


def test_a_reader_sees_one_state_while_a_writer_works(register: Register) -> None:
    """What is not committed is not seen, and neither waits for the other."""
    with register.transaction() as tx:
        ledger.append(tx, entry(0))
        with register.reading() as session:
            assert ledger.heads(session).size == 0
    with register.reading() as session:
        assert ledger.heads(session).size == 1


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
