"""The log: what an operator wants to see go by. It is not the ledger; nothing of custody rests on it."""

import sys

import structlog


def start_logging() -> None:
    """Log to stderr: readable on a terminal, one JSON object a line elsewhere; times in UTC."""
    on_terminal = sys.stderr.isatty()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.dev.ConsoleRenderer() if on_terminal else structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


LOG: structlog.typing.FilteringBoundLogger = structlog.get_logger()
"""The program's one logger; ``LOG.info("event", key=value)``."""
