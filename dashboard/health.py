"""Is this machine fit to serve: programs, disk, clock, register, zone. Each probe says what it means and what to do."""

import os
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from dashboard.plant import runner_of
from dashboard.wiring import House
from evidence.errors import EvidockError
from evidence.notes import Note, note
from storage.bucket_probe import probe_bucket
from storage.s3_client import S3Place, make_client
from transcode.cage import describe
from transcode.onscreen_ocr import version

LOW_DISK_SHARE = 0.05
FORBIDDEN_ZONES = frozenset({"Asia/Urumqi", "Asia/Kashgar", "XJT"})
"""Local custom zones (UTC+6): a server in one of them shows file times two hours off official time."""


@dataclass(frozen=True)
class Probe:
    """What one probe found. ``ok`` False means evidence may suffer."""

    name: str
    ok: bool
    found: Note

    def as_json(self, words: Callable[[Note], str]) -> dict[str, object]:
        """Return the documented JSON of a probe."""
        return {"name": self.name, "ok": self.ok, "found": words(self.found)}


def probe_all(house: House) -> Sequence[Probe]:
    """Run every probe."""
    here = [_cage(), _disk(house.home.root), _register(house), _vault(house)]
    return [*_tools(house), _onscreen(house), *here, *_bucket(house), _key(house), _zone()]


def _tools(house: House) -> Iterator[Probe]:
    runner = runner_of(house)
    for command in (house.settings.work.ffmpeg, house.settings.work.ffprobe):
        try:
            tool = runner.tool(command)
        except EvidockError as error:
            yield Probe(Path(command).name, ok=False, found=note("health.tool_missing", reason=str(error)))
        else:
            yield Probe(Path(command).name, ok=True, found=note("health.tool", version=str(tool)))


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
    name = _zone_name()
    ok = name not in FORBIDDEN_ZONES
    return Probe("zone", ok=ok, found=note("health.zone" if ok else "health.zone_forbidden", zone=name or "UTC"))


def _zone_name() -> str:
    named = os.environ.get("TZ", "").lstrip(":")
    if named or sys.platform == "win32":
        return named
    link = Path("/etc/localtime")
    target = str(link.resolve()) if link.exists() else ""
    return target.partition("zoneinfo/")[2]
