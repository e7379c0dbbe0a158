"""Importing agency records: read and checked as a whole, sealed into the vault, recorded and reviewed together."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from config.device_profiles import default_profiles
from dashboard.retention import Keeper
from dashboard.wiring import House
from evidence.case_numbers import NumberRefusal
from evidence.changes import Diff
from evidence.custody import Actor
from evidence.documents import folded
from evidence.errors import ImportRefusedError, SourceChangedError
from evidence.ids import Digest
from evidence.ports import Scope
from index.case_numbers import key_of, official_numbers
from index.imports import case_numbers
from index.journal import RECORDS, rows_name
from index.numbering import refusal_of
from index.records import ImportedFile
from ingest.records import Known, Noun, Record, RecordFile, RowVerdicts, Verdict, open_records, taken_rows, zone_of

FOLDER = "imports"
ZONE = "+08:00"
SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")
"""What a sealed file keeps of its name; anything else could not stand in every store's."""


LOOK_AGAIN = "look at what it would change now, then confirm that"


class ImportOvertakenError(ImportRefusedError):
    """Since somebody was shown what a file changes, another import has changed the same records."""


@dataclass(frozen=True)
class Handed:
    """A record file that was handed in: what it is about, and in which zone its bare times are."""

    noun: Noun
    file: RecordFile
    zone: str = ZONE


@dataclass(frozen=True)
class Imported:
    """A record file that was taken in, or would be.

    Attributes:
        digest: of the file. rows: how many it has; diff: what they change. warnings: what a person should look at.
        entry: number of the ledger entry; None after a dry run, which has written nothing.
    """

    noun: Noun
    digest: Digest
    rows: int
    diff: Diff
    warnings: Sequence[Verdict]
    entry: int | None = None

    @property
    def count(self) -> int:
        """How many rows were imported."""
        return 0 if self.entry is None else self.rows


def import_file(house: House, noun_name: str, path: Path, zone: str = ZONE, *, dry_run: bool = False) -> Imported:
    """Take a record file in, every row or none; a dry run only says what that would change.

    Raises:
        RowsRefusedError: with a verdict per wrong cell; nothing was imported.
        SourceUnreadableError: the file cannot be read. SourceChangedError: somebody is writing to it.
    """
    handed = Handed(Noun(noun_name), open_records(path), zone)
    judged = judged_rows(house, handed)
    if open_records(path).body != handed.file.body:
        cure = "import it again when nobody is writing to it"
        raise SourceChangedError("changed while it was judged; nothing was imported", subject=str(path), cure=cure)
    return foreseen(house, handed, judged) if dry_run else take_in(house, handed, judged, house.actor)


def judged_rows(house: House, handed: Handed) -> RowVerdicts[Record]:
    """Return the rows of a file, none of which is refused.

    Raises:
        RowsRefusedError: with a verdict per wrong cell. UsageError: nobody knows the zone.
    """
    return taken_rows(handed.file, handed.noun, zone_of(handed.zone), known_to(house))


def foreseen(house: House, handed: Handed, judged: RowVerdicts[Record]) -> Imported:
    """Say what an import would change; nothing is written."""
    with house.register.reading() as session:
        diff = house.catalogue.differing(session, handed.noun.value, judged.records)
    return Imported(handed.noun, digest_of(handed.file), judged.rows, diff, judged.warnings)


def take_in(
    house: House, handed: Handed, judged: RowVerdicts[Record], actor: Actor, seen: Diff | None = None
) -> Imported:
    """Put what the rows of a file change, seal file and rows, and review what that touches.

    A file that says what stands already leaves its entry in the ledger – it was handed in – and touches nothing else.

    ``seen`` is what the person who hands it in was told that it changes; None where nobody was told.

    Raises:
        ImportOvertakenError: it would change something else by now; nothing was imported.
    """
    at, noun = house.clock(), handed.noun.value
    with house.acting() as tx:
        taken = house.catalogue.take(tx, noun, judged.records)
        if seen is not None and taken.diff != seen:
            words = "changes something else than was shown"
            raise ImportOvertakenError(words, subject=handed.file.name, cure=LOOK_AGAIN)
        batch = _sealed(house, handed, judged)
        entry = house.catalogue.record_import(tx, batch, taken.diff, actor, at)
        scope = house.catalogue.let_go(tx, taken, actor, at)
        if scope != Scope():
            house.reviewer.review(tx, scope, actor, at)
    Keeper(house).follow_cases(taken.scope.cases)
    return Imported(handed.noun, batch.digest, judged.rows, taken.diff, judged.warnings, entry)


def digest_of(file: RecordFile) -> Digest:
    """Return the digest of a record file."""
    return Digest(hashlib.sha256(file.body).hexdigest())


def _sealed(house: House, handed: Handed, judged: RowVerdicts[Record]) -> ImportedFile:
    """Seal the file as it came and, beside it, the rows that were read: a later program may read it otherwise."""
    digest, noun = digest_of(handed.file), handed.noun.value
    suffix = PurePath(handed.file.name).suffix.lower()
    name = f"{digest}.{noun}{suffix if SUFFIX.fullmatch(suffix) else ''}"
    house.vault.put_record(FOLDER, name, handed.file.body)
    rows = RECORDS[noun].to_bytes(list(judged.records))
    rows_record = hashlib.sha256(rows).hexdigest()
    house.vault.put_record(FOLDER, rows_name(rows_record, noun), rows)
    return ImportedFile(digest, name, rows_record, noun, handed.file.name, judged.rows, handed.zone)


def known_to(house: House) -> Known:
    """Return what rows may refer to in this home."""
    with house.register.reading() as session:
        cases, official = case_numbers(session), official_numbers(session)

    def refusal(provisional: str, number: str) -> NumberRefusal | None:
        with house.register.reading() as session:
            return refusal_of(session, key_of(session, provisional), number)

    return Known(
        cases=cases,
        first_numbers={number: case_no for case_no, number in official.items()},
        refusal=refusal,
        procedures=frozenset(code for version in house.pack.versions for code in version.rules),
        documents=frozenset(
            folded(name)
            for version in house.pack.versions
            for slot in version.documents.values()
            for name in (slot.slot, *slot.names.values(), *slot.aliases)
        ),
        secrecy=house.pack.versions[-1].secrecy,
        profiles=frozenset(profile.profile_id for profile in default_profiles()),
        officers=frozenset(officer.officer_id for officer in house.library.officers()),
        devices=frozenset(device.device_id for device in house.library.devices()),
    )
