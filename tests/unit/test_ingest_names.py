"""Names of watched files: what is footage, what waits, what is passed over; text and key of a pickup; stations."""

import os
from pathlib import Path

import pytest

from evidence.errors import SourceUnreadableError
from evidence.ids import StationId
from ingest.mounts import file_system_type, mode_for
from ingest.names import Standing, standing_of
from ingest.pickups import local_path, moment_of_ns, pickup_key, pickup_of, to_native, to_text
from ingest.stations import Root, WatchMode, list_stations, native_of, place_of


@pytest.mark.parametrize(
    ("path", "standing"),
    [
        ("a/AB00001_XX0001_20170623093621.MOV", Standing.FOOTAGE),
        ("DCIM/LOGS/20180101.log", Standing.FOOTAGE),
        ("no suffix", Standing.FOOTAGE),
        ("x.mp4.part", Standing.UNFINISHED),
        ("x.PART", Standing.UNFINISHED),
        ("x.tmp", Standing.UNFINISHED),
        ("x.mp4.crdownload", Standing.UNFINISHED),
        ("x.mp4.filepart", Standing.UNFINISHED),
        (".x.mp4.AbC123", Standing.UNFINISHED),
        ("~$list.xlsx", Standing.UNFINISHED),
        ("notes.txt~", Standing.UNFINISHED),
        ("SEGTEMP/20180101120000.mp4", Standing.UNFINISHED),
        ("DCIM/segtemp/20180101120000.mp4", Standing.UNFINISHED),
        (".incoming/x.mp4", Standing.UNFINISHED),
        ("Thumbs.db", Standing.MACHINE),
        ("a/.DS_Store", Standing.MACHINE),
        ("DESKTOP.INI", Standing.MACHINE),
        ("._x.mp4", Standing.MACHINE),
        ("@eaDir/x.mp4/thumb.jpg", Standing.MACHINE),
        ("lost+found/#123", Standing.MACHINE),
        ("System Volume Information/IndexerVolumeGuid", Standing.MACHINE),
        (".Trash-1000/files/x.mp4", Standing.MACHINE),
    ],
)
def test_what_a_name_says(path: str, standing: Standing) -> None:
    """Unfinished files wait, machine files are passed over, everything else is evidence whatever its suffix."""
    assert standing_of(path) is standing


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (b"plain.mp4", "plain.mp4"),
        ("执法.mp4".encode(), "执法.mp4"),
        ("测试.mp4".encode("gb18030"), "%B2%E2%CA%D4.mp4"),
        (b"100%.mp4", "100%.mp4"),
        (b"a%20b.mp4", "a%20b.mp4"),
        (b"a%FFb.mp4", "a%25FFb.mp4"),
        (b"a%25b.mp4", "a%2525b.mp4"),
        (b"a\xffb", "a%FFb"),
    ],
)
def test_any_name_becomes_valid_text_and_leads_back(name: bytes, text: str) -> None:
    """Bytes that are not UTF-8 are escaped; names that are valid stay readable; the way back is exact."""
    assert to_text(os.fsdecode(name)) == text
    assert os.fsencode(to_native(text)) == name


def test_a_pickup_leads_back_to_a_file_whose_name_is_not_utf8(tmp_path: Path) -> None:
    """The file of a GB18030 dock can be opened from what the register holds."""
    native = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xb2\xe2.mp4"))
    native.write_bytes(b"footage")
    pickup = pickup_of(StationId("S1"), tmp_path, native)
    assert pickup.source_path.encode() == b"%B2%E2.mp4"
    assert local_path(pickup).read_bytes() == b"footage"


def test_the_key_tells_station_path_size_and_time_apart() -> None:
    """Two pickups share a key only when all five agree, wherever the borders between them lie."""
    one = pickup_key(StationId("S1"), "/dock", "a.mp4", 1, 2)
    assert one == pickup_key(StationId("S1"), "/dock", "a.mp4", 1, 2)
    others = {
        pickup_key(StationId("S2"), "/dock", "a.mp4", 1, 2),
        pickup_key(StationId("S1"), "/card", "a.mp4", 1, 2),
        pickup_key(StationId("S1"), "/dock", "b.mp4", 1, 2),
        pickup_key(StationId("S1"), "/dock", "a.mp4", 2, 2),
        pickup_key(StationId("S1"), "/dock", "a.mp4", 1, 3),
        pickup_key(StationId("S1a"), "/dock", ".mp4", 1, 2),
    }
    assert one not in others
    assert len(others) == 6


def test_a_folder_is_no_pickup(tmp_path: Path) -> None:
    """Only regular files can be picked up; what is gone says so."""
    (tmp_path / "d").mkdir()
    for name in ("d", "gone"):
        with pytest.raises(SourceUnreadableError):
            pickup_of(StationId("S1"), tmp_path, tmp_path / name)


@pytest.mark.parametrize(("mtime_ns", "year"), [(0, 1970), (-(10**30), 1), (10**30, 9999)])
def test_any_modification_time_is_a_moment(mtime_ns: int, year: int) -> None:
    """A damaged directory entry does not stop an intake."""
    assert moment_of_ns(mtime_ns).year == year


def test_each_folder_of_the_dock_is_a_station(tmp_path: Path) -> None:
    """In a root of stations the first folder names the station; a named root files everything under its name."""
    dock = Root(tmp_path / "dock")
    inside = place_of(dock, f"{tmp_path}/dock/S1/a/b.mp4")
    assert (inside.station, inside.root, inside.source_path) == ("S1", f"{tmp_path}/dock/S1", "a/b.mp4")
    named = place_of(Root(tmp_path / "west", StationId("W")), f"{tmp_path}/west/S1/b.mp4")
    assert (named.station, named.source_path) == ("W", "S1/b.mp4")


def test_a_file_directly_in_the_dock_is_not_lost(tmp_path: Path) -> None:
    """It is filed under the dock folder's own name."""
    loose = place_of(Root(tmp_path / "dock"), f"{tmp_path}/dock/b.mp4")
    assert (loose.station, loose.source_path) == ("dock", "b.mp4")


def test_a_place_leads_back_to_its_file(tmp_path: Path) -> None:
    """Station and source path name the file again; another station's root has no such file."""
    root = Root(tmp_path / "dock")
    (tmp_path / "dock/S1").mkdir(parents=True)
    for native in (f"{tmp_path}/dock/S1/a.mp4", f"{tmp_path}/dock/b.mp4"):
        Path(native).touch()
        found = place_of(root, native)
        assert native_of(root, found.station, found.source_path) == native
    assert native_of(Root(tmp_path, StationId("X")), StationId("S1"), "a.mp4") is None


def test_the_stations_are_the_folders_there_now(tmp_path: Path) -> None:
    """Hidden and machine folders are no stations; a named root is one even while it is away."""
    for name in ("S2", "S1", ".hidden", "@eaDir"):
        (tmp_path / name).mkdir()
    roots = [Root(tmp_path), Root(tmp_path / "away", StationId("W")), Root(tmp_path / "none")]
    assert list_stations(roots) == ("S1", "S2", "W")


MOUNTS = r"""/dev/sda1 / ext4 rw 0 0
//nas/dock /mnt/dock cifs rw 0 0
nas:/x /mnt/with\040space nfs4 rw 0 0
/dev/sdb1 /mnt/dock/card vfat rw 0 0
host /mnt/ssh fuse.sshfs rw 0 0
"""


@pytest.mark.parametrize(
    ("path", "kind", "mode"),
    [
        ("/srv/dock", "ext4", WatchMode.NATIVE),
        ("/mnt/dock/a", "cifs", WatchMode.POLLING),
        ("/mnt/dock/card/a", "vfat", WatchMode.NATIVE),
        ("/mnt/dockside", "ext4", WatchMode.NATIVE),
        ("/mnt/with space/a", "nfs4", WatchMode.POLLING),
        ("/mnt/ssh", "fuse.sshfs", WatchMode.POLLING),
    ],
)
def test_shares_without_events_are_polled(tmp_path: Path, path: str, kind: str, mode: WatchMode) -> None:
    """The mount table says where events come; the longest mount point that holds the path counts."""
    table = tmp_path / "mounts"
    table.write_text(MOUNTS, "utf-8")
    assert file_system_type(Path(path), table) == kind
    assert mode_for(Root(Path(path)), table) is mode


def test_the_settings_overrule_the_mount_table(tmp_path: Path) -> None:
    """A root that is set to polling is polled; without a mount table, events are believed."""
    assert mode_for(Root(tmp_path, mode=WatchMode.POLLING)) is WatchMode.POLLING
    assert mode_for(Root(tmp_path), tmp_path / "no-table") is WatchMode.NATIVE
