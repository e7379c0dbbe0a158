"""The fixity check of a local vault's originals and derivatives, with every difference listed.

It knows the layout from its documentation alone and shares no code with what writes the vault: a mistake there must not
be able to hide itself here.
"""

import hashlib
import stat
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
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
    DERIVATIVE_MISSING = "derivative_missing"  # a derivative can be made again
    DERIVATIVE_SIZE = "derivative_size"
    DERIVATIVE_DIGEST = "derivative_digest"
    DERIVATIVE_UNREADABLE = "derivative_unreadable"
    RECORD_MISSING = "record_missing"  # the register tells of it
    RECORD_CHANGED = "record_changed"  # it does not give its name, or tells something else than the register
    RECORD_UNEXPECTED = "record_unexpected"  # no record has such a name
    RECORD_UNREADABLE = "record_unreadable"


@dataclass(frozen=True)
class Difference:
    """One thing that is not as it should be.

    Attributes:
        subject: the digest, the path below ``originals/`` of what is no original, or that of a record below
            ``records/``.
        expected, found: what was to be there, and what is; empty where there is nothing to say.
        parent: of a derivative, the digest of the original it was made from; otherwise empty.
    """

    kind: DifferenceKind
    subject: str
    expected: str = ""
    found: str = ""
    parent: str = ""

    def as_note(self) -> Note:
        """Return it as a sentence to a person."""
        params = {"subject": self.subject, "expected": self.expected, "found": self.found, "parent": self.parent}
        return note(f"vault.{self.kind.value}", **params)


def verify_originals(
    root: Path,
    expected: Mapping[Digest, int],
    *,
    deep: bool,
    report: Callable[[float], None],
    known_of: Callable[[Collection[str]], Collection[str]] = lambda _found: (),
) -> list[Difference]:
    """Compare what lies in the vault with what the register and the ledger say was sealed.

    Args:
        root: the vault's folder.
        expected: size in bytes of every original that should be there.
        deep: also read every original and take its digest again.
        report: told the share done, 0–1, by bytes.
        known_of: asked once, after the folders were walked, which of the digests found and not expected are known by
            now; files may be sealed while this runs.

    Returns:
        Every difference, by digest; those of files nobody expects last. An empty list: all is as it should be.
    """
    total_bytes, done_bytes = max(1, sum(expected.values())), 0
    differences: list[Difference] = []
    for digest, size_bytes in sorted(expected.items()):
        differences += _compared(root, digest, size_bytes, deep=deep)
        done_bytes += size_bytes
        report(done_bytes / total_bytes)
    foreign = list(_unexpected(root / "originals", {_place(digest) for digest in expected}))
    late = set(known_of([difference.subject for difference in foreign])) if foreign else set()
    report(1.0)
    return differences + [difference for difference in foreign if difference.subject not in late]


def verify_derivatives(
    root: Path, expected: Iterable[tuple[Digest, int, Digest]], *, deep: bool, report: Callable[[float], None]
) -> Iterator[Difference]:
    """Compare the derivatives that lie in the vault with those the register knows.

    Args:
        root: the vault's folder.
        expected: digest, size in bytes and parent of every derivative that should be there.
        deep: also read every derivative and take its digest again.
        report: told the size in bytes of each derivative as it is done.
    """
    for digest, size_bytes, parent in expected:
        yield from _compared_derivative(root / "derivatives" / digest[:2] / digest, size_bytes, parent, deep=deep)
        report(size_bytes)


def _compared_derivative(path: Path, size_bytes: int, parent: Digest, *, deep: bool) -> Iterator[Difference]:
    digest = path.name
    try:
        found = path.lstat()
        if not stat.S_ISREG(found.st_mode):
            mode = stat.filemode(found.st_mode)
            yield Difference(DifferenceKind.DERIVATIVE_MISSING, digest, "a regular file", mode, parent)
        elif found.st_size != size_bytes:
            yield Difference(DifferenceKind.DERIVATIVE_SIZE, digest, str(size_bytes), str(found.st_size), parent)
        elif deep and (actual := _sha256(path)) != digest:
            yield Difference(DifferenceKind.DERIVATIVE_DIGEST, digest, digest, actual, parent)
    except FileNotFoundError:
        yield Difference(DifferenceKind.DERIVATIVE_MISSING, digest, str(size_bytes), parent=parent)
    except OSError as error:
        found_instead = error.strerror or str(error)
        yield Difference(DifferenceKind.DERIVATIVE_UNREADABLE, digest, found=found_instead, parent=parent)


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
