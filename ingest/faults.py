"""Named points at which a fault test kills this process, to show that a restart loses nothing.

``EVIDOCK_KILL_AT=mid-copy`` kills at the first passing of that point, ``mid-copy:3`` at the third. With
``EVIDOCK_KILL_MARK=FILE`` the kill happens once only: the file is created before it, and where it exists nothing is
killed. Without ``EVIDOCK_KILL_AT`` a point costs one look at the environment.
"""

import os
import signal
import threading

_passed: dict[str, int] = {}
_lock = threading.Lock()


def reached(point: str) -> None:
    """Pass a named point; die here by SIGKILL when the environment says so."""
    wanted = os.environ.get("EVIDOCK_KILL_AT")
    if not wanted:
        return
    name, _, turn = wanted.partition(":")
    if name == point and _pass(point) == int(turn or 1) and _may_kill():
        os.kill(os.getpid(), signal.SIGKILL)


def _pass(point: str) -> int:
    with _lock:
        _passed[point] = _passed.get(point, 0) + 1
        return _passed[point]


def _may_kill() -> bool:
    mark = os.environ.get("EVIDOCK_KILL_MARK")
    if not mark:
        return True
    try:
        os.close(os.open(mark, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        return False
    return True
