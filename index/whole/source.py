"""Reading the register for a review of everything: stretches of time and cases, as stored rows, part by part."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.ids import OfficerId
from evidence.law import LawPack
from evidence.matching import max_lag_s, max_lead_s
from evidence.shifted import REACH
from evidence.spans import Span
from index import schema
from index.batches import batched
from index.columns import from_us
from index.reach import overlapping
from index.reconcile import case_owner, clip_owner, step_owner
from index.stored import Stored, has_rows, read_stored, stored_column, table_of
from index.whole.cases import ATTACHMENT_COLUMNS, CASE_COLUMNS, DOCUMENT_COLUMNS
from index.whole.filed import SHORT_CLASSES, STEP_COLUMNS, WIDEST
from index.whole.findings import KEPT_COLUMNS
from index.whole.parts import CLIP_COLUMNS, LINK_COLUMNS, SOUND_COLUMNS, SUGGESTION_COLUMNS, Files, Kept, Stretch

CLIPS_AT_ONCE = 40_000
CASES_AT_ONCE = 2000
QUALITY_COLUMNS = ("digest", "kind", "start_s", "end_s")
PROBLEM_COLUMNS = ("digest", "note")
DOUBT_COLUMNS = ("digest", "case_no", "step_no")

Officers = dict[tuple[str, str], tuple[OfficerId, ...]]
_Clip, _Step = schema.Clip, schema.StepRow


@dataclass(frozen=True)
class Source:
    """Reads in one transaction. ``afresh``: neither links nor doubts nor findings are kept yet."""

    session: Session
    pack: LawPack
    afresh: bool

    def _rows(self, wanted: sa.Select[Any]) -> list[Stored]:
        found = self.session.connection().execute(wanted)
        assert found.cursor is not None  # noqa: S101 - a question has an answer
        return [tuple(row) for row in found.cursor.fetchall()]

    # --- stretches of time --------------------------------------------------------------------------------------------

    def bounds(self, size: int = CLIPS_AT_ONCE) -> list[tuple[int, int]]:
        """Return stretches of time, in microseconds, that so many clips begin in, or as many steps."""
        clip, step = table_of(_Clip), table_of(_Step)
        starts = [
            *self._rows(sa.select(stored_column(clip.c.reach_start)).where(clip.c.reach_class < SHORT_CLASSES)),
            *self._rows(sa.select(stored_column(step.c.started_at)).where(step.c.reach_class < SHORT_CLASSES)),
        ]
        moments = sorted(int(str(start)) for (start,) in starts)
        if not moments:
            return []
        edges = [*dict.fromkeys(moments[::size]), moments[-1] + 1]
        return list(pairwise(edges))

    def stretch(self, since_us: int, until_us: int, single: Collection[tuple[str, str]]) -> Stretch:
        """Read a stretch with all that may touch it: what its steps may miss, and the steps of that."""
        own = Span(from_us(since_us), from_us(until_us))
        seen = Span(own.start - REACH, own.end + WIDEST + REACH)
        margins = max_lead_s(self.pack), max_lag_s(self.pack)
        beside = seen.widened(*margins).widened(WIDEST.total_seconds(), WIDEST.total_seconds())
        during = overlapping((_Clip.reach_class, _Clip.reach_start, _Clip.reach_end), seen)
        then = overlapping((_Step.reach_class, _Step.started_at, _Step.ended_at), beside.widened(*reversed(margins)))
        clips = self._rows(read_stored(_Clip, CLIP_COLUMNS).where(during))
        steps = self._rows(read_stored(_Step, STEP_COLUMNS).where(then))
        return Stretch(
            since_us,
            until_us,
            clips,
            steps,
            self._officers(then),
            single,
            self._of_clips(schema.QualitySpanRow, QUALITY_COLUMNS, during, "position"),
            self._of_clips(schema.ProblemRow, PROBLEM_COLUMNS, during, "stage", "position"),
            self._sounds(during),
            self._kept(clips, steps, during),
        )

    def _of_clips(
        self, model: type[Any], columns: Sequence[str], during: sa.ColumnElement[bool], *order: str
    ) -> list[Stored]:
        """Return rows about the clips of a stretch; stages of a problem come in falling order."""
        table = table_of(model)
        ordered = [table.c[name].desc() if name == "stage" else table.c[name] for name in order]
        wanted = read_stored(model, columns).join_from(table, _Clip, _Clip.digest == table.c.digest).where(during)
        return self._rows(wanted.order_by(*ordered)) if has_rows(self.session, model) else []

    def _sounds(self, during: sa.ColumnElement[bool]) -> list[Stored]:
        row = schema.SoundMatchRow
        if not has_rows(self.session, row):
            return []
        wanted = read_stored(row, SOUND_COLUMNS).join_from(row, _Clip, _Clip.digest == row.digest_a)
        return self._rows(wanted.where(during, row.offset_s.is_not(None)).order_by(row.digest_b))

    def _officers(self, which: sa.ColumnElement[bool]) -> Officers:
        worker = schema.StepOfficer
        joined = sa.and_(worker.case_no == _Step.case_no, worker.step_no == _Step.step_no)
        wanted = sa.select(worker.case_no, worker.step_no, worker.officer_id).join_from(_Step, worker, joined)
        named: dict[tuple[str, str], list[tuple[int, OfficerId]]] = defaultdict(list)
        for case_no, step_no, officer, position in self._rows(wanted.add_columns(worker.position).where(which)):
            named[str(case_no), str(step_no)].append((int(str(position)), OfficerId(str(officer))))
        return {key: tuple(officer for _, officer in sorted(some)) for key, some in named.items()}

    def _kept(self, clips: Sequence[Stored], steps: Sequence[Stored], during: sa.ColumnElement[bool]) -> Kept:
        if self.afresh:
            return Kept()
        link, doubt, asked = schema.Link, schema.Doubt, schema.SuggestionRow
        suggestions = read_stored(asked, SUGGESTION_COLUMNS).join_from(asked, _Clip, _Clip.digest == asked.digest)
        links = read_stored(link, LINK_COLUMNS).join_from(link, _Clip, _Clip.digest == link.digest)
        doubts = read_stored(doubt, DOUBT_COLUMNS).join_from(doubt, _Clip, _Clip.digest == doubt.digest)
        owners = [clip_owner(str(row[0])) for row in clips] + [step_owner(str(row[0]), str(row[1])) for row in steps]
        said = [self._rows(wanted.where(during)) for wanted in (links, doubts, suggestions)]
        return Kept(said[0], said[1], said[2], self._findings(owners))

    def _findings(self, owners: Sequence[str]) -> dict[str, list[Stored]]:
        """Return kept findings by owner."""
        row, place = schema.FindingRow, KEPT_COLUMNS.index("owner")
        found: dict[str, list[Stored]] = defaultdict(list)
        for some in batched(owners) if not self.afresh else ():
            for stored in self._rows(read_stored(row, KEPT_COLUMNS).where(row.owner.in_(some))):
                found[str(stored[place])].append(stored)
        return dict(found)

    # --- cases --------------------------------------------------------------------------------------------------------

    def files(self, size: int = CASES_AT_ONCE) -> Iterator[Files]:
        """Yield cases in order of their number, with their steps and text records."""
        case, after = schema.CaseRow, ""
        while cases := self._rows(
            read_stored(case, CASE_COLUMNS).where(case.case_no > after).order_by(case.case_no).limit(size)
        ):
            since, after = str(cases[0][0]), str(cases[-1][0])
            yield self._files(cases, since, after)

    def _files(self, cases: list[Stored], since: str, until: str) -> Files:
        document, file = schema.DocumentRow, schema.AttachmentRow
        these = _Step.case_no.between(since, until)
        steps = read_stored(_Step, STEP_COLUMNS).where(these)
        order = (document.case_no, document.step_no, document.slot, document.document_no)
        documents = read_stored(document, DOCUMENT_COLUMNS).where(document.case_no.between(since, until))
        attached = (file.case_no, file.step_no, file.slot, file.document_no, file.attached_at, file.digest)
        attachments = read_stored(file, ATTACHMENT_COLUMNS).where(file.case_no.between(since, until))
        return Files(
            cases,
            self._rows(steps.order_by(_Step.case_no, _Step.started_at, _Step.step_no)),
            self._officers(these),
            self._rows(documents.order_by(*order)),
            self._rows(attachments.order_by(*attached)),
            Kept(findings=self._findings([case_owner(str(row[0])) for row in cases])),
        )
