"""Which files are one recording: short breaks, overlaps, counters, and what is part of nothing."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.ids import Digest
from evidence.recordings import GAP_S, LONGEST_S, Part, place_in, recordings, takes_part
from evidence.spans import Span

TEN = datetime(2026, 3, 2, 2, tzinfo=UTC)


def file(name: str, begin_s: float, end_s: float, sequence: int | None = None) -> Part:
    """Return a file by its stretch in seconds after ten."""
    return Part(Digest(name), Span(TEN + timedelta(seconds=begin_s), TEN + timedelta(seconds=end_s)), sequence)


def names(parts: list[Part], gap_s: float = GAP_S) -> list[str]:
    """Return each recording as the names of its parts."""
    return ["".join(one.digest for one in recording) for recording in recordings(parts, gap_s)]


@pytest.mark.parametrize(
    ("break_s", "expected"), [(0, ["ab"]), (2, ["ab"]), (2.001, ["a", "b"]), (-30, ["ab"]), (600, ["a", "b"])]
)
def test_a_short_break_is_the_camera_changing_files(break_s: float, expected: list[str]) -> None:
    """Up to two seconds, the bound included; files that overlap are one recording as well."""
    assert names([file("a", 0, 300), file("b", 300 + break_s, 600 + break_s)]) == expected


def test_the_break_is_the_bureaus_policy() -> None:
    """Another threshold joins more, or less."""
    parts = [file("a", 0, 300), file("b", 304, 600), file("c", 605, 900)]
    assert (names(parts, 4), names(parts, 5), names(parts, 0)) == (["ab", "c"], ["abc"], ["a", "b", "c"])


@pytest.mark.parametrize(
    ("counters", "expected"),
    [
        ((7, 8), ["ab"]),
        ((7, 9), ["ab"]),
        ((7, 7), ["ab"]),
        ((7, None), ["ab"]),
        ((9999, 0), ["ab"]),
        ((42, 1), ["ab"]),
        ((50, 12), ["a", "b"]),
    ],
)
def test_a_counter_that_falls_back_parts_what_only_touches_in_time(
    counters: tuple[int, int | None], expected: list[str]
) -> None:
    """A photo taken meanwhile skips a number and a count may begin anew; a lower number is another recording."""
    assert names([file("a", 0, 300, counters[0]), file("b", 301, 600, counters[1])]) == expected


@pytest.mark.parametrize(("length_s", "expected"), [(0, False), (1, True), (LONGEST_S, True), (LONGEST_S + 1, False)])
def test_a_moment_and_an_impossible_length_are_part_of_nothing(length_s: float, expected: bool) -> None:
    """A photo covers no time, and no camera makes a file of a day."""
    assert takes_part(file("a", 0, length_s).span) is expected


def test_a_part_knows_its_place_and_its_neighbours() -> None:
    """Number, whole stretch, the part before and the part after; alone there is none."""
    parts = [file("c", 601, 1203), file("a", 0, 300), file("b", 300, 600)]
    found = [place_in(Digest(name), parts) for name in "abc"]
    assert all(one is not None and one.parts == 3 and one.recording_id == "a" for one in found)
    assert [(one.part, one.before, one.after) for one in found if one] == [
        (1, None, "b"),
        (2, "a", "c"),
        (3, "b", None),
    ]
    assert {one.span for one in found if one} == {file("", 0, 1203).span}
    assert place_in(Digest("a"), parts[1:2]) is None


FILES = st.lists(st.tuples(st.integers(0, 2000), st.integers(1, 400), st.none() | st.integers(0, 5)), max_size=12).map(
    lambda rows: [file(f"{n:02}", begin, begin + length, count) for n, (begin, length, count) in enumerate(rows)]
)


@given(FILES, st.randoms())
def test_every_file_is_in_one_recording_whatever_the_order(parts: list[Part], dice: object) -> None:
    """Recordings part the files, each file once, and do not depend on the order in which they are given."""
    found = recordings(parts, GAP_S)
    shuffled = parts[:]
    dice.shuffle(shuffled)  # type: ignore[attr-defined] # hypothesis gives a random.Random
    assert recordings(shuffled, GAP_S) == found
    assert sorted(one.digest for recording in found for one in recording) == sorted(one.digest for one in parts)


@given(FILES)
def test_what_lies_further_apart_than_a_break_is_never_one(parts: list[Part]) -> None:
    """Within a recording without counters every part is reached over short breaks, and none between two."""
    plain = [Part(one.digest, one.span) for one in parts]
    hulls = [
        Span(min(one.span.start for one in recording), max(one.span.end for one in recording))
        for recording in recordings(plain, GAP_S)
    ]
    for earlier, later in pairwise(hulls):
        assert (later.start - earlier.end).total_seconds() > GAP_S
