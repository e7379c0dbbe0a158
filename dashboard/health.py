"""Is this machine fit to serve: programs, disk, clock, register, zone. Each probe says what it means and what to do."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from config.machine_zone import machine_zone
from config.system_clock import synchronisation
from dashboard.clock_words import kept_note
from dashboard.plant import runner_of
from dashboard.wiring import House
from evidence.errors import EvidockError
from evidence.notes import Note, note
from storage.bucket_probe import probe_bucket
from storage.s3_client import S3Place, make_client
from transcode.cage import describe
from transcode.onscreen_ocr import version
from transcode.runner import Runner

LOW_DISK_SHARE = 0.05


@dataclass(frozen=True)
class Probe:
    """What one probe found. ``ok`` False means evidence may suffer; ``warning`` that somebody should look."""

    name: str
    ok: bool
    found: Note
    warning: bool = False

    def as_json(self, words: Callable[[Note], str]) -> dict[str, object]:
        """Return the documented JSON of a probe."""
        return {"name": self.name, "ok": self.ok, "warning": self.warning, "found": words(self.found)}


def probe_all(house: House) -> Sequence[Probe]:
    """Run every probe."""
    here = [_cage(), _disk(house.home.root), _register(house), _vault(house)]
    return [*_tools(house), _onscreen(house), *here, *_bucket(house), _key(house), _zone(), _clock()]


def _tools(house: House) -> Iterator[Probe]:
    runner = runner_of(house)
    for command in (house.settings.work.ffmpeg, house.settings.work.ffprobe):
        try:
            tool = runner.tool(command)
        except EvidockError as error:
            yield Probe(Path(command).name, ok=False, found=note("health.tool_missing", reason=str(error)))
        else:
            yield Probe(Path(command).name, ok=True, found=note("health.tool", version=str(tool)))
    yield _exiftool(runner)


def _exiftool(runner: Runner) -> Probe:
    """Say whether exiftool is there; without it fewer times are read, and no evidence suffers."""
    try:
        found = note("health.tool", version=str(runner.tool(runner.exiftool))) if runner.exiftool else None
    except EvidockError as error:
        return Probe("exiftool", ok=True, found=note("health.exiftool_missing", reason=str(error)))
    return Probe("exiftool", ok=True, found=found or note("health.exiftool_off"))


def _onscreen(house: House) -> Probe:
    """Say whether on-screen clocks are read; one that is switched on and not there fails."""
    wanted, there = house.settings.work.onscreen, version()
    if wanted == "off":
        return Probe("onscreen", ok=True, found=note("health.onscreen_off"))
    if not there:
        return Probe("onscreen", ok=wanted == "auto", found=note("health.onscreen_missing"))
    return Probe("onscreen", ok=True, found=note("health.onscreen", version=there))


def _cage() -> Probe:
    walls = describe()
    missing = [name for name, stands in walls.items() if not stands]
    if missing:
        return Probe("cage", ok=False, found=note("health.cage_open", missing=", ".join(missing)))
    return Probe("cage", ok=True, found=note("health.cage"))


def _disk(root: Path) -> Probe:
    usage = shutil.disk_usage(root)
    share = usage.free / usage.total
    found = note("health.disk", free=f"{usage.free / 1e9:.1f} GB", share_pct=round(share * 100, 1))
    return Probe("disk", ok=share > LOW_DISK_SHARE, found=found)


def _register(house: House) -> Probe:
    with house.register.reading() as session:
        mode = session.connection().exec_driver_sql("PRAGMA journal_mode").scalar()
        sync = session.connection().exec_driver_sql("PRAGMA synchronous").scalar()
    ok = mode == "wal"
    return Probe(
        "register", ok=ok, found=note("health.register", mode=str(mode), sync=str(sync), version=sqlite3.sqlite_version)
    )


def _vault(house: House) -> Probe:
    writable = os.access(house.home.vault, os.W_OK)
    return Probe(
        "vault",
        ok=writable,
        found=note("health.vault" if writable else "health.vault_read_only", path=str(house.home.vault)),
    )


def _bucket(house: House) -> Iterator[Probe]:
    """Put the bucket to the test, where the vault lies in one."""
    wanted = house.settings.vault
    if wanted.kind != "s3":
        return
    place = S3Place(wanted.bucket, wanted.endpoint, wanted.region, wanted.prefix)
    try:
        with closing(make_client(place)) as client:
            found = probe_bucket(client, place, house.clock)
    except EvidockError as error:
        yield Probe("bucket", ok=False, found=note("bucket.refused", reason=str(error)))
    else:
        yield from (Probe(each.name, each.ok, each.found) for each in found)


def _key(house: House) -> Probe:
    try:
        key = house.keys.vkey
    except EvidockError as error:
        return Probe("key", ok=False, found=note("health.key_lost", reason=str(error)))
    return Probe("key", ok=True, found=note("health.key", origin=key.name, key_id=key.key_id.hex()))


def _zone() -> Probe:
    """Name the machine's zone; a home is not opened in Xinjiang's custom time (`config.machine_zone`)."""
    return Probe("zone", ok=True, found=note("health.zone", zone=machine_zone()))


def _clock() -> Probe:
    """Say whether anything keeps the clock; an offline bureau works without, so it is a warning."""
    said = synchronisation()
    return Probe("clock", ok=True, found=kept_note(said), warning=said.kept is False)
