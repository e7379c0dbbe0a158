"""Brings the demo's files into being and lays them into a dock as a docking station would."""

import os
from hashlib import sha256
from pathlib import Path

from dashboard.demo.story import Drop
from transcode.runner import Runner
from transcode.synthetic import ClipSpec, make_clip


def make_file(drop: Drop, folder: Path, runner: Runner) -> Path:
    """Make the drop's file in a folder of its own and return where it lies; what was made before is not made again.

    Raises:
        MediaError: ffmpeg failed. ToolMissingError: it is not there.
    """
    made = folder / f"{sha256(repr(drop.content).encode()).hexdigest()[:16]}.bin"
    if made.exists():
        return made
    half = made.with_suffix(".part")
    if isinstance(drop.content, ClipSpec):
        make_clip(drop.content, half, runner)
    else:
        half.write_bytes(drop.content)
    return half.rename(made)


def lay_in_dock(drop: Drop, made: Path, dock: Path) -> Path:
    """Put a made file at its place below ``dock``/<station>, with its modification time, in one rename.

    Under a temporary name until it is whole, as copy programs do; the folder of ``made`` and the dock need not be on
    one file system.
    """
    target = dock / drop.station / drop.source_path
    target.parent.mkdir(parents=True, exist_ok=True)
    half = target.with_name(f".{target.name}.part")
    half.write_bytes(made.read_bytes())
    os.utime(half, (drop.mtime.timestamp(), drop.mtime.timestamp()))
    return half.replace(target)
