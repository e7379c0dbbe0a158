"""Which media tool this is: path, version and digest, so that every value can name what measured it."""

import hashlib
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from evidence.errors import ToolMissingError

_PACKAGES: Mapping[str, str] = {
    "ffmpeg": "ffmpeg",
    "ffprobe": "ffmpeg",
    "exiftool": "libimage-exiftool-perl",
}
_VERSION = re.compile(rb"^(?:\S+ version )?([\w.+:~-]+)")
_ASKED = {"exiftool": "-ver"}
"""How a program is asked for its version, where it is not ``-version``."""

_VERSION_TIMEOUT_S = 30.0


@dataclass(frozen=True)
class Tool:
    """A program on this machine.

    Attributes:
        name: what it is called ("ffmpeg").
        version: as it says itself; "unknown" when it does not.
        sha256: digest of the binary, 64 lower-case hex digits.
    """

    name: str
    path: Path
    version: str
    sha256: str

    def __str__(self) -> str:
        """Return name, version and the head of the digest, as kept with measured values."""
        return f"{self.name} {self.version} sha256:{self.sha256[:16]}"


def resolve(command: str) -> Path:
    """Return where a command lies.

    Raises:
        ToolMissingError: it is not on this machine; the cure names the package.
    """
    found = shutil.which(command)
    if found:
        return Path(found).resolve()
    name = Path(command).name
    package = _PACKAGES.get(name, name)
    raise ToolMissingError("not found on this machine", subject=command, cure=f"run: sudo apt-get install {package}")


def is_there(command: str) -> bool:
    """Whether a command lies on this machine."""
    return shutil.which(command) is not None


def identify(command: str) -> Tool:
    """Return version and digest of a command; read again only when the binary changes.

    Raises:
        ToolMissingError: it is not on this machine.
    """
    path = resolve(command)
    state = path.stat()
    return _identify(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=16)
def _identify(path: Path, _mtime_ns: int, _size_bytes: int) -> Tool:
    with path.open("rb") as binary:
        digest = hashlib.file_digest(binary, "sha256").hexdigest()
    return Tool(path.name, path, _version(path), digest)


def _version(path: Path) -> str:
    try:
        said = subprocess.run(
            [path, _ASKED.get(path.name, "-version")],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_VERSION_TIMEOUT_S,
        )
    except (OSError, subprocess.TimeoutExpired):
        return "unknown"
    found = _VERSION.match(said.stdout)
    return found.group(1).decode("ascii", "replace") if found else "unknown"
