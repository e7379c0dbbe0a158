"""A small bureau over a real register file: cases, officers, cameras and clips in a line each."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import Session

from evidence.cases import Case, Step
from evidence.claims import Anchor, Claims, ClaimSource, IdentityClaim, IdentityKind, TimeClaim, ZoneBasis
from evidence.clips import (
    AudioStream,
    Derivation,
    Derivative,
    Kind,
    Measurement,
    Playable,
    QualityKind,
    QualitySpan,
    Role,
    Sighting,
    VideoStream,
)
from evidence.custody import Actor, Authenticated
from evidence.findings import FindingState
from evidence.ids import CaseNo, DeviceId, Digest, OfficerId, StationId, StepNo
from evidence.law import Coverage, Duty, LawPack, Rule, Thresholds
from evidence.notes import note
from evidence.people import Assignment, Device, Officer
from evidence.ports import Pickup, Scope
from evidence.sidecars import moment_of
from evidence.sound import NoSoundOffset, SoundComparison, SoundOffset, in_order
from index import ledger, schema
from index.catalogue import Catalogue
from index.decisions import Decided, Decisions
from index.engine import Register, open_engine
from index.library import RegisterLibrary
from index.migrate import migrate
from index.review import RegisterReviewer
from index.sounds import SoundRegister
from tests.support.reasons import REASONS
from tests.support.secrecy import CLASSES

NINE = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
"""09:00 in Beijing."""

EVENING = NINE + timedelta(hours=9)
"""When cameras dock."""

LATER = NINE + timedelta(days=30)
"""Long after every grace."""

MACHINE = Actor("system", Authenticated.MACHINE)
LI = Actor("李", Authenticated.UNAUTHENTICATED)
WANG = Actor("王", Authenticated.UNAUTHENTICATED)
CASE = CaseNo("2026-001")
ONE = StepNo("1")
SITE = (CASE, ONE)


def at(minute: float) -> datetime:
    """Return so many minutes after nine."""
    return NINE + timedelta(minutes=minute)


def rule(code: str, article: str, duty: Duty, *, exempt: bool = False, aliases: tuple[str, ...] = ()) -> Rule:
    """Return a rule with 90 % of the window to cover, two minutes of lead and one of lag."""
    covered = Coverage(0.9, None, 120, 60, 60, 10, "test", "test") if duty is Duty.SIMULTANEOUS else None
    names = {"zh-CN": code, "en": code}
    return Rule(code, names, "investigate", article, "应同时进行音像记录", duty, covered, 1, exempt, aliases=aliases)


PACK = LawPack(
    "test",
    "1",
    {"en": "trial"},
    date(2019, 8, 1),
    None,
    {
        one.code: one
        for one in (
            rule("SITE_CHECK", "11", Duty.SIMULTANEOUS, exempt=True),
            rule("SEIZE", "13", Duty.SIMULTANEOUS, aliases=("lien",)),
            rule("SVC_LIEN", "23", Duty.SIMULTANEOUS, aliases=("lien",)),
            rule("DECISION", "19", Duty.NONE),
        )
    },
    Thresholds(10, 30, 48, "test", "test"),
    secrecy=CLASSES,
    reasons=REASONS,
)


def step(
    case_no: str = CASE,
    step_no: str = ONE,
    *,
    procedure: str = "SITE_CHECK",
    window: tuple[float, float] = (0, 30),
    officers: tuple[str, ...] = ("E1",),
    unsuitable: str = "",
) -> Step:
    """Return a step with its window in minutes after nine."""
    return Step(
        CaseNo(case_no),
        StepNo(step_no),
        procedure,
        at(window[0]),
        at(window[1]),
        officers=tuple(OfficerId(one) for one in officers),
        unsuitable_reason=unsuitable,
    )


OFFICERS = (
    Officer(OfficerId("E1"), "艾力", "执法大队", short_codes=("000101",)),
    Officer(OfficerId("E2"), "古丽", "监测站", short_codes=("000102",)),
)
DEVICES = (Device(DeviceId("D1"), "DSJ-X", serial="SN-ONE"), Device(DeviceId("D2"), "DSJ-X", serial="SN-TWO"))
ASSIGNMENTS = (
    Assignment(DeviceId("D1"), OfficerId("E1"), NINE - timedelta(hours=1), NINE + timedelta(hours=8)),
    Assignment(DeviceId("D2"), OfficerId("E2"), NINE - timedelta(hours=1), NINE + timedelta(hours=8)),
)


def forget_durability(connection: DBAPIConnection, _entry: object) -> None:
    """Let the tests of logic run without waiting for the disk; the fault tests keep it."""
    connection.cursor().execute("PRAGMA synchronous=OFF")


@cache
def migrated() -> bytes:
    """Return an empty register, migrated once for all tests."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "register.sqlite"
        engine = open_engine(path)
        migrate(engine)
        engine.dispose()
        return path.read_bytes()


class World:
    """A register in a file, or on a server, with everything that writes to and reads from it."""

    def __init__(self, folder: Path, url: str = "") -> None:
        """Make the register in a file; or open the empty, migrated one at a server's ``url``."""
        self.path = folder / "register.sqlite"
        self.register = Register(open_engine(url) if url else self._file())
        self.catalogue = Catalogue()
        self.reviewer = RegisterReviewer(PACK)
        self.decisions = Decisions(PACK)
        self.library = RegisterLibrary(self.register, PACK)

    def _file(self) -> sa.Engine:
        self.path.write_bytes(migrated())
        engine = open_engine(self.path)
        sa.event.listen(engine, "connect", forget_durability)
        return engine

    def close(self) -> None:
        """Close every connection."""
        self.register.close()

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Open a writing transaction."""
        with self.register.transaction() as tx:
            yield tx

    # --- records ------------------------------------------------------------------------------------------------------

    def staff(self) -> None:
        """Import the two officers, their cameras and who carried them."""
        self.put(lambda tx: self.catalogue.put_officers(tx, OFFICERS))
        self.put(lambda tx: self.catalogue.put_devices(tx, DEVICES))
        self.put(lambda tx: self.catalogue.put_assignments(tx, ASSIGNMENTS))

    def steps(self, *steps: Step, now: datetime = LATER) -> None:
        """Import steps with their cases."""
        cases = [Case(number, f"案 {number}") for number in dict.fromkeys(one.case_no for one in steps)]
        self.put(lambda tx: self.catalogue.put_cases(tx, cases), now)
        self.put(lambda tx: self.catalogue.put_steps(tx, steps), now)

    def put(self, put: Callable[[Session], Scope], now: datetime = LATER) -> None:
        """Import something and review what it touches."""
        with self.transaction() as tx:
            self.reviewer.review(tx, put(tx), MACHINE, now)

    def review(self, scope: Scope, now: datetime = LATER) -> None:
        """Review a scope."""
        with self.transaction() as tx:
            self.reviewer.review(tx, scope, MACHINE, now)

    def decide(self, decide: Callable[[Session], Decided], now: datetime = LATER) -> Decided:
        """Take a decision and review what it touches."""
        with self.transaction() as tx:
            decided = decide(tx)
            self.reviewer.review(tx, decided.scope, MACHINE, now)
        return decided

    # --- clips --------------------------------------------------------------------------------------------------------

    def clip(self, name: str, window: tuple[float, float], **about: object) -> Digest:
        """Take in a clip from sealing to review; its window is in minutes after nine."""
        now = about.pop("now", LATER)
        assert isinstance(now, datetime)
        with self.transaction() as tx:
            digest = self.take_in(tx, name, window, **about)  # type: ignore[arg-type] # the caller's own words
            self.reviewer.review(tx, Scope(clips=frozenset({digest})), MACHINE, now)
        return digest

    def take_in(
        self,
        tx: Session,
        name: str,
        window: tuple[float, float],
        *,
        device: str = "D1",
        sequence: int | None = None,
        received: datetime = EVENING,
        disputed: bool = False,
        damaged: bool = False,
        quality: tuple[QualitySpan, ...] = (),
    ) -> Digest:
        """Seal, measure and derive a clip in one transaction; nothing is reviewed."""
        digest = digest_of(name)
        length_s = (window[1] - window[0]) * 60
        seen = sighting(name, received)
        said = path_claims(device, at(window[0]), sequence)
        self.catalogue.record_sealed(tx, pickup(name), seen, said, MACHINE)
        inside = Claims((container_time(at(window[0]) + timedelta(hours=5)),)) if disputed else Claims()
        self.catalogue.record_measured(tx, digest, measurement(length_s, damaged=damaged), inside, MACHINE, received)
        self.catalogue.record_derived(tx, digest, derivation(digest, length_s, quality), MACHINE, received)
        return digest

    def compare(self, tx: Session, one: Digest, other: Digest, found: SoundOffset | NoSoundOffset) -> None:
        """Record what the sound of two clips says, given as if ``one`` were the first, and review what it touches."""
        a, b = in_order(one, other)
        if isinstance(found, SoundOffset) and a == other:
            found = replace(found, offset_s=-found.offset_s, drift_ppm=-found.drift_ppm)
        scope = SoundRegister().record_compared(tx, SoundComparison(a, b, found), MACHINE, LATER)
        self.reviewer.review(tx, scope, MACHINE, LATER)

    # --- what came of it ----------------------------------------------------------------------------------------------

    def links(self) -> set[tuple[str, str, str]]:
        """Return every link in force as digest, case and step."""
        link = schema.Link
        with self.register.reading() as session:
            wanted = sa.select(link.digest, link.case_no, link.step_no).where(link.active)
            return {(digest, case_no, step_no) for digest, case_no, step_no in session.execute(wanted)}

    def ledger_size(self) -> int:
        """Return how many entries the ledger has."""
        with self.register.reading() as session:
            return ledger.heads(session).size

    def standing(self) -> dict[str, FindingState]:
        """Return the state of every finding, by its id."""
        row = schema.FindingRow
        with self.register.reading() as session:
            return dict(session.execute(sa.select(row.finding_id, row.state)).all())

    def open_kinds(self, case_no: str | None = None) -> list[str]:
        """Return the kinds of the findings that are open, in order."""
        row = schema.FindingRow
        wanted = sa.select(row.kind).where(row.state == FindingState.OPEN).order_by(row.kind)
        wanted = wanted.where(row.case_no == case_no) if case_no else wanted
        with self.register.reading() as session:
            return [kind.value for kind in session.scalars(wanted)]


def digest_of(name: str) -> Digest:
    """Return the digest that a clip of this name has."""
    return Digest(hashlib.sha256(name.encode()).hexdigest())


def pickup(name: str) -> Pickup:
    """Return a watched file."""
    return Pickup(f"key-{name}", StationId("A"), "/dock/A", f"{name}.mp4", 1000, 1)


def sighting(name: str, received: datetime) -> Sighting:
    """Return the sighting of a clip."""
    return Sighting(digest_of(name), 1000, StationId("A"), f"{name}.mp4", moment_of(1), received)


def path_claims(device: str, start: datetime, sequence: int | None = None) -> Claims:
    """Return what a camera's file name says: device, local start, and perhaps a counter."""
    identities = [IdentityClaim(IdentityKind.DEVICE, ClaimSource.FILE_NAME, device)]
    if sequence is not None:
        identities.append(IdentityClaim(IdentityKind.SEQUENCE, ClaimSource.FILE_NAME, f"{sequence:04}"))
    raw = start.strftime("%Y%m%d%H%M%S")
    time = TimeClaim(ClaimSource.FILE_NAME, raw, start, ZoneBasis.LOCAL, Anchor.START)
    return Claims((time,), tuple(identities))


def container_time(moment: datetime) -> TimeClaim:
    """Return what a movie header with a zone says."""
    return TimeClaim(ClaimSource.MAKER, moment.isoformat(), moment, ZoneBasis.EXPLICIT, Anchor.START)


def measurement(length_s: float, *, damaged: bool = False) -> Measurement:
    """Return what a prober says of an ordinary clip."""
    return Measurement(
        Kind.VIDEO,
        "video/mp4",
        "mov",
        length_s,
        VideoStream("h264", "High", "yuv420p", 1920, 1080, rate="25/1"),
        AudioStream("aac", 48000, 1),
        playable_as_is=True,
        problems=(note("media.truncated", missing_s=1.5),) if damaged else (),
        damaged=damaged,
        tool="ffprobe 7",
    )


def derivation(digest: Digest, length_s: float, quality: tuple[QualitySpan, ...] = ()) -> Derivation:
    """Return what one pass over an ordinary clip gives: a poster."""
    poster = Derivative(digest_of(f"poster {digest}"), digest, Role.POSTER, "image/jpeg", 10, "ffmpeg 7", {"q": "3"})
    return Derivation((poster,), Playable.ORIGINAL, length_s, int(length_s * 25), quality, tool="ffmpeg 7")


BLACK = (QualitySpan(QualityKind.BLACK, 0.0, 60.0),)
