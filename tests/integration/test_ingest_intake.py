"""Intake of real files into a real vault: what it seals, what it refuses, and what it leaves untouched."""

import os
import socket
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from evidence.claims import Claims
from evidence.errors import (
    IntegrityError,
    MediaCancelledError,
    SourceChangedError,
    SourceUnreadableError,
    StorageFullError,
)
from evidence.ids import StationId
from evidence.ports import PickupState
from evidence.sidecars import FOLDER, from_bytes
from ingest import pickups
from ingest.intake import Intake
from ingest.source import CHUNK_BYTES
from storage.local_vault import LocalVault
from tests.support.index import MACHINE, World
from tests.support.storage import NOON, files_below, pickup_of, read, run_child, seal, sha256

if TYPE_CHECKING:
    from collections.abc import Callable

YEAR_2400_NS = 13_569_465_600 * 10**9
BODY = os.urandom(CHUNK_BYTES * 3 + 17)


def quiet(_share: float) -> None:
    """Report to nobody."""


def never() -> bool:
    """Go on."""
    return False


def append(path: Path, more: bytes) -> None:
    """Add bytes to a file."""
    with path.open("ab") as file:
        file.write(more)


class SteppingClock:
    """A clock that goes one minute further each time it is asked."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now


@pytest.fixture(name="dock")
def _dock(tmp_path: Path) -> Path:
    dock = tmp_path / "dock"
    dock.mkdir()
    (dock / "clip.mp4").write_bytes(BODY)
    return dock


@pytest.fixture(name="vault")
def _vault(tmp_path: Path) -> LocalVault:
    return LocalVault(tmp_path / "vault", tmp_path / "work")


@pytest.fixture(name="intake")
def _intake(vault: LocalVault) -> Intake:
    return Intake(vault, SteppingClock(), tool="evidock test")


def test_a_file_of_the_year_2400_is_sealed_with_a_time_that_registers_can_hold(
    dock: Path, vault: LocalVault, intake: Intake, tmp_path: Path
) -> None:
    """Its modification time becomes the last that 64 bits hold, for all alike; it counts as unchanged."""
    file = dock / "clip.mp4"
    os.utime(file, ns=(YEAR_2400_NS, YEAR_2400_NS))
    if file.stat().st_mtime_ns != YEAR_2400_NS:
        pytest.skip("this file system cannot hold such a time")
    pickup = pickups.pickup_of(StationId("A"), dock, file)
    assert pickup.mtime_ns == (1 << 63) - 1
    sighting = intake.take(pickup, quiet, never)
    assert read(vault, sighting.digest) == BODY
    world = World(tmp_path)
    with world.transaction() as tx:
        world.catalogue.note_pickup(tx, pickup, PickupState.WAITING, None, NOON)
        assert world.catalogue.record_sealed(tx, pickup, sighting, Claims(), MACHINE)
    assert world.library.clip(sighting.digest).sightings[0].mtime == sighting.mtime
    world.close()


def test_a_file_is_sealed_byte_for_byte_with_its_sidecar(dock: Path, vault: LocalVault, intake: Intake) -> None:
    """Original, digest and sighting agree, and the sealed sidecar says the same."""
    pickup = pickup_of(dock, "clip.mp4")
    sighting = intake.take(pickup, quiet, never)
    assert sighting.digest == sha256(BODY)
    assert read(vault, sighting.digest) == BODY
    assert (sighting.size_bytes, sighting.source_path, sighting.received_at) == (
        len(BODY),
        "clip.mp4",
        NOON + timedelta(minutes=1),
    )
    [(name, body)] = vault.records(FOLDER)
    assert name == f"{sighting.digest}.{pickup.key[:16]}.json"
    sidecar = from_bytes(name, body)
    told = replace(sidecar.sighting, sidecar=sha256(body))
    assert (told, sidecar.mtime_ns, sidecar.tool) == (sighting, pickup.mtime_ns, "evidock test")


def test_the_source_is_untouched(dock: Path, intake: Intake) -> None:
    """Bytes, size, mode, times – the access time too – and inode are what they were."""
    path = dock / "clip.mp4"
    os.utime(path, ns=(1_000_000_000, 2_000_000_000_123_456_789))
    before = path.stat()
    intake.take(pickup_of(dock, "clip.mp4"), quiet, never)
    assert path.stat() == before
    assert path.read_bytes() == BODY


def test_the_same_pickup_again_gives_the_first_sighting(dock: Path, vault: LocalVault, intake: Intake) -> None:
    """A run repeated after a crash changes nothing, the intake time least of all."""
    pickup = pickup_of(dock, "clip.mp4")
    first = intake.take(pickup, quiet, never)
    assert intake.take(pickup, quiet, never) == first
    assert len(list(vault.records(FOLDER))) == 1


def test_the_same_bytes_under_another_name_are_one_original_and_two_sightings(
    dock: Path, vault: LocalVault, intake: Intake
) -> None:
    """Docked twice: each sighting has its own sidecar and intake time."""
    (dock / "again.mp4").write_bytes(BODY)
    one = intake.take(pickup_of(dock, "clip.mp4"), quiet, never)
    other = intake.take(pickup_of(dock, "again.mp4"), quiet, never)
    assert one.digest == other.digest
    assert one.received_at < other.received_at
    assert len(list(vault.originals())) == 1
    assert len(list(vault.records(FOLDER))) == 2


def test_an_empty_file_is_sealed_too(dock: Path, vault: LocalVault, intake: Intake) -> None:
    """Nothing is lost, also not the fact that a camera wrote nothing."""
    (dock / "empty.mp4").touch()
    shares: list[float] = []
    sighting = intake.take(pickup_of(dock, "empty.mp4"), shares.append, never)
    assert (sighting.digest, sighting.size_bytes) == (sha256(b""), 0)
    assert vault.has(sighting.digest)
    assert shares == [1.0]


def test_progress_never_decreases_and_ends_at_one(dock: Path, intake: Intake) -> None:
    """One report per chunk."""
    shares: list[float] = []
    intake.take(pickup_of(dock, "clip.mp4"), shares.append, never)
    assert shares == sorted(shares)
    assert len(shares) >= 4
    assert shares[-1] == 1.0


@pytest.mark.parametrize("change", ["grow", "shrink", "rewrite"])
def test_a_file_that_changes_while_it_is_read_is_not_sealed(
    dock: Path, vault: LocalVault, intake: Intake, change: str
) -> None:
    """Growing, shrinking or written over: SourceChangedError, and no original."""
    path = dock / "clip.mp4"
    changes: dict[str, Callable[[], object]] = {
        "grow": lambda: append(path, b"more"),
        "shrink": lambda: os.truncate(path, CHUNK_BYTES),
        "rewrite": lambda: os.utime(path, ns=(1, 1)),
    }

    def meddle(share: float) -> None:
        if share < 0.5:
            changes[change]()

    with pytest.raises(SourceChangedError):
        intake.take(pickup_of(dock, "clip.mp4"), meddle, never)
    assert list(vault.originals()) == []
    assert files_below(dock) == ["clip.mp4"]


def test_a_file_that_changed_since_it_settled_is_not_read(dock: Path, vault: LocalVault, intake: Intake) -> None:
    """The pickup announced other bytes: it is taken again when it has settled."""
    pickup = pickup_of(dock, "clip.mp4")
    (dock / "clip.mp4").write_bytes(b"other")
    with pytest.raises(SourceChangedError, match="5 are there"):
        intake.take(pickup, quiet, never)
    assert list(vault.originals()) == []


def test_a_source_removed_while_it_is_read_is_still_sealed(dock: Path, vault: LocalVault, intake: Intake) -> None:
    """The dock let go early; every byte was there to be read, so nothing is lost."""
    pickup = pickup_of(dock, "clip.mp4")
    sighting = intake.take(pickup, lambda _share: (dock / "clip.mp4").unlink(missing_ok=True), never)
    assert read(vault, sighting.digest) == BODY


def test_a_stop_leaves_nothing(dock: Path, vault: LocalVault, intake: Intake, tmp_path: Path) -> None:
    """A shutdown in the middle: no original, no scratch, the source where it was."""
    with pytest.raises(MediaCancelledError):
        intake.take(pickup_of(dock, "clip.mp4"), quiet, lambda: True)
    assert list(vault.originals()) == []
    assert files_below(tmp_path / "work") == []


@pytest.mark.parametrize("kind", ["link", "folder link", "pipe", "socket", "folder"])
def test_what_is_not_a_regular_file_is_refused(dock: Path, intake: Intake, tmp_path: Path, kind: str) -> None:
    """Links, also on the way, pipes, sockets and folders are refused by name; none is followed or waited on."""
    name = "odd"
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_text("secret")
    if kind == "link":
        (dock / "odd").symlink_to(tmp_path / "outside" / "secret")
    elif kind == "folder link":
        (dock / "odd").symlink_to(tmp_path / "outside")
        name = "odd/secret"
    elif kind == "pipe":
        os.mkfifo(dock / "odd")
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(dock / "odd"))
    else:
        (dock / "odd").mkdir()
    with pytest.raises(SourceUnreadableError) as caught:
        intake.take(pickup_of(dock, name), quiet, never)
    assert caught.value.subject == name


@pytest.mark.parametrize("path", ["../outside", "/etc/hostname", "a/../../outside", "", "nul\0"])
def test_a_path_cannot_leave_the_watched_folder(dock: Path, intake: Intake, path: str) -> None:
    """Whatever a pickup says, nothing outside the root is opened."""
    pickup = pickup_of(dock, "clip.mp4")
    stray = type(pickup)(pickup.key, pickup.station, pickup.root, path, pickup.size_bytes, pickup.mtime_ns)
    with pytest.raises(SourceUnreadableError, match="leaves the watched folder"):
        intake.take(stray, quiet, never)


def test_a_source_that_is_gone_is_unreadable_with_that_reason(dock: Path, intake: Intake) -> None:
    """The person reads that it is no longer there."""
    pickup = pickup_of(dock, "clip.mp4")
    (dock / "clip.mp4").unlink()
    with pytest.raises(SourceUnreadableError, match="no longer there"):
        intake.take(pickup, quiet, never)


FORBIDDEN = """
import os, sys
from pathlib import Path
from evidence.errors import SourceUnreadableError
from ingest.source import Source
from tests.support.storage import pickup_of
pickup = pickup_of(Path(sys.argv[1]), "clip.mp4")
os.setresuid(65534, 65534, 65534)
try:
    Source(pickup)
except SourceUnreadableError as error:
    sys.exit(7 if "may not read" in str(error) else 8)
"""


def test_a_source_this_account_may_not_read_is_named(dock: Path) -> None:
    """Refused by the system's rights: the reason says so."""
    if os.geteuid():
        pytest.skip("giving up rights in a child needs to have them")
    let_others_in(dock)
    (dock / "clip.mp4").chmod(0o600)
    assert run_child(FORBIDDEN, str(dock)) == 7


def test_another_owners_file_is_read_without_the_right_to_spare_its_access_time(dock: Path) -> None:
    """Where the system does not permit O_NOATIME the file is read all the same."""
    if os.geteuid():
        pytest.skip("giving up rights in a child needs to have them")
    let_others_in(dock)
    (dock / "clip.mp4").chmod(0o644)
    code = FORBIDDEN.replace("    Source(pickup)", "    sys.exit(9 if sum(map(len, Source(pickup).chunks())) else 8)")
    assert run_child(code, str(dock)) == 9


def let_others_in(folder: Path) -> None:
    """Open the temporary folders above (pytest closes them to other users), as many as a worker's path has."""
    for above in (folder, *folder.parents):
        if above.name.startswith("pytest-") or any(part.startswith("pytest-") for part in above.parts):
            above.chmod(0o755)


ODD_NAMES = {
    "newline": b"a\nb.mp4",
    "gb18030": "执法记录.mp4".encode("gb18030"),
    "utf-8": "执法记录 2026-03-02.mp4".encode(),
    "255 bytes": b"x" * 251 + b".mp4",
    "percent and quotes": b"%(x)s '\" {}.mp4",
    "deep": b"/".join([b"d" * 200] * 22) + b"/clip.mp4",
}


@pytest.mark.parametrize("raw", ODD_NAMES.values(), ids=ODD_NAMES)
def test_odd_names_are_taken_as_they_are(dock: Path, vault: LocalVault, intake: Intake, raw: bytes) -> None:
    """Any name a file system allows comes in, and the sidecar keeps it exactly."""
    source_path = os.fsdecode(raw)
    here = Path.cwd()
    try:
        os.chdir(dock)
        for folder in source_path.split("/")[:-1]:  # part by part: the whole is longer than one call may name
            Path(folder).mkdir()
            os.chdir(folder)
        Path(source_path.split("/")[-1]).write_bytes(b"odd")
        found = Path(source_path.split("/")[-1]).stat()
    finally:
        os.chdir(here)
    plain = pickup_of(dock, "clip.mp4", key="f" * 64)
    pickup = type(plain)(plain.key, plain.station, plain.root, source_path, found.st_size, found.st_mtime_ns)
    sighting = intake.take(pickup, quiet, never)
    assert read(vault, sighting.digest) == b"odd"
    [(name, body)] = vault.records(FOLDER)
    assert os.fsencode(from_bytes(name, body).sighting.source_path) == raw


def test_a_full_disk_refuses_before_reading(dock: Path, intake: Intake) -> None:
    """A pickup larger than the disk is refused before a byte of it is copied."""
    plain = pickup_of(dock, "clip.mp4")
    huge = type(plain)(plain.key, plain.station, plain.root, plain.source_path, 1 << 60, plain.mtime_ns)
    with pytest.raises(StorageFullError, match="are needed and"):
        intake.take(huge, quiet, never)


def test_a_damaged_original_keeps_the_source_from_being_called_sealed(
    dock: Path, vault: LocalVault, intake: Intake
) -> None:
    """The dock gets no receipt on the word of a rotten original."""
    place = vault.locate(seal(vault, BODY).digest)
    place.chmod(0o644)
    place.write_bytes(BODY[:-1])
    with pytest.raises(IntegrityError, match="other bytes under this digest"):
        intake.take(pickup_of(dock, "clip.mp4"), quiet, never)
