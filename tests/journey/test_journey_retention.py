"""Keeping and disposing through the command line alone: schedule, holds, refusals, and JSON as documented."""

import json
from pathlib import Path

import pytest

from evidence.ids import Digest
from tests.support.cli import json_lines, run_cli
from tests.support.index import CASE, step
from tests.support.retention import bureau


@pytest.fixture(scope="module", name="home")
def _home(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Digest, Digest]:
    """A home with a clip of an open case and one that hangs on nothing, both taken in when the world's clock says."""
    folder = tmp_path_factory.mktemp("retention")
    with bureau(folder) as office:
        office.steps(step())
        office.case(CASE, "处罚")
        linked, alone = office.clip("check", (0, 30)), office.clip("alone", (300, 310))
        office.keep(linked, alone)
    return folder / "home", linked, alone


Row = dict[str, object]


def printed(home: Path, noun: str, *words: str, code: int = 0) -> object:
    """Return what a command prints under its name."""
    done = run_cli(home, noun, *words, "--json")
    assert done.returncode == code, done.stderr
    [body] = json_lines(done)
    return body[noun]


def rows_of(stated: object) -> list[Row]:
    """Return a printed list."""
    assert isinstance(stated, list)
    return stated


def said(home: Path, noun: str, *words: str, code: int = 0) -> Row:
    """Return the object a command prints."""
    body = printed(home, noun, *words, code=code)
    assert isinstance(body, dict)
    return body


def listed(home: Path, noun: str, *words: str) -> list[Row]:
    """Return the list a command prints."""
    return rows_of(printed(home, noun, *words))


def clips(home: Path, *words: str) -> list[Row]:
    """Return the clips that ``retention`` prints."""
    return rows_of(said(home, "retention", *words)["clips"])


def test_the_schedule_and_what_it_keeps(home: tuple[Path, Digest, Digest]) -> None:
    """Without arguments: each class with its basis, marked as policy, and how many it keeps."""
    body = said(home[0], "retention")
    schedule = body["schedule"]
    assert isinstance(schedule, dict)
    assert all(one["policy"] and one["basis"] for one in rows_of(schedule["classes"]))
    kept = {(one["schedule_class"], one["endless"]): one["clips"] for one in rows_of(body["kept"])}
    assert kept == {("appealable", "open_case"): 1, ("unlinked", None): 1}
    table = run_cli(home[0], "retention", "--lang", "zh-CN")
    assert "可诉行政行为" in table.stdout


def test_one_clip_one_case_and_what_is_due(home: tuple[Path, Digest, Digest]) -> None:
    """A clip, a case and a day each give the same facts: until when, why, and what the vault locks."""
    root, linked, alone = home
    (one,) = clips(root, "--clip", alone[:12])
    assert (one["until"], one["locked_until"], one["held"]) == ("2027-05-02T16:00:00Z", "2027-05-02T16:00:00Z", False)
    (one,) = clips(root, "--case", CASE)
    assert (one["sha256"], one["until"], one["endless"]) == (linked, None, "open_case")
    due = clips(root, "--due", "2027-05-02")
    assert [one["sha256"] for one in due] == [alone]
    assert clips(root, "--due", "2027-05-01") == []
    assert run_cli(root, "retention", "--due", "May").returncode == 2
    assert run_cli(root, "retention", "--due", "2027-05-02", "--case", CASE).returncode == 2
    assert run_cli(root, "retention", "--case", "no-such").returncode == 51


def test_a_hold_by_command(home: tuple[Path, Digest, Digest]) -> None:
    """Laid on a case, listed, shown with the clip, checked, lifted; a hold nobody explains is refused."""
    root, linked, _ = home
    refused = run_cli(root, "hold", "place", "--case", CASE, "--actor", "李")
    assert (refused.returncode, "reason" in refused.stderr) == (2, True)
    assert run_cli(root, "hold", "place", "--reason", "诉讼").returncode == 2
    assert run_cli(root, "hold", "lift", "--reason", "诉讼").returncode == 2
    (laid,) = listed(root, "hold", "place", "--case", CASE, "--actor", "李", "--reason", "诉讼")
    assert (laid["scope"], laid["target"], laid["set_by"], laid["lifted_at"]) == ("case", CASE, "李", None)
    (one,) = clips(root, "--clip", linked)
    assert (one["holds"], one["held"]) == ([laid["hold_id"]], True)
    assert listed(root, "hold", "list") == [laid]
    (lifted,) = listed(root, "hold", "lift", str(laid["hold_id"]), "--actor", "王", "--reason", "撤诉")
    assert lifted["lifted_by"] == "王"
    assert listed(root, "hold", "list") == []
    assert listed(root, "hold", "list", "--all") == [lifted]


def test_nothing_goes_before_its_time(home: tuple[Path, Digest, Digest]) -> None:
    """The rule finds nothing; a clip that is named is refused with everything that keeps it."""
    root, linked, alone = home
    assert said(root, "dispose", "propose", "--reason", "期满") == {"proposed": None, "looked_at": []}
    body = said(root, "dispose", "propose", "--clip", alone, "--clip", linked, "--reason", "期满", code=1)
    looked_at = rows_of(body["looked_at"])
    kept = {one["sha256"]: one["why"] for one in looked_at}
    assert body["proposed"] is None
    assert all(not one["may_go"] for one in looked_at)
    assert CASE in str(kept[linked])
    assert listed(root, "dispose", "list") == []
    assert run_cli(root, "dispose", "approve", "00000000", "--reason", "好", "--actor", "李").returncode == 51
    assert run_cli(root, "dispose", "approve", "--reason", "好", "--actor", "李").returncode == 2


def test_the_check_names_what_differs(home: tuple[Path, Digest, Digest]) -> None:
    """Register and vault agree; a lock that is taken away in the vault is a difference with exit code 1."""
    root, _, alone = home
    assert said(root, "retention", "--check") == {"differences": []}
    lock = root / "vault" / "locks" / alone[:2] / alone[2:4] / f"{alone}.json"
    kept = lock.read_bytes()
    lock.write_text(json.dumps({"held": True, "until": None, "v": 1}, separators=(",", ":"), sort_keys=True))
    body = said(root, "retention", "--check", code=1)
    lock.write_bytes(kept)
    assert [(one["sha256"], one["kind"]) for one in rows_of(body["differences"])] == [
        (alone, "short_lock"),
        (alone, "hold_unasked"),
    ]
