"""The file system's immutable attribute (``chattr +i``): not even root writes or removes the file before it is lifted.

Source: ioctl_iflags(2).
"""

import array
import errno
import fcntl
import os
import sys
from pathlib import Path

from evidence.errors import StorageError
from storage.failures import storage_errors

_WORD = array.array("L", [0]).itemsize
_GET_FLAGS = 2 << 30 | _WORD << 16 | ord("f") << 8 | 1  # FS_IOC_GETFLAGS, _IOR('f', 1, long)
_SET_FLAGS = 1 << 30 | _WORD << 16 | ord("f") << 8 | 2  # FS_IOC_SETFLAGS, _IOW('f', 2, long)
_IMMUTABLE = 0x10  # FS_IMMUTABLE_FL
_IMPOSSIBLE = frozenset({errno.EPERM, errno.ENOTTY, errno.EOPNOTSUPP, errno.EINVAL})


def make_immutable(path: Path, *, on: bool = True) -> None:
    """Set the immutable attribute, or lift it with ``on=False``.

    Raises:
        StorageError: this system, file system or account cannot; the file is otherwise as it was.
    """
    if sys.platform != "linux":
        raise _refused(path)
    with storage_errors(str(path)):
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            _set_flag(descriptor, on=on)
        except OSError as error:
            if error.errno in _IMPOSSIBLE:
                raise _refused(path) from error
            raise
        finally:
            os.close(descriptor)


def is_immutable(path: Path) -> bool:
    """Whether the attribute is set; False where there is no such thing.

    Raises:
        StorageError: the file cannot be looked at.
    """
    if sys.platform != "linux":
        return False
    with storage_errors(str(path)):
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            return bool(_flags(descriptor)[0] & _IMMUTABLE)
        except OSError as error:
            if error.errno in _IMPOSSIBLE:
                return False
            raise
        finally:
            os.close(descriptor)


def _set_flag(descriptor: int, *, on: bool) -> None:
    flags = _flags(descriptor)
    flags[0] = flags[0] | _IMMUTABLE if on else flags[0] & ~_IMMUTABLE
    fcntl.ioctl(descriptor, _SET_FLAGS, flags)


def _flags(descriptor: int) -> "array.array[int]":
    flags = array.array("L", [0])
    fcntl.ioctl(descriptor, _GET_FLAGS, flags, True)  # noqa: FBT003 - the call takes it by position only
    return flags


def _refused(path: Path) -> StorageError:
    return StorageError(
        "the immutable attribute cannot be changed here",
        subject=str(path),
        cure="give the service CAP_LINUX_IMMUTABLE on ext4, XFS or Btrfs, or switch `immutable` off",
    )
