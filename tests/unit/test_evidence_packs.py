"""Names in a pack: readable, unique in any case of letters, and safe on every file system."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.claims import Claims, OfficerSource
from evidence.clips import ClipState, Kind, Playable, Sighting
from evidence.clock import ClockJudgement, ClockVerdict
from evidence.ids import CaseNo, DeviceId, Digest, OfficerId, StationId
from evidence.packs import Difference, DifferenceKind, folder_name, item_names, most_telling, suffix_of, tidy
from evidence.spans import Span
from evidence.views import ClipView

AT = datetime(2026, 11, 2, 1, 5, tzinfo=UTC)
SEEN = Sighting(Digest("ab" * 32), 1, StationId("A"), "x.MP4", AT, AT)
CLIP = ClipView(
    digest=Digest("ab" * 32),
    size_bytes=1,
    kind=Kind.VIDEO,
    state=ClipState.REVIEWED,
    playable=Playable.ORIGINAL,
    received_at=AT,
    sightings=(SEEN,),
    measurement=None,
    claims=Claims(),
    clock=ClockJudgement(ClockVerdict.TRUSTED, Span(AT, AT), 1.0),
    device_id=DeviceId("DSJ/01"),
    officer_id=OfficerId("E1"),
    officer_name="艾力·买买提",
    officer_source=OfficerSource.ASSIGNMENT,
    sequence=None,
    important=False,
    duration_s=1.0,
    decoded_duration_s=None,
    problems=(),
    quality=(),
    derivatives={},
    links=(),
    failure=None,
)


def test_a_name_tells_step_time_officer_and_camera() -> None:
    """A reader sees what a file is without opening it; the time is Beijing time."""
    assert item_names([(CLIP, "3")]) == ["3_20261102-090500_艾力-买买提_DSJ-01_abababab"]


def test_what_is_not_known_is_said() -> None:
    """A clip without time, officer or camera has words in their place."""
    unknown = replace(
        CLIP, clock=ClockJudgement(ClockVerdict.UNKNOWN, None, None), officer_name="", officer_id=None, device_id=None
    )
    assert item_names([(unknown, "")]) == ["no-time_no-officer_no-device_abababab"]


def test_names_are_unique() -> None:
    """Two digests that begin alike get more of their digits."""
    other = replace(CLIP, digest=Digest("ab" * 16 + "cd" * 16))
    one, two = item_names([(CLIP, "3"), (other, "3")])
    assert one != two
    assert two.endswith("ab" * 16)


@given(text=st.text(max_size=80))
def test_a_tidy_text_is_safe_anywhere(text: str) -> None:
    """Only letters, digits and single hyphens within remain, so that no system reads anything into a name."""
    made = tidy(text, 20)
    assert len(made) <= 20
    assert all(part.isalnum() for part in made.split("-") if made)
    assert "--" not in made


@pytest.mark.parametrize(
    ("path", "suffix"),
    [
        ("a/b.MP4", ".mp4"),
        ("b", ""),
        ("b.", ""),
        ("b.tar.gz", ".gz"),
        ("b.<x>", ""),
        ("b.视频", ""),
        ("b.verylongone", ""),
    ],
)
def test_a_suffix_is_plain_or_none(path: str, suffix: str) -> None:
    """What a player needs is kept, and nothing else."""
    assert suffix_of(path) == suffix


def test_a_folder_is_called_after_case_and_day() -> None:
    """The day is that of Beijing; what a case number has that a folder may not becomes a hyphen."""
    late = datetime(2026, 11, 2, 17, 0, tzinfo=UTC)
    assert folder_name(CaseNo("高环罚〔2026〕3/1号"), late) == "高环罚-2026-3-1号-20261103"
    assert folder_name(CaseNo("///"), late) == "case-20261103"


def test_of_several_differences_the_most_telling_is_kept() -> None:
    """A file's own check speaks before its line in a manifest, and that before its line in pack.json."""
    found = [
        Difference(DifferenceKind.PACK_FILE, "data/a"),
        Difference(DifferenceKind.BAG_DIGEST, "data/a"),
        Difference(DifferenceKind.ITEM_ORIGINAL, "data/a", (1,)),
        Difference(DifferenceKind.BAG_DIGEST, "data/b"),
    ]
    kept = most_telling(found, {"data/b": {2, 1}})
    assert kept == [
        Difference(DifferenceKind.ITEM_ORIGINAL, "data/a", (1,)),
        Difference(DifferenceKind.BAG_DIGEST, "data/b", (1, 2)),
    ]
