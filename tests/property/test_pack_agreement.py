"""verify.py and the second opinion share no code and agree: on every random damage both find the same."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.packs import PackHome, by_house, by_verify, copy_of, flipped, remanifest

TRIALS = 160
"""Damages in all, a quarter of them under manifests made anew."""

BATCHES = 8


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A case file."""
    home = PackHome(tmp_path_factory.mktemp("home")).fill()
    yield home.export(tmp_path_factory.mktemp("out")).path
    home.close()


def _files(pack: Path) -> list[Path]:
    return sorted(path for path in pack.rglob("*") if path.is_file())


def _flip(pack: Path, chance: random.Random) -> Path:
    place = chance.choice(_files(pack))
    body = place.read_bytes()
    place.write_bytes(flipped(body, chance.randrange(len(body)), chance.randrange(8)))
    return place


def _delete(pack: Path, chance: random.Random) -> Path:
    place = chance.choice(_files(pack))
    place.unlink()
    return place


def _truncate(pack: Path, chance: random.Random) -> Path:
    place = chance.choice(_files(pack))
    body = place.read_bytes()
    place.write_bytes(body[: chance.randrange(len(body))])
    return place


def _swap(pack: Path, chance: random.Random) -> Path:
    one, two = chance.sample(_files(pack), 2)
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second)
    two.write_bytes(first)
    return one


def _add(pack: Path, chance: random.Random) -> Path:
    place = chance.choice(_files(pack)).parent / f"{chance.randrange(10**6)}.json"
    place.write_bytes(chance.randbytes(20))
    return place


DAMAGES: tuple[Callable[[Path, random.Random], Path], ...] = (_flip, _flip, _flip, _delete, _truncate, _swap, _add)


@pytest.mark.parametrize("batch", range(BATCHES))
def test_both_find_the_same(exported: Path, tmp_path: Path, batch: int) -> None:
    """A flipped, cut, deleted, swapped or added file is found by both, with the same codes, files and items."""
    for trial in range(batch, TRIALS, BATCHES):
        chance = random.Random(trial)
        pack = copy_of(exported, tmp_path / str(trial))
        damage = chance.choice(DAMAGES)
        place = damage(pack, chance).relative_to(pack).as_posix()
        forged = trial % 4 == 3
        if forged:
            remanifest(pack)
        mine, house = by_verify(pack), by_house(pack)
        assert mine == house, (trial, damage.__name__, place)
        assert forged or place in {path for _, path, _ in mine}, (trial, damage.__name__, place)


def test_damage_the_ledger_speaks_of_survives_no_forging(exported: Path, tmp_path: Path) -> None:
    """With every manifest made anew, a flipped byte is found in all files but the papers and what describes the bag."""
    unproven = {"verify.py", "README.txt", "bagit.txt", "bag-info.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt"}
    unproven |= {"data/cover-sheet.pdf", "data/cover-sheet-en.pdf"}
    chance = random.Random(7)
    for number, place in enumerate(_files(exported)):
        path = place.relative_to(exported).as_posix()
        if path in unproven or number % 2:
            continue
        pack = copy_of(exported, tmp_path / str(number))
        body = place.read_bytes()
        (pack / path).write_bytes(flipped(body, chance.randrange(len(body))))
        remanifest(pack)
        found = by_verify(pack)
        assert found, path
        assert found == by_house(pack), path
