"""What the operating system tells of its clocks: a steady one, and whether something keeps the wall clock."""

import ctypes
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from evidence.timekeeping import Synchronisation, Teller

SYSTEMD_MARK = Path("/run/systemd/timesync/synchronized")
"""Made by systemd-timesyncd when it first sets the clock after a boot. Source: systemd-timesyncd.service(8)."""

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
"""Another one after each boot, from which the steady clock counts. Source: random(4)."""

_TIME_ERROR = 5
_STA_UNSYNC = 0x0040
_MICROSECONDS = 1_000_000
_ROOM = 64


class _Timex(ctypes.Structure):
    """The head of the kernel's ``struct timex``, and room for the rest of it. Source: linux/timex.h."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_long * _ROOM),
    )


@dataclass(frozen=True)
class KernelClock:
    """What adjtimex(2) says: its state, status bits, and the greatest error in microseconds."""

    state: int
    status: int
    max_error_us: int


def steady_s() -> float:
    """Return seconds that only ever grow, also while the machine sleeps where its kernel counts that."""
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime(clock)


def boot_id(file: Path = BOOT_ID) -> str:
    """Return what tells this boot of the machine from every other; empty where nothing does."""
    try:
        return file.read_text("ascii").strip()
    except OSError:
        return ""


def ask_kernel() -> KernelClock | None:
    """Read the kernel's clock discipline and change nothing; None where that cannot be asked (no Linux, a sandbox)."""
    if sys.platform != "linux":
        return None
    said = _Timex()
    state = int(ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(said)))
    return KernelClock(state, said.status, said.maxerror) if state >= 0 else None


def synchronisation(ask: Callable[[], KernelClock | None] = ask_kernel, mark: Path = SYSTEMD_MARK) -> Synchronisation:
    """Return whether the wall clock is kept: as the kernel says, else as systemd noted; unknown when neither tells."""
    said = ask()
    if said is None:
        return Synchronisation(kept=True, told_by=Teller.SYSTEMD) if mark.exists() else Synchronisation()
    kept = said.state != _TIME_ERROR and not said.status & _STA_UNSYNC
    return Synchronisation(kept, Teller.KERNEL, said.max_error_us / _MICROSECONDS if kept else None)
