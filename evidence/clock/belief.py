"""Which time statements can be believed at all: blank, factory-set and impossible ones are put aside with a reason.

Source: docs/devices.md (dates cameras fall back to when their battery ran flat) and docs/media.md ("not set" values).
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from evidence.claims import ClaimSource, TimeClaim, ZoneBasis
from evidence.notes import Note, note, unique
from evidence.zones import BEIJING

ARRIVAL_SLACK = timedelta(minutes=5)
"""How far a camera's clock may run ahead of this machine's before its statement is impossible."""

LOCAL_AS_UTC = timedelta(hours=8)
"""Beijing time written where the format asks for UTC lies this far ahead of the truth."""

EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
"""No digital recorder is older; 1904, 1970 and 1980 are the zero points of file formats."""

ZERO_DAYS = frozenset({date(2000, 1, 1)})
"""Days that mean "not set" at any hour."""

RESET_DAYS = frozenset({date(2010, 1, 1), date(2012, 1, 1), date(2015, 1, 1), date(2016, 1, 1)})
"""Days cameras start from after a reset: not set in the first ten minutes, believable later."""

RESET_MINUTES = 10

ROUND_NEW_YEAR = frozenset({(12, 31), (1, 1), (1, 2)})
"""Month and day, in whatever zone, of every instant that is a New Year's Day in Beijing or in UTC."""

SATELLITE = frozenset({ClaimSource.GPS, ClaimSource.GPS_TRACK})
"""Sources whose time is a satellite's, not the camera's."""

ROLLOVER = timedelta(weeks=1024)
"""A receiver whose ten bits of weeks ran round tells a time this much too early. Source: IS-GPS-200, 20.3.3.3.1.1."""

ROLLED_NEAR = timedelta(days=1)
"""Within this, zones included, another statement of the file tells that a receiver's weeks ran round."""

ROLLED_FRESH = timedelta(days=31)
"""Files come within this of being made: arrival tells it where satellites had set the camera's clock too."""

NOT_ABOUT_RECORDING = frozenset({ClaimSource.ARRIVAL, ClaimSource.REGISTER})
"""Sources that say nothing of when a recording was made."""


def sift(claims: Sequence[TimeClaim], received_at: datetime) -> tuple[tuple[TimeClaim, ...], tuple[Note, ...]]:
    """Split claims into those that can be believed, and a note for each that cannot."""
    about = [claim for claim in dict.fromkeys(claims) if claim.source not in NOT_ABOUT_RECORDING]
    doubts = doubts_of(about, received_at)
    if not doubts:
        return tuple(about), ()
    return tuple(claim for claim in about if claim not in doubts), unique(doubts.values())


def doubts_of(claims: Sequence[TimeClaim], received_at: datetime) -> dict[TimeClaim, Note]:
    """Return why statements cannot be believed: each by itself, and a satellite's time beside the others."""
    doubts = {claim: doubt for claim in claims if (doubt := doubt_of(claim, received_at))}
    if not any(claim.source in SATELLITE for claim in claims):
        return doubts
    other = SATELLITE | NOT_ABOUT_RECORDING
    left = [(claim, claim.at) for claim in claims if claim not in doubts and claim.at is not None]
    moments = [at for claim, at in left if claim.source not in other]
    for claim, at in left:
        if claim.source in SATELLITE and ran_round(at, moments, received_at):
            doubts[claim] = note(f"clock.week_rollover.{claim.source}", stated_at=at, meant_at=at + ROLLOVER)
    return doubts


def ran_round(at: datetime, moments: Sequence[datetime], received_at: datetime) -> bool:
    """Whether a receiver's weeks had run round: its time fits a round later, and not as it stands."""
    if at > received_at - ROLLOVER + ARRIVAL_SLACK:
        return False
    meant = at + ROLLOVER
    fits, fits_meant = (any(abs(moment - one) <= ROLLED_NEAR for moment in moments) for one in (at, meant))
    return received_at - meant <= ROLLED_FRESH or (fits_meant and not fits)


def doubt_of(claim: TimeClaim, received_at: datetime) -> Note | None:
    """Return why a statement cannot be believed, or None."""
    if claim.at is None:
        return note(f"clock.blank.{claim.source}", raw=claim.raw)
    if claim.at < EARLIEST:
        return note(f"clock.not_set.{claim.source}", raw=claim.raw)
    if claim.at > received_at + ARRIVAL_SLACK + slack_of(claim):
        return note(f"clock.after_arrival.{claim.source}", stated_at=claim.at, received_at=received_at)
    if is_factory_set(claim.at):
        return note(f"clock.not_set.{claim.source}", raw=claim.raw)
    return None


def slack_of(claim: TimeClaim) -> timedelta:
    """Return how far ahead of the truth the statement may be because local time was written as UTC."""
    return LOCAL_AS_UTC if is_utc_by_habit(claim) else timedelta()


def is_utc_by_habit(claim: TimeClaim) -> bool:
    """Whether the format says UTC and makers write local time there all the same; a GPS receiver does not."""
    return claim.zone is ZoneBasis.UTC_BY_FORMAT and claim.source not in SATELLITE


def is_factory_set(at: datetime) -> bool:
    """Whether a wall clock, in Beijing or UTC, shows a date cameras fall back to."""
    if (at.month, at.day) not in ROUND_NEW_YEAR:
        return False
    return any(shows_factory_date(at.astimezone(zone)) for zone in (BEIJING, UTC))


def shows_factory_date(wall: datetime) -> bool:
    """Whether this wall clock shows a date cameras fall back to."""
    fresh = wall.hour == 0 and wall.minute < RESET_MINUTES
    return wall.date() in ZERO_DAYS or (fresh and wall.date() in RESET_DAYS)
