"""Importing agency records: read and checked as a whole, sealed into the vault, recorded and reviewed together."""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.device_profiles import default_profiles
from dashboard.wiring import House
from evidence.errors import SourceChangedError, SourceUnreadableError
from evidence.ids import Digest
from evidence.ports import Scope, Transaction
from ingest.records import Known, Noun, Verdict, read_rows, zone_of

FOLDER = "imports"

Put = Callable[[Transaction, Collection[Any]], Scope]


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
    with house.register.transaction() as tx:
        digest = Digest(hashlib.sha256(body).hexdigest())
        house.vault.put_record(FOLDER, f"{digest}.{noun.value}{file.suffix.lower()}", body)
        scope = _put(house, noun)(tx, judged.records)
        house.catalogue.record_import(tx, noun.value, digest, file.name, judged.rows, house.actor, at)
        house.reviewer.review(tx, scope, house.actor, at)
    return Imported(noun, digest, len(judged.records), judged.warnings)


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
        profiles=frozenset(profile.profile_id for profile in default_profiles()),
        officers=frozenset(officer.officer_id for officer in house.library.officers()),
        devices=frozenset(device.device_id for device in house.library.devices()),
    )


def _put(house: House, noun: Noun) -> Put:
    writers: Mapping[Noun, Put] = {
        Noun.OFFICERS: house.catalogue.put_officers,
        Noun.DEVICES: house.catalogue.put_devices,
        Noun.ASSIGNMENTS: house.catalogue.put_assignments,
        Noun.CASES: house.catalogue.put_cases,
        Noun.STEPS: house.catalogue.put_steps,
    }
    return writers[noun]
