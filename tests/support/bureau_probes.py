"""Single clips and steps that come late to a large bureau, each as the pipeline and an import would bring it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from random import Random

from sqlalchemy.orm import Session

from evidence.cases import Step
from evidence.claims import Claims
from evidence.clips import (
    AudioStream,
    Derivation,
    Derivative,
    Kind,
    Measurement,
    Playable,
    Role,
    Sighting,
    VideoStream,
)
from evidence.custody import Actor, Authenticated
from evidence.ids import CaseNo, Digest, StationId, StepNo
from evidence.law import LawPack
from evidence.ports import Pickup
from evidence.sidecars import moment_of
from index.catalogue import Catalogue
from tests.support.bureau_clips import File
from tests.support.bureau_plan import FIRST_DAY, Plan, camera_of, pair_work

MACHINE = Actor("system", Authenticated.MACHINE)
HALL = StationId("hall")
LENGTH = timedelta(minutes=5)


@dataclass(frozen=True)
class Probe:
    """A file that nobody has seen yet, and a step that nobody has recorded yet."""

    file: File
    step: Step

    def take_in(self, tx: Session, catalogue: Catalogue) -> Digest:
        """Seal, measure and derive the file; nothing is reviewed."""
        file = self.file
        pickup = Pickup(f"probe-{file.digest}", HALL, "/dock/hall", file.name, 1000, 1)
        seen = Sighting(file.digest, 1000, HALL, file.name, moment_of(1), file.docked)
        catalogue.record_sealed(tx, pickup, seen, file.claims, MACHINE)
        measured = Measurement(
            Kind.VIDEO,
            "video/mp4",
            "mov",
            file.duration_s,
            VideoStream("h264", "High", "yuv420p", 1920, 1080, rate="25/1"),
            AudioStream("aac", 48_000, 1),
            playable_as_is=True,
            tool="ffprobe",
        )
        catalogue.record_measured(tx, file.digest, measured, Claims(), MACHINE, file.docked)
        poster = Derivative(named(f"poster {file.digest}"), file.digest, Role.POSTER, "image/jpeg", 10, "ffmpeg", {})
        made = Derivation((poster,), Playable.ORIGINAL, file.duration_s, 7500, tool="ffmpeg")
        catalogue.record_derived(tx, file.digest, made, MACHINE, file.docked)
        return file.digest


def probes(plan: Plan, pack: LawPack, count: int) -> list[Probe]:
    """Return late clips of steps of any day, half of them of the last days, and late steps beside patrols."""
    rng = Random(f"probes/{plan.seed}")
    found: list[Probe] = []
    for number in range(count):
        pair = rng.randrange(plan.pairs)
        work = pair_work(plan, pair, pack)
        newest = work.steps[-max(1, len(work.steps) // 50) :]
        step = rng.choice(newest if number % 2 else work.steps)
        session = rng.choice(work.sessions)
        found.append(Probe(_file(plan, pair, step, number), _step(step, session.start, number)))
    return found


def _file(plan: Plan, pair: int, step: Step, number: int) -> File:
    start = step.started_at - timedelta(seconds=30)
    docked = FIRST_DAY + timedelta(days=plan.days, hours=10, minutes=number)
    camera = camera_of(2 * pair + number % 2, start)
    return File(named(f"probe {plan.seed} {number}"), camera, 900_000 + number, start, start + LENGTH, docked)


def _step(like: Step, start: datetime, number: int) -> Step:
    case = CaseNo(f"late-{number:04}")
    began = start.astimezone(UTC) + timedelta(minutes=1)
    return Step(case, StepNo("1"), like.procedure, began, began + timedelta(minutes=15), "现场", like.officers)


def named(text: str) -> Digest:
    """Return the digest of a file that is this text."""
    return Digest(sha256(text.encode()).hexdigest())
