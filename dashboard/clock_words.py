"""How this machine's clock stands, in words, JSON and figures."""

from collections.abc import Mapping

from dashboard.texts import Texts
from evidence.notes import Note, note
from evidence.timekeeping import ClockHealth, Jump, Synchronisation
from evidence.zones import to_utc_iso


def clock_json(health: ClockHealth) -> dict[str, object]:
    """Return the documented JSON of it."""
    kept = health.synchronisation
    return {
        "zone": health.zone,
        "synchronised": kept.kept,
        "told_by": kept.told_by.value,
        "max_error_s": kept.max_error_s,
        "jumps": [
            {
                "number": jump.number,
                "from_at": to_utc_iso(jump.start),
                "to_at": to_utc_iso(jump.end),
                "jump_s": jump.jump_s,
                "monotonic_s": jump.watched_s,
            }
            for jump in health.jumps
        ],
    }


def kept_note(said: Synchronisation) -> Note:
    """Return the sentence whether the clock is kept."""
    if said.kept is None:
        return note("timekeeping.unknown")
    if not said.kept:
        return note("timekeeping.not_kept")
    if said.max_error_s is None:
        return note("timekeeping.kept")
    return note("timekeeping.kept_within", error=f"{said.max_error_s:.3g}")


def clock_rows(health: ClockHealth, texts: Texts) -> list[tuple[str, str]]:
    """Return name and value of each line that a person reads, in the reader's words."""
    rows = [
        (texts.t("timekeeping.clock"), texts.say(kept_note(health.synchronisation))),
        (texts.t("timekeeping.zone"), health.zone),
    ]
    return rows + [(texts.t("timekeeping.jump"), jump_words(jump, texts)) for jump in health.jumps]


def jump_words(jump: Jump, texts: Texts) -> str:
    """Return a jump as a sentence."""
    key = "timekeeping.forward" if jump.jump_s > 0 else "timekeeping.back"
    key = "timekeeping.back_while_off" if jump.watched_s is None else key
    return texts.t(key, from_at=jump.start, to_at=jump.end, by_s=abs(jump.jump_s))


def clock_figures(health: ClockHealth) -> Mapping[str, tuple[str, float]]:
    """Return name, text and value of each figure for Prometheus; what nobody tells has none."""
    said = health.synchronisation
    found: dict[str, tuple[str, float]] = {}
    if said.kept is not None:
        found["evidock_system_clock_synchronised"] = ("Whether something keeps this machine's clock", float(said.kept))
    if said.max_error_s is not None:
        found["evidock_system_clock_max_error_seconds"] = ("Greatest error the kernel warrants", said.max_error_s)
    return found
