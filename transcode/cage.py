"""The cage around media tools: what a program that reads untrusted bytes may use, and that it dies with us.

The cage is a chain of small programs that each set one thing and then become the next (``exec``), so the tool keeps the
process id that was started and no code runs between fork and exec:

====================  ================================================================================
``nice``              media work yields to intake and pages
``prlimit``           address space, size of any file written, processor time, no core dumps
``unshare -n``        no network, where the system lets us (probed once)
``setpriv``           killed when the thread that started it ends; no new privileges
====================  ================================================================================

``setpriv`` comes last: a change of user namespace would clear the death signal. Between start and that last step the
processor limit is what ends an orphan. A program that the machine lacks is left out; `describe` says which are there.

Source: prctl(2) PR_SET_PDEATHSIG, prlimit(1), unshare(1), setpriv(1).
"""

import math
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

_GIB = 1 << 30
_NICENESS = 5
_PROBE_TIMEOUT_S = 10.0
_NETWORK_CUTS: tuple[tuple[str, ...], ...] = (("-n",), ("--user", "--map-current-user", "-n"), ("-r", "-n"))


@dataclass(frozen=True)
class Limits:
    """What one run may use at most.

    Attributes:
        address_space_bytes: virtual memory. Decoding 4K60 with two encoders peaked at 0.7 GiB; each further thread
            reserves some 0.1 GiB, most of it never touched.
        output_bytes: size of any single file the tool writes.
        cpu_s: processor time over all threads; None leaves it open.
    """

    address_space_bytes: int = 6 * _GIB
    output_bytes: int = 32 * _GIB
    cpu_s: float | None = None


def caged(args: Sequence[str], limits: Limits) -> list[str]:
    """Return the command that runs ``args`` inside the cage."""
    return [*_nice(), *_limited(limits), *_network_cut(), *_dies_with_us(), *args]


def describe() -> Mapping[str, bool]:
    """Say which walls of the cage stand on this machine, for ``evidock status --doctor``."""
    return {
        "limits": bool(_found("prlimit")),
        "network": bool(_network_cut()),
        "dies_with_parent": bool(_dies_with_us()),
    }


@cache
def _found(name: str) -> str | None:
    return shutil.which(name)


def _nice() -> list[str]:
    program = _found("nice")
    return [program, "-n", str(_NICENESS)] if program else []


def _limited(limits: Limits) -> list[str]:
    program = _found("prlimit")
    if not program:
        return []
    cpu = [f"--cpu={math.ceil(limits.cpu_s)}"] if limits.cpu_s is not None else []
    return [program, f"--as={limits.address_space_bytes}", f"--fsize={limits.output_bytes}", "--core=0", *cpu, "--"]


@cache
def _network_cut() -> tuple[str, ...]:
    return _first_that_works("unshare", _NETWORK_CUTS)


@cache
def _dies_with_us() -> tuple[str, ...]:
    return _first_that_works("setpriv", (("--pdeathsig", "KILL", "--no-new-privs"), ("--pdeathsig", "KILL")))


def _first_that_works(name: str, ways: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    program = _found(name)
    if not program:
        return ()
    return next(((program, *way, "--") for way in ways if _works([program, *way, "--", "true"])), ())


def _works(command: Sequence[str]) -> bool:
    try:
        done = subprocess.run(command, check=False, capture_output=True, timeout=_PROBE_TIMEOUT_S)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
