"""Importing agency records: read and checked as a whole, sealed into the vault, recorded and reviewed together."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from config.device_profiles import default_profiles
from dashboard.retention import Keeper
from dashboard.wiring import House
from evidence.documents import folded
from evidence.errors import SourceChangedError, SourceUnreadableError
from evidence.ids import Digest
from index.journal import RECORDS, rows_name
from index.records import ImportedFile
from ingest.records import Known, Noun, Record, RowVerdicts, Verdict, read_rows, zone_of

FOLDER = "imports"


@dataclass(frozen=True)
class Imported:
    """A record file that was taken in. ``digest``: of the file as sealed."""

    noun: Noun
    digest: Digest
    count: int
    warnings: Sequence[Verdict]


def import_file(house: House, noun_name: str, file: Path, zone: str = "+08:00") -> Imported:
    """Take a record file in: every row or none.

    Raises:
        RowsRefusedError: with a verdict per wrong cell; nothing was imported.
        SourceUnreadableError: the file cannot be read. SourceChangedError: somebody is writing to it.
    """
    noun = Noun(noun_name)
    body = _read(file)
    judged = read_rows(file, noun, zone_of(zone), known_to(house))
    if _read(file) != body:
        cure = "import it again when nobody is writing to it"
        raise SourceChangedError("changed while it was judged; nothing was imported", subject=str(file), cure=cure)
    at = house.clock()
    with house.acting() as tx:
        batch = _sealed(house, noun, file, body, judged, zone)
        scope = house.catalogue.put(tx, noun.value, judged.records)
        house.catalogue.record_import(tx, batch, house.actor, at)
        house.reviewer.review(tx, scope, house.actor, at)
    Keeper(house).follow_cases(scope.cases)
    return Imported(noun, batch.digest, len(judged.records), judged.warnings)


def _sealed(house: House, noun: Noun, file: Path, body: bytes, judged: RowVerdicts[Record], zone: str) -> ImportedFile:
    """Seal the file as it came and, beside it, the rows that were read: a later program may read it otherwise."""
    digest = Digest(hashlib.sha256(body).hexdigest())
    name = f"{digest}.{noun.value}{file.suffix.lower()}"
    house.vault.put_record(FOLDER, name, body)
    rows = RECORDS[noun.value].to_bytes(list(judged.records))
    rows_record = hashlib.sha256(rows).hexdigest()
    house.vault.put_record(FOLDER, rows_name(rows_record, noun.value), rows)
    return ImportedFile(digest, name, rows_record, noun.value, file.name, judged.rows, zone)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        cure = "see that the file is there and may be read"
        raise SourceUnreadableError(f"cannot be read: {error.strerror}", subject=str(file), cure=cure) from error


def known_to(house: House) -> Known:
    """Return what rows may refer to in this home."""
    return Known(
        procedures=frozenset(house.pack.rules),
        documents=frozenset(
            folded(name)
            for slot in house.pack.documents.values()
            for name in (slot.slot, *slot.names.values(), *slot.aliases)
        ),
        profiles=frozenset(profile.profile_id for profile in default_profiles()),
        officers=frozenset(officer.officer_id for officer in house.library.officers()),
        devices=frozenset(device.device_id for device in house.library.devices()),
    )
