"""A short list of reasons for tests, and what people say with them."""

from evidence.findings import FindingKind
from evidence.ids import Digest
from evidence.reasons import GivenReason, Purpose, Reason

BROKEN = Reason(
    "BROKEN",
    {"zh-CN": "执法记录仪损坏", "en": "camera broken"},
    Purpose.EXPLANATION,
    frozenset({FindingKind.NO_AV, FindingKind.HOLE}),
    needs_note=True,
    needs_file=True,
    set_by="test",
    reference="test",
)
TOLD = Reason(
    "TOLD",
    {"zh-CN": "其他说明", "en": "told otherwise"},
    Purpose.EXPLANATION,
    needs_note=True,
    set_by="test",
    reference="test",
)
UNSUITABLE = Reason(
    "UNSUITABLE",
    {"zh-CN": "不适宜音像记录", "en": "not suitable"},
    Purpose.EXEMPTION,
    needs_note=True,
    article="11",
    quote="不适宜音像记录的除外",
    set_by="test",
    reference="test",
)
REASONS = {one.code: one for one in (BROKEN, TOLD, UNSUITABLE)}


def because(note: str, *files: str) -> GivenReason:
    """Return an explanation in a person's own words."""
    return GivenReason(TOLD.code, note, tuple(Digest(one) for one in files))


def unsuitable(note: str, *files: str) -> GivenReason:
    """Return what is given for an exemption."""
    return GivenReason(UNSUITABLE.code, note, tuple(Digest(one) for one in files))
