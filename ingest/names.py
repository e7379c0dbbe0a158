"""Names a watched folder holds that are not footage, or not yet: documented, so that nobody wonders where a file went.

Three kinds. *Unfinished* files get another name when they are complete: they wait, and are shown as waiting. *Machine*
files are written by operating systems and storage boxes: they are passed over. Everything else is taken, whatever its
suffix: a recorder's log belongs to the evidence.
"""

from enum import StrEnum

UNFINISHED_SUFFIXES = frozenset({
    ".part",  # rsync --partial, Firefox, most dock programs
    ".partial",  # Windows and Edge copies
    ".tmp",  # editors, dock programs
    ".temp",
    ".crdownload",  # Chrome
    ".download",  # Safari
    ".filepart",  # WinSCP
    ".copying",
    ".uploading",
    ".aria2",
    ".!ut",
    ".td",  # Thunder
    ".xltd",  # Thunder
})  # fmt: skip
"""Suffixes of files that are still being written; compared in lower case."""

UNFINISHED_PREFIXES = ("~", ".")
"""``~`` marks scratch copies; a dot hides what rsync, dock programs and FTP servers are still writing."""

UNFINISHED_ENDINGS = ("~",)
"""Back-up copies of editors."""

UNFINISHED_FOLDERS = frozenset({
    "segtemp",  # a recorder's pre-record ring (docs/devices.md, family C); moved to its place when recording begins
    ".segtemp",
})  # fmt: skip
"""Folders whose files move elsewhere when complete; compared in lower case."""

MACHINE_FILES = frozenset({
    "thumbs.db",  # Windows Explorer
    "ehthumbs.db",
    "desktop.ini",
    ".ds_store",  # macOS Finder
    ".localized",
    ".directory",  # KDE
    ".nomedia",  # Android
    ".stfolder",  # Syncthing
    "indexervolumeguid",  # Windows Search on a removable disk
    "wpsettings.dat",
})  # fmt: skip
"""Files that operating systems write into any folder; compared in lower case."""

MACHINE_PREFIXES = (
    "._",  # AppleDouble: what macOS writes beside a file on a foreign disk
    ".nfs",  # an open file that somebody deleted on NFS
    ".fuse_hidden",  # the same on FUSE
    ".smbdelete",  # the same on SMB
)

MACHINE_FOLDERS = frozenset({
    "@eadir",  # Synology thumbnails
    "#recycle",  # Synology, QNAP waste
    "@recycle",
    "$recycle.bin",  # Windows waste
    "recycler",
    ".trash",
    ".trashes",
    "system volume information",
    "lost+found",
    ".spotlight-v100",
    ".fseventsd",
    ".temporaryitems",
    ".documentrevisions-v100",
    ".snapshot",  # NAS snapshots: other copies of the very files watched
    ".snapshots",
    ".zfs",
})  # fmt: skip
"""Folders that operating systems and storage boxes keep for themselves; compared in lower case."""


class Standing(StrEnum):
    """What a name alone says of a file."""

    FOOTAGE = "footage"  # to be taken
    UNFINISHED = "unfinished"  # waits until it gets its final name
    MACHINE = "machine"  # passed over


def is_machine_folder(name: str) -> bool:
    """Whether a folder is one that is not entered."""
    lowered = name.lower()
    return lowered in MACHINE_FOLDERS or lowered.startswith(".trash-")


def standing_of(source_path: str) -> Standing:
    """Return what the path below a watched root says of a file."""
    *folders, name = source_path.lower().split("/")
    if name in MACHINE_FILES or name.startswith(MACHINE_PREFIXES) or any(map(is_machine_folder, folders)):
        return Standing.MACHINE
    hidden = any(folder.startswith(".") for folder in folders)
    return Standing.UNFINISHED if hidden or _is_unfinished(name, folders) else Standing.FOOTAGE


def _is_unfinished(name: str, folders: list[str]) -> bool:
    return (
        name.startswith(UNFINISHED_PREFIXES)
        or name.endswith(UNFINISHED_ENDINGS)
        or name[name.rfind(".") :] in UNFINISHED_SUFFIXES
        or any(folder in UNFINISHED_FOLDERS for folder in folders)
    )
