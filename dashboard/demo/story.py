"""How the demo's world is told: cases and steps, what the cameras wrote, and which faults were planted on purpose."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta

from dashboard.demo.paths import source_path
from dashboard.demo.people import BRIGADE, Camera
from evidence.cases import Case, Step
from evidence.docking import DockedFile
from evidence.documents import Document
from evidence.findings import FindingKind
from evidence.ids import CaseNo, DeviceId, StationId, StepNo
from evidence.notes import Note, note
from evidence.people import Officer
from evidence.zones import BEIJING, beijing
from transcode.synthetic import ClipSpec, Container, CreationTag

Alter = Callable[[ClipSpec], ClipSpec]
"""Changes what is to be made: covers a lens, mutes a microphone, cuts a file."""


def hears(scene: int, from_s: float = 0.0) -> Alter:
    """Return what lets a camera hear a scene of sound from so many seconds in; another camera may hear it, too."""
    return lambda spec: replace(spec, scene=scene, scene_from_s=from_s)


@dataclass(frozen=True)
class Drop:
    """A file that a dock receives.

    Attributes:
        source_path: below the station's folder.
        content: what ffmpeg is to make, or the bytes themselves.
        mtime: modification time the file carries, UTC: when the camera closed it, by the camera's clock.
        docked_at: true time of the recording's end; the order of docking follows it.
    """

    station: StationId
    source_path: str
    content: ClipSpec | bytes
    mtime: datetime
    docked_at: datetime

    @property
    def subject(self) -> str:
        """How a finding about this file is named: ``station/path``."""
        return f"{self.station}/{self.source_path}"


@dataclass(frozen=True)
class Planted:
    """A finding that must come out.

    Attributes:
        subject: ``case/step``, a case, the ``station/path`` of a clip, or a device.
        why: what was done to footage or record, in words for a person; two of the same kind and subject are one.
    """

    kind: FindingKind
    subject: str
    why: Note = field(compare=False)


def step_subject(case_no: str, step_no: str) -> str:
    """Return how a finding about a step is named."""
    return f"{case_no}/{step_no}"


class Story:
    """Collects the world while it is told; each camera's files in order of time.

    Attributes:
        first_day, second_day: Beijing midnights of the two days before the day of ``now``.
        held: what a dock finds on each camera, beside the file it makes of it; ``name`` is the whole path.
    """

    def __init__(self, now: datetime) -> None:
        """Begin two days before ``now``, so that everything has happened whatever the hour."""
        today = datetime.combine(beijing(now).date(), time(), BEIJING)
        self.first_day = (today - timedelta(days=2)).astimezone(UTC)
        self.second_day = (today - timedelta(days=1)).astimezone(UTC)
        self.cases: list[Case] = []
        self.steps: list[Step] = []
        self.documents: list[Document] = []
        self.drops: list[Drop] = []
        self.held: list[tuple[Camera, Drop, DockedFile]] = []
        self.planted: set[Planted] = set()
        self._counters: dict[DeviceId, int] = defaultdict(int)
        self._last_end: dict[DeviceId, datetime] = {}

    # --- records ---

    def case(
        self,
        number: int,
        title: str,
        matter_type: str,
        unit: str = BRIGADE,
        *,
        days_ago: int = 0,
        concluded_at: datetime | None = None,
    ) -> CaseNo:
        """Open a case on the morning of the first day, or so many days before."""
        case_no = CaseNo(f"HJ-{beijing(self.first_day).year}-{number:03}")
        opened_at = self.first_day - timedelta(days=days_ago) + timedelta(hours=7)
        self.cases.append(Case(case_no, title, matter_type, unit, opened_at, concluded_at))
        return case_no

    def step(
        self,
        case_no: CaseNo,
        procedure: str,
        at: datetime,
        minutes: int,
        officers: Sequence[Officer],
        place: str,
        *,
        unsuitable_reason: str = "",
        witness: str = "",
        urgent_reason: str = "",
        due_at: datetime | None = None,
    ) -> Step:
        """Record the case's next step, to the minute as on paper."""
        number = 1 + sum(step.case_no == case_no for step in self.steps)
        step = Step(
            case_no,
            StepNo(str(number)),
            procedure,
            at,
            at + timedelta(minutes=minutes),
            place,
            tuple(officer.officer_id for officer in officers),
            "当事人(演示)",
            unsuitable_reason,
            witness,
            due_at,
            urgent_reason=urgent_reason,
        )
        self.steps.append(step)
        return step

    def paper(self, step: Step, slot: str, *signed_by: str, dated_at: datetime | None = None) -> None:
        """Put a text record of a step into the file, made when the step ended unless it is dated otherwise."""
        at = dated_at or step.ended_at
        self.documents.append(Document(step.case_no, step.step_no, slot, dated_at=at, signed_by=signed_by))

    # --- footage ---

    def film(
        self,
        camera: Camera,
        code_of: Officer,
        step: Step,
        from_s: float,
        to_s: float,
        *,
        alter: Alter | None = None,
        container: tuple[Container, str] | None = None,
    ) -> Drop:
        """Let a camera record around a step, from and to so many seconds after its start.

        ``code_of`` is the officer whose short code the camera carries; ``container`` another one than the camera's
        usual, with its suffix.
        """
        start = step.started_at + timedelta(seconds=from_s)
        return self.film_at(
            camera, code_of, start, to_s - from_s, about=step.procedure, alter=alter, container=container
        )

    def film_at(
        self,
        camera: Camera,
        code_of: Officer,
        start: datetime,
        length_s: float,
        *,
        about: str = "no step",
        alter: Alter | None = None,
        container: tuple[Container, str] | None = None,
        shown_start: datetime | None = None,
    ) -> Drop:
        """Let a camera record at a time of its own.

        ``shown_start`` is what the camera's clock says at ``start``, when it is wrong.
        """
        kind, suffix = container or (camera.container, camera.suffix)
        shown = shown_start or start
        spec = self._spec(camera, code_of.short_codes[0], kind, shown, length_s, about)
        spec = alter(spec) if alter else spec
        self._advance(camera, start, length_s)
        counter = self._counters[camera.device_id] if camera.naming.has_counter else None
        path = source_path(camera, shown, code_of.short_codes[0], suffix, counter=counter)
        closed = timedelta(seconds=length_s * spec.keep_share)
        drop = Drop(camera.station, path, spec, shown + closed, start + closed)
        return self.give(camera, drop, DockedFile(path, counter, code_of.short_codes[0], shown))

    def photo(self, camera: Camera, code_of: Officer, step: Step, at_s: float, suffix: str = "jpg") -> Drop:
        """Let a camera take a still so many seconds after a step's start."""
        at = step.started_at + timedelta(seconds=at_s)
        code = code_of.short_codes[0]
        spec = self._spec(camera, code, Container.JPEG, at, 0, step.procedure)
        path = source_path(camera, at, code, suffix, counter=None)
        drop = Drop(camera.station, path, spec, at, at)
        return self.give(camera, drop, DockedFile(path, None, code, at))

    def lose(self, camera: Camera, files: int) -> None:
        """Let the camera's counter pass files that never reach a dock."""
        self._counters[camera.device_id] += files

    def give(self, camera: Camera, drop: Drop, file: DockedFile) -> Drop:
        """Put a camera's file at its dock; the dock lists it as held."""
        self.held.append((camera, drop, file))
        return self.receive(drop)

    def receive(self, drop: Drop) -> Drop:
        """Put a file at its dock, of which no camera is known."""
        self.drops.append(drop)
        return drop

    def _spec(
        self, camera: Camera, code: str, kind: Container, shown: datetime, length_s: float, about: str
    ) -> ClipSpec:
        return ClipSpec(
            kind,
            shown,
            length_s,
            seed=len(self.drops) + 1,
            device=camera.device_id,
            officer=code,
            caption=f"{about} - generated demo footage",
            creation_tag=camera.tag if kind.has_picture else CreationTag.ABSENT,
            width_px=camera.width_px,
            height_px=camera.height_px,
        )

    def _advance(self, camera: Camera, start: datetime, length_s: float) -> None:
        if start < self._last_end.get(camera.device_id, start):
            raise ValueError(f"{camera.device_id} cannot record at {start} what comes after its next file")
        self._last_end[camera.device_id] = start + timedelta(seconds=length_s)
        if camera.naming.has_counter:
            self._counters[camera.device_id] += 1

    # --- faults ---

    def plant(self, kind: FindingKind, subject: Step | Drop | Camera | CaseNo, because: str) -> None:
        """Say that a finding must come out, and why; ``because`` is a code of the catalogue below ``demo.fault``."""
        self.planted.add(Planted(kind, _named(subject), note(f"demo.fault.{because}")))


def _named(subject: Step | Drop | Camera | CaseNo) -> str:
    match subject:
        case str():
            return subject
        case Step():
            return step_subject(subject.case_no, subject.step_no)
        case Drop():
            return subject.subject
        case Camera():
            return subject.device_id
