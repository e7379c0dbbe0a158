"""What each step of a file's journey does, over the ports; when and how often is the engine's business.

Every stage may run more than once (the engine's steps are at-least-once): sealing is content-addressed, measuring reads
only, deriving publishes by digest, and what the register records is written in the engine's own transaction.
"""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

from evidence.claims import Claims
from evidence.clips import Derivation, Kind, Measurement, Sighting
from evidence.custody import Actor, Authenticated
from evidence.docking import DockRecord
from evidence.documents import DOCUMENT_STATION
from evidence.errors import WithheldError
from evidence.ids import SYSTEM_ACTOR, Digest, StationId
from evidence.notes import Note, note
from evidence.ports import (
    Cancelled,
    Deriver,
    Intakes,
    Pickup,
    PickupState,
    Prober,
    Report,
    Reviewer,
    Scope,
    SoundComparer,
    SoundMatches,
    Transaction,
    Vault,
    WallClock,
)
from evidence.secrecy import Effect, Secrecy, permit
from evidence.sound import FAILED, NoSoundOffset, SoundComparison, SoundQuestion, in_order
from ingest.dock_records import MEDIA_TYPE, is_dock_record
from ingest.document_files import looked_at
from ingest.faults import reached
from ingest.gps_logs import claims_of_gps_log, is_gps_log
from ingest.progress import ProgressBoard

MACHINE = Actor(SYSTEM_ACTOR, Authenticated.MACHINE)
"""Who acts in the pipeline."""


class Taker(Protocol):
    """Copies one source into the vault (`ingest.intake`)."""

    def take(self, pickup: Pickup, report: Report, cancelled: Cancelled) -> Sighting:
        """Seal the source and say what was seen."""
        ...


@dataclass(frozen=True)
class Rooms:
    """The rooms a file passes through, as the wiring hands them out.

    Attributes:
        claims_of_path: what path, times and arrival of a sighting state.
        claims_of_photo: what a photo's own tags state, and what was wrong with them.
        dock_record_of: what a dock's record says, or None and what is wrong with it.
        claims_on_screen: what the clock in a video's picture states, and why none was taken from it.
        comparer: finds by their sound how two clips lie to each other. sounds: which, and what came of it.
        scratch: folder for half-made derivatives, swept at start.
        secrecy_of: the class of confidentiality that holds for a clip.
    """

    taker: Taker
    vault: Vault
    prober: Prober
    deriver: Deriver
    intakes: Intakes
    reviewer: Reviewer
    claims_of_path: Callable[[Sighting], Claims]
    claims_of_photo: Callable[[Path], tuple[Claims, Sequence[Note]]]
    dock_record_of: Callable[[Path], tuple[DockRecord | None, Sequence[Note]]]
    claims_on_screen: Callable[[Path, Measurement], tuple[Claims, Sequence[Note]]]
    comparer: SoundComparer
    sounds: SoundMatches
    clock: WallClock
    board: ProgressBoard
    scratch: Path
    secrecy_of: Callable[[Digest], Secrecy | None] = lambda _digest: None


class Stages:
    """The named steps of the journey; one method each."""

    def __init__(self, rooms: Rooms) -> None:
        """Work with these rooms."""
        self._rooms = rooms

    def seal(self, pickup: Pickup, cancelled: Cancelled) -> Sighting:
        """Copy the source into the vault.

        Raises:
            SourceChangedError: take it again when it has settled. SourceUnreadableError: it stays where it is.
            StorageError: the vault refused.
        """
        report = self._rooms.board.begin(pickup.key, pickup.station, pickup.source_path, "seal")
        try:
            sighting = self._rooms.taker.take(pickup, report, cancelled)
        finally:
            self._rooms.board.end(pickup.key)
        reached("sealed-unrecorded")
        return sighting

    def record_sealed(self, tx: Transaction, pickup: Pickup, sighting: Sighting) -> bool:
        """Record the sighting; return whether the bytes are new. What was known already is reviewed with it."""
        new = self._rooms.intakes.record_sealed(tx, pickup, sighting, self._rooms.claims_of_path(sighting), MACHINE)
        reached("mid-record")
        if not new:
            self._review(tx, sighting.digest, label_of(sighting.station, sighting.source_path))
        return new

    def record_refused(self, tx: Transaction, pickup: Pickup, state: PickupState, reason: Note) -> None:
        """Record that a source could not be taken, and why."""
        now = self._rooms.clock()
        self._rooms.intakes.note_pickup(tx, pickup, state, reason, now)
        self._rooms.reviewer.settle(tx, pickup.station, MACHINE, now)

    def record_stuck(self, tx: Transaction, pickup: Pickup, reason: Note) -> None:
        """Record that the pipeline itself broke on a file that was not sealed yet; a sealed one stays as it is."""
        if self._rooms.intakes.pickup_state(tx, pickup.key) is PickupState.WAITING:
            self.record_refused(tx, pickup, PickupState.FAILED, reason)

    def measure(self, digest: Digest, label: str) -> Measurement:
        """Measure the sealed bytes; a photo's own tags are among the claims, what a dock's record says beside them."""
        self._rooms.board.begin(digest, *_told(label), "measure")
        try:
            measured = self._measured(Path(self._rooms.vault.locate(digest)), *_told(label))
        finally:
            self._rooms.board.end(digest)
        reached("measured-unrecorded")
        return measured

    def _measured(self, path: Path, station: str, source_path: str) -> Measurement:
        measured = self._rooms.prober.measure(path)
        if station == DOCUMENT_STATION:
            measured = looked_at(path, source_path, measured)
        if measured.kind is Kind.PHOTO:
            return self._with_photo_tags(path, measured)
        if station == DOCUMENT_STATION:
            return measured
        if measured.kind is Kind.OTHER and is_dock_record(path, source_path):
            return self._with_dock_record(path, measured)
        if measured.kind is Kind.OTHER and is_gps_log(source_path):
            return replace(measured, claims=measured.claims.joined(claims_of_gps_log(path)))
        return measured

    def _with_photo_tags(self, path: Path, measured: Measurement) -> Measurement:
        claims, problems = self._rooms.claims_of_photo(path)
        return replace(measured, claims=measured.claims.joined(claims), problems=(*measured.problems, *problems))

    def _with_dock_record(self, path: Path, measured: Measurement) -> Measurement:
        """Add what a dock's record says; one that cannot be read is told, and is no damage: no footage is in it."""
        record, problems = self._rooms.dock_record_of(path)
        if record is None:
            return replace(measured, problems=(*measured.problems, *problems), damaged=False)
        return replace(measured, media_type=MEDIA_TYPE, problems=tuple(problems), docking=record)

    def record_measured(self, tx: Transaction, digest: Digest, measured: Measurement, label: str) -> None:
        """Record what was measured, with what follows from it: no state between the two is ever seen."""
        self._rooms.intakes.record_measured(tx, digest, measured, measured.claims, MACHINE, self._rooms.clock())
        self._review(tx, digest, label)

    def derive(self, digest: Digest, measured: Measurement, label: str, cancelled: Cancelled) -> Derivation:
        """Make proxy, stills and quality figures in a scratch folder of this clip's own, and read its on-screen clock.

        The clock is read here, not while measuring: a clip that a browser plays as it is must not wait for it.

        Raises:
            MediaError: may pass, try again. MediaCancelledError: a person stopped it.
            WithheldError: confidentiality forbids it; no tool saw the clip.
        """
        permit(self._rooms.secrecy_of(digest), Effect.PROCESSING, digest)
        scratch = self._rooms.scratch / f"derive-{digest}"
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True)
        report = self._rooms.board.begin(digest, *_told(label), "derive")
        try:
            derivation = self._rooms.deriver.derive(
                self._rooms.vault.locate(digest), digest, measured, scratch, _killable(report), cancelled
            )
        finally:
            self._rooms.board.end(digest)
            shutil.rmtree(scratch, ignore_errors=True)
        reached("derived-unrecorded")
        return self._with_onscreen_clock(digest, measured, derivation)

    def _with_onscreen_clock(self, digest: Digest, measured: Measurement, derivation: Derivation) -> Derivation:
        if measured.kind is not Kind.VIDEO:
            return derivation
        claims, remarks = self._rooms.claims_on_screen(Path(self._rooms.vault.locate(digest)), measured)
        return replace(derivation, claims=claims, problems=(*derivation.problems, *remarks))

    def record_derived(self, tx: Transaction, digest: Digest, derivation: Derivation, label: str) -> None:
        """Record what was derived, with what follows from it; a failure mark of an earlier try goes."""
        self._rooms.intakes.record_derived(tx, digest, derivation, MACHINE, self._rooms.clock())
        self._review(tx, digest, label)

    def pairs_with(self, tx: Transaction, digest: Digest) -> list[list[str]]:
        """Return the pairs that a clip whose links stand asks to have compared, each with the name of the attempt."""
        return [list(pair) for pair in self._rooms.sounds.wanted(tx, digest)]

    def question(self, tx: Transaction, a: Digest, b: Digest) -> SoundQuestion | None:
        """Return what is asked of a pair now; None when it was compared meanwhile, or hangs together no more."""
        return self._rooms.sounds.question(tx, a, b)

    def compare(self, asked: SoundQuestion, cancelled: Cancelled) -> SoundComparison:
        """Find by the sound of two clips how they lie to each other.

        Raises:
            MediaError: may pass, try again. MediaCancelledError: a person stopped it. NotFoundError: one is gone.
        """
        key = f"compare-{asked.a}-{asked.b}"
        report = self._rooms.board.begin(key, *_told(asked.label), "compare")
        try:
            found = self._rooms.comparer.offset(
                self._rooms.vault.locate(asked.a),
                self._rooms.vault.locate(asked.b),
                expected_s=asked.expected_s,
                within_s=asked.within_s,
                report=report,
                cancelled=cancelled,
            )
        finally:
            self._rooms.board.end(key)
        reached("compared-unrecorded")
        return SoundComparison(asked.a, asked.b, found)

    def record_compared(self, tx: Transaction, compared: SoundComparison) -> None:
        """Record what the sound says, and audit the steps where both clips hang."""
        now = self._rooms.clock()
        scope = self._rooms.sounds.record_compared(tx, compared, MACHINE, now)
        if scope != Scope():
            self._rooms.reviewer.review(tx, scope, MACHINE, now)

    def record_not_compared(self, tx: Transaction, one: Digest, other: Digest, reason: Note) -> None:
        """Record that a comparison gave up: neither clip has failed, and it may be tried again."""
        failed = note(FAILED, **reason.params)
        self.record_compared(tx, SoundComparison(*in_order(one, other), NoSoundOffset(failed)))

    def record_failure(self, tx: Transaction, digest: Digest, stage: str, reason: Note) -> None:
        """Record that a stage gave up on this clip."""
        self._rooms.intakes.record_failure(tx, digest, stage, reason, MACHINE, self._rooms.clock())

    def _review(self, tx: Transaction, digest: Digest, label: str) -> None:
        """Match and audit what this clip touches, and what has waited for its dock."""
        now = self._rooms.clock()
        self._rooms.reviewer.review(tx, Scope(clips=frozenset({digest})), MACHINE, now)
        self._rooms.reviewer.settle(tx, StationId(_told(label)[0]), MACHINE, now)
        reached("mid-match")

    def now(self) -> datetime:
        """Return this machine's time."""
        return self._rooms.clock()


def label_of(station: str, source_path: str) -> str:
    """Return how a clip is named on the board while it is worked on: its first sighting."""
    return f"{station}/{source_path}"


def _told(label: str) -> tuple[str, str]:
    station, _, source_path = label.partition("/")
    return station, source_path


def _killable(report: Report) -> Report:
    def watched(share: float) -> None:
        report(share)
        if share > 0:
            reached("mid-ffmpeg")

    return watched


def reason_of(error: BaseException) -> Note:
    """Return the note a failed stage is shown with: the sentence of the innermost error a person can act on."""
    if isinstance(error, WithheldError) and error.reason is not None:
        return error.reason
    return note("pipeline.failed", reason=str(error) or type(error).__name__, error=type(error).__name__)
