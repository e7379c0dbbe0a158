"""Typed settings of one home folder, read from its ``evidock.toml``; every one has a default that works."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from evidence.errors import ConfigError

FILE_NAME = "evidock.toml"

TEMPLATE = """\
# Settings of this Evidock home. Every line is optional; what is commented out shows the default.

# language = "zh-CN"              # of pages and tables: zh-CN or en

[web]
# host = "127.0.0.1"              # loopback only, until sign-in exists
# port = 8800

[watch]
# quiet_s = 5.0                   # a file is taken when nothing about it changed for so long
# rescan_s = 60.0                 # every watched folder is read again in full this often
# mode = "auto"                   # auto, native (file-system events) or polling (SMB, NFS)

# [[watch.roots]]                 # more watched folders, beside dock/<station>/
# station = "west-gate"
# path = "/mnt/dock-west"
# mode = "polling"

[work]
# derive = 0                      # ffmpeg runs at once; 0 is one a core
# ffmpeg = "ffmpeg"               # program, or where it lies
# ffprobe = "ffprobe"
# exiftool = "exiftool"           # reads more time tags, where it is there; empty: not asked
# onscreen = "auto"               # read the clock in the picture: auto (where the reader is installed), on or off

[law]
# pack = ""                       # folder of a law pack; empty is the one that ships

[vault]
# kind = "local"                  # local (this home's vault folder) or s3 (a bucket with Object Lock)
# bucket = ""                     # s3: name of the bucket
# endpoint = ""                   # s3: address of the server; empty is the one the region implies
# region = "us-east-1"
# prefix = ""                     # s3: all keys begin with it
# immutable = false               # local: also set the file system's immutable attribute (chattr +i)
# second = ""                     # folder of a second copy, on another disk; damaged originals heal from it
# retention = ""                  # file of a retention schedule; empty is the one that ships
# fixity_days = 90                # every original is read again once in so many days; 0 switches it off

[ledger]
# witnesses = []                  # verifier keys of the witnesses whose cosignatures are kept
# tsa_url = ""                    # RFC 3161 time-stamp authority; empty: none is asked
# tsa_roots = ""                  # PEM file with its root certificates
# tsa_every_h = 24.0              # the newest checkpoint is stamped so often
# overlap_days = 30.0             # how long the old key signs along after a change of keys

[dock]
# receipts = true                 # write a receipt for each sealed file below receipts/<station>/
# sets_clocks = true              # docks that write no record set a camera's clock when it is connected
# clean_up = false                # remove a file from dock/ after its sealing was verified
# clean_up_after_h = 24.0         # and no sooner than this
"""


class Root(BaseModel):
    """A watched folder outside the home. ``station``: the name its files are filed under."""

    model_config = ConfigDict(extra="forbid")
    station: str = Field(min_length=1, pattern=r"^[^/\\\x00]+$")
    path: Path
    mode: Literal["auto", "native", "polling"] = "auto"


class WatchSettings(BaseModel):
    """How docks are watched. Times in seconds."""

    model_config = ConfigDict(extra="forbid")
    quiet_s: float = Field(default=5.0, gt=0)
    rescan_s: float = Field(default=60.0, gt=0)
    mode: Literal["auto", "native", "polling"] = "auto"
    roots: tuple[Root, ...] = ()


class WebSettings(BaseModel):
    """Where the pages are served: loopback until sign-in exists."""

    model_config = ConfigDict(extra="forbid")
    host: Literal["127.0.0.1", "::1", "localhost"] = "127.0.0.1"
    port: int = Field(default=8800, ge=0, le=65535)


class WorkSettings(BaseModel):
    """How much runs at once, and with which programs."""

    model_config = ConfigDict(extra="forbid")
    derive: int = Field(default=0, ge=0)
    ffmpeg: str = "ffmpeg"
    ffprobe: str = "ffprobe"
    exiftool: str = "exiftool"
    onscreen: Literal["auto", "on", "off"] = "auto"


class LawSettings(BaseModel):
    """Which law pack is in force here."""

    model_config = ConfigDict(extra="forbid")
    pack: str = ""


class VaultSettings(BaseModel):
    """Where originals are kept, and how long they are looked after."""

    model_config = ConfigDict(extra="forbid")
    kind: Literal["local", "s3"] = "local"
    bucket: str = ""
    endpoint: str = ""
    region: str = "us-east-1"
    prefix: str = ""
    immutable: bool = False
    second: str = ""
    retention: str = ""
    fixity_days: float = Field(default=90.0, ge=0)


class LedgerSettings(BaseModel):
    """Who watches over the ledger."""

    model_config = ConfigDict(extra="forbid")
    witnesses: tuple[str, ...] = ()
    tsa_url: str = ""
    tsa_roots: str = ""
    tsa_every_h: float = Field(default=24.0, gt=0)
    overlap_days: float = Field(default=30.0, ge=0)


class DockSettings(BaseModel):
    """What a dock gets back."""

    model_config = ConfigDict(extra="forbid")
    receipts: bool = True
    sets_clocks: bool = True
    clean_up: bool = False
    clean_up_after_h: float = Field(default=24.0, ge=0)


class Settings(BaseSettings):
    """All settings of a home; an environment variable such as ``EVIDOCK_WEB__PORT`` overrules the file."""

    model_config = SettingsConfigDict(extra="forbid", env_prefix="EVIDOCK_", env_nested_delimiter="__")
    language: Literal["zh-CN", "en"] = "zh-CN"
    web: WebSettings = WebSettings()
    watch: WatchSettings = WatchSettings()
    work: WorkSettings = WorkSettings()
    law: LawSettings = LawSettings()
    vault: VaultSettings = VaultSettings()
    ledger: LedgerSettings = LedgerSettings()
    dock: DockSettings = DockSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Overrule in this order: arguments, environment, file."""
        del dotenv_settings, file_secret_settings
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def load_settings(home: Path, overrides: Mapping[str, object] | None = None) -> Settings:
    """Read a home's settings.

    Raises:
        ConfigError: naming file, key and cure.
    """
    file = home / FILE_NAME

    class OfThisHome(Settings):
        model_config = SettingsConfigDict(**{**Settings.model_config, "toml_file": file})

    try:
        return OfThisHome(**dict(overrides or {}))  # type: ignore[arg-type]
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"is not TOML: {error}", subject=str(file), cure="mend that line") from error
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        cure = "mend or remove that key; docs/operations.md lists them all"
        raise ConfigError(f"{key}: {first['msg']}", subject=str(file), cure=cure) from error
