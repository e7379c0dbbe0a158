"""Clips as a lawyer writes them: what is known of a file in, findings about it out."""

import tomllib
from collections.abc import Iterator, Mapping
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

from evidence.audit import ClipFacts, SequencePoint, audit_clip, audit_sequence
from evidence.claims import OfficerSource
from evidence.clips import Kind, QualityKind, QualitySpan
from evidence.clock import ClockJudgement, ClockVerdict
from evidence.findings import Finding
from evidence.ids import DeviceId, Digest, OfficerId
from evidence.law import LawPack
from evidence.spans import Span
from tests.support.calendars import beijing_time

CLIPS = Path(__file__).parents[1] / "law" / "clips.toml"
USUAL = "2026-03-02 10:00-10:10"
# fmt: off
KEYS = frozenset({
    "says", "en", "kind", "damaged", "officer", "linked", "clock", "black", "frozen", "silent", "sound", "analysed",
    "recorded", "docked", "uncertainty_s", "counters", "findings",
})
# fmt: on

Row = Mapping[str, object]


def read_clips(file: Path = CLIPS) -> Iterator[Row]:
    """Read every row, refusing keys nobody knows."""
    for row in tomllib.loads(file.read_text("utf-8"))["case"]:
        assert not row.keys() - KEYS, f"{row['says']}: {row.keys() - KEYS}"
        yield row


def found_in(row: Row, pack: LawPack) -> list[str]:
    """Return the findings of a row as the table writes them."""
    findings = audit_sequence(DeviceId("CAM-1"), points_of(row), pack) if "counters" in row else ()
    findings = findings or (() if "counters" in row else audit_clip(facts_of(row), pack))
    return sorted(as_written(finding) for finding in findings)


def as_written(finding: Finding) -> str:
    """Return a finding as the table writes it."""
    assert finding.quote
    return f"{finding.kind} {finding.severity} [{finding.article}]"


def facts_of(row: Row) -> ClipFacts:
    """Return what is known of the clip of a row."""
    span, officer = span_of(row), str(row.get("officer", "P1"))
    docked = str(row.get("docked", "2026-03-02 18:00"))
    return ClipFacts(
        digest=Digest(sha256(str(row["says"]).encode()).hexdigest()),
        kind=Kind(str(row.get("kind", "video"))),
        clock=ClockJudgement(
            ClockVerdict(str(row.get("clock", "trusted"))), span, float(str(row.get("uncertainty_s", 0)))
        ),
        device_id=DeviceId("CAM-1"),
        officer_id=OfficerId(officer) if officer else None,
        officer_source=OfficerSource.ASSIGNMENT if officer else OfficerSource.UNKNOWN,
        has_audio=row.get("sound", True) is True,
        duration_s=span.length_s,
        damaged=row.get("damaged") is True,
        problems=(),
        quality=tuple(quality_of(row)),
        linked=row.get("linked", True) is True,
        analysed=row.get("analysed", True) is True,
        docked_at=beijing_time(docked) if docked else None,
    )


def quality_of(row: Row) -> Iterator[QualitySpan]:
    """Yield the stretches of media time that a row describes."""
    for kind in QualityKind:
        stretches = row.get(kind.value, [])
        assert isinstance(stretches, list)
        yield from (QualitySpan(kind, start, end) for start, end in stretches)


def span_of(row: Row) -> Span:
    """Return when the clip of a row was recorded."""
    start, _, end = str(row.get("recorded", USUAL)).rpartition("-")
    return Span(beijing_time(start), beijing_time(f"{start[:10]} {end}"))


def points_of(row: Row) -> list[SequencePoint]:
    """Return files of one camera, a quarter of an hour apart, with the counters of a row."""
    counters, first = row["counters"], beijing_time("2026-03-02 10:00")
    assert isinstance(counters, list)
    starts = [first + n * timedelta(minutes=15) for n in range(len(counters))]
    return [
        SequencePoint(Digest(f"{n:064x}"), counter, start, start + timedelta(minutes=10))
        for n, (counter, start) in enumerate(zip(counters, starts, strict=True))
    ]
