"""A large bureau's two years, made up from a seed: who carries which camera, which steps are taken, what is recorded.

Officers work in pairs. Each working hour of a pair is a step of a case, a patrol, or nothing; what of it is recorded
depends on what the step's procedure asks for, and on luck. Every share it is made with is a named constant.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from evidence.cases import Case, Step
from evidence.documents import Document
from evidence.ids import CaseNo, DeviceId, OfficerId, StepNo
from evidence.law import DocumentSlot, Duty, LawPack
from evidence.people import Assignment, Device, Officer
from evidence.zones import BEIJING

FIRST_DAY = datetime(2024, 1, 1, tzinfo=BEIJING).astimezone(UTC)
DAYS = 730
HOURS = tuple(range(9, 18))
"""Hours of the day, Beijing time, in which a step or a patrol may begin."""

PAIRS_TO_A_UNIT = 5
SWAPPED_EVERY_DAYS = 90
"""How long two officers of a pair keep their cameras before they exchange them."""

STEPS_TO_A_CASE = (3, 7)
STEP_MINUTES = (10, 45)
PATROL_MINUTES = (10, 50)

COMMON = {Duty.SIMULTANEOUS: 4, Duty.OPTIONAL: 3, Duty.ANY_FORM: 2}
"""How much more often than others the procedures of a duty are taken: work in the field is what cameras are for."""

RECORDED = {Duty.SIMULTANEOUS: 0.92, Duty.ANY_FORM: 0.85, Duty.OPTIONAL: 0.5, Duty.ALTERNATIVE: 0.5, Duty.RECORD: 0.2}
RECORDED_ELSE = 0.05
"""Share of the steps of a duty that are recorded at all."""

BOTH_RECORD = 0.85
"""Share of the recorded steps that both officers record."""

GAP = 0.08
"""Share of the recorded steps of which a stretch is missing."""

UNSUITABLE = 0.01
"""Share of the steps whose record says that recording was not suitable."""

FILED, SIGNED = 0.95, 0.96
"""Share of the text records that are in the file, and of those that everybody has signed who must."""

CONCLUDED = 0.85
"""Share of the cases that come to an end."""

DOUBTFUL = 0.02
"""Share of the sessions whose files state two times."""


@dataclass(frozen=True)
class Session:
    """A stretch that one officer records. ``off_s``: what the files' second time statement is off by; 0: none."""

    officer: int
    start: datetime
    end: datetime
    gap: tuple[datetime, datetime] | None = None
    off_s: float = 0.0


@dataclass(frozen=True)
class Plan:
    """What a bureau is made with.

    Attributes:
        clips, steps: how many there are; pairs: of officers, each with a camera.
    """

    seed: int
    clips: int
    steps: int
    pairs: int

    @property
    def clips_of_pair(self) -> int:
        """Files of the two cameras of a pair."""
        return -(-self.clips // self.pairs)

    @property
    def steps_of_pair(self) -> int:
        """Steps that a pair takes."""
        return -(-self.steps // self.pairs)

    @property
    def days(self) -> int:
        """Days that are as full as two years of a million clips and two hundred cameras are."""
        return max(3, min(DAYS, DAYS * self.clips_of_pair // 10_000))


def officer_id(number: int) -> OfficerId:
    """Return the name of an officer."""
    return OfficerId(f"E{number:04}")


def device_id(number: int) -> DeviceId:
    """Return the name of a camera."""
    return DeviceId(f"DSJ{number:05}")


def people(plan: Plan) -> tuple[list[Officer], list[Device], list[Assignment]]:
    """Return officers, cameras, and who carried which; the last handing out is still open."""
    numbers = range(2 * plan.pairs)
    officers = [
        Officer(officer_id(n), f"警员{n}", f"中队{n // (2 * PAIRS_TO_A_UNIT)}", short_codes=(f"{n:06}",))
        for n in numbers
    ]
    devices = [Device(device_id(n), "DSJ-A9", "", officers[n].unit, f"SN{n:07}") for n in numbers]
    return officers, devices, [one for n in numbers for one in _handed_out(plan, n)]


def _handed_out(plan: Plan, device: int) -> Iterator[Assignment]:
    for turn, day in enumerate(range(0, plan.days, SWAPPED_EVERY_DAYS)):
        start = FIRST_DAY + timedelta(days=day)
        until = day + SWAPPED_EVERY_DAYS
        end = FIRST_DAY + timedelta(days=until) if until < plan.days else None
        yield Assignment(device_id(device), officer_id(device ^ (turn % 2)), start, end)


def camera_of(officer: int, at: datetime) -> int:
    """Return which camera an officer carries."""
    return officer ^ (((at - FIRST_DAY).days // SWAPPED_EVERY_DAYS) % 2)


@dataclass(frozen=True)
class PairWork:
    """The two years of a pair of officers, and the text records of its steps."""

    cases: tuple[Case, ...]
    steps: tuple[Step, ...]
    sessions: tuple[Session, ...]
    documents: tuple[Document, ...]


def pair_work(plan: Plan, pair: int, pack: LawPack) -> PairWork:
    """Return what a pair does: its steps in cases, and the sessions that were recorded, patrols too."""
    rng = Random(f"{plan.seed}/{pair}")
    hours = [(day, hour) for day in range(plan.days) for hour in HOURS]
    taken = sorted(rng.sample(hours, plan.steps_of_pair))
    steps = list(_steps(plan, pair, taken, pack, rng))
    sessions = [one for step in steps for one in _recorded(step, pair, pack, rng)]
    free = sorted(set(hours) - set(taken))
    rng.shuffle(free)
    sessions += [_patrol(2 * pair + rng.randrange(2), place, rng) for place in free]
    paper = Random(f"paper/{plan.seed}/{pair}")
    cases = tuple(_cases(pair, steps, paper))
    documents = tuple(one for step in steps for one in _filed(step, pack, paper))
    return PairWork(cases, tuple(steps), tuple(sessions), documents)


def _cases(pair: int, steps: Sequence[Step], rng: Random) -> Iterator[Case]:
    """Yield the cases of steps, opened the day before the first and most of them concluded after the last."""
    unit = f"中队{pair // PAIRS_TO_A_UNIT}"
    opened = {step.case_no: step.started_at - timedelta(days=1) for step in reversed(steps)}
    last = {step.case_no: step.ended_at for step in steps}
    for name in dict.fromkeys(step.case_no for step in steps):
        ends = last[name] + timedelta(days=rng.randint(1, 60)) if rng.random() < CONCLUDED else None
        yield Case(name, f"检查 {name}", "检查", unit, opened[name], ends)


def _filed(step: Step, pack: LawPack, rng: Random) -> Iterator[Document]:
    """Yield the text records of a step that are in the file."""
    for slot in (pack.documents[name] for name in pack.rules[step.procedure].documents):
        if rng.random() < FILED:
            dated_at = step.ended_at + timedelta(minutes=rng.randint(5, 600))
            yield Document(step.case_no, step.step_no, slot.slot, "", slot.slot, dated_at, _signers(slot, rng))


def _signers(slot: DocumentSlot, rng: Random) -> tuple[str, ...]:
    everybody = tuple(choice[0] for choice in slot.signers)
    return everybody if rng.random() < SIGNED else everybody[1:]


def _steps(plan: Plan, pair: int, taken: Sequence[tuple[int, int]], pack: LawPack, rng: Random) -> Iterator[Step]:
    codes = sorted(pack.rules)
    weights = [COMMON.get(pack.rules[code].duty, 1) for code in codes]
    case, left, number = 0, 0, 0
    for day, hour in taken:
        if not left:
            case, left, number = case + 1, rng.randint(*STEPS_TO_A_CASE), 0
        left, number = left - 1, number + 1
        start = _hour(day, hour) + timedelta(minutes=rng.randint(0, 10))
        yield Step(
            CaseNo(f"{plan.seed}-{pair:04}-{case:05}"),
            StepNo(str(number)),
            rng.choices(codes, weights)[0],
            start,
            start + timedelta(minutes=rng.randint(*STEP_MINUTES)),
            "现场",
            (officer_id(2 * pair), officer_id(2 * pair + 1)),
            unsuitable_reason="涉及商业秘密" if rng.random() < UNSUITABLE else "",
        )


def _recorded(step: Step, pair: int, pack: LawPack, rng: Random) -> Iterator[Session]:
    if rng.random() > RECORDED.get(pack.rules[step.procedure].duty, RECORDED_ELSE):
        return
    for officer in (0, 1)[: 2 if rng.random() < BOTH_RECORD else 1]:
        start = step.started_at - timedelta(seconds=rng.randint(-20, 100))
        end = step.ended_at + timedelta(seconds=rng.randint(-20, 100))
        gap = None
        if rng.random() < GAP:
            from_s = rng.uniform(0.1, 0.6) * (end - start).total_seconds()
            gap = (start + timedelta(seconds=from_s), start + timedelta(seconds=from_s + rng.randint(60, 240)))
        yield Session(2 * pair + officer, start, end, gap, _off_s(rng))


def _patrol(officer: int, place: tuple[int, int], rng: Random) -> Session:
    start = _hour(*place) + timedelta(seconds=rng.randint(0, 480))
    return Session(officer, start, start + timedelta(minutes=rng.randint(*PATROL_MINUTES)), None, _off_s(rng))


def _off_s(rng: Random) -> float:
    return rng.choice((-18_000.0, 18_000.0, 40_000.0)) if rng.random() < DOUBTFUL else 0.0


def _hour(day: int, hour: int) -> datetime:
    return FIRST_DAY + timedelta(days=day, hours=hour)
