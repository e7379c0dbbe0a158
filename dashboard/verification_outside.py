"""What is known of a ledger outside its vault: keys, receipts, and checkpoints that somebody kept."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dashboard.wiring import House
from evidence.errors import ConfigError, IntegrityError, UsageError
from storage.pack_verify import Malformed, parse_vkey
from storage.stamping import verify_stamp
from storage.verify import Difference, DifferenceKind
from storage.verify_notes import Head, StampFault, imprint_fault, outside_head

RECEIPT = "*.receipt.json"
NEWEST_RECEIPTS = 256
"""So many are looked at when not everything is."""

LONGEST_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True)
class Outside:
    """What is known outside the vault.

    Attributes:
        keys, retired: vkeys of the keys folder: those that are trusted, and those that gave way to them.
        heads: checkpoints.
        differences: what was wrong with the files they were to come from.
    """

    keys: tuple[str, ...]
    retired: tuple[str, ...]
    heads: tuple[Head, ...]
    differences: tuple[Difference, ...]


def outside_of(house: House, against: Sequence[Path], *, everything: bool) -> Outside:
    """Return what this home's keys and receipts, and the named files, state.

    Raises:
        UsageError: a named file cannot be read, or holds no checkpoint.
    """
    keys, wrong = _keys(house.home.keys, "*.vkey")
    retired, wrong_too = _keys(house.home.keys, "retired/*.vkey")
    named = [head for path in against for head in _named(path)]
    received, torn = _received(house.home.receipts, everything=everything)
    return Outside(keys, retired, (*named, *received), (*wrong, *wrong_too, *torn))


def stamp_fault_of(house: House) -> StampFault:
    """Return what says whether a time stamp holds: by the authority's roots where they are set, else by its imprint.

    Raises:
        ConfigError: the roots cannot be read.
    """
    named = house.settings.ledger.tsa_roots
    if not named:
        return imprint_fault
    try:
        roots = (house.home.root / named).read_bytes()
    except OSError as error:
        cure = "name the PEM file with the authority's root certificates in ledger.tsa_roots"
        raise ConfigError(f"cannot be read ({error.strerror})", subject=named, cure=cure) from error

    def fault(note: bytes, response: bytes) -> str:
        try:
            verify_stamp(note, response, roots)
        except IntegrityError as error:
            return error.message
        return ""

    return fault


def _keys(folder: Path, pattern: str) -> tuple[tuple[str, ...], list[Difference]]:
    keys, wrong = [], []
    for path in sorted(folder.glob(pattern)):
        label = f"keys/{path.relative_to(folder).as_posix()}"
        try:
            text = path.read_text("utf-8", "replace").strip()
            parse_vkey(text)
        except (OSError, Malformed) as error:
            wrong.append(Difference(DifferenceKind.KEY_DAMAGED, label, found=str(error)))
        else:
            keys.append(text)
    return tuple(keys), wrong


def _received(folder: Path, *, everything: bool) -> tuple[list[Head], list[Difference]]:
    """Return the checkpoints of receipts, each once, and what is wrong with receipts that have none."""
    kept: dict[tuple[str, int, bytes], Head] = {}
    wrong = []
    for path in _receipts(folder, everything=everything):
        label = f"receipts/{path.relative_to(folder).as_posix()}"
        try:
            head = outside_head(label, path.read_bytes())
        except FileNotFoundError:
            continue
        except (OSError, Malformed) as error:
            wrong.append(Difference(DifferenceKind.AGAINST_DAMAGED, label, found=str(error)))
        else:
            kept.setdefault((head.checkpoint.origin, head.checkpoint.size, head.checkpoint.root), head)
    return list(kept.values()), wrong


def _receipts(folder: Path, *, everything: bool) -> Iterable[Path]:
    found = [path for path in folder.rglob(RECEIPT) if path.is_file() and not path.is_symlink()]
    return found if everything else sorted(found, key=_written, reverse=True)[:NEWEST_RECEIPTS]


def _written(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _named(path: Path) -> Iterator[Head]:
    for file in sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]:
        try:
            with file.open("rb") as stream:
                yield outside_head(str(file), stream.read(LONGEST_BYTES))
        except (OSError, Malformed) as error:
            cure = "name a receipt, a signed checkpoint or a cosigned note, or a file with the three lines from paper"
            words = error.strerror or str(error) if isinstance(error, OSError) else str(error)
            raise UsageError(f"holds no checkpoint ({words})", subject=str(file), cure=cure) from error
