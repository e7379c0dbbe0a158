"""A shared camera is as if each of its carriers had recorded, whatever comes first, and more of it is never less."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.law_packs import default_pack
from evidence.cases import Case, Step
from evidence.clock import ClockVerdict
from evidence.ids import CaseNo, DeviceId, OfficerId, StepNo
from evidence.matching import Footage, match_clip, may_belong
from evidence.people import Assignment
from evidence.ports import Scope
from tests.property.test_evidence_coverage import LONGEST_S, PACK, T, audited, footage
from tests.property.test_index_suggestions_order import waiting
from tests.support.index import ASSIGNMENTS, CASE, DEVICES, NINE, OFFICERS, World, step
from tests.support.rebuilding import Records, differences

OFFICERS_OF = st.lists(st.sampled_from([OfficerId(f"P{n}") for n in range(5)]), min_size=1, max_size=3, unique=True)


@st.composite
def steps(draw: st.DrawFn) -> Step:
    """Draw a step of some officers around the footage of `footage`."""
    begun = T + timedelta(seconds=draw(st.integers(-300, LONGEST_S)))
    ended = begun + timedelta(seconds=draw(st.integers(0, 600)))
    code = draw(st.sampled_from(sorted(default_pack().rules)))
    number = StepNo(str(draw(st.integers(0, 10**6))))
    return Step(CaseNo("C"), number, code, begun, ended, officers=tuple(draw(OFFICERS_OF)))


def places(shot: Footage, found: list[Step]) -> set[str]:
    """Return the steps that a clip is linked to, or would be if its time were believed."""
    ruled = [(one, PACK.rules.get(one.procedure)) for one in found]
    doubted = {one.step_no for one, rule in ruled if may_belong(shot, one, rule)}
    return {str(match.step_no) for match in match_clip(shot, ruled)} | set(map(str, doubted))


@given(footage(), OFFICERS_OF, st.lists(steps(), max_size=6, unique_by=lambda one: one.step_no))
def test_it_hangs_where_the_clip_of_any_carrier_would(
    shot: Footage, carriers: list[OfficerId], found: list[Step]
) -> None:
    """The steps of a shared clip are those that its clip would have if each carrier had recorded it."""
    shared = replace(shot, officer_id=carriers[0], officers=tuple(carriers))
    alone = [replace(shot, officer_id=one, officers=()) for one in carriers]
    assert places(shared, found) == set[str]().union(*(places(one, found) for one in alone))


@given(st.lists(footage(), max_size=6, unique_by=lambda one: one.digest), footage(), st.booleans())
def test_more_footage_of_a_shared_camera_never_uncovers(clips: list[Footage], more: Footage, believed: bool) -> None:
    """What a step has covered stays so when a clip that its officer shared is added."""
    more = replace(more, officers=(OfficerId("P9"), OfficerId("P1")))
    more = replace(more, verdict=ClockVerdict.TRUSTED) if believed else more
    window = replace(T_STEP).window
    before, after = audited(window, "SEIZE", clips), audited(window, "SEIZE", [*clips, more])
    assert (after.coverage or 0) >= (before.coverage or 0)


T_STEP = Step(CaseNo("C"), StepNo("1"), "SEIZE", T, T + timedelta(seconds=600), officers=(OfficerId("P1"),))

D1, SINCE = DeviceId("D1"), NINE - timedelta(hours=1)
SHARED = (ASSIGNMENTS[0], replace(ASSIGNMENTS[0], officer_id=OfficerId("E2")))
LATE = Assignment(D1, OfficerId("E3"), NINE + timedelta(minutes=10), NINE + timedelta(minutes=20))
Arrival = Callable[[World, Records], object]
ARRIVALS: tuple[Arrival, ...] = (
    lambda world, records: records.imported(world, "officers", OFFICERS),
    lambda world, records: records.imported(world, "devices", DEVICES),
    lambda world, records: records.imported(world, "assignments", SHARED),
    lambda world, records: records.imported(world, "assignments", [ASSIGNMENTS[1], LATE]),
    lambda world, records: records.imported(world, "cases", [Case(CASE, "案")]),
    lambda world, records: records.imported(world, "steps", [step(), step(step_no="2", officers=("E2",))]),
    lambda world, records: records.imported(world, "steps", [step(step_no="3", officers=("E3",))]),
    lambda world, _: world.clip("both", (-1, 8), sequence=1),
    lambda world, _: world.clip("three", (12, 19), sequence=2),
    lambda world, _: world.clip("doubtful", (2, 12), disputed=True, sequence=3),
    lambda world, _: world.clip("own", (0, 29), device="D2"),
    lambda world, _: world.clip("nobody's", (0, 20), device="NOBODY"),
)


def outcome(arrivals: list[Arrival]) -> tuple[object, ...]:
    """Return what is linked, asked and found after these arrivals; a whole review and a rebuild must say the same."""
    with TemporaryDirectory() as folder:
        world, records = World(Path(folder)), Records()
        for arrive in arrivals:
            arrive(world, records)
        result = (world.links(), waiting(world), world.open_kinds())
        world.review(Scope(everything=True))
        assert (world.links(), waiting(world), world.open_kinds()) == result, "a whole review says something else"
        assert differences(world, records, Path(folder, "again.sqlite")) == []
        world.close()
        return result


EXPECTED: list[tuple[object, ...]] = []


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.permutations(ARRIVALS))
def test_any_order_of_arrival_shares_the_same(arrivals: list[Arrival]) -> None:
    """Rosters, steps and clips of a shared camera in any order: the same links, questions and findings."""
    if not EXPECTED:
        EXPECTED.append(outcome(list(ARRIVALS)))
    assert outcome(arrivals) == EXPECTED[0]
