"""``evidock verify`` on whole homes: the register against the ledger, rollbacks, receipts, going on after a stop."""

import json
import shutil
import sqlite3
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from dashboard.commands.verify import _interrupt
from dashboard.verification import Stage, Verification, Wish, verify
from dashboard.verification_register import register_of
from dashboard.verification_state import FILE_NAME, Progress, ProgressFile
from dashboard.wiring import open_house
from evidence.errors import UsageError
from storage.verify import DifferenceKind
from tests.support.cli import json_lines, run_cli
from tests.support.storage import small_disk
from tests.support.tampering import THIEF, flip, kinds

CLIPS = 5


@pytest.fixture(scope="module", name="made")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home with five files and an imported roster, and beside it what it was with four of them."""
    folder = tmp_path_factory.mktemp("made")
    files = folder / "card"
    files.mkdir()
    for number in range(CLIPS):
        (files / f"note {number}.bin").write_bytes(f"clip {number} ".encode() * (5000 * (number + 1)))
    (folder / "officers.csv").write_text("officer_id,name\nA1,李\n", "utf-8")
    home = folder / "home"
    assert run_cli(home, "import", "officers", str(folder / "officers.csv")).returncode == 0
    assert run_cli(home, "take-in", *(str(files / f"note {number}.bin") for number in range(4))).returncode == 0
    shutil.copytree(home, folder / "before")
    assert run_cli(home, "take-in", str(files / "note 4.bin")).returncode == 0
    return folder


@pytest.fixture(name="home")
def _home(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made / "home", tmp_path / "home"))


DEEP = Wish(deep=True)


def verified(home: Path, wish: Wish = DEEP, report: Stage = lambda _stage, _done, _total: None) -> Verification:
    """Verify a home within this process."""
    with open_house(home, lang="en", begin=False) as house:
        house.pause = at_once  # type: ignore[method-assign]
        return verify(house, register_of(house), wish, report)


def at_once(seconds: float) -> None:
    """Do not wait."""
    del seconds


def edited(home: Path, *statements: str) -> None:
    """Change the register as its administrator can."""
    with sqlite3.connect(home / "register.sqlite") as register:
        for (name,) in register.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            register.execute(f'DROP TRIGGER "{name}"')
        for statement in statements:
            assert register.execute(statement).rowcount == 1, statement
    register.close()


def test_a_whole_home_agrees_and_says_so(home: Path) -> None:
    """On the command line: exit 0, every documented name, and a sentence."""
    done = run_cli(home, "verify", "--deep", "--json")
    assert done.returncode == 0
    [body] = json_lines(done)
    said = body["verify"]
    assert isinstance(said, dict)
    assert (said["differences"], said["ledger_broken"], said["originals"]) == ([], None, CLIPS)
    assert said["sealed_entries"] == said["ledger_entries"] == said["checkpoint"]["size"]
    assert (said["checkpoint"]["trusted"], said["cosigned"], said["resumed"]) == (True, None, None)
    shown = run_cli(home, "verify", "--lang", "en")
    assert shown.returncode == 0
    assert "agree (5 originals)" in shown.stderr


def test_a_difference_comes_with_its_cure(home: Path) -> None:
    """Exit 1, a row with kind, subject, meaning and what to do; in JSON as well."""
    flip(next(path for path in home.glob("vault/originals/*/*/*")))
    assert run_cli(home, "verify", "--json").returncode == 0
    done = run_cli(home, "verify", "--deep", "--json", "--lang", "en")
    assert done.returncode == 1
    [body] = json_lines(done)
    said = body["verify"]
    assert isinstance(said, dict)
    [found] = said["differences"]
    assert found["kind"] == "digest"
    assert "no longer give its digest" in found["what"]
    assert "Restore" in found["cure"] or "restore" in found["cure"]
    shown = run_cli(home, "verify", "--deep", "--lang", "en")
    assert "restore the original" in " ".join(shown.stdout.split())


# --- the register -----------------------------------------------------------------------------------------------------

EDITS = {
    "an entry's bytes": (
        "UPDATE ledger_entry SET canonical = replace(canonical, 'system', 'sustem') WHERE number = 3",
    ),
    "an entry's hash": ("UPDATE ledger_entry SET leaf_hash = replace(leaf_hash, '0', '1') WHERE number = 3",),
    "an entry's hash to no hash": ("UPDATE ledger_entry SET leaf_hash = 'x' WHERE number = 3",),
    "an entry's subject": ("UPDATE ledger_entry SET subject = 'x' WHERE number = 3",),
    "an entry's event": ("UPDATE ledger_entry SET event = 'access' WHERE number = 3",),
    "an entry's time": ("UPDATE ledger_entry SET at = at + 1 WHERE number = 3",),
    "an entry removed": ("DELETE FROM ledger_entry WHERE number = 3",),
    "two entries swapped": (
        "UPDATE ledger_entry SET number = -1 WHERE number = 3",
        "UPDATE ledger_entry SET number = 3 WHERE number = 4",
        "UPDATE ledger_entry SET number = 4 WHERE number = -1",
    ),
}


@pytest.mark.parametrize("name", EDITS)
def test_an_edited_ledger_of_the_register_is_named_by_number(home: Path, name: str) -> None:
    """Every entry below the sealed size must be the sealed one, its copied columns included."""
    edited(home, *EDITS[name])
    found = [one for one in verified(home, Wish()).differences if one.kind is DifferenceKind.REGISTER_ENTRY]
    assert found
    assert found[0].subject in {"3", "3–4"}


@pytest.mark.parametrize(
    ("statement", "place"),
    [
        ("UPDATE officer SET name = '王' WHERE officer_id = 'A1'", "officer A1 name"),
        ("UPDATE sighting SET station = 'elsewhere' WHERE sighting_id = 1", "sighting"),
        ("UPDATE clip SET size_bytes = size_bytes + 1 WHERE rowid = 1", "clip"),
        ("DELETE FROM officer WHERE officer_id = 'A1'", "officer A1"),
    ],
)
def test_an_edited_row_is_named_with_what_the_vault_gives(home: Path, statement: str, place: str) -> None:
    """A register made again from the vault is compared with the one that is there, cell by cell."""
    edited(home, statement)
    found = verified(home).differences
    assert kinds(found) == ["register_row"]
    assert found[0].subject.startswith(place)
    assert "register_row" not in kinds(verified(home, Wish()).differences)


def test_a_register_rolled_back_is_named(made: Path, home: Path) -> None:
    """It knows fewer entries than are sealed."""
    for name in ("register.sqlite", "register.sqlite-wal", "register.sqlite-shm"):
        (home / name).unlink(missing_ok=True)
        if (made / "before" / name).exists():
            shutil.copy(made / "before" / name, home / name)
    assert "register_behind" in kinds(verified(home, Wish()).differences)


def test_a_vault_rolled_back_is_named(made: Path, home: Path) -> None:
    """The register saw more sealed; so did the receipts, where the home writes them."""
    shutil.rmtree(home / "vault")
    shutil.copytree(made / "before" / "vault", home / "vault")
    assert "vault_behind" in kinds(verified(home, Wish()).differences)


def test_a_home_rolled_back_as_a_whole_is_caught_by_a_checkpoint_kept_elsewhere(made: Path, tmp_path: Path) -> None:
    """From inside nothing shows."""
    old = Path(shutil.copytree(made / "before", tmp_path / "old"))
    assert verified(old).differences == []
    for kept in (made / "home" / "vault" / "ledger" / "checkpoint", receipt(made / "home", tmp_path)):
        [found] = verified(old, Wish(against=(kept,))).differences
        assert (found.kind, found.subject) == (DifferenceKind.ROLLED_BACK, str(kept))


def receipt(home: Path, folder: Path) -> Path:
    """Write a receipt of the newest checkpoint, as a dock would have it."""
    place = folder / "receipts" / "S1" / "a.bin.receipt.json"
    place.parent.mkdir(parents=True, exist_ok=True)
    note = (home / "vault" / "ledger" / "checkpoint").read_text("utf-8")
    place.write_text(json.dumps({"v": 1, "checkpoint": note}), "utf-8")
    return place


def test_receipts_of_the_home_are_held_against_its_ledger(made: Path, home: Path) -> None:
    """One of the true ledger agrees; a damaged one is named; after a rollback the true one proves it."""
    place = receipt(home, home)
    assert verified(home).differences == []
    shutil.rmtree(home / "vault")
    shutil.copytree(made / "before" / "vault", home / "vault")
    assert "rolled_back" in kinds(verified(home, Wish()).differences)
    place.write_text("{}", "utf-8")
    assert "against_damaged" in kinds(verified(home, Wish()).differences)


def test_a_folder_of_kept_checkpoints_is_read_and_a_wrong_file_is_refused(home: Path, tmp_path: Path) -> None:
    """A file that holds no checkpoint is a wrong call, never a silent pass."""
    kept = tmp_path / "kept"
    kept.mkdir()
    shutil.copy(home / "vault" / "ledger" / "checkpoint", kept / "monday")
    assert verified(home, Wish(against=(kept,))).differences == []
    (kept / "shopping.txt").write_text("milk\n", "utf-8")
    with pytest.raises(UsageError, match="holds no checkpoint"):
        verified(home, Wish(against=(kept,)))
    with pytest.raises(UsageError, match="holds no checkpoint"):
        verified(home, Wish(against=(kept / "none",)))


def test_a_damaged_key_of_the_home_is_named(home: Path) -> None:
    """A file beside the key that everything is trusted by."""
    (home / "keys" / "other.vkey").write_text("no key\n", "utf-8")
    assert "key_damaged" in kinds(verified(home, Wish()).differences)


def test_a_key_of_nobody_is_no_difference_until_it_signs(home: Path) -> None:
    """Keys the home trusts beside its own are the home's own choice."""
    (home / "keys" / "paper.vkey").write_text(f"{THIEF.vkey}\n", "utf-8")
    assert verified(home, Wish()).differences == []


# --- going on after a stop --------------------------------------------------------------------------------------------


class Reading:
    """Counts the bytes of objects that a run reports, and stops it at a number of them."""

    def __init__(self, stop_at: int = sys.maxsize) -> None:
        self.done = 0
        self._stop_at = stop_at

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Take note, as a progress bar does."""
        assert done >= 0
        assert total > 0
        if stage == "objects":
            self.done = done
            if done >= self._stop_at:
                raise KeyboardInterrupt


def stopped(home: Path, at: int) -> None:
    """Run a deep verification and stop it after so many bytes."""
    with pytest.raises(KeyboardInterrupt):
        verified(home, report=Reading(at))


def test_a_stopped_run_goes_on_from_where_it_was(home: Path) -> None:
    """What was read is not read again: damage done to it meanwhile is for the next run to find."""
    originals = sorted(home.glob("vault/originals/*/*/*"))
    stopped(home, originals[0].stat().st_size + originals[1].stat().st_size + 1)
    begun = ProgressFile(home / "work").load()
    assert begun is not None
    flip(originals[0])
    flip(originals[4])
    resumed = verified(home, Wish(resume=True))
    assert resumed.resumed == begun.started_at
    assert [one.subject for one in resumed.differences] == [originals[4].name]
    assert not (home / "work" / FILE_NAME).exists()
    assert [one.subject for one in verified(home).differences] == [originals[0].name, originals[4].name]


def test_what_was_found_before_the_stop_is_looked_at_again(home: Path) -> None:
    """And is no longer named when it was mended meanwhile."""
    originals = sorted(home.glob("vault/originals/*/*/*"))
    flip(originals[0])
    stopped(home, sum(path.stat().st_size for path in originals[:3]))
    assert [one.subject for one in verified(home, Wish(resume=True)).differences] == [originals[0].name]
    stopped(home, sum(path.stat().st_size for path in originals[:3]))
    flip(originals[0])
    assert verified(home, Wish(resume=True)).differences == []


def test_a_run_that_has_nothing_to_go_on_with_begins_anew(home: Path) -> None:
    """No file, a file of no use, or one of another ledger."""
    file = ProgressFile(home / "work")
    for text in (None, "{", '{"v": 2}', '{"v": 1, "started_at": 1}'):
        if text is not None:
            (home / "work" / FILE_NAME).write_text(text, "utf-8")
        assert verified(home, Wish(resume=True)).resumed == ""
    file.save(Progress("2026-01-01T00:00:00Z", 3, "0" * 64, {"originals": "originals/ff"}))
    flip(next(iter(home.glob("vault/originals/*/*/*"))))
    again = verified(home, Wish(resume=True))
    assert (again.resumed, kinds(again.differences)) == ("", ["digest"])


def test_what_came_after_the_stop_is_read_too(made: Path, tmp_path: Path) -> None:
    """An original of a newer entry lies before the mark of the earlier run."""
    home = Path(shutil.copytree(made / "home", tmp_path / "home"))
    newest = max(home.glob("vault/originals/*/*/*"), key=lambda path: path.stat().st_size)
    with open_house(made / "before", lang="en") as before:
        head = before.sealer.head()
    read = Progress("2026-01-01T00:00:00Z", head.size, head.root.hex(), {"originals": "originals/ff/ff"})
    ProgressFile(home / "work").save(read)
    flip(newest)
    found = verified(home, Wish(resume=True))
    assert (found.resumed, [one.subject for one in found.differences]) == (read.started_at, [newest.name])


def test_a_run_whose_progress_cannot_be_saved_goes_on(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Saving is a convenience: the run finds what it finds, says once that it cannot be gone on with, and ends."""
    flipped = next(iter(home.glob("vault/originals/*/*/*")))
    flip(flipped)
    (home / "work" / FILE_NAME).with_suffix(".part").mkdir()
    found = verified(home)
    assert [one.subject for one in found.differences] == [flipped.name]
    assert ProgressFile(home / "work").load() is None
    said = capsys.readouterr()
    assert (said.out + said.err).count("cannot be saved") == 1


def test_a_full_disk_keeps_the_progress_of_before(tmp_path: Path) -> None:
    """What was saved last can still be gone on with."""
    earlier = Progress("2026-01-01T00:00:00Z")
    with small_disk(tmp_path / "full", 8192) as full:
        file = ProgressFile(full)
        file.save(earlier)
        (full / "filler").write_bytes(b"x" * 4096)
        file.save(replace(earlier, after={"originals": "originals/00"}))
        assert ProgressFile(full).load() == earlier
        file.forget()
        assert ProgressFile(full).load() is None


def test_progress_that_cannot_be_saved_or_forgotten_stops_nothing(tmp_path: Path) -> None:
    """Where the folder is no folder, nothing is kept, and nothing is raised."""
    (tmp_path / "work").write_bytes(b"")
    file = ProgressFile(tmp_path / "work")
    file.save(Progress("2026-01-01T00:00:00Z"))
    file.forget()
    assert file.load() is None


def test_a_term_signal_stops_as_ctrl_c_does() -> None:
    """So that a service that is stopped keeps how far it came."""
    with pytest.raises(KeyboardInterrupt):
        _interrupt(15, None)
