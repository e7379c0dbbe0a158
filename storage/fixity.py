"""Fixity checks: originals read again, in order of digest, so that each is read once in so many days.

Digests are spread evenly, so the digest up to which a cycle should have come by now is the share of its days that has
passed: no list is kept, a machine that was off knows how far it is behind, and catches up as fast as `Pace` lets it.
A long original is read over several rounds; what a stopped process had read of it is read again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from evidence.ids import Digest
from evidence.ports import Vault
from evidence.zones import exact_iso
from storage.examination import CHUNK_BYTES, Condition, Examination

SLICE_BYTES = 1 << 30
SLICE_LASTS = timedelta(hours=1)
LISTED_AT_ONCE = 200
LAST = "f" * 64
"""No digest is greater."""


# --- how far, how fast ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Progress:
    """How far a cycle is. ``last``: digest of the last original that was read, empty at its start."""

    started_at: datetime
    last: str = ""


def due_until(progress: Progress, now: datetime, days: float) -> str:
    """Return the digest up to which originals should have been read by now."""
    share = (now - progress.started_at) / timedelta(days=days)
    if share >= 1:
        return LAST
    return f"{int(max(share, 0.0) * 2**64):016x}" + "0" * 48


def share_done(progress: Progress) -> float:
    """Return how much of a cycle is done, 0–1."""
    return int((progress.last or "0")[:16].ljust(16, "0"), 16) / 2**64


@dataclass(frozen=True)
class Pace:
    """How much a round may read, so that taking files in is not starved.

    Attributes:
        bytes_per_s: while it reads. share: of the time between two rounds. longest_s: time between two that counts.
    """

    bytes_per_s: float = 50e6
    share: float = 0.2
    longest_s: float = 10.0

    def seconds(self, since_last_s: float) -> float:
        """Return how long a round may last."""
        return self.share * min(max(since_last_s, 0.0), self.longest_s)

    def bytes(self, since_last_s: float) -> int:
        """Return how much it may read."""
        return int(self.bytes_per_s * self.seconds(since_last_s))


# --- the check --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Checked:
    """A slice that was read: what its ledger entry tells.

    Attributes:
        cycle: when the cycle it belongs to began.
        first, last: digests; count, read_bytes: of originals, without their second copies.
        bad: what is wrong with which original; bad_copies: the same of the second copy.
    """

    cycle: datetime
    first: Digest
    last: Digest
    count: int
    read_bytes: int
    bad: tuple[tuple[Digest, Condition], ...] = ()
    bad_copies: tuple[tuple[Digest, Condition], ...] = ()

    def as_detail(self) -> dict[str, object]:
        """Return the detail of its ledger entry."""
        return {
            "cycle": exact_iso(self.cycle),
            "first": self.first,
            "last": self.last,
            "count": self.count,
            "bytes": self.read_bytes,
            "damaged": [digest for digest, _ in self.bad],
            "damaged_copies": [digest for digest, _ in self.bad_copies],
        }


Listing = Callable[[str, str, int], Sequence[tuple[Digest, int]]]
"""Originals that should be there, with size: after a digest, up to and with another, at most so many, in order."""


@dataclass
class _Slice:
    began_at: datetime
    first: Digest
    last: Digest = field(default=Digest(""))
    count: int = 0
    read_bytes: int = 0
    bad: list[tuple[Digest, Condition]] = field(default_factory=list)
    bad_copies: list[tuple[Digest, Condition]] = field(default_factory=list)


class FixityCheck:
    """Reads originals again, and their second copies where there are any.

    Args:
        vault: where they lie.
        listing: which should be there.
        progress: how far the cycle is, as the last recorded slice tells.
        days: length of a cycle.
        clock_s: monotonic seconds.
        second: the second copy as it is now, None while there is none or its disk is away.
        is_kept_back: whether an original must not be in the second copy, so that its absence there is no damage.
        is_gone: whether an original that is not there was disposed of.
        pace: how much a round may read.
    """

    def __init__(  # noqa: PLR0913 - a cycle has that many sides, and each is named where it is made
        self,
        vault: Vault,
        listing: Listing,
        progress: Progress,
        *,
        days: float,
        clock_s: Callable[[], float],
        second: Callable[[], Vault | None] = lambda: None,
        is_gone: Callable[[Digest], bool] = lambda _digest: False,
        is_kept_back: Callable[[Digest], bool] = lambda _digest: False,
        pace: Pace = Pace(),
    ) -> None:
        self._vault = vault
        self._listing = listing
        self.progress = progress
        self._days = days
        self._clock_s = clock_s
        self._second = second
        self._is_gone = is_gone
        self._is_kept_back = is_kept_back
        self._pace = pace
        self._last_round_s = clock_s() - pace.longest_s
        self._slice: _Slice | None = None
        self._waiting: list[Digest] = []
        self._reading: tuple[Digest, Vault, Examination] | None = None

    def round(self, now: datetime) -> Checked | None:
        """Read what is due, for as long as the pace allows; return a slice that is complete, to be recorded at once.

        ``progress`` is that of the slice when it is returned; before, it stays that of the one recorded last.
        """
        allowed_bytes, deadline_s = self._allowance()
        while allowed_bytes > 0 and self._clock_s() < deadline_s and not self._is_full(now):
            if self._reading is None and not self._take_next(now):
                break
            allowed_bytes -= self._read(min(allowed_bytes, CHUNK_BYTES))
        return self._closed(now)

    def close(self) -> Checked | None:
        """Let go of what is being read; return what was read to its end, to be recorded."""
        if self._reading is not None:
            self._reading[2].close()
            self._reading = None
        return self.finished()

    # --- one after the other ------------------------------------------------------------------------------------------

    def _allowance(self) -> tuple[int, float]:
        now_s = self._clock_s()
        since_s, self._last_round_s = now_s - self._last_round_s, now_s
        return self._pace.bytes(since_s), now_s + self._pace.seconds(since_s)

    def _take_next(self, now: datetime) -> bool:
        """Begin with the next original that is due; False when none is."""
        if not self._waiting:
            after = self._slice.last if self._slice else self.progress.last
            until = due_until(self.progress, now, self._days)
            self._waiting = [digest for digest, _ in self._listing(after, until, LISTED_AT_ONCE)]
        if not self._waiting:
            self._begin_again(now)
            return False
        digest = self._waiting.pop(0)
        self._slice = self._slice or _Slice(now, digest)
        self._reading = (digest, self._vault, Examination(self._vault, digest))
        return True

    def _begin_again(self, now: datetime) -> None:
        """Begin a new cycle when this one has come to its end in time; one that is late began the next by ending."""
        if self._slice is None and due_until(self.progress, now, self._days) == LAST:
            self.progress = Progress(now.replace(microsecond=0))

    def _read(self, most_bytes: int) -> int:
        assert self._reading is not None  # noqa: S101 - the loop took it
        digest, vault, examination = self._reading
        read_bytes = examination.advance(most_bytes)
        if examination.condition is not None:
            self._reading = self._after(digest, vault, examination)
        return max(read_bytes, 1)

    def _after(
        self, digest: Digest, vault: Vault, examination: Examination
    ) -> tuple[Digest, Vault, Examination] | None:
        """Note how an original, or its copy, was found; return what is to be read next: the copy, or nothing."""
        part, condition = self._slice, examination.condition
        assert part is not None and condition is not None  # noqa: S101, PT018 - made with the reading
        if condition is Condition.MISSING and self._is_gone(digest):
            condition = Condition.WHOLE
        if vault is not self._vault:
            part.bad_copies += [(digest, condition)] if condition is not Condition.WHOLE else []
            part.last = digest
            return None
        part.count += 1
        part.read_bytes += examination.done_bytes
        part.bad += [(digest, condition)] if condition is not Condition.WHOLE else []
        second = self._second()
        if second is not None and (second.has(digest) or not self._is_kept_back(digest)):
            return digest, second, Examination(second, digest)
        part.last = digest
        return None

    def _is_full(self, now: datetime) -> bool:
        part = self._slice
        if part is None or self._reading is not None or not part.last:
            return False
        wrong = bool(part.bad or part.bad_copies)
        return wrong or part.read_bytes >= SLICE_BYTES or now - part.began_at >= SLICE_LASTS

    def _closed(self, now: datetime) -> Checked | None:
        part = self._slice
        if part is None or self._reading is not None or not part.last:
            return None
        return self.finished() if self._is_full(now) or self._is_at_end(part.last, now) else None

    def finished(self) -> Checked | None:
        """Return what was read to its end and is not recorded yet, whatever its size; None when nothing is."""
        part, self._slice = self._slice, None
        if part is None or not part.last:
            return None
        started, self.progress = self.progress.started_at, Progress(self.progress.started_at, part.last)
        found = (tuple(part.bad), tuple(part.bad_copies))
        return Checked(started, part.first, part.last, part.count, part.read_bytes, *found)

    def _is_at_end(self, last: str, now: datetime) -> bool:
        return (
            not self._waiting and due_until(self.progress, now, self._days) == LAST and not self._listing(last, LAST, 1)
        )
