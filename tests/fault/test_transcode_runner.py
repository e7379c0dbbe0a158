"""The cage holds: tools end with us, with time, with a word; nothing of them is left running."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from evidence.errors import MediaCancelledError, MediaError, MediaTimeoutError
from tests.support.transcode import Room, make_clip
from transcode.cage import Limits, describe
from transcode.runner import Runner

ENDLESS = ("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=rate=100,realtime", "-f", "null", "-", "-metadata")


def running(mark: str) -> list[int]:
    """Return the process ids whose command line carries a mark."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            line = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if mark.encode() in line and line.startswith((b"/usr/bin/ffmpeg", b"ffmpeg")):
            found.append(int(entry.name))
    return found


def wait_until(true: Callable[[], bool], *, at_most_s: float = 20.0) -> bool:
    """Poll a condition of another process, which cannot be injected here."""
    deadline = time.monotonic() + at_most_s
    while not true():
        if time.monotonic() > deadline:
            return False
        threading.Event().wait(0.02)
    return True


def test_a_cancelled_run_leaves_nothing_behind() -> None:
    """Cancelling stops the tool within a poll and raises the error that is not retried."""
    mark = f"title=cancelled-run-{os.getpid()}"
    with pytest.raises(MediaCancelledError):
        Runner().run([*ENDLESS, mark], cancelled=lambda: bool(running(mark)))
    assert running(mark) == []


def test_a_run_that_takes_too_long_is_stopped() -> None:
    """The wall time is a wall."""
    mark = f"title=too-long-{os.getpid()}"
    with pytest.raises(MediaTimeoutError, match="1 s"):
        Runner().run([*ENDLESS, mark], timeout_s=1)
    assert running(mark) == []


def test_an_error_in_a_listener_stops_the_tool() -> None:
    """Whoever reads the lines may fail; the tool does not outlive the call."""
    mark = f"title=listener-{os.getpid()}"

    def refuse(line: str) -> None:
        raise ValueError(line)

    with pytest.raises(ValueError, match="="):
        Runner().run([*ENDLESS, mark, "-progress", "pipe:1"], on_stdout_line=refuse)
    assert running(mark) == []


@pytest.mark.skipif(not describe()["dies_with_parent"], reason="setpriv with --pdeathsig is not on this machine")
def test_killing_the_parent_kills_the_tool() -> None:
    """SIGKILL of the program leaves no ffmpeg behind, though nobody was left to stop it."""
    mark = f"title=orphan-{os.getpid()}"
    program = textwrap.dedent(f"""
        from transcode.runner import Runner
        Runner().run({[*ENDLESS, mark]!r})
    """)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    parent = subprocess.Popen([sys.executable, "-c", program], env=environment)
    try:
        assert wait_until(lambda: bool(running(mark)))
    finally:
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    assert wait_until(lambda: not running(mark))


@pytest.mark.skipif(not describe()["limits"], reason="prlimit is not on this machine")
def test_output_and_memory_are_bounded(tmp_path: Path) -> None:
    """A tool that writes or takes without end is ended by the system, not by luck."""
    small = Runner(limits=Limits(output_bytes=100_000))
    raw = [
        "ffmpeg",
        "-v",
        "error",
        "-f",
        "lavfi",
        "-i",
        "testsrc2",
        "-t",
        "20",
        "-f",
        "rawvideo",
        str(tmp_path / "a.raw"),
    ]
    with pytest.raises(MediaError):
        small.run(raw)
    assert (tmp_path / "a.raw").stat().st_size <= 100_000
    with pytest.raises(MediaError):
        Runner(limits=Limits(address_space_bytes=64 << 20)).run(["ffmpeg", "-version"])


@pytest.mark.skipif(not describe()["network"], reason="the system does not let this user cut the network off")
def test_a_tool_has_no_network() -> None:
    """Inside the cage there is no route, not even to this machine."""
    outcome = Runner().run(["cat", "/proc/net/route"])
    assert outcome.stdout.decode().count("\n") <= 1
    outcome = Runner().run(["cat", "/proc/net/dev"])
    assert [line.split(":")[0].strip() for line in outcome.stdout.decode().splitlines()[2:]] == ["lo"]


def test_what_a_tool_says_is_kept_in_bounds() -> None:
    """A flood on stdout is read to its end, and only its tail is kept."""
    outcome = Runner(keep_bytes=1000).run(["seq", "1", "200000"])
    assert (len(outcome.stdout), outcome.cut) == (1000, True)
    assert outcome.stdout.endswith(b"200000\n")


def test_lines_arrive_whole() -> None:
    """A listener gets every line once, in order, without its end."""
    lines: list[str] = []
    Runner().run(["seq", "1", "50000"], on_stdout_line=lines.append)
    assert lines == [str(number) for number in range(1, 50001)]


def test_a_cancelled_derivation_stops_ffmpeg(tmp_path: Path) -> None:
    """Cancelling in the middle of a derivation ends it, with nothing published."""
    room = Room.at(tmp_path)
    path = make_clip(tmp_path / "cancel-me.avi", codec=("-c:v", "mjpeg"), size="1280x720", duration_s=20)
    with pytest.raises(MediaCancelledError):
        room.derive(path, cancelled=lambda: bool(running(str(path))))
    assert running(str(path)) == []
    assert not [file for file in (tmp_path / "derivatives").rglob("*") if file.is_file() and file.stat().st_size > 0]


def test_a_killed_tool_is_an_error_to_retry(tmp_path: Path) -> None:
    """A tool that was killed from outside says nothing about the file: the step fails and may be tried again."""
    room = Room.at(tmp_path)
    path = make_clip(tmp_path / "kill-me.avi", codec=("-c:v", "mjpeg"), size="1280x720", duration_s=20)

    def kill_it() -> bool:
        for process in running(str(path)):
            os.kill(process, signal.SIGKILL)
        return False

    with pytest.raises(MediaError, match="killed"):
        room.derive(path, cancelled=kill_it)


def test_what_a_tool_says_at_its_very_end_is_heard() -> None:
    """A tool that speaks and ends just as nobody is looking loses nothing, however often."""
    runner = Runner(poll_s=0.01)
    for _ in range(40):
        outcome = runner.run(["sh", "-c", "sleep 0.012; echo last words"], timeout_s=20)
        assert outcome.stdout == b"last words\n"
