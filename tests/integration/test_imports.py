"""Importing in a real home: what a file would change and does change, the same file again, what a step said before."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.records import import_file
from evidence.changes import form_of
from evidence.custody import EventType
from index import schema
from index.import_views import amended_steps, changes_of, imports, step_history
from tests.support.cli import json_lines, run_cli
from tests.support.imports import facts_of, handed_in, told_home, written
from tests.support.retention import Bureau, bureau, day

STEP = "C1,1,SITE_CHECK,2026-11-02 09:00,2026-11-02 09:30,厂区,E1;E2,某厂,"
LATER = "C1,1,SITE_CHECK,2026-11-02 09:00,2026-11-02 09:45,厂区,E2,某厂,"
OTHER = "C1,2,DECISION,2026-11-02 10:00,2026-11-02 10:30,机关,E1,,"


@pytest.fixture(name="office")
def _office(tmp_path: Path) -> Iterator[Bureau]:
    with bureau(tmp_path) as office:
        yield office


def test_a_dry_run_says_what_would_change_and_writes_nothing(office: Bureau, tmp_path: Path) -> None:
    """New, changed column by column, unchanged; no record in the vault, no entry, no cell of the register moves."""
    handed_in(office.house, tmp_path, "steps", STEP)
    before = told_home(office.house)
    foreseen = handed_in(office.house, tmp_path, "steps", LATER, OTHER, dry_run=True)
    assert told_home(office.house) == before
    assert (foreseen.entry, foreseen.count, foreseen.rows) == (None, 0, 2)
    assert foreseen.diff.new == ("C1/2",)
    [change] = foreseen.diff.changed
    assert (change.key, dict(change.columns)) == (
        "C1/1",
        {"ended_at": ("2026-11-02T01:30:00Z", "2026-11-02T01:45:00Z"), "officers": (["E1", "E2"], ["E2"])},
    )
    done = handed_in(office.house, tmp_path, "steps", LATER, OTHER)
    assert done.diff == foreseen.diff


def test_the_same_file_again_touches_nothing_but_the_ledger(office: Bureau, tmp_path: Path) -> None:
    """Of every noun: no row changes and nothing is reviewed; that the file was handed in is an entry of its own."""
    rows = {
        "officers": ("E1,艾力,执法大队,,,000101", "E7,新人,监测站,2026-01-01,,"),
        "devices": ("D9,DSJ,,执法大队,SN9",),
        "assignments": ("D9,E7,2026-11-02 08:00,",),
        "cases": ("C1,案,处罚,执法大队,2026-11-01,,", "C2,,,,,,"),
        "steps": (STEP, OTHER),
    }
    for noun, lines in rows.items():
        handed_in(office.house, tmp_path, noun, *lines)
    before, entries = told_home(office.house), len(office.rows(schema.LedgerRow))
    office.now = day("2026-12-24")
    for number, (noun, lines) in enumerate(rows.items(), 1):
        again = handed_in(office.house, tmp_path, noun, *reversed(lines))
        assert (again.diff.new, again.diff.changed, again.diff.unchanged) == ((), (), len(lines))
        assert again.entry == entries + number - 1
    assert facts_of(told_home(office.house)) == facts_of(before)
    [*_, last] = office.told(EventType.IMPORTED)
    assert (last.detail["new_rows"], last.detail["changed_rows"], last.actor) == (0, 0, "值班员")


def test_what_a_file_does_not_name_stays(office: Bureau, tmp_path: Path) -> None:
    """A record that is no longer in the file is not removed, and not counted as changed."""
    handed_in(office.house, tmp_path, "steps", STEP, OTHER)
    again = handed_in(office.house, tmp_path, "steps", STEP)
    assert (again.diff.changed, again.diff.unchanged) == ((), 1)
    assert [view.step.step_no for view in office.library.steps(case_no="C1")] == ["1", "2"]


def test_earlier_forms_of_a_step_stay_visible(office: Bureau, tmp_path: Path) -> None:
    """Each form with the time, file and person of the import that made it; the last is the one that stands."""
    handed_in(office.house, tmp_path, "steps", STEP, OTHER, name="first.csv")
    office.now = day("2026-11-05")
    handed_in(office.house, tmp_path, "steps", LATER, name="amended.csv")
    handed_in(office.house, tmp_path, "steps", LATER, name="again.csv")
    with office.register.reading() as session:
        first, amended = step_history(session, "C1", "1")
        assert amended_steps(session, "C1") == ["1"]
        assert step_history(session, "C1", "9") == []
    assert (first.form["ended_at"], first.form["officers"]) == ("2026-11-02T01:30:00Z", ["E1", "E2"])
    assert (first.at, first.file_name, first.actor) == (day("2026-11-03"), "first.csv", "值班员")
    assert (amended.at, amended.file_name) == (day("2026-11-05"), "amended.csv")
    [view] = [one for one in office.library.steps(case_no="C1") if one.step.step_no == "1"]
    assert amended.form == form_of(view.step)


def test_imports_are_listed_with_what_they_changed(office: Bureau, tmp_path: Path) -> None:
    """Newest first, each with its entry; the changes of one are its own."""
    handed_in(office.house, tmp_path, "steps", STEP)
    entry = handed_in(office.house, tmp_path, "steps", LATER, OTHER).entry
    assert entry is not None
    with office.register.reading() as session:
        newest, oldest = imports(session, limit=10)
        new, changed = changes_of(session, entry, limit=10)
    assert (newest.entry, newest.new, newest.changed, newest.unchanged) == (entry, 1, 1, 0)
    assert (oldest.new, oldest.actor, oldest.authenticated) == (1, "值班员", "unauthenticated")
    assert (new, [one.key for one in changed]) == (["C1/2"], ["C1/1"])


def test_a_case_that_steps_have_named_is_new_when_its_own_row_comes(office: Bureau, tmp_path: Path) -> None:
    """Also when that row says no more than its number; from then on it is known."""
    handed_in(office.house, tmp_path, "steps", STEP)
    assert handed_in(office.house, tmp_path, "cases", "C1,,,,,,").diff.new == ("C1",)
    assert handed_in(office.house, tmp_path, "cases", "C1,,,,,,").diff.unchanged == 1


def test_a_register_of_before_learns_what_its_imports_changed(office: Bureau, tmp_path: Path) -> None:
    """From the rows sealed in the vault, when the home is opened; every row is as if it had been told at once."""
    for rows in ((STEP, OTHER), (LATER,), (LATER,)):
        handed_in(office.house, tmp_path, "steps", *rows)
    handed_in(office.house, tmp_path, "cases", "C1,案,,,,,")
    before = told_home(office.house)
    with office.transaction() as session:
        session.query(schema.RecordChange).delete()
        session.query(schema.ImportBatch).delete()
        session.add(schema.Mark(name="imports_untold", number=4, token=""))
    office.house._tell_imports_of_before()
    after = told_home(office.house)
    assert {table: after[table] for table in ("table import_batch", "table record_change")} == {
        table: before[table] for table in ("table import_batch", "table record_change")
    }
    assert after["table mark"] == before["table mark"]


def test_a_file_that_a_zone_reads_otherwise_is_another_import(office: Bureau, tmp_path: Path) -> None:
    """The same bytes in another zone say other times: a change, and both acts are listed."""
    file = written(tmp_path, "steps", STEP)
    import_file(office.house, "steps", file)
    done = import_file(office.house, "steps", file, "+06:00")
    assert [sorted(change.columns) for change in done.diff.changed] == [["ended_at", "started_at"]]
    with office.register.reading() as session:
        assert [one.zone for one in imports(session, limit=10)] == ["+06:00", "+08:00"]


def test_the_command_line_says_the_diff(tmp_path: Path) -> None:
    """Dry, then in earnest, then again, in words and in JSON; a dry run on a new home begins no ledger."""
    home, file = tmp_path / "home", written(tmp_path, "cases", "C1,案,处罚,执法大队,2026-11-01,,")
    [dry] = json_lines(run_cli(home, "import", "cases", str(file), "--dry-run", "--json"))
    said = dry["import"]
    assert isinstance(said, dict)
    assert (said["imported"], said["rows"], said["entry"], said["new"]) == (0, 1, None, ["C1"])
    assert not list((home / "vault").rglob("*.csv"))
    assert not (home / "vault" / "ledger" / "checkpoint").exists()
    [done] = json_lines(run_cli(home, "import", "cases", str(file), "--json"))
    assert isinstance(done["import"], dict)
    assert (done["import"]["imported"], done["import"]["new"], done["import"]["changed"]) == (1, ["C1"], [])
    written(tmp_path, "cases", "C1,新案,处罚,执法大队,2026-11-02,,")
    words = run_cli(home, "import", "cases", str(file), "--dry-run", "--lang", "en").stdout
    assert "0 new, 1 changed, 0 unchanged" in words
    assert all(part in words for part in ("C1", "title", "案", "新案", "opened_at", "2026-11-02 00:00:00 Beijing time"))
    [changed] = json_lines(run_cli(home, "import", "cases", str(file), "--json"))
    assert isinstance(changed["import"], dict)
    assert changed["import"]["changed"] == [
        {
            "key": "C1",
            "columns": {
                "title": {"old": "案", "new": "新案"},
                "opened_at": {"old": "2026-10-31T16:00:00Z", "new": "2026-11-01T16:00:00Z"},
            },
        }
    ]
    assert run_cli(home, "verify", "--deep").returncode == 0
