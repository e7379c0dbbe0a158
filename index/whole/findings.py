"""Findings of many owners at once: those of owners without kept ones are new rows, the others are compared."""

from collections.abc import Sequence
from typing import Any

from evidence.custody import EventType
from evidence.findings import Finding, FindingState
from index import rows, schema
from index.reconcile import CLAIMS, Audited, entered, standing_state
from index.stored import Stored, Storing
from index.whole.entries import Entries
from index.whole.parts import Knowledge, Outcome
from index.whole.texts import Life, found_text, said_by

FINDING = Storing(schema.FindingRow)
HISTORY = Storing(schema.FindingHistory, ("finding_id", "at", "state", "actor", "reason", "claim"))
STATED = Storing(
    schema.FindingRow,
    [
        name
        for name in FINDING.columns
        if name
        not in {
            "state",
            "first_found_at",
            "changed_at",
            "claimed_by",
            "decided_by",
            "reason",
            "claim",
        }
    ],
)
KEPT_COLUMNS = (*STATED.columns, "state")


LEFT_ALONE = frozenset({FindingState.RESOLVED, FindingState.EXEMPT_CLAIMED})
"""States that ask for more than the columns here: what stood before, and who claims with which reason."""


class Findings:
    """Turns what audits state into rows, for one part."""

    def __init__(self, knowledge: Knowledge, kept: dict[str, list[Stored]], entries: Entries, out: Outcome) -> None:
        """Take the kept rows by owner, with `KEPT_COLUMNS`."""
        self._actor, self._at = knowledge.actor, knowledge.at
        self._kept, self._entries, self._out = kept, entries, out

    def state(self, each: Audited) -> None:
        """Take what an audit states of an owner."""
        kept = self._kept.get(each.owner)
        if kept is None:
            for finding in each.findings:
                self._open(finding, each)
        elif not is_as_kept(each, kept):
            self._out.changed.append(each)

    def _open(self, finding: Finding, each: Audited) -> None:
        state = each.exemption or FindingState.OPEN
        answer = entered(state, each, self._actor)
        said = said_by(finding)
        values: dict[str, Any] = {
            **rows.finding_values(finding),
            **said.columns(),
            "owner": each.owner,
            "state": state,
            "reason": answer.reason,
            "claim": answer.claim,
            "first_found_at": self._at,
            "changed_at": self._at,
            "claimed_by": answer.claimed_by,
            "decided_by": answer.decided_by,
        }
        out, name = self._out, finding.finding_id
        out.findings.append(FINDING.row(values))
        out.finding_clips += [(digest, name) for digest in dict.fromkeys(finding.clips)]
        told = {"finding_id": name, "at": self._at, "state": state, "actor": answer.by, "reason": answer.reason}
        told["claim"] = answer.claim if state in CLAIMS else None
        out.histories.append(HISTORY.row(told))
        life = Life(each.owner, state, self._at, answer)
        out.entries += self._entries.written(EventType.FOUND, name, found_text(finding, said, life), answer.reason)


def is_as_kept(each: Audited, kept: Sequence[Stored]) -> bool:
    """Whether an owner's findings are kept just as they are stated, so that nothing has to be done."""
    known = {str(row[0]): row for row in kept}
    for finding in each.findings:
        row = known.pop(finding.finding_id, None)
        if row is None or row[:-1] != STATED.row({**rows.finding_values(finding), "owner": each.owner}):
            return False
        state = FindingState(str(row[-1]))
        if state in LEFT_ALONE or standing_state(state, each) is not state:
            return False
    return all(row[-1] == FindingState.RESOLVED for row in known.values())
