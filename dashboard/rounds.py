"""A thread that does something now and then while a home is served; leaving it stops it."""

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from dashboard.logs import LOG


class Rounds:
    """Calls ``tick`` every ``every_s`` seconds; what a round fails with is logged, and the next one tries again.

    Args:
        name: of the thread, and in the log.
        last: called once more after the last round.
    """

    def __init__(
        self, name: str, tick: Callable[[], object], every_s: float, last: Callable[[], object] | None = None
    ) -> None:
        self._name = name
        self._tick = tick
        self._every_s = every_s
        self._last = last
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"evidock-{name}", daemon=True)

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop, when the round under way has ended."""
        self._stopping.set()
        self._thread.join()
        if self._last is not None:
            self._once(self._last)

    def _run(self) -> None:
        while not self._stopping.wait(self._every_s):
            self._once(self._tick)

    def _once(self, act: Callable[[], object]) -> None:
        try:
            act()
        except Exception as error:  # noqa: BLE001 – logged; a thread that ended would let everything wait for ever
            LOG.warning(f"{self._name} failed, trying again", reason=str(error), error=type(error).__name__)
