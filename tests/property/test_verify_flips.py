"""Random damage: whichever bit of whichever file of a vault flips, the deep check finds it; whole vaults are whole."""

import random
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.tampering import KEPT_UNTIL, TestVault, check, trials

EXAMPLES = 60


@pytest.mark.parametrize("start", range(0, EXAMPLES, 20))
def test_every_flipped_bit_is_found(tmp_path: Path, start: int) -> None:
    """Over originals, derivatives, records, locks and the whole ledger; what was flipped is told when it was missed."""
    missed = [what for what, found in trials(tmp_path / "vault", range(start, start + 20)) if not found]
    assert missed == []


@pytest.mark.parametrize("seed", range(5))
def test_a_vault_of_random_acts_has_no_difference(tmp_path: Path, seed: int) -> None:
    """Files taken in twice, derived again, disposed of and docked again, in any order."""
    chance = random.Random(seed)
    vault = TestVault(tmp_path / "vault", sizes=(chance.randrange(1, 300),))
    vault.tell("access")
    bodies = [f"clip {number}".encode() * 3 for number in range(8)]
    alive: list[str] = []
    for step in range(300):
        act = chance.choice(("take", "derive", "lock", "decide", "import", "dispose", "view", "view", "view"))
        if act == "take":
            alive.append(vault.take_in(chance.choice(bodies), key=f"{step:064}"))
        elif act == "derive" and alive:
            vault.derive(chance.choice(alive), f"proxy {step % 5}".encode(), b"the same poster")
        elif act == "lock" and alive:
            vault.lock(chance.choice(alive), KEPT_UNTIL + timedelta(days=step))
        elif act == "decide":
            vault.decide(f"reason {step}")
        elif act == "import":
            vault.import_rows(f"rows {step}".encode())
        elif act == "dispose" and alive:
            gone = chance.choice(alive)
            alive = [digest for digest in alive if digest != gone]
            vault.dispose(gone)
        else:
            vault.tell("access", alive[-1] if alive else "")
    vault.seal()
    assert check(vault) == []
