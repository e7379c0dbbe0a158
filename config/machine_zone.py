"""The time zone this machine's own programs work in, and the one in which no home is opened: Xinjiang's custom time.

What Evidock shows is Beijing time whatever the machine is set to. But on a machine two hours behind, docks, shells and
file managers show other times than the evidence does, and somebody will write them down.
"""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from evidence.errors import ConfigError

ETC = Path("/etc")
FORBIDDEN = frozenset({"asia/urumqi", "asia/kashgar", "xjt", "etc/gmt-6"})
"""Names of UTC+6 on a Chinese machine. Source: tz database, asia (Asia/Urumqi, link Asia/Kashgar, abbreviation XJT)."""

_RULE = re.compile(r"(?:<(?P<quoted>[\w+-]+)>|(?P<plain>[A-Za-z]{3,}))(?P<offset>[+-]?\d{1,2})(?:(?::00){0,2})")
"""A rule without daylight saving, on a full hour; its offset counts westward. Source: POSIX, variable TZ."""
_SIX_EAST = -6
_HOPS = 8


def machine_zone(environment: Mapping[str, str] = os.environ, etc: Path = ETC) -> str:
    """Return the zone's name, or its POSIX rule, as the C library takes it; ``UTC`` when nothing names one.

    Where several names lead to it, and one of them is Xinjiang's custom time, it is that one.
    """
    names = [name for name in _names(environment, etc) if name]
    return next((name for name in names if is_custom(name)), names[0] if names else "UTC")


def require_official_zone(environment: Mapping[str, str] = os.environ, etc: Path = ETC) -> None:
    """Refuse to work in Xinjiang's custom time.

    Raises:
        ConfigError: the machine is set to it.
    """
    zone = machine_zone(environment, etc)
    if not is_custom(zone):
        return
    cure = "run `timedatectl set-timezone Asia/Shanghai`, or start with TZ=Asia/Shanghai"
    raise ConfigError("this machine is set to UTC+6, two hours behind Beijing time", subject=f"zone {zone}", cure=cure)


def is_custom(zone: str) -> bool:
    """Whether a name or POSIX rule is Xinjiang's custom time (UTC+6)."""
    if zone.casefold() in FORBIDDEN:
        return True
    rule = _RULE.fullmatch(zone)
    return rule is not None and int(rule["offset"]) == _SIX_EAST


def _names(environment: Mapping[str, str], etc: Path) -> Iterator[str]:
    if (named := environment.get("TZ")) is not None:
        stated = named.removeprefix(":")
        yield from _names_of(Path(stated)) if stated.startswith("/") else [_bare(stated)]
        return
    local = etc / "localtime"
    yield from _names_of(local)
    if local.is_file() and not local.is_symlink():  # a copy, as containers have: it no longer says which
        yield _text(etc / "timezone").decode("utf-8", "replace").strip()


def _names_of(file: Path) -> Iterator[str]:
    """Yield the names a zone file goes by along its links; of one without a name, the rule in force at its end."""
    named = False
    for _ in range(_HOPS):
        name = _bare(file.as_posix().partition("zoneinfo/")[2])
        named = named or bool(name)
        yield name
        if not file.is_symlink():
            break
        file = file.parent / file.readlink()
    body = b"" if named else _text(file)
    if body.startswith(b"TZif"):  # source: RFC 8536, section 3.3: the footer is a rule between two newlines
        yield body.rstrip(b"\n").rpartition(b"\n")[2].decode("ascii", "replace")


def _bare(name: str) -> str:
    """Return a zone's name without the folders of its variants."""
    return name.removeprefix("posix/").removeprefix("right/")


def _text(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:  # not there, or not for us: it names nothing
        return b""
