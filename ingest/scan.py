"""Walks a watched folder: each regular file below it with its ``stat``; no link followed, no machine folder entered."""

import os
from collections.abc import Callable, Iterator

from ingest.names import is_machine_folder

OnFault = Callable[[str, OSError], None]
"""Called with a folder that cannot be read, or a file that cannot be looked at, and why."""


def scan(folder: str, on_fault: OnFault) -> Iterator[tuple[str, os.stat_result]]:
    """Yield path and ``stat`` of each regular file, folder by folder; what fails is reported and passed over."""
    pending = [folder]
    while pending:
        here = pending.pop()
        try:
            with os.scandir(here) as entries:
                yield from _entries(entries, pending, on_fault)
        except OSError as error:
            on_fault(here, error)


def _entries(
    entries: Iterator[os.DirEntry[str]], pending: list[str], on_fault: OnFault
) -> Iterator[tuple[str, os.stat_result]]:
    for entry in entries:
        try:
            if entry.is_file(follow_symlinks=False):
                yield entry.path, entry.stat(follow_symlinks=False)
            elif entry.is_dir(follow_symlinks=False) and not is_machine_folder(entry.name):
                pending.append(entry.path)
        except FileNotFoundError:  # moved or taken away since the folder was listed
            continue
        except OSError as error:
            on_fault(entry.path, error)
