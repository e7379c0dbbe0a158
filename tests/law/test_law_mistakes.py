"""Whoever writes a pack is told of each mistake: the file, the key, what is wrong, and what to do about it."""

import shutil
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from config.law_packs import load_pack
from evidence.errors import ConfigError

HERE = Path(__file__).parent
INVENTED = HERE / "packs" / "lakeside-fishery"
MISTAKES = tomllib.loads((HERE / "mistakes.toml").read_text("utf-8"))["mistake"]
FILES = ("pack.toml", "procedures.toml", "documents.toml", "deadlines.toml", "reasons.toml", "amendment", "calendars")


def with_mistake(mistake: dict[str, str], folder: Path) -> Path:
    """Copy the invented pack with one mistake in it, and return the folder."""
    pack = folder / "pack"
    shutil.copytree(INVENTED, pack)
    file = pack / mistake["file"]
    written = file.read_text("utf-8")
    assert mistake["old"] in written
    file.write_text(written.replace(mistake["old"], mistake["new"], 1) if mistake["old"] else "", "utf-8")
    return pack


def test_the_invented_pack_is_right_before_it_is_made_wrong() -> None:
    """Without a mistake the pack is taken."""
    assert load_pack(INVENTED).later


@pytest.mark.parametrize("mistake", MISTAKES, ids=[f"{each['file']}: {each['says']}" for each in MISTAKES])
def test_a_mistake_is_named(mistake: dict[str, str], tmp_path: Path) -> None:
    """The pack is refused whole; the message names the file and the key, and says what would mend it."""
    pack = with_mistake(mistake, tmp_path)
    with pytest.raises(ConfigError) as caught:
        load_pack(pack)
    assert caught.value.subject == str(pack / mistake["file"])
    assert mistake["key"] in caught.value.message
    assert len(caught.value.cure) > len("mend it")


def test_every_file_of_a_pack_has_its_mistakes() -> None:
    """At least forty mistakes, and five in each kind of file."""
    made = Counter(kind for each in MISTAKES for kind in FILES if each["file"].startswith(kind))
    assert len(MISTAKES) >= 40
    assert {kind: made[kind] for kind in FILES if made[kind] < 5} == {}
    assert len({each["says"] for each in MISTAKES}) == len(MISTAKES)


@pytest.mark.parametrize("file", ["pack.toml", "procedures.toml", "reasons.toml"])
def test_a_file_that_must_be_there_is_named(file: str, tmp_path: Path) -> None:
    """A folder that lacks what makes a pack says which file, and what a pack is."""
    pack = tmp_path / "pack"
    shutil.copytree(INVENTED, pack)
    (pack / file).unlink()
    with pytest.raises(ConfigError) as caught:
        load_pack(pack)
    assert caught.value.subject == str(pack / file)
    assert "pack.toml and procedures.toml" in caught.value.cure


@pytest.mark.parametrize("file", ["documents.toml", "deadlines.toml", "reasons.toml", "amendment-2025-07.toml"])
def test_a_file_in_another_encoding_is_named(file: str, tmp_path: Path) -> None:
    """A file saved as GB18030 says so instead of showing garbage."""
    pack = tmp_path / "pack"
    shutil.copytree(INVENTED, pack)
    (pack / file).write_bytes((pack / file).read_text("utf-8").encode("gb18030"))
    with pytest.raises(ConfigError, match="UTF-8") as caught:
        load_pack(pack)
    assert caught.value.subject == str(pack / file)
