"""This machine's clock, watched for jumps while a home is served; the ledger keeps them."""

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from config.machine_zone import machine_zone
from config.system_clock import boot_id, steady_s, synchronisation
from dashboard.logs import LOG
from dashboard.wiring import House, utc_now
from evidence.custody import Entry
from evidence.timekeeping import (
    SUBJECT,
    ClockHealth,
    Jump,
    Reading,
    compare,
    jump_entry,
    jump_of,
    read_together,
    set_back_before,
)
from evidence.views import Library
from evidence.zones import exact_iso, from_iso, to_utc_iso
from index.upkeep import UpkeepRegister
from ingest.pipeline_stages import MACHINE

EVERY_S = 5.0
"""How often the two clocks are compared."""

LOOKED_BACK = 1000
"""Entries looked at when a start asks whether the clock was set back meanwhile."""

SHOWN_JUMPS = 10


def read_clocks() -> Reading:
    """Read this machine's wall clock and its steady one."""
    return read_together(utc_now, steady_s)


class ClockMemory:
    """The last look at both clocks, in a file that the next start reads; worth something until the machine boots."""

    def __init__(self, file: Path, boot: str) -> None:
        """Remember in ``file``; ``boot`` names the boot that the steady clock counts from, empty when nothing does."""
        self._file = file
        self._boot = boot

    def recall(self) -> Reading | None:
        """Return the last look of this boot; None when there was none, or it cannot be read."""
        try:
            said = json.loads(self._file.read_bytes())
            same = bool(self._boot) and said["boot"] == self._boot
            return Reading(from_iso(str(said["wall"])), float(said["steady_s"])) if same else None
        except (OSError, LookupError, TypeError, ValueError):
            return None

    def keep(self, reading: Reading) -> None:
        """Remember a look. On a full disk nothing is remembered, and the next start knows only the ledger."""
        body = {"boot": self._boot, "wall": exact_iso(reading.wall), "steady_s": reading.steady_s}
        fresh = self._file.with_suffix(".new")
        with suppress(OSError):
            fresh.write_text(json.dumps(body), encoding="ascii")
            fresh.replace(self._file)


class Timekeeper:
    """Compares the two clocks now and then and has ``append`` record what is no slew; `tick` is a round.

    A jump is remembered as seen only after it is written: killed in between, the next start tells it once more.
    """

    def __init__(
        self,
        library: Library,
        append: Callable[[Entry], object],
        memory: ClockMemory,
        read: Callable[[], Reading] = read_clocks,
    ) -> None:
        """Begin to watch; what happened to the clock while nobody did is recorded by the first `tick`."""
        self._append = append
        self._memory = memory
        self._read = read
        self._anchor, missed = _begun(library, memory.recall(), read())
        self._waiting = [missed] if missed else []

    def tick(self) -> None:
        """Look once.

        Raises:
            EvidockError: a jump cannot be written into the ledger; it waits.
        """
        self._anchor, jump = compare(self._anchor, self._read())
        if jump:
            self._waiting.append(jump)
        while self._waiting:
            found = self._waiting[0]
            self._append(jump_entry(found, MACHINE))
            del self._waiting[0]
            LOG.warning("the system clock jumped", jump_s=found.jump_s, shown=to_utc_iso(found.end))
        self._memory.keep(self._anchor)


def _begun(library: Library, last: Reading | None, now: Reading) -> tuple[Reading, Jump | None]:
    """Return the anchor of a start, and the jump since the last look of this boot, else what the ledger shows."""
    anchor, missed = compare(last, now) if last and last.steady_s <= now.steady_s else (now, None)
    return anchor, missed or set_back_before(now.wall, reversed(library.ledger(limit=LOOKED_BACK, newest=True)))


def timekeeper_of(house: House) -> Timekeeper:
    """Return what watches the clock for a house."""
    memory = ClockMemory(house.home.work / "clock.json", boot_id())
    return Timekeeper(house.library, UpkeepRegister(house.register).append, memory)


def clock_health(library: Library) -> ClockHealth:
    """Return how this machine's clock stands, with the newest jumps that the ledger keeps."""
    told = library.ledger(subject=SUBJECT, limit=SHOWN_JUMPS, newest=True)
    return ClockHealth(machine_zone(), synchronisation(), tuple(jump_of(entry) for entry in reversed(told)))
