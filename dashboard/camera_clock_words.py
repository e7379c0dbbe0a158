"""How pages and tables speak of clocks: verdicts as sentences, offsets and shifts in words; times are Beijing time."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from math import ceil, isfinite

from dashboard.texts import Texts
from evidence.clock import ClockJudgement, ClockVerdict, Proposal, systematic
from evidence.notes import Note
from evidence.zones import beijing

ROUGH_S = 60.0
"""A start that is certain to no better than this is written to the minute, and marked."""

RIGHT_S = 1.5
"""An offset this small reads as none, in seconds."""

RESET_S = 60 * 86_400.0
"""A clock that is off by more, and by no whole year, was reset."""

WITNESS_OF = {"clock.confirmed_": "person", "clock.satellite_": "satellite", "clock.dock_read_": "dock"}
"""Beginning of a rule's code → who measured the offset, the nearest to the truth first."""

NO_WITNESS = ("clock.satellite_put_aside", "clock.dock_read_right")
SATELLITE = ("clock.satellite_ahead", "clock.satellite_behind", "clock.agrees.gps_track")


def is_rough(judgement: ClockJudgement) -> bool:
    """Whether a start must not be read to the second: it is not believed, or certain to no minute."""
    if judgement.verdict in {ClockVerdict.DISPUTED, ClockVerdict.UNKNOWN}:
        return True
    return judgement.uncertainty_s is not None and judgement.uncertainty_s >= ROUGH_S


def verdict_sentence(texts: Texts, judgement: ClockJudgement) -> str:
    """Return when a recording began and how far that is believed, in one sentence that a judge understands."""
    key = f"verdict.{judgement.verdict.value}"
    when = interval(texts, judgement.earliest, judgement.latest)
    if judgement.verdict is ClockVerdict.TRUSTED:
        return texts.t(key, when=when)
    if judgement.verdict is ClockVerdict.ADJUSTED:
        off, who = offset(texts, judgement.offset_s), witness(texts, judgement.rules)
        return texts.t(key, when=when, offset=off, witness=who)
    if judgement.span is None:
        return texts.t("verdict.nothing", when=when)
    by = confirmed_by(judgement.rules)
    if by:
        off = offset(texts, judgement.offset_s)
        return texts.t("verdict.confirmed", by=by, offset=off, begin_at=judgement.span.start, when=when)
    if judgement.suspected_s:
        shift_s = judgement.suspected_s[0]
        then = judgement.span.start - timedelta(seconds=shift_s)
        shift = shift_words(texts, shift_s)
        return texts.t("verdict.suspected", stated_at=judgement.span.start, when=when, shift=shift, then_at=then)
    return texts.t(key, stated_at=judgement.span.start, when=when)


def interval(texts: Texts, earliest: datetime | None, latest: datetime | None) -> str:
    """Return between which moments something began, to whole seconds outwards."""
    first = beijing(earliest).replace(microsecond=0) if earliest else None
    last = ceiled(latest) if latest else None
    if first and last:
        return texts.t("interval.between", start=f"{first:%Y-%m-%d %H:%M:%S}", end=later(first, last))
    if last:
        return texts.t("interval.before", end=f"{last:%Y-%m-%d %H:%M:%S}")
    return texts.t("interval.after", start=f"{first:%Y-%m-%d %H:%M:%S}") if first else texts.t("interval.open")


def interval_bare(texts: Texts, earliest: datetime | None, latest: datetime | None) -> str:
    """Return between which moments something began, for columns whose head names the zone."""
    if earliest is None or latest is None:
        return f"… – {texts.clock(ceiled(latest))}" if latest else f"{texts.clock(earliest)} – …" if earliest else "–"
    first, last = beijing(earliest).replace(microsecond=0), ceiled(latest)
    return f"{first:%Y-%m-%d %H:%M:%S} – {later(first, last)}"


def ceiled(moment: datetime) -> datetime:
    """Return a moment in Beijing, up to the next whole second."""
    local = beijing(moment)
    return local if not local.microsecond else local.replace(microsecond=0) + timedelta(seconds=1)


def later(first: datetime, last: datetime) -> str:
    """Return the second of two moments; its date only where it differs."""
    return f"{last:%H:%M:%S}" if first.date() == last.date() else f"{last:%Y-%m-%d %H:%M:%S}"


def witness(texts: Texts, rules: Iterable[Note]) -> str:
    """Return who measured or decided an offset, as the end of a sentence."""
    told = [rule for rule in rules if rule.code not in NO_WITNESS]
    for beginning, who in WITNESS_OF.items():
        found = next((rule for rule in told if rule.code.startswith(beginning)), None)
        if found is not None:
            return texts.t(f"witness.{who}", **({"by": found.params["by"]} if who == "person" else {}))
    return texts.t("witness.history")


def confirmed_by(rules: Iterable[Note]) -> str:
    """Return who confirmed the shift that was taken off; empty when nobody did."""
    found = (rule for rule in rules if rule.code.startswith("clock.confirmed_"))
    return next((str(rule.params["by"]) for rule in found), "")


def is_by_satellite(rules: Iterable[Note]) -> bool:
    """Whether satellites' time in the file itself measured its camera's clock."""
    codes = {rule.code for rule in rules}
    return not codes.isdisjoint(SATELLITE) and "clock.satellite_put_aside" not in codes


def offset(texts: Texts, offset_s: float) -> str:
    """Return how far a clock runs ahead or behind."""
    if abs(offset_s) <= RIGHT_S:
        return texts.t("offset.right")
    way = "ahead" if offset_s > 0 else "behind"
    return texts.t(f"offset.{way}", length=lengthy(texts, abs(offset_s)))


def offset_range(texts: Texts, bounds: tuple[float, float] | None) -> str:
    """Return between which offsets a clock ran; a bound that is infinite is said to be open."""
    if bounds is None or not all(map(isfinite, bounds)):
        return texts.t("offset.unknown")
    low, high = bounds
    if max(abs(low), abs(high)) <= RIGHT_S:
        return texts.t("offset.right")
    if low * high < 0 and min(-low, high) > RIGHT_S:
        lengths = {"behind": lengthy(texts, -low), "ahead": lengthy(texts, high)}
        return texts.t("offset.either", **lengths)
    way = "ahead" if low + high > 0 else "behind"
    near, far = sorted((abs(low), abs(high)))
    if low * high <= 0 or near < RIGHT_S:
        return texts.t(f"offset.{way}_upto", most=lengthy(texts, far))
    least, most = lengthy(texts, near), lengthy(texts, far)
    same = least == most
    return texts.t(f"offset.{way}", length=most) if same else texts.t(f"offset.{way}_between", least=least, most=most)


YEAR_S = 365 * 86_400.0
DIGITS = ((30 * 86_400.0, 86_400), (2 * 86_400.0, 3600), (43_200.0, 60), (1.0, 1))
"""From which length on a length is told in which step, both in seconds."""


def lengthy(texts: Texts, seconds: float) -> str:
    """Return a length of time with no more digits than tell something."""
    if seconds >= YEAR_S:
        return texts.t("length.years", n=f"{seconds / YEAR_S:.1f}".removesuffix(".0"))
    step_s = next((step_s for least_s, step_s in DIGITS if seconds >= least_s), 0.1)
    return texts.duration(round(round(seconds / step_s) * step_s, 1))


def spread(texts: Texts, uncertainty_s: float) -> str:
    """Return how far a start may lie off, rounded up: to seconds below a minute, else to whole minutes."""
    step_s = 1.0 if uncertainty_s < ROUGH_S else 60.0
    return lengthy(texts, ceil(round(uncertainty_s / step_s, 6)) * step_s)


def shift_words(texts: Texts, shift_s: float) -> str:
    """Return a shift of a camera's clock: how far, which way, and what setting it may come of."""
    key = shift_key(shift_s)
    return f"{offset(texts, shift_s)}{texts.t('shift.' + key)}" if key else offset(texts, shift_s)


def record_words(texts: Texts, shift_s: float) -> str:
    """Return by how much a record's times are off, where the cameras' clocks were seen to be right."""
    key = "record.xinjiang" if shift_key(-shift_s) == "xinjiang" else "record.off"
    way = "behind" if shift_s > 0 else "ahead"
    return texts.t(f"{key}_{way}" if key == "record.off" else key, length=lengthy(texts, abs(shift_s)))


def proposal_words(texts: Texts, proposal: Proposal) -> str:
    """Return what is suspected of a clock, or of a record."""
    return (record_words if proposal.of_record else shift_words)(texts, proposal.shift_s)


HOURS = {-2: "xinjiang", 6: "urumqi_as_utc", 8: "beijing_as_utc", -8: "utc", -24: "day", 24: "day"}
YEAR_HOURS = (365 * 24, 366 * 24)


def shift_key(shift_s: float) -> str:
    """Return which setting a shift comes of; empty when none is known."""
    known = systematic(shift_s)
    if known is not None:
        hours = round(known / 3600)
        return "year" if abs(hours) in YEAR_HOURS else HOURS.get(hours, "")
    return "reset" if shift_s < -RESET_S else ""
