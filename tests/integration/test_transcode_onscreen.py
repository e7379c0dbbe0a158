"""The clock in the picture, read off generated footage: right to the second, or not at all."""

import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import run

import pytest

from evidence.claims import Anchor, Claims, ClaimSource, IdentityKind, ZoneBasis
from evidence.notes import Note
from tests.bench.onscreen import read_right, read_wrong
from tests.support.overlays import CJK, DEVICE, LATIN, NO_CJK, OFFICER, Overlay, Style, drawn, make_overlay, overlays
from tests.support.transcode import cut
from transcode.onscreen import OnscreenClock
from transcode.onscreen_ocr import version
from transcode.probe import FfprobeProber
from transcode.runner import Runner
from transcode.synthetic import ClipSpec, Container, make_clip

START = datetime(2026, 11, 23, 8, 52, 7, tzinfo=UTC)
PLAIN = Overlay(Style.DASHES, START, size="854x480")
IN_CI = os.environ.get("CI", "").lower() in {"true", "1"}
SAMPLE = 8
PLACEHOLDERS = {IdentityKind.DEVICE: frozenset({"8888888"})}


@pytest.fixture(scope="module")
def clock() -> OnscreenClock:
    """Return the reader; where it is not installed tests skip, which CI counts as a failure."""
    if not version():
        assert not IN_CI, "requirements-onscreen.lock is not installed"
        pytest.skip("the reader of on-screen clocks is not installed")
    return OnscreenClock(Runner(), PLACEHOLDERS)


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Return where a clip goes."""
    return tmp_path / "clip.mp4"


def read(clock: OnscreenClock, path: Path) -> tuple[Claims, list[str]]:
    """Return what the reader makes of a file, and the codes of its notes."""
    claims, notes = clock.claims(path, FfprobeProber(Runner()).measure(path))
    return claims, [each.code for each in notes]


def sign(text: str, at: str = "x=w/3:y=h/8") -> str:
    """Return the filter of a text that stands in the scene."""
    plain = text.replace(":", r"\:")
    return f"drawtext=fontfile={LATIN}:text='{plain}':{at}:fontsize=h/22:fontcolor=white:borderw=2"


@pytest.mark.slow
@pytest.mark.parametrize("overlay", overlays(SAMPLE), ids=lambda o: f"{o.style}-{o.size}-{o.seed}")
def test_overlays_are_read_right_to_the_second(clock: OnscreenClock, clip: Path, overlay: Overlay) -> None:
    """A sample of the matrix that `evidock bench onscreen` measures whole: each is right."""
    if overlay.readable_font == CJK and not Path(CJK).exists():
        assert not IN_CI, NO_CJK
        pytest.skip(NO_CJK)
    claims, notes = read(clock, make_overlay(overlay, clip))
    assert notes == []
    assert read_right(overlay, claims)


def test_a_claim_says_what_it_rests_on(clock: OnscreenClock, clip: Path) -> None:
    """Text as read, frames, score and tool are kept; a wall clock is local, a bracket states its width."""
    claims, _ = read(clock, make_overlay(PLAIN, clip))
    (claim,) = claims.times
    assert (claim.source, claim.zone, claim.anchor) == (ClaimSource.ONSCREEN, ZoneBasis.LOCAL, Anchor.START)
    assert "16:52:07" in claim.raw
    assert claim.detail.startswith("frames 0.1 s, ")
    assert claim.tool == version()
    assert 0 < claim.precision_s <= 1
    assert {(i.kind, i.value, i.placeholder) for i in claims.identities} == {
        (IdentityKind.DEVICE, DEVICE, False),
        (IdentityKind.OFFICER_CODE, OFFICER, False),
    }


def test_a_zone_on_the_screen_is_explicit(clock: OnscreenClock, clip: Path) -> None:
    """A clock in ISO form with Z is UTC, and its maker's serial is no device code of ours."""
    overlay = Overlay(Style.ISO, START, size="1280x720")
    claims, _ = read(clock, make_overlay(overlay, clip))
    assert [claim.zone for claim in claims.times] == [ZoneBasis.EXPLICIT]
    assert read_right(overlay, claims)
    assert claims.identities == ()


def test_a_clock_set_while_recording_is_not_believed(clock: OnscreenClock, clip: Path) -> None:
    """Digits that jump in the middle of the file give no time, and a note."""
    line = f"{drawn(PLAIN, enable='lt(t,6)')},{drawn(PLAIN, shift_s=3600, enable='gte(t,6)')}"
    claims, notes = read(clock, make_overlay(PLAIN, clip, line=line))
    assert (claims.times, notes) == ((), ["intake.onscreen_disagrees"])


def test_a_frozen_clock_is_not_believed(clock: OnscreenClock, clip: Path) -> None:
    """A moment that stands still while the recording goes on is named."""
    claims, notes = read(clock, make_overlay(PLAIN, clip, line=sign("2026-11-23 16:52:07 AB00017")))
    assert (claims.times, notes) == ((), ["intake.onscreen_stands_still"])


def test_a_picture_without_a_clock_says_nothing(clock: OnscreenClock, clip: Path) -> None:
    """No text, or text that states no moment, is no claim and no trouble."""
    assert read(clock, make_overlay(PLAIN, clip, line="null")) == (Claims(), [])
    words = sign("NO PARKING 08:00", "x=w/3:y=h/20")
    assert read(clock, make_overlay(PLAIN, clip, line=words)) == (Claims(), [])


def test_a_sign_beside_the_clock_does_not_matter(clock: OnscreenClock, clip: Path) -> None:
    """Of two moments in the picture the one that goes on is the clock."""
    claims, notes = read(clock, make_overlay(PLAIN, clip, extra=sign("2026-11-20 09:00:00", "x=w/3:y=h*0.85")))
    assert notes == []
    assert read_right(PLAIN, claims)


@pytest.mark.parametrize(
    ("extra", "slowest", "fastest"), [("setpts=PTS/4,fps=10", 3.5, 4.5), ("setpts=PTS*2", 0.4, 0.6)]
)
def test_another_rate_is_noticed(clock: OnscreenClock, clip: Path, extra: str, slowest: float, fastest: float) -> None:
    """Time-lapse and slow motion are named with their ratio, and give no time."""
    overlay = Overlay(Style.DASHES, START, size="854x480", duration_s=16)
    path = make_overlay(overlay, clip, extra=extra)
    claims, notes = clock.claims(path, FfprobeProber(Runner()).measure(path))
    assert claims.times == ()
    (found,) = notes
    assert isinstance(found, Note)
    assert found.code == "clock.onscreen_rate"
    assert slowest <= float(str(found.params["ratio"])) <= fastest


@pytest.mark.parametrize("hidden", ["y=ih/40+ih/60:h=ih/30", "y=0:h=ih/40+ih/60"], ids=["lower half", "upper half"])
def test_half_hidden_digits_give_no_wrong_time(clock: OnscreenClock, clip: Path, hidden: str) -> None:
    """What is covered is read right or not at all."""
    box = f"drawbox=x=0:w=iw:{hidden}:c=gray:t=fill"
    claims, _ = read(clock, make_overlay(PLAIN, clip, extra=box))
    assert not read_wrong(PLAIN, claims)


@pytest.mark.parametrize("covered", [0.05, 0.09, 0.13, 0.17, 0.21, 0.25, 0.29])
def test_a_covered_digit_gives_no_wrong_time(clock: OnscreenClock, clip: Path, covered: float) -> None:
    """A bar over part of the line hides a digit; nothing is put in its place."""
    box = f"drawbox=x=iw*{covered}:w=iw*0.012:y=0:h=ih/10:c=gray:t=fill"
    claims, _ = read(clock, make_overlay(PLAIN, clip, extra=box))
    assert not read_wrong(PLAIN, claims)


@pytest.mark.parametrize("container", [Container.TS, Container.AVI_MJPEG, Container.THREE_GP])
def test_made_demo_footage_is_read_right(clock: OnscreenClock, tmp_path: Path, container: Container) -> None:
    """The demo's overlay is read in containers whose times begin elsewhere than at zero, and so are its codes."""
    spec = ClipSpec(container, START, device="EV00017", officer="010203", duration_s=12, width_px=854, height_px=480)
    make_clip(spec, tmp_path / "clip", Runner())
    claims, notes = read(clock, tmp_path / "clip")
    assert notes == []
    (claim,) = claims.times
    assert claim.at
    assert claim.at - timedelta(seconds=0.1) <= START <= claim.at + timedelta(seconds=claim.precision_s + 0.1)
    assert {identity.value for identity in claims.identities} <= {"EV00017", "010203"}


def test_a_file_that_was_cut_off_is_read_from_its_head(clock: OnscreenClock, clip: Path) -> None:
    """A video that lacks its later frames still states when it began, or nothing."""
    overlay = Overlay(Style.DASHES, START, size="854x480", duration_s=60)
    path = cut(make_overlay(overlay, clip, extra="fps=5"), 0.5)
    claims, _ = read(clock, path)
    assert not read_wrong(overlay, claims)


def test_importing_the_room_loads_no_recogniser() -> None:
    """The extra costs memory only where it is used."""
    code = "import sys, transcode.onscreen; sys.exit('onnxruntime' in sys.modules)"
    assert run([sys.executable, "-c", code], check=False, cwd=Path(__file__).parents[2]).returncode == 0
