"""Recordings with times where cameras put them, made when a test runs: AVCHD, XMP, GPS tracks, NMEA sentences."""

import struct
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from evidence.zones import beijing
from tests.support.boxes import box, header
from tests.support.transcode import ffmpeg

_PICTURE = ("-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25")
_H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
_MDPM_UUID = "17ee8c60f84d11d98cd60800200c9a66"
_XMP_UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_HELD = "MDPM" + "A" * 12


def sentence(
    at: datetime, *, talker: str = "GP", status: str = "A", lat: str = "4257.1234", wrong: bool = False
) -> str:
    """Return an NMEA RMC sentence with its checksum."""
    body = f"{talker}RMC,{at:%H%M%S}.00,{status},{lat},N,08910.5678,E,0.5,10.0,{at:%d%m%y},,,A"
    total = 0xFF if wrong else 0
    for letter in body:
        total ^= ord(letter)
    return f"${body}*{total:02X}"


def avchd(path: Path, at: datetime) -> Path:
    """Make a transport stream whose pictures carry the camera's time as AVCHD does: Beijing wall clock and +08:00."""
    raw = path.with_suffix(".h264")
    marked = f"filter_units=remove_types=6,h264_metadata=sei_user_data={_MDPM_UUID}+{_HELD}"
    ffmpeg(*_PICTURE, "-t", "2", *_H264, "-bsf:v", marked, "-f", "h264", raw)
    wall = beijing(at)
    day = bytes.fromhex(wall.strftime("%Y%m"))
    rest = bytes.fromhex(wall.strftime("%d%H%M%S"))
    entries = b"MDPM" + bytes([2, 0x18, 0x10]) + day + b"\x19" + rest
    raw.write_bytes(raw.read_bytes().replace(_HELD.encode(), entries.ljust(len(_HELD), b"\xff")))
    ffmpeg("-f", "h264", "-i", raw, "-c", "copy", "-f", "mpegts", path)
    return path


def with_xmp(movie: Path, **dates: str) -> Path:
    """Append an XMP packet with these properties of the ``xmp`` name space to a movie."""
    stated = " ".join(f'xmp:{name}="{value}"' for name, value in dates.items())
    packet = (
        '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
        f'xmlns:xmp="http://ns.adobe.com/xap/1.0/" {stated}/></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    ).encode()
    body = _XMP_UUID + packet
    with movie.open("ab") as file:
        file.write(struct.pack(">I4s", len(body) + 8, b"uuid") + body)
    return movie


def with_track(path: Path, fixes: Sequence[datetime], *, lat: str = "4257.1234", every_s: float = 1.0) -> Path:
    """Make a movie whose subtitle track holds one RMC sentence per fix, as some recorders write their GPS track."""
    lines = path.with_suffix(".srt")
    lines.write_text("\n".join(_cue(n, sentence(fix, lat=lat), every_s) for n, fix in enumerate(fixes)), "ascii")
    length = ("-t", str(len(fixes) * every_s))
    ffmpeg(*_PICTURE, "-i", lines, *length, *_H264, "-c:s", "mov_text", "-f", "mov", path)
    return path


def with_gpmf(path: Path, fixes: Sequence[datetime], *, locked_from: int = 0) -> Path:
    """Write a movie of nothing but a GPMF track, one sample a second, as action cameras add it.

    Args:
        path: of the movie.
        fixes: the time of each sample.
        locked_from: the first sample that says it sees satellites.
    """
    samples = [_gpmf(fix, lock=3 if number >= locked_from else 0) for number, fix in enumerate(fixes)]
    count, sizes = len(samples), [len(sample) for sample in samples]
    head = box(b"ftyp", b"mp41", bytes(4))
    offsets = [len(head) + 8 + sum(sizes[:n]) for n in range(count)]
    table = box(
        b"stbl",
        box(b"stsd", struct.pack(">II", 0, 1), box(b"gpmd", bytes(6), struct.pack(">HI", 1, 0))),
        box(b"stts", struct.pack(">IIII", 0, 1, count, 1000)),
        box(b"stsc", struct.pack(">IIIII", 0, 1, 1, 1, 1)),
        box(b"stsz", struct.pack(f">III{count}I", 0, 0, count, *sizes)),
        box(b"stco", struct.pack(f">II{count}I", 0, count, *offsets)),
    )
    media = box(
        b"mdia",
        box(b"mdhd", struct.pack(">IIIIII", 0, 0, 0, 1000, count * 1000, 0)),
        box(b"hdlr", bytes(8), b"meta", bytes(12), b"\x00"),
        box(b"minf", table),
    )
    movie = box(b"moov", header(b"mvhd", 0, 0), box(b"trak", header(b"tkhd", 0, 0), media))
    path.write_bytes(head + box(b"mdat", *samples) + movie)
    return path


def _gpmf(at: datetime, *, lock: int) -> bytes:
    """Return one sample: device, stream, time, lock, scale, and two positions under that time."""
    scale = struct.pack(">5i", 10_000_000, 10_000_000, 1000, 1000, 100)
    places = struct.pack(">10i", *(2 * [429_520_000, 891_760_000, 30_000, 500, 50]))
    time = f"{at:%y%m%d%H%M%S}.000".encode()
    fix = _klv(b"GPSF", b"L", 4, struct.pack(">I", lock))
    stream = fix + _klv(b"GPSU", b"U", 16, time) + _klv(b"SCAL", b"l", 4, scale) + _klv(b"GPS5", b"l", 20, places)
    return _klv(b"DEVC", b"\x00", 1, _klv(b"STRM", b"\x00", 1, stream))


def _klv(key: bytes, kind: bytes, size_bytes: int, value: bytes) -> bytes:
    padded = value + bytes(-len(value) % 4)
    return key + kind + struct.pack(">BH", size_bytes, len(value) // size_bytes) + padded


def _cue(number: int, text: str, every_s: float) -> str:
    begin, end = (_stamp(n * every_s) for n in (number, number + 0.8))
    return f"{number + 1}\n{begin} --> {end}\n{text}\n"


def _stamp(seconds: float) -> str:
    """Return a SubRip time: ``HH:MM:SS,mmm``."""
    whole, milliseconds = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d},{milliseconds:03d}"
