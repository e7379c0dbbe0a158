"""A stretch of time: its clips linked, its steps audited, its clips audited. Pure but for what it is given."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from operator import attrgetter, itemgetter
from typing import Any

from evidence.audit import audit_clip, cameras_awaited
from evidence.cases import Step
from evidence.claims import OfficerSource
from evidence.clips import ClipState, Kind
from evidence.company import Company
from evidence.custody import Entry, EventType
from evidence.documents import folded
from evidence.findings import StepState, StepVerdict
from evidence.matching import BELIEVED, margin_of, max_lag_s, max_lead_s
from evidence.scoring import SHORTEST_PLACE
from evidence.shifted import Stray
from evidence.spans import Span
from index import journal, rows, schema
from index.auditing import audited_step, clip_facts, exemption_of, verdict_of
from index.carriers import carriers_of
from index.columns import from_us
from index.facts import step_key
from index.reconcile import Audited, clip_owner
from index.sounds import heard_pair
from index.stored import Stored
from index.strays import near, refused_for, stray_of
from index.whole.company import Neighbours
from index.whole.entries import Entries
from index.whole.filed import CLIP, SHORT_CLASSES, STEP, WIDEST, ByTime, Filed
from index.whole.findings import Findings
from index.whole.forms import Reading, notes_read
from index.whole.links import LinkReview, Present, present_of
from index.whole.parts import SOUND_COLUMNS, VERDICT_COLUMNS, Knowledge, Outcome, Stretch

_SOUND = Reading(schema.SoundMatchRow, SOUND_COLUMNS)
_QUALITY = Reading(schema.QualitySpanRow, ("digest", "kind", "start_s", "end_s"))
_PROBLEM = Reading(schema.ProblemRow, ("digest", "note"))


def is_recording(clip: Any) -> bool:  # noqa: ANN401 - a clip's row
    """Whether a clip is a measured recording with a time."""
    return clip.reach_start is not None and clip.state is not ClipState.SEALED and clip.kind is not Kind.OTHER


def is_misplaced(clip: Any) -> bool:  # noqa: ANN401 - a clip's row
    """Say what `index.strays.misplaced` says of a row."""
    doubted = clip.officer_source is OfficerSource.ASSIGNMENT and clip.suspected_s is not None
    return clip.officer_id is None or doubted


class StretchReview:
    """Reviews one stretch."""

    def __init__(self, knowledge: Knowledge, stretch: Stretch) -> None:
        """Read what the stretch holds."""
        self.known, self.stretch, self.out = knowledge, stretch, Outcome()
        self._entries = Entries(Entry(EventType.LINKED, knowledge.actor, knowledge.at))
        self._findings = Findings(knowledge, dict(stretch.kept.findings), self._entries, self.out)
        self._margins = max_lead_s(knowledge.pack), max_lag_s(knowledge.pack)
        self._company = Company(knowledge.roster)
        self._filed = [self._file(row) for row in sorted(stretch.steps, key=itemgetter(0, 1))]
        self._clips = [CLIP.row(stored) for stored in sorted(stretch.clips, key=itemgetter(0))]
        self._since, self._until = from_us(stretch.since_us), from_us(stretch.until_us)
        self._links = self._linking()

    def _linking(self) -> LinkReview:
        named = ((officer, one.reach, one) for one in self._filed for officer in dict.fromkeys(one.step.officers))
        steps = ByTime(named, WIDEST + timedelta(seconds=sum(self._margins)))
        neighbours = Neighbours(self._company, self._filed, self._clips)
        return LinkReview(self.known, steps, neighbours, self._entries, self.out)

    def run(self) -> Outcome:
        """Link, audit and state."""
        present = present_of(self.stretch.kept)
        for clip in self._clips:
            own = self._is_mine(clip.reach_start, clip.reach_class)
            self._links.link(clip, present.get(clip.digest) or Present(), own=own)
        self._file_strays()
        self._hear()
        for one in self._filed:
            if self._is_mine(one.row.started_at, one.row.reach_class) and one.key not in self.stretch.single:
                self._audit(one)
        self._audit_clips([clip for clip in self._clips if self._is_mine(clip.reach_start, clip.reach_class)])
        return self.out

    def _file(self, stored: Stored) -> Filed:
        row = STEP.row(stored)
        step = rows.step(row, self.stretch.officers.get((row.case_no, row.step_no), ()))
        pack = self.known.pack.at(step.started_at)
        rule = pack.rules.get(step.procedure)
        places = tuple(one for place in (step.place, step.party) if len(one := folded(place)) >= SHORTEST_PLACE)
        return Filed(
            row,
            step,
            pack,
            rule,
            margin_of(rule),
            step.window.widened(*self._margins),
            self._company.units_of_step(step),
            places,
            step_key(row.case_no, row.step_no),
        )

    def _is_mine(self, start: datetime, reach_class: int) -> bool:
        return reach_class < SHORT_CLASSES and self._since <= start < self._until

    def _file_strays(self) -> None:
        """File what may explain a step, and what shows where the cameras were."""
        seen = [clip for clip in self._clips if is_recording(clip)]
        loose = [clip for clip in seen if not clip.linked]
        placed = [clip for clip in seen if clip.linked and clip.verdict in BELIEVED and clip.device_id is not None]
        lost = [clip for clip in loose if clip.device_id is not None and is_misplaced(clip)]
        self._loose = _by_time((officer, clip) for clip in loose for officer in carriers_of(clip))
        self._lost = _by_time((clip.device_id, clip) for clip in lost)
        self._placed = _by_time((clip.device_id, clip) for clip in placed)

    # --- auditing -----------------------------------------------------------------------------------------------------

    def _hear(self) -> None:
        """Take in what the sound of clips on one step says of their clocks."""
        sounds: dict[str, list[Any]] = defaultdict(list)
        for stored in self.stretch.sounds:
            row = _SOUND.row(stored)
            sounds[row.digest_a].append(row)
        for key, hanging in self._links.hanging.clips.items() if sounds else ():
            clips = {clip.digest: clip for clip in hanging}
            pairs = (heard_pair(row, clips) for a in sorted(clips) for row in sounds.get(a, ()))
            self._links.hanging.footage[key].heard = tuple(pair for pair in pairs if pair is not None)

    def _audit(self, one: Filed) -> None:
        known, row = self.known, one.row
        claim = known.exemptions.get(one.key)
        docking = known.docking if row.state is StepState.WAITING_UPLOAD else ()
        grace_h = one.pack.thresholds.upload_grace_h
        awaited = cameras_awaited(one.step, known.roster, known.docked, known.at, grace_h, docking)
        hung = self._links.hanging.footage[one.key]
        verdict = verdict_of(one.step, one.pack, hung, awaited, exemption_of(claim), self._strays)
        self._keep_verdict(row, verdict, known.waiting.get(one.key, set()))
        self._findings.state(audited_step(one.step, verdict, claim))

    def _strays(self, step: Step) -> list[Stray]:
        """Say what `index.strays.Strays.of` says."""
        window = near(step.window)
        found = {clip.digest: clip for officer in set(step.officers) for clip in self._loose.near(officer, window)}
        carried = (one for officer in step.officers for one in self.known.roster.cameras_of(officer, step.window))
        for device_id in {one.device_id for one in carried}:
            found |= {clip.digest: clip for clip in self._lost.near(device_id, window)}
        taken: dict[str, list[Span]] = {}
        strays = (self._stray(found[digest], window, taken) for digest in sorted(found))
        return [stray for stray in strays if stray is not None]

    def _stray(self, clip: Any, window: Span, taken: dict[str, list[Span]]) -> Stray | None:  # noqa: ANN401 - a clip's row
        if isinstance(clip.rules, str):
            clip.rules = notes_read(clip.rules)
        device_id = clip.device_id or ""
        if device_id not in taken:
            placed = sorted(self._placed.near(device_id, window), key=attrgetter("span_start", "digest"))
            taken[device_id] = [Span(one.span_start, one.span_end) for one in placed]
        return stray_of(clip, refused_for(clip, self.known.refused, self.known.units), taken[device_id])

    def _keep_verdict(self, row: Any, verdict: StepVerdict, waited: set[Any]) -> None:  # noqa: ANN401 - a step's row
        before = journal.audited(row, waited)
        row.state, row.coverage, row.why = verdict.state, verdict.coverage, verdict.why
        row.certain, row.possible = verdict.certain, verdict.possible
        waits = set(verdict.waiting_for)
        after = journal.audited(row, waits)
        if after != before:
            self.out.entries += self._entries.of(EventType.AUDITED, "", after)
            key = {"key_case_no": row.case_no, "key_step_no": row.step_no}
            self.out.verdicts.append({**key, **{name: getattr(row, name) for name in VERDICT_COLUMNS}})
        self.out.arrived += [(row.case_no, row.step_no, device) for device in sorted(waited - waits)]
        self.out.waiting += [(row.case_no, row.step_no, device) for device in sorted(waits - waited)]

    def _audit_clips(self, clips: Sequence[Any]) -> None:
        quality: dict[str, list[Any]] = defaultdict(list)
        for stored in self.stretch.quality:
            one = _QUALITY.row(stored)
            quality[one.digest].append(rows.quality(one))
        problems: dict[str, list[Any]] = defaultdict(list)
        for stored in self.stretch.problems:
            said = _PROBLEM.row(stored)
            problems[said.digest].append(said.note)
        for clip in clips:
            if clip.state is not ClipState.SEALED:
                clip.rules = ()
                known = tuple(quality.get(clip.digest, ())), tuple(problems.get(clip.digest, ()))
                stated_ = clip_facts(clip, *known, attached=clip.digest in self.known.attached)
                self._findings.state(Audited(clip_owner(clip.digest), audit_clip(stated_, self.known.pack)))


def _by_time(named: Iterable[tuple[str, Any]]) -> ByTime:
    return ByTime(((name, Span(clip.reach_start, clip.reach_end), clip) for name, clip in named), WIDEST)
