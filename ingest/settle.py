"""When a watched file is whole: nothing happened to it for a while, and each look at it finds the same.

A file is taken when no event came for the quiet period, its size and modification time did not change between two looks
that far apart, it still is a regular file below its root, its name is not that of an unfinished file, and nobody has it
open for writing where the system can tell. Only looks are compared, never a modification time with this machine's
clock, so a camera whose clock runs ahead settles like any other.

`Settler.tick` is the whole logic, as a function of the time it is given.
"""

import os
import stat
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from threading import RLock

from evidence.notes import Note, note
from evidence.ports import Pickup
from ingest.names import Standing, standing_of
from ingest.pickups import Version, pickup_from, version_of
from ingest.stations import Place
from ingest.writers import Writing, WritingProbe, is_written

Known = Callable[[Pickup], bool]
"""Whether the register has this pickup already, so that a restart does not offer it again."""


def nothing_known(pickup: Pickup) -> bool:
    """Stand in for a register that is empty."""
    del pickup
    return False


@dataclass(frozen=True)
class Waiting:
    """A file that is not taken yet, and why: ``intake.settling``, ``intake.open_for_writing`` or another note."""

    place: Place
    reason: Note


@dataclass
class _Track:
    place: Place
    version: Version
    due_at: float
    reason: Note


class Settler:
    """Tracks files until they are whole; thread-safe.

    Args:
        quiet_s: how long nothing may have changed, seconds.
        clock: monotonic seconds.
        known: asked once for each new state of a file.
        retry_s: how long a file waits before it is offered again after a failed offer, seconds.
    """

    def __init__(
        self,
        *,
        quiet_s: float = 5.0,
        clock: Callable[[], float],
        known: Known = nothing_known,
        written: WritingProbe = is_written,
        retry_s: float = 60.0,
    ) -> None:
        self._quiet_s = quiet_s
        self._clock = clock
        self._known = known
        self._written = written
        self._retry_s = retry_s
        self._lock = RLock()
        self._tracks: dict[str, _Track] = {}
        self._taken: dict[str, Version] = {}
        self._unfinished: dict[str, Place] = {}
        self._vanished: list[Place] = []

    # --- what is seen -----------------------------------------------------------------------------------------------

    def needs(self, native: str, found: os.stat_result) -> bool:
        """Whether a file that a scan met has anything new to say; the cheap question before `see`."""
        return native not in self._tracks and self._taken.get(native) != version_of(found)

    def see(self, place: Place, found: os.stat_result) -> None:
        """A scan met a file; one that is on its way, or was taken as it is now, is left alone."""
        with self._lock:
            if not stat.S_ISREG(found.st_mode) or not self.needs(place.native, found):
                return
            standing = standing_of(place.source_path)
            if standing is Standing.UNFINISHED:
                self._unfinished[place.native] = place
            elif standing is Standing.FOOTAGE:
                self._consider(place, found)

    def touch(self, place: Place) -> None:
        """An event says that something happened to a file: look at it, and start its quiet period anew."""
        with self._lock:
            try:
                found = os.lstat(place.native)
            except OSError:
                if place.native not in self._tracks:  # one that is tracked is missed at its next look
                    self.forget(place.native)
                return
            self.see(place, found)
            track = self._tracks.get(place.native)
            if track:
                self._begin(track, version_of(found))

    def forget(self, native: str) -> None:
        """A file has no longer this name: it was moved, or is wanted again whatever it was before."""
        with self._lock:
            self._tracks.pop(native, None)
            self._taken.pop(native, None)
            self._unfinished.pop(native, None)

    def keep_only(self, below: str, present: Collection[str]) -> None:
        """After a complete scan of the folder ``below``: forget what was taken there and is gone."""
        prefix = below.rstrip("/") + "/"
        with self._lock:
            for native in (*self._taken, *self._unfinished):
                if native.startswith(prefix) and native not in present and native not in self._tracks:
                    self.forget(native)

    # --- what has settled ---------------------------------------------------------------------------------------------

    def tick(self, now: float) -> tuple[tuple[Place, Pickup], ...]:
        """Return the files that are whole now; each has to be answered with `taken` or `refused`."""
        with self._lock:
            due = [track for track in self._tracks.values() if track.due_at <= now]
            return tuple(settled for track in due for settled in self._look(track, now))

    def taken(self, place: Place, pickup: Pickup) -> None:
        """The offer was accepted: this state of the file is not offered again."""
        with self._lock:
            self._tracks.pop(place.native, None)
            self._taken[place.native] = (pickup.size_bytes, pickup.mtime_ns)

    def refused(self, place: Place, reason: Note, now: float) -> None:
        """The offer failed: the file is offered again after ``retry_s``, and shown with the reason until then."""
        with self._lock:
            track = self._tracks.get(place.native)
            if track:
                track.due_at, track.reason = now + self._retry_s, reason

    # --- what people see ----------------------------------------------------------------------------------------------

    def waiting(self) -> Sequence[Waiting]:
        """Return what is not taken yet, with the reason, in order of place."""
        with self._lock:
            tracked = [Waiting(track.place, track.reason) for track in self._tracks.values()]
            unfinished = [Waiting(place, note("intake.unfinished_name")) for place in self._unfinished.values()]
        return sorted((*tracked, *unfinished), key=lambda waiting: waiting.place)

    def drain_vanished(self) -> tuple[Place, ...]:
        """Return, once, the files that went away before they could be taken."""
        with self._lock:
            gone, self._vanished = tuple(self._vanished), []
        return gone

    def next_due_at(self) -> float | None:
        """Return when `tick` has something to look at next, in the clock's seconds."""
        with self._lock:
            return min((track.due_at for track in self._tracks.values()), default=None)

    # ------------------------------------------------------------------------------------------------------------------

    def _consider(self, place: Place, found: os.stat_result) -> None:
        version = version_of(found)
        if self._known(pickup_from(place.station, place.root, place.source_path, found)):
            self._taken[place.native] = version
            return
        track = _Track(place, version, 0.0, note("intake.settling", quiet_s=self._quiet_s))
        self._begin(track, version)
        self._tracks[place.native] = track

    def _begin(self, track: _Track, version: Version) -> None:
        track.version = version
        track.due_at = self._clock() + self._quiet_s
        track.reason = note("intake.settling", quiet_s=self._quiet_s)

    def _look(self, track: _Track, now: float) -> Iterator[tuple[Place, Pickup]]:
        place = track.place
        found = _stat_inside(place)
        if found is None or not stat.S_ISREG(found.st_mode):
            self._vanished.append(place)
            self.forget(place.native)
        elif version_of(found) != track.version:
            self._begin(track, version_of(found))
        elif self._written(place.native) is Writing.YES:
            track.due_at, track.reason = now + self._quiet_s, note("intake.open_for_writing")
        else:
            track.due_at, track.reason = now + self._retry_s, note("intake.offered")
            yield place, pickup_from(place.station, place.root, place.source_path, found)


def _stat_inside(place: Place) -> os.stat_result | None:
    """Look at the file itself; None when it is gone, or when a link on the way leads elsewhere."""
    parent = place.native.rpartition("/")[0]
    try:
        found = os.lstat(place.native)
    except OSError:
        return None
    straight = os.path.realpath(place.base) + parent[len(place.base) :]
    return found if os.path.realpath(parent) == straight else None
