"""A register made a second time from its own ledger and from records kept in memory, and the two held together."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

from evidence.errors import NotFoundError
from evidence.ids import Digest
from index import journal, ledger
from index.agreement import Disagreement, disagreements
from index.engine import Register, open_engine
from index.rebuild import rebuild
from index.records import ImportedFile
from tests.support.index import MACHINE, NINE, World, digest_of, migrated


class Records:
    """The vault's records of imports, in memory."""

    def __init__(self) -> None:
        """Begin with none."""
        self._bodies: dict[str, bytes] = {}

    def read(self, folder: str, name: str) -> bytes:
        """Return a record."""
        try:
            return self._bodies[f"{folder}/{name}"]
        except KeyError as error:
            raise NotFoundError("no such record", subject=name) from error

    def imported(self, world: World, noun: str, rows: Collection[Any]) -> None:
        """Import rows as the command line does: sealed, put, recorded, reviewed."""
        body = journal.RECORDS[noun].to_bytes(list(rows))
        digest = digest_of(body.decode())
        self._bodies[f"imports/{journal.rows_name(digest, noun)}"] = body
        batch = ImportedFile(Digest(digest), f"{digest}.{noun}.csv", digest, noun, f"{noun}.csv", len(rows), "+08:00")
        with world.register.transaction() as tx:
            taken = world.catalogue.take(tx, noun, rows)
            world.catalogue.record_import(tx, batch, taken.diff, MACHINE, NINE)
            world.reviewer.review(tx, world.catalogue.let_go(tx, taken, MACHINE, NINE), MACHINE, NINE)


def made_again(world: World, records: Records, path: Path, *, docks_set: bool = True) -> Register:
    """Make a second register from the ledger of the first; ``docks_set`` as in `index.rebuild.rebuild`."""
    path.write_bytes(migrated())
    again = Register(open_engine(path))
    with world.register.reading() as kept, again.transaction() as session:
        rebuild(session, ledger.entries(kept), records.read, docks_set=docks_set)
    return again


def differences(world: World, records: Records, path: Path) -> list[Disagreement]:
    """Return every cell in which the register differs from one made again."""
    again = made_again(world, records, path)
    try:
        with world.register.reading() as kept, again.reading() as derived:
            return list(disagreements(kept.connection(), derived.connection()))
    finally:
        again.close()
