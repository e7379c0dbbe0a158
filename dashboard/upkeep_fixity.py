"""Scheduled fixity checks: each slice recorded, what it found damaged mended or shown until it is."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

from dashboard.logs import LOG
from dashboard.upkeep_copy import MACHINE, Mender, sealed_size
from evidence.custody import Entry, EventType
from evidence.errors import EvidockError
from evidence.ids import Digest
from evidence.ports import LogStore, Vault, WallClock
from index.upkeep import FIXITY, UpkeepRegister
from storage.fixity import Checked, FixityCheck, Pace, Progress
from storage.local_vault import LocalVault

TRY_AGAIN_AFTER = timedelta(minutes=10)
"""How often the mending of what stays damaged is tried again: the second disk may be back."""


class FixityKeeper:
    """Reads originals again in the time between other work.

    Args:
        register: which originals should be there, and how far the cycle is. log: tells whether the vault is there.
        second: the second copy's originals, None while there are none. mender: mends what is found damaged.
        days: length of a cycle. clock_s: monotonic seconds.
    """

    def __init__(
        self,
        register: UpkeepRegister,
        vault: Vault,
        log: LogStore,
        second: Callable[[], LocalVault | None],
        mender: Mender,
        clock: WallClock,
        *,
        days: float,
        clock_s: Callable[[], float],
        pace: Pace,
    ) -> None:
        self._register = register
        self._log = log
        self._second = second
        self._mender = mender
        self._clock = clock
        self._try_again_at = clock()
        self._begin = partial(
            FixityCheck,
            vault,
            register.originals_after,
            days=days,
            clock_s=clock_s,
            second=second,
            is_gone=register.is_disposed,
            is_kept_back=mender.is_kept_back,
            pace=pace,
        )
        recorded = progress_of(register)
        self._check = self._begin(recorded or Progress(clock().replace(microsecond=0)))
        self._recorded = recorded

    def round(self) -> Checked | None:
        """Read what is due, record a slice that is complete and mend what it found; return it.

        Raises:
            EvidockError: register or vault refused; the slice is read again.
        """
        if not sealed_size(self._log):  # nothing is there yet, or the vault's disk is not: that is no damage
            return None
        checked = self._check.round(self._clock())
        if checked is not None:
            self._record(checked)
        elif self._check.progress != self._recorded:  # a new cycle has begun
            self._note(self._check.progress)
        self._try_again()
        return checked

    def close(self) -> None:
        """Record what was read to its end, and let go."""
        checked = self._check.close()
        if checked is not None:
            self._record(checked)

    def _record(self, checked: Checked) -> None:
        entry = Entry(EventType.CHECKED, MACHINE, self._clock(), detail=checked.as_detail())
        try:
            self._register.record_checked(entry)
        except EvidockError:
            self._check.close()
            self._check = self._begin(self._recorded or Progress(checked.cycle))
            raise
        self._recorded = self._check.progress
        for digest, condition in checked.bad:
            LOG.error("a fixity check found an original that is not whole", digest=digest, found=condition.value)
            self._mender.try_heal(digest)
        for digest, condition in checked.bad_copies:
            LOG.warning("a fixity check found a second copy that is not whole", digest=digest, found=condition.value)
            self._mender.try_mend_second(digest)

    def _note(self, progress: Progress) -> None:
        self._register.set_mark(FIXITY, round(progress.started_at.timestamp()), progress.last)
        self._recorded = progress

    def _try_again(self) -> None:
        now = self._clock()
        if now < self._try_again_at or self._second() is None:
            return
        self._try_again_at = now + TRY_AGAIN_AFTER
        for digest in self._register.damaged():
            self._mender.try_heal(Digest(digest))


def progress_of(register: UpkeepRegister) -> Progress | None:
    """Return how far the running cycle is, None before the first."""
    started, last = register.mark(FIXITY)
    return Progress(datetime.fromtimestamp(started, UTC), last) if started else None
