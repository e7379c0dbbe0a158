"""Deriving from real clips: proxy, stills, quality, waveform, and what is said of damage."""

import json
import re
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from evidence.clips import Derivation, Kind, Playable, QualityKind, Role
from tests.support.transcode import PARENT, Room, by_role, cut, ffmpeg, make_clip
from transcode.ffprobe import Inspection, Track, inspect

HEVC = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none", "-pix_fmt", "yuv420p")


@pytest.fixture(name="room")
def _room(tmp_path: Path) -> Room:
    return Room.at(tmp_path)


@pytest.fixture(scope="module", name="clip")
def _clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clip") / "a.mp4", "-movflags", "+faststart")


def spans(derivation: Derivation, kind: QualityKind) -> list[tuple[float, float]]:
    """Return start and end of the marked stretches of a kind."""
    return [(span.start_s, span.end_s) for span in derivation.quality if span.kind is kind]


def codes(derivation: Derivation) -> set[str]:
    """Return the codes of the problems."""
    return {problem.code for problem in derivation.problems}


def opened(room: Room, derivation: Derivation) -> tuple[Inspection, Track]:
    """Return what ffprobe says of the proxy and of its first track."""
    found = inspect(room.runner, room.path(derivation, Role.PROXY))
    assert isinstance(found, Inspection)
    return found, found.tracks[0]


def test_a_clip_that_plays_gets_no_proxy(room: Room, clip: Path) -> None:
    """Stills, cues and waveform are made from one decode; the original is what plays."""
    progress: list[float] = []
    measured, derivation = room.derive(clip, report=progress.append)
    assert measured.playable_as_is
    assert derivation.playable is Playable.ORIGINAL
    assert set(by_role(derivation)) == {Role.POSTER, Role.SPRITE, Role.CUES, Role.WAVEFORM}
    assert derivation.decoded_frames == 100
    assert derivation.decoded_duration_s == pytest.approx(4.0, abs=0.1)
    assert (derivation.problems, derivation.quality, derivation.damaged) == ((), (), False)
    assert progress == sorted(progress)
    assert progress[-1] == 1.0


def test_stills_cues_and_waveform_fit_together(room: Room, clip: Path) -> None:
    """The cues cover the clip without a gap, each inside the sprite; the waveform has ten peaks a second."""
    _, derivation = room.derive(clip)
    sheet = cv2.imdecode(np.frombuffer(room.content(derivation, Role.SPRITE), np.uint8), cv2.IMREAD_COLOR)
    assert sheet is not None
    cues = room.content(derivation, Role.CUES).decode()
    times = re.findall(r"00:00:(\d\d\.\d{3}) --> 00:00:(\d\d\.\d{3})\nsprite\.jpg#xywh=(\d+),(\d+),(\d+),(\d+)\n", cues)
    assert cues.startswith("WEBVTT\n\n")
    assert len(times) == 20
    assert [start for start, *_ in times[1:]] == [end for _, end, *_ in times[:-1]]
    for _, _, *place in times:
        x, y, width, height = map(int, place)
        assert x + width <= sheet.shape[1]
        assert y + height <= sheet.shape[0]
        assert sheet[y : y + height, x : x + width].std() > 10
    peaks = json.loads(room.content(derivation, Role.WAVEFORM))
    assert len(peaks) == 40
    assert all(0.1 < peak < 0.2 for peak in peaks[1:-1])


def test_hevc_becomes_a_540p_proxy(room: Room, tmp_path: Path) -> None:
    """H.264 and AAC, 540p, index first, a key frame at least every two seconds."""
    path = make_clip(tmp_path / "a.mp4", size="1280x720", codec=HEVC)
    _, derivation = room.derive(path)
    assert derivation.playable is Playable.PROXY
    _, track = opened(room, derivation)
    assert (track.codec, track.pixel_format, track.width_px, track.height_px) == ("h264", "yuv420p", 960, 540)
    content = room.content(derivation, Role.PROXY)
    assert content.index(b"moov") < content.index(b"mdat")
    assert key_frames(room, derivation) == pytest.approx([0.0, 2.0], abs=0.05)


def key_frames(room: Room, derivation: Derivation) -> list[float]:
    """Return the times of the proxy's key frames in seconds."""
    which = ["-select_streams", "v", "-skip_frame", "nokey", "-show_entries", "frame=pts_time", "-of", "csv=p=0"]
    outcome = room.runner.run(["ffprobe", "-v", "error", *which, str(room.path(derivation, Role.PROXY))])
    return [float(line.strip(",")) for line in outcome.stdout.decode().split()]


def test_transport_streams_and_g711_are_copied_not_encoded(room: Room, clip: Path, tmp_path: Path) -> None:
    """H.264 goes into MP4 as it is; only sound that browsers do not play is encoded."""
    stream, g711 = tmp_path / "a.ts", tmp_path / "a.mov"
    ffmpeg("-i", clip, "-c", "copy", stream)
    ffmpeg("-i", clip, "-c:v", "copy", "-c:a", "pcm_alaw", "-ar", "8000", g711)
    for path in (stream, g711):
        _, derivation = room.derive(path)
        found, track = opened(room, derivation)
        assert derivation.playable is Playable.PROXY
        assert (track.codec, track.width_px) == ("h264", 320)
        assert [other.codec for other in found.tracks] == ["h264", "aac"]
        assert "-c:v copy" in by_role(derivation)[Role.PROXY].parameters["arguments"]


def test_mjpeg_in_avi_without_sound(room: Room, tmp_path: Path) -> None:
    """A clip without sound gets a proxy without sound and no waveform."""
    path = make_clip(tmp_path / "a.avi", codec=("-c:v", "mjpeg"), sound=False, duration_s=2)
    _, derivation = room.derive(path)
    found, _ = opened(room, derivation)
    assert [track.type for track in found.tracks] == ["video"]
    assert Role.WAVEFORM not in by_role(derivation)


def test_rotation_is_applied(room: Room, tmp_path: Path) -> None:
    """Footage filmed upright is shown upright, in the proxy as in the stills."""
    flat, turned = make_clip(tmp_path / "flat.mp4", size="640x360", codec=HEVC, duration_s=1), tmp_path / "a.mp4"
    ffmpeg("-i", flat, "-c", "copy", "-metadata:s:v:0", "rotate=90", turned)
    measured, derivation = room.derive(turned)
    assert measured.video is not None
    assert abs(measured.video.rotation_deg) == 90
    _, track = opened(room, derivation)
    assert (track.width_px, track.height_px, track.rotation_deg) == (360, 640, 0)
    poster = cv2.imdecode(np.frombuffer(room.content(derivation, Role.POSTER), np.uint8), cv2.IMREAD_COLOR)
    assert poster is not None
    assert poster.shape[0] > poster.shape[1]


def test_variable_rate_keeps_its_time_stamps(room: Room, tmp_path: Path) -> None:
    """A gap of two seconds stays a gap: no frame is made up, it is no damage and not frozen."""
    path = make_clip(
        tmp_path / "a.mp4", "-vf", "select='lt(t,2)+gt(t,4)'", "-vsync", "vfr", codec=HEVC, sound=False, duration_s=6
    )
    measured, derivation = room.derive(path)
    _, track = opened(room, derivation)
    assert track.samples == derivation.decoded_frames
    assert (measured.video and measured.video.declared_duration_s) == pytest.approx(track.duration_s, abs=0.2)
    assert (derivation.damaged, derivation.quality) == (False, ())


def test_black_frozen_and_silent_stretches_are_found(room: Room, tmp_path: Path) -> None:
    """A covered lens, a picture that stands still, and silence, each where it was planted, through sensor noise."""
    noise = "noise=alls=6:allf=t"
    black = make_clip(
        tmp_path / "b.mp4", "-vf", f"drawbox=c=black:t=fill:enable='between(t,1,4)',{noise}", duration_s=6
    )
    frozen = make_clip(
        tmp_path / "f.mp4", "-vf", f"{noise},loop=150:1:25,setpts=N/25/TB", duration_s=8, size="1280x720"
    )
    silent = make_clip(tmp_path / "s.mp4", "-af", "volume=0:enable='gt(t,3)'", duration_s=6)
    assert spans(room.derive(black)[1], QualityKind.BLACK) == [pytest.approx((1.0, 4.0), abs=0.3)]
    ((start_s, end_s),) = spans(room.derive(frozen)[1], QualityKind.FROZEN)
    assert 0.8 <= start_s <= 4.2  # the encoder needs up to three seconds to come to rest on the picture
    assert end_s == pytest.approx(7.0, abs=0.3)
    assert spans(room.derive(silent)[1], QualityKind.SILENT) == [pytest.approx((3.0, 6.0), abs=0.3)]


def test_a_black_end_lasts_to_the_end(room: Room, tmp_path: Path) -> None:
    """A stretch that is still on when the clip ends, ends with the clip."""
    path = make_clip(tmp_path / "a.mp4", "-vf", "drawbox=c=black:t=fill:enable='gt(t,2)'", duration_s=5)
    _, derivation = room.derive(path)
    assert spans(derivation, QualityKind.BLACK) == [pytest.approx((2.0, 5.0), abs=0.25)]
    assert spans(derivation, QualityKind.BLACK)[0][1] == derivation.decoded_duration_s


def test_a_cut_recording_says_how_much_is_left(room: Room, tmp_path: Path) -> None:
    """The header promises eight seconds; what decodes is kept, shown, and called truncated with both figures."""
    path = cut(make_clip(tmp_path / "a.mp4", "-movflags", "+faststart", duration_s=8), 0.5)
    measured, derivation = room.derive(path)
    assert not measured.damaged
    assert derivation.damaged
    assert "media.truncated" in codes(derivation)
    (truncated,) = [problem for problem in derivation.problems if problem.code == "media.truncated"]
    assert truncated.params["declared_s"] == pytest.approx(8.0, abs=0.1)
    assert truncated.params["decoded_s"] == pytest.approx(derivation.decoded_duration_s, abs=0.2)
    assert derivation.playable is Playable.ORIGINAL
    assert Role.SPRITE in by_role(derivation)


def test_bits_that_fell_over_are_decode_errors(room: Room, tmp_path: Path) -> None:
    """Length and frame count are right, the packets are not: the count of broken packets says so."""
    path = make_clip(tmp_path / "a.mp4", "-movflags", "+faststart", size="640x360")
    content = bytearray(path.read_bytes())
    for at in range(len(content) // 3, len(content) - 64, len(content) // 40):
        content[at : at + 48] = bytes(range(48))
    path.write_bytes(content)
    _, derivation = room.derive(path)
    assert derivation.damaged
    assert "media.decode_errors" in codes(derivation)


def test_a_header_without_media_is_undecodable(room: Room, tmp_path: Path) -> None:
    """An index that points at nothing decodes to nothing: no proxy, not playable, said with the declared length."""
    path = make_clip(tmp_path / "a.mp4", "-movflags", "+faststart")
    content = path.read_bytes()
    path.write_bytes(content[: content.index(b"mdat") + 8])
    _, derivation = room.derive(path)
    assert (derivation.playable, derivation.damaged, derivation.decoded_duration_s) == (Playable.NO, True, None)
    assert codes(derivation) == {"media.undecodable"}


def test_sound_that_does_not_decode_does_not_cost_the_picture(room: Room, tmp_path: Path) -> None:
    """The picture is derived alone, and the sound is named."""
    path = make_clip(tmp_path / "a.mkv", codec=HEVC, duration_s=2)
    content = path.read_bytes()
    path.write_bytes(content.replace(b"A_AAC", b"A_AC3"))
    _, derivation = room.derive(path)
    assert derivation.playable is Playable.PROXY
    assert "media.sound_undecodable" in codes(derivation)
    assert derivation.decoded_frames == 50


def test_sound_alone(room: Room, tmp_path: Path) -> None:
    """G.711 in a .wav gets an AAC proxy, a waveform, silence and no stills."""
    path = tmp_path / "a.wav"
    ffmpeg(
        "-f",
        "lavfi",
        "-i",
        "sine=duration=6",
        "-af",
        "volume=0:enable='lt(t,3)'",
        "-c:a",
        "pcm_alaw",
        "-ar",
        "8000",
        path,
    )
    measured, derivation = room.derive(path)
    assert measured.kind is Kind.AUDIO
    assert derivation.playable is Playable.PROXY
    assert set(by_role(derivation)) == {Role.PROXY, Role.WAVEFORM}
    assert by_role(derivation)[Role.PROXY].media_type == "audio/mp4"
    assert spans(derivation, QualityKind.SILENT) == [pytest.approx((0.0, 3.0), abs=0.2)]


def test_amr_called_wav_is_heard(room: Room, tmp_path: Path) -> None:
    """A recorder writes AMR into .wav: known by its bytes, decoded, given a proxy."""
    path = tmp_path / "20180101120000.wav"
    quiet_frame = bytes([0x3C]) + bytes(31)  # a 12.2 kbit/s frame of zeros (RFC 4867 §5.3)
    path.write_bytes(b"#!AMR\n" + quiet_frame * 150)
    measured, derivation = room.derive(path)
    assert (measured.kind, measured.media_type) == (Kind.AUDIO, "audio/amr")
    assert measured.audio is not None
    assert measured.audio.codec == "amr_nb"
    assert derivation.playable is Playable.PROXY
    assert derivation.decoded_duration_s == pytest.approx(3.0, abs=0.1)


@pytest.mark.parametrize(
    ("suffix", "playable", "roles"),
    [
        ("jpg", Playable.ORIGINAL, {Role.POSTER}),
        ("png", Playable.ORIGINAL, {Role.POSTER}),
        ("bmp", Playable.PROXY, {Role.POSTER, Role.PROXY}),
        ("tiff", Playable.PROXY, {Role.POSTER, Role.PROXY}),
    ],
)
def test_photos(room: Room, clip: Path, tmp_path: Path, suffix: str, playable: Playable, roles: set[Role]) -> None:
    """A photo gets a poster; one that browsers do not show also a JPEG."""
    path = tmp_path / f"a.{suffix}"
    ffmpeg("-i", clip, "-frames:v", "1", path)
    _, derivation = room.derive(path)
    assert (derivation.playable, set(by_role(derivation)), derivation.damaged) == (playable, roles, False)


def test_a_photo_is_shown_upright(room: Room, clip: Path, tmp_path: Path) -> None:
    """The poster honours the EXIF orientation."""
    path = tmp_path / "a.jpg"
    ffmpeg("-i", clip, "-frames:v", "1", path)
    turned = b"MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00"
    segment = b"Exif\x00\x00" + turned
    content = path.read_bytes()
    path.write_bytes(content[:2] + b"\xff\xe1" + (len(segment) + 2).to_bytes(2, "big") + segment + content[2:])
    _, derivation = room.derive(path)
    poster = cv2.imdecode(np.frombuffer(room.content(derivation, Role.POSTER), np.uint8), cv2.IMREAD_COLOR)
    assert poster is not None
    assert poster.shape[:2] == (320, 180)


def test_nothing_is_derived_from_what_is_no_footage(room: Room, tmp_path: Path) -> None:
    """Texts, empty files and footage that does not open give an empty derivation, not an error."""
    text, empty = tmp_path / "a.log", tmp_path / "b.mp4"
    text.write_text("开机\n", "utf-8")
    empty.touch()
    broken = cut(make_clip(tmp_path / "c.mp4", duration_s=1), 0.5)
    for path, damaged in ((text, False), (empty, True), (broken, True)):
        _, derivation = room.derive(path)
        assert (derivation.derivatives, derivation.playable, derivation.damaged) == ((), Playable.NO, damaged)


def test_a_derivative_names_parent_tool_and_parameters(room: Room, tmp_path: Path) -> None:
    """What is needed to make it again is there, without a path of this machine; made again, it has the same digest."""
    path = make_clip(tmp_path / "a.mp4", codec=HEVC, duration_s=1)
    first, second = (by_role(room.derive(path)[1]) for _ in range(2))
    proxy = first[Role.PROXY]
    assert proxy.parent == PARENT
    assert proxy.tool.startswith("ffmpeg ")
    assert re.fullmatch(r"[0-9a-f]{64}", proxy.parameters["tool_sha256"])
    assert "{input}" in proxy.parameters["arguments"]
    assert str(tmp_path) not in str([derivative.parameters for derivative in first.values()])
    assert {role: made.digest for role, made in first.items()} == {role: made.digest for role, made in second.items()}


def test_high_dynamic_range_is_mapped_and_said(room: Room, tmp_path: Path) -> None:
    """HLG is brought down to what screens show, in BT.709, and the note says that the original counts."""
    path = tmp_path / "hlg.mp4"
    colours = "colorprim=bt2020:transfer=arib-std-b67:colormatrix=bt2020nc:log-level=none"
    codec = ("-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le", "-x265-params", colours)
    make_clip(path, codec=codec, sound=False, duration_s=1)
    measured, derivation = room.derive(path)
    assert measured.video is not None
    assert measured.video.transfer == "arib-std-b67"
    assert codes(derivation) == {"media.tone_mapped"}
    _, track = opened(room, derivation)
    assert (track.pixel_format, track.transfer) == ("yuv420p", "bt709")
    assert Fraction(track.rate) == 25
