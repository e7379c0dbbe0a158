"""What the review reads, in batches: claims, footage, steps with their rules, the roster, who docked when."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.cases import Step
from evidence.claims import Claims, IdentityClaim, TimeClaim
from evidence.clips import ClipState, Kind
from evidence.identity import speaks_against
from evidence.ids import CaseNo, DeviceId, Digest, OfficerId, StationId, StepNo
from evidence.matching import Footage
from evidence.people import Assignment, Device, Officer
from evidence.ports import PickupState
from evidence.roster import Roster
from evidence.spans import Span
from index import rows, schema
from index.batches import batched
from index.docks import claims_by_docks
from index.records import ROSTER
from index.tracks import claims_by_logs

StepKey = tuple[CaseNo, StepNo]


def step_key(case_no: str, step_no: str) -> StepKey:
    """Return the name of a step."""
    return CaseNo(case_no), StepNo(step_no)


ByStep = (
    type[schema.StepRow]
    | type[schema.StepOfficer]
    | type[schema.StepWaiting]
    | type[schema.Link]
    | type[schema.Doubt]
    | type[schema.SuggestionRow]
    | type[schema.ExemptionRow]
)
"""Tables with a row, or several, for a step."""


def among(row: ByStep, keys: Collection[StepKey]) -> sa.ColumnElement[bool]:
    """Return the condition that a row is of one of these steps; the cases are what SQLite's indices can use."""
    cases = row.case_no.in_(sorted({case_no for case_no, _ in keys}))
    return sa.and_(cases, sa.tuple_(row.case_no, row.step_no).in_(keys))


class RosterKeeper:
    """Keeps the roster in memory and reads it again when its token has changed, whichever process changed it."""

    def __init__(self) -> None:
        """Begin with nothing read."""
        self._kept: tuple[str, Roster] | None = None

    def current(self, session: Session) -> Roster:
        """Return the roster as this transaction sees it."""
        token = session.scalar(sa.select(schema.Mark.token).where(schema.Mark.name == ROSTER)) or ""
        kept = self._kept
        if kept is None or kept[0] != token:
            kept = self._kept = (token, Roster(officers(session), devices(session), assignments(session)))
        return kept[1]


def officers(session: Session) -> list[Officer]:
    """Return all officers in order of id."""
    return [rows.officer(row) for row in session.scalars(sa.select(schema.OfficerRow).order_by("officer_id"))]


def devices(session: Session) -> list[Device]:
    """Return all devices in order of id."""
    return [rows.device(row) for row in session.scalars(sa.select(schema.DeviceRow).order_by("device_id"))]


def assignments(session: Session) -> list[Assignment]:
    """Return all assignments in order of device and beginning."""
    row = schema.AssignmentRow
    return [
        rows.assignment(one)
        for one in session.scalars(sa.select(row).order_by(row.device_id, row.start, row.officer_id))
    ]


@dataclass(frozen=True)
class ClipClaims:
    """All statements about a clip, and the part of them that was read inside the file."""

    all: Claims
    inside: Claims


def claims_of(session: Session, digests: Sequence[str]) -> dict[str, ClipClaims]:
    """Return the statements about clips, those of docks' records too, in an order that does not depend on arrival."""
    times: dict[str, list[tuple[bool, TimeClaim]]] = defaultdict(list)
    names: dict[str, list[tuple[bool, IdentityClaim]]] = defaultdict(list)
    time_row, name_row = schema.TimeClaimRow, schema.IdentityClaimRow
    for some in batched(digests):
        for row in session.scalars(sa.select(time_row).where(time_row.digest.in_(some))):
            times[row.digest].append((row.inside, rows.time_claim(row)))
        for named in session.scalars(sa.select(name_row).where(name_row.digest.in_(some))):
            names[named.digest].append((named.inside, rows.identity_claim(named)))
    for digest, stated in claims_by_docks(session, digests).items():
        times[digest] += [(False, claim) for claim in stated.times]
        names[digest] += [(False, claim) for claim in stated.identities]
    for digest, logged in claims_by_logs(session, digests).items():
        times[digest] += [(False, claim) for claim in logged]
    return {digest: _in_order(times[digest], names[digest]) for digest in digests}


def _in_order(times: list[tuple[bool, TimeClaim]], names: list[tuple[bool, IdentityClaim]]) -> ClipClaims:
    times.sort(key=lambda pair: (pair[1].source, pair[1].raw, pair[1].detail, pair[1].anchor, pair[1].zone))
    names.sort(key=lambda pair: (pair[1].kind, pair[1].source, pair[1].value, pair[1].detail))
    return ClipClaims(
        Claims(tuple(claim for _, claim in times), tuple(claim for _, claim in names)),
        Claims(tuple(claim for inside, claim in times if inside), tuple(claim for inside, claim in names if inside)),
    )


def footage_of(clip: schema.Clip) -> Footage | None:
    """Return what matching needs of a clip; None while it is not measured, states no time, or is no recording."""
    span = rows.span(clip.span_start, clip.span_end)
    if span is None or clip.state is ClipState.SEALED or clip.kind is Kind.OTHER or clip.filed:
        return None
    return Footage(
        Digest(clip.digest),
        clip.kind,
        span,
        clip.uncertainty_s or 0.0,
        clip.verdict,
        DeviceId(clip.device_id) if clip.device_id is not None else None,
        OfficerId(clip.officer_id) if clip.officer_id is not None else None,
        clip.has_video,
        clip.has_audio,
        clip.officer_source,
        speaks_against(clip.disagreements),
        StationId(clip.station),
        clip.source_path,
        tuple(OfficerId(one) for one in clip.officers or ()),
    )


def placed() -> sa.ColumnElement[bool]:
    """Return the condition that a clip hangs on a step; said so that no database takes the index of all such for it."""
    return sa.case((schema.Clip.linked, 1), else_=0) == 1


def clip_rows(session: Session, digests: Collection[str]) -> list[schema.Clip]:
    """Return the rows of clips in order of digest; unknown digests are left out."""
    clip = schema.Clip
    return [
        row
        for some in batched(sorted(digests))
        for row in session.scalars(sa.select(clip).where(clip.digest.in_(some)).order_by(clip.digest))
    ]


def steps_by_key(session: Session, keys: Collection[StepKey]) -> list[schema.StepRow]:
    """Return the rows of steps in order of case and number."""
    row = schema.StepRow
    return [
        one
        for some in batched(sorted(keys))
        for one in session.scalars(sa.select(row).where(among(row, some)).order_by(row.case_no, row.step_no))
    ]


def nouns_of(session: Session, found: Sequence[schema.StepRow]) -> list[Step]:
    """Return steps as nouns, with their officers in the record's order."""
    worker = schema.StepOfficer
    officers_of: dict[tuple[str, str], list[OfficerId]] = defaultdict(list)
    for some in batched([step_key(row.case_no, row.step_no) for row in found]):
        wanted = (
            sa.select(worker.case_no, worker.step_no, worker.officer_id)
            .where(among(worker, some))
            .order_by(worker.position)
        )
        for case_no, step_no, officer_id in session.execute(wanted):
            officers_of[case_no, step_no].append(OfficerId(officer_id))
    return [rows.step(row, tuple(officers_of[row.case_no, row.step_no])) for row in found]


class Docked(Mapping[DeviceId, datetime]):
    """When the last file of each device was received; looked up only for the devices that are asked for."""

    def __init__(self, session: Session) -> None:
        """Look up in this transaction, after the clips were judged."""
        self._session = session
        self._known: dict[DeviceId, datetime | None] = {}

    def __getitem__(self, device_id: DeviceId) -> datetime:
        """Return the newest intake of a device.

        Raises:
            KeyError: nothing of it was ever received.
        """
        if device_id not in self._known:
            self._known[device_id] = last_docked(self._session, device_id)
        found = self._known[device_id]
        if found is None:
            raise KeyError(device_id)
        return found

    def __iter__(self) -> Iterator[DeviceId]:
        """Iterate over every device a clip is judged to be of."""
        wanted = sa.select(schema.Clip.device_id).where(schema.Clip.device_id.is_not(None)).distinct()
        return (DeviceId(device_id) for device_id in self._session.scalars(wanted) if device_id is not None)

    def __len__(self) -> int:
        """Count them."""
        return sum(1 for _ in self)


def waited(session: Session, keys: Collection[StepKey] | None = None) -> dict[StepKey, set[DeviceId]]:
    """Return the cameras that steps wait for; None: all steps that wait."""
    row = schema.StepWaiting
    wanted = sa.select(row.case_no, row.step_no, row.device_id)
    found: dict[StepKey, set[DeviceId]] = {}
    for case_no, step_no, device_id in session.execute(wanted if keys is None else wanted.where(among(row, keys))):
        found.setdefault(step_key(case_no, step_no), set()).add(DeviceId(device_id))
    return found


class Docking(Collection[DeviceId]):
    """The devices whose last file came from a dock that is still being read; asked one by one."""

    def __init__(self, session: Session, settling: Collection[StationId]) -> None:
        """Look up in this transaction; ``settling`` are docks that are being written to."""
        self._session = session
        self._settling = settling
        self._busy: dict[str, bool] = {}

    def __contains__(self, device_id: object) -> bool:
        """Whether files of the device may still be on their way."""
        clip = schema.Clip
        wanted = sa.select(clip.station).where(clip.device_id == device_id).order_by(clip.last_received_at.desc())
        station = self._session.scalar(wanted.limit(1))
        return station is not None and self.is_busy(station)

    def is_busy(self, station: str) -> bool:
        """Whether files of a dock are settling, waiting to be sealed, or sealed and not yet looked at."""
        if station not in self._busy:
            self._busy[station] = station in self._settling or has_work(self._session, station)
        return self._busy[station]

    def __iter__(self) -> Iterator[DeviceId]:
        """Iterate over every device that is being read."""
        return (device for device in Docked(self._session) if device in self)

    def __len__(self) -> int:
        """Count them."""
        return sum(1 for _ in self)


def has_work(session: Session, station: str) -> bool:
    """Whether files of a dock wait to be sealed, or are sealed and not measured yet."""
    pickup, clip = schema.PickupRow, schema.Clip
    waiting = (pickup.station == station, pickup.state.in_((PickupState.WAITING, PickupState.SETTLING)))
    unseen = (clip.station == station, clip.state == ClipState.SEALED, clip.failure_stage.is_(None))
    on_the_way = sa.or_(sa.exists().where(*waiting), sa.exists().where(*unseen))
    return bool(session.scalar(sa.select(on_the_way)))


def last_docked(session: Session, device_id: str) -> datetime | None:
    """Return when the last file of a device was received, None for never."""
    clip = schema.Clip
    wanted = sa.select(clip.last_received_at).where(clip.device_id == device_id)
    return session.scalar(wanted.order_by(clip.last_received_at.desc()).limit(1))


def hull(spans: Sequence[Span]) -> Span:
    """Return the stretch from the earliest start to the latest end of one or more spans."""
    return Span(min(span.start for span in spans), max(span.end for span in spans))
