"""The check of a local vault's records: each gives its name, and says what the register says.

It knows the layout from its documentation alone and shares no code with what writes the vault; what a sidecar holds is
read as `evidence.sidecars` describes it.

::

    records/sidecars/<sha256>.<first 16 of the pickup key>.json   about a sighting, or none: an intake cut off
    records/decisions/<ledger number>.<first 16 of its own sha256>.json
    records/imports/<its own sha256>.<noun>.<suffix>
"""

import hashlib
import re
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from evidence import sidecars
from evidence.clips import Sighting
from evidence.errors import IntegrityError
from evidence.ids import Digest
from storage.verify import Difference, DifferenceKind

_SIDECAR = re.compile(r"([0-9a-f]{64})\.([^/]{1,16})\.json")
_DECISION = re.compile(r"([0-9]{12,})\.([0-9a-f]{16})\.json")
_IMPORT = re.compile(r"([0-9a-f]{64})\.([a-z_]+)(\.[^/]*)?")


@dataclass(frozen=True)
class Registered:
    """What the register tells of records.

    Attributes:
        sightings: each with the key of its pickup.
        decisions: the ledger number of each.
        imports: digest and noun of each imported file.
    """

    sightings: Iterable[tuple[str, Sighting]]
    decisions: Iterable[int]
    imports: Iterable[tuple[Digest, str]]


def verify_records(root: Path, registered: Registered) -> Iterator[Difference]:
    """Yield every record that is missing, changed, foreign or cannot be read; each is read once.

    Args:
        root: the vault's folder.
        registered: what the register knew before this was called; a record is sealed before it is registered.
    """
    records = root / "records"
    yield from _sidecars(records / "sidecars", registered.sightings)
    decisions = {f"{number:012}": f"{number:012}.*.json" for number in registered.decisions}
    yield from _named_by_digest(records / "decisions", _DECISION, _decision_key, decisions)
    imports = {f"{digest}.{noun}": f"{digest}.{noun}.*" for digest, noun in registered.imports}
    yield from _named_by_digest(records / "imports", _IMPORT, _import_key, imports)


def _sidecars(folder: Path, sightings: Iterable[tuple[str, Sighting]]) -> Iterator[Difference]:
    seen: set[str] = set()
    for pickup_key, sighting in sightings:
        name = f"{sighting.digest}.{pickup_key[:16]}.json"
        seen.add(name)
        yield from _compared(folder / name, partial(_sidecar_fault, sighting))
    for path in _files(folder):
        if not _SIDECAR.fullmatch(path.name):
            yield Difference(DifferenceKind.RECORD_UNEXPECTED, _below(path))
        elif path.name not in seen:
            yield from _compared(path, partial(_sidecar_fault, None))


def _named_by_digest(
    folder: Path, form: re.Pattern[str], key_of: Callable[[re.Match[str]], str], expected: dict[str, str]
) -> Iterator[Difference]:
    """Compare records whose name holds their own digest; ``expected`` gives the form of a name by its key."""
    missing = dict(expected)
    for path in _files(folder):
        name = form.fullmatch(path.name)
        if name is None:
            yield Difference(DifferenceKind.RECORD_UNEXPECTED, _below(path))
            continue
        missing.pop(key_of(name), None)
        yield from _compared(path, _digest_fault)
    yield from (Difference(DifferenceKind.RECORD_MISSING, f"{folder.name}/{name}") for name in missing.values())


def _decision_key(name: re.Match[str]) -> str:
    return name[1]


def _import_key(name: re.Match[str]) -> str:
    return f"{name[1]}.{name[2]}"


def _compared(path: Path, fault: Callable[[Path, bytes], str]) -> Iterator[Difference]:
    try:
        mode = path.lstat().st_mode
        if not stat.S_ISREG(mode):
            yield Difference(DifferenceKind.RECORD_MISSING, _below(path), "a regular file", stat.filemode(mode))
        elif found := fault(path, path.read_bytes()):
            yield Difference(DifferenceKind.RECORD_CHANGED, _below(path), found=found)
    except FileNotFoundError:
        yield Difference(DifferenceKind.RECORD_MISSING, _below(path))
    except OSError as error:
        yield Difference(DifferenceKind.RECORD_UNREADABLE, _below(path), found=error.strerror or str(error))


def _digest_fault(path: Path, body: bytes) -> str:
    actual = hashlib.sha256(body).hexdigest()
    return "" if actual.startswith(_digest_in(path.name)) else actual


def _digest_in(name: str) -> str:
    decision = _DECISION.fullmatch(name)
    return decision[2] if decision else name.split(".", 1)[0]


def _sidecar_fault(told: Sighting | None, path: Path, body: bytes) -> str:
    """Return what is wrong with a sidecar, as names of what differs; empty when nothing is."""
    try:
        written = sidecars.from_bytes(path.name, body).sighting
    except IntegrityError:
        return hashlib.sha256(body).hexdigest()
    if told is None:
        return ""
    pairs = zip(_told(written).items(), _told(told).values(), strict=True)
    return ", ".join(name for (name, wrote), tells in pairs if wrote != tells)


def _told(sighting: Sighting) -> dict[str, object]:
    """Return what a sidecar and the register both tell; a path that is not UTF-8 by what can be read of it."""
    exact = sighting.source_path.encode("utf-8", "surrogateescape")
    return {
        "size_bytes": sighting.size_bytes,
        "station": sighting.station,
        "source_path": exact.decode("utf-8", "replace"),
        "mtime": sighting.mtime,
        "received_at": sighting.received_at,
    }


def _files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _below(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"
