"""The bag around a pack: its regular files, and whether they are those of its manifests.

A second opinion beside the pack's own ``verify.py``: written apart from it, and the public ``bagit`` library asked.

Source: RFC 8493.
"""

import hashlib
import re
import stat
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path, PurePosixPath

import bagit  # type: ignore[import-untyped]  # ships no types

from evidence.errors import IntegrityError
from evidence.packs import BAG_DECLARATION, MANIFEST, TAG_MANIFEST, Difference, DifferenceKind
from evidence.ports import Report

LARGEST_TEXT_BYTES = 256 * 1024 * 1024
LARGEST_NOTE_BYTES = 1024 * 1024
CHUNK_BYTES = 1024 * 1024
HEX_DIGITS = 64
_HEX = frozenset("0123456789abcdef")
_OXUM = re.compile(r"(?m)^Payload-Oxum: (?P<bytes>[0-9]{1,18})\.(?P<files>[0-9]{1,9})$")
_REFUSALS = (bagit.BagError, OSError, ValueError, LookupError, TypeError, AttributeError)
"""What the library raises for bags it cannot read: it was not written to be fed any bytes there are."""


class PackFiles:
    """The files below a pack's folder, each digested once and at most once.

    Args:
        report: told the share of all bytes that were read.
    """

    def __init__(self, root: Path, report: Report) -> None:
        self.root = root
        self._report = report
        self._digests: dict[str, str] = {}
        self._read_bytes = 0

    @cached_property
    def all(self) -> Mapping[str, int | None]:
        """Path below the root → size in bytes; None for what is no regular file or cannot be looked at."""
        return dict(sorted(self._walked(self.root)))

    def _walked(self, folder: Path) -> Iterator[tuple[str, int | None]]:
        try:
            found = list(folder.iterdir())
        except OSError:
            yield self._named(folder), None
            return
        for path in found:
            mode, size_bytes = _looked_at(path)
            if stat.S_ISDIR(mode):
                yield from self._walked(path)
            else:
                yield self._named(path), size_bytes if stat.S_ISREG(mode) else None

    def _named(self, path: Path) -> str:
        below = path.relative_to(self.root).as_posix()
        return below.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")

    def size(self, path: str) -> int | None:
        """Return the size of a regular file; None when there is none of that path."""
        return self.all.get(path)

    def below(self, folder: str, suffix: str = "") -> list[str]:
        """Return the paths of the regular files below a folder."""
        inside = (path for path, size in self.all.items() if size is not None and path.startswith(f"{folder}/"))
        return [path for path in inside if path.endswith(suffix)]

    def digest(self, path: str) -> str:
        """Return the SHA-256 of a regular file, empty when there is none or it cannot be read."""
        if path not in self._digests:
            self._digests[path] = self._digested(path) if self.size(path) is not None else ""
        return self._digests[path]

    def _digested(self, path: str) -> str:
        running, whole = hashlib.sha256(), max(1, sum(size or 0 for size in self.all.values()))
        try:
            with (self.root / path).open("rb") as file:
                while chunk := file.read(CHUNK_BYTES):
                    running.update(chunk)
                    self._read_bytes += len(chunk)
                    self._report(min(1.0, self._read_bytes / whole))
        except OSError:
            return ""
        return running.hexdigest()

    def read(self, path: str, most_bytes: int = LARGEST_NOTE_BYTES) -> bytes:
        """Return the bytes of a small file.

        Raises:
            IntegrityError: it is not there, larger than that, or cannot be read.
        """
        size_bytes = self.size(path)
        if size_bytes is None or size_bytes > most_bytes:
            raise IntegrityError("is not there, or too large", subject=path)
        try:
            return (self.root / path).read_bytes()
        except OSError as error:
            raise IntegrityError(f"cannot be read: {error.strerror}", subject=path) from error


def check_bag(files: PackFiles) -> list[Difference]:
    """Return every difference between the folder and its manifests."""
    tags, payload = _stated_by(files, TAG_MANIFEST), _stated_by(files, MANIFEST)
    found = [
        Difference(DifferenceKind.BAG_MANIFEST, name)
        for name, stated in ((TAG_MANIFEST, tags), (MANIFEST, payload))
        if stated is None
    ]
    if _text(files, "bagit.txt") != BAG_DECLARATION.decode():
        found.append(Difference(DifferenceKind.BAG_DECLARATION, "bagit.txt"))
    attested = _attests(files, tags)
    if tags is not None:
        found += _compared(files, tags, lambda path: path != TAG_MANIFEST and not _is_payload(path))
    if payload is not None and attested(MANIFEST):
        differing = _compared(files, payload, _is_payload)
        found += differing
        if not differing and attested("bag-info.txt"):
            found += _oxum(files, payload)
    return found or _library_says(files.root)


def _attests(files: PackFiles, tags: Mapping[str, str] | None) -> Callable[[str], bool]:
    """Return whether a tag file is what the tag manifest says of it; where that cannot be read, it is believed."""
    return lambda name: tags is None or tags.get(name) == files.digest(name)


def _compared(files: PackFiles, stated: Mapping[str, str], concerns: Callable[[str], bool]) -> list[Difference]:
    there = {path for path in files.all if concerns(path)}
    missing = [Difference(DifferenceKind.BAG_MISSING, path) for path in stated if path not in there]
    extra = [Difference(DifferenceKind.BAG_EXTRA, path) for path in there if path not in stated]
    both = [path for path in stated if path in there]
    return (
        missing
        + extra
        + [Difference(DifferenceKind.BAG_DIGEST, path) for path in both if files.digest(path) != stated[path]]
    )


def _oxum(files: PackFiles, payload: Mapping[str, str]) -> list[Difference]:
    stated = [(int(one["bytes"]), int(one["files"])) for one in _OXUM.finditer(_text(files, "bag-info.txt"))]
    actual = (sum(files.size(path) or 0 for path in payload), len(payload))
    return [] if stated == [actual] else [Difference(DifferenceKind.BAG_OXUM, "bag-info.txt")]


def _library_says(root: Path) -> list[Difference]:
    """Ask the public library whether the bag is complete, when nothing else was found; digests were compared above."""
    try:
        bagit.Bag(str(root)).validate(completeness_only=True)
    except _REFUSALS:
        return [Difference(DifferenceKind.BAG_MANIFEST, MANIFEST)]
    return []


def _stated_by(files: PackFiles, name: str) -> dict[str, str] | None:
    """Return path → digest; None when the manifest is not there, or not in the form it is written in."""
    try:
        text = files.read(name, LARGEST_TEXT_BYTES).decode()
    except (IntegrityError, UnicodeDecodeError):
        return None
    lines = [line.partition("  ") for line in text.split("\n")[:-1]]
    stated = {path: digest for digest, _, path in lines if _is_digest(digest) and is_safe(path)}
    return stated if text == manifest_text(stated) else None


def manifest_text(stated: Mapping[str, str]) -> str:
    """Return a manifest in the one form packs have: sorted by path, two spaces, a newline after each line."""
    return "".join(f"{digest}  {path}\n" for path, digest in sorted(stated.items()))


def is_safe(path: str) -> bool:
    """Whether a path names something below the bag, in the only way to write it."""
    pure = PurePosixPath(path)
    plain = str(pure) == path and path == path.strip() and not set(path) & set("\\:\0\n")
    return plain and path != "." and not pure.is_absolute() and ".." not in pure.parts


def _is_digest(text: str) -> bool:
    return len(text) == HEX_DIGITS and set(text) <= _HEX


def _is_payload(path: str) -> bool:
    return path.startswith("data/")


def _text(files: PackFiles, path: str) -> str:
    try:
        return files.read(path).decode("utf-8", "replace")
    except IntegrityError:
        return ""


def _looked_at(path: Path) -> tuple[int, int]:
    """Return mode and size in bytes; a link is looked at itself, and what cannot be looked at is nothing."""
    try:
        found = path.lstat()
    except OSError:
        return 0, 0
    return found.st_mode, found.st_size
