"""A stretch of time: its clips linked, its steps audited, its clips audited. Pure but for what it is given."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter
from types import SimpleNamespace
from typing import Any

from evidence.audit import audit_clip, cameras_awaited
from evidence.cases import Step
from evidence.clips import ClipState, Kind
from evidence.custody import Entry, EventType
from evidence.findings import StepState, StepVerdict
from evidence.ids import SYSTEM_ACTOR
from evidence.law import LawPack, Rule
from evidence.matching import BELIEVED, Footage, Match, match_clip, max_lag_s, max_lead_s, may_belong
from evidence.shifted import Stray
from evidence.spans import Span
from evidence.zones import beijing
from index import facts, journal, rows, schema
from index.auditing import Hung, audited_step, clip_facts, exemption_of, verdict_of
from index.columns import from_us
from index.facts import StepKey, step_key
from index.linking import stated
from index.reach import WIDTHS
from index.reconcile import Audited, clip_owner
from index.sounds import heard_pair
from index.stored import Stored, Storing
from index.strays import near, refused_for, stray_of
from index.whole.entries import Entries
from index.whole.findings import Findings
from index.whole.forms import Reading, notes_read
from index.whole.parts import CLIP_COLUMNS, LINK_COLUMNS, SOUND_COLUMNS, Knowledge, Outcome, Stretch

SHORT_CLASSES = 3
"""Classes of reach that are judged by stretches of time; longer ones are rare, and taken one by one."""

WIDEST = WIDTHS[SHORT_CLASSES - 1]
STEP_COLUMNS = tuple(column.name for column in schema.StepRow.__table__.columns)


class ClipSeen(SimpleNamespace):
    """A clip as far as a stretch is concerned; the rest of its clock's judgement is asked by nobody here."""

    start_earliest = start_latest = clock_offset_s = None


_CLIP = Reading(schema.Clip, CLIP_COLUMNS, late=("rules",), made=ClipSeen)
_STEP = Reading(schema.StepRow, STEP_COLUMNS)
_LINK = Reading(schema.Link, LINK_COLUMNS)
_SOUND = Reading(schema.SoundMatchRow, SOUND_COLUMNS)
_QUALITY = Reading(schema.QualitySpanRow, ("digest", "kind", "start_s", "end_s"))
_PROBLEM = Reading(schema.ProblemRow, ("digest", "note"))
_LINKING = Storing(schema.Link, LINK_COLUMNS)


@dataclass(frozen=True)
class Filed:
    """A step with its rule and the stretch it reaches over."""

    row: Any
    step: Step
    pack: LawPack
    rule: Rule | None
    reach: Span
    key: StepKey


class ByOfficer:
    """Stretches of officers, found by time; none of the short ones is longer than ``longest``."""

    def __init__(self, filed: Iterable[tuple[str, Span, Any]], longest: timedelta) -> None:
        """Sort them."""
        self._short: dict[str, list[tuple[datetime, datetime, int, Any]]] = defaultdict(list)
        self._long: dict[str, list[tuple[datetime, datetime, int, Any]]] = defaultdict(list)
        self._longest = longest
        for number, (officer, span, value) in enumerate(filed):
            side = self._short if span.end - span.start <= longest else self._long
            side[officer].append((span.start, span.end, number, value))
        for some in self._short.values():
            some.sort()

    def near(self, officer: str, window: Span) -> list[Any]:
        """Return what shares time with a window, bounds included, in the order in which it was filed."""
        some = self._short.get(officer, ())
        place = bisect_left(some, (window.start - self._longest,)) if some else 0
        found: list[tuple[int, Any]] = []
        while place < len(some) and some[place][0] <= window.end:
            if some[place][1] >= window.start:
                found.append(some[place][2:])
            place += 1
        for start, end, number, value in self._long.get(officer, ()):
            if start <= window.end and end >= window.start:
                found.append((number, value))
        found.sort(key=lambda pair: pair[0])
        return [value for _, value in found]


def may_stray(clip: Any) -> bool:  # noqa: ANN401 - a clip's row
    """Whether a clip that hangs on no step may explain one."""
    return clip.officer_id is not None and clip.state is not ClipState.SEALED and clip.kind is not Kind.OTHER


def doubts_of(shot: Footage | None, steps: Iterable[tuple[Step, Rule | None]]) -> set[StepKey]:
    """Return the steps a clip would belong to if its time could be believed."""
    if shot is None or shot.verdict in BELIEVED:
        return set()
    return {step_key(step.case_no, step.step_no) for step, rule in steps if may_belong(shot, step, rule)}


def is_stated(link: Any, match: Match) -> bool:  # noqa: ANN401 - a link's row
    """Whether a link says what its match says."""
    return bool((link.why, link.overlap_start, link.overlap_end) == stated(match))


def new_link(match: Match, known: Knowledge) -> SimpleNamespace:
    """Return the row of a link that the machine makes."""
    why, start, end = stated(match)
    return SimpleNamespace(
        digest=match.digest,
        case_no=match.case_no,
        step_no=match.step_no,
        active=True,
        human=False,
        by=SYSTEM_ACTOR,
        overlap_start=start,
        overlap_end=end,
        why=why,
        linked_at=known.at,
    )


class StretchReview:
    """Reviews one stretch."""

    def __init__(self, knowledge: Knowledge, stretch: Stretch) -> None:
        """Read what the stretch holds."""
        self.known, self.stretch, self.out = knowledge, stretch, Outcome()
        self._entries = Entries(Entry(EventType.LINKED, knowledge.actor, knowledge.at))
        self._findings = Findings(knowledge, dict(stretch.kept.findings), self._entries, self.out)
        self._margins = max_lead_s(knowledge.pack), max_lag_s(knowledge.pack)
        self._filed = [self._file(row) for row in sorted(stretch.steps, key=itemgetter(0, 1))]
        self._steps = ByOfficer(
            ((officer, one.reach, one) for one in self._filed for officer in dict.fromkeys(one.step.officers)),
            WIDEST + timedelta(seconds=sum(self._margins)),
        )
        self._since, self._until = from_us(stretch.since_us), from_us(stretch.until_us)
        self._hung: defaultdict[StepKey, Hung] = defaultdict(Hung)
        self._hanging: defaultdict[StepKey, list[Any]] = defaultdict(list)

    def run(self) -> Outcome:
        """Link, audit and state."""
        clips = self._link()
        loose = [clip for clip in clips if not clip.linked and may_stray(clip)]
        reaches = ((clip.officer_id, Span(clip.reach_start, clip.reach_end), clip) for clip in loose)
        self._loose = ByOfficer(reaches, WIDEST)
        self._hear()
        for one in self._filed:
            if self._is_mine(one.row.started_at, one.row.reach_class) and one.key not in self.stretch.single:
                self._audit(one)
        self._audit_clips([clip for clip in clips if self._is_mine(clip.reach_start, clip.reach_class)])
        return self.out

    def _file(self, stored: Stored) -> Filed:
        row = _STEP.row(stored)
        step = rows.step(row, self.stretch.officers.get((row.case_no, row.step_no), ()))
        pack = self.known.pack.on(beijing(step.started_at).date())
        reach = step.window.widened(*self._margins)
        return Filed(row, step, pack, pack.rules.get(step.procedure), reach, step_key(row.case_no, row.step_no))

    def _is_mine(self, start: datetime, reach_class: int) -> bool:
        return reach_class < SHORT_CLASSES and self._since <= start < self._until

    # --- linking ------------------------------------------------------------------------------------------------------

    def _link(self) -> list[Any]:
        """Link every clip; return them, each knowing whether a step holds it."""
        present: dict[str, dict[StepKey, Any]] = defaultdict(dict)
        for stored in self.stretch.kept.links:
            link = _LINK.row(stored)
            present[link.digest][step_key(link.case_no, link.step_no)] = link
        doubted: dict[str, set[StepKey]] = defaultdict(set)
        for digest, case_no, step_no in self.stretch.kept.doubts:
            doubted[str(digest)].add(step_key(str(case_no), str(step_no)))
        clips = [_CLIP.row(stored) for stored in sorted(self.stretch.clips, key=itemgetter(0))]
        for clip in clips:
            self._link_one(clip, present.get(clip.digest, {}), doubted.get(clip.digest, set()))
        return clips

    def _link_one(self, clip: Any, present: dict[StepKey, Any], doubted: set[StepKey]) -> None:  # noqa: ANN401 - a clip's row
        shot = facts.footage_of(clip)
        if clip.reach_class >= SHORT_CLASSES:  # linked by itself before; what hangs is what is kept
            held = {key for key, link in present.items() if link.active}
            self._hang(clip, shot, held, doubted)
            return
        near_ = self._candidates(clip, shot)
        matches = {step_key(m.case_no, m.step_no): m for m in match_clip(shot, near_)} if shot and near_ else {}
        human = {key for key, link in present.items() if link.human}
        held = (matches.keys() - human) | {key for key in human if present[key].active}
        doubts = doubts_of(shot, near_) - human
        self._hang(clip, shot, held, doubts)
        if self._is_mine(clip.reach_start, clip.reach_class):
            self._diff(present, matches)
            self._diff_doubts(clip.digest, doubted, doubts)
            if clip.linked != bool(held):
                self.out.linked.append((clip.digest, bool(held)))
        clip.linked = bool(held)

    def _candidates(self, clip: Any, shot: Footage | None) -> list[tuple[Step, Rule | None]]:  # noqa: ANN401 - a clip's row
        if shot is None or shot.officer_id is None:
            return []
        found = self._steps.near(shot.officer_id, Span(clip.reach_start, clip.reach_end))
        return [(one.step, one.rule) for one in found]

    def _hang(self, clip: Any, shot: Footage | None, held: set[StepKey], doubts: set[StepKey]) -> None:  # noqa: ANN401 - as above
        for key in held:
            self._hanging[key].append(clip)
            self._hung[key].add_linked(shot)
        for key in doubts:
            self._hung[key].add_doubtful(shot)

    def _diff(self, present: dict[StepKey, Any], matches: dict[StepKey, Match]) -> None:
        for key, match in matches.items():
            link = present.get(key)
            if link is None:
                self._keep(new_link(match, self.known), self.out.links)
            elif not link.human and not (link.active and is_stated(link, match)):
                link.linked_at = link.linked_at if link.active else self.known.at
                link.active = True
                link.why, link.overlap_start, link.overlap_end = stated(match)
                self._keep(link, self.out.relinked)
        for key, link in present.items():
            if link.active and not link.human and key not in matches:
                link.active = False
                self._keep(link, self.out.relinked)

    def _keep(self, link: Any, where: list[Stored]) -> None:  # noqa: ANN401 - a link's row
        where.append(_LINKING.row(vars(link)))
        detail = {"action": "link" if link.active else "unlink", **journal.linked(link)}
        self.out.entries += self._entries.of(EventType.LINKED, link.digest, detail)

    def _diff_doubts(self, digest: str, known: set[StepKey], doubts: set[StepKey]) -> None:
        if known == doubts:
            return
        self.out.undoubts += [(digest, *key) for key in sorted(known - doubts)]
        self.out.doubts += [(digest, *key) for key in sorted(doubts - known)]
        for action, keys in (("doubt", doubts - known), ("undoubt", known - doubts)):
            for case_no, step_no in sorted(keys):
                detail = {"action": action, "by": SYSTEM_ACTOR, "case_no": case_no, "step_no": step_no}
                self.out.entries += self._entries.of(EventType.LINKED, digest, detail)

    # --- auditing -----------------------------------------------------------------------------------------------------

    def _hear(self) -> None:
        """Take in what the sound of clips on one step says of their clocks."""
        sounds: dict[str, list[Any]] = defaultdict(list)
        for stored in self.stretch.sounds:
            row = _SOUND.row(stored)
            sounds[row.digest_a].append(row)
        for key, hanging in self._hanging.items() if sounds else ():
            clips = {clip.digest: clip for clip in hanging}
            pairs = (heard_pair(row, clips) for a in sorted(clips) for row in sounds.get(a, ()))
            self._hung[key].heard = tuple(pair for pair in pairs if pair is not None)

    def _audit(self, one: Filed) -> None:
        known, row = self.known, one.row
        claim = known.exemptions.get(one.key)
        docking = known.docking if row.state is StepState.WAITING_UPLOAD else ()
        grace_h = one.pack.thresholds.upload_grace_h
        awaited = cameras_awaited(one.step, known.roster, known.docked, known.at, grace_h, docking)
        verdict = verdict_of(one.step, one.pack, self._hung[one.key], awaited, exemption_of(claim), self._strays)
        self._keep_verdict(row, verdict, known.waiting.get(one.key, set()))
        self._findings.state(audited_step(one.step, verdict, claim))

    def _strays(self, step: Step) -> list[Stray]:
        window = near(step.window)
        found = {clip.digest: clip for officer in set(step.officers) for clip in self._loose.near(officer, window)}
        refused, units = self.known.refused, self.known.units
        strays = (self._stray(found[digest], refused_for(found[digest], refused, units)) for digest in sorted(found))
        return [stray for stray in strays if stray is not None]

    def _stray(self, clip: Any, refused_s: Sequence[float]) -> Stray | None:  # noqa: ANN401 - a clip's row
        if isinstance(clip.rules, str):
            clip.rules = notes_read(clip.rules)
        return stray_of(clip, refused_s)

    def _keep_verdict(self, row: Any, verdict: StepVerdict, waited: set[Any]) -> None:  # noqa: ANN401 - a step's row
        before = journal.audited(row, waited)
        row.state, row.coverage, row.why = verdict.state, verdict.coverage, verdict.why
        waits = set(verdict.waiting_for)
        after = journal.audited(row, waits)
        if after != before:
            self.out.entries += self._entries.of(EventType.AUDITED, "", after)
            key = {"key_case_no": row.case_no, "key_step_no": row.step_no}
            self.out.verdicts.append({**key, "state": row.state, "coverage": row.coverage, "why": row.why})
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
                stated_ = clip_facts(clip, tuple(quality.get(clip.digest, ())), tuple(problems.get(clip.digest, ())))
                self._findings.state(Audited(clip_owner(clip.digest), audit_clip(stated_, self.known.pack)))
