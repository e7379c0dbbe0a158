"""A camera's clock as people get it, on pages, on the command line and as JSON."""

from dataclasses import replace

from evidence.clips import Kind
from evidence.clock import ClockVerdict
from evidence.clock_views import CameraClock
from evidence.views import Library


def camera_history(library: Library, name: str) -> CameraClock:
    """Return how a camera's clock went, without files that are no recording: docks' records and logs began at no time.

    Raises:
        NotFoundError: nothing is known of that camera.
    """
    clock = library.camera_clock(name)
    unknown = [file.digest for file in clock.files if file.clock.verdict is ClockVerdict.UNKNOWN]
    found = library.clips_by_digest(unknown)
    beside = {digest for digest, clip in found.items() if clip.kind is Kind.OTHER}
    return replace(clock, files=tuple(file for file in clock.files if file.digest not in beside))
