"""How far a deep verification has come: kept in ``work/verify.json``, so that one that was stopped can go on."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from dashboard.logs import LOG

VERSION = 1
FILE_NAME = "verify.json"
SAVED_EVERY_S = 5.0


@dataclass(frozen=True)
class Progress:
    """What was read before.

    Attributes:
        started_at: when the run began, UTC, ISO 8601.
        size, root: of the ledger it was held against; root as 64 hex digits.
        after: folder → path of the last file of it that was read; files are read in order of path.
        suspects: digests in which something was wrong: they are read again.
    """

    started_at: str
    size: int = 0
    root: str = ""
    after: dict[str, str] = field(default_factory=dict)
    suspects: frozenset[str] = frozenset()

    def has_read(self, path: str, number: int) -> bool:
        """Whether a file was read before; what an entry newer than that ledger names was not."""
        folder, _, _ = path.partition("/")
        is_behind = path <= self.after.get(folder, "")
        return is_behind and number < self.size and path.rpartition("/")[2] not in self.suspects


class ProgressFile:
    """Where progress is kept between runs. A disk that is full or cannot be written stops no verification."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE_NAME
        self._warned = False

    def load(self) -> Progress | None:
        """Return the progress of a run that was stopped; None when there is none, or its file is of no use."""
        try:
            said = json.loads(self._path.read_text("utf-8"))
            if said["v"] != VERSION:
                return None
            return Progress(
                started_at=str(said["started_at"]),
                size=int(said["size"]),
                root=str(said["root"]),
                after={str(folder): str(path) for folder, path in said["after"].items()},
                suspects=frozenset(map(str, said["suspects"])),
            )
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None

    def save(self, progress: Progress) -> None:
        """Keep progress where the disk permits; a reader sees the old or the new, whole."""
        fresh = self._path.with_suffix(".part")
        body = {"v": VERSION, **asdict(replace(progress, suspects=frozenset())), "suspects": sorted(progress.suspects)}
        with self._where_permitted():
            fresh.write_text(json.dumps(body), encoding="utf-8")
            fresh.replace(self._path)

    def forget(self) -> None:
        """Remove it: the run came to its end."""
        with self._where_permitted():
            self._path.unlink(missing_ok=True)

    @contextmanager
    def _where_permitted(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if not self._warned:
                LOG.warning("how far a verification has come cannot be saved", path=str(self._path), reason=str(error))
            self._warned = True
