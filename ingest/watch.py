"""Watched folders: events say where to look at once, a full rescan finds what no event told of, settling does the rest.

A root may be missing, unplugged and plugged in again; that is reported and survived. `Watcher.tick` is the whole logic
as a function of the time it is given; `Watcher.start` runs it in one thread. A share that hangs blocks that thread, so
give roots on a network share that may hang a watcher of their own.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import Self

from evidence.errors import EvidockError
from evidence.ids import StationId
from evidence.notes import Note, note
from evidence.ports import Pickup
from ingest.events import Inbox, RootEvents
from ingest.mounts import mode_for
from ingest.pickups import to_text
from ingest.scan import OnFault, scan
from ingest.settle import Settler, Waiting
from ingest.stations import Place, Root, WatchMode, list_stations, native_of, place_of

__all__ = ["Root", "RootHealth", "Settler", "Trouble", "WatchMode", "Watcher"]

BREATH_S = 0.05
"""Least time between two ticks: what a copy in progress tells in between is looked at together."""

LONGEST_NAP_S = 1.0
"""Longest time between two ticks."""

Fault = tuple[str, OSError]


@dataclass(frozen=True)
class Trouble:
    """Something a person should see to, as it happens.

    Attributes:
        path: folder or file it is about, as valid text.
        error: the exception behind it, for the log.
    """

    path: str
    what: Note
    error: BaseException | None = None


@dataclass(frozen=True)
class RootHealth:
    """How a watched root is.

    Attributes:
        mode: NATIVE or POLLING, as in use.
        listening: events come; when not, the rescan alone finds files.
        files: met at the last scan.
        scanned_ago_s: seconds since the last complete scan, None before the first.
        troubles: what is wrong with it now.
    """

    path: str
    station: StationId | None
    mode: WatchMode
    reachable: bool
    listening: bool
    files: int
    scanned_ago_s: float | None
    troubles: tuple[Note, ...]


@dataclass
class _Watched:
    root: Root
    mode: WatchMode
    events: RootEvents
    reachable: bool = True
    files: int = 0
    scanned_at: float | None = None
    troubles: tuple[Note, ...] = ()

    @property
    def base(self) -> str:
        return str(self.root.path)


def report_nowhere(trouble: Trouble) -> None:
    """Leave a trouble to `Watcher.health`, which shows it anyway."""
    del trouble


class Watcher:
    """Watches roots and hands each settled file on, once for each state it is in.

    Args:
        settle: knows when a file is whole; its clock is the watcher's.
        on_settled: takes a file over; when it raises, the file is offered again later and the error is reported.
        on_trouble: told of roots that go and come, unreadable folders, failed offers.
        clock: monotonic seconds.
        rescan_s: every root is read again in full this often.
        poll_s: how often roots without native events are compared.
    """

    def __init__(
        self,
        roots: Sequence[Root],
        settle: Settler,
        on_settled: Callable[[Pickup], None],
        *,
        clock: Callable[[], float],
        on_trouble: Callable[[Trouble], None] = report_nowhere,
        rescan_s: float = 60.0,
        poll_s: float = 10.0,
    ) -> None:
        self._settle = settle
        self._on_settled = on_settled
        self._on_trouble = on_trouble
        self._clock = clock
        self._rescan_s = rescan_s
        self._inbox = Inbox()
        self._watched = [self._watch(root, poll_s) for root in roots]
        self._next_rescan_at = clock()
        self._stopping = Event()
        self._thread: Thread | None = None

    def _watch(self, root: Root, poll_s: float) -> _Watched:
        absolute = replace(root, path=Path(os.path.abspath(root.path)))  # noqa: PTH100 - resolve() would follow links
        mode = mode_for(absolute)
        return _Watched(absolute, mode, RootEvents(str(absolute.path), mode, self._inbox, poll_s=poll_s))

    # --- running ------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Watch in a thread of its own until `stop`; the first rescan is made at once."""
        self._stopping.clear()
        self._thread = Thread(target=self._run, name="evidock-watch", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop watching; returns when the thread has ended. Files on their way are found again at the next start."""
        self._stopping.set()
        self._inbox.arrived.set()
        if self._thread:
            self._thread.join()
            self._thread = None
        for watched in self._watched:
            watched.events.detach()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self.tick(self._clock())
            self._inbox.arrived.wait(self._nap_s())
            self._stopping.wait(BREATH_S)

    def _nap_s(self) -> float:
        due_at = self._settle.next_due_at()
        wake_at = min(self._next_rescan_at, due_at if due_at is not None else self._next_rescan_at)
        return min(LONGEST_NAP_S, max(0.0, wake_at - self._clock()))

    # --- one round ----------------------------------------------------------------------------------------------------

    def tick(self, now: float) -> None:
        """Look where events point, rescan when it is time, and hand on what has settled by ``now``."""
        self._follow_events()
        if now >= self._next_rescan_at:
            self.rescan(now)
        for place, pickup in self._settle.tick(now):
            self._offer(place, pickup, now)
        for place in self._settle.drain_vanished():
            self._tell(place.native, note("intake.vanished", path=place.source_path, station=place.station))

    def rescan(self, now: float) -> None:
        """Read every root in full, and listen again where listening had stopped."""
        self._next_rescan_at = now + self._rescan_s
        for watched in self._watched:
            with self._guarded(watched.base):
                self._scan_root(watched, now)

    def take_again(self, station: StationId, source_path: str) -> bool:
        """Offer a file anew once it has settled again (it changed while it was read); return whether it is there."""
        found = False
        for watched in self._watched:
            native = native_of(watched.root, station, source_path)
            if native and os.path.lexists(native):
                self._settle.forget(native)
                self._inbox.put(touched=native)
                found = True
        return found

    def _follow_events(self) -> None:
        moved, touched, folders = self._inbox.take()
        for native in moved:
            self._settle.forget(native)
        for folder in folders:
            with self._guarded(folder):
                self._scan_folder(folder, _left_to_rescan)
        for native in touched:
            watched = self._root_of(native)
            if watched and native != watched.base:
                with self._guarded(native):
                    self._settle.touch(place_of(watched.root, native))

    def _root_of(self, native: str) -> _Watched | None:
        """Return the root a path lies below: the innermost, where one root lies in another."""
        holding = [each for each in self._watched if native.startswith(each.base.rstrip("/") + "/")]
        return max(holding, key=lambda each: len(each.base), default=None)

    def _offer(self, place: Place, pickup: Pickup, now: float) -> None:
        with self._guarded(place.native) as failures:
            self._on_settled(pickup)
        if failures:
            self._settle.refused(place, failures[0], now)
        else:
            self._settle.taken(place, pickup)

    # --- scanning -----------------------------------------------------------------------------------------------------

    def _scan_root(self, watched: _Watched, now: float) -> None:
        faults: list[Fault] = []
        troubles = self._listen(watched)
        present = self._scan_folder(watched.base, lambda path, error: faults.append((path, error)))
        missing = [error for path, error in faults if path == watched.base]
        if missing:
            troubles = [(_about("intake.root_missing", watched.base, missing[0]), missing[0])]
        else:
            watched.files = len(present)
            troubles += [(_about("intake.folder_unreadable", path, error), error) for path, error in faults]
        if not faults:
            watched.scanned_at = now
            self._settle.keep_only(watched.base, present)
        if not missing and not watched.reachable:
            self._tell(watched.base, note("intake.root_back", path=to_text(watched.base)))
        watched.reachable = not missing
        self._keep(watched, troubles)

    def _listen(self, watched: _Watched) -> list[tuple[Note, OSError]]:
        try:
            watched.events.attach()
        except OSError as error:
            return [(_about("intake.events_unavailable", watched.base, error), error)]
        return []

    def _keep(self, watched: _Watched, troubles: list[tuple[Note, OSError]]) -> None:
        """Keep what is wrong with a root now, and tell of what was not wrong before."""
        for what, error in troubles:
            if what not in watched.troubles:
                self._tell(watched.base, what, error)
        watched.troubles = tuple(what for what, _ in troubles)

    def _scan_folder(self, folder: str, on_fault: OnFault) -> set[str]:
        present = set()
        for native, found in scan(folder, on_fault):
            present.add(native)
            if self._settle.needs(native, found):
                watched = self._root_of(native)
                if watched:
                    self._settle.see(place_of(watched.root, native), found)
        return present

    # --- what people see ----------------------------------------------------------------------------------------------

    def health(self) -> Sequence[RootHealth]:
        """Return how each root is, in the order they were named."""
        now = self._clock()
        return [
            RootHealth(
                path=to_text(each.base),
                station=each.root.station,
                mode=each.mode,
                reachable=each.reachable,
                listening=each.events.is_attached,
                files=each.files,
                scanned_ago_s=None if each.scanned_at is None else now - each.scanned_at,
                troubles=each.troubles,
            )
            for each in self._watched
        ]

    def waiting(self) -> Sequence[Waiting]:
        """Return the files that are not handed on yet, with the reason."""
        return self._settle.waiting()

    def stations(self) -> tuple[StationId, ...]:
        """Return the stations that have a folder now."""
        return list_stations(each.root for each in self._watched)

    def _tell(self, native: str, what: Note, error: BaseException | None = None) -> None:
        self._on_trouble(Trouble(to_text(native), what, error))

    @contextmanager
    def _guarded(self, native: str) -> Iterator[list[Note]]:
        """Report what one file or root raises, and go on with the others: a watcher that ends strands every dock."""
        failures: list[Note] = []
        try:
            yield failures
        except Exception as error:  # noqa: BLE001 - on_settled is the caller's; reported, and the file offered again
            reason = str(error) if isinstance(error, EvidockError) else f"{type(error).__name__}: {error}"
            failures.append(note("intake.offer_failed", path=to_text(native), reason=reason))
            self._tell(native, failures[0], error)


def _about(code: str, native: str, error: OSError) -> Note:
    return note(code, path=to_text(native), reason=error.strerror or str(error))


def _left_to_rescan(path: str, error: OSError) -> None:
    """Pass over what a new folder does not let us read yet: the next rescan reports it if it stays so."""
    del path, error
