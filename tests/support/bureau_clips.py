"""The files of a large bureau's cameras, and the rows of their judged clips: judged by the very functions that judge.

A camera cuts what is recorded into segments of five or ten minutes and is docked every evening at six.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import islice
from random import Random
from types import SimpleNamespace
from typing import Any

from evidence import clock
from evidence.claims import Anchor, Claims, ClaimSource, IdentityClaim, IdentityKind, TimeClaim, ZoneBasis
from evidence.clips import ClipState, Kind, Playable, QualityKind
from evidence.identity import identify
from evidence.ids import Digest
from evidence.law import LawPack
from evidence.notes import note
from evidence.roster import Roster
from evidence.zones import BEIJING
from index import schema
from index.intakes import BEFORE_ALL_TIMES
from index.judging import STATEMENT, keep
from index.stored import Stored, Storing
from tests.support.bureau_plan import Plan, Session, camera_of, device_id, pair_work, people

DOCKED_AT = timedelta(hours=18, minutes=10)
LEAST_S = 20.0
"""A segment shorter than this is not begun."""

LOST = 0.0005
"""Share of the files that never came, so that the counter jumps."""

BLACK, SILENT, DAMAGED = 0.005, 0.005, 0.002
"""Shares of the files with a long black picture, without sound, and damaged."""

CLIP = Storing(schema.Clip)
ORIGINAL = Storing(schema.Original)
TIME_CLAIM = Storing(schema.TimeClaimRow, [c.name for c in CLIP.table.metadata.tables["time_claim"].columns][1:])
IDENTITY_CLAIM = Storing(
    schema.IdentityClaimRow, [c.name for c in CLIP.table.metadata.tables["identity_claim"].columns][1:]
)
QUALITY = Storing(schema.QualitySpanRow)
PROBLEM = Storing(schema.ProblemRow)

Rows = dict[str, list[Stored]]
STORERS = {
    "original": ORIGINAL,
    "clip": CLIP,
    "time_claim": TIME_CLAIM,
    "identity_claim": IDENTITY_CLAIM,
    "quality_span": QUALITY,
    "problem": PROBLEM,
}
"""Tables of clips in the order in which they are written."""


@dataclass(frozen=True)
class File:
    """A file as it came. ``off_s``: what the time inside it is off by; 0: it states none."""

    digest: Digest
    camera: int
    number: int
    start: datetime
    end: datetime
    docked: datetime
    off_s: float = 0.0

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return (self.end - self.start).total_seconds()

    @property
    def claims(self) -> Claims:
        """What name and content state."""
        raw = self.start.astimezone(BEIJING).strftime("%Y%m%d%H%M%S")
        times = [TimeClaim(ClaimSource.FILE_NAME, raw, self.start, ZoneBasis.LOCAL, Anchor.START)]
        if self.off_s:
            at = self.start + timedelta(seconds=self.off_s)
            times.append(TimeClaim(ClaimSource.MAKER, at.isoformat(), at, ZoneBasis.EXPLICIT, Anchor.START))
        named = IdentityClaim(IdentityKind.DEVICE, ClaimSource.FILE_NAME, device_id(self.camera))
        counted = IdentityClaim(IdentityKind.SEQUENCE, ClaimSource.FILE_NAME, f"{self.number:06}")
        return Claims(tuple(times), (named, counted))

    @property
    def name(self) -> str:
        """Path below the dock."""
        return f"{device_id(self.camera)}/{self.start:%Y%m%d}/{self.number:06}.mp4"


def files_of_pair(plan: Plan, pair: int, pack: LawPack) -> list[File]:
    """Return the files of a pair's cameras, as many as the plan has, in order of time."""
    rng = Random(f"files/{plan.seed}/{pair}")
    work = pair_work(plan, pair, pack)
    cut = [one for session in work.sessions for one in _segments(session)]
    kept = sorted(islice(cut, plan.clips_of_pair), key=lambda one: (one[1], one[0]))
    counters = {2 * pair: 0, 2 * pair + 1: 0}
    files: list[File] = []
    for camera, start, end, off_s in kept:
        counters[camera] += 1 + (rng.random() < LOST)
        number = counters[camera]
        digest = Digest(sha256(f"{plan.seed}/{camera}/{number}".encode()).hexdigest())
        midnight = start.astimezone(BEIJING).replace(hour=0, minute=0, second=0, microsecond=0)
        docked = midnight + DOCKED_AT + timedelta(seconds=camera % 60 + len(files) % 97)
        files.append(File(digest, camera, number, start, end, docked, off_s))
    return files


def _segments(session: Session) -> Iterator[tuple[int, datetime, datetime, float]]:
    camera = camera_of(session.officer, session.start)
    length = timedelta(minutes=5 if camera % 2 else 10)
    parts = [(session.start, session.end)]
    if session.gap:
        parts = [(session.start, session.gap[0]), (session.gap[1], session.end)]
    for start, end in parts:
        at = start
        while (end - at).total_seconds() > LEAST_S:
            yield camera, at, min(at + length, end), session.off_s
            at += length


def rows_of_pair(plan: Plan, pair: int, pack: LawPack) -> Rows:
    """Return the stored rows of a pair's clips, judged camera by camera."""
    files = files_of_pair(plan, pair, pack)
    roster = Roster(*people(plan))
    rows: Rows = {name: [] for name in STORERS}
    for camera in sorted({file.camera for file in files}):
        mine = [file for file in files if file.camera == camera]
        stated = {file.digest: _statement(file) for file in mine}
        recordings = [clock.Recording(one.digest, stated[one.digest], one.docked, one.number) for one in mine]
        judged = clock.judge_camera(recordings, ()).judgements
        for file in mine:
            _lay(rows, file, _clip(file, stated[file.digest], judged[file.digest], roster))
    return rows


def _statement(file: File) -> clock.Statement:
    return clock.state(
        file.claims.times, kind=Kind.VIDEO, duration_s=file.duration_s, received_at=file.docked, head_s=0.0
    )


def _clip(file: File, stated: clock.Statement, judged: clock.ClockJudgement, roster: Roster) -> SimpleNamespace:
    """Return the columns of a clip, as the pipeline and the judgement leave them."""
    luck = int(file.digest[:8], 16) / 2**32
    clip: Any = SimpleNamespace(
        digest=file.digest,
        size_bytes=int(file.duration_s * 1e6),
        kind=Kind.VIDEO,
        state=ClipState.DERIVED,
        playable=Playable.ORIGINAL,
        received_at=file.docked,
        last_received_at=file.docked,
        station="hall",
        source_path=file.name,
        device_id=device_id(file.camera),
        sequence=file.number,
        sort_us=BEFORE_ALL_TIMES,
        docked_at=file.docked,
        stated=STATEMENT.write(stated),
        duration_s=file.duration_s,
        decoded_duration_s=file.duration_s,
        has_video=True,
        has_audio=not 0.1 <= luck < 0.1 + SILENT,
        damaged=0.2 <= luck < 0.2 + DAMAGED,
        linked=False,
        is_black=0.3 <= luck < 0.3 + BLACK,
    )
    start = judged.start
    keep(clip, judged, identify(file.claims.identities, start, roster))
    return clip  # type: ignore[no-any-return] # a bare namespace in the place of a row


def _lay(rows: Rows, file: File, clip: SimpleNamespace) -> None:
    digest = file.digest
    rows["original"].append(ORIGINAL.row({"digest": digest, "size_bytes": clip.size_bytes, "received_at": file.docked}))
    rows["clip"].append(CLIP.row(vars(clip)))
    for claim in file.claims.times:
        inside = claim.source is not ClaimSource.FILE_NAME
        rows["time_claim"].append(TIME_CLAIM.row({"digest": digest, "inside": inside, **vars(claim)}))
    for named in file.claims.identities:
        folded = named.value.casefold()
        rows["identity_claim"].append(
            IDENTITY_CLAIM.row({"digest": digest, "inside": False, "folded": folded, **vars(named)})
        )
    if clip.is_black:
        span = {"digest": digest, "position": 0, "kind": QualityKind.BLACK, "start_s": 5.0, "end_s": file.duration_s}
        rows["quality_span"].append(QUALITY.row(span))
    if clip.damaged:
        said = {"digest": digest, "stage": "measured", "position": 0, "note": note("media.truncated", missing_s=1.5)}
        rows["problem"].append(PROBLEM.row(said))
