"""The one process runner: every media tool is started, watched and stopped here, inside the cage.

`Runner.run` blocks the calling thread from start to end. That is part of the contract: the death signal of a tool hangs
on the *thread* that started it, so a tool must never outlive its call.
"""

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from evidence.errors import MediaCancelledError, MediaError, MediaTimeoutError, ToolMissingError
from evidence.ports import Cancelled
from transcode.cage import Limits, caged
from transcode.tools import Tool, identify, is_there, resolve

OnLine = Callable[[str], None]
"""Called with each line of output, without its end, in the thread that runs the tool."""

POLL_S = 0.2
_CHUNK_BYTES = 1 << 16
_LONGEST_LINE_BYTES = 1 << 16
_SAID_CHARACTERS = 400
_KEPT_ENVIRONMENT = ("PATH", "HOME", "TMPDIR", "FONTCONFIG_PATH", "FONTCONFIG_FILE", "LD_LIBRARY_PATH", "SYSTEMROOT")


def never() -> bool:
    """Answer that nobody cancelled."""
    return False


@dataclass(frozen=True)
class Outcome:
    """How a tool ended.

    Attributes:
        returncode: exit code; minus the signal's number when one ended it.
        stdout: the last bytes it wrote, at most the limit asked for.
        stderr: the last text it wrote, likewise.
        cut: more was written than is kept here.
    """

    returncode: int
    stdout: bytes
    stderr: str
    elapsed_s: float
    cut: bool = False

    @property
    def last_words(self) -> str:
        """The last line on stderr, for a person."""
        lines = [line.strip() for line in self.stderr.splitlines() if line.strip()]
        return lines[-1][:_SAID_CHARACTERS] if lines else ""


class _Stream:
    """One output of the tool: hands out whole lines and keeps a bounded tail."""

    def __init__(self, limit_bytes: int, on_line: OnLine | None) -> None:
        self._limit_bytes = limit_bytes
        self._on_line = on_line
        self._tail = bytearray()
        self._line = bytearray()
        self.cut = False

    def feed(self, chunk: bytes) -> None:
        self._tail += chunk
        if len(self._tail) > 2 * self._limit_bytes:
            self._trim()
        if self._on_line:
            self._feed_lines(chunk)

    def close(self) -> bytes:
        if self._on_line and self._line:
            self._on_line(self._line.decode("utf-8", "replace"))
        self._trim()
        return bytes(self._tail)

    def _trim(self) -> None:
        surplus = len(self._tail) - self._limit_bytes
        if surplus > 0:
            del self._tail[:surplus]
            self.cut = True

    def _feed_lines(self, chunk: bytes) -> None:
        *whole, rest = (bytes(self._line) + chunk).split(b"\n")
        for line in whole:
            if self._on_line:
                self._on_line(line.rstrip(b"\r").decode("utf-8", "replace"))
        self._line = bytearray(rest[-_LONGEST_LINE_BYTES:])


class _Watch:
    """Looks at the clock and at ``cancelled``, at most once per poll."""

    def __init__(self, name: str, deadline: float, timeout_s: float, cancelled: Cancelled, poll_s: float) -> None:
        self._name = name
        self._deadline = deadline
        self._timeout_s = timeout_s
        self._cancelled = cancelled
        self._poll_s = poll_s
        self._due = 0.0

    def look(self) -> None:
        """Raise when the time is up or somebody cancelled."""
        now = time.monotonic()
        if now > self._deadline:
            raise MediaTimeoutError(
                f"ran longer than {self._timeout_s:.0f} s and was stopped",
                subject=self._name,
                cure="retry when the machine is less busy; the original is sealed and unharmed",
            )
        if now >= self._due:
            self._due = now + self._poll_s
            if self._cancelled():
                raise MediaCancelledError("stopped on purpose", subject=self._name, cure="retry it when it is wanted")


class Runner:
    """Runs media tools in a cage; thread-safe, one call per tool run.

    Args:
        ffmpeg: name or path of ffmpeg; ffprobe, exiftool: likewise. exiftool may be absent, empty switches it off.
        limits: what one run may use at most.
        poll_s: how often ``cancelled`` is asked, in seconds.
        keep_bytes: how much of the end of each output an outcome keeps.
    """

    def __init__(
        self,
        *,
        ffmpeg: str = "ffmpeg",
        ffprobe: str = "ffprobe",
        exiftool: str = "exiftool",
        limits: Limits | None = None,
        poll_s: float = POLL_S,
        keep_bytes: int = 8 << 20,
    ) -> None:
        self.ffmpeg = ffmpeg
        self.ffprobe = ffprobe
        self.exiftool = exiftool
        self._limits = limits or Limits()
        self._poll_s = poll_s
        self._keep_bytes = keep_bytes

    def within(self, limits: Limits) -> "Runner":
        """Return a runner of the same programs that holds each run to other limits."""
        return Runner(
            ffmpeg=self.ffmpeg,
            ffprobe=self.ffprobe,
            exiftool=self.exiftool,
            limits=limits,
            poll_s=self._poll_s,
            keep_bytes=self._keep_bytes,
        )

    def tool(self, command: str) -> Tool:
        """Return path, version and digest of a command (`ToolMissingError` when it is not there)."""
        return identify(command)

    def has(self, command: str) -> bool:
        """Whether a program is on this machine."""
        return is_there(command)

    def run(
        self,
        args: Sequence[str],
        *,
        timeout_s: float = 600.0,
        cancelled: Cancelled = never,
        on_stdout_line: OnLine | None = None,
        on_stderr_line: OnLine | None = None,
        cwd: Path | None = None,
        check: bool = True,
    ) -> Outcome:
        """Run ``args`` to its end; nothing of it is left running, however this returns.

        Args:
            args: program and arguments; never a shell line.
            timeout_s: wall time the tool may take.
            cancelled: asked every ``poll_s`` seconds.
            on_stdout_line: called with each line of stdout.
            on_stderr_line: called with each line of stderr.
            cwd: folder the tool works in, so that outputs can have names without a machine's path.
            check: raise when the exit code is not 0; without it the caller judges.

        Raises:
            ToolMissingError: the program is not there.
            MediaTimeoutError: it ran longer than ``timeout_s``. MediaCancelledError: ``cancelled`` said so.
            MediaError: with ``check``, the tool failed.
        """
        streams = (_Stream(self._keep_bytes, on_stdout_line), _Stream(self._keep_bytes, on_stderr_line))
        started = time.monotonic()
        with self._started(args, timeout_s, cwd) as process:
            watch = _Watch(Path(args[0]).name, started + timeout_s, timeout_s, cancelled, self._poll_s)
            for index, chunk in _chunks(process, self._poll_s):
                watch.look()
                streams[index].feed(chunk)
            returncode = process.wait()
        outcome = _outcome(returncode, streams, time.monotonic() - started)
        if check and returncode != 0:
            raise MediaError(
                f"ended with code {returncode}: {outcome.last_words}",
                subject=Path(args[0]).name,
                cure="see the message of the tool; the source is untouched",
            )
        return outcome

    @contextlib.contextmanager
    def _started(self, args: Sequence[str], timeout_s: float, cwd: Path | None) -> Iterator[subprocess.Popen[bytes]]:
        limits = self._limits
        if limits.cpu_s is None:
            limits = replace(limits, cpu_s=timeout_s * (os.cpu_count() or 1) + 1)
        command = caged([str(resolve(args[0])), *args[1:]], limits)
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=cwd,
                env=_environment(os.environ),
                start_new_session=True,
            )
        except OSError as error:
            raise ToolMissingError(f"cannot be started: {error.strerror}", subject=args[0]) from error
        with process:
            try:
                yield process
            finally:
                _kill_tree(process)


def _chunks(process: subprocess.Popen[bytes], poll_s: float) -> Iterator[tuple[int, bytes]]:
    """Yield (0 for stdout or 1 for stderr, bytes) until both end; an empty chunk at least every ``poll_s`` seconds."""
    with selectors.DefaultSelector() as selector:
        for index, pipe in enumerate((process.stdout, process.stderr)):
            _watch(selector, pipe, index)
        while selector.get_map():
            ended = process.poll() is not None  # asked first: what it wrote before its end is then seen by select
            ready = selector.select(0 if ended else poll_s)
            if not ready and ended:
                return
            yield 0, b""
            for key, _ in ready:
                chunk = os.read(key.fd, _CHUNK_BYTES)
                if not chunk:
                    selector.unregister(key.fileobj)
                yield key.data, chunk
    while process.poll() is None:
        yield 0, b""
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(poll_s)


def _watch(selector: selectors.BaseSelector, pipe: IO[bytes] | None, index: int) -> None:
    if pipe is not None:
        selector.register(pipe, selectors.EVENT_READ, index)


def _kill_tree(process: subprocess.Popen[bytes]) -> None:
    """End the tool and whatever it started: all of its process group. One already reaped has no group of ours left."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def _outcome(returncode: int, streams: tuple[_Stream, _Stream], elapsed_s: float) -> Outcome:
    stdout, stderr = (stream.close() for stream in streams)
    cut = any(stream.cut for stream in streams)
    return Outcome(returncode, stdout, stderr.decode("utf-8", "replace"), elapsed_s, cut)


def _environment(full: Mapping[str, str]) -> dict[str, str]:
    kept = {name: full[name] for name in _KEPT_ENVIRONMENT if name in full}
    return {**kept, "LC_ALL": "C.UTF-8", "AV_LOG_FORCE_NOCOLOR": "1"}
