"""Runs the real command line under a clock that is hours ahead: ``python -m tests.support.clock_ahead HOURS WORD…``."""

import sys
from datetime import UTC, datetime, timedelta

from dashboard import wiring


def run_ahead(hours: float) -> None:
    """Give every house this clock, and run the command line."""
    wiring.utc_now = lambda: datetime.now(UTC) + timedelta(hours=hours)
    from dashboard.cli import main  # what it imports takes the clock by name

    main()


if __name__ == "__main__":
    run_ahead(float(sys.argv.pop(1)))
