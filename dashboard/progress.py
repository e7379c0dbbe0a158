"""Progress bars of the terminal: one for all files, one for each file under way."""

from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from dashboard.console import ERR
from ingest.progress import FileProgress

MOST_FILES = 6
"""Bars of single files shown at once; a card of 300 files would push the total off the screen."""


class Bars:
    """Bars on stderr; on a pipe they print nothing."""

    def __init__(self, total: int, label: str) -> None:
        """Count ``total`` files under ``label``."""
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=32),
            TextColumn("{task.completed:.0f}/{task.total:.0f}{task.fields[unit]}"),
            TimeElapsedColumn(),
            console=ERR,
            transient=True,
            disable=not ERR.is_terminal,
        )
        self._all = self._progress.add_task(label, total=total, unit="")
        self._files: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        """Begin to draw."""
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop drawing."""
        self._progress.stop()

    def show(self, done: int, under_way: Sequence[FileProgress], total: int | None = None) -> None:
        """Draw how many files are done and how far the ones under way are."""
        self._progress.update(self._all, completed=done, total=total)
        shown = {f"{f.key}{f.stage}": f for f in under_way[:MOST_FILES]}
        for gone in set(self._files) - set(shown):
            self._progress.remove_task(self._files.pop(gone))
        for key, file in shown.items():
            if key not in self._files:
                name = file.source_path.rsplit("/", 1)[-1]
                self._files[key] = self._progress.add_task(f"  {file.stage:8} {name[:40]}", total=100, unit=" %")
            self._progress.update(self._files[key], completed=file.share * 100)
