"""Which months somebody asks for, on the command line and in an address."""

from datetime import datetime

from evidence.errors import UsageError
from evidence.periods import Period, month_at, read_period

LONGEST_DAYS = 366 * 3


def asked_period(now: datetime, month: str = "", since: str = "", until: str = "") -> Period:
    """Return the period that is asked for; the present month when nothing is.

    Raises:
        UsageError: a text names no month or day, both ways are used at once, or the end lies before the beginning.
    """
    if month and (since or until):
        raise UsageError("a month and a stretch cannot be asked together", cure="give --month, or --from and --to")
    if month:
        return _read(month)
    first = _read(since) if since else None
    last = _read(until) if until else None
    if first is None and last is None:
        return month_at(now)
    last = last or month_at(now)
    first = first or last
    if last.last < first.first:
        raise UsageError("the end lies before the beginning", subject=f"{since} {until}", cure="turn them round")
    if (last.last - first.first).days > LONGEST_DAYS:
        raise UsageError("is longer than three years", subject=f"{since} {until}", cure="ask for it in parts")
    return Period(first.first, last.last)


def _read(text: str) -> Period:
    try:
        return read_period(text.strip())
    except ValueError as error:
        cure = "write a month as 2026-11, a day as 2026-11-23"
        raise UsageError("is neither a month nor a day", subject=text, cure=cure) from error
