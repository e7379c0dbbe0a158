"""What a verification finds: every kind of difference, and one difference as a value.

``storage.verify*`` and ``storage.reading*`` re-derive what they check from the documented layout alone and share no
code with what writes: a mistake there must not be able to hide itself here.
"""

from dataclasses import dataclass
from enum import StrEnum

from evidence.notes import Note, note


class DifferenceKind(StrEnum):
    """What does not agree. The catalogues have for each what it means and, under ``….cure``, what to do."""

    # originals
    MISSING = "missing"  # the ledger tells of it, and it is not in its place
    SIZE = "size"
    DIGEST = "digest"  # its bytes do not give its name
    WRITABLE = "writable"  # somebody may write to it
    UNEXPECTED = "unexpected"  # no entry names it: an intake cut off, or a foreign file
    UNREADABLE = "unreadable"
    UNDISPOSED = "undisposed"  # the ledger says it is gone
    VERSIONS = "versions"  # a bucket holds more than the one version that was sealed, or a delete marker

    # locks of originals
    LOCK_SHORT = "lock_short"  # it keeps its original not so long as the ledger says
    LOCK_CHANGED = "lock_changed"  # it is not what the vault last said
    LOCK_DAMAGED = "lock_damaged"
    LOCK_UNEXPECTED = "lock_unexpected"  # of nothing that is there

    # derivatives, which can be made again
    DERIVATIVE_MISSING = "derivative_missing"
    DERIVATIVE_SIZE = "derivative_size"
    DERIVATIVE_DIGEST = "derivative_digest"
    DERIVATIVE_UNREADABLE = "derivative_unreadable"
    DERIVATIVE_UNEXPECTED = "derivative_unexpected"

    # records
    RECORD_MISSING = "record_missing"
    RECORD_CHANGED = "record_changed"  # its bytes do not give the digest its entry names
    RECORD_UNEXPECTED = "record_unexpected"  # no entry names it
    RECORD_UNREADABLE = "record_unreadable"

    # the sealed ledger
    CHECKPOINT_MISSING = "checkpoint_missing"
    CHECKPOINT_DAMAGED = "checkpoint_damaged"  # it cannot be read as a checkpoint
    CHECKPOINT_UNTRUSTED = "checkpoint_untrusted"  # no key that is trusted signed it
    CHECKPOINT_SIGNATURE = "checkpoint_signature"  # one of its signatures is of no known key, or does not hold
    ROOT = "root"  # the entries do not give the root that was signed
    TILE_MISSING = "tile_missing"
    TILE_CHANGED = "tile_changed"
    BUNDLE_MISSING = "bundle_missing"
    BUNDLE_DAMAGED = "bundle_damaged"  # it does not hold as many entries as it must
    ENTRY_CHANGED = "entry_changed"  # its bytes do not give the hash in its tile
    ENTRY_MALFORMED = "entry_malformed"  # it is not written as the format says
    LEDGER_UNEXPECTED = "ledger_unexpected"
    LEDGER_UNREADABLE = "ledger_unreadable"
    KEY_MISSING = "key_missing"  # an entry introduces it
    KEY_DAMAGED = "key_damaged"
    KEY_UNTRUSTED = "key_untrusted"  # nobody introduced it
    NO_KEY = "no_key"  # none is trusted, so nothing could be
    COSIGNED_DAMAGED = "cosigned_damaged"
    STAMP_DAMAGED = "stamp_damaged"

    # the ledger against what is known elsewhere
    ROLLED_BACK = "rolled_back"  # a signed checkpoint tells of more entries
    FORKED = "forked"  # a signed checkpoint tells of other entries
    AGAINST_DAMAGED = "against_damaged"  # what it was to be held against is no checkpoint of this log
    AGAINST_UNTRUSTED = "against_untrusted"  # no known key signed it

    # the register against the ledger
    REGISTER_BEHIND = "register_behind"  # it knows fewer entries than are sealed
    REGISTER_ENTRY = "register_entry"
    REGISTER_ROW = "register_row"
    REGISTER_UNREADABLE = "register_unreadable"  # its ledger cannot be read, so its rows could not be compared
    VAULT_BEHIND = "vault_behind"  # the register saw more entries sealed


@dataclass(frozen=True)
class Difference:
    """One thing that is not as it should be.

    Attributes:
        subject: the digest of an original or derivative; the number of an entry; otherwise a path below the vault, of a
            record below ``records/``.
        expected, found: what was to be there, and what is; empty where there is nothing to say.
        parent: of a derivative, the digest of the original it was made from; otherwise empty.
    """

    kind: DifferenceKind
    subject: str
    expected: str = ""
    found: str = ""
    parent: str = ""

    def as_note(self) -> Note:
        """Return what it means, as a sentence to a person."""
        return note(f"vault.{self.kind.value}", **self._params())

    def cure(self) -> Note:
        """Return what to do, as a sentence to a person."""
        return note(f"vault.{self.kind.value}.cure", **self._params())

    def _params(self) -> dict[str, str]:
        return {"subject": self.subject, "expected": self.expected, "found": self.found, "parent": self.parent}
