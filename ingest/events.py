"""What the file system says has happened below a root: watchdog's native events, or its polling where none come.

Events only say where to look; nothing rests on one arriving. Events of reading are left out, for our own looks and
copies would answer themselves.
"""

import os
from collections.abc import Callable
from pathlib import Path
from threading import Event, Lock

from watchdog.events import (
    DirCreatedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver
from watchdog.observers.polling import PollingObserverVFS

from ingest.stations import WatchMode

WANTED: list[type[FileSystemEvent]] = [
    FileCreatedEvent,
    FileModifiedEvent,
    FileClosedEvent,
    FileMovedEvent,
    FileDeletedEvent,
    DirCreatedEvent,
    DirMovedEvent,
]

Identity = tuple[int, int]
"""Device and inode of a folder: another one means that something else is mounted or was made in its place."""


class Inbox:
    """Where event threads leave what to look at; each path once, however often it was written to."""

    def __init__(self) -> None:
        self.arrived = Event()
        self._lock = Lock()
        self._moved: dict[str, None] = {}
        self._touched: dict[str, None] = {}
        self._folders: dict[str, None] = {}

    def put(self, *, moved: str = "", touched: str = "", folder: str = "") -> None:
        """Leave a name that no longer holds, a file to look at, or a new folder to scan."""
        with self._lock:
            for box, path in ((self._moved, moved), (self._touched, touched), (self._folders, folder)):
                if path:
                    box[path] = None
        self.arrived.set()

    def take(self) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
        """Return and clear what was moved away, touched, and newly made folders."""
        with self._lock:
            content = tuple(self._moved), tuple(self._touched), tuple(self._folders)
            for box in (self._moved, self._touched, self._folders):
                box.clear()
            self.arrived.clear()
        return content


class _Handler(FileSystemEventHandler):
    def __init__(self, inbox: Inbox, spelled: Callable[[bytes | str], str]) -> None:
        self._inbox = inbox
        self._spelled = spelled

    def on_any_event(self, event: FileSystemEvent) -> None:
        source = self._spelled(event.src_path)
        target = self._spelled(event.dest_path) if event.dest_path else source
        if event.is_directory:
            self._inbox.put(folder=target)
        elif target != source:
            self._inbox.put(moved=source, touched=target)
        else:
            self._inbox.put(touched=target)


class RootEvents:
    """The events below one root; attached while the root is there, and attached anew when it came back.

    Args:
        base: path of the root as the settings name it; it may be a link.
        mode: NATIVE or POLLING.
        poll_s: seconds between two looks where events have to be polled.
    """

    def __init__(self, base: str, mode: WatchMode, inbox: Inbox, *, poll_s: float) -> None:
        self._base = base
        self._mode = mode
        self._inbox = inbox
        self._poll_s = poll_s
        self._observer: BaseObserver | None = None
        self._attached_to: Identity | None = None

    @property
    def is_attached(self) -> bool:
        """Whether events come now, from the folder that is there now."""
        observer = self._observer
        if observer is None or not observer.is_alive() or not all(each.is_alive() for each in observer.emitters):
            return False
        return self._attached_to == _identity(self._base)

    def attach(self) -> None:
        """Begin to listen; does nothing while attached.

        Raises:
            OSError: the root is away, or the kernel has no watches left (``fs.inotify.max_user_watches``).
        """
        if self.is_attached:
            return
        self.detach()
        real = os.path.realpath(self._base)
        identity = _identity(self._base)
        observer = self._new_observer()
        observer.schedule(_Handler(self._inbox, self._spelling(real)), real, recursive=True, event_filter=WANTED)
        observer.start()
        self._observer, self._attached_to = observer, identity

    def detach(self) -> None:
        """Stop listening; does nothing when not attached."""
        observer, self._observer = self._observer, None
        if observer and observer.is_alive():
            observer.stop()
            observer.join()

    def _new_observer(self) -> BaseObserver:
        if self._mode is WatchMode.POLLING:
            return PollingObserverVFS(stat=os.lstat, listdir=os.scandir, polling_interval=self._poll_s)
        return Observer()

    def _spelling(self, real: str) -> Callable[[bytes | str], str]:
        def spelled(path: bytes | str) -> str:
            native = os.fsdecode(path)
            return self._base + native[len(real) :] if native.startswith(real) else native

        return spelled


def _identity(path: str) -> Identity | None:
    try:
        found = Path(path).stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
