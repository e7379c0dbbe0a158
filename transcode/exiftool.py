"""Times that exiftool reads where it is installed: AVCHD, RIFF, XMP, makers' boxes, and GPS tracks inside the video.

It runs in the cage like every media tool. What our own readers cover is not taken from it as well: headers of an MP4
and the EXIF of a photo are left out here.

Source: exiftool's tag names (H264, RIFF, XMP, QuickTime, GoPro); docs/media.md (times).
"""

import json
import math
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from evidence.claims import Anchor, ClaimSource, TimeClaim, ZoneBasis
from evidence.errors import MediaTimeoutError, ToolMissingError
from evidence.gps_fixes import Fix, track_claim, track_notes
from evidence.notes import Note, note
from transcode.cage import Limits
from transcode.dates import basis_of, read_date
from transcode.runner import Outcome, Runner

LIMITS = Limits(address_space_bytes=1 << 30, output_bytes=1 << 20)
SEARCHED_BYTES = 1 << 30
"""Up to this size the media itself is searched for a GPS track that no index names: 0.6 s a GB, so that a browser-ready
file stays playable at once; in a larger one the tracks that its index names are read."""

TIMEOUT_S = 60.0
"""Reading a GPS track to its end took 3 s a GB of transport stream; without it a fifth of a second."""

_TIME_TAGS = (
    "DateTimeOriginal",
    "CreateDate",
    "CreationDate",
    "CreationDateValue",
    "ContentCreateDate",
    "DateTimeDigitized",
    "DateCreated",
    "SonyDateTime",
    "TimeStamp",
)
_FIX_TAGS = ("GPSDateTime", "GPSLatitude", "GPSLongitude", "SampleTime", "GPSMeasureMode", "GPSStatus")
_NO_SATELLITES = frozenset({"0", "V"})
_HEADERS = re.compile(r"QuickTime|Track\d+")
_READ_BY_OTHERS = re.compile(r"System|File|ExifTool|Composite|IFD\d|ExifIFD|SubIFD\d*|GPS|ICC.*|IPTC|Photoshop|PNG")
_STATED_IN_PHOTO = re.compile(r"ExifIFD|IFD0")
_OWN_FORMAT = re.compile(r"H264|M2TS|RIFF|AVI\d?")
_UTC_FORMATS = re.compile(r"Matroska|ASF|EBML")
_DOCUMENT = re.compile(r"Doc(\d+)(?:-\d+)*")
_SUMMER = re.compile(r" DST$")
_FIRST_NUMBER = re.compile(r"[+-]?\d{1,12}(?:\.\d{1,18})?")

Tags = Mapping[str, object]


@dataclass(frozen=True)
class TagTimes:
    """What exiftool read.

    Attributes:
        times: one claim for each tag that states when the recording was made, GPS tracks as one claim each.
        notes: what a person should know of a track, or that the tool was stopped.
    """

    times: tuple[TimeClaim, ...] = ()
    notes: tuple[Note, ...] = ()


def tag_times(runner: Runner, path: Path, length_s: float | None) -> TagTimes:
    """Return what exiftool reads in a file, nothing where it is not installed; never raises for what the bytes are.

    Args:
        runner: knows where exiftool is.
        path: absolute or not; a name that starts with a dash is still a name.
        length_s: length of the recording in seconds, None for a photo or when not known.

    Raises:
        MediaCancelledError: somebody stopped it.
    """
    try:
        tool = str(runner.tool(runner.exiftool)) if runner.exiftool else ""
    except ToolMissingError:
        tool = ""
    if not tool:
        return TagTimes()
    tags = _read(runner, path, tracks=True)
    if tags is not None:
        return _times_of(tags, tool, length_s)
    stopped = (note("clock.tags_over_limits", tool=tool),)
    tags = _read(runner, path, tracks=False)
    return TagTimes(notes=stopped) if tags is None else TagTimes(_times_of(tags, tool, length_s).times, stopped)


def _times_of(tags: Tags, tool: str, length_s: float | None) -> TagTimes:
    times = list(dict.fromkeys(_stated(tags, tool)))
    notes: list[Note] = []
    for track, fixes in _tracks(tags).items():
        claim = track_claim(fixes, detail=f"{track}:GPSDateTime", tool=tool)
        times += [claim] if claim else []
        notes += track_notes(fixes, length_s)
    return TagTimes(tuple(times), tuple(dict.fromkeys(notes)))


# --- running ---------------------------------------------------------------------------------------------------------


def _read(runner: Runner, path: Path, *, tracks: bool) -> Tags | None:
    """Return the tags by ``document:group:tag``, an empty mapping when it read none; None when it was stopped."""
    asked = [f"-{tag}" for tag in (*_TIME_TAGS, *(_FIX_TAGS if tracks else ()))]
    embedded = [_depth(path)] if tracks else []
    options = ["-config", "", "-json", "-G3:1", "-a", "-n", "-q", *embedded, *asked]
    args = [runner.exiftool, *options, str(path.absolute())]
    try:
        outcome = runner.within(LIMITS).run(args, timeout_s=TIMEOUT_S, check=False)
    except MediaTimeoutError:
        return None
    return None if outcome.cut or outcome.returncode < 0 else _document(outcome)


def _depth(path: Path) -> str:
    """Return how deep embedded tracks are looked for: in the media itself, or as the index names them."""
    return "-ee3" if path.stat().st_size <= SEARCHED_BYTES else "-ee"


def _document(outcome: Outcome) -> Tags:
    try:
        document = json.loads(outcome.stdout.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return {}
    first = document[0] if isinstance(document, list) and document else None
    return first if isinstance(first, dict) else {}


# --- stated times ----------------------------------------------------------------------------------------------------


def _stated(tags: Tags, tool: str) -> Iterator[TimeClaim]:
    photo = {str(value) for name, value in tags.items() if _STATED_IN_PHOTO.fullmatch(_group(name))}
    for name, value in tags.items():
        group, tag = _group(name), name.rpartition(":")[2]
        if _DOCUMENT.match(name) or tag not in _TIME_TAGS or _is_left_out(group):
            continue
        raw = _SUMMER.sub("", str(value).strip())
        if raw not in photo:
            yield _claim(group, tag, raw, tool)


def _group(name: str) -> str:
    return name.rpartition(":")[0].rpartition(":")[2]


def _is_left_out(group: str) -> bool:
    return bool(_HEADERS.fullmatch(group) or _READ_BY_OTHERS.fullmatch(group))


def _claim(group: str, tag: str, raw: str, tool: str) -> TimeClaim:
    """Return the claim of a tag: the container's for the formats' own dates, the maker's when it names an offset."""
    basis = ZoneBasis.UTC_BY_FORMAT if _UTC_FORMATS.fullmatch(group) and raw.endswith("Z") else basis_of(raw)
    at, precision_s = read_date(raw, basis)
    of_maker = basis is ZoneBasis.EXPLICIT and not _OWN_FORMAT.fullmatch(group)
    source = ClaimSource.MAKER if of_maker else ClaimSource.CONTAINER
    at_start = of_maker or group == "H264"  # H264: read from the first frame that carries it
    anchor = Anchor.START if at_start else Anchor.EITHER
    return TimeClaim(source, raw, at, basis, anchor, precision_s, f"{group}:{tag}", tool)


# --- GPS tracks ------------------------------------------------------------------------------------------------------


def _tracks(tags: Tags) -> dict[str, list[Fix]]:
    """Return the fixes of each embedded track in the order of its samples."""
    samples: dict[int, dict[str, object]] = defaultdict(dict)
    groups: dict[int, str] = {}
    for name, value in tags.items():
        found = _DOCUMENT.match(name)
        if found is None:
            continue
        number, tag = int(found[1]), name.rpartition(":")[2]
        samples[number].setdefault(tag, value)
        if tag == "GPSDateTime":
            groups[number] = _group(name)
    tracks: dict[str, list[Fix]] = defaultdict(list)
    for number in sorted(groups):
        fix = _fix(samples[number])
        if fix is not None:
            tracks[groups[number]].append(fix)
    return tracks


def _fix(sample: Mapping[str, object]) -> Fix | None:
    raw = str(sample.get("GPSDateTime", "")).strip().rstrip("Z")
    at, _ = read_date(raw, ZoneBasis.UTC_BY_FORMAT)
    if at is None:
        return None
    latitude, longitude, media_s = (_number(sample.get(tag)) for tag in _FIX_TAGS[1:4])
    lost = any(str(sample.get(tag)) in _NO_SATELLITES for tag in _FIX_TAGS[4:])
    return Fix(at, latitude, longitude, valid=not lost, media_s=media_s)


def _number(value: object) -> float | None:
    """Return the first number of a value: some makers write many positions under one time."""
    found = _FIRST_NUMBER.match(str(value).strip()) if isinstance(value, str | int | float) else None
    number = float(found[0]) if found else math.nan
    return number if math.isfinite(number) else None
