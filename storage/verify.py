"""The fixity check of a local vault's originals, with every difference listed.

It knows the layout from its documentation alone and shares no code with what writes the vault: a mistake there must not
be able to hide itself here.
"""

import hashlib
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from evidence.ids import Digest
from evidence.notes import Note, note

WRITE_BITS = 0o222
BLOCK_BYTES = 1024 * 1024


class DifferenceKind(StrEnum):
    """What does not agree."""

    MISSING = "missing"  # expected, and not in its place
    SIZE = "size"
    DIGEST = "digest"  # its bytes do not give its name
    WRITABLE = "writable"  # somebody may write to it
    UNEXPECTED = "unexpected"  # nobody knows it: an intake cut off, or a foreign file
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Difference:
    """One thing that is not as it should be.

    Attributes:
        subject: the digest, or the path below ``originals/`` of what is no original.
        expected, found: what was to be there, and what is; empty where there is nothing to say.
    """

    kind: DifferenceKind
    subject: str
    expected: str = ""
    found: str = ""

    def as_note(self) -> Note:
        """Return it as a sentence to a person."""
        return note(f"vault.{self.kind.value}", subject=self.subject, expected=self.expected, found=self.found)


def verify_originals(
    root: Path, expected: Mapping[Digest, int], *, deep: bool, report: Callable[[float], None]
) -> list[Difference]:
    """Compare what lies in the vault with what the register and the ledger say was sealed.

    Args:
        root: the vault's folder.
        expected: size in bytes of every original that should be there.
        deep: also read every original and take its digest again.
        report: told the share done, 0–1, by bytes.

    Returns:
        Every difference, by digest; those of files nobody expects last. An empty list: all is as it should be.
    """
    total_bytes, done_bytes = max(1, sum(expected.values())), 0
    differences: list[Difference] = []
    for digest, size_bytes in sorted(expected.items()):
        differences += _compared(root, digest, size_bytes, deep=deep)
        done_bytes += size_bytes
        report(done_bytes / total_bytes)
    differences += _unexpected(root / "originals", {_place(digest) for digest in expected})
    report(1.0)
    return differences


def _place(digest: str) -> str:
    return f"{digest[:2]}/{digest[2:4]}/{digest}"


def _compared(root: Path, digest: Digest, size_bytes: int, *, deep: bool) -> Iterator[Difference]:
    path = root / "originals" / _place(digest)
    try:
        found = path.lstat()
        if not stat.S_ISREG(found.st_mode):
            yield Difference(DifferenceKind.MISSING, digest, "a regular file", stat.filemode(found.st_mode))
            return
        if found.st_size != size_bytes:
            yield Difference(DifferenceKind.SIZE, digest, str(size_bytes), str(found.st_size))
        if found.st_mode & WRITE_BITS:
            yield Difference(DifferenceKind.WRITABLE, digest, "-r--r--r--", stat.filemode(found.st_mode))
        if deep and (actual := _sha256(path)) != digest:
            yield Difference(DifferenceKind.DIGEST, digest, digest, actual)
    except FileNotFoundError:
        yield Difference(DifferenceKind.MISSING, digest, str(size_bytes))
    except OSError as error:
        yield Difference(DifferenceKind.UNREADABLE, digest, found=error.strerror or str(error))


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        while block := file.read(BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


def _unexpected(originals: Path, expected: set[str]) -> Iterator[Difference]:
    for path in sorted(originals.rglob("*")):
        below = path.relative_to(originals).as_posix()
        if below not in expected and (path.is_symlink() or not path.is_dir()):
            yield Difference(DifferenceKind.UNEXPECTED, path.name if below == _place(path.name) else below)
