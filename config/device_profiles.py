r"""Reads device profiles: one TOML file per family of recorders; a bureau adds its own beside those that ship.

::

    id = "gat-device-officer"        # as the device import names it
    priority = 10                    # lower is tried first
    zone = "local"                   # or "utc": what the clock in the name is set to
    sources = ["…"]                  # where this is written
    [names]
    zh-CN = "…"
    en = "…"
    [placeholders]                   # codes that nobody set
    device = ["8888888"]
    officer_code = ["000000"]
    [[patterns]]
    on = "name"                      # or "folder"
    regex = '^(?P<device>…)_(?P<time>[0-9]{14})\.'
    examples = ["…"]                 # each must be read by the regex
"""

import re
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from config.data_files import read_toml
from evidence.claims import IdentityKind, ZoneBasis
from evidence.errors import ConfigError
from evidence.profiles import DeviceProfile, Group, Part, Pattern

FOLDER = Path(__file__).parent / "devices"
"""The profiles that ship with the product."""

_ZONES = {"local": ZoneBasis.LOCAL, "utc": ZoneBasis.UTC_BY_FORMAT}
_BOTH_CODES = frozenset({Group.DEVICE, Group.OFFICER_CODE})


class _PatternFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    on: Part
    regex: str = Field(min_length=1)
    either_order: bool = False
    examples: tuple[str, ...] = Field(min_length=1)


class _PlaceholderFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    device: frozenset[str] = frozenset()
    officer_code: frozenset[str] = frozenset()


class _ProfileFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    priority: int
    names: dict[str, str] = Field(min_length=1)
    patterns: tuple[_PatternFile, ...] = Field(min_length=1)
    zone: Literal["local", "utc"] = "local"
    placeholders: _PlaceholderFile = _PlaceholderFile()
    sources: tuple[str, ...] = ()


def default_profiles() -> tuple[DeviceProfile, ...]:
    """Return the profiles that ship with the product, in the order they are tried."""
    return load_profiles(FOLDER)


def load_profiles(*folders: Path) -> tuple[DeviceProfile, ...]:
    """Read every ``*.toml`` of the folders, in the order profiles are tried.

    A profile of a later folder replaces one of the same id of an earlier folder, so that a bureau can correct one.

    Raises:
        ConfigError: a folder cannot be read, or a file is wrong; names the file, the key and the cure.
    """
    found: dict[str, DeviceProfile] = {}
    for folder in folders:
        found |= _of_folder(folder)
    return tuple(sorted(found.values(), key=lambda profile: (profile.priority, profile.profile_id)))


def _of_folder(folder: Path) -> dict[str, DeviceProfile]:
    if not folder.is_dir():
        cure = "create it, or name the folder that holds the device profiles"
        raise ConfigError("is not a folder", subject=str(folder), cure=cure)
    found: dict[str, DeviceProfile] = {}
    for file in sorted(folder.glob("*.toml")):
        profile = load_profile(file)
        if profile.profile_id in found:
            cure = "give one of the two files another id"
            raise ConfigError(f"id: {profile.profile_id} is taken by another file here", subject=str(file), cure=cure)
        found[profile.profile_id] = profile
    return found


def load_profile(file: Path) -> DeviceProfile:
    """Read one profile.

    Raises:
        ConfigError: naming file, key and cure.
    """
    wrong = "mend or remove that key; config/device_profiles.py shows the form"
    read = read_toml(file, TypeAdapter(_ProfileFile), unreadable="see to its permissions", wrong=wrong)
    return DeviceProfile(
        profile_id=read.id,
        names=read.names,
        priority=read.priority,
        patterns=tuple(_pattern(file, number, pattern) for number, pattern in enumerate(read.patterns)),
        zone=_ZONES[read.zone],
        placeholders={
            IdentityKind.DEVICE: read.placeholders.device,
            IdentityKind.OFFICER_CODE: read.placeholders.officer_code,
        },
        sources=read.sources,
    )


def _pattern(file: Path, number: int, read: _PatternFile) -> Pattern:
    key = f"patterns.{number}.regex"
    try:
        regex = re.compile(read.regex, re.IGNORECASE | re.ASCII)
    except re.error as error:
        cure = "mend the regular expression at that place"
        raise ConfigError(f"{key}: {error}", subject=str(file), cure=cure) from error
    _check_groups(file, key, regex, either_order=read.either_order)
    for example in read.examples:
        if not regex.search(example):
            cure = "mend the regular expression, or remove the example"
            raise ConfigError(f"{key}: does not read its example {example}", subject=str(file), cure=cure)
    return Pattern(read.on, regex, read.either_order, read.examples)


def _check_groups(file: Path, key: str, regex: re.Pattern[str], *, either_order: bool) -> None:
    known = [str(group) for group in Group]
    strange = sorted(set(regex.groupindex) - set(known))
    if strange:
        cure = f"name each group after what it states: {', '.join(known)}"
        raise ConfigError(f"{key}: nobody knows the group {strange[0]}", subject=str(file), cure=cure)
    if either_order and not set(regex.groupindex) >= _BOTH_CODES:
        cure = "give it the groups device and officer_code, or remove either_order"
        raise ConfigError(f"{key}: either_order needs two codes", subject=str(file), cure=cure)
