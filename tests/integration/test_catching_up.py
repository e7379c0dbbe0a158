"""The review that is due once at a start: after an upgrade, and after a setting that judgements depend on changed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from dashboard import catching_up
from dashboard.catching_up import JUDGED_BY, catch_up, is_due
from dashboard.rebuilding import register_disagreements
from dashboard.wiring import House, open_house
from evidence.clock import JUDGEMENT
from evidence.custody import Actor
from evidence.ports import Scope, Transaction
from index.upkeep import UpkeepRegister
from tests.support.cli import run_cli
from tests.support.index import EVENING, World

DAY = timedelta(days=1)
MINUTES = 24 * 60.0


class HouseWorld(World):
    """The register of a home, with the rooms that the home has."""

    def __init__(self, house: House) -> None:
        """Take the home's own rooms."""
        self.register, self.catalogue, self.reviewer = house.register, house.catalogue, house.reviewer


@pytest.fixture(name="home")
def _home(tmp_path: Path) -> Path:
    """Return a home with three days of a camera whose docks are silent, all of it judged as docks that set clocks."""
    home = tmp_path / "home"
    with opened(home, sets_clocks=True) as house:
        catch_up(house)
        for day in range(3):
            HouseWorld(house).clip(f"day {day}", (day * MINUTES, day * MINUTES + 10), received=EVENING + day * DAY)
        assert list(register_disagreements(house)) == []
        assert not is_due(house)
    return home


@contextmanager
def opened(home: Path, *, sets_clocks: bool) -> Iterator[House]:
    """Open the home with a setting."""
    with open_house(home, lang="en", overrides={"dock": {"sets_clocks": sets_clocks}}) as house:
        yield house


def test_a_new_home_has_nothing_to_review(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is made now is judged by the rules now in force; nothing is said."""
    with open_house(tmp_path / "home") as house:
        catch_up(house)
        assert not is_due(house)
    assert capsys.readouterr().err == ""


def test_another_setting_is_followed_at_the_next_start(home: Path, tmp_path: Path) -> None:
    """Everything is reviewed once, and said; the register then is what one made again is; the next start is quiet."""
    (tmp_path / "nothing").mkdir()
    starts = [
        run_cli(home, "take-in", str(tmp_path / "nothing"), "--lang", "en", env={"EVIDOCK_DOCK__SETS_CLOCKS": "false"})
        for _ in range(2)
    ]
    assert ["(3)" in one.stderr for one in starts] == [True, False]
    with opened(home, sets_clocks=False) as house:
        assert not is_due(house)
        assert list(register_disagreements(house)) == []
    with opened(home, sets_clocks=True) as house:
        assert list(register_disagreements(house))


def test_a_home_from_before_clocks_were_kept_is_reviewed_at_its_next_start(home: Path) -> None:
    """Clips whose statements nobody has kept yet, as an upgrade leaves them, are judged by themselves."""
    with opened(home, sets_clocks=True) as house:
        with house.register.transaction() as tx:
            tx.execute(sa.text("UPDATE clip SET stated = NULL, docked_at = NULL, start_earliest = NULL"))
            tx.execute(sa.text("DELETE FROM mark WHERE name = :name"), {"name": JUDGED_BY})
        catch_up(house)
        assert list(register_disagreements(house)) == []


def test_a_review_that_is_cut_off_begins_again(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is marked as reviewed until all of it is."""
    monkeypatch.setattr(catching_up, "PART", 1)
    with opened(home, sets_clocks=False) as house:
        whole, seen = house.reviewer.review, list[Scope]()

        def cut_off(tx: Transaction, scope: Scope, actor: Actor, at: datetime) -> None:
            seen.append(scope)
            if len(seen) == 2:
                raise InterruptedError
            whole(tx, scope, actor, at)

        monkeypatch.setattr(house.reviewer, "review", cut_off)
        with pytest.raises(InterruptedError):
            catch_up(house)
        assert is_due(house)
        monkeypatch.setattr(house.reviewer, "review", whole)
        catch_up(house)
        assert not is_due(house)
        assert list(register_disagreements(house)) == []


def test_a_better_judgement_makes_a_review_due(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So does another version of the law pack: the mark names all that a verdict depends on."""
    with opened(home, sets_clocks=True) as house:
        assert not is_due(house)
        monkeypatch.setattr(catching_up, "JUDGEMENT", JUDGEMENT + 1)
        assert is_due(house)
        assert UpkeepRegister(house.register).mark(JUDGED_BY)[1] != catching_up.rules_in_force(house)
