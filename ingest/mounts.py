"""Whether a folder's file system tells us of changes that other machines make.

Source: inotify(7), "Limitations and caveats": it reports only what happens through this kernel; network file systems
are to be polled.
"""

import os
import re
from pathlib import Path

from ingest.stations import Root, WatchMode

MOUNTS = Path("/proc/self/mounts")

SILENT_TYPES = frozenset({
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "9p", "ceph", "lustre", "beegfs", "gfs2", "ocfs2", "glusterfs",
    "virtiofs", "vboxsf", "prl_fs", "vmhgfs", "davfs", "fuse", "fuseblk",
})  # fmt: skip
"""File systems that others write behind this kernel's back; any ``fuse.…`` counts as well."""

_OCTAL = re.compile(r"\\([0-7]{3})")


def mode_for(root: Root, mounts: Path = MOUNTS) -> WatchMode:
    """Return NATIVE or POLLING for a root; what the settings say wins over what the mount table says."""
    if root.mode is not WatchMode.AUTO:
        return root.mode
    return WatchMode.POLLING if is_silent(file_system_type(root.path, mounts)) else WatchMode.NATIVE


def is_silent(kind: str) -> bool:
    """Whether a file system of this type sends no events for what others change."""
    return kind in SILENT_TYPES or kind.startswith("fuse.")


def file_system_type(path: Path, mounts: Path = MOUNTS) -> str:
    """Return the type of the file system a path lies on, or nothing where no mount table can be read (not Linux)."""
    try:
        table = mounts.read_text("utf-8", errors="surrogateescape")
    except OSError:
        return ""
    real = os.path.realpath(path)
    best, kind = "", ""
    for line in table.splitlines():
        _, point, found, *_ = (*line.split(" "), "", "", "")
        where = _OCTAL.sub(lambda code: chr(int(code[1], 8)), point)
        if len(where) >= len(best) and _lies_in(real, where):  # a later mount on one point hides the earlier
            best, kind = where, found
    return kind


def _lies_in(path: str, folder: str) -> bool:
    return bool(folder) and (path == folder or path.startswith(folder.rstrip("/") + "/"))
