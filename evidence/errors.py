"""Every error a caller can act on, in families that are also exit codes of the command line.

::

    EvidockError                      exit
    ├── UsageError                     2   a command was called wrongly
    ├── ConfigError                   10   settings, law packs, device profiles, home folder
    │   ├── ToolMissingError          12   ffmpeg, ffprobe or another program is not there
    │   └── HomeBusyError             13   another Evidock already works on this home
    ├── IntakeError                   20   watched folders, sources, imported records
    │   ├── SourceChangedError        21   the file changed while it was read: take it again
    │   ├── SourceUnreadableError     22   the file cannot be read
    │   └── ImportRefusedError        23   an imported record file has wrong rows
    ├── MediaError                    30   probing and transcoding
    │   ├── MediaTimeoutError         31   the tool ran longer than its cage allows
    │   └── MediaCancelledError       32   a person or a shutdown stopped the tool
    ├── StorageError                  40   the vault and the derivatives beside it
    │   ├── StorageFullError          41   no space left: nothing was lost, free space and retry
    │   ├── ObjectConflictError       42   an object of that name exists with other bytes
    │   └── LockedError               43   a retention that has not run out, or a legal hold, forbids it
    ├── RegisterError                 50   the register
    │   └── NotFoundError             51   no clip, case, step or finding of that name
    ├── IntegrityError                60   a digest, a ledger link or a lock does not agree
    └── WithheldError                 70   confidentiality forbids it

``str()`` of each is one sentence that says what to do; the fields say which subject it is about.
"""

from typing import ClassVar

from evidence.notes import Note


class EvidockError(Exception):
    """Root of the tree.

    Attributes:
        subject: what it is about (a path, a digest, a case number), empty when nothing in particular.
        cure: what the reader can do next.
        reason: the same as a note, for readers of any language; None where nobody wrote one.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, subject: str = "", cure: str = "", reason: Note | None = None) -> None:
        """Keep message, subject and cure apart, and print them as one sentence."""
        super().__init__(message)
        self.message = message
        self.subject = subject
        self.cure = cure
        self.reason = reason

    def __str__(self) -> str:
        """Return one sentence a duty officer can act on."""
        head = f"{self.subject}: {self.message}" if self.subject else self.message
        return f"{head} – {self.cure}" if self.cure else head


class UsageError(EvidockError):
    """A command was called wrongly."""

    exit_code = 2


class ConfigError(EvidockError):
    """Settings, a law pack, a device profile or the home folder cannot be used."""

    exit_code = 10


class ToolMissingError(ConfigError):
    """A program Evidock needs is not on this machine."""

    exit_code = 12


class HomeBusyError(ConfigError):
    """Another Evidock already works on this home."""

    exit_code = 13


class IntakeError(EvidockError):
    """A watched folder, a source file or an imported record cannot be taken in."""

    exit_code = 20


class SourceChangedError(IntakeError):
    """The source changed while it was read; it is taken again when it has settled."""

    exit_code = 21


class SourceUnreadableError(IntakeError):
    """The source cannot be read; it stays where it is and is shown with the reason."""

    exit_code = 22


class ImportRefusedError(IntakeError):
    """An imported record file has rows that cannot be taken; nothing of it was imported."""

    exit_code = 23


class MediaError(EvidockError):
    """A media tool failed on a file."""

    exit_code = 30


class MediaTimeoutError(MediaError):
    """A media tool ran longer than its cage allows."""

    exit_code = 31


class MediaCancelledError(MediaError):
    """A media tool was stopped on purpose; not to be retried by itself."""

    exit_code = 32


class StorageError(EvidockError):
    """The vault, or the derivatives beside it, refused."""

    exit_code = 40


class StorageFullError(StorageError):
    """No space left on the vault's disk."""

    exit_code = 41


class ObjectConflictError(StorageError):
    """An object of that name exists with other bytes; neither was touched."""

    exit_code = 42


class LockedError(StorageError):
    """A retention that has not run out, a legal hold or an open case forbids it; nothing was changed."""

    exit_code = 43


class RegisterError(EvidockError):
    """The register refused."""

    exit_code = 50


class NotFoundError(RegisterError):
    """Nothing of that name is in the register."""

    exit_code = 51


class TokenRefusedError(EvidockError):
    """No token that stands came with the request."""


class ScopeRefusedError(TokenRefusedError):
    """The token that came lets its holder do other things."""


class IntegrityError(EvidockError):
    """Bytes, ledger and register do not agree."""

    exit_code = 60


class WithheldError(EvidockError):
    """A class of confidentiality forbids it; nothing was done."""

    exit_code = 70
