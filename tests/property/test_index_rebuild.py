"""The register made again equals the one that was lost, whatever happened in whatever order; and every edit shows."""

import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from evidence.case_numbers import UrgentCase
from evidence.cases import Case
from evidence.clock import Shift, ShiftScope
from evidence.copies import CopyRequest, Said, refused
from evidence.docking import DockedFile, DockRecord
from evidence.documents import Document
from evidence.errors import NotFoundError, UsageError
from evidence.findings import FindingState
from evidence.ids import DeviceId, FindingId, OfficerId, StepNo
from evidence.markers import MarkWish
from evidence.notes import note
from evidence.people import Assignment
from evidence.ports import PickupState, Scope
from evidence.secrecy import Marked
from evidence.sound import NoSoundOffset, SoundOffset
from evidence.spans import Span
from evidence.suggesting import Pair
from evidence.timekeeping import Jump, jump_entry
from evidence.tokens import TokenScope
from evidence.views import SuggestionFilter
from index import copies, ledger, numbering, schema, tokens
from index.agreement import LEFT_OUT, disagreements
from index.amendments import AMEND, amend
from index.clock_decisions import decide_shift
from index.decisions import Act
from index.engine import Register, open_engine
from index.link_decisions import refuse_suggestion
from index.markers import set_mark, withdraw_mark
from index.secrecy import CLASSIFY, classify
from index.tokens import Grant
from tests.support.clocks import put_record
from tests.support.index import (
    ASSIGNMENTS,
    BLACK,
    CASE,
    DEVICES,
    EVENING,
    LATER,
    LI,
    MACHINE,
    OFFICERS,
    ONE,
    PACK,
    SITE,
    WANG,
    World,
    at,
    path_claims,
    pickup,
    sighting,
    step,
)
from tests.support.reasons import because, unsuitable
from tests.support.rebuilding import Records, differences, made_again

Happening = Callable[[World, Records], object]

STEPS = (
    step(),
    step(step_no="2", window=(40, 60), officers=("E1", "E2"), procedure="SEIZE"),
    step(step_no="3", window=(300, 330), unsuitable="涉密场所"),
    step(step_no="4", window=(70, 80), procedure="DECISION"),
)
DOCUMENTS = (
    Document(CASE, ONE, "现场检查笔录", "1", "笔录", at(40), ("officers", "party")),
    Document(CASE, StepNo(""), "x"),
)
ALONG = Assignment(DeviceId("D1"), OfficerId("E2"), ASSIGNMENTS[0].start + timedelta(minutes=5), ASSIGNMENTS[0].end)
MOVED = Assignment(DeviceId("D2"), OfficerId("E1"), ASSIGNMENTS[1].start, ASSIGNMENTS[1].end)


def fails(world: World, _records: Records) -> None:
    """A file that cannot be sealed, and a clip whose derivation gives up and is tried again."""
    with world.transaction() as tx:
        world.catalogue.note_pickup(tx, pickup("unread"), PickupState.FAILED, note("intake.vanished", path="x"), LATER)
        digest = world.take_in(tx, "stuck", (90, 91))
        world.catalogue.record_failure(tx, digest, "derive", note("pipeline.failed", reason="x"), MACHINE, LATER)
        world.reviewer.review(tx, Scope(clips=frozenset({digest})), MACHINE, LATER)
    with world.transaction() as tx:
        world.catalogue.clear_failure(tx, digest, LI, LATER)
        world.catalogue.record_failure(tx, digest, "measure", note("pipeline.failed", reason="y"), MACHINE, LATER)


def sealed_only(world: World, _records: Records) -> None:
    """A clip that is sealed and waits to be measured."""
    with world.transaction() as tx:
        seen = sighting("waits", LATER)
        world.catalogue.record_sealed(tx, pickup("waits"), seen, path_claims("D1", at(3)), MACHINE)


def answers(world: World, _records: Records) -> None:
    """People explain open findings, and others approve or refuse."""
    opened = [FindingId(name) for name, state in sorted(world.standing().items()) if state is FindingState.OPEN]
    slip = world.clip("slip", (400, 401))
    for finding in opened[:3]:
        claim = partial(
            world.decisions.claim_explanation, finding_id=finding, actor=LI, given=because("停电", slip), at=LATER
        )
        world.decide(claim)
        granted = finding < "8"
        answer = partial(world.decisions.decide, target=finding, actor=WANG, reason="属实", at=LATER, approve=granted)
        world.decide(answer)


def exempts(world: World, _records: Records) -> None:
    """An exemption is claimed and refused, where the step is known by now."""
    try:
        sign = world.clip("sign", (402, 403))
        world.decide(lambda tx: world.decisions.claim_exemption(tx, CASE, ONE, LI, unsuitable("涉密", sign), LATER))
        world.decide(lambda tx: world.decisions.decide(tx, (CASE, ONE), WANG, "不属实", LATER, approve=False))
    except (UsageError, NotFoundError):
        return


def links(world: World, _records: Records) -> None:
    """A person hangs a clip on a step and takes another off."""
    digest = world.clip("hung", (200, 201))
    with world.register.reading() as session:
        known = session.get(schema.StepRow, (CASE, ONE)) is not None
    if known:
        world.decide(lambda tx: world.decisions.link(tx, digest, CASE, ONE, LI, "同一现场", LATER))
        world.decide(lambda tx: world.decisions.unlink(tx, digest, CASE, ONE, LI, "看错了", LATER))


def names_officer(world: World, records: Records) -> None:
    """A person says whose clip it is."""
    records.imported(world, "officers", OFFICERS)
    digest = world.clip("whose", (5, 6), device="UNKNOWN")
    world.decide(lambda tx: world.decisions.set_officer(tx, digest, OfficerId("E2"), LI, "本人确认", LATER))


def sets_the_clock(world: World, _records: Records) -> None:
    """The machine's clock is set back; what came before has later times than what comes after."""
    with world.transaction() as tx:
        ledger.append(tx, jump_entry(Jump(LATER, at(-90), (at(-90) - LATER).total_seconds(), 5.0), MACHINE))


def compares(world: World, _records: Records) -> None:
    """Two cameras are compared by their sound, with and without a result, and one comparison gives up first."""
    cameras = {"heard": "D1", "heard too": "SN-TWO", "deaf": "SN-TWO"}
    heard, too, deaf = (world.clip(name, (16, 28), device=device) for name, device in cameras.items())
    with world.transaction() as tx:
        world.compare(tx, heard, too, SoundOffset(-400.25, 0.004, 3.5, 7, "ffmpeg 7", 12.5))
        world.compare(tx, heard, deaf, NoSoundOffset(note("sound.failed", reason="x")))
        world.compare(tx, heard, deaf, NoSoundOffset(note("sound.silent", heard_s=0.5, least_s=25), "a", "ffmpeg 7"))


def docks(world: World, _records: Records) -> None:
    """A dock tells of a connection, in which the clock ran ahead, and of the files it copied."""
    files = (DockedFile("first.mp4", 1, recorded_at=at(-1)), DockedFile("second.mp4", digests=(("sha256", "ab" * 32),)))
    put_record(world, DockRecord(DeviceId("SN-ONE"), EVENING - timedelta(minutes=5), EVENING, True, files=files))


def decides_on_shifts(world: World, _records: Records) -> None:
    """A person confirms a shift of one clip for an hour and refuses another."""
    digest = world.clip("behind", (240, 250), sequence=9)
    confirmed = Shift(ShiftScope.CLIP, digest, -7200.0, at(0), at(300))
    refused = Shift(ShiftScope.CLIP, digest, 28800.0)
    world.decide(lambda tx: decide_shift(tx, confirmed, LI, "对过表", LATER, confirm=True))
    world.decide(lambda tx: decide_shift(tx, refused, WANG, "不是", LATER, confirm=False))


def amends(world: World, _records: Records) -> None:
    """A person amends the times of a step, and those of another and takes it back, where the steps are known by now."""
    act = Act(AMEND, LI, "笔误", LATER)
    try:
        world.decide(lambda tx: amend(tx, SITE, Span(at(1), at(31)), act))
        world.decide(lambda tx: amend(tx, (CASE, StepNo("2")), Span(at(41), at(61)), act))
        world.decide(lambda tx: amend(tx, (CASE, StepNo("2")), None, act))
    except NotFoundError:
        return


def lets_programs_in(world: World, _records: Records) -> None:
    """A person lets two programs in, and one of them in no more."""
    for name in ("案管系统", "考勤系统"):
        grant = Grant(
            name, f"secret of {name}", (TokenScope.IMPORT_CASES, TokenScope.IMPORT_STEPS), LATER + timedelta(days=30)
        )
        world.decide(partial(tokens.grant, wanted=grant, actor=LI, reason="对接", at=LATER))
    world.decide(partial(tokens.revoke, name="考勤系统", actor=LI, reason="停用", at=LATER))


def files_documents(world: World, records: Records) -> None:
    """The text records of a step and of a whole case are imported."""
    whole = Document(CASE, StepNo(""), "结案报告", "N2", "报告", LATER)
    records.imported(world, "documents", [Document(CASE, ONE, "现场检查笔录", "N1", signed_by=("party",)), whole])


def marks(world: World, _records: Records) -> None:
    """A person marks two moments and withdraws one."""
    digest = world.clip("marked", (400, 410))
    wish = MarkWish(digest, 12.5, text="出示证件", note="清楚")
    first = world.decide(lambda tx: set_mark(tx, PACK, wish, LI, LATER))
    world.decide(lambda tx: set_mark(tx, PACK, MarkWish(digest, 30, text="采样"), WANG, LATER))
    world.decide(lambda tx: withdraw_mark(tx, first.number, WANG, "重复", LATER))


def refuses_a_suggestion(world: World, _records: Records) -> None:
    """A person refuses a clip of doubtful time for each step it waits for."""
    digest = world.clip("refused", (3, 9), disputed=True)
    for view in world.library.suggestions(SuggestionFilter(digest=digest)):
        pair = Pair(digest, view.suggestion.case_no, view.suggestion.step_no)
        world.decide(partial(refuse_suggestion, pair=pair, actor=LI, reason="不是", at=LATER))


def classifies(world: World, records: Records) -> None:
    """People mark a clip and a case as confidential; another takes the mark of the clip away."""
    records.imported(world, "cases", [Case(CASE, "案", opened_at=at(-60))])
    digest = world.clip("secret", (20, 22))
    for scope, target, word, who in (
        (Marked.CLIP, digest, "机密", LI),
        (Marked.CASE, CASE, "商密", LI),
        (Marked.CLIP, digest, "", WANG),
    ):
        act = Act(CLASSIFY, who, "涉密审查", LATER)
        world.decide(partial(classify, scope=scope, target=target, word=word, act=act, pack=PACK))


def hands_out_copies(world: World, records: Records) -> None:
    """A party asks for copies of a case, and another person refuses."""
    records.imported(world, "cases", [Case(CASE, "案", opened_at=at(-60))])
    asked = CopyRequest("00c0ffee", CASE, "某厂", "复议", "李", (), Said("李", "受理", LATER))
    world.decide(lambda tx: copies.begin(tx, asked, Act(copies.REQUEST, LI, "受理", LATER)))
    change = partial(refused, said=Said("王", "涉密", LATER))
    world.decide(lambda tx: copies.move(tx, asked.request_id, change, Act(copies.REFUSE, WANG, "涉密", LATER)))


def numbers_a_case(world: World, records: Records) -> None:
    """A person begins a case before its approval; its number comes after steps have come under that."""
    begun = Act(numbering.OPEN_CASE, LI, "来不及报批", LATER)
    wanted = UrgentCase("先行启动", at(-30), "执法大队")
    opened = world.decide(lambda tx: numbering.open_case(tx, wanted, begun))
    first = numbering.opened_number(opened.record)
    records.imported(world, "steps", [step(first, "1", window=(600, 620)), step("HJ-9", "2", window=(600, 610))])
    act = Act(numbering.NUMBER_CASE, WANG, "已立案", LATER)
    world.decide(lambda tx: numbering.number_case(tx, first, "HJ-9", at(700), act))


HAPPENINGS: tuple[Happening, ...] = (
    lambda world, records: records.imported(world, "officers", OFFICERS),
    lambda world, records: records.imported(world, "devices", DEVICES),
    lambda world, records: records.imported(world, "assignments", (*ASSIGNMENTS, ALONG)),
    lambda world, records: records.imported(world, "assignments", (MOVED,)),
    lambda world, records: records.imported(world, "cases", [Case(CASE, "案", opened_at=at(-60))]),
    lambda world, records: records.imported(world, "steps", STEPS[:2]),
    lambda world, records: records.imported(world, "steps", STEPS[2:]),
    lambda world, records: records.imported(world, "steps", (step(window=(0, 45)),)),
    lambda world, records: records.imported(world, "documents", DOCUMENTS),
    lambda world, _: world.clip("first", (-1, 14), sequence=1),
    lambda world, _: world.clip("second", (15, 29), sequence=2, quality=BLACK),
    lambda world, _: world.clip("fifth", (41, 61), sequence=5),
    lambda world, _: world.clip("other", (39, 50), device="SN-TWO", sequence=7),
    lambda world, _: world.clip("doubtful", (2, 12), disputed=True, sequence=3),
    lambda world, _: world.clip("broken", (500, 501), device="UNKNOWN", damaged=True),
    fails,
    sets_the_clock,
    sealed_only,
    answers,
    exempts,
    links,
    names_officer,
    compares,
    docks,
    decides_on_shifts,
    amends,
    lets_programs_in,
    files_documents,
    marks,
    refuses_a_suggestion,
    classifies,
    hands_out_copies,
    numbers_a_case,
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow], phases=[Phase.generate])
@given(st.permutations(HAPPENINGS))
def test_a_register_made_again_is_the_one_that_was(happenings: list[Happening]) -> None:
    """Facts, records, decisions and the machine's own verdicts all come back, to the last cell."""
    with TemporaryDirectory() as folder:
        world, records = World(Path(folder)), Records()
        for happens in happenings:
            happens(world, records)
        assert differences(world, records, Path(folder, "again.sqlite")) == []
        world.close()


@pytest.fixture(scope="module", name="lived")
def _lived(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Register]:
    """Return the register's file of a world in which everything happened, and the register made again from it."""
    folder = tmp_path_factory.mktemp("lived")
    world, records = World(folder), Records()
    for happens in HAPPENINGS:
        happens(world, records)
    again = made_again(world, records, folder / "again.sqlite")
    path = Path(str(world.register.engine.url.database))
    world.close()
    return path, again


TABLES = sorted(name for name in schema.Base.metadata.tables if name not in LEFT_OUT)


def filled(connection: sqlite3.Connection) -> list[str]:
    """Return the tables that have rows."""
    return [name for name in TABLES if connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]]  # noqa: S608 - names of our own


def edited(value: object) -> object:
    """Return another value of the same kind."""
    if value is None:
        return "1"
    return value + 1009 if isinstance(value, int | float) else f"{value}x"


@pytest.mark.parametrize("seed", range(200))
def test_every_edit_of_a_cell_is_named(lived: tuple[Path, Register], tmp_path: Path, seed: int) -> None:
    """Whoever edits a cell of a table that carries meaning is found out, and table and column are named."""
    path, again = lived
    copy = tmp_path / "edited.sqlite"
    shutil.copy(path, copy)
    dice = random.Random(seed)
    with sqlite3.connect(copy) as connection:
        table = dice.choice(filled(connection))
        columns = [column.name for column in schema.Base.metadata.tables[table].columns]
        if schema.Base.metadata.tables[table].primary_key.columns.keys()[0].endswith("_id") and len(columns) > 1:
            columns = [name for name in columns if name not in {"sighting_id", "claim_id", "history_id"}]
        column = dice.choice(columns)
        rowid, value = dice.choice(connection.execute(f"SELECT rowid, {column} FROM {table}").fetchall())  # noqa: S608 - as above
        connection.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (edited(value), rowid))  # noqa: S608 - as above
    kept = open_engine(copy, reading=True)
    with kept.connect() as ours, again.reading() as derived:
        found = list(disagreements(ours, derived.connection()))
    kept.dispose()
    assert found
    assert {one.table for one in found} == {table}


def test_a_row_taken_out_or_put_in_is_named(lived: tuple[Path, Register], tmp_path: Path) -> None:
    """A row that was deleted or invented shows as a whole."""
    path, again = lived
    for number, statement in enumerate(
        ("DELETE FROM link", "INSERT INTO doubt SELECT digest, 'x', 'y' FROM original LIMIT 1")
    ):
        copy = tmp_path / f"{number}.sqlite"
        shutil.copy(path, copy)
        with sqlite3.connect(copy) as connection:
            connection.execute(statement)
        kept = open_engine(copy, reading=True)
        with kept.connect() as ours, again.reading() as derived:
            assert list(disagreements(ours, derived.connection()))
        kept.dispose()


REFUSED, RETRIED = pickup("refused"), pickup("retried")


@pytest.fixture(name="pickups")
def _pickups(tmp_path: Path) -> Iterator[World]:
    """Return a world with a file that failed, one that failed and waits again, and one that waits."""
    world = World(tmp_path)
    with world.transaction() as tx:
        for one in (REFUSED, RETRIED):
            world.catalogue.note_pickup(tx, one, PickupState.FAILED, note("intake.vanished", path="x"), LATER)
        for one in (RETRIED, pickup("waits")):
            world.catalogue.note_pickup(tx, one, PickupState.WAITING, None, LATER)
    yield world
    world.close()


def test_a_file_on_its_way_is_no_difference(pickups: World, tmp_path: Path) -> None:
    """Waiting again is told; settling, and giving way to its successor, is for the register alone."""
    assert differences(pickups, Records(), tmp_path / "1.sqlite") == []
    with pickups.transaction() as tx:
        pickups.catalogue.note_pickup(tx, RETRIED, PickupState.SETTLING, note("intake.vanished", path="x"), LATER)
    assert differences(pickups, Records(), tmp_path / "2.sqlite") == []
    with pickups.transaction() as tx:
        pickups.catalogue.note_pickup(tx, replace(RETRIED, key="key-grown"), PickupState.WAITING, None, LATER)
    assert differences(pickups, Records(), tmp_path / "3.sqlite") == []
    assert pickups.library.outcomes([RETRIED.key]) == {}


def test_a_file_that_waits_again_waits_in_the_register_made_again(pickups: World, tmp_path: Path) -> None:
    """With its time, and without the reason of before."""
    again = made_again(pickups, Records(), tmp_path / "again.sqlite")
    with pickups.register.reading() as kept, again.reading() as derived:
        row = derived.get_one(schema.PickupRow, RETRIED.key)
        said = (row.state, row.reason, row.changed_at)
        assert said == (PickupState.WAITING, None, kept.get_one(schema.PickupRow, RETRIED.key).changed_at)
        assert derived.get(schema.PickupRow, "key-waits") is None
    again.close()


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("DELETE FROM pickup WHERE state = 'failed'", ("key-refused", "")),
        ("UPDATE pickup SET state = 'waiting', reason = NULL WHERE state = 'failed'", ("key-refused", "state")),
        ("UPDATE pickup SET state = 'failed' WHERE key = 'key-retried'", ("key-retried", "state")),
        ("UPDATE pickup SET state = 'sealed' WHERE key = 'key-waits'", ("key-waits", "")),
        ("UPDATE pickup SET source_path = 'y' WHERE key = 'key-retried'", ("key-retried", "source_path")),
    ],
)
def test_a_failure_that_is_hidden_or_invented_is_named(
    pickups: World, tmp_path: Path, statement: str, named: tuple[str, str]
) -> None:
    """Only what waits by the ledger, too, may move or go."""
    with pickups.transaction() as tx:
        tx.execute(sa.text(statement))
    found = differences(pickups, Records(), tmp_path / "again.sqlite")
    assert named in {(one.key, one.column) for one in found}
    assert {one.table for one in found} == {"pickup"}


def test_the_world_that_is_edited_is_full(lived: tuple[Path, Register]) -> None:
    """Every table that carries meaning has rows, so that no edit goes untried for want of one."""
    with sqlite3.connect(lived[0]) as connection:
        empty = set(TABLES) - set(filled(connection))
    assert empty <= {"attachment", "step_waiting", "retention", "hold", "disposal", "vault_lock"}
