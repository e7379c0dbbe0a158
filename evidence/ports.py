"""The ports: what core and pipeline ask of the rooms; each room implements its own, the wiring hands them out."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import PurePath
from typing import BinaryIO, Protocol

from evidence.cases import Case, Step
from evidence.claims import Claims
from evidence.clips import Derivation, Measurement, Role, Sighting
from evidence.custody import Actor, Entry
from evidence.documents import Document
from evidence.ids import CaseNo, DeviceId, Digest, StationId
from evidence.notes import Note
from evidence.people import Assignment, Device, Officer
from evidence.sound import NoSoundOffset, SoundComparison, SoundOffset, SoundQuestion

Report = Callable[[float], None]
"""Called with the share done, 0–1, never decreasing."""

Cancelled = Callable[[], bool]
"""Asked now and then by long work; True means: stop, clean up, raise MediaCancelledError."""


class WallClock(Protocol):
    """The time of this machine. Injected, so that tests need not wait."""

    def __call__(self) -> datetime:
        """Return now in UTC."""
        ...


# --- vault -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SealedObject:
    """What the vault says after sealing. ``already_there``: the same bytes had been sealed before."""

    digest: Digest
    size_bytes: int
    already_there: bool


@dataclass(frozen=True)
class Lock:
    """What keeps an original from being removed.

    Attributes:
        until: retention, UTC; None when there is none.
        held: whether a legal hold is on.
    """

    until: datetime | None
    held: bool


class Staging(Protocol):
    """A file on its way into the vault: written once, front to back, then sealed or abandoned."""

    def write(self, chunk: bytes | bytearray | memoryview) -> None:
        """Append bytes; a buffer is free for reuse when this returns.

        Raises:
            StorageFullError: the disk is full; nothing of this file stays.
        """
        ...

    def seal(self) -> SealedObject:
        """Flush to the disk, make read-only, and give the bytes their name, SHA-256. Idempotent for the same bytes."""
        ...


class Vault(Protocol):
    """Write-once, content-addressed store of originals and records."""

    def stage(self, expected_bytes: int = 0) -> AbstractContextManager[Staging]:
        """Open a staging; leaving it unsealed abandons it and removes its scratch file.

        Raises:
            StorageFullError: ``expected_bytes`` do not fit; nothing was written.
        """
        ...

    def put_record(self, folder: str, name: str, body: bytes) -> Digest:
        """Create ``records/<folder>/<name>`` exclusively, with fsync of file and folder; same bytes again are fine.

        Raises:
            ObjectConflictError: a record of that name has other bytes.
        """
        ...

    def record(self, folder: str, name: str) -> bytes:
        """Return the bytes of one record.

        Raises:
            NotFoundError: no such record.
        """
        ...

    def records(self, folder: str) -> Iterator[tuple[str, bytes]]:
        """Iterate over name and bytes of the records of a folder, in order of name."""
        ...

    def has(self, digest: Digest) -> bool:
        """Whether an original of this digest is sealed."""
        ...

    def locate(self, digest: Digest) -> PurePath:
        """Return where the original can be read on this machine.

        Raises:
            NotFoundError: no such original.
        """
        ...

    def open(self, digest: Digest) -> BinaryIO:
        """Open the original for reading.

        Raises:
            NotFoundError: no such original.
        """
        ...

    def originals(self) -> Iterator[Digest]:
        """Iterate over all sealed originals in order of digest."""
        ...

    def lock_of(self, digest: Digest) -> Lock:
        """Return the lock of an original, read back from the storage.

        Raises:
            NotFoundError: no such original.
        """
        ...

    def retain(self, digest: Digest, until: datetime) -> Lock:
        """Keep an original at least until ``until``; an earlier time changes nothing. Return the lock as read back.

        Raises:
            NotFoundError: no such original. IntegrityError: the storage did not keep what was asked.
        """
        ...

    def hold(self, digest: Digest, *, on: bool) -> Lock:
        """Set or lift the legal hold of an original. Return the lock as read back. Raises as `retain` does."""
        ...

    def dispose(self, digest: Digest, at: datetime) -> None:
        """Remove an original for good. Whether that is lawful was decided before; the lock is looked at again here.

        Raises:
            LockedError: it is held, or to be kept beyond ``at``; nothing was removed. NotFoundError: no such original.
        """
        ...


class LogStore(Protocol):
    """Where the sealed ledger lies: paths as in docs/ledger-format.md, below ``ledger/``."""

    def create(self, path: str, body: bytes) -> None:
        """Create an object that never changes, flushed; the same bytes again are fine.

        Raises:
            ObjectConflictError: it has other bytes. StorageFullError, StorageError.
        """
        ...

    def replace(self, path: str, body: bytes) -> None:
        """Make ``path`` hold ``body``, flushed; a reader sees the old bytes or the new ones, whole."""
        ...

    def drop(self, path: str) -> None:
        """Remove a partial tile or bundle that a newer one has made superfluous; nothing else can be removed."""
        ...

    def read(self, path: str) -> bytes:
        """Return the bytes of an object.

        Raises:
            NotFoundError: no such object.
        """
        ...

    def paths(self, below: str) -> Iterator[str]:
        """Iterate over the paths of all objects below a folder (``tile``, ``cosigned``), in order."""
        ...


class DerivativeStore(Protocol):
    """Content-addressed derivatives beside the vault: regenerable, no lock."""

    def publish(self, produced: PurePath) -> tuple[Digest, int]:
        """Move a finished scratch file in under its SHA-256 (atomic, idempotent); return digest and size in bytes."""
        ...

    def locate(self, digest: Digest) -> PurePath:
        """Return where the derivative can be read.

        Raises:
            NotFoundError: no such derivative: derive it again.
        """
        ...


# --- transcode -------------------------------------------------------------------------------------------------------


class Prober(Protocol):
    """Measures a file without changing it."""

    def measure(self, path: PurePath) -> Measurement:
        """Say what the bytes are; a damaged or foreign file is a result, never an exception.

        Raises:
            ToolMissingError: ffprobe is not there.
        """
        ...


@dataclass(frozen=True)
class Produced:
    """A derivative in scratch, not yet published."""

    role: Role
    path: PurePath
    media_type: str
    parameters: dict[str, str] = field(default_factory=dict)


class Deriver(Protocol):
    """Makes what a browser needs, and looks at quality, in one decode."""

    def derive(
        self,
        path: PurePath,
        parent: Digest,
        measured: Measurement,
        scratch: PurePath,
        report: Report,
        cancelled: Cancelled,
    ) -> Derivation:
        """Make proxy (only when the original does not play), poster, sprite + cues, waveform; find black/frozen/silent.

        Publishes through the `DerivativeStore` it was built with. Everything in ``scratch`` is its own to leave behind.

        Raises:
            MediaTimeoutError: the cage's time was up. MediaCancelledError: ``cancelled`` said so.
            MediaError: the tool failed in a way that may pass (killed, disk full); a damaged file is a result instead.
        """
        ...


class SoundComparer(Protocol):
    """Finds by their sound how two clips lie to each other in time."""

    def offset(
        self,
        path_a: PurePath,
        path_b: PurePath,
        *,
        expected_s: float,
        within_s: float,
        report: Report,
        cancelled: Cancelled,
    ) -> SoundOffset | NoSoundOffset:
        """Return when b begins after a, given that it is ``expected_s`` ± ``within_s``; doubt is a reason, no offset.

        Raises:
            ToolMissingError: ffmpeg or ffprobe is not there.
            MediaTimeoutError: the cage's time was up. MediaCancelledError: ``cancelled`` said so.
            MediaError: the tool failed in a way that may pass (killed, disk full).
        """
        ...


# --- register --------------------------------------------------------------------------------------------------------


class Transaction(Protocol):
    """An open register transaction, opaque to everybody but the register: all of it commits, or nothing."""


class PickupState(StrEnum):
    """How far a watched file is on its way into the vault."""

    SETTLING = "settling"
    WAITING = "waiting"  # handed to the pipeline, not yet sealed
    SEALED = "sealed"
    SEEN_AGAIN = "seen_again"
    FAILED = "failed"


@dataclass(frozen=True)
class Pickup:
    """A file at a dock that is to be sealed.

    Attributes:
        key: idempotency key: digest of station, root, path, size and mtime.
        root: the watched root's absolute path; source_path: below it.
    """

    key: str
    station: StationId
    root: str
    source_path: str
    size_bytes: int
    mtime_ns: int


@dataclass(frozen=True)
class Scope:
    """What a review has to look at again. ``everything`` overrides the rest."""

    clips: frozenset[Digest] = frozenset()
    cases: frozenset[CaseNo] = frozenset()
    devices: frozenset[DeviceId] = frozenset()
    everything: bool = False


class Intakes(Protocol):
    """The pipeline's writing side of the register. Every method appends its ledger entry in the same transaction."""

    def note_pickup(
        self, tx: Transaction, pickup: Pickup, state: PickupState, reason: Note | None, at: datetime
    ) -> None:
        """Record how far a watched file is; the same key again moves its state."""
        ...

    def pickup_state(self, tx: Transaction, key: str) -> PickupState | None:
        """Return how far a watched file is, None when nobody has handed it in."""
        ...

    def record_sealed(self, tx: Transaction, pickup: Pickup, sighting: Sighting, claims: Claims, actor: Actor) -> bool:
        """Record the sighting with the claims of its path; return False when the original was known (seen again)."""
        ...

    def record_measured(
        self, tx: Transaction, digest: Digest, measured: Measurement, claims: Claims, actor: Actor, at: datetime
    ) -> None:
        """Record what was measured of an original, and the claims read inside it."""
        ...

    def record_derived(
        self, tx: Transaction, digest: Digest, derivation: Derivation, actor: Actor, at: datetime
    ) -> None:
        """Record what was derived from an original; a failure mark of an earlier try goes."""
        ...

    def record_failure(
        self, tx: Transaction, digest: Digest, stage: str, reason: Note, actor: Actor, at: datetime
    ) -> None:
        """Record that a stage gave up on a clip, visibly and retryably; the clip keeps its state."""
        ...

    def clear_failure(self, tx: Transaction, digest: Digest, actor: Actor, at: datetime) -> None:
        """Take the failure mark away because the clip is tried again; a clip that has not failed stays as it is."""
        ...

    def append(self, tx: Transaction, entry: Entry) -> int:
        """Append a ledger entry and return its number."""
        ...


class SoundMatches(Protocol):
    """Which clips are to be compared by their sound, and what came of it."""

    def wanted(self, tx: Transaction, digest: Digest) -> Sequence[tuple[Digest, Digest, str]]:
        """Return the few pairs with this clip that are to be compared, and the name of the attempt at each.

        The name is the same as long as the same would be asked, so that a pair handed in twice is compared once.
        """
        ...

    def question(self, tx: Transaction, a: Digest, b: Digest) -> SoundQuestion | None:
        """Return what is asked of a pair by the clocks as they are judged now; None when it is not wanted any more."""
        ...

    def record_compared(self, tx: Transaction, compared: SoundComparison, actor: Actor, at: datetime) -> Scope:
        """Record a comparison with its ledger entry, once; return what has to be reviewed, nothing when it stood."""
        ...


class Reviewer(Protocol):
    """The one way to a finding: judge clocks, identify, match, audit, reconcile findings."""

    def review(self, tx: Transaction, scope: Scope, actor: Actor, at: datetime) -> None:
        """Bring identity, links, step states and findings of the scope up to date."""
        ...

    def settle(self, tx: Transaction, station: StationId, actor: Actor, at: datetime) -> None:
        """Review what waited for a dock, once nothing of it is on its way any more."""
        ...

    def due(self, tx: Transaction, at: datetime) -> Scope:
        """Return what has to be reviewed because time has passed."""
        ...


class Records(Protocol):
    """Imported agency records; a changed row replaces the earlier one, the record file itself stays in the vault."""

    def put_officers(self, tx: Transaction, officers: Collection[Officer]) -> Scope:
        """Store officers; return what has to be reviewed again. The others below do the same for their noun."""
        ...

    def put_devices(self, tx: Transaction, devices: Collection[Device]) -> Scope: ...
    def put_assignments(self, tx: Transaction, assignments: Collection[Assignment]) -> Scope: ...
    def put_cases(self, tx: Transaction, cases: Collection[Case]) -> Scope: ...
    def put_steps(self, tx: Transaction, steps: Collection[Step]) -> Scope: ...
    def put_documents(self, tx: Transaction, documents: Collection[Document]) -> Scope: ...
