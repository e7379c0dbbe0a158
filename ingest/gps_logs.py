"""A receiver's log beside a video: what its fixes state of when the video of the same name was made.

The log is an original like every file. What it states is kept with it; which video it speaks of – the one of its name
in its folder – is found when that video is judged (`index.tracks`).
"""

from pathlib import Path, PurePosixPath

from evidence.claims import Claims
from evidence.errors import MediaError
from evidence.gps_fixes import GPS_LOGS, track_claim
from ingest.gps_tracks import fixes_of_text

TOOL = "evidock gps log 1"

READ_BYTES = 16 * 1024 * 1024
"""A day of fixes, one a second, in NMEA sentences."""


def is_gps_log(source_path: str) -> bool:
    """Whether a file's name is that of a receiver's log."""
    return PurePosixPath(source_path).suffix.lower() in GPS_LOGS


def claims_of_gps_log(path: Path) -> Claims:
    """Return what a log's fixes state; nothing where it holds none. Never raises for what the bytes are.

    Raises:
        MediaError: the file cannot be read from the disk.
    """
    try:
        with path.open("rb") as file:
            text = file.read(READ_BYTES).decode("ascii", "replace")
    except OSError as error:
        cure = "see that the vault's disk is there, then retry"
        raise MediaError("cannot be read", subject=path.name, cure=cure) from error
    claim = track_claim(fixes_of_text(text), detail="log", tool=TOOL)
    return Claims((claim,)) if claim is not None else Claims()
