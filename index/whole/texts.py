"""Ledger entries of findings, written at once: what `index.journal.found` tells, as the canonical JSON it becomes.

Two in three entries of a first review are findings, and each says little that another does not.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from json.encoder import encode_basestring
from typing import NamedTuple

from evidence.custody import canonical_json
from evidence.findings import Finding, FindingState
from evidence.spans import Span
from evidence.zones import exact_iso
from index.reconcile import Entered
from index.stored import Told, Written, written_note

_quoted = lru_cache(maxsize=4096)(encode_basestring)


class Said(NamedTuple):
    """The sentences of a finding, written."""

    what: Told
    why: Told
    cure: Told

    def columns(self) -> dict[str, Written]:
        """Return them as their columns hold them."""
        return {"what": self.what.column, "why": self.why.column, "cure": self.cure.column}


class Life(NamedTuple):
    """How a finding came into its state: see `index.schema.FindingRow`. ``at``: when it was found, and changed."""

    owner: str
    state: FindingState
    at: datetime
    answer: Entered


def said_by(finding: Finding) -> Said:
    """Write the sentences of a finding."""
    return Said(written_note(finding.what), written_note(finding.why), written_note(finding.cure))


def found_text(finding: Finding, said: Said, life: Life) -> bytes:
    """Return the detail of a new finding's entry as canonical JSON: keys in order, no white space, UTF-8."""
    at, answer = _quoted(exact_iso(life.at)), life.answer
    claim = f'"claim":{canonical_json(answer.claim.as_plain()).decode()},' if answer.claim else ""
    return (
        f'{{"by":{_quoted(answer.by)},"changed_at":{at},{claim}"claimed_by":{_quoted(answer.claimed_by)},'
        f'"decided_by":{_quoted(answer.decided_by)},"finding":{finding_text(finding, said)},"first_found_at":{at},'
        f'"owner":{encode_basestring(life.owner)},"state":{_quoted(life.state.value)}}}'
    ).encode()


def finding_text(finding: Finding, said: Said) -> str:
    """Return a finding as canonical JSON."""
    return (
        f'{{"article":{_quoted(finding.article)},"case_no":{_named(finding.case_no)},'
        f'"clips":[{",".join(map(encode_basestring, finding.clips))}],"cure":{said.cure.canonical},'
        f'"device_id":{_named(finding.device_id)},"finding_id":"{finding.finding_id}",'
        f'"kind":{_quoted(finding.kind.value)},"procedure":{_named(finding.procedure)},"quote":{_quoted(finding.quote)},'
        f'"rule_version":{_quoted(finding.rule_version)},"severity":{_quoted(finding.severity.value)},'
        f'"step_no":{_named(finding.step_no)},"uncovered":[{_spans(finding.uncovered)}],"what":{said.what.canonical},'
        f'"why":{said.why.canonical},"window":{_span(finding.window) if finding.window else "null"}}}'
    )


def _named(name: str | None) -> str:
    return "null" if name is None else _quoted(name)


def _spans(spans: Iterable[Span]) -> str:
    return ",".join(map(_span, spans))


def _span(span: Span) -> str:
    return f'{{"end":"{_moment(span.end)}","start":"{_moment(span.start)}"}}'


def _moment(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
