"""The port `Library`: documented names, filters, order, and no statement per row."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from evidence.clips import ClipState, Kind
from evidence.errors import NotFoundError
from evidence.findings import FindingKind, FindingState, Severity, StepState
from evidence.ids import CaseNo, DeviceId, Digest, OfficerId, StationId
from evidence.notes import Note
from evidence.spans import Span
from evidence.views import ClipFilter, FindingFilter, case_json, clip_json, finding_json, step_json
from tests.support.index import ASSIGNMENTS, BLACK, CASE, DEVICES, NINE, OFFICERS, World, at, digest_of, step


@pytest.fixture(name="world", scope="module")
def _world(tmp_path_factory: pytest.TempPathFactory, shared_url: str) -> Iterator[World]:
    world = World(Path(tmp_path_factory.mktemp("library")), shared_url)
    world.staff()
    world.steps(
        step(),
        step(step_no="2", procedure="SEIZE", window=(60, 90)),
        step("2026-002", procedure="SVC_LIEN", window=(200, 230)),
    )
    world.clip("first", (0, 15), sequence=1)
    world.clip("second", (16, 30), sequence=4, quality=BLACK)
    world.clip("第三_100%", (400, 410), device="D2", damaged=True)
    world.clip("doubtful", (40, 50), disputed=True)
    yield world
    world.close()


def words(said: Note) -> str:
    """Render a note by its code."""
    return said.code


def names(world: World, wanted: ClipFilter) -> list[str]:
    """Return the paths of a list of clips, without their suffix."""
    found = [view.source_path.removesuffix(".mp4") for view in world.library.clips(wanted)]
    assert world.library.count_clips(wanted) == len(found)
    return found


def test_clips_are_listed_newest_recorded_first(world: World) -> None:
    """Order by recorded start, newest first."""
    assert names(world, ClipFilter()) == ["第三_100%", "doubtful", "second", "first"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (ClipFilter(station=StationId("A"), kind=Kind.VIDEO, state=ClipState.REVIEWED), 4),
        (ClipFilter(station=StationId("B")), 0),
        (ClipFilter(device_id=DeviceId("D2")), 1),
        (ClipFilter(officer_id=OfficerId("E1")), 3),
        (ClipFilter(case_no=CASE), 2),
        (ClipFilter(linked=False), 2),
        (ClipFilter(failed=True), 0),
        (ClipFilter(text="古丽"), 1),
        (ClipFilter(text="100%"), 1),
        (ClipFilter(text="0_%"), 0),
        (ClipFilter(text="SECOND"), 1),
        (ClipFilter(text="d2"), 1),
        (ClipFilter(recorded=Span(at(14), at(17))), 2),
    ],
)
def test_every_filter_narrows_the_list(world: World, wanted: ClipFilter, found: int) -> None:
    """Each field must hold; text is looked for as it is, in path, device and officer."""
    assert len(names(world, wanted)) == found


def test_a_page_of_clips(world: World) -> None:
    """Limit and offset cut the same order."""
    assert [view.source_path for view in world.library.clips(ClipFilter(limit=2, offset=1))] == [
        "doubtful.mp4",
        "second.mp4",
    ]


def test_a_clip_is_found_by_a_prefix_that_names_only_one(world: World) -> None:
    """Six digits are enough where they name one; too few, none, or many are refused with a cure."""
    digest = digest_of("first")
    assert world.library.clip(digest[:8].upper()).digest == digest
    for wrong in (digest[:5], "ffffffffff", digest + "0", ""):
        with pytest.raises(NotFoundError):
            world.library.clip(wrong)


def test_clips_by_digest_keep_the_order_asked_for(world: World) -> None:
    """Unknown digests are absent."""
    wanted = [digest_of("second"), Digest("0" * 64), digest_of("first")]
    assert list(world.library.clips_by_digest(wanted)) == [digest_of("second"), digest_of("first")]


def test_the_json_of_a_clip_has_its_documented_names(world: World) -> None:
    """Every name the documentation promises is there."""
    plain = clip_json(world.library.clip(digest_of("second")), words)
    promised = (
        "sha256 size_bytes source_path station device_id officer_id officer_source kind recorded_start recorded_end "
        "uncertainty_s clock clock_claims duration_s playable problems state links"
    )
    assert set(promised.split()) <= plain.keys()
    assert (plain["recorded_start"], plain["clock"], plain["officer_source"]) == (
        "2026-11-02T01:16:00Z",
        "trusted",
        "assignment",
    )


def test_the_json_of_a_finding_has_its_documented_names(world: World) -> None:
    """Kind, article, quote, window, gaps, words and state."""
    (jump,) = world.library.findings(FindingFilter(kind=FindingKind.SEQ_JUMP))
    promised = (
        "kind severity case_no step_no procedure article quote window uncovered clips what why rule_version state"
    )
    assert set(promised.split()) <= finding_json(jump, words).keys()
    assert world.library.finding(jump.finding.finding_id) == jump
    assert jump.finding.clips == (digest_of("first"), digest_of("second"))


def test_findings_are_filtered(world: World) -> None:
    """By kind, state, case, procedure, alias and clip."""
    find = world.library.findings
    assert {one.finding.case_no for one in find(FindingFilter(alias="Lien"))} == {CASE, "2026-002"}
    assert [one.finding.procedure for one in find(FindingFilter(procedure="SEIZE"))] == ["SEIZE"]
    assert {one.finding.kind for one in find(FindingFilter(digest=digest_of("doubtful")))} == {
        FindingKind.CLOCK_UNTRUSTED,
        FindingKind.UNLINKED_FOOTAGE,
        FindingKind.NO_AV,  # by the other time it states, it might show the seizure: the finding names it
    }
    assert all(one.state is FindingState.OPEN for one in find(FindingFilter(open_only=True)))
    assert find(FindingFilter(severity=Severity.BREACH, state=FindingState.OPEN, limit=1, offset=0))
    with pytest.raises(NotFoundError):
        world.library.finding("nothing")


def test_cases_say_how_their_steps_stand(world: World) -> None:
    """Steps by state and open findings, newest case first; one case by number; text in number and title."""
    views = {view.case.case_no: view for view in world.library.cases()}
    assert views[CASE].steps == 2
    assert views[CASE].states == {StepState.COVERED: 1, StepState.MISSING: 1}
    assert [view.case.case_no for view in world.library.cases(text="-002")] == ["2026-002"]
    assert case_json(world.library.case(CASE))["open_findings"] == views[CASE].open_findings > 0
    with pytest.raises(NotFoundError, match="list the cases"):
        world.library.case("9999")


def test_steps_carry_rule_footage_and_findings(world: World) -> None:
    """In order of time, with the article's words; by state too."""
    first, second = world.library.steps(case_no=CASE)
    assert (first.article, second.article) == ("11", "13")
    assert {link.digest for link in first.links} == {digest_of("first"), digest_of("second")}
    assert [one.finding.kind for one in second.findings] == [FindingKind.NO_AV]
    assert {view.step.case_no for view in world.library.steps(state=StepState.MISSING)} == {CaseNo("2026-002"), CASE}
    assert step_json(first, words)["state"] == "covered"


def test_records_come_back_as_imported(world: World) -> None:
    """Officers, devices and assignments as they were put in."""
    assert tuple(world.library.officers()) == OFFICERS
    assert tuple(world.library.devices()) == DEVICES
    assert tuple(world.library.assignments()) == ASSIGNMENTS


def test_totals_and_stations_add_up(world: World) -> None:
    """The figures of the dashboard's head."""
    totals = world.library.totals()
    assert (totals.clips, totals.size_bytes, totals.cases, totals.steps) == (4, 4000, 2, 3)
    assert (totals.by_kind, totals.by_state) == ({"video": 4}, {"reviewed": 4})
    assert totals.open_findings["SEQ_JUMP"] == 1
    assert totals.ledger_entries == len(world.library.ledger())
    (station,) = world.library.stations()
    assert (station.files, station.size_bytes, station.last_received_at) == (4, 4000, NINE + timedelta(hours=9))
    assert world.library.unfinished() == 0


def test_the_ledger_is_read_by_subject_and_page(world: World) -> None:
    """From a number on, so many, of one subject."""
    page = world.library.ledger(start=2, limit=3)
    assert [entry.number for entry in page] == [2, 3, 4]
    told = world.library.ledger(subject=digest_of("first"))
    assert {entry.body["subject"] for entry in told} == {digest_of("first")}
    assert next(entry.body["event"] for entry in told) == "ingestion"
    assert [entry.number for entry in told] == sorted(entry.number for entry in told)


def test_a_longer_list_needs_no_more_statements(world: World) -> None:
    """Four clips, findings and steps cost as many statements as one."""
    counted: list[str] = []
    sa.event.listen(world.register.reader, "before_cursor_execute", lambda *args: counted.append(args[2]))

    def cost(read: object) -> int:
        counted.clear()
        assert callable(read)
        assert read()
        return len(counted)

    library = world.library
    one, many = (cost(lambda n=n: library.clips(ClipFilter(limit=n))) for n in (1, 4))
    assert one == many
    assert cost(library.steps) <= cost(lambda: library.steps(case_no="2026-002"))
    assert cost(lambda: library.findings(FindingFilter(limit=1))) == cost(lambda: library.findings(FindingFilter()))
