"""The audit of a device's file counter: a jump says that files are missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from evidence.finding_ids import finding_id
from evidence.findings import Finding, FindingKind, Severity
from evidence.ids import DeviceId, Digest
from evidence.law import LawPack
from evidence.notes import note
from evidence.spans import Span


@dataclass(frozen=True)
class SequencePoint:
    """A file of a device with its counter; only files whose clock is believed take part."""

    digest: Digest
    sequence: int
    start: datetime
    end: datetime


def audit_sequence(device_id: DeviceId, points: Sequence[SequencePoint], pack: LawPack) -> tuple[Finding, ...]:
    """Return a finding for each rise of the counter by more than one between files that follow each other in time.

    A counter that falls was reset or has run round, one that stays is the same file in two forms: neither is a gap.
    """
    ordered = sorted(set(points), key=lambda point: (point.start, point.sequence, point.digest))
    return tuple(
        jump_finding(device_id, before, after, pack)
        for before, after in pairwise(ordered)
        if after.sequence > before.sequence + 1
    )


def jump_finding(device_id: DeviceId, before: SequencePoint, after: SequencePoint, pack: LawPack) -> Finding:
    """Return the finding that files between two others are missing, and when they would have been recorded."""
    kind = FindingKind.SEQ_JUMP
    between = Span(min(before.end, after.start), after.start)
    citation = pack.citations.get(kind)
    what = note(
        "finding.seq_jump.what",
        device=device_id,
        missing=after.sequence - before.sequence - 1,
        before=before.sequence,
        after=after.sequence,
        start_at=between.start,
        end_at=between.end,
    )
    return Finding(
        finding_id=finding_id(kind, device_id, before.digest),
        kind=kind,
        severity=Severity.WEAKNESS,
        what=what,
        why=note("finding.seq_jump.why"),
        cure=note("finding.seq_jump.cure"),
        rule_version=pack.rule_version,
        article=citation.article if citation else "",
        quote=citation.quote if citation else "",
        window=between,
        clips=(before.digest, after.digest),
        device_id=device_id,
    )
