"""Retention schedules: the one that ships is sound, another says other things, and every mistake is named."""

from pathlib import Path

import pytest

from config.law_packs import default_pack
from config.retention_schedules import DEFAULT_SCHEDULE, default_schedule, load_schedule
from evidence.errors import ConfigError
from evidence.schedules import RunsFrom
from tests.support.schedules import HARBOUR


def written(folder: Path, text: str) -> Path:
    """Write a schedule."""
    file = folder / "schedule.toml"
    file.write_text(text, "utf-8")
    return file


def test_the_schedule_that_ships_is_the_bureaus_policy() -> None:
    """Six months unlinked, two years with the case file, five behind an appealable act, and all of it policy."""
    schedule = default_schedule()
    assert {code: one.months for code, one in schedule.classes.items()} == {
        "unlinked": 6,
        "case_file": 24,
        "appealable": 60,
        "unclassified": None,
    }
    assert all(one.policy and one.basis and one.set_by for one in schedule.classes.values())
    assert set(schedule.matter_types) == {"许可", "处罚", "强制", "征收", "收费", "检查"}
    assert schedule.rule_version == "cn-xj-turpan-gaochang/retention@1"


def test_the_schedule_that_ships_names_procedures_of_the_pack_that_ships() -> None:
    """A misspelt code would classify nothing, silently."""
    assert load_schedule(DEFAULT_SCHEDULE, default_pack().rules).procedures


def test_another_schedule_says_other_things(tmp_path: Path) -> None:
    """Classes, words, periods and switches all come from the file."""
    schedule = load_schedule(written(tmp_path, HARBOUR))
    assert (schedule.unlinked, schedule.unclassified) == ("short", "nobody_knows")
    assert schedule.matter_types == {"捞捕": ("dock",), "沉船": ("wreck", "dock")}
    assert schedule.classes["dock"].runs_from is RunsFrom.INTAKE
    assert (schedule.disposes_important, schedule.lock_ahead_months) == (True, 6)
    assert not schedule.classes["short"].policy


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("months = 3", "months = 0", "classes.short.months"),
        ("months = 3", "months = 3\nkeep_for_ever = true", "classes.short"),
        ("months = 120\n", "", "classes.long"),
        ('runs_from = "conclusion"', 'runs_from = "device"', "classes.long.runs_from"),
        ('unlinked = "short"', 'unlinked = "missing"', "assign.unlinked: there is no class missing"),
        ('unlinked = "short"', 'unlinked = "long"', "classes.long.runs_from: unlinked footage has no case"),
        ('unclassified = "nobody_knows"', 'unclassified = "short"', "classes.short.keep_for_ever"),
        ('"捞捕" = ["dock"]', '"捞捕" = ["pier"]', "assign.matter_types.捞捕: there is no class pier"),
        ('"捞捕" = ["dock"]', '"捞捕" = []', "assign.matter_types.捞捕"),
        ('SEIZE = ["long"]', 'seize = ["long"]', "assign.procedures.seize"),
        ('en = "harbour"', 'fr = "port"', "lack en"),
        ('en = "dock" }', 'fr = "quai" }', "names lack en"),
        ('version = "7"', 'version = "7@8"', "version"),
        ("ahead_months = 6", "ahead_months = 1", "lock.ahead_months"),
        ("important = true", "imporant = true", "disposal.imporant"),
        ("policy = false", "", "classes.short.policy"),
        ('basis = "港口令"', 'basis = ""', "classes.short.basis"),
        ("valid_from = 2020-01-01", 'valid_from = "soon"', "classes.short.valid_from"),
        ("[names]", "[names", "is not TOML"),
    ],
)
def test_a_mistake_is_named_by_file_and_key(tmp_path: Path, old: str, new: str, key: str) -> None:
    """Nothing of a wrong schedule is taken, and the message says where to look and what to do."""
    assert old in HARBOUR
    file = written(tmp_path, HARBOUR.replace(old, new, 1))
    with pytest.raises(ConfigError) as raised:
        load_schedule(file)
    assert key in str(raised.value)
    assert raised.value.subject == str(file)
    assert raised.value.cure


def test_a_procedure_the_law_does_not_know_is_refused(tmp_path: Path) -> None:
    """Against a pack without seizures the schedule is refused, with the key."""
    with pytest.raises(ConfigError, match=r"assign\.procedures\.SEIZE"):
        load_schedule(written(tmp_path, HARBOUR), {"SITE_CHECK"})


def test_a_missing_or_foreign_file_is_named(tmp_path: Path) -> None:
    """A file that is not there, or is no text, is an error of settings."""
    with pytest.raises(ConfigError, match="cannot be read"):
        load_schedule(tmp_path / "none.toml")
    (tmp_path / "odd.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="UTF-8"):
        load_schedule(tmp_path / "odd.toml")
