"""Turns ffmpeg's ``-progress`` lines into the share done."""

from evidence.ports import Report

_FIELD = "out_time_us="
_US_PER_S = 1_000_000
_MOST_BEFORE_END = 0.99


class Progress:
    """Reports the share of a clip's media time that is done; never less than before.

    Args:
        duration_s: media time of the whole clip; None reports nothing until `finish`.
    """

    def __init__(self, duration_s: float | None, report: Report) -> None:
        self._duration_s = duration_s
        self._report = report
        self._done = 0.0

    def read(self, line: str) -> None:
        """Take in one line of ffmpeg's progress."""
        stated = line.removeprefix(_FIELD)
        if stated == line or not self._duration_s or not stated.lstrip("-").isdigit():
            return
        share = min(_MOST_BEFORE_END, int(stated) / _US_PER_S / self._duration_s)
        if share > self._done:
            self._done = share
            self._report(share)

    def finish(self) -> None:
        """Report that all is done."""
        self._done = 1.0
        self._report(1.0)
