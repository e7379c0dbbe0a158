"""What one finding about a step or a case is about, before it is written out with its names and its article."""

from dataclasses import dataclass

from evidence.findings import FindingKind, Severity
from evidence.ids import Digest
from evidence.notes import Note
from evidence.spans import Span


@dataclass(frozen=True)
class Matter:
    """What is the matter.

    Attributes:
        subject: what tells it from others of its kind about the same step (`evidence.finding_ids.finding_id`).
    """

    kind: FindingKind
    severity: Severity
    what: Note
    why: Note
    cure: Note
    uncovered: tuple[Span, ...] = ()
    clips: tuple[Digest, ...] = ()
    subject: tuple[str, ...] = ()
