"""Measures a file: what its bytes are, what the container says, whether a browser plays it, whether it is whole."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path, PurePath

from evidence.claims import Claims
from evidence.clips import AudioStream, Kind, Measurement, VideoStream
from evidence.errors import MediaError
from evidence.notes import Note, note
from transcode import pictures
from transcode.ffprobe import Inspection, Refusal, Track, inspect
from transcode.photos import photo_problems
from transcode.playability import PHOTO_TYPES, plays_as_is
from transcode.runner import Runner
from transcode.sniff import HEAD_BYTES, TEXT, Look, is_text, look_at
from transcode.stated_times import Stated, stated_times

_UNKNOWN = Look(Kind.OTHER, "application/octet-stream")
_BLANK_SAMPLE_BYTES = 1 << 20
_NO_INDEX = "moov atom not found"
_NO_CODEC_TAG = "[0][0][0][0]"
_HDR = frozenset({"arib-std-b67", "smpte2084"})


class FfprobeProber:
    """A `Prober` on ffprobe for containers, OpenCV for photos, and exiftool for times; thread-safe, changes nothing.

    Args:
        runner: the process runner, which knows where ffprobe is, and exiftool where there is one.
    """

    def __init__(self, runner: Runner) -> None:
        self._runner = runner

    def measure(self, path: PurePath) -> Measurement:
        """Say what the bytes are; a damaged or foreign file is a result, never an exception.

        Raises:
            ToolMissingError: ffprobe is not there.
            MediaError: the file cannot be read from the disk.
        """
        file = Path(path)
        head, size_bytes = _head(file)
        if size_bytes == 0:
            return Measurement(Kind.OTHER, "application/x-empty", problems=(note("media.empty"),), damaged=True)
        look = look_at(head)
        if look is None:
            return self._measure_unknown(file, head)
        if look.kind is Kind.PHOTO:
            return self._dated_photo(file, self._measure_photo(file, look))
        return _foreign(look) if look.kind is Kind.OTHER else self._measure_media(file, look)

    def _measure_unknown(self, file: Path, head: bytes) -> Measurement:
        if is_text(head):
            return _foreign(TEXT)
        if not any(head) and _is_blank(file):
            return Measurement(Kind.OTHER, _UNKNOWN.media_type, problems=(note("media.blank"),), damaged=True)
        opened = inspect(self._runner, file)
        if isinstance(opened, Refusal) or not _media_tracks(opened):
            return _foreign(_UNKNOWN)
        return self._describe(file, opened, _UNKNOWN)

    def _measure_media(self, file: Path, look: Look) -> Measurement:
        opened = inspect(self._runner, file)
        if isinstance(opened, Refusal):
            return self._measure_refused(file, look, opened)
        return self._describe(file, opened, look)

    def _measure_refused(self, file: Path, look: Look, refusal: Refusal) -> Measurement:
        """Measure what does not open: its headers may still state when it was recorded."""
        tool, damaged = self._tool(), not refusal.over_limits
        stated = Stated() if refusal.over_limits else stated_times(self._runner, file, None, tool)
        return Measurement(
            look.kind,
            look.media_type,
            claims=Claims(times=stated.times),
            problems=(_refused(refusal), *stated.notes),
            damaged=damaged,
            tool=tool,
        )

    def _dated_photo(self, file: Path, measured: Measurement) -> Measurement:
        """Add what a photo's tags state beside EXIF, which `ingest` reads."""
        if any(problem.code == "media.over_limits" for problem in measured.problems):
            return measured
        stated = stated_times(self._runner, file, None, "")
        problems = (*measured.problems, *stated.notes)
        return replace(measured, claims=Claims(times=stated.times), problems=problems)

    def _describe(self, file: Path, opened: Inspection, look: Look) -> Measurement:
        video, audio = _video(opened.tracks), _audio(opened.tracks)
        encrypted = opened.encrypted
        problems = (note("media.encrypted"),) if encrypted else tuple(_track_problems(opened, video, audio))
        tool = self._tool()
        stated = stated_times(self._runner, file, opened, tool, length_s=opened.duration_s)
        return Measurement(
            kind=_kind(video, audio, look),
            media_type=_media_type(opened, look, video),
            container=opened.container,
            declared_duration_s=opened.duration_s,
            video=video,
            audio=audio,
            playable_as_is=not encrypted and plays_as_is(opened.container, video, audio),
            claims=Claims(times=stated.times),
            problems=(*problems, *stated.notes),
            damaged=any(problem.code in _DAMAGE for problem in problems),
            tool=tool,
        )

    def _measure_photo(self, file: Path, look: Look) -> Measurement:
        if look.media_type not in PHOTO_TYPES:
            return self._measure_other_photo(file, look)
        content = _content(file)
        if look.media_type == "image/avif" and (content is None or not pictures.reads_avif()):
            return self._measure_unread_photo(file, look, over_limits=content is None)
        problems = photo_problems(content, look.media_type)
        return Measurement(
            Kind.PHOTO,
            look.media_type,
            container=look.demuxer,
            playable_as_is=not problems,
            problems=problems,
            damaged=any(problem.code in _DAMAGE for problem in problems),
            tool=pictures.LIBRARY,
        )

    def _measure_unread_photo(self, file: Path, look: Look, *, over_limits: bool) -> Measurement:
        """Measure by its container a photo that browsers show and that OpenCV does not get: too large, or foreign."""
        readable, stopped = self._opens_as_picture(file, look)
        limits = (note("media.over_limits"),) if over_limits or stopped else ()
        problems = limits if readable or stopped else (note("media.photo_undecodable"),)
        return Measurement(
            Kind.PHOTO,
            look.media_type,
            container=look.demuxer if readable else "",
            playable_as_is=readable and not problems,
            problems=problems,
            damaged=not readable and not stopped,
            tool=self._tool(),
        )

    def _measure_other_photo(self, file: Path, look: Look) -> Measurement:
        """Measure a photo that browsers do not show; whether it decodes shows when its proxy is made."""
        readable, _ = self._opens_as_picture(file, look)
        return Measurement(
            Kind.PHOTO,
            look.media_type,
            container=look.demuxer if readable else "",
            problems=() if readable else (note("media.no_decoder", format=look.media_type),),
            tool=self._tool(),
        )

    def _opens_as_picture(self, file: Path, look: Look) -> tuple[bool, bool]:
        """Return whether ffprobe finds a picture, and whether it was stopped before it could say."""
        opened = inspect(self._runner, file, demuxer=look.demuxer)
        if isinstance(opened, Refusal):
            return False, opened.over_limits
        return _video(opened.tracks) is not None, False

    def _tool(self) -> str:
        return str(self._runner.tool(self._runner.ffprobe))


_DAMAGE = frozenset({"media.no_samples", "media.photo_truncated", "media.photo_undecodable", "media.track_unreadable"})


def _foreign(look: Look) -> Measurement:
    return Measurement(look.kind, look.media_type, problems=(note("media.not_media", format=look.media_type),))


def _refused(refusal: Refusal) -> Note:
    if refusal.over_limits:
        return note("media.over_limits")
    return note("media.index_missing") if _NO_INDEX in refusal.said else note("media.unreadable", said=refusal.said)


def _media_tracks(opened: Inspection) -> tuple[Track, ...]:
    return tuple(track for track in opened.tracks if track.type in {"video", "audio"} and track.codec)


def _video(tracks: Iterable[Track]) -> VideoStream | None:
    fit = (track for track in tracks if _is_picture(track) and track.codec and track.width_px and track.has_samples)
    track = next(fit, None)
    if track is None:
        return None
    return VideoStream(
        codec=track.codec,
        profile=track.profile,
        pixel_format=track.pixel_format,
        width_px=track.width_px,
        height_px=track.height_px,
        rotation_deg=track.rotation_deg,
        rate=track.rate,
        transfer=track.transfer if track.transfer in _HDR else "",
        index=track.index,
        declared_duration_s=track.duration_s,
    )


def _audio(tracks: Iterable[Track]) -> AudioStream | None:
    fit = (track for track in tracks if track.type == "audio" and track.codec and track.has_samples)
    track = next(fit, None)
    if track is None:
        return None
    return AudioStream(track.codec, track.sample_rate_hz, track.channels, track.index, track.duration_s)


def _is_picture(track: Track) -> bool:
    return track.type == "video" and not track.attached_picture


def _track_problems(opened: Inspection, video: VideoStream | None, audio: AudioStream | None) -> Iterable[Note]:
    """Yield what is wrong with the tracks: none that holds media, or one whose description is missing or foreign."""
    if video is None and audio is None:
        yield note("media.no_samples")
        return
    for track in opened.tracks:
        if track.type in {"video", "audio"} and not track.codec and track.has_samples:
            known = track.codec_tag and track.codec_tag != _NO_CODEC_TAG
            code = "media.track_foreign" if known else "media.track_unreadable"
            yield note(code, track=track.index, format=track.codec_tag)


def _kind(video: VideoStream | None, audio: AudioStream | None, look: Look) -> Kind:
    if video is not None:
        return Kind.VIDEO
    return Kind.AUDIO if audio is not None else look.kind


def _media_type(opened: Inspection, look: Look, video: VideoStream | None) -> str:
    if opened.container == "matroska":
        codecs = {track.codec for track in _media_tracks(opened)}
        family = "webm" if codecs <= {"vp8", "vp9", "av1", "opus", "vorbis"} else "x-matroska"
        return f"{'video' if video else 'audio'}/{family}"
    if video is None and look.kind is Kind.VIDEO:
        return {"mov": "audio/mp4", "ogg": "audio/ogg"}.get(opened.container, look.media_type)
    return "video/ogg" if opened.container == "ogg" else look.media_type


def _head(file: Path) -> tuple[bytes, int]:
    try:
        with file.open("rb") as source:
            return source.read(HEAD_BYTES), file.stat().st_size
    except OSError as error:
        raise _unreadable(file, error) from error


def _content(file: Path) -> bytes | None:
    try:
        return pictures.read(file)
    except OSError as error:
        raise _unreadable(file, error) from error


def _is_blank(file: Path) -> bool:
    """Whether start, middle and end hold only zeros: what a power cut leaves of a file whose data never got written."""
    size_bytes = file.stat().st_size
    with file.open("rb") as source:
        for at in (0, size_bytes // 2, max(0, size_bytes - _BLANK_SAMPLE_BYTES)):
            source.seek(at)
            if any(source.read(_BLANK_SAMPLE_BYTES)):
                return False
    return True


def _unreadable(file: Path, error: OSError) -> MediaError:
    return MediaError(f"cannot be read: {error.strerror}", subject=file.name, cure="check the disk, then retry")
