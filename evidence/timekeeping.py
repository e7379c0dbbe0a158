"""This machine's own clock: whether something keeps it, and whether it was moved while nobody was to move it.

Two clocks are read together: the wall clock, which people and programs may set, and a steady one that only counts
seconds. What the first gains on the second, beyond what a time service may slew, is a jump.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from evidence.custody import Actor, Entry, EventType, LedgerEntry
from evidence.zones import exact_iso, from_iso

SUBJECT = "clock"
"""Subject of the ledger entries about this machine's clock."""

JUMP_S = 1.0
"""What two looks may differ by; a leap second is no jump."""

SLEW = 500e-6
"""How fast a time service may lead a clock to the right time, in seconds a second. Source: adjtimex(2), 500 ppm."""

TOGETHER_S = 0.05
ATTEMPTS = 5


class Teller(StrEnum):
    """Who says whether the clock is kept."""

    KERNEL = "kernel"
    SYSTEMD = "systemd"
    NOBODY = "nobody"


@dataclass(frozen=True)
class Synchronisation:
    """Whether a time service keeps this machine's clock.

    Attributes:
        kept: None when nothing here tells.
        max_error_s: greatest error the kernel warrants; None while nothing keeps the clock, and when nobody tells.
    """

    kept: bool | None = None
    told_by: Teller = Teller.NOBODY
    max_error_s: float | None = None


@dataclass(frozen=True)
class Reading:
    """Both clocks at one moment."""

    wall: datetime
    steady_s: float


@dataclass(frozen=True)
class Jump:
    """A wall clock that was moved.

    Attributes:
        start: what it would show without the jump; end: what it showed instead.
        watched_s: seconds of the steady clock since the look before; None when nobody looked: the machine was off.
        number: of its ledger entry; None before it has one.
    """

    start: datetime
    end: datetime
    jump_s: float
    watched_s: float | None = None
    number: int | None = None


@dataclass(frozen=True)
class ClockHealth:
    """How this machine's clock stands. ``jumps``: the newest first. ``zone``: the machine's, for its own programs."""

    zone: str = ""
    synchronisation: Synchronisation = Synchronisation()
    jumps: Sequence[Jump] = ()


def read_together(wall: Callable[[], datetime], steady_s: Callable[[], float]) -> Reading:
    """Read both clocks within `TOGETHER_S` of each other; again when the process was held up in between."""
    before, at, after = steady_s(), wall(), steady_s()
    for _ in range(ATTEMPTS):
        if after - before <= TOGETHER_S:
            break
        before, at, after = steady_s(), wall(), steady_s()
    return Reading(at, (before + after) / 2)


def compare(anchor: Reading, now: Reading) -> tuple[Reading, Jump | None]:
    """Compare a look with the anchor, and return the next anchor and the jump between them, if it was one.

    The anchor follows the wall clock as far as a slew may go. So a clock that is led slowly is no jump, and small steps
    that follow one another add up to one.
    """
    passed_s = max(0.0, now.steady_s - anchor.steady_s)
    expected = anchor.wall + timedelta(seconds=passed_s)
    off_s = (now.wall - expected).total_seconds()
    slewed_s = min(max(off_s, -SLEW * passed_s), SLEW * passed_s)
    if abs(off_s - slewed_s) > JUMP_S:
        return now, Jump(expected, now.wall, round(off_s, 6), round(passed_s, 6))
    return Reading(expected + timedelta(seconds=slewed_s), now.steady_s), None


def set_back_before(now: datetime, newest: Iterable[LedgerEntry]) -> Jump | None:
    """Return the jump that the ledger shows at a start: entries from later than now; None when there are none.

    Args:
        now: by the wall clock.
        newest: entries, the newest first; looked at up to the last one about a jump.
    """
    latest: datetime | None = None
    for entry in newest:
        body = entry.body
        at = from_iso(str(body["at"]))
        latest = at if latest is None else max(latest, at)
        if body["event"] == EventType.CLOCK_JUMPED:
            break
    if latest is None or (back_s := (now - latest).total_seconds()) >= -JUMP_S:
        return None
    return Jump(latest, now, round(back_s, 6))


def jump_entry(jump: Jump, actor: Actor) -> Entry:
    """Return the ledger entry of a jump, at the time the clock shows after it."""
    detail = {
        "from_at": exact_iso(jump.start),
        "to_at": exact_iso(jump.end),
        "jump_s": jump.jump_s,
        "monotonic_s": jump.watched_s,
    }
    return Entry(EventType.CLOCK_JUMPED, actor, jump.end, SUBJECT, detail=detail)


def jump_of(entry: LedgerEntry) -> Jump:
    """Return the jump that `jump_entry` told of.

    Raises:
        LookupError, TypeError, ValueError: the entry tells of none.
    """
    detail = entry.body["detail"]
    if not isinstance(detail, dict):
        raise TypeError(f"ledger entry {entry.number} holds no detail")
    watched = detail["monotonic_s"]
    return Jump(
        from_iso(str(detail["from_at"])),
        from_iso(str(detail["to_at"])),
        float(detail["jump_s"]),
        None if watched is None else float(watched),
        entry.number,
    )
