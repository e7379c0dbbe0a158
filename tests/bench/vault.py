"""The vault and its ledger: intake, sealing under eight writers, checking a million entries, the register made again.

Run with ``evidock bench vault``. What it stands against is in docs/operations.md.
"""

import hashlib
import multiprocessing
import os
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from multiprocessing.synchronize import Event, Semaphore
from pathlib import Path

from dashboard.rebuilding import rebuild_register
from dashboard.wiring import House, open_house
from evidence.claims import Anchor, Claims, ClaimSource, IdentityClaim, IdentityKind, TimeClaim, ZoneBasis
from evidence.clips import AudioStream, Derivation, Derivative, Kind, Measurement, Playable, Role, Sighting, VideoStream
from evidence.custody import Actor, Authenticated, Entry, EventType, canonical_bytes
from evidence.ids import Digest, StationId
from evidence.ports import Pickup
from evidence.sidecars import Sidecar, moment_of, to_bytes
from index import journal, ledger
from index.engine import Register, open_engine
from tests.bench import intake
from tests.bench.intake import Figure

WRITERS = 8
SEALING_EVERY_S = 0.2
WRITER_S = 6.0
"""How long the writers write."""

PER_ACT = 2
"""Entries of one durable transaction: what the sealing of a file appends, the smallest act of the pipeline."""

HUGE_BYTES = 20 * 1024**3
MILLION = 1_000_000
CLIPS = 4_000
DERIVATIVES = (Role.PROXY, Role.POSTER, Role.SPRITE, Role.CUES, Role.WAVEFORM)
OBJECTS_PER_CLIP = 2 + len(DERIVATIVES)
"""Files of the vault that one clip has: original, sidecar, derivatives."""

MACHINE = Actor("system", Authenticated.MACHINE)
BEGAN = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def run(folder: Path | None = None) -> dict[str, Figure]:
    """Measure everything in ``folder``; needs 10 GB free on its disk, and 25 GB for the memory of taking in 20 GiB."""
    place = (folder or Path.cwd()) / f"bench-vault-{os.getpid()}"
    place.mkdir()
    try:
        taken = intake.run(folder=place)
        return {
            "intake_cold_ratio": taken["intake_cold_ratio"],
            "intake_warm_ratio": taken["intake_warm_ratio"],
            "intake_peak_rss": taken["intake_peak_rss"],
            **huge_intake(place),
            "ledger_sealed_rate": _at_least(sealed_rate(place / "writers"), "entries/s", 2_000),
            "ledger_verify_1m": _at_most(verify_seconds(place / "million"), "s", 60),
            "rebuild_rate": _at_least(rebuild_rate(place / "rebuild"), "objects/s", 5_000),
        }
    finally:
        shutil.rmtree(place)


def _at_least(value: float, unit: str, bar: float) -> Figure:
    return {"value": round(value, 1), "unit": unit, "bar": bar, "ok": value >= bar}


def _at_most(value: float, unit: str, bar: float) -> Figure:
    return {"value": round(value, 1), "unit": unit, "bar": bar, "ok": value <= bar}


def huge_intake(place: Path) -> dict[str, Figure]:
    """Return the memory that taking in 20 GiB needs; nothing where the disk has no room for them."""
    if shutil.disk_usage(place).free < HUGE_BYTES * 1.2:
        return {}
    source = place / "huge.mp4"
    with source.open("wb") as file:
        file.truncate(HUGE_BYTES)  # a hole: what is read of it is as long as if it were written
    peak_mb = intake.peak_rss_mb(source, place / "huge")
    shutil.rmtree(place / "huge")
    source.unlink()
    bar = intake.RSS_BAR_MB
    return {"intake_peak_rss_20gib": {"value": round(peak_mb, 1), "unit": "MB", "bar": bar, "ok": peak_mb < bar}}


# --- sealing ----------------------------------------------------------------------------------------------------------


def sealed_rate(root: Path, per_act: int = PER_ACT) -> float:
    """Return entries per second that eight processes append, each act durable, and that are sealed while they do."""
    with open_house(root) as house:
        context = multiprocessing.get_context("spawn")
        ready, start, ended = context.Semaphore(0), context.Event(), context.Semaphore(0)
        told = (str(house.home.register), per_act, ready, start, ended)
        writers = [context.Process(target=_write, args=told) for _ in range(WRITERS)]
        for writer in writers:
            writer.start()
        for _ in writers:
            ready.acquire()
        before, began = house.sealer.seal().size, time.perf_counter()
        start.set()
        writing = WRITERS
        while writing:
            house.sealer.seal_if_due()
            writing -= ended.acquire(timeout=SEALING_EVERY_S)
        head = house.sealer.seal()
        took_s = time.perf_counter() - began
        for writer in writers:
            writer.join()
        return (head.size - before) / took_s


def _write(path: str, per_act: int, ready: Semaphore, start: Event, ended: Semaphore) -> None:
    register = Register(open_engine(path))
    detail = {"action": "link", "by": "system", "case_no": "2026-001", "step_no": "1", "why": ["x" * 200]}
    with register.reading() as session:
        ledger.heads(session)
    ready.release()
    start.wait()
    until = time.perf_counter() + WRITER_S
    while time.perf_counter() < until:
        entry = Entry(EventType.LINKED, MACHINE, datetime.now(UTC), "a" * 64, detail=detail)
        with register.transaction() as session:
            ledger.append_all(session, [entry] * per_act)
    ended.release()
    register.close()


# --- a million entries ------------------------------------------------------------------------------------------------


def verify_seconds(root: Path, count: int = MILLION) -> float:
    """Return how long the independent check of a sealed ledger of ``count`` entries takes."""
    from storage.reading import LocalReader
    from storage.verify_ledger import Doubts, verify_ledger

    with open_house(root) as house:
        _seal(house, _views(house.sealer.seal().size, count))
        reader, keys = LocalReader(house.home.vault), [str(key) for key in house.keys.vkeys]
        began = time.perf_counter()
        verdict = verify_ledger(reader, Doubts(trusted=keys))
        took_s = time.perf_counter() - began
        if verdict.differences or verdict.size != count:
            raise AssertionError(f"the check found {verdict.differences[:3]} in {verdict.size} entries")
        return took_s


def _views(start: int, count: int) -> Iterator[bytes]:
    for number in range(start, count):
        subject = hashlib.sha256(str(number % 5000).encode()).hexdigest()
        entry = Entry(EventType.VIEWED, Actor("张", Authenticated.UNAUTHENTICATED), BEGAN, subject)
        yield canonical_bytes(number, entry)


def _seal(house: House, entries: Iterator[bytes]) -> None:
    """Seal entries beside the register: what is measured is the check, not the writing."""
    tiles, page = house.sealer.tiles, []
    for entry in entries:
        page.append(entry)
        if len(page) == 65_536:
            tiles.append(page)
            page = []
    tiles.append(page)


# --- the register made again ------------------------------------------------------------------------------------------


def rebuild_rate(root: Path, clips: int = CLIPS) -> float:
    """Return objects of a local vault per second that the register is made again from, to the last commit."""
    with open_house(root) as house:
        start = house.sealer.seal().size
        _seal(house, _lives(house, start, clips))
    register = root / "register.sqlite"
    for suffix in ("", "-wal", "-shm"):
        Path(f"{register}{suffix}").unlink(missing_ok=True)
    began = time.perf_counter()
    outcome = rebuild_register(root, lambda _done, _total: None)
    took_s = time.perf_counter() - began
    if outcome.rebuilt.clips != clips or outcome.adopted or outcome.resumed:
        raise AssertionError(f"not what was laid there: {outcome}")
    return clips * OBJECTS_PER_CLIP / took_s


def _lives(house: House, number: int, clips: int) -> Iterator[bytes]:
    """Lay the objects of clips into the vault, small ones, and yield the entries of their lives."""
    for one in range(clips):
        for entry in _life(house, one):
            yield canonical_bytes(number, entry)
            number += 1


def _life(house: House, one: int) -> list[Entry]:
    at = BEGAN + timedelta(minutes=one)
    body = f"clip {one}".encode()
    with house.vault.stage(len(body)) as staging:
        staging.write(body)
        digest = staging.seal().digest
    seen, pickup = _seen(house, digest, len(body), one, at)
    named = f"AB{one % 40:05}_{one % 90:06}_{at:%Y%m%d%H%M%S}_{one % 9999:04}.mp4"
    claims = Claims(
        (TimeClaim(ClaimSource.FILE_NAME, f"{at:%Y%m%d%H%M%S}", at, ZoneBasis.LOCAL, Anchor.START),),
        (IdentityClaim(IdentityKind.DEVICE, ClaimSource.FILE_NAME, named[:7]),),
    )
    measured = Measurement(
        Kind.VIDEO,
        "video/mp4",
        "mov",
        300.0,
        VideoStream("h264", "High", "yuv420p", 1920, 1080, rate="25/1"),
        AudioStream("aac", 48_000, 1),
        playable_as_is=True,
        tool="ffprobe",
    )
    made = Derivation(
        tuple(_derivative(house, digest, role) for role in DERIVATIVES), Playable.PROXY, 300.0, 7500, tool="ffmpeg"
    )
    told = {"measurement": journal.MEASUREMENT.write(measured), "claims": journal.CLAIMS.write(Claims())}
    shown = {"kind": "video", "media_type": "video/mp4", "tool": "ffprobe"}
    derived = {"derivation": journal.DERIVATION.write(made), "derivatives": {}, "playable": "proxy", "tool": "ffmpeg"}
    return [
        Entry(EventType.RECEIVED, MACHINE, at, digest, detail=journal.seen(pickup, seen, claims)),
        Entry(EventType.SEALED, MACHINE, at, digest, detail={"algorithm": "SHA-256"}),
        Entry(EventType.MEASURED, MACHINE, at, digest, detail={**shown, **told}),
        Entry(EventType.DERIVED, MACHINE, at, digest, detail=derived),
    ]


def _seen(house: House, digest: Digest, size: int, one: int, at: datetime) -> tuple[Sighting, Pickup]:
    key = hashlib.sha256(str(one).encode()).hexdigest()
    pickup = Pickup(key, StationId("hall"), "/dock/hall", f"{one}.mp4", size, 1_700_000_000_000_000_000 + one)
    bare = Sighting(digest, size, pickup.station, pickup.source_path, moment_of(pickup.mtime_ns), at)
    sidecar = Sidecar(bare, key, pickup.mtime_ns, "evidock")
    record = house.vault.put_record("sidecars", sidecar.name, to_bytes(sidecar))
    return Sighting(**{**vars(bare), "sidecar": record}), pickup


def _derivative(house: House, parent: Digest, role: Role) -> Derivative:
    path = house.home.work / "bench-derivative"
    path.write_bytes(f"{role} {parent}".encode())
    digest, size_bytes = house.derivatives.publish(path)
    return Derivative(digest, parent, role, "image/jpeg", size_bytes, "ffmpeg", {"q": "3"})
