"""Footage with a burned-in clock: six styles of overlay, by day and by night, as recorders write them."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from evidence.zones import beijing
from tests.support.transcode import ffmpeg

LATIN = "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf"
CJK = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"
NO_CJK = "no font for Chinese overlays: apt-get install fonts-noto-cjk"
SIZES = ("854x480", "1280x720", "1920x1080")
WEEKDAYS = "一二三四五六日"
DEVICE, OFFICER = "AB00017", "XX0203"
_RATE_FPS = 10


class Style(StrEnum):
    """How the line is written."""

    DASHES = "dashes"  # 2026-11-23 16:52:07
    SLASHES = "slashes"  # 2026/11/23 16:52:07
    DAY_FIRST = "day_first"  # 23-11-2026 16:52:07
    CHARACTERS = "characters"  # 2026年11月23日 16:52:07
    COMPACT = "compact"  # 20261123165207
    ISO = "iso"  # 2026-11-23T08:52:07.123Z


@dataclass(frozen=True)
class Overlay:
    """One clip to make.

    Attributes:
        start: what the clock stands for at the first frame, UTC.
        foot: the line stands at the foot of the picture.
        chinese: words on the line are Chinese: weekday, and labels of the codes.
    """

    style: Style
    start: datetime
    chinese: bool = False
    night: bool = False
    size: str = "1280x720"
    foot: bool = False
    duration_s: float = 12.0
    seed: int = 1

    @property
    def readable_font(self) -> str:
        """The font file that has every character of the line."""
        return CJK if self.chinese or self.style is Style.CHARACTERS else LATIN


def make_overlay(overlay: Overlay, path: Path, *, extra: str = "", line: str = "") -> Path:
    """Make the clip: a scene with noise, the line over it, and the losses of a cheap encoder.

    Args:
        overlay: what to make.
        path: where.
        extra: filters put behind the line.
        line: filters instead of it.
    """
    light = "eq=brightness=-0.42:saturation=0.4" if overlay.night else "eq=brightness=0.06"
    noise = 14 if overlay.night else 7
    scene = (
        f"testsrc2=s={overlay.size}:r={_RATE_FPS},boxblur=6,{light},noise=alls={noise}:allf=t:all_seed={overlay.seed}"
    )
    graph = ",".join(part for part in (scene, line or drawn(overlay), extra) if part)
    source = ("-f", "lavfi", "-i", graph, "-t", f"{overlay.duration_s:g}")
    ffmpeg(*source, "-c:v", "libx264", "-preset", "ultrafast", "-crf", "28", "-g", "20", "-pix_fmt", "yuv420p", path)
    return path


def drawn(overlay: Overlay, *, shift_s: float = 0.0, enable: str = "") -> str:
    """Return the filter that writes the line; ``shift_s`` sets the clock off, ``enable`` says when it shows."""
    at = "y=h-th-h/40" if overlay.foot else "y=h/40"
    lit = f":enable='{enable}'" if enable else ""
    look = (
        "fontcolor=white:borderw=2:bordercolor=black"
        if overlay.seed % 2
        else "fontcolor=white:box=1:boxcolor=black@0.45"
    )
    words = _words(overlay, shift_s)
    return f"drawtext=fontfile={overlay.readable_font}:text='{words}':x=w/60:{at}:fontsize=h/24:{look}{lit}"


def _words(overlay: Overlay, shift_s: float) -> str:
    form = {
        Style.DASHES: "%Y-%m-%d {w}%H{c}%M{c}%S",
        Style.SLASHES: "%Y/%m/%d {w}%H{c}%M{c}%S",
        Style.DAY_FIRST: "%d-%m-%Y {w}%H{c}%M{c}%S",
        Style.CHARACTERS: "%Y年%m月%d日 {w}%H{c}%M{c}%S",
        Style.COMPACT: "%Y%m%d%H%M%S",
        Style.ISO: "%Y-%m-%dT%H{c}%M{c}%S",
    }[overlay.style]
    start = overlay.start + timedelta(seconds=shift_s)
    day = beijing(start)
    weekday = ("星期" + WEEKDAYS[day.weekday()] if overlay.chinese else day.strftime("%a").upper()) + " "
    form = form.format(w=weekday if overlay.seed % 3 == 0 else "", c=r"\\\:")
    zone_s = 0 if overlay.style is Style.ISO else 8 * 3600
    # drawtext adds media time to whole seconds: what is left of a second shows in when they change
    clock = rf"%{{pts\:gmtime\:{start.timestamp() + zone_s:.0f}\:{form}}}"
    if overlay.style is Style.ISO:
        return f"{clock}.{overlay.seed % 10}20Z AXON BODY 3 X60A1234{overlay.seed % 10}"
    return f"{clock} 设备 {DEVICE} 警号 {OFFICER}" if overlay.chinese else f"{clock} {DEVICE} {OFFICER}"


def overlays(count: int, seed: int = 20261123) -> list[Overlay]:
    """Return so many overlays of the matrix, the same for the same seed; every style, size and light comes up."""
    dice = random.Random(seed)
    matrix = [
        Overlay(style, datetime.min.replace(tzinfo=UTC), chinese, night, size)
        for style in Style
        for chinese in (False, True)
        for night in (False, True)
        for size in SIZES
    ]
    dice.shuffle(matrix)
    return [_dated(matrix[at % len(matrix)], dice) for at in range(count)]


def _dated(overlay: Overlay, dice: random.Random) -> Overlay:
    start = datetime(2024, 1, 13, tzinfo=UTC) + timedelta(seconds=dice.randrange(3 * 365 * 86400))
    if overlay.style is Style.DAY_FIRST and beijing(start).day <= 12:
        start += timedelta(days=13)
    seed, foot = dice.randrange(1, 1000), dice.random() < 0.5
    return Overlay(overlay.style, start, overlay.chinese, overlay.night, overlay.size, foot, seed=seed)
