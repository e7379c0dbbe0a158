"""The order in which things arrive does not matter: same links, same verdicts, same findings."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evidence.cases import Case
from evidence.clock import Shift, ShiftScope
from evidence.docking import DockedFile, DockRecord
from evidence.findings import FindingState, StepState
from evidence.ids import DeviceId
from evidence.notes import Note
from evidence.ports import Scope
from evidence.sound import SoundOffset
from index.clock_decisions import decide_shift
from tests.support.clocks import put_record
from tests.support.index import (
    ASSIGNMENTS,
    BLACK,
    CASE,
    DEVICES,
    EVENING,
    LATER,
    LI,
    OFFICERS,
    World,
    at,
    digest_of,
    step,
)

Arrival = Callable[[World], object]

STEPS = (
    step(),
    step(step_no="2", window=(40, 60), officers=("E1", "E2"), procedure="SEIZE"),
    step(step_no="3", window=(300, 330), unsuitable="涉密场所"),
    step(step_no="4", window=(70, 80), procedure="DECISION"),
)


def fifth(world: World) -> None:
    """A clip docks; a second time it is the same clip."""
    world.clip("fifth", (41, 61), sequence=5)


def other(world: World) -> None:
    """A clip of another camera docks; a second time it is the same clip."""
    world.clip("other", (39, 50), device="SN-TWO", sequence=7)


DOCKED = DockRecord(
    DeviceId("SN-ONE"),
    EVENING - timedelta(minutes=5),
    EVENING - timedelta(minutes=4),
    clock_set=True,
    files=(DockedFile("first.mp4", 1, recorded_at=at(-1)), DockedFile("fifth.mp4", 5)),
)


def decides(world: World) -> None:
    """A person confirms a shift of a clip that came."""
    digest = world.clip("behind", (180, 210), sequence=9)
    shift = Shift(ShiftScope.CLIP, digest, -7200.0)
    world.decide(lambda tx: decide_shift(tx, shift, LI, "对过表", LATER, confirm=True))


ARRIVALS: tuple[Arrival, ...] = (
    lambda world: world.put(lambda tx: world.catalogue.put_officers(tx, OFFICERS)),
    lambda world: world.put(lambda tx: world.catalogue.put_devices(tx, DEVICES)),
    lambda world: world.put(lambda tx: world.catalogue.put_assignments(tx, ASSIGNMENTS[:1])),
    lambda world: world.put(lambda tx: world.catalogue.put_assignments(tx, ASSIGNMENTS[1:])),
    lambda world: world.put(lambda tx: world.catalogue.put_cases(tx, [Case(CASE, "案")])),
    lambda world: world.put(lambda tx: world.catalogue.put_steps(tx, STEPS[:2])),
    lambda world: world.put(lambda tx: world.catalogue.put_steps(tx, STEPS[2:])),
    lambda world: world.clip("first", (-1, 14), sequence=1),
    lambda world: world.clip("second", (15, 29), sequence=2, quality=BLACK),
    fifth,
    other,
    lambda world: world.clip("doubtful", (2, 12), disputed=True, sequence=3),
    lambda world: world.clip("broken", (500, 501), device="UNKNOWN", damaged=True),
    lambda world: put_record(world, DOCKED),
    decides,
)

HEARD = SoundOffset(-900.0, 0.004, 3.5, 7, "ffmpeg 7")


def hears(world: World) -> None:
    """Two clips are there and compared by their sound; it says that their clocks cannot both be right."""
    fifth(world)
    other(world)
    with world.transaction() as tx:
        world.compare(tx, digest_of("fifth"), digest_of("other"), HEARD)


ARRIVALS += (hears,)

Stand = tuple[StepState, float | None, tuple[DeviceId, ...], tuple[Note, ...]]
Outcome = tuple[set[tuple[str, str, str]], dict[str, FindingState], list[Stand]]


def outcome(arrivals: list[Arrival]) -> Outcome:
    """Return what a fresh register says after these arrivals; resolved findings are history and left out."""
    with TemporaryDirectory() as folder:
        world = World(Path(folder))
        for arrive in arrivals:
            arrive(world)
        steps = [(view.state, view.coverage, view.waiting_for, view.why) for view in world.library.steps()]
        result: Outcome = (world.links(), still_standing(world), steps)
        told = world.ledger_size()
        world.review(Scope(everything=True))
        assert world.ledger_size() == told, "a whole review writes what is there already"
        assert (world.links(), still_standing(world)) == result[:2], "a whole review says something else"
        world.close()
        return result


def still_standing(world: World) -> dict[str, FindingState]:
    """Return the findings that are not resolved."""
    return {name: state for name, state in world.standing().items() if state is not FindingState.RESOLVED}


EXPECTED: list[Outcome] = []


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.permutations(ARRIVALS))
def test_any_order_of_arrival_gives_the_same_links_and_findings(arrivals: list[Arrival]) -> None:
    """Clips, cases, steps, officers, cameras and assignments in any order end in one and the same register."""
    if not EXPECTED:
        EXPECTED.append(outcome(list(ARRIVALS)))
        assert EXPECTED[0][0]
        assert EXPECTED[0][1]
        assert "finding.step.sound_disagrees" in {said.code for stand in EXPECTED[0][2] for said in stand[3]}
    assert outcome(arrivals) == EXPECTED[0]
