"""Scheduled fixity checks on a home: recorded, resumed, mended from the second copy, or shown until somebody does."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from dashboard.texts import Texts
from dashboard.upkeep_state import figures, state_json, state_of, state_rows
from evidence.custody import EventType
from evidence.errors import StorageError
from evidence.ids import Digest
from tests.support.upkeep import SmallHome

DAYS = 10


@pytest.fixture(name="home")
def _home(tmp_path: Path) -> Iterator[SmallHome]:
    home = SmallHome(tmp_path / "home", settings={"vault": {"fixity_days": DAYS}})
    yield home
    home.close()


def filled(home: SmallHome, count: int = 12) -> list[Digest]:
    """Let files arrive and the first cycle begin; return their digests in order."""
    digests = sorted(home.arrive(f"MOV{number}.mp4", b"footage %d" % number) for number in range(count))
    home.upkeep.tick()
    return digests


def run(home: SmallHome, days: float, hours: float = 2) -> None:
    """Let days pass, with a round of upkeep every few hours."""
    for _ in range(round(days * 24 / hours)):
        home.time.pass_(hours=hours)
        home.upkeep.tick()
        home.sealer.seal()


def test_each_slice_is_one_entry_and_together_they_are_the_vault(home: SmallHome) -> None:
    """In a cycle's days the ledger tells of every original once, by the machine, with bytes and bounds."""
    digests = filled(home)
    run(home, DAYS)
    told = home.told(EventType.CHECKED)
    assert sum(int(str(one.detail["count"])) for one in told) == len(digests)
    assert (told[0].detail["first"], told[-1].detail["last"]) == (digests[0], digests[-1])
    assert {one.actor for one in told} == {"system"}
    assert all(one.detail["damaged"] == [] for one in told)
    assert sum(int(str(one.detail["bytes"])) for one in told) == sum(
        home.place(digest).stat().st_size for digest in digests
    )


@pytest.mark.parametrize("lost", [False, True])
def test_it_goes_on_after_a_restart_also_with_a_register_made_again(home: SmallHome, lost: bool) -> None:
    """The cursor is that of the last recorded slice, in the register or out of the ledger."""
    digests = filled(home)
    run(home, DAYS / 2)
    before = state_of(home.upkeep).fixity
    if lost:
        home.upkeep.register.recall()
    home.upkeep = home.opened_upkeep()
    after = state_of(home.upkeep).fixity
    assert before is not None
    assert after is not None
    assert (after.cycle_started_at, after.share_done) == (before.cycle_started_at, before.share_done)
    assert 0.2 < after.share_done < 0.8
    run(home, DAYS / 2)
    assert sum(int(str(one.detail["count"])) for one in home.told(EventType.CHECKED)) == len(digests)


def test_damage_without_a_copy_is_shown_until_it_is_mended(home: SmallHome) -> None:
    """A damaged and a missing original are on record by name and in the state, and leave it when they are whole."""
    digests = filled(home)
    whole = home.place(digests[2]).read_bytes()
    home.damage(digests[2])
    home.place(digests[9]).unlink()
    run(home, DAYS)
    told = [one.detail["damaged"] for one in home.told(EventType.CHECKED) if one.detail["damaged"]]
    assert told == [[digests[2]], [digests[9]]]
    state = state_of(home.upkeep)
    assert state.fixity is not None
    assert state.fixity.damaged == (digests[2], digests[9])
    assert not state.is_well
    assert figures(state)["evidock_originals_damaged"][1] == 2
    home.upkeep.register.recall()
    assert state_of(home.upkeep).fixity == state.fixity
    home.damage(digests[2], body=whole)
    run(home, DAYS + 1)
    again = state_of(home.upkeep).fixity
    assert again is not None
    assert again.damaged == (digests[9],)


def test_damage_is_mended_from_the_second_copy_and_recorded(tmp_path: Path) -> None:
    """The check finds it, the copy mends it, the ledger tells both, and nothing is left to be shown."""
    settings: dict[str, dict[str, object]] = {"vault": {"fixity_days": DAYS}}
    home = SmallHome(tmp_path / "home", tmp_path / "second", settings=settings)
    digests = filled(home)
    damaged, missing, in_copy = digests[1], digests[5], digests[8]
    home.damage(damaged)
    home.place(missing).unlink()
    home.damage(in_copy, home.second)
    run(home, DAYS)
    told = {one.subject: one.detail for one in home.told(EventType.HEALED)}
    assert {digest: (detail["copy"], detail["found"]) for digest, detail in told.items()} == {
        damaged: ("vault", "damaged"),
        missing: ("vault", "missing"),
        in_copy: ("second", "damaged"),
    }
    for digest in digests:
        assert home.place(digest).read_bytes() == home.place(digest, home.second).read_bytes()
    assert state_of(home.upkeep).is_well
    before = state_of(home.upkeep)
    home.upkeep.register.recall()
    home.upkeep.tick()
    assert state_of(home.upkeep).fixity == before.fixity
    home.close()


def test_damage_is_mended_when_the_second_disk_is_back(tmp_path: Path) -> None:
    """Found while the disk was away, it stays shown, and is mended within minutes of its return."""
    settings: dict[str, dict[str, object]] = {"vault": {"fixity_days": DAYS}}
    second = tmp_path / "second"
    home = SmallHome(tmp_path / "home", second, settings=settings)
    digests = filled(home)
    second.rename(tmp_path / "away")
    home.damage(digests[0])
    run(home, DAYS)
    assert not state_of(home.upkeep).is_well
    (tmp_path / "away").rename(second)
    home.time.pass_(minutes=11)
    home.upkeep.tick()
    assert [one.subject for one in home.told(EventType.HEALED)] == [digests[0]]
    assert state_of(home.upkeep).is_well
    home.close()


def test_a_vault_whose_disk_is_away_is_no_damage(tmp_path: Path) -> None:
    """An empty mount point is not a vault full of missing originals: nothing is checked or 'mended' into it."""
    settings: dict[str, dict[str, object]] = {"vault": {"fixity_days": DAYS}}
    home = SmallHome(tmp_path / "home", tmp_path / "second", settings=settings)
    filled(home)
    home.time.pass_(days=5)
    vault = home.root / "vault"
    vault.rename(tmp_path / "away")
    vault.mkdir()
    home.upkeep.tick()
    assert [path for path in vault.rglob("*") if path.is_file()] == []
    assert home.told(EventType.CHECKED) == []
    home.close()


def test_switched_off_it_reads_and_shows_nothing(tmp_path: Path) -> None:
    """With ``vault.fixity_days`` 0 there is no check, no entry and no figure."""
    home = SmallHome(tmp_path / "home", settings={"vault": {"fixity_days": 0}})
    filled(home)
    run(home, DAYS)
    assert home.told(EventType.CHECKED) == []
    assert state_json(state_of(home.upkeep)) == {"receipts_behind": 0, "fixity": None, "second_copy": None}
    home.close()


def test_the_state_says_how_far_the_cycle_is(home: SmallHome) -> None:
    """Share read and share due run side by side; a home that was off is behind until it has caught up."""
    filled(home, 30)
    home.time.pass_(days=DAYS / 2)
    fixity = state_of(home.upkeep).fixity
    assert fixity is not None
    assert fixity.share_done == 0.0
    assert fixity.share_due == pytest.approx(0.5, abs=0.01)
    home.upkeep.tick()
    home.time.pass_(hours=2)
    home.upkeep.tick()
    later = state_of(home.upkeep).fixity
    assert later is not None
    assert later.share_done == pytest.approx(0.5, abs=0.1)
    said = state_json(state_of(home.upkeep))["fixity"]
    assert isinstance(said, dict)
    assert set(said) == {"days", "cycle_started_at", "share_done", "share_due", "damaged"}


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_the_state_is_told_in_the_reader_s_words(tmp_path: Path, locale: str) -> None:
    """Every part that is switched on has a line, damage has one for each original, and no key is shown bare."""
    home = SmallHome(tmp_path / "home", tmp_path / "second", settings={"vault": {"fixity_days": DAYS}})
    texts = Texts(locale)
    assert len(state_rows(state_of(home.upkeep), texts)) == 3
    digests = filled(home)
    assert home.second is not None
    home.second.rename(tmp_path / "away")
    home.damage(digests[3])
    run(home, DAYS)
    rows = state_rows(state_of(home.upkeep), texts)
    assert [value for _, value in rows].count(digests[3]) == 1
    assert len(rows) == 4
    assert not [text for row in rows for text in row if text.startswith("upkeep.") or "%(" in text]
    home.close()


def test_a_register_that_refuses_loses_no_slice(home: SmallHome, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slice that could not be recorded is read again and recorded later."""
    digests = filled(home)
    register = home.upkeep.register
    real = register.record_checked

    def refuse(entry: object) -> int:
        raise StorageError("busy", subject=str(entry)[:10])

    monkeypatch.setattr(register, "record_checked", refuse)
    run(home, DAYS / 2)
    assert home.told(EventType.CHECKED) == []
    monkeypatch.setattr(register, "record_checked", real)
    run(home, DAYS / 2 + timedelta(hours=4) / timedelta(days=1))
    told = home.told(EventType.CHECKED)
    assert told[0].detail["first"] == digests[0]
    assert sum(int(str(one.detail["count"])) for one in told) >= len(digests)
