"""Writing what a part came to, in batches."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from index import schema
from index.batches import batched
from index.reconcile import Reconciler
from index.stored import Stored, Storing, table_of
from index.whole.entries import append
from index.whole.findings import FINDING, HISTORY
from index.whole.parts import LINK_COLUMNS, SUGGESTION_COLUMNS, VERDICT_COLUMNS, Outcome

LINK = Storing(schema.Link, LINK_COLUMNS)
SUGGESTION = Storing(schema.SuggestionRow, SUGGESTION_COLUMNS)
DOUBT = Storing(schema.Doubt, ("digest", "case_no", "step_no"))
WAITING = Storing(schema.StepWaiting, ("case_no", "step_no", "device_id"))
FINDING_CLIP = Storing(schema.FindingClip, ("digest", "finding_id"))

WRITTEN = (
    *(schema.Link, schema.SuggestionRow, schema.Doubt),
    *(schema.FindingRow, schema.FindingClip, schema.FindingHistory, schema.LedgerRow),
)
"""Tables that a review fills."""


class Sink:
    """Writes outcomes in one transaction."""

    def __init__(self, session: Session, reconciler: Reconciler) -> None:
        """Take who holds changed findings against the kept ones."""
        self.alone: set[str] = set()
        self._session, self._reconciler = session, reconciler

    def write(self, out: Outcome) -> None:
        """Write all of an outcome."""
        session = self._session
        self.alone.update(out.alone)
        self._replace(LINK, out.relinked)
        self._replace(SUGGESTION, out.resuggested)
        self._delete(SUGGESTION, out.unsuggested)
        self._delete(DOUBT, out.undoubts)
        self._delete(WAITING, out.arrived)
        LINK.write(session, out.links)
        SUGGESTION.write(session, out.suggested)
        DOUBT.write(session, out.doubts)
        WAITING.write(session, out.waiting)
        self._update(schema.Clip, ("digest",), ("linked",), [{"key_digest": d, "linked": on} for d, on in out.linked])
        self._verdicts(out)
        FINDING.write(session, out.findings)
        FINDING_CLIP.write(session, out.finding_clips)
        HISTORY.write(session, out.histories)
        append(session, out.entries)
        if out.changed:
            self._reconciler.reconcile(out.changed)
            session.expunge_all()

    def _verdicts(self, out: Outcome) -> None:
        self._update(schema.StepRow, ("case_no", "step_no"), VERDICT_COLUMNS, out.verdicts)
        dates = [{"key_case_no": case_no, "next_at": at} for case_no, at in out.dates]
        self._update(schema.CaseRow, ("case_no",), ("next_at",), dates)

    def _update(
        self, model: type[schema.Base], keys: Sequence[str], names: Sequence[str], rows: list[dict[str, Any]]
    ) -> None:
        """Set columns of rows that are there, by key."""
        if not rows:
            return
        table = table_of(model)
        here = sa.and_(*(table.c[key] == sa.bindparam(f"key_{key}") for key in keys))
        statement = sa.update(table).where(here).values({name: sa.bindparam(name) for name in names})
        self._session.connection().execute(statement, rows)

    def _replace(self, storing: Storing, stored: list[Stored]) -> None:
        self._delete(storing, stored)
        storing.write(self._session, stored)

    def _delete(self, storing: Storing, stored: list[Stored]) -> None:
        """Delete rows by their key, which is their first columns."""
        keys = [storing.table.c[column.name] for column in storing.table.primary_key]
        for some in batched([row[: len(keys)] for row in stored]):
            self._session.connection().execute(sa.delete(storing.table).where(sa.tuple_(*keys).in_(some)))
