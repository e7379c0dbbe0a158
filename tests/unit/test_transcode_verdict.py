"""Is a clip whole: figures against declarations."""

import pytest

from evidence.clips import AudioStream, Kind, Measurement, VideoStream
from transcode.readings import Frames, Log
from transcode.verdict import Figures, is_damage, problems

VIDEO = VideoStream("h264", "High", "yuv420p", 640, 360, declared_duration_s=60.0)
AUDIO = AudioStream("aac", 48000, 1, index=1, declared_duration_s=60.0)


def clip(*, sound: bool = True) -> Measurement:
    """Return the measurement of a minute of footage."""
    return Measurement(
        Kind.VIDEO, "video/mp4", "mov", declared_duration_s=60.0, video=VIDEO, audio=AUDIO if sound else None
    )


@pytest.mark.parametrize(
    ("last_s", "failed", "codes"),
    [
        (59.96, 0, set()),
        (57.5, 0, set()),
        (56.0, 0, {"media.truncated"}),
        (2.3, 0, {"media.truncated"}),
        (59.96, 5, set()),
        (59.96, 6, {"media.decode_errors"}),
    ],
)
def test_short_by_more_than_a_second_and_five_per_cent_is_damage(last_s: float, failed: int, codes: set[str]) -> None:
    """A few broken packets and a slightly early end are normal; more is damage, with its figures."""
    found = Figures(Frames(0.0, last_s, int(last_s * 25) + 1), last_s, failed)
    notes = problems(clip(sound=False), found)
    assert {problem.code for problem in notes} == codes
    assert all(is_damage(problem) for problem in notes)


def test_sound_that_stops_early_is_named_by_itself() -> None:
    """The picture is whole, the sound is not: the note says which."""
    found = Figures(Frames(0.0, 59.96, 1500), 12.0, 0)
    assert [problem.code for problem in problems(clip(), found)] == ["media.sound_truncated"]


def test_nothing_decoded_is_undecodable() -> None:
    """A header that claims a minute and holds no media is said to do so."""
    (problem,) = problems(clip(), Figures(None, None, 3))
    assert (problem.code, dict(problem.params)) == ("media.undecodable", {"declared_s": 60.0})


def test_the_log_is_read_line_by_line() -> None:
    """Spans, counts and failures come out of the log's own lines; a title that imitates one does not count."""
    log = Log()
    for line in (
        "[freezedetect @ 0x1] [info] lavfi.freezedetect.freeze_start: 3.2",
        "[freezedetect @ 0x1] [info] lavfi.freezedetect.freeze_end: 5.4",
        "[freezedetect @ 0x1] [info] lavfi.freezedetect.freeze_start: 5.4",
        "[blackdetect @ 0x2] [info] black_start:1 black_end:9.9 black_duration:8.9",
        "    title           : [blackdetect @ 0x2] black_start:0 black_end:9",
        "[verbose]   Input stream #0:0 (video): 250 packets read (1 bytes); 249 frames decoded; ",
        "[verbose]   Input stream #0:1 (audio): 9 packets read (1 bytes); 9 frames decoded (9216 samples); ",
        "[error] Error while decoding stream #0:0: Invalid data found when processing input",
    ):
        log.read(line)
    assert [(span.kind.value, span.start_s, span.end_s) for span in log.spans(10.0, 0.2)] == [
        ("black", 1.0, 10.0),
        ("frozen", 3.2, 10.0),
    ]
    assert (log.decoded[0].frames, log.decoded[1].samples, log.failed_packets) == (249, 9216, 1)
