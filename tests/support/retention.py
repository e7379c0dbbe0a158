"""A bureau in a real home: real register, real local vault, the world's clips sealed in it, and a clock that is set."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dashboard.retention import Keeper
from dashboard.retention_desk import RetentionDesk
from dashboard.wiring import House, open_house
from evidence.cases import Case
from evidence.clips import Role
from evidence.custody import EventType
from evidence.ids import CaseNo, Digest
from evidence.ports import Lock, Scope
from evidence.retention import Retention
from index import retention, schema
from index.decisions import Decisions
from index.journal import Told, told_by
from index.ledger import entries
from index.library import RegisterLibrary
from index.review import RegisterReviewer
from tests.support.index import EVENING, MACHINE, PACK, World
from tests.support.storage import seal

INTAKE = EVENING
"""When the world's clips come in: 2 November 2026, 18:00 in Beijing."""


def day(text: str) -> datetime:
    """Return noon in Beijing of a date."""
    return datetime.fromisoformat(f"{text}T04:00:00+00:00").astimezone(UTC)


class Bureau(World):
    """A world whose clips lie in a vault; ``now`` is what its clock says."""

    def __init__(self, folder: Path) -> None:
        """Open a home and hire the staff."""
        self.now = day("2026-11-03")
        self.house: House = open_house(folder / "home", actor="值班员")
        self.house.clock = lambda: self.now
        self.house.__dict__["pack"] = PACK
        self.register = self.house.register
        self.catalogue = self.house.catalogue
        self.reviewer = RegisterReviewer(PACK)
        self.decisions = Decisions(PACK)
        self.library = RegisterLibrary(self.register, PACK)
        self.keeper = Keeper(self.house)
        self.desk = RetentionDesk(self.house, self.keeper)
        self.staff()

    def close(self) -> None:
        """Let go of the home."""
        self.house.close()

    def take_in(self, tx: Session, name: str, window: tuple[float, float], **about: object) -> Digest:
        """Seal the clip's bytes, written when it was received, and its derivative, too, before it is recorded."""
        body = name.encode()
        digest = seal(self.house.vault, body).digest
        received = about.get("received", INTAKE)
        assert isinstance(received, datetime)
        os.utime(self.house.vault.locate(digest), (received.timestamp(), received.timestamp()))
        poster = self.house.home.work / f"poster-{digest}"
        poster.write_bytes(f"poster {digest}".encode())
        made, _ = self.house.derivatives.publish(poster)
        assert made == hashlib.sha256(f"poster {digest}".encode()).hexdigest()
        return super().take_in(tx, name, window, **about)  # type: ignore[arg-type] # the caller's own words

    def case(self, case_no: str, matter_type: str, concluded: datetime | None = None) -> None:
        """Record a case, or another state of it, and let the keeper follow."""
        record = Case(CaseNo(case_no), f"案 {case_no}", matter_type, concluded_at=concluded)
        self.put(lambda tx: self.catalogue.put_cases(tx, [record]), self.now)
        self.keeper.follow_cases([CaseNo(case_no)])

    def kept(self, digest: Digest) -> Retention:
        """Return the promise that stands."""
        with self.register.reading() as session:
            return retention.promises(session, [digest])[digest]

    def keep(self, *digests: Digest) -> None:
        """Let the keeper look at clips."""
        self.keeper.bring_up_to_date(digests)

    def lock(self, digest: Digest) -> Lock:
        """Return what the vault itself says."""
        return self.house.vault.lock_of(digest)

    def told(self, event: EventType, subject: str = "") -> list[Told]:
        """Return the entries of an event."""
        with self.register.reading() as session:
            return [
                one for one in told_by(entries(session)) if one.event == event.value and subject in {"", one.subject}
            ]

    def rows(self, model: type[schema.Base]) -> list[dict[str, object]]:
        """Return every row of a table as its columns."""
        names = [column.name for column in model.__table__.columns]
        with self.register.reading() as session:
            return [{name: getattr(row, name) for name in names} for row in session.scalars(sa.select(model))]

    def review(self, scope: Scope, now: datetime | None = None) -> None:
        """Review a scope."""
        with self.transaction() as tx:
            self.reviewer.review(tx, scope, MACHINE, now or self.now)

    def has_poster(self, digest: Digest) -> bool:
        """Whether the clip's still lies beside the vault."""
        made = self.library.clip(digest).derivatives.get(Role.POSTER)
        name = made.digest if made else hashlib.sha256(f"poster {digest}".encode()).hexdigest()
        return (self.house.home.vault / "derivatives" / name[:2] / name).is_file()


@contextmanager
def bureau(folder: Path) -> Iterator[Bureau]:
    """Open a bureau; closed on leaving."""
    made = Bureau(folder)
    try:
        yield made
    finally:
        made.close()
