"""Clips one by one: the table ``clips.toml`` says what must be found with each, and that nothing else is."""

import pytest

from config.law_packs import default_pack
from tests.support.clip_tables import Row, found_in, read_clips

CLIPS = tuple(read_clips())


@pytest.mark.parametrize("row", CLIPS, ids=[f"{row['says']} · {row['en']}" for row in CLIPS])
def test_the_clip(row: Row) -> None:
    """What is known of a file gives the findings of its row, and no others."""
    assert found_in(row, default_pack()) == row["findings"]
