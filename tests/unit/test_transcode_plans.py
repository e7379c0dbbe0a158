"""What one ffmpeg command is asked to do."""

import pytest

from evidence.clips import AudioStream, Kind, Measurement, VideoStream
from transcode.plans import INPUT, ProxyWay, arguments, plans, proxy_size_px, still_step_s

AAC = AudioStream("aac", 48000, 2, index=1)


def video(width_px: int = 1920, height_px: int = 1080, *, codec: str = "h264", rotation_deg: int = 0) -> VideoStream:
    """Return a picture track."""
    return VideoStream(codec, "", "yuv420p", width_px, height_px, rotation_deg)


def clip(container: str, picture: VideoStream, *, plays: bool = False) -> Measurement:
    """Return the measurement of a clip with sound."""
    return Measurement(Kind.VIDEO, "video/x", container, 60.0, video=picture, audio=AAC, playable_as_is=plays)


@pytest.mark.parametrize(
    ("size", "rotation", "expected"),
    [
        ((1920, 1080), 0, (960, 540)),
        ((1920, 1080), -90, (540, 960)),
        ((3840, 2160), 180, (960, 540)),
        ((106, 60), 0, (106, 60)),
        ((107, 61), 0, (106, 60)),
        ((1366, 768), 0, (960, 538)),
        ((640, 480), 0, (640, 480)),
        ((2560, 1080), 0, (960, 404)),
        ((1, 1), 0, (2, 2)),
    ],
)
def test_the_proxy_is_540p_even_and_never_larger(
    size: tuple[int, int], rotation: int, expected: tuple[int, int]
) -> None:
    """The short side is at most 540, the long side 960, with rotation applied."""
    assert proxy_size_px(video(*size, rotation_deg=rotation)) == expected


@pytest.mark.parametrize(
    ("measured", "way"),
    [
        (clip("mov", video(), plays=True), ProxyWay.NONE),
        (clip("mpegts", video()), ProxyWay.COPY),
        (clip("mov", video()), ProxyWay.COPY),
        (clip("avi", video()), ProxyWay.ENCODE),
        (clip("mov", video(codec="hevc")), ProxyWay.ENCODE),
    ],
)
def test_pictures_that_play_are_not_encoded_again(measured: Measurement, way: ProxyWay) -> None:
    """What plays gets no proxy; H.264 in a container with sound time stamps is copied; the rest is encoded."""
    assert next(plans(measured, 2)).way is way


def test_the_same_plan_gives_the_same_arguments_and_no_path() -> None:
    """Arguments are enough to do it again elsewhere: deterministic, the original a placeholder, outputs bare names."""
    plan = next(plans(clip("mov", video(codec="hevc")), 2))
    first, second = arguments(plan), arguments(plan)
    assert first == second
    assert first.count(INPUT) == 1
    assert not any(argument.startswith("/") for argument in first)


def test_the_input_is_kept_to_one_file() -> None:
    """Only local protocols and demuxers that follow no references are allowed, before the input is named."""
    made = arguments(next(plans(clip("avi", video()), 2)))
    before = made[: made.index("-i")]
    assert before[before.index("-protocol_whitelist") + 1] == "file,pipe"
    allowed = set(before[before.index("-format_whitelist") + 1].split(","))
    assert allowed.isdisjoint({"hls", "concat", "dash", "image2", "lavfi"})


@pytest.mark.parametrize(("duration_s", "step_s"), [(None, 2.0), (1.0, 0.2), (20.0, 0.2), (21.0, 0.4), (3600.0, 36.0)])
def test_stills_are_at_most_a_hundred(duration_s: float | None, step_s: float) -> None:
    """The distance of stills grows with the clip, on the grid of the analysis."""
    assert still_step_s(duration_s) == pytest.approx(step_s)
