"""What a file is by its first bytes."""

import pytest

from evidence.clips import Kind
from transcode.sniff import is_text, look_at

TS_HEAD = (b"\x47" + bytes(187)) * 8
M2TS_HEAD = (bytes(4) + b"\x47" + bytes(187)) * 8


@pytest.mark.parametrize(
    ("head", "kind", "media_type"),
    [
        (b"\x00\x00\x00\x18ftypmp42", Kind.VIDEO, "video/mp4"),
        (b"\x00\x00\x00\x14ftypqt  ", Kind.VIDEO, "video/quicktime"),
        (b"\x00\x00\x00\x1cftyp3gp5", Kind.VIDEO, "video/3gpp"),
        (b"\x00\x00\x00\x18ftypM4A ", Kind.AUDIO, "audio/mp4"),
        (b"\x00\x00\x00\x18ftypheic", Kind.PHOTO, "image/heic"),
        (b"\x00\x00\x00\x18ftypavif", Kind.PHOTO, "image/avif"),
        (b"\x00\x0b\x2a\x00mdat", Kind.VIDEO, "video/mp4"),
        (b"RIFF\x00\x00\x00\x00AVI LIST", Kind.VIDEO, "video/x-msvideo"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", Kind.AUDIO, "audio/wav"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", Kind.PHOTO, "image/webp"),
        (b"#!AMR\n", Kind.AUDIO, "audio/amr"),
        (b"\xff\xd8\xff\xe1", Kind.PHOTO, "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", Kind.PHOTO, "image/png"),
        (b"\xff\xf1\x50\x80", Kind.AUDIO, "audio/aac"),
        (b"\xff\xfb\x90\x64", Kind.AUDIO, "audio/mpeg"),
        (b"\x1a\x45\xdf\xa3", Kind.VIDEO, "video/x-matroska"),
        (b"\x00\x00\x00\x01\x67\x64", Kind.VIDEO, "video/h264"),
        (b"\x00\x00\x00\x01\x40\x01", Kind.VIDEO, "video/h265"),
        (b"DHAV\xfd", Kind.VIDEO, "video/x-dhav"),
        (TS_HEAD, Kind.VIDEO, "video/mp2t"),
        (M2TS_HEAD, Kind.VIDEO, "video/mp2t"),
        (b"PK\x03\x04", Kind.OTHER, "application/zip"),
    ],
)
def test_known_beginnings_are_told_apart(head: bytes, kind: Kind, media_type: str) -> None:
    """Each format is known by its own bytes, whatever the file is called."""
    look = look_at(head)
    assert look is not None
    assert (look.kind, look.media_type) == (kind, media_type)


@pytest.mark.parametrize("head", [b"", b"\x00", b"\xff", b"\x47", bytes(4096), b"hello", b"\x00\x00\x01"])
def test_short_and_foreign_beginnings_look_like_nothing(head: bytes) -> None:
    """A head too short to tell, or of another kind, is not guessed at."""
    assert look_at(head) is None


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("2026-11-23 16:52:07 开机\n".encode(), True),
        ("开机 电量 80%\r\n".encode("gb18030"), True),
        ("开机".encode()[:-1], True),
        (b"\xef\xbb\xbfname,time\n", True),
        (b"abc\x00def", False),
        (b"", False),
    ],
)
def test_logs_read_as_text_in_both_encodings(head: bytes, expected: bool) -> None:
    """Device logs come in UTF-8 and GB18030 and may be cut mid-character; a zero byte is no text."""
    assert is_text(head) is expected
