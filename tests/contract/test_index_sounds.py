"""Which clips the register wants compared by their sound, and what it keeps of a comparison."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from evidence.ids import Digest
from evidence.notes import note
from evidence.ports import Scope
from evidence.sound import NoSoundOffset, SoundComparison, SoundOffset, in_order
from index.sounds import AT_MOST, SoundRegister
from tests.support.index import CASE, LATER, LI, MACHINE, ONE, World, at, digest_of, step

HEARD = SoundOffset(1.5, 0.01, 4.0, 6, "ffmpeg 7", 10.0)
SILENT = NoSoundOffset(note("sound.silent", heard_s=1.0, least_s=25), "b", "ffmpeg 7")
FAILED = NoSoundOffset(note("sound.failed", reason="killed"))
MINUTE = timedelta(minutes=1)
sounds = SoundRegister()


@pytest.fixture(name="world")
def _world(tmp_path: Path, register_url: str) -> Iterator[World]:
    """Return a bureau with a step of two officers."""
    world = World(tmp_path, register_url)
    world.staff()
    world.steps(step(officers=("E1", "E2")))
    yield world
    world.close()


def wanted(world: World, digest: Digest) -> list[Digest]:
    """Return the clips that one is to be compared with."""
    with world.transaction() as tx:
        pairs = sounds.wanted(tx, digest)
    assert all(a < b and digest in {a, b} for a, b, _ in pairs)
    return [b if a == digest else a for a, b, _ in pairs]


def attempts(world: World, digest: Digest) -> list[str]:
    """Return the names of the attempts that one asks for."""
    with world.transaction() as tx:
        return [attempt for _, _, attempt in sounds.wanted(tx, digest)]


def record(world: World, one: Digest, other: Digest, found: SoundOffset | NoSoundOffset) -> Scope:
    """Record a comparison; return what has to be reviewed."""
    with world.transaction() as tx:
        return sounds.record_compared(tx, SoundComparison(*in_order(one, other), found), MACHINE, LATER)


def test_two_cameras_at_one_step_are_compared_once(world: World) -> None:
    """The question follows the judged starts; what was answered is asked no more, by neither of the two."""
    one, other = world.clip("one", (0, 20)), world.clip("other", (5, 25), device="SN-TWO")
    assert (wanted(world, one), wanted(world, other)) == ([other], [one])
    a, b = in_order(one, other)
    with world.transaction() as tx:
        asked = sounds.question(tx, a, b)
        backwards = sounds.question(tx, b, a)
    assert asked is not None
    assert backwards is not None
    assert asked.expected_s == (300.0 if a == one else -300.0) == -backwards.expected_s
    assert asked.within_s == pytest.approx(60 + 2 * 23)
    assert record(world, one, other, HEARD).cases == {"2026-001"}
    with world.transaction() as tx:
        assert sounds.question(tx, a, b) is None
    assert (wanted(world, one), wanted(world, other)) == ([], [])


def test_a_second_result_of_a_pair_changes_nothing(world: World) -> None:
    """A step that ran twice leaves one entry and the first result."""
    one, other = world.clip("one", (0, 20)), world.clip("other", (5, 25), device="SN-TWO")
    record(world, one, other, HEARD)
    size = world.library.totals().ledger_entries
    assert record(world, one, other, SILENT) == Scope()
    assert world.library.totals().ledger_entries == size
    [seen] = world.library.clip(in_order(one, other)[0]).sound_matches
    [turned] = world.library.clip(in_order(one, other)[1]).sound_matches
    assert seen.offset is not None
    assert turned.offset is not None
    assert (seen.offset.offset_s, turned.offset.offset_s) == (1.5, -1.5)


def test_what_cannot_have_heard_the_same_is_not_compared(world: World) -> None:
    """Neither the same camera, nor clips that do not overlap, nor one of another step, nor one that is only sealed."""
    one = world.clip("one", (0, 10))
    world.clip("same camera", (2, 12))
    world.clip("later", (20, 30), device="SN-TWO")
    world.clip("elsewhere", (3, 9), device="STRANGER")
    assert wanted(world, one) == []
    with world.transaction() as tx:
        unseen = world.take_in(tx, "unseen", (2, 9), device="SN-TWO")
        assert not sounds.wanted(tx, unseen)
        assert not sounds.wanted(tx, digest_of("nobody"))


def test_a_clip_asks_for_a_few_those_with_the_longest_common_time_first(world: World) -> None:
    """Of many clips of another camera the longest common time counts, and refusals count as comparisons."""
    one = world.clip("one", (0, 30))
    others = [world.clip(f"other {n}", (4 * n, 4 * n + 3 + n / 10), device="SN-TWO") for n in range(AT_MOST + 2)]
    assert wanted(world, one) == others[: -AT_MOST - 1 : -1]
    for other in others[:AT_MOST]:
        record(world, one, other, SILENT)
    assert wanted(world, one) == []
    assert wanted(world, others[-1]) == [one]


def test_a_failed_comparison_is_no_failed_clip_and_may_be_tried_again(world: World) -> None:
    """It shows with its reason, is asked for under another name, and gives way to a result."""
    one, other = world.clip("one", (0, 20)), world.clip("other", (5, 25), device="SN-TWO")
    [first] = attempts(world, one)
    assert record(world, one, other, FAILED) == Scope()
    [match] = world.library.clip(one).sound_matches
    assert (match.failed, match.offset, world.library.clip(one).failure) == (True, None, None)
    [again] = attempts(world, one)
    assert again != first
    record(world, one, other, SILENT)
    assert attempts(world, one) == []
    matches = [world.library.clip(digest).sound_matches[0] for digest in in_order(one, other)]
    assert [match.refused_in for match in matches] == ["other", "this"]


def test_an_attempt_has_its_name_from_what_is_asked(world: World) -> None:
    """Asked twice it is the same, from either clip; taken off and hung up again it is another one."""
    one, other = world.clip("one", (0, 20)), world.clip("other", (5, 25), device="SN-TWO")
    [first] = attempts(world, one)
    assert attempts(world, one) == attempts(world, other) == [first]
    for hang, when in ((world.decisions.unlink, LATER), (world.decisions.link, LATER + MINUTE)):
        world.decide(partial(hang, digest=one, case_no=CASE, step_no=ONE, actor=LI, reason="核对", at=when))
    [again] = attempts(world, one)
    assert again != first


def test_links_made_later_are_followed_by_the_ledger(world: World) -> None:
    """Each call goes on where the last ended, by a person's link as by the program's, and nothing is told twice."""
    one = world.clip("one", (0, 20))
    with world.transaction() as tx:
        assert one in sounds.newly_linked(tx, 10)
        assert sounds.newly_linked(tx, 10) == []
    other = world.clip("other", (100, 120), device="SN-TWO")
    world.decide(lambda tx: world.decisions.link(tx, other, CASE, ONE, LI, "同一现场", LATER))
    with world.transaction() as tx:
        assert sounds.newly_linked(tx, 10) == [other]
    world.steps(step("2026-002", window=(95, 125), officers=("E1", "E2")))
    late = [world.clip(f"late {n}", (96 + n, 110)) for n in range(3)]
    with world.transaction() as tx:
        seen = [*sounds.newly_linked(tx, 2), *sounds.newly_linked(tx, 2), *sounds.newly_linked(tx, 2)]
    assert sorted(set(seen)) == sorted({other, *late})
    assert at(0) < LATER
